/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * open.c - from promises to an open epoch, and what is committed in it.
 *
 * Of the members that promised, the newest log is taken; the epoch's entry
 * goes on top of it. Persisted by a majority of the voters it is open, and all
 * before it is committed. Exactly half of the voters ("small") open it when
 * all of them persisted it, and commit only in an epoch that was proposed
 * when all persisted the proofs that every other voter is down.
 */
#include "replica/level.h"
#include "replica/rules.h"

/* The sets of voters that have a say in what is committed next. */
struct sets {
	ha_hostset now;
	ha_hostset before; /* the same unless a change is in flight */
};

static struct sets voters_at(const struct ha_replica *r, uint64_t index)
{
	const struct ha_replica_base *b = &r->cur;

	if (b->changed <= r->commit) {
		return (struct sets){ b->voters, b->voters };
	}
	if (index < b->changed) {
		return (struct sets){ b->voters_before, b->voters_before };
	}
	return (struct sets){ b->voters, b->voters_before };
}

/* Voters outside of the epoch that are not proven down. */
ha_hostset replica_absent(const struct ha_replica *r)
{
	struct sets s = voters_at(r, replica_log_last(r));

	return (s.now | s.before) & ~r->cur_epoch.members & ~r->cur.down;
}

static bool is_enough(ha_hostset voters, ha_hostset set, bool half)
{
	unsigned of = ha_hostset_count(voters);
	unsigned count = 2 * ha_hostset_count(voters & set);

	return count > of || (half && count == of);
}

/* The members that persisted everything up to index. */
static ha_hostset persisted_by(const struct ha_replica *r, uint64_t index)
{
	ha_hostset set = 0;

	for (ha_hostset s = r->cur_epoch.members; s != 0;) {
		ha_hostid h = ha_hostset_pop(&s);

		if (h == r->params.self ? r->durable >= index :
					  r->peers[h - 1].match >= index) {
			set |= ha_host_bit(h);
		}
	}
	return set;
}

static bool has_quorum(const struct ha_replica *r, uint64_t index)
{
	struct sets s = voters_at(r, index);
	ha_hostset by = persisted_by(r, index);
	bool half = r->cur_epoch.small;

	return is_enough(s.now, by, half) && is_enough(s.before, by, half);
}

void replica_commit_to(struct ha_replica *r, uint64_t index)
{
	uint64_t last = replica_log_last(r);
	uint64_t before = r->commit;

	if (index > last) {
		index = last;
	}
	if (index <= before || r->install_flight) {
		return;
	}
	r->commit = index;
	if ((r->cur.changed > before && r->cur.changed <= index) ||
	    (r->meta.boot_index > before && r->meta.boot_index <= index)) {
		r->meta_due = true;
	}
}

static void append_epoch(struct ha_replica *r)
{
	struct replica_proposal *c = &r->cur_epoch;
	struct ha_entry e;

	if (replica_log_room(r) == 0) {
		replica_why(r, "the log is full");
		return;
	}
	/* The newest log is at hand, and what a member knows to be committed is
	 * so: by that it was judged which voters have a say. */
	replica_commit_to(r, c->newest_commit);
	for (ha_hostset s = c->members & ~ha_host_bit(r->params.self);
	     s != 0;) {
		replica_serve_begin(r, ha_hostset_pop(&s));
	}
	memset(&e, 0, sizeof(e));
	e.kind = HA_ENTRY_EPOCH;
	e.epoch = c->number;
	e.index = replica_log_last(r) + 1;
	e.host = r->params.self;
	e.members = c->members;
	e.view = r->view;
	e.level = replica_level_next(r);
	if (c->loss) {
		e.effect = HA_EFFECT_LOSS;
		e.lost = r->lost;
		memcpy(e.cluster, r->loss_cluster, sizeof(e.cluster));
		r->lost = 0;
	}
	replica_own(r, &e);
	c->entry = e.index;
	c->matched = e.index;
	c->phase = REPLICA_OPENING;
	replica_sync_send(r, e.index);
	replica_why(r, "the epoch's record is being persisted");
}

static bool holds_newest(const struct ha_replica *r)
{
	const struct replica_proposal *c = &r->cur_epoch;

	return c->newest_index <= replica_log_last(r) &&
	       replica_log_epoch(r, c->newest_index) == c->newest_epoch;
}

/* Enough have promised: from here on the members stand. */
static void decide_members(struct ha_replica *r)
{
	struct replica_proposal *c = &r->cur_epoch;
	struct replica_verdict v;
	ha_hostset fit = replica_level_fit(r, c->promised);

	if (!ha_host_in(fit, r->params.self) ||
	    ((c->members & ~c->promised) != 0 &&
	     r->now - c->since < r->params.token)) {
		return;
	}
	replica_newest(r, c->members & fit, &v);
	if (!v.known) {
		return;
	}
	c->members &= fit;
	c->small = v.small && !c->loss;
	c->newest_epoch = r->peers[v.best - 1].last_epoch;
	c->newest_index = r->peers[v.best - 1].last_index;
	c->newest_commit = v.commit;
	if (v.best == r->params.self || holds_newest(r)) {
		append_epoch(r);
		return;
	}
	c->phase = REPLICA_FETCHING;
	c->holder = v.best;
	replica_out_send(r, HA_RMSG_FETCH)->to = ha_host_bit(v.best);
	replica_why(r, "gets the newest state from host %u", v.best);
}

static bool is_proven(const struct ha_replica *r)
{
	return r->cur_epoch.bumped && replica_absent(r) == 0;
}

static void open_epoch(struct ha_replica *r)
{
	const struct replica_proposal *c = &r->cur_epoch;
	ha_hostset by = r->cur.voters & c->members;

	r->epoch.number = c->number;
	r->epoch.view = r->view;
	r->epoch.members = c->members;
	r->epoch.coordinator = c->proposer;
	r->epoch.small = 2 * ha_hostset_count(by) ==
			 ha_hostset_count(r->cur.voters);
	r->why[0] = '\0';
	replica_out_plain(r, HA_ROUT_OPEN);
}

static void try_open(struct ha_replica *r)
{
	struct replica_proposal *c = &r->cur_epoch;

	if (c->loss ?
	    (r->cur.voters & ~persisted_by(r, c->entry)) != 0 :
	    !has_quorum(r, c->entry)) {
		return;
	}
	c->opened = c->entry;
	c->phase = REPLICA_OPEN;
	r->attempts = 0;
	if (!c->small || is_proven(r)) {
		replica_commit_to(r, c->entry);
	}
	open_epoch(r);
	r->beat_at = r->now;
}

static void commit_more(struct ha_replica *r)
{
	struct replica_proposal *c = &r->cur_epoch;
	uint64_t last = replica_log_last(r);

	if (r->commit < c->opened) { /* small, not proven */
		if (c->proof == 0 && replica_absent(r) == 0) {
			c->proof = last;
		}
		return;
	}
	while (r->commit < last && has_quorum(r, r->commit + 1)) {
		replica_commit_to(r, r->commit + 1);
		r->beat_at = r->now;
	}
}

void replica_open_run(struct ha_replica *r)
{
	struct replica_proposal *c = &r->cur_epoch;

	if (c->number == 0 || c->out || r->install_flight) {
		return;
	}
	if (c->proposer != r->params.self) {
		if (c->opened != 0 && r->epoch.number == 0 &&
		    c->matched >= c->opened && !replica_is_silent(r)) {
			open_epoch(r);
		}
		return;
	}
	if (c->phase == REPLICA_PROMISING) {
		decide_members(r);
	}
	if (c->phase == REPLICA_FETCHING && !r->install_wanted &&
	    holds_newest(r)) {
		append_epoch(r);
	}
	if (c->phase == REPLICA_OPENING) {
		try_open(r);
	}
	if (c->phase == REPLICA_OPEN) {
		commit_more(r);
	}
}

void replica_beat_run(struct ha_replica *r)
{
	const struct replica_proposal *c = &r->cur_epoch;
	struct ha_rmsg *m;

	if (c->number == 0 || c->proposer != r->params.self || c->out ||
	    r->now < r->beat_at) {
		return;
	}
	m = replica_out_send(r, HA_RMSG_BEAT);
	m->last_index = c->opened;
	m->members = c->members;
	r->beat_at = r->now + r->params.token / 3;
}

void replica_beat_heard(struct ha_replica *r, const struct ha_rmsg *m)
{
	struct replica_proposal *c = &r->cur_epoch;

	if (m->epoch != c->number || m->from != c->proposer) {
		if (m->epoch > r->latest) { /* its PROPOSE was missed */
			replica_hello_ask(r);
		}
		return;
	}
	c->quiet = r->now;
	if (m->from == r->params.self) {
		return;
	}
	if (!ha_host_in(m->members, r->params.self)) {
		c->out = true; /* too late for it */
		replica_close(r);
	}
	c->members = m->members;
	if (c->out) {
		replica_hello_ask(r);
		return;
	}
	if (m->last_index != 0) {
		c->opened = m->last_index;
		replica_commit_to(r, m->commit < c->matched ? m->commit :
							      c->matched);
	}
}
