/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parts.h - what the replica keeps about peers, persists in
 * flight, the current proposal and the log; for lib/replica alone.
 */
#ifndef HA_REPLICA_PARTS_H
#define HA_REPLICA_PARTS_H

#include "replica/replica.h"

#define REPLICA_FLIGHTS 32  /* persists in flight at most */
#define REPLICA_BATCHES 6   /* of them entries, in the normal run */
#define REPLICA_OUTPUTS 256
#define REPLICA_MESSAGES 160
#define REPLICA_NOTES 16
#define REPLICA_BODIES 8    /* bodies remembered as held */
#define REPLICA_CHUNK 128   /* entries of one APPEND */
enum replica_phase {
	REPLICA_IDLE,     /* no proposal in this view yet */
	REPLICA_PROMISING, /* proposed; members persist their promises */
	REPLICA_FETCHING, /* proposer: it lacks what a member holds */
	REPLICA_OPENING,  /* proposer: the epoch's entry is being persisted */
	REPLICA_OPEN
};

struct replica_peer {
	/* from its HELLO or PROMISE of this view */
	bool heard;
	bool empty;
	bool unbroken;
	bool passive;
	bool mute;
	bool suspect;
	uint32_t level_min, level;
	uint64_t promised;
	uint64_t last_epoch, last_index;
	uint64_t commit;
	uint64_t cut;
	struct ha_replica_base base;
	/* what this host hands out to it in the current epoch */
	uint64_t match;  /* persisted by it, and equal to ours */
	uint64_t next;   /* to be handed out from here */
	bool lagging;    /* does not follow the multicast yet */
	bool waiting;    /* for its word about what was handed out last */
	bool stating;    /* for that about a state: only one is on its way */
	ha_time served_at;
};

struct replica_flight { /* a persist in flight */
	uint64_t seq;
	uint64_t last;     /* end of the log on disk after it */
	uint64_t promised;
	ha_bootid boot;
	bool suspect;
	enum ha_persist_kind kind;
	bool received;
};

struct replica_proposal { /* the last PROPOSE accepted in this view */
	uint64_t number; /* 0 none */
	ha_hostid proposer;
	ha_hostset members;  /* asked; from the decision on: of the epoch */
	ha_hostset promised;
	ha_time since;
	ha_time quiet;   /* last sign of life of the proposer */
	enum replica_phase phase;
	bool out;        /* this host takes no part */
	bool sent;       /* its PROMISE is sent */
	bool bumped;     /* own: in a new era, all absent proven down */
	bool loss;       /* own: its entry gives up voters */
	bool small;      /* own: exactly half of the voters */
	bool gave_up;    /* the proposer said that it cannot go on */
	ha_hostid holder;      /* FETCHING: who holds the newest log */
	uint64_t newest_epoch, newest_index; /* FETCHING: its end */
	uint64_t newest_commit; /* own: the highest that one of them knew of */
	uint64_t opened; /* index of its entry, once open; 0 before */
	uint64_t entry;  /* own: index of its entry, 0 before */
	uint64_t proof;  /* own, small: index of the last proof, 0 not yet */
	uint64_t matched; /* our log equals the proposer's up to here */
	uint64_t acked;   /* last index told */
	ha_time fed;      /* last time the log went on */
	bool gap;         /* something was appended that does not fit */
};

struct replica_log { /* entries[i] has index first + i */
	uint64_t max;        /* room in entries, as params say */
	uint64_t first;
	uint64_t count;
	uint64_t prev_epoch; /* of the entry before first */
	uint64_t drop;       /* at the next step, drop up to here */
	struct ha_entry entries[HA_LOG_ENTRIES_MAX];
};

struct replica_out {
	enum ha_rout_kind kind;
	uint64_t from, to; /* COMMIT: range of indices */
	uint32_t slot;     /* of message, persist, note */
	struct ha_hash body;
};
#endif
