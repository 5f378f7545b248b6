/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view.c - what a view begins with: everything older is dropped, and each
 * member tells what its disk holds, once nothing is on its way there.
 */
#include "replica/level.h"
#include "replica/rules.h"

/* What was not handed to the disk is forgotten, unless it is committed. */
static void forget_tail(struct ha_replica *r)
{
	uint64_t keep = r->requested > r->commit ? r->requested : r->commit;

	replica_log_cut(r, keep + 1);
}

void replica_view_begin(struct ha_replica *r, uint64_t id, ha_hostset members)
{
	replica_close(r);
	if (!ha_host_in(members, r->params.self)) {
		members = 0;
	}
	forget_tail(r);
	r->view = id;
	r->members = members;
	r->view_since = r->now;
	r->heard_at = r->now;
	r->hello_due = members != 0;
	r->install_wanted = false;
	r->latest = 0;
	r->proposed = 0;
	r->attempts = 0;
	r->late = 0;
	r->lost = 0;
	r->body_at = 0;
	memset(&r->cur_epoch, 0, sizeof(r->cur_epoch));
	memset(r->peers, 0, sizeof(r->peers));
	memcpy(r->seen_epoch, r->meta.acked_epoch, sizeof(r->seen_epoch));
	memcpy(r->seen_index, r->meta.acked_index, sizeof(r->seen_index));
	replica_why(r, members == 0 ? "no quorum" :
		    "the hosts tell each other what they hold");
}

/* Neither booted nor left since it was last admitted. */
bool replica_unbroken(const struct ha_replica *r)
{
	return r->meta.boot != 0 && r->meta.boot == r->params.boot &&
	       r->boot_durable == r->meta.boot &&
	       r->commit >= r->meta.boot_index;
}

void replica_state_tell(struct ha_replica *r, struct ha_rmsg *m)
{
	m->last_index = r->durable;
	m->last_epoch = replica_log_epoch(r, r->durable);
	m->commit = r->commit < r->durable ? r->commit : r->durable;
	m->boot = r->params.boot;
	m->empty = replica_is_empty(&r->base);
	m->unbroken = replica_unbroken(r);
	m->passive = r->params.passive;
	m->mute = r->mute;
	m->level_min = r->params.level_min;
	m->level = r->params.level;
	m->promised = r->meta.promised;
	m->meta = r->meta;
	if (!r->install_flight) {
		replica_log_fold(r, r->durable, &m->base);
	}
}

void replica_state_heard(struct ha_replica *r, const struct ha_rmsg *m)
{
	struct replica_peer *p = &r->peers[m->from - 1];

	p->heard = true;
	p->empty = m->empty || replica_is_empty(&m->base);
	p->unbroken = m->unbroken;
	p->passive = m->passive;
	p->mute = m->mute;
	p->level = m->level != 0 ? m->level : HA_LEVEL_FIRST;
	p->level_min = m->level_min != 0 ? m->level_min : HA_LEVEL_FIRST;
	p->suspect = m->meta.suspect;
	p->promised = m->promised;
	p->last_epoch = m->last_epoch;
	p->last_index = m->last_index;
	p->commit = m->commit;
	p->cut = m->meta.cut;
	p->base = m->base;
}

/* Asks for a HELLO of this host, which is not taken part with; not too often.*/
void replica_hello_ask(struct ha_replica *r)
{
	if (r->now - r->hello_at >= r->params.token / 2) {
		r->hello_due = true;
	}
}

void replica_hello_run(struct ha_replica *r)
{
	if (r->members == 0) {
		return;
	}
	if ((r->cur_epoch.number == 0 || r->cur_epoch.out) &&
	    r->now - r->hello_at >= r->params.token) {
		r->hello_due = true;
	}
	if (r->hello_due && (r->flight_count == 0 || r->mute)) {
		replica_state_tell(r, replica_out_send(r, HA_RMSG_HELLO));
		r->hello_due = false;
		r->hello_at = r->now;
	}
}

/* Peers may remember that this host acknowledged more than it holds. */
static void doubt_self(struct ha_replica *r)
{
	struct replica_peer self = { .cut = r->meta.cut };

	if (replica_is_empty(&r->base) || r->install_flight) {
		return;
	}
	self.last_index = r->durable;
	self.last_epoch = replica_log_epoch(r, r->durable);
	if (!r->meta.suspect &&
	    replica_rolled_back(r, r->params.self, &self)) {
		r->meta.suspect = true;
		r->meta_due = true;
		replica_note(r, "replica: the store lacks what this host once "
			     "acknowledged -> it does not count until it has "
			     "caught up");
	}
}

static void leave_old_cluster(struct ha_replica *r)
{
	if (!r->meta.suspect && !r->install_flight &&
	    replica_given_up(r, r->params.self, &r->cur)) {
		r->meta.suspect = true;
		r->meta_due = true;
		replica_note(r, "replica: the cluster goes on without this host, "
			     "which was given up -> its store does not count "
			     "any more; empty it to join again");
	}
}

static void learn_acks(struct ha_replica *r, const struct ha_replica_meta *m)
{
	for (unsigned i = 0; i < HA_HOSTS_MAX; i++) {
		uint64_t e = m->acked_epoch[i];

		if (e > r->seen_epoch[i] ||
		    (e == r->seen_epoch[i] &&
		     m->acked_index[i] > r->seen_index[i])) {
			r->seen_epoch[i] = e;
			r->seen_index[i] = m->acked_index[i];
		}
	}
}

/* Does the sender not take part in what this host proposed? */
static bool is_late(const struct ha_replica *r, ha_hostid h)
{
	const struct replica_proposal *c = &r->cur_epoch;

	if (c->proposer != r->params.self || h == r->params.self ||
	    replica_level_fit(r, ha_host_bit(h)) == 0) {
		return false;
	}
	return !ha_host_in(c->members, h) ||
	       (!ha_host_in(c->promised, h) &&
		r->now - c->since >= r->params.token);
}

void replica_hello_heard(struct ha_replica *r, const struct ha_rmsg *m)
{
	bool news = !r->peers[m->from - 1].heard;

	replica_state_heard(r, m);
	if (replica_is_empty(&m->base) || replica_is_empty(&r->cur) ||
	    replica_related(&m->base, m->from, &r->cur, r->params.self)) {
		learn_acks(r, &m->meta);
		doubt_self(r);
	} else if (news) {
		replica_note(r, "host %u: holds another cluster's state -> "
			     "ignored", m->from);
	}
	leave_old_cluster(r);
	if (news) {
		r->heard_at = r->now;
		replica_level_heard(r, m->from);
	}
	if (is_late(r, m->from)) {
		r->late |= ha_host_bit(m->from);
	}
	if (m->mute && m->from == r->cur_epoch.proposer &&
	    !r->cur_epoch.gave_up) {
		r->cur_epoch.gave_up = true;
		r->cur_epoch.quiet = r->now;
	}
}
