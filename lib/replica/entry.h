/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * entry.h - one record of the replicated log. Plain data, zero-filled before
 * it is set, so that equal entries are equal bytes in memory.
 *
 * Epoch numbers are unique per proposer: round * HA_HOSTS_MAX + (host id - 1).
 * An entry is identified by (epoch, index): one epoch has one coordinator,
 * which appends each index once. A half of the voters that has proven the
 * other half down goes on in the next era, so that its numbers are above all
 * that the other half may have opened, unheard, before it went down.
 */
#ifndef HA_REPLICA_ENTRY_H
#define HA_REPLICA_ENTRY_H

#include "base/fields.h"
#include "base/ids.h"

#define HA_EPOCH_ERA ((uint64_t)1 << 32)
#define HA_LEVEL_FIRST 1u /* of the protocol */

enum ha_entry_kind {
	HA_ENTRY_EPOCH = 1, /* opens an epoch */
	HA_ENTRY_FACT = 2
};

/*
 * What an entry means to the replica itself; about `host`. An EPOCH entry has
 * one of its own: its members are no longer down, a voter that is not among
 * them loses its standing, and if it is broken, it is down: it can do nothing
 * alone. While it is a member it is not down, else two halves whose members
 * have all left would each take the other for down, and both go on.
 */
enum ha_entry_effect {
	HA_EFFECT_NONE,
	HA_EFFECT_ADMIT,  /* votes from here on; stands since this index */
	HA_EFFECT_DOWN,   /* outside, is proven down; stands no more */
	HA_EFFECT_BREAK,  /* a member, has left or booted: cannot open an epoch
			   * on its own word until it is admitted again */
	HA_EFFECT_REMOVE, /* is no longer configured, votes no more */
	HA_EFFECT_LOSS    /* EPOCH: `lost` vote no more, new cluster id */
};

struct ha_entry {
	uint64_t epoch;
	uint64_t index;      /* 1 is the first ever */
	uint32_t kind;       /* enum ha_entry_kind */
	uint32_t effect;     /* enum ha_entry_effect */
	ha_hostid host;      /* of the effect; EPOCH: the coordinator */
	uint32_t len;        /* bytes of data */
	ha_hostset members;  /* EPOCH: its members */
	uint64_t view;       /* EPOCH: the view it was opened in */
	uint32_t level;      /* EPOCH: of the protocol, in use from here on */
	ha_hostset lost;     /* LOSS: voters given up */
	uint8_t cluster[16]; /* LOSS: the new cluster id */
	struct ha_hash body; /* a body that must be held to persist this */
	uint8_t data[HA_ENTRY_DATA_MAX]; /* the state machine's own */
};

extern const struct ha_field ha_entry_fields[];

/* The replica's own part of the state after `index`: goes with a snapshot. */
struct ha_replica_base {
	uint64_t index;
	uint64_t epoch;      /* of the entry at index */
	ha_hostset voters;
	ha_hostset down;     /* voters proven down since they were members */
	ha_hostset broken;   /* voters that left or booted, not admitted since*/
	uint64_t standing[HA_HOSTS_MAX]; /* index of last admission, 0 none */
	uint64_t changed;    /* index of the last change of voters, 0 none */
	ha_hostset voters_before; /* voters before it */
	uint8_t cluster[16]; /* cluster id; all zero: an empty store */
	uint8_t cluster_before[16]; /* before the last LOSS; zero: none */
	ha_hostset rest;     /* who may come with cluster_before nevertheless */
	struct ha_hash body; /* the body that the state needs */
	uint32_t level;      /* of the protocol, in use; 0: none yet, the first */
};

/* What a store holds beside snapshot and entries. */
struct ha_replica_meta {
	uint64_t promised;   /* highest epoch answered */
	uint64_t commit;     /* at least this is committed */
	uint64_t acked_epoch[HA_HOSTS_MAX]; /* highest acknowledgement that */
	uint64_t acked_index[HA_HOSTS_MAX]; /* this host saw of each host */
	ha_bootid boot;      /* boot in which this host was last admitted */
	uint64_t boot_index; /* and the index of that admission */
	uint64_t cut;        /* epoch that last replaced a tail of the log */
	bool suspect;        /* may lack what it once acknowledged: it counts
			      * again when it holds a later epoch's record */
};

#endif
