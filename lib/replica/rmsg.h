/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rmsg.h - what replicas tell each other. Every message is multicast to the
 * view and carries the view it was sent in; one of another view is dropped.
 *
 *   HELLO    after a view: what the sender's store holds, nothing promised
 *   PROPOSE  a candidate asks for promises for a new epoch
 *   PROMISE  durable: the sender acknowledges nothing older any more; carries
 *            the sender's state as HELLO does
 *   APPEND   entries, to be persisted on top of (last_epoch, last_index); from
 *            the coordinator, or (`to`) handed out to those who lack them
 *   ACK      everything up to (last_epoch, last_index) is persisted by the
 *            sender; with `to`: and it lacks what was appended after it
 *   BEAT     an idle coordinator is alive; last_index is that of the epoch's
 *            entry once the epoch is open, 0 before
 *   SNAPSHOT header of a state handed to those who lack it
 *   FETCH    the candidate asks `to` for what it lacks itself
 */
#ifndef HA_REPLICA_RMSG_H
#define HA_REPLICA_RMSG_H

#include <stddef.h>

#include "replica/entry.h"

enum ha_rmsg_kind {
	HA_RMSG_HELLO = 1,
	HA_RMSG_PROPOSE,
	HA_RMSG_PROMISE,
	HA_RMSG_APPEND,
	HA_RMSG_ACK,
	HA_RMSG_BEAT,
	HA_RMSG_SNAPSHOT,
	HA_RMSG_FETCH
};

struct ha_rmsg {
	enum ha_rmsg_kind kind;
	ha_hostid from;
	uint64_t view;
	uint64_t epoch;  /* the one being opened, or open; HELLO: 0 */
	/* HELLO, PROMISE: the state at hand. APPEND: what it goes on top of.
	 * ACK: what is persisted. */
	uint64_t last_epoch;
	uint64_t last_index;
	uint64_t commit;
	ha_hostset to;        /* APPEND, SNAPSHOT: only they; see above */
	ha_hostset members;   /* PROPOSE: who is to be in the epoch */
	/* HELLO, PROMISE only, but for `promised` and base in PROPOSE: there
	 * the last PROPOSE of this view that the sender has heard, and the
	 * newest state at hand; SNAPSHOT: base is of the state it heads */
	ha_bootid boot;
	bool empty;           /* no cluster yet, or the store is damaged */
	bool unbroken;        /* neither booted nor left since its admission */
	bool passive;         /* is never to coordinate (frozen) */
	bool mute;            /* its disk failed: neither promises nor acks */
	uint32_t level_min, level; /* of the protocol, that it speaks */
	uint64_t promised;
	struct ha_replica_base base;  /* voters, down, standing as of last */
	struct ha_replica_meta meta;  /* acked: what peers acknowledged */
	/* APPEND */
	const struct ha_entry *entries;
	size_t entry_count;
};

#endif
