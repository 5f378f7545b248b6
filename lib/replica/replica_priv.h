/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replica_priv.h - the replica's memory; for lib/replica alone. Who
 * changes what stands in rules.h.
 */
#ifndef HA_REPLICA_REPLICA_PRIV_H
#define HA_REPLICA_REPLICA_PRIV_H

#include "replica/parts.h"

struct ha_replica {
	struct ha_replica_params params;
	bool loaded;
	bool damaged; /* the store was, and has not been replaced yet */
	bool mute;    /* a persist failed */
	ha_time now;
	struct ha_replica_meta meta; /* as it shall be */
	bool meta_due;
	uint64_t promised_durable;
	ha_bootid boot_durable;
	bool suspect_durable;
	struct ha_replica_base base; /* of the snapshot held */
	struct ha_replica_base cur;  /* as of the last entry */
	uint64_t requested; /* persist asked up to here */
	uint64_t durable;   /* on disk up to here, as it is in memory */
	uint64_t commit;
	uint64_t emitted;   /* commits given out */

	struct replica_flight flights[REPLICA_FLIGHTS];
	uint32_t flight_count;
	uint64_t seq;
	bool snap_flight;   /* own snapshot in flight, of snap_base */
	struct ha_replica_base snap_base;
	bool install_wanted; /* SNAPSHOT received, waits for its body */
	bool install_flight; /* is being persisted */
	struct ha_replica_base install_base;

	uint64_t view;
	ha_hostset members; /* of the view; empty: not quorate */
	ha_hostset configured; /* by the owner's word */
	ha_time view_since;
	ha_time heard_at;   /* when the last member was first heard */
	bool hello_due;
	ha_time hello_at;
	uint64_t latest;    /* highest PROPOSE heard in this view */
	ha_time proposed_at; /* own last PROPOSE */
	uint64_t proposed;  /* its number */
	bool proposed_bump; /* it starts an era */
	uint32_t attempts;  /* own proposals that led to nothing */
	ha_hostset late;    /* spoke up, to be taken in */
	struct replica_proposal cur_epoch;
	struct ha_epoch epoch; /* number 0: none open */
	ha_hostset lost;    /* accept-loss asked for */
	uint8_t loss_cluster[16];
	uint64_t seen_epoch[HA_HOSTS_MAX]; /* highest acks told in HELLOs */
	uint64_t seen_index[HA_HOSTS_MAX];
	struct replica_peer peers[HA_HOSTS_MAX];
	ha_time beat_at;
	struct ha_hash body_wanted; /* the body that a persist waits for */
	ha_time body_at;    /* when to ask for it again */
	struct ha_hash bodies[REPLICA_BODIES];
	uint32_t body_next;
	uint32_t bodies_since; /* entries with one, given out since a snapshot */
	bool snap_bodies;      /* the one in flight was taken because of them */
	char why[HA_TEXT_MAX + 1];

	struct replica_out out[REPLICA_OUTPUTS];
	uint32_t out_head, out_tail;
	struct ha_rmsg messages[REPLICA_MESSAGES];
	uint32_t message_count;
	struct ha_persist persists[REPLICA_FLIGHTS];
	uint32_t persist_count;
	char notes[REPLICA_NOTES][HA_TEXT_MAX + 1];
	uint32_t note_count;
	struct ha_rout ret; /* what ha_replica_next points to */

	struct replica_log log;
};

struct replica_verdict { /* what the states of some hosts tell */
	ha_hostid best;     /* holds the newest state among those asked */
	ha_hostset counted; /* of those asked */
	bool known;
	bool small;         /* the asked are exactly half of the voters */
	uint64_t commit;    /* the highest that any of them knows of */
};

#endif
