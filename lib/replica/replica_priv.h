/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replica_priv.h - the replica's memory; for lib/replica alone. Who changes
 * what stands at the functions, at the end.
 */
#ifndef HA_REPLICA_REPLICA_PRIV_H
#define HA_REPLICA_REPLICA_PRIV_H

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
	uint64_t promised;
	uint64_t last_epoch;
	uint64_t last_index;
	uint64_t commit;
	uint64_t cut;
	struct ha_replica_base base;
	/* what this host hands out to it in the current epoch */
	uint64_t match;  /* persisted by it, and equal to ours */
	uint64_t next;   /* to be handed out from here */
	bool lagging;    /* does not follow the multicast yet */
	bool waiting;    /* for its word about what was handed out last */
	ha_time served_at;
};

struct replica_flight { /* a persist in flight */
	uint64_t seq;
	uint64_t last;     /* end of the log on disk after it */
	uint64_t promised;
	ha_bootid boot;
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
	uint64_t newest_epoch; /* FETCHING: its end */
	uint64_t newest_index;
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

/* log.c: the entries in memory, and what they make of the base */
uint64_t replica_log_last(const struct ha_replica *r);
bool replica_log_has(const struct ha_replica *r, uint64_t index);
const struct ha_entry *replica_log_at(const struct ha_replica *r,
				      uint64_t index);
/* Epoch of the entry at index; 0 if no longer, or not yet, known. */
uint64_t replica_log_epoch(const struct ha_replica *r, uint64_t index);
uint64_t replica_log_room(const struct ha_replica *r);
void replica_log_append(struct ha_replica *r, const struct ha_entry *e);
void replica_log_cut(struct ha_replica *r, uint64_t from);
void replica_log_reset(struct ha_replica *r,
		       const struct ha_replica_base *base);
void replica_log_fold(const struct ha_replica *r, uint64_t index,
		      struct ha_replica_base *ret_base);
void replica_log_drop(struct ha_replica *r);
void replica_base_apply(struct ha_replica_base *b, const struct ha_entry *e);

/* out.c: outputs, in order */
struct ha_rmsg *replica_out_send(struct ha_replica *r, enum ha_rmsg_kind kind);
void replica_out_send_state(struct ha_replica *r, ha_hostset to);
void replica_out_plain(struct ha_replica *r, enum ha_rout_kind kind);
void replica_out_body(struct ha_replica *r, const struct ha_hash *body);
void replica_note(struct ha_replica *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void replica_out_commits(struct ha_replica *r);
bool replica_out_busy(const struct ha_replica *r); /* no room for more sends */

/* persist.c: what is on its way to the disk */
bool replica_body_held(const struct ha_replica *r, const struct ha_hash *body);
void replica_persist_run(struct ha_replica *r);
void replica_persist_done(struct ha_replica *r, uint64_t seq, bool ok);
void replica_persist_state(struct ha_replica *r,
			   const struct ha_replica_base *base, bool received);
void replica_body_came(struct ha_replica *r, const struct ha_hash *body);

/* newest.c: who counts, and whether the newest state is known */
struct replica_verdict {
	ha_hostid best;     /* holds the newest state among those asked */
	ha_hostset counted; /* of those asked */
	bool known;
	bool small;         /* the asked are exactly half of the voters */
};
void replica_newest(struct ha_replica *r, ha_hostset asked,
		    struct replica_verdict *ret_verdict);
ha_hostset replica_newest_family(const struct ha_replica *r, ha_hostid best);
ha_hostid replica_newest_best(const struct ha_replica *r, ha_hostset among);
bool replica_rolled_back(const struct ha_replica *r, ha_hostid h,
			 const struct replica_peer *p);
bool replica_related(const struct ha_replica_base *x, ha_hostid a,
		     const struct ha_replica_base *y, ha_hostid b);
bool replica_is_empty(const struct ha_replica_base *b);
void replica_why(struct ha_replica *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* view.c: views and HELLOs */
void replica_view_begin(struct ha_replica *r, uint64_t id, ha_hostset members);
void replica_hello_run(struct ha_replica *r);
void replica_hello_heard(struct ha_replica *r, const struct ha_rmsg *m);
void replica_state_heard(struct ha_replica *r, const struct ha_rmsg *m);
void replica_state_tell(struct ha_replica *r, struct ha_rmsg *m);
void replica_hello_ask(struct ha_replica *r);
bool replica_unbroken(const struct ha_replica *r);

/* propose.c: when to propose an epoch, and the answers */
void replica_propose_run(struct ha_replica *r);
void replica_propose_heard(struct ha_replica *r, const struct ha_rmsg *m);
void replica_promise_run(struct ha_replica *r);
void replica_promise_heard(struct ha_replica *r, const struct ha_rmsg *m);
ha_time replica_propose_deadline(const struct ha_replica *r);
void replica_close(struct ha_replica *r);

/* open.c: from promises to an open epoch, and its commits */
void replica_open_run(struct ha_replica *r);
void replica_commit_to(struct ha_replica *r, uint64_t index);
void replica_beat_run(struct ha_replica *r);
void replica_beat_heard(struct ha_replica *r, const struct ha_rmsg *m);
ha_hostset replica_absent(const struct ha_replica *r);

/* sync.c: entries and states on their way from host to host */
void replica_append_heard(struct ha_replica *r, const struct ha_rmsg *m);
void replica_ack_heard(struct ha_replica *r, const struct ha_rmsg *m);
void replica_ack_run(struct ha_replica *r);
void replica_snapshot_heard(struct ha_replica *r, const struct ha_rmsg *m);
void replica_fetch_heard(struct ha_replica *r, const struct ha_rmsg *m);
void replica_serve_begin(struct ha_replica *r, ha_hostid h);
void replica_serve_run(struct ha_replica *r);
void replica_sync_send(struct ha_replica *r, uint64_t from);
void replica_own(struct ha_replica *r, const struct ha_entry *e);

#endif
