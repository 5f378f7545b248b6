/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules.h - the functions of lib/replica's files for each other.
 */
#ifndef HA_REPLICA_RULES_H
#define HA_REPLICA_RULES_H

#include "replica/replica_priv.h"

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
void replica_newest(struct ha_replica *r, ha_hostset asked,
		    struct replica_verdict *ret_verdict);
ha_hostset replica_newest_family(const struct ha_replica *r, ha_hostid best);
ha_hostid replica_newest_best(const struct ha_replica *r, ha_hostset among);
bool replica_rolled_back(const struct ha_replica *r, ha_hostid h,
			 const struct replica_peer *p);
bool replica_related(const struct ha_replica_base *x, ha_hostid a,
		     const struct ha_replica_base *y, ha_hostid b);
bool replica_given_up(const struct ha_replica *r, ha_hostid h,
		      const struct ha_replica_base *b);
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
bool replica_is_silent(const struct ha_replica *r);
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
