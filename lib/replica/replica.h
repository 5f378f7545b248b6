/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replica.h - order made durable: epochs, commit, newest state.
 *
 * The layer below (corosync's closed process groups) gives all members of a
 * view the same messages in the same order; this engine makes of it facts that
 * survive. After Amir and Tutu, "From Total Order to Database Replication"
 * (ICDCS 2002), with the commit rule of Raft. hac-design(7), "Replication".
 * Pure: no clock, no I/O, no allocation; it knows nothing of VMs.
 *
 * Call order: init; step(LOADED); then step() for each event. After each step
 * drain ha_replica_next() until it returns NULL and act on each output in
 * order. Outputs, and what they point to, are borrowed until the next step.
 * Events are borrowed for the call.
 */
#ifndef HA_REPLICA_REPLICA_H
#define HA_REPLICA_REPLICA_H

#include <stddef.h>

#include "base/time.h"
#include "replica/entry.h"
#include "replica/rmsg.h"

struct ha_replica;
struct ha_buf;
struct ha_fields_in;

struct ha_replica_params {
	ha_hostid self;
	ha_bootid boot;
	ha_dur token; /* corosync's token time, as it really is */
	bool passive; /* frozen: votes, never coordinates */
	uint32_t level_min, level; /* of the protocol, spoken; 0: the first */
	uint32_t log_max; /* entries in memory, for tests; 0: the limit */
};

enum ha_rev_kind {
	HA_REV_LOADED,    /* what the store held; the first event */
	HA_REV_VIEW,      /* a view: empty members = not quorate */
	HA_REV_MESSAGE,   /* from a member of the view, also one's own */
	HA_REV_PERSISTED, /* result of a persist output */
	HA_REV_BODY,      /* a body is held, durably, as long as we run */
	HA_REV_TICK       /* the deadline has come */
};

struct ha_rev {
	enum ha_rev_kind kind;
	ha_time now;
	union {
		struct {
			bool damaged; /* nothing below counts */
			struct ha_replica_base base;
			struct ha_replica_meta meta;
			const struct ha_entry *entries;
			size_t entry_count;
		} loaded;
		struct {
			uint64_t id;        /* same at all members; 0: none */
			ha_hostset members; /* hacds in it */
		} view;
		const struct ha_rmsg *message;
		struct {
			uint64_t seq;
			bool ok;
		} persisted;
		struct ha_hash body;
	};
};

enum ha_rout_kind {
	HA_ROUT_SEND,    /* multicast msg to the view */
	HA_ROUT_PERSIST, /* make durable, then HA_REV_PERSISTED with seq */
	HA_ROUT_OPEN,    /* an epoch is open; commit follows as HA_ROUT_COMMIT */
	HA_ROUT_CLOSED,  /* no epoch is open: decide nothing */
	HA_ROUT_COMMIT,  /* apply this entry; in order, each exactly once */
	HA_ROUT_SEND_STATE, /* multicast the state at the applied index, with
			     * msg (kind SNAPSHOT) as its header */
	HA_ROUT_INSTALL, /* the last SNAPSHOT received with this host in `to`
			  * replaces the state */
	HA_ROUT_WANT_BODY,  /* ask the members for this body */
	HA_ROUT_NOTE     /* for the trace and for status */
};

enum ha_persist_kind {
	HA_PERSIST_META,    /* meta */
	HA_PERSIST_ENTRIES, /* meta; drop all entries from entries[0].index on,
			     * then append entries */
	HA_PERSIST_STATE,   /* meta, base and the state at base.index; then
			     * drop all entries up to it. If `received`, the
			     * state is that of the SNAPSHOT last received and
			     * all entries are dropped. */
};

struct ha_persist {
	uint64_t seq; /* counts from 1; results come back in order */
	enum ha_persist_kind kind;
	bool received;
	struct ha_replica_meta meta;
	struct ha_replica_base base;
	const struct ha_entry *entries;
	size_t entry_count;
};

struct ha_epoch { /* the open epoch */
	uint64_t number;
	uint64_t view;
	ha_hostset members; /* those who told their state for it */
	ha_hostid coordinator;
	bool small; /* exactly half: committed = persisted by all of them */
};

struct ha_rout {
	enum ha_rout_kind kind;
	const struct ha_rmsg *msg;
	const struct ha_persist *persist;
	const struct ha_entry *entry;
	const struct ha_epoch *epoch;
	struct ha_hash body;
	const char *note;
};

size_t ha_replica_size(void);
/* mem: ha_replica_size() bytes, 16-aligned, zeroed; owned by the caller. */
struct ha_replica *ha_replica_init(void *mem,
				   const struct ha_replica_params *params);
void ha_replica_step(struct ha_replica *r, const struct ha_rev *ev);
const struct ha_rout *ha_replica_next(struct ha_replica *r);
ha_time ha_replica_deadline(const struct ha_replica *r);

/*
 * Coordinator of an open epoch only: append facts (epoch, index are set here),
 * all or none. HA_E_BUSY when the log is full until the next snapshot, a change
 * of the voters (ADMIT of a new one, REMOVE) is not committed yet, or the new
 * voter does not hold the epoch's record yet;
 * HA_E_REFUSED when not the coordinator, and for an ADMIT of a host that is
 * not a member of the epoch. Drain the outputs as after a step.
 */
int ha_replica_propose(struct ha_replica *r, const struct ha_entry *facts,
		       size_t count) __attribute__((warn_unused_result));
/* How many facts without effect propose would take now. */
size_t ha_replica_room(const struct ha_replica *r);
/* The owner applied all commits so far; asks for HA_PERSIST_STATE if due. */
void ha_replica_applied(struct ha_replica *r);
/* An empty store becomes a cluster of this host alone; body may be none. */
int ha_replica_found(struct ha_replica *r, const uint8_t cluster[16],
		     const struct ha_hash *body)
	__attribute__((warn_unused_result));
/* Drop the lost voters, take a new cluster id: only with the admin's word.
 * Every other voter must be in the view. HA_E_REFUSED: an epoch is open, or
 * ha_replica_why() says what else. The epoch's entry (effect LOSS) does it. */
int ha_replica_accept_loss(struct ha_replica *r, ha_hostset lost,
			   const uint8_t cluster[16])
	__attribute__((warn_unused_result));

/* This host is about to ask for its leave: true once that is durable, which is
 * when to ask. Until its next admission it does not count as unbroken. */
bool ha_replica_leaving(struct ha_replica *r);
void ha_replica_set_passive(struct ha_replica *r, bool passive);
/* All that are to be hosts of the cluster, voters or not yet: the level of the
 * protocol rises only in an epoch that has all of them. */
void ha_replica_set_configured(struct ha_replica *r, ha_hostset hosts);

/* All that is remembered between two steps, for the same build to go on with.
 * Appends; into one that is zeroed: false if the bytes make no sense. */
void ha_replica_save(const struct ha_replica *r, struct ha_buf *out);
bool ha_replica_restore(struct ha_replica *r, struct ha_fields_in *in)
	__attribute__((warn_unused_result));

/* Questions. */
const struct ha_epoch *ha_replica_epoch(const struct ha_replica *r);
/* As of the last entry held, committed or not. A member of the open epoch
 * without standing is to be admitted. */
const struct ha_replica_base *ha_replica_base(const struct ha_replica *r);
/* As of the last commit given out. */
void ha_replica_base_committed(const struct ha_replica *r,
			       struct ha_replica_base *ret_base);
uint64_t ha_replica_commit(const struct ha_replica *r);
/* One that is held, committed or not; NULL if it is not held. Borrowed until
 * the next step. */
const struct ha_entry *ha_replica_entry(const struct ha_replica *r,
					uint64_t index);
bool ha_replica_is_coordinator(const struct ha_replica *r);
/* A member of the view, heard, that does not speak the level in use. */
bool ha_replica_shuts_out(const struct ha_replica *r, ha_hostid host);
/* Small view whose absent hosts are not all proven down: commit waits for a
 * DOWN of each of these, also if an earlier one was followed by an epoch with
 * that host. After the last one the epoch is opened anew, and all commits. */
ha_hostset ha_replica_unproven(const struct ha_replica *r);
/* Why no epoch is open, for people; "" if one is. */
const char *ha_replica_why(const struct ha_replica *r);
/* First broken invariant as text, or NULL. */
const char *ha_replica_check(const struct ha_replica *r);

#endif
