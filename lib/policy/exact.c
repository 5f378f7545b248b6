/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Branch and bound over the places of a few lost VMs, by priority: each host
 * in turn, then left out. A branch ends when it leaves out, with those that
 * fit nowhere any more, no fewer than the best plan yet. What closes a host to
 * a VM only grows while VMs are placed (but for the first of a TOGETHER rule,
 * which closes all others), so who fits nowhere now fits nowhere below.
 */
#include <assert.h>

#include "policy/planner.h"

struct search {
	struct ha_planner *p;
	uint32_t vms[HA_EXACT_VMS_MAX]; /* in order */
	size_t count;
	struct ha_left_out hopeless; /* from the start; not in vms */
	struct ha_left_out best;     /* with these */
};

static enum ha_priority tier_of(const struct ha_planner *p, uint32_t vm)
{
	return p->room.pool->vms[vm].priority;
}

static ha_hostset places_of(const struct ha_planner *p, uint32_t vm)
{
	return ha_room_fits(&p->room, vm, ha_room_open(&p->room, vm));
}

/* Left out at least, below here. */
static struct ha_left_out least(const struct search *s, size_t from,
				const struct ha_left_out *left)
{
	struct ha_left_out l = *left;

	for (size_t i = from; i < s->count; i++) {
		if (places_of(s->p, s->vms[i]) == 0) {
			l.count[tier_of(s->p, s->vms[i])]++;
			l.all++;
		}
	}
	return l;
}

static void accept(struct search *s, const struct ha_left_out *left)
{
	s->best = *left;
	ha_planner_keep(s->p);
}

/* Gives whether the branch was searched to its end. */
static bool descend(struct search *s, size_t i, const struct ha_left_out *left)
{
	struct ha_planner *p = s->p;
	struct ha_left_out l = least(s, i, left);
	uint32_t cost = (uint32_t)(s->count - i + 1) * 4;
	ha_hostset places;

	if (!ha_left_out_fewer(&l, &s->best)) {
		return true;
	}
	if (i == s->count) {
		accept(s, left);
		return true;
	}
	if (p->exact_left < cost) {
		return false;
	}
	p->exact_left -= cost;
	/* the host that pleases most comes first, the others by id */
	places = places_of(p, s->vms[i]);
	for (ha_hostid first = ha_choose(&p->room, s->vms[i], &p->how); places;) {
		ha_hostid h = first != HA_HOST_NONE ? first
						    : ha_hostset_first(places);
		bool ended;

		places &= ~ha_host_bit(h);
		first = HA_HOST_NONE;
		ha_room_take(&p->room, s->vms[i], h);
		ended = descend(s, i + 1, left);
		ha_room_give(&p->room, s->vms[i]);
		if (!ended) {
			return false;
		}
	}
	l = *left;
	l.count[tier_of(p, s->vms[i])]++;
	l.all++;
	return descend(s, i + 1, &l);
}

/* The plan that is kept, counted. */
static struct ha_left_out count_kept(const struct ha_planner *p)
{
	struct ha_left_out left = { .all = 0 };

	for (size_t i = 0; i < p->wanted_count; i++) {
		if (p->kept[i] == HA_HOST_NONE) {
			left.count[tier_of(p, p->lost[i])]++;
			left.all++;
		}
	}
	return left;
}

void ha_planner_search(struct ha_planner *p)
{
	struct search s = { .p = p, .best = count_kept(p) };

	for (size_t i = 0; i < p->wanted_count; i++) {
		uint32_t vm = p->lost[i];

		assert(p->room.at[vm] == HA_HOST_NONE);
		if (places_of(p, vm) == 0) {
			s.hopeless.count[tier_of(p, vm)]++;
			s.hopeless.all++;
		} else if (s.count == HA_EXACT_VMS_MAX) {
			return; /* too many */
		} else {
			s.vms[s.count++] = vm;
		}
	}
	p->proven = descend(&s, 0, &s.hopeless);
}
