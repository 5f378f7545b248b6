/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * persist.c - what is on its way to the disk. Several persists may be in
 * flight; their results come in order. Nothing is asked for before the bodies
 * that it needs are held. After a failure nothing is asked for any more: the
 * host is mute until it is loaded again.
 */
#include "replica/rules.h"

bool replica_body_held(const struct ha_replica *r, const struct ha_hash *body)
{
	if (ha_hash_is_none(body)) {
		return true;
	}
	for (unsigned i = 0; i < REPLICA_BODIES; i++) {
		if (ha_hash_equal(body, &r->bodies[i])) {
			return true;
		}
	}
	return false;
}

void replica_body_came(struct ha_replica *r, const struct ha_hash *body)
{
	if (!replica_body_held(r, body)) {
		r->bodies[r->body_next] = *body;
		r->body_next = (r->body_next + 1) % REPLICA_BODIES;
	}
}

static struct ha_persist *add_persist(struct ha_replica *r,
				      enum ha_persist_kind kind)
{
	struct ha_persist *p;
	struct replica_flight *f;

	assert(r->flight_count < REPLICA_FLIGHTS);
	assert(r->persist_count < REPLICA_FLIGHTS);
	replica_out_plain(r, HA_ROUT_PERSIST);
	r->out[r->out_tail - 1].slot = r->persist_count;
	p = &r->persists[r->persist_count++];
	memset(p, 0, sizeof(*p));
	p->seq = ++r->seq;
	p->kind = kind;
	/* A torn write may leave the meta without what comes with it: it tells
	 * only what holds without. */
	if (!r->install_flight) {
		r->meta.commit = r->commit < r->durable ? r->commit :
							  r->durable;
	}
	p->meta = r->meta;
	r->meta_due = false;
	f = &r->flights[r->flight_count++];
	*f = (struct replica_flight){ .seq = p->seq, .kind = kind,
				      .last = r->requested,
				      .promised = r->meta.promised,
				      .boot = r->meta.boot,
				      .suspect = r->meta.suspect };
	return p;
}

/* How many entries from `requested` on may be persisted: bodies are held. */
static uint64_t count_ready(const struct ha_replica *r)
{
	uint64_t last = replica_log_last(r);
	uint64_t index = r->requested;

	while (index < last &&
	       replica_body_held(r, &replica_log_at(r, index + 1)->body)) {
		index++;
	}
	return index - r->requested;
}

static void persist_entries(struct ha_replica *r)
{
	uint64_t count = count_ready(r);
	const struct ha_entry *e;
	struct ha_persist *p;

	if (count == 0 || r->flight_count >= REPLICA_BATCHES) {
		return;
	}
	e = replica_log_at(r, r->requested + 1);
	r->requested += count;
	p = add_persist(r, HA_PERSIST_ENTRIES);
	p->entries = e;
	p->entry_count = count;
}

void replica_persist_state(struct ha_replica *r,
			   const struct ha_replica_base *base, bool received)
{
	struct ha_persist *p = add_persist(r, HA_PERSIST_STATE);

	p->base = *base;
	p->received = received;
	r->flights[r->flight_count - 1].received = received;
}

/* The state received takes the place of all that is held. */
static void start_install(struct ha_replica *r)
{
	const struct ha_replica_base *base = &r->install_base;

	if (base->index < replica_log_last(r) || r->base.index == 0) {
		r->meta.suspect = true; /* until the rest has come */
	}
	if (base->standing[r->params.self - 1] != r->meta.boot_index) {
		r->meta.boot = 0;
		r->meta.boot_index = 0;
	}
	r->meta.cut = r->cur_epoch.number;
	r->snap_flight = false;
	for (uint32_t i = 0; i < r->flight_count; i++) {
		r->flights[i].last = 0;
	}
	replica_log_reset(r, base);
	r->requested = base->index;
	r->durable = base->index;
	r->commit = base->index;
	r->install_wanted = false;
	r->install_flight = true;
	replica_persist_state(r, base, true);
}

static void ask_body(struct ha_replica *r)
{
	const struct ha_hash *body = NULL;

	if (r->install_wanted) {
		body = &r->install_base.body;
	} else if (!r->install_flight && r->emitted < r->commit) {
		body = &replica_log_at(r, r->emitted + 1)->body;
	} else if (r->requested < replica_log_last(r)) {
		body = &replica_log_at(r, r->requested + 1)->body;
	}
	if (body == NULL || replica_body_held(r, body)) {
		memset(&r->body_wanted, 0, sizeof(r->body_wanted));
		return;
	}
	if (ha_hash_equal(body, &r->body_wanted) && r->now < r->body_at) {
		return;
	}
	r->body_wanted = *body;
	r->body_at = r->now + r->params.token;
	replica_out_body(r, body);
}

/* With a later epoch's record all is held that may ever have been
 * acknowledged. */
static void end_doubt(struct ha_replica *r)
{
	const struct replica_proposal *c = &r->cur_epoch;

	if (r->meta.suspect && !c->out && c->number != 0 &&
	    !r->install_flight && c->matched >= r->durable &&
	    replica_log_epoch(r, r->durable) == c->number) {
		r->meta.suspect = false;
		r->meta_due = true;
	}
}

void replica_persist_run(struct ha_replica *r)
{
	if (r->mute || r->flight_count + 2 >= REPLICA_FLIGHTS) {
		return;
	}
	end_doubt(r);
	assert(!r->install_wanted || !r->install_flight);
	if (r->install_wanted &&
	    replica_body_held(r, &r->install_base.body)) {
		start_install(r);
	}
	persist_entries(r);
	if (r->meta_due) {
		add_persist(r, HA_PERSIST_META);
	}
	ask_body(r);
}

static void state_done(struct ha_replica *r, const struct replica_flight *f)
{
	if (f->received) {
		r->install_flight = false;
		r->damaged = false;
		r->emitted = r->base.index;
		if (r->cur_epoch.matched < r->base.index) {
			r->cur_epoch.matched = r->base.index;
		}
		/* a state at index 0 has no acknowledgement of its own: what
		 * follows it was not taken in meanwhile, and is asked for */
		r->cur_epoch.gap = true;
		r->cur_epoch.fed = r->now - r->params.token;
		replica_out_plain(r, HA_ROUT_INSTALL);
	} else if (r->snap_flight) {
		r->snap_flight = false;
		r->base = r->snap_base;
		r->log.drop = r->base.index > r->log.max / 4 ?
			r->base.index - r->log.max / 4 : 0;
		if (r->snap_bodies) {
			r->log.drop = r->base.index; /* nobody holds them all */
		}
	}
}

static void fall_mute(struct ha_replica *r)
{
	r->mute = true;
	r->cur_epoch.out = true;
	r->hello_due = true;
	replica_close(r);
	replica_note(r, "replica: the disk failed -> no longer a voter "
		     "until hacd is started again");
}

void replica_persist_done(struct ha_replica *r, uint64_t seq, bool ok)
{
	struct replica_flight f;

	assert(r->flight_count > 0);
	f = r->flights[0];
	assert(f.seq == seq);
	r->flight_count--;
	memmove(r->flights, r->flights + 1,
		r->flight_count * sizeof(r->flights[0]));
	if (r->mute) {
		return;
	}
	if (!ok) {
		fall_mute(r);
		return;
	}
	if (r->durable < f.last) {
		r->durable = f.last;
	}
	r->promised_durable = f.promised;
	r->boot_durable = f.boot;
	r->suspect_durable = f.suspect;
	if (f.kind == HA_PERSIST_STATE) {
		state_done(r, &f);
	}
}
