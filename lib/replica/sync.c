/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sync.c - entries and states on their way from host to host.
 *
 * The coordinator multicasts what it appends; who follows persists it and
 * says so. Who lags is handed what it lacks in pieces, each after its word
 * about the last, and follows the multicast from the end of the log on.
 */
#include "replica/rules.h"

/* Appends, and keeps book of this host's own standing. */
void replica_own(struct ha_replica *r, const struct ha_entry *e)
{
	replica_log_append(r, e);
	if (e->kind != HA_ENTRY_FACT || e->host != r->params.self) {
		return;
	}
	if (e->effect == HA_EFFECT_ADMIT) {
		if (e->epoch == r->cur_epoch.number) { /* of this boot */
			r->meta.boot = r->params.boot;
			r->meta.boot_index = e->index;
		}
	} else if (e->effect != HA_EFFECT_NONE) {
		r->meta.boot = 0;
		r->meta.boot_index = 0;
	}
}

static void send_entries(struct ha_replica *r, uint64_t from, uint64_t count,
			 ha_hostset to)
{
	struct ha_rmsg *m = replica_out_send(r, HA_RMSG_APPEND);

	m->to = to;
	m->last_index = from - 1;
	m->last_epoch = replica_log_epoch(r, from - 1);
	m->entries = replica_log_at(r, from);
	m->entry_count = count;
}

/* Multicasts what was just appended. */
void replica_sync_send(struct ha_replica *r, uint64_t from)
{
	uint64_t last = replica_log_last(r);

	while (from <= last) {
		uint64_t count = last - from + 1;

		count = count < REPLICA_CHUNK ? count : REPLICA_CHUNK;
		send_entries(r, from, count, 0);
		from += count;
	}
}

/* From where on a member lacks entries, by the state that it told. */
void replica_serve_begin(struct ha_replica *r, ha_hostid h)
{
	struct replica_peer *p = &r->peers[h - 1];

	p->waiting = p->stating = false;
	p->lagging = true;
	p->match = 0;
	p->next = 0;
	if (p->empty) {
		return;
	}
	if (p->last_index + 1 >= r->log.first &&
	    p->last_index <= replica_log_last(r) &&
	    replica_log_epoch(r, p->last_index) == p->last_epoch) {
		p->match = p->last_index;
	} else {
		p->match = p->commit;
	}
	p->next = p->match + 1;
	p->lagging = p->next <= replica_log_last(r);
}

static void serve_state(struct ha_replica *r, ha_hostset to)
{
	replica_out_send_state(r, to);
	while (to != 0) {
		struct replica_peer *p = &r->peers[ha_hostset_pop(&to) - 1];

		p->next = r->emitted + 1;
		p->waiting = p->stating = true;
		p->served_at = r->now;
	}
}

static void serve_entries(struct ha_replica *r, uint64_t next, ha_hostset to)
{
	uint64_t last = replica_log_last(r);
	uint64_t count = last + 1 - next;

	count = count < REPLICA_CHUNK ? count : REPLICA_CHUNK;
	if (count > 0) {
		send_entries(r, next, count, to);
	}
	while (to != 0) {
		struct replica_peer *p = &r->peers[ha_hostset_pop(&to) - 1];

		p->next = next + count;
		p->lagging = p->next <= last;
		p->waiting = p->lagging;
		p->served_at = r->now;
	}
}

void replica_serve_run(struct ha_replica *r)
{
	ha_hostset due = 0, state = 0;

	for (ha_hostset s = r->members; s != 0;) {
		ha_hostid h = ha_hostset_pop(&s);
		const struct replica_peer *p = &r->peers[h - 1];

		if (!p->lagging || p->waiting) {
			continue;
		}
		if (p->next < r->log.first) {
			state |= ha_host_bit(h);
		} else {
			due |= ha_host_bit(h);
		}
	}
	if (r->mute || r->install_flight || replica_out_busy(r)) {
		return;
	}
	if (state != 0) {
		serve_state(r, state);
	}
	while (due != 0 && !replica_out_busy(r)) {
		uint64_t next = r->peers[ha_hostset_first(due) - 1].next;
		ha_hostset to = 0;

		for (ha_hostset s = due; s != 0;) {
			ha_hostid h = ha_hostset_pop(&s);

			if (r->peers[h - 1].next == next) {
				to |= ha_host_bit(h);
			}
		}
		due &= ~to;
		serve_entries(r, next, to);
	}
}

/* One entry on top; false if it does not fit. */
static bool take_entry(struct ha_replica *r, const struct ha_entry *e)
{
	if (e->index < r->log.first) {
		return true; /* the snapshot has it */
	}
	if (replica_log_has(r, e->index)) {
		if (replica_log_epoch(r, e->index) == e->epoch) {
			return true;
		}
		if (e->index <= r->commit) {
			replica_note(r, "replica: entry %llu contradicts a "
				     "committed one -> refused",
				     (unsigned long long)e->index);
			return false;
		}
		r->meta.cut = r->cur_epoch.number;
		replica_log_cut(r, e->index);
	}
	assert(e->index == replica_log_last(r) + 1);
	if (e->epoch < r->cur.epoch || e->epoch > r->cur_epoch.number ||
	    replica_log_room(r) == 0) {
		return false;
	}
	replica_own(r, e);
	return true;
}

static void take_entries(struct ha_replica *r, const struct ha_rmsg *m)
{
	struct replica_proposal *c = &r->cur_epoch;
	uint64_t prev = m->last_index;

	if (prev > replica_log_last(r) ||
	    (prev + 1 >= r->log.first &&
	     replica_log_epoch(r, prev) != m->last_epoch)) {
		c->gap = true;
		return;
	}
	c->gap = false;
	for (size_t i = 0; i < m->entry_count; i++) {
		const struct ha_entry *e = &m->entries[i];

		if (e->index != prev + 1 || !take_entry(r, e)) {
			c->gap = true;
			break;
		}
		prev++;
	}
	c->fed = r->now;
	if (c->matched < prev) {
		c->matched = prev;
	}
}

void replica_append_heard(struct ha_replica *r, const struct ha_rmsg *m)
{
	struct replica_proposal *c = &r->cur_epoch;

	if (m->epoch != c->number) {
		return;
	}
	if (m->from == c->proposer) {
		c->quiet = r->now;
	}
	if (c->out || !c->sent || m->from == r->params.self ||
	    r->install_wanted || r->install_flight ||
	    replica_is_empty(&r->base) ||
	    (m->to == 0 ? m->from != c->proposer :
			  !ha_host_in(m->to, r->params.self))) {
		return;
	}
	take_entries(r, m);
	replica_commit_to(r, m->commit < c->matched ? m->commit : c->matched);
}

void replica_snapshot_heard(struct ha_replica *r, const struct ha_rmsg *m)
{
	struct replica_proposal *c = &r->cur_epoch;

	if (m->epoch != c->number) {
		return;
	}
	if (m->from == c->proposer) {
		c->quiet = r->now;
	}
	if (c->out || !c->sent || r->install_flight ||
	    !ha_host_in(m->to, r->params.self) ||
	    replica_is_empty(&m->base)) {
		return;
	}
	c->fed = r->now;
	if (!replica_is_empty(&r->base) && m->base.index <= r->commit) {
		c->gap = true;
		return;
	}
	r->install_wanted = true;
	r->install_base = m->base;
}

void replica_fetch_heard(struct ha_replica *r, const struct ha_rmsg *m)
{
	const struct replica_proposal *c = &r->cur_epoch;

	if (m->epoch != c->number || m->from != c->proposer || c->out ||
	    !c->sent || m->from == r->params.self ||
	    !ha_host_in(m->to, r->params.self)) {
		return;
	}
	replica_serve_begin(r, m->from);
}

static void remember_ack(struct ha_replica *r, const struct ha_rmsg *m)
{
	uint64_t *epoch = &r->meta.acked_epoch[m->from - 1];
	uint64_t *index = &r->meta.acked_index[m->from - 1];

	if (m->last_epoch != m->epoch || m->epoch < *epoch) {
		return;
	}
	if (m->epoch > *epoch || m->last_index > *index) {
		*epoch = m->epoch;
		*index = m->last_index;
	}
}

/* Who holds the epoch's record holds all before it, whatever it told first. */
static void refresh_peer(struct ha_replica *r, const struct ha_rmsg *m)
{
	struct replica_peer *p = &r->peers[m->from - 1];

	if (m->last_epoch != m->epoch ||
	    m->last_index > replica_log_last(r)) {
		return;
	}
	if (p->empty || p->suspect) {
		p->empty = false;
		p->suspect = false;
		p->base = r->cur;
	}
	p->last_epoch = m->last_epoch;
	p->last_index = m->last_index;
	p->commit = m->commit;
}

void replica_ack_heard(struct ha_replica *r, const struct ha_rmsg *m)
{
	const struct replica_proposal *c = &r->cur_epoch;
	struct replica_peer *p = &r->peers[m->from - 1];

	if (m->epoch != c->number || !ha_host_in(c->members, m->from)) {
		return;
	}
	remember_ack(r, m);
	if (m->from != r->params.self) {
		refresh_peer(r, m);
	}
	if (m->last_index > p->match && m->last_index + 1 >= r->log.first &&
	    m->last_index <= replica_log_last(r) &&
	    replica_log_epoch(r, m->last_index) == m->last_epoch) {
		p->match = m->last_index;
	}
	if (p->stating && m->last_index + 1 < p->next) {
		return; /* a plea from before the state came in */
	}
	p->stating = false;
	if (ha_host_in(m->to, r->params.self) && c->entry != 0 &&
	    (!p->waiting || r->now - p->served_at > r->params.token)) {
		p->next = m->last_index + 1;
		p->lagging = true;
		p->waiting = false;
	} else if (p->waiting && m->last_index + 1 >= p->next) {
		p->next = m->last_index + 1;
		p->waiting = false;
	}
}

static void send_ack(struct ha_replica *r, uint64_t index, ha_hostset to)
{
	struct ha_rmsg *m = replica_out_send(r, HA_RMSG_ACK);

	m->last_index = index;
	m->last_epoch = replica_log_epoch(r, index);
	m->to = to;
	m->promised = r->meta.promised;
}

/* It holds the epoch's record, and with it all that was ever acknowledged; but
 * should power go now, its store would be doubted again. Only who is beyond
 * doubt acknowledges the record, and may become a voter. */
static bool is_doubted(const struct ha_replica *r)
{
	return r->suspect_durable &&
	       replica_log_epoch(r, r->durable) == r->cur_epoch.number;
}

void replica_ack_run(struct ha_replica *r)
{
	struct replica_proposal *c = &r->cur_epoch;
	uint64_t index = c->matched < r->durable ? c->matched : r->durable;
	uint64_t sure = r->commit < r->durable ? r->commit : r->durable;

	if (c->number == 0 || c->out || !c->sent || r->install_flight ||
	    is_doubted(r)) {
		return;
	}
	if (index > c->acked) {
		send_ack(r, index, 0);
		c->acked = index;
	}
	if (c->gap && !r->install_wanted && replica_log_room(r) > 0 &&
	    c->proposer != r->params.self &&
	    r->now - c->fed >= r->params.token / 2) {
		send_ack(r, index > sure ? index : sure,
			 ha_host_bit(c->proposer));
		c->gap = false;
		c->fed = r->now;
	}
}
