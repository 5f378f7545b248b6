/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replica.c - events in, outputs out. Each event changes what is known; then
 * the same run of rules tells what follows from it.
 */
#include "replica/replica.h"

#include "base/err.h"
#include "replica/level.h"
#include "replica/rules.h"

size_t ha_replica_size(void)
{
	return sizeof(struct ha_replica);
}

struct ha_replica *ha_replica_init(void *mem,
				   const struct ha_replica_params *params)
{
	struct ha_replica *r = mem;

	assert(mem != NULL);
	assert(params->self >= 1 && params->self <= HA_HOSTS_MAX);
	assert(params->token > 0);
	assert(params->log_max <= HA_LOG_ENTRIES_MAX);
	r->params = *params;
	if (params->level == 0) {
		r->params.level_min = r->params.level = HA_LEVEL_FIRST;
	}
	assert(r->params.level_min >= HA_LEVEL_FIRST);
	assert(r->params.level_min <= r->params.level);
	r->log.max = params->log_max != 0 ? params->log_max :
					    HA_LOG_ENTRIES_MAX;
	r->log.first = 1;
	replica_why(r, "the store is being read");
	return r;
}

static void take_loaded(struct ha_replica *r, const struct ha_rev *ev)
{
	assert(!r->loaded);
	r->loaded = true;
	if (ev->loaded.damaged || replica_is_empty(&ev->loaded.base)) {
		r->damaged = ev->loaded.damaged;
		r->meta.suspect = true;
		if (!r->damaged) {
			r->meta.promised = ev->loaded.meta.promised;
		}
	} else {
		r->meta = ev->loaded.meta;
		replica_log_reset(r, &ev->loaded.base);
		for (size_t i = 0; i < ev->loaded.entry_count; i++) {
			replica_log_append(r, &ev->loaded.entries[i]);
		}
	}
	r->requested = r->durable = replica_log_last(r);
	r->promised_durable = r->meta.promised;
	r->boot_durable = r->meta.boot;
	r->suspect_durable = r->meta.suspect;
	r->commit = r->emitted = r->base.index;
	replica_commit_to(r, r->meta.commit);
	replica_why(r, "no quorum");
}

static void take_message(struct ha_replica *r, const struct ha_rmsg *m)
{
	if (m->view != r->view || !ha_host_in(r->members, m->from)) {
		return;
	}
	switch (m->kind) {
	case HA_RMSG_HELLO:
		replica_hello_heard(r, m);
		return;
	case HA_RMSG_PROPOSE:
		replica_propose_heard(r, m);
		return;
	case HA_RMSG_PROMISE:
		replica_promise_heard(r, m);
		return;
	case HA_RMSG_APPEND:
		replica_append_heard(r, m);
		return;
	case HA_RMSG_ACK:
		replica_ack_heard(r, m);
		return;
	case HA_RMSG_BEAT:
		replica_beat_heard(r, m);
		return;
	case HA_RMSG_SNAPSHOT:
		replica_snapshot_heard(r, m);
		return;
	case HA_RMSG_FETCH:
		replica_fetch_heard(r, m);
		return;
	}
}

/* After a stall of one's own, nobody is judged silent for what was not heard
 * meanwhile. */
static void take_time(struct ha_replica *r, ha_time now)
{
	if (now > r->now + r->params.token) {
		r->view_since = now;
		r->heard_at = now;
		r->proposed_at = now;
		r->cur_epoch.quiet = now;
		r->cur_epoch.since = now;
	}
	if (now > r->now) {
		r->now = now;
	}
}

static void run_rules(struct ha_replica *r)
{
	replica_hello_run(r);
	replica_promise_run(r);
	replica_ack_run(r);
	replica_open_run(r);
	replica_propose_run(r);
	replica_serve_run(r);
	replica_beat_run(r);
	replica_persist_run(r);
	replica_out_commits(r);
}

void ha_replica_step(struct ha_replica *r, const struct ha_rev *ev)
{
	assert(r->out_head == r->out_tail);
	assert(r->loaded || ev->kind == HA_REV_LOADED);
	if (replica_log_room(r) < r->log.max / 8) {
		r->log.drop = r->base.index; /* laggards get the snapshot */
	}
	if (r->log.drop != 0) {
		replica_log_drop(r);
	}
	take_time(r, ev->now);
	switch (ev->kind) {
	case HA_REV_LOADED:
		take_loaded(r, ev);
		break;
	case HA_REV_VIEW:
		replica_view_begin(r, ev->view.id, ev->view.members);
		break;
	case HA_REV_MESSAGE:
		take_message(r, ev->message);
		break;
	case HA_REV_PERSISTED:
		replica_persist_done(r, ev->persisted.seq, ev->persisted.ok);
		break;
	case HA_REV_BODY:
		replica_body_came(r, &ev->body);
		break;
	case HA_REV_TICK:
		break;
	}
	run_rules(r);
}

ha_time ha_replica_deadline(const struct ha_replica *r)
{
	return replica_propose_deadline(r);
}

/* Would the change of voters in facts[0..count) come on top of another? */
static int check_facts(const struct ha_replica *r,
		       const struct ha_entry *facts, size_t count)
{
	ha_hostset voters = r->cur.voters;
	unsigned changes = r->cur.changed > r->commit ? 1 : 0;

	for (size_t i = 0; i < count; i++) {
		const struct ha_entry *e = &facts[i];
		ha_hostset to = voters;

		assert(e->kind == HA_ENTRY_FACT);
		assert(e->effect != HA_EFFECT_LOSS);
		assert(e->len <= HA_ENTRY_DATA_MAX);
		if (e->effect == HA_EFFECT_ADMIT) {
			if (!ha_host_in(r->epoch.members, e->host)) {
				return HA_E_REFUSED;
			}
			if (!ha_host_in(voters, e->host) &&
			    r->peers[e->host - 1].match < r->cur_epoch.opened) {
				return HA_E_BUSY; /* not yet up to date */
			}
			to |= ha_host_bit(e->host);
		} else if (e->effect == HA_EFFECT_REMOVE) {
			to &= ~ha_host_bit(e->host);
		}
		if (to != voters && changes++ != 0) {
			return HA_E_BUSY;
		}
		voters = to;
	}
	return voters == 0 ? HA_E_REFUSED : 0;
}

/* Some places are kept for what brings a host up to date. */
size_t ha_replica_room(const struct ha_replica *r)
{
	size_t kept = r->log.max / 16;
	size_t room = replica_log_room(r);

	return ha_replica_is_coordinator(r) && !replica_out_busy(r) &&
			       room > kept
		       ? room - kept
		       : 0;
}

int ha_replica_propose(struct ha_replica *r, const struct ha_entry *facts,
		       size_t count)
{
	uint64_t from = replica_log_last(r) + 1;
	struct ha_entry e;
	int err;

	if (!ha_replica_is_coordinator(r)) {
		return HA_E_REFUSED;
	}
	if (ha_replica_room(r) < count) {
		return HA_E_BUSY;
	}
	err = check_facts(r, facts, count);
	if (err != 0) {
		return err;
	}
	for (size_t i = 0; i < count; i++) {
		e = facts[i];
		e.epoch = r->epoch.number;
		e.index = from + i;
		replica_own(r, &e);
	}
	r->cur_epoch.matched = replica_log_last(r);
	replica_sync_send(r, from);
	replica_persist_run(r);
	return 0;
}

void ha_replica_applied(struct ha_replica *r)
{
	uint64_t held = replica_log_last(r) - r->base.index;
	/* who reads the log, or lags behind, needs them all, one by one */
	bool bodies = r->bodies_since >= REPLICA_BODIES / 2;

	if (r->mute || r->snap_flight || r->install_flight ||
	    r->flight_count + 4 >= REPLICA_FLIGHTS ||
	    (held < r->log.max / 2 && !bodies) || r->emitted == r->base.index ||
	    r->emitted > r->requested) {
		return;
	}
	replica_log_fold(r, r->emitted, &r->snap_base);
	r->snap_flight = true;
	r->snap_bodies = bodies;
	r->bodies_since = 0;
	replica_persist_state(r, &r->snap_base, false);
}

int ha_replica_found(struct ha_replica *r, const uint8_t cluster[16],
		     const struct ha_hash *body)
{
	struct ha_replica_base base;

	memset(&base, 0, sizeof(base));
	memcpy(base.cluster, cluster, sizeof(base.cluster));
	base.voters = ha_host_bit(r->params.self);
	base.body = *body;
	if (!r->loaded || r->mute || replica_is_empty(&base)) {
		return HA_E_REFUSED;
	}
	if (r->damaged) {
		return HA_E_DAMAGED;
	}
	if (!replica_is_empty(&r->base) || r->install_wanted ||
	    (r->cur_epoch.number != 0 && !r->cur_epoch.out)) {
		return HA_E_EXISTS;
	}
	replica_log_reset(r, &base);
	r->meta.suspect = false;
	replica_persist_state(r, &base, false);
	r->hello_due = true;
	return 0;
}

int ha_replica_accept_loss(struct ha_replica *r, ha_hostset lost,
			   const uint8_t cluster[16])
{
	struct replica_verdict v;
	ha_hostset asked = 0;

	if (r->members == 0) {
		return HA_E_NO_QUORUM;
	}
	if (r->mute || r->epoch.number != 0 || replica_is_empty(&r->base) ||
	    lost == 0 || ha_host_in(lost, r->params.self) ||
	    memcmp(cluster, r->cur.cluster, sizeof(r->cur.cluster)) == 0) {
		return HA_E_REFUSED;
	}
	for (ha_hostset s = r->members & ~lost; s != 0;) {
		ha_hostid h = ha_hostset_pop(&s);

		if (r->peers[h - 1].heard) {
			asked |= ha_host_bit(h);
		}
	}
	r->lost = lost;
	replica_newest(r, asked, &v);
	if (!v.known) {
		r->lost = 0;
		return HA_E_REFUSED;
	}
	memcpy(r->loss_cluster, cluster, sizeof(r->loss_cluster));
	r->proposed = 0;
	replica_propose_run(r);
	return 0;
}

bool ha_replica_leaving(struct ha_replica *r)
{
	if (r->meta.boot != 0) {
		r->meta.boot = 0;
		r->meta.boot_index = 0;
		r->meta_due = true;
		replica_persist_run(r);
	}
	return r->boot_durable == 0;
}

void ha_replica_set_passive(struct ha_replica *r, bool passive)
{
	r->params.passive = passive;
	r->hello_due = true;
}

void ha_replica_set_configured(struct ha_replica *r, ha_hostset hosts)
{
	r->configured = hosts;
}

const struct ha_epoch *ha_replica_epoch(const struct ha_replica *r)
{
	return r->epoch.number != 0 ? &r->epoch : NULL;
}

const struct ha_replica_base *ha_replica_base(const struct ha_replica *r)
{
	return &r->cur;
}

void ha_replica_base_committed(const struct ha_replica *r,
			       struct ha_replica_base *ret_base)
{
	replica_log_fold(r, r->emitted, ret_base);
}

uint64_t ha_replica_commit(const struct ha_replica *r)
{
	return r->commit;
}

const struct ha_entry *ha_replica_entry(const struct ha_replica *r,
					uint64_t index)
{
	return replica_log_has(r, index) ? replica_log_at(r, index) : NULL;
}

bool ha_replica_is_coordinator(const struct ha_replica *r)
{
	return r->epoch.number != 0 &&
	       r->epoch.coordinator == r->params.self;
}

ha_hostset ha_replica_unproven(const struct ha_replica *r)
{
	if (r->epoch.number == 0 || !r->epoch.small) {
		return 0;
	}
	return replica_absent(r);
}

const char *ha_replica_why(const struct ha_replica *r)
{
	return r->epoch.number != 0 ? "" : r->why;
}
