/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/ring.h"

#include <assert.h>
#include <stdlib.h>

#include "sim/world.h"

#define MERGE_DELAY HA_MS(300)  /* until hosts that hear each other join */
#define SYNC_DELAY HA_MS(3)     /* from a ring to the view at a hacd, most */
#define LAST_WORDS HA_MS(2)     /* of the holder of a token that is lost */

/* Until the token is given up, and then until all agree on who is there:
 * consensus is 1.2 times the token. */
static ha_dur broken_time(const struct sim *s)
{
	return sim_net_token(s) * 11 / 5;
}

static bool runs(const struct sim *s, ha_hostid host)
{
	const struct sim_host *h = &s->hosts[host - 1];

	return h->exists && h->corosync.up && !h->corosync.hung && !h->hung;
}

/* Hosts that will form one ring with this one. Where hearing is not mutual
 * among all, who comes first in a drawn order is taken first. */
static ha_hostset group_of(const struct sim *s, ha_hostid first,
			   ha_hostset taken)
{
	ha_hostset group = ha_host_bit(first);

	for (ha_hostid k = 0; k < s->host_max; k++) {
		ha_hostid h = (ha_hostid)((k + s->net_mix) % s->host_max) + 1;
		bool all = runs(s, h) && !ha_host_in(taken, h);

		for (ha_hostset set = group; set && all;) {
			all = sim_link_hears(s, h, ha_hostset_pop(&set));
		}
		if (all) {
			group |= ha_host_bit(h);
		}
	}
	return group;
}

bool sim_ring_orders(const struct sim *s, const struct sim_ring *r,
		     ha_hostid host)
{
	return r && (!r->broken ||
		     (host == r->holder && s->now < r->silent_at));
}

/* --- quorum --- */

static bool all_seen(struct sim *s, const struct sim_ring *r)
{
	bool seen = (s->nodelist & ~r->members) == 0;

	for (ha_hostset set = r->members; set && !seen;) {
		seen = sim_host(s, ha_hostset_pop(&set))->corosync.all_seen;
	}
	return seen;
}

/* Of what its members count on, the most; votequorum(5). */
static unsigned expected_by(const struct sim *s, const struct sim_ring *r)
{
	unsigned all = ha_hostset_count(s->nodelist) + sim_qdevice_votes(s);
	unsigned most = 0;

	for (ha_hostset set = r->members; set;) {
		unsigned n = s->hosts[ha_hostset_pop(&set) - 1].corosync.expected;

		n = n > 0 ? n : all;
		most = n > most ? n : most;
	}
	return most;
}

bool sim_ring_quorate(struct sim *s, ha_hostid host)
{
	struct sim_corosync *co = &sim_host(s, host)->corosync;
	unsigned votes = ha_hostset_count(co->ring->members) +
			 sim_qdevice_gives(s, co->ring);
	unsigned expected = expected_by(s, co->ring);
	bool wait = s->params.wait_for_all || s->params.two_node;

	expected = expected > votes ? expected : votes;
	if (all_seen(s, co->ring)) {
		co->all_seen = true;
	}
	if (wait && !co->all_seen) {
		return false;
	}
	if (2 * votes > expected || (s->params.two_node && expected == 2)) {
		return true;
	}
	return s->params.auto_tie_breaker && 2 * votes == expected &&
	       ha_host_in(co->ring->members, ha_hostset_first(s->nodelist));
}

/* --- rings --- */

static void unref_ring(struct sim_ring *r)
{
	if (!r || --r->refs > 0) {
		return;
	}
	for (size_t i = 0; i < r->count; i++) {
		sim_msg_unref(r->packets[i].msg);
	}
	free(r->packets);
	free(r);
}

/* Those of the old ring who go on together get what any of them had. */
static void share_packets(struct sim *s, struct sim_ring *r,
			  ha_hostset together)
{
	for (size_t i = 0; i < r->count; i++) {
		if ((r->packets[i].got & together) != 0) {
			r->packets[i].got |= together;
		}
	}
	for (ha_hostset set = together; set;) {
		sim_net_drain(s, ha_hostset_pop(&set), true);
	}
}

static void leave_rings(struct sim *s, ha_hostset group)
{
	for (ha_hostset set = group; set;) {
		struct sim_ring *r =
			sim_host(s, ha_hostset_first(set))->corosync.ring;
		ha_hostset together = 0;

		for (ha_hostset rest = set; rest;) {
			ha_hostid h = ha_hostset_pop(&rest);

			if (sim_host(s, h)->corosync.ring == r) {
				together |= ha_host_bit(h);
			}
		}
		set &= ~together;
		if (r) {
			share_packets(s, r, together);
		}
		while (together) {
			sim_host(s, ha_hostset_pop(&together))->corosync.ring =
				NULL;
			unref_ring(r);
		}
	}
}

static void enter_ring(struct sim *s, struct sim_ring *r, ha_hostid host)
{
	struct sim_host *h = sim_host(s, host);
	struct sim_corosync *co = &h->corosync;

	co->ring = r;
	r->refs++;
	co->next = 0;
	co->group = r->group;
	co->view = r->view;
	/* not before that of the last ring, when one follows at once */
	co->view_at = sim_grained(s, ha_time_max(s->now, co->view_at) + 100 +
					     sim_rand_dur(s, SYNC_DELAY));
	if (ha_host_in(r->group, host)) {
		h->in_group = true;
	}
	/* later than what it still got of the old ring */
	sim_net_tell_view(s, host, co->view_at - s->now);
	sim_net_flush(s, host);
}

static void log_ring(struct sim *s, const struct sim_ring *r)
{
	char names[256] = "";
	size_t len = 0;

	for (ha_hostset set = r->members; set && len < sizeof(names) - 70;) {
		len += (size_t)snprintf(names + len, sizeof(names) - len, " %s",
				sim_host(s, ha_hostset_pop(&set))->name);
	}
	sim_log(s, 0, "corosync: ring %llu:%s",
		(unsigned long long)r->view, names);
}

static void form_ring(struct sim *s, ha_hostset group)
{
	struct sim_ring *r = sim_alloc(sizeof(*r));

	/* whose hacd has joined, and is known to by those who come */
	for (ha_hostset set = group; set;) {
		ha_hostid h = ha_hostset_pop(&set);
		const struct sim_ring *old = sim_host(s, h)->corosync.ring;

		if (old && ha_host_in(old->group, h)) {
			r->group |= ha_host_bit(h);
		}
	}
	leave_rings(s, group);
	r->view = ++s->views;
	r->members = group;
	log_ring(s, r);
	for (ha_hostset set = group; set;) {
		enter_ring(s, r, ha_hostset_pop(&set));
	}
	sim_qdevice_changed(s);
}

/* --- when --- */

static void note_broken(struct sim *s, struct sim_ring *r, bool broken)
{
	ha_hostset left = 0;
	unsigned pick;

	broken = broken || r->lost;
	if (r->broken == broken) {
		return;
	}
	r->broken = broken;
	if (!broken) {
		sim_net_resend(s, r);
		for (ha_hostset set = r->members; set;) {
			sim_net_flush(s, ha_hostset_pop(&set));
		}
		return;
	}
	r->broken_at = s->now;
	r->silent_at = s->now + sim_rand_dur(s, LAST_WORDS);
	for (ha_hostset set = r->members; set;) {
		ha_hostid h = ha_hostset_pop(&set);

		left |= runs(s, h) ? ha_host_bit(h) : 0;
	}
	if (left == 0) {
		return;
	}
	pick = (unsigned)ha_rand_below(&s->rand, ha_hostset_count(left));
	for (r->holder = ha_hostset_pop(&left); pick > 0; pick--) {
		r->holder = ha_hostset_pop(&left);
	}
}

static bool one_ring(struct sim *s, ha_hostset group)
{
	struct sim_ring *r =
		sim_host(s, ha_hostset_first(group))->corosync.ring;

	for (ha_hostset set = group; set;) {
		if (sim_host(s, ha_hostset_pop(&set))->corosync.ring != r) {
			return false;
		}
	}
	return true;
}

/* When these will be one ring; HA_TIME_NEVER: they are. */
static ha_time group_due(struct sim *s, ha_hostset group)
{
	ha_time due = 0;
	bool same = true;

	for (ha_hostset set = group; set;) {
		struct sim_corosync *co =
			&sim_host(s, ha_hostset_pop(&set))->corosync;

		if (co->ring && !co->ring->lost &&
		    co->ring->members == group && one_ring(s, group)) {
			note_broken(s, co->ring, false);
			co->alone_since = HA_TIME_NEVER;
			continue;
		}
		same = false;
		if (co->alone_since == HA_TIME_NEVER) {
			co->alone_since = s->now + sim_rand_dur(s, HA_MS(100));
		}
		if (!co->ring) {
			due = ha_time_max(due, co->alone_since);
		} else if (co->ring->lost ||
			   (co->ring->members & ~group) != 0) {
			note_broken(s, co->ring, true);
			due = ha_time_max(due, co->ring->broken_at +
						       broken_time(s));
			due = ha_time_max(due, co->alone_since);
		} else {
			due = ha_time_max(due, co->alone_since + MERGE_DELAY);
		}
	}
	return same ? HA_TIME_NEVER : due;
}

static void look(struct sim *s, const struct sim_pend *p);

static void look_at(struct sim *s, ha_time at)
{
	if (at >= s->net_at && s->net_at > s->now) {
		return;
	}
	at = sim_grained(s, at);
	s->net_at = at;
	sim_after(s, at - s->now, (struct sim_pend){ .fn = look });
}

/* Forms those rings whose time has come. */
static void form_due(struct sim *s)
{
	ha_hostset taken = 0;
	ha_time next = HA_TIME_NEVER;

	for (ha_hostid k = 0; k < s->host_max; k++) {
		ha_hostid h = (ha_hostid)((k + s->net_mix) % s->host_max) + 1;
		ha_hostset group;
		ha_time due;

		if (!runs(s, h) || ha_host_in(taken, h)) {
			continue;
		}
		group = group_of(s, h, taken);
		taken |= group;
		due = group_due(s, group);
		if (due <= s->now) {
			form_ring(s, group);
		} else if (due != HA_TIME_NEVER) {
			next = ha_time_min(next, due);
		}
	}
	if (next != HA_TIME_NEVER) {
		look_at(s, next);
	}
}

void sim_ring_lose_token(struct sim *s, struct sim_ring *r)
{
	sim_log(s, 0, "corosync: ring %llu: the token is lost",
		(unsigned long long)r->view);
	r->lost = true;
	note_broken(s, r, true);
	sim_net_changed(s);
}

static void look(struct sim *s, const struct sim_pend *p)
{
	if (p->at == s->net_at) {
		s->net_at = 0;
		form_due(s);
	}
}

void sim_net_changed(struct sim *s)
{
	s->changes++;
	s->net_mix = ha_rand_u64(&s->rand) % 1024;
	look_at(s, s->now);
	sim_qdevice_changed(s);
}

static void wake_corosync(struct sim_corosync *co)
{
	co->up = true;
	co->hung = false;
	co->all_seen = false;
	co->expected = 0;
	co->alone_since = HA_TIME_NEVER;
	co->group = 0;
	co->gen++;
}

void sim_net_start(struct sim *s, ha_hostid host)
{
	wake_corosync(&sim_host(s, host)->corosync);
	sim_net_changed(s);
}

void sim_net_stop(struct sim *s, ha_hostid host)
{
	struct sim_corosync *co = &sim_host(s, host)->corosync;

	if (!co->up) {
		return;
	}
	co->up = false;
	co->gen++;
	sim_net_clear_queue(co);
	unref_ring(co->ring);
	co->ring = NULL;
	sim_net_changed(s);
}

void sim_net_tell_views(struct sim *s, ha_hostset hosts)
{
	while (hosts) {
		ha_hostid h = ha_hostset_pop(&hosts);

		if (h <= s->host_max && sim_host(s, h)->in_group) {
			sim_net_join(s, h);
		}
	}
}

void sim_net_set_nodes(struct sim *s, ha_hostset nodes)
{
	s->nodelist = nodes;
	sim_net_tell_views(s, nodes);
	sim_net_changed(s);
}

void sim_net_expect(struct sim *s, ha_hostid host, unsigned votes)
{
	const struct sim_ring *r = sim_host(s, host)->corosync.ring;
	ha_hostset members = r ? r->members : 0;

	s->changes++;
	for (ha_hostset set = members; set;) {
		struct sim_corosync *co =
			&sim_host(s, ha_hostset_pop(&set))->corosync;

		co->expected = votes;
		co->all_seen = true;
	}
	sim_net_tell_views(s, members);
}

void sim_net_fini(struct sim *s)
{
	for (ha_hostid h = 1; h <= HA_HOSTS_MAX; h++) {
		struct sim_corosync *co = &sim_host(s, h)->corosync;

		sim_net_clear_queue(co);
		unref_ring(co->ring);
		free(co->queue);
	}
}
