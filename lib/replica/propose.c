/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * propose.c - who asks for a new epoch, when, and the promises.
 *
 * In a view the longest standing member proposes as soon as all have told
 * their state, or a token time later without the silent. When the proposer is
 * silent for a token time, the next in standing proposes, and so on. Of
 * proposals that cross, the first in delivery order stands.
 */
#include "replica/level.h"
#include "replica/rules.h"

#define RANK_NONE 1000u

void replica_close(struct ha_replica *r)
{
	if (r->epoch.number != 0) {
		memset(&r->epoch, 0, sizeof(r->epoch));
		replica_out_plain(r, HA_ROUT_CLOSED);
	}
}

/* Whom a proposal asks: all that were heard, of one cluster or empty. */
static ha_hostset find_asked(const struct ha_replica *r, ha_hostset without)
{
	ha_hostset asked = 0, family, foreign = 0, empty = 0;

	family = replica_newest_family(r, r->params.self);
	for (ha_hostset s = r->members; s != 0;) {
		ha_hostid h = ha_hostset_pop(&s);
		const struct replica_peer *p = &r->peers[h - 1];

		if (!p->heard || p->mute) {
			continue;
		}
		if (p->empty) {
			empty |= ha_host_bit(h);
		} else if (ha_host_in(family, h)) {
			asked |= ha_host_bit(h);
		} else {
			foreign |= ha_host_bit(h);
		}
	}
	if (foreign == 0) {
		asked |= empty;
	}
	return replica_level_fit(r, asked & ~without);
}

static bool stands_before(const struct ha_replica_base *b, ha_hostid x,
			  ha_hostid y)
{
	uint64_t sx = b->standing[x - 1];
	uint64_t sy = b->standing[y - 1];

	if (sx != sy) {
		return sx != 0 && (sy == 0 || sx < sy);
	}
	return x < y;
}

static bool may_coordinate(const struct ha_replica *r, ha_hostid h,
			   const struct ha_replica_base *b)
{
	const struct replica_peer *p = &r->peers[h - 1];

	return !p->empty && !p->passive && ha_host_in(b->voters, h);
}

/* How many of those asked come before this host. */
static unsigned own_rank(const struct ha_replica *r, ha_hostset asked,
			 const struct replica_verdict *v)
{
	const struct ha_replica_base *b = &r->peers[v->best - 1].base;
	ha_hostid self = r->params.self;
	unsigned rank = 0;

	if (!ha_host_in(asked, self) || !may_coordinate(r, self, b)) {
		return RANK_NONE;
	}
	for (ha_hostset s = asked; s != 0;) {
		ha_hostid h = ha_hostset_pop(&s);

		if (h != self && may_coordinate(r, h, b) &&
		    stands_before(b, h, self)) {
			rank++;
		}
	}
	return rank;
}

/* The next number of one's own above all that is known to be used. */
static uint64_t next_number(const struct ha_replica *r, bool bump)
{
	uint64_t max = r->latest > r->meta.promised ? r->latest :
						      r->meta.promised;

	max = r->cur.epoch > max ? r->cur.epoch : max;
	max = r->proposed > max ? r->proposed : max;
	for (unsigned i = 0; i < HA_HOSTS_MAX; i++) {
		const struct replica_peer *p = &r->peers[i];

		/* or who lost it is told for ever that it held more */
		max = r->seen_epoch[i] > max ? r->seen_epoch[i] : max;
		if (!p->heard) {
			continue;
		}
		max = p->promised > max ? p->promised : max;
		max = p->last_epoch > max ? p->last_epoch : max;
	}
	if (bump) {
		max = max / HA_EPOCH_ERA * HA_EPOCH_ERA + HA_EPOCH_ERA - 1;
	}
	return (max / HA_HOSTS_MAX + 1) * HA_HOSTS_MAX + r->params.self - 1;
}

static void send_proposal(struct ha_replica *r, ha_hostset asked, bool bump)
{
	struct ha_rmsg *m = replica_out_send(r, HA_RMSG_PROPOSE);

	m->epoch = next_number(r, bump);
	m->members = asked;
	m->promised = r->latest;
	m->base = r->cur;
	r->proposed = m->epoch;
	r->proposed_bump = bump;
	r->proposed_at = r->now;
	r->late = 0;
	r->attempts++;
}

/* What was told at the start of the view may be long outdated: this host
 * knows by its own log what was appended since. */
static void refresh_self(struct ha_replica *r)
{
	struct replica_peer *p = &r->peers[r->params.self - 1];

	if (!r->cur_epoch.sent) {
		return;
	}
	p->empty = false;
	p->suspect = r->meta.suspect;
	p->unbroken = replica_unbroken(r);
	p->last_index = replica_log_last(r);
	p->last_epoch = r->cur.epoch;
	p->commit = r->commit;
	p->base = r->cur;
}

static ha_time first_time(const struct ha_replica *r, unsigned rank,
			  bool all_heard)
{
	ha_dur token = r->params.token;
	ha_time at = all_heard ? r->heard_at : r->view_since + token;

	if (rank == 0) {
		return at;
	}
	return at + (all_heard ? token : 0) + rank * token / 2;
}

/* No proposal was heard in this view yet. */
static void propose_first(struct ha_replica *r)
{
	ha_hostset asked = find_asked(r, 0);
	struct replica_verdict v;
	ha_hostset silent = r->members;
	unsigned rank;

	for (ha_hostset s = r->members; s != 0;) {
		ha_hostid h = ha_hostset_pop(&s);

		if (r->peers[h - 1].heard) {
			silent &= ~ha_host_bit(h);
		}
	}
	replica_newest(r, asked, &v);
	if (!v.known) {
		return;
	}
	rank = own_rank(r, asked, &v);
	if (rank == RANK_NONE) {
		replica_why(r, "waits for another host to coordinate");
		return;
	}
	if (r->now >= first_time(r, rank, silent == 0)) {
		send_proposal(r, asked, false);
	}
}

/* Whoever proposed the present epoch gives no sign of life any more. */
bool replica_is_silent(const struct ha_replica *r)
{
	const struct replica_proposal *c = &r->cur_epoch;

	return r->now >= c->quiet + (c->gave_up ? 0 : r->params.token);
}

/* Another host proposed, and may have fallen silent. Where nobody can take its
 * place the epoch is over until it is heard again. */
static void propose_next(struct ha_replica *r)
{
	const struct replica_proposal *c = &r->cur_epoch;
	ha_hostset asked = find_asked(r, ha_host_bit(c->proposer));
	ha_time at = c->quiet + (c->gave_up ? 0 : r->params.token);
	struct replica_verdict v;
	unsigned rank;

	if (!replica_is_silent(r)) {
		return;
	}
	refresh_self(r);
	replica_newest(r, asked, &v);
	if (!v.known) {
		replica_close(r);
		return;
	}
	rank = own_rank(r, asked, &v);
	if (rank != RANK_NONE && r->now >= at + rank * r->params.token / 2) {
		replica_note(r, "host %u: coordinates, silent for a token "
			     "time -> host %u proposes a new epoch",
			     c->proposer, r->params.self);
		send_proposal(r, asked, false);
	}
}

static bool all_proven(const struct ha_replica *r)
{
	const struct replica_proposal *c = &r->cur_epoch;
	ha_hostset need = c->members & r->cur.voters;

	if (!c->small || c->bumped || c->phase != REPLICA_OPEN ||
	    c->proof == 0 || r->durable < c->proof) {
		return false;
	}
	need &= ~ha_host_bit(r->params.self);
	while (need != 0) {
		if (r->peers[ha_hostset_pop(&need) - 1].match < c->proof) {
			return false;
		}
	}
	return true;
}

static ha_dur patience(const struct ha_replica *r)
{
	uint32_t n = r->attempts < 6 ? r->attempts : 6;

	return r->params.token * (2 << n);
}

/* The standing proposal is this host's own: is another one needed? */
static void propose_again(struct ha_replica *r)
{
	const struct replica_proposal *c = &r->cur_epoch;
	ha_dur age = r->now - c->since;
	struct replica_verdict v;

	if (c->loss && c->phase != REPLICA_OPEN) {
		return;
	}
	if (all_proven(r)) {
		send_proposal(r, c->members, true);
		return;
	}
	r->late &= r->members;
	if (c->phase == REPLICA_OPEN ?
	    (r->late == 0 || age < r->params.token) :
	    (age < (r->late != 0 ? r->params.token : patience(r)))) {
		return;
	}
	if (c->phase != REPLICA_OPEN) {
		refresh_self(r);
		replica_newest(r, find_asked(r, 0), &v);
		if (!v.known) {
			return;
		}
	}
	send_proposal(r, find_asked(r, 0), false);
}

void replica_propose_run(struct ha_replica *r)
{
	const struct replica_proposal *c = &r->cur_epoch;

	if (r->members == 0 || r->mute || replica_level_shut_out(r)) {
		return;
	}
	if (replica_is_empty(&r->base) || r->install_flight) {
		replica_why(r, r->damaged ? "the store is damaged; waits for "
			    "the state from another host" :
			    "no cluster yet: create one, or add this host");
		return;
	}
	if (r->proposed > r->latest &&
	    r->now - r->proposed_at < r->params.token) {
		return; /* on its way */
	}
	if (!r->peers[r->params.self - 1].heard) {
		return;
	}
	if (r->lost != 0 && r->proposed == 0) {
		send_proposal(r, find_asked(r, r->lost), false);
	} else if (c->number == 0) {
		propose_first(r);
	} else if (c->proposer == r->params.self && !c->out) {
		propose_again(r);
	} else {
		propose_next(r);
	}
}

/* Does this host know stores of two clusters, being empty itself? */
static bool is_torn(const struct ha_replica *r)
{
	ha_hostid best;
	ha_hostset family;

	if (!replica_is_empty(&r->base)) {
		return false;
	}
	best = replica_newest_best(r, r->members);
	family = best == HA_HOST_NONE ? 0 : replica_newest_family(r, best);
	for (ha_hostset s = r->members & ~family; s != 0;) {
		const struct replica_peer *p =
			&r->peers[ha_hostset_pop(&s) - 1];

		if (p->heard && !p->empty) {
			return true;
		}
	}
	return false;
}

static void join_proposal(struct ha_replica *r,
			  const struct ha_replica_base *newest)
{
	struct replica_proposal *c = &r->cur_epoch;

	if (!ha_host_in(c->members, r->params.self) || r->mute ||
	    c->number <= r->meta.promised || is_torn(r) ||
	    !replica_level_is_spoken(r, newest)) {
		c->out = true;
		replica_hello_ask(r);
		replica_why(r, "host %u opens an epoch without this host",
			    c->proposer);
		return;
	}
	r->meta.promised = c->number;
	r->meta_due = true;
	replica_why(r, "host %u opens an epoch", c->proposer);
}

static void begin_proposal(struct ha_replica *r, const struct ha_rmsg *m)
{
	struct replica_proposal *c = &r->cur_epoch;
	ha_hostid before = c->proposer;
	uint64_t keep = r->requested > r->commit ? r->requested : r->commit;

	replica_close(r);
	replica_log_cut(r, keep + 1);
	r->install_wanted = false;
	memset(c, 0, sizeof(*c));
	c->number = m->epoch;
	c->proposer = m->from;
	c->members = m->members;
	c->since = c->quiet = c->fed = r->now;
	c->phase = REPLICA_PROMISING;
	if (m->from == r->params.self) {
		c->bumped = r->proposed_bump;
		c->loss = r->lost != 0;
		r->beat_at = r->now;
	}
	if (before != HA_HOST_NONE && !ha_host_in(m->members, before)) {
		r->peers[before - 1].heard = false;
	}
	for (unsigned i = 0; i < HA_HOSTS_MAX; i++) {
		struct replica_peer *p = &r->peers[i];

		p->match = p->next = 0;
		p->lagging = p->waiting = p->stating = false;
	}
	join_proposal(r, &m->base);
}

void replica_propose_heard(struct ha_replica *r, const struct ha_rmsg *m)
{
	if (!ha_host_in(m->members, m->from) || replica_is_empty(&m->base) ||
	    m->epoch <= r->latest || m->promised < r->latest) {
		return; /* another one was first */
	}
	if (!replica_is_empty(&r->cur) &&
	    !replica_related(&m->base, m->from, &r->cur, r->params.self)) {
		return;
	}
	r->latest = m->epoch;
	begin_proposal(r, m);
}

/* The promise is durable, and with it all that was asked for before. */
void replica_promise_run(struct ha_replica *r)
{
	struct replica_proposal *c = &r->cur_epoch;

	if (c->number == 0 || c->out || c->sent || r->install_flight ||
	    r->promised_durable != c->number || r->durable < r->requested) {
		return;
	}
	replica_state_tell(r, replica_out_send(r, HA_RMSG_PROMISE));
	c->sent = true;
}

void replica_promise_heard(struct ha_replica *r, const struct ha_rmsg *m)
{
	struct replica_proposal *c = &r->cur_epoch;

	if (m->epoch != c->number || m->promised != c->number) {
		return;
	}
	replica_state_heard(r, m);
	c->promised |= ha_host_bit(m->from);
	if (m->from == c->proposer) {
		c->quiet = r->now;
	}
	if (c->proposer == r->params.self &&
	    !ha_host_in(c->members, m->from)) {
		r->late |= ha_host_bit(m->from);
	}
}

/* When the next of the above is due at the latest. */
ha_time replica_propose_deadline(const struct ha_replica *r)
{
	if (r->members == 0 || r->mute) {
		return HA_TIME_NEVER;
	}
	return r->now + r->params.token / 6;
}
