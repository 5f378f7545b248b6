/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rmsg.h - what replicas tell each other. Every message is multicast to the
 * view and carries the view it was sent in; one of another view is dropped.
 *
 *   HELLO    after a view: what the sender's store holds, nothing promised
 *   PROPOSE  a candidate asks for promises for a new epoch
 *   PROMISE  durable: the sender acknowledges nothing older any more; carries
 *            the sender's state as HELLO does
 *   APPEND   entries, to be persisted on top of (prev_epoch, prev_index); from
 *            the coordinator, or (epoch 0) the newest log being handed out
 *   ACK      everything up to (epoch, index) is persisted by the sender
 *   BEAT     an idle coordinator is alive
 *   SNAPSHOT header of a state handed to those who lack it
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
	HA_RMSG_SNAPSHOT
};

struct ha_rmsg {
	enum ha_rmsg_kind kind;
	ha_hostid from;
	uint64_t view;
	uint64_t epoch;  /* APPEND, ACK, BEAT: current; PROPOSE, PROMISE: new */
	/* HELLO, PROMISE: the state at hand. APPEND: what it goes on top of.
	 * ACK: what is persisted. */
	uint64_t last_epoch;
	uint64_t last_index;
	uint64_t commit;
	ha_hostset to;        /* APPEND with epoch 0, SNAPSHOT: who lacks it */
	ha_hostset members;   /* PROPOSE: who is to be in the epoch */
	/* HELLO, PROMISE only */
	ha_bootid boot;
	bool empty;           /* no cluster yet, or the store is damaged */
	bool unbroken;        /* neither booted nor left since its last epoch */
	uint64_t promised;
	struct ha_replica_base base;  /* voters, down, standing as of last */
	struct ha_replica_meta meta;  /* acked: what peers acknowledged */
	/* APPEND */
	const struct ha_entry *entries;
	size_t entry_count;
};

#endif
