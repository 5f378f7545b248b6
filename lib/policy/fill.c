/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finding places for all lost VMs: greedy in several orders, each mended by
 * repair.c, the best of them kept; where that leaves few out, exact.c.
 */
#include <assert.h>

#include "policy/fit.h"
#include "policy/planner.h"

bool ha_planner_is_in(const struct ha_pool_vm *v, uint16_t group)
{
	for (size_t k = 0; k < v->group_count; k++) {
		if (v->groups[k] == group) {
			return true;
		}
	}
	return false;
}

int ha_planner_unplaced_block(const struct ha_planner *p, uint32_t vm)
{
	const struct ha_pool *pool = p->room.pool;
	const struct ha_pool_vm *v = &pool->vms[vm];

	for (size_t k = 0; k < v->group_count; k++) {
		if (pool->groups[v->groups[k]].must &&
		    pool->groups[v->groups[k]].kind == HA_GROUP_TOGETHER &&
		    p->room.groups[v->groups[k]].seen == 0) {
			return v->groups[k];
		}
	}
	return -1;
}

struct ha_block ha_planner_measure_block(const struct ha_planner *p,
					 uint16_t group)
{
	struct ha_block b = { .open = p->room.usable };

	for (size_t i = 0; i < p->wanted_count; i++) {
		const struct ha_pool_vm *v = &p->room.pool->vms[p->lost[i]];

		if (p->room.at[p->lost[i]] == HA_HOST_NONE &&
		    ha_planner_is_in(v, group)) {
			b.memory_kib += (int64_t)v->memory_kib;
			b.vcpus += (int64_t)v->vcpus;
			b.open &= ha_room_open(&p->room, p->lost[i]);
			b.count++;
		}
	}
	return b;
}

/* All members to one host, where they have the room; each goes by its rules
 * alone, since they may be in others too. */
static void place_block(struct ha_planner *p, uint32_t vm, uint16_t group)
{
	struct ha_block b = ha_planner_measure_block(p, group);
	struct ha_choose_how how = p->how;
	ha_hostid host;

	how.only = 0;
	for (ha_hostset s = b.open; s;) {
		ha_hostid h = ha_hostset_pop(&s);

		if (p->room.memory_free[h - 1] >= b.memory_kib &&
		    p->room.vcpus_free[h - 1] >= b.vcpus) {
			how.only |= ha_host_bit(h);
		}
	}
	host = b.count < 2 || how.only == 0 ? HA_HOST_NONE
					    : ha_choose(&p->room, vm, &how);
	if (host == HA_HOST_NONE) {
		return; /* one by one, then: as many as there is room for */
	}
	how.only = ha_host_bit(host);
	for (size_t i = 0; i < p->wanted_count; i++) {
		uint32_t member = p->lost[i];

		if (p->room.at[member] == HA_HOST_NONE &&
		    ha_planner_is_in(&p->room.pool->vms[member], group) &&
		    ha_choose(&p->room, member, &how) != HA_HOST_NONE) {
			ha_room_take(&p->room, member, host);
		}
	}
}

static void place_one(struct ha_planner *p, uint32_t vm)
{
	int group = ha_planner_unplaced_block(p, vm);
	ha_hostid host;

	if (p->room.at[vm] == HA_HOST_NONE && group >= 0) {
		place_block(p, vm, (uint16_t)group);
	}
	if (p->room.at[vm] != HA_HOST_NONE) {
		return;
	}
	host = ha_choose(&p->room, vm, &p->how);
	if (host != HA_HOST_NONE) {
		ha_room_take(&p->room, vm, host);
	} else if (p->effort != HA_EFFORT_GREEDY) {
		(void)ha_planner_repair(p, vm); /* it is left out, then */
	}
}

/* One pass by priority; within one from the largest or from the smallest. */
static void place_all(struct ha_planner *p, bool smallest_first)
{
	size_t start = 0;

	while (start < p->wanted_count) {
		enum ha_priority tier =
			p->room.pool->vms[p->lost[start]].priority;
		size_t end = start;

		while (end < p->wanted_count &&
		       p->room.pool->vms[p->lost[end]].priority == tier) {
			end++;
		}
		for (size_t i = start; i < end; i++) {
			size_t k = smallest_first ? start + end - 1 - i : i;

			place_one(p, p->lost[k]);
		}
		start = end;
	}
}

/* As an earlier plan had it, where that still can be. False: there is none. */
static bool place_as_planned(struct ha_planner *p)
{
	struct ha_choose_how how = p->how;
	bool any = false;

	for (size_t i = 0; i < p->wanted_count; i++) {
		ha_hostid host = p->room.pool->vms[p->lost[i]].planned;

		how.only = host != HA_HOST_NONE ? ha_host_bit(host) : 0;
		if (how.only != 0 &&
		    ha_choose(&p->room, p->lost[i], &how) != HA_HOST_NONE) {
			ha_room_take(&p->room, p->lost[i], host);
			any = true;
		}
	}
	return any;
}

/* Of VMs that are left out: could any have had a place of its own? */
static bool is_hopeless(struct ha_planner *p)
{
	ha_planner_clear(p);
	for (size_t i = 0; i < p->wanted_count; i++) {
		if (p->kept[i] == HA_HOST_NONE &&
		    ha_choose(&p->room, p->lost[i], &p->how) != HA_HOST_NONE) {
			return false;
		}
	}
	return true;
}

static void keep_if_better(struct ha_planner *p, struct ha_left_out *best)
{
	struct ha_left_out left = ha_planner_count(p);

	if (ha_left_out_fewer(&left, best)) {
		*best = left;
		ha_planner_keep(p);
	}
}

struct ha_left_out ha_planner_fill(struct ha_planner *p)
{
	static const struct {
		enum ha_score score;
		bool smallest_first;
	} passes[] = { { HA_SCORE_PACK, false }, { HA_SCORE_PACK, true },
		       { HA_SCORE_SPREAD, true } };
	enum ha_score asked = p->how.score;
	struct ha_left_out best;

	p->repair_left = HA_REPAIR_STEPS;
	p->exact_left = HA_EXACT_STEPS;
	place_all(p, false);
	best = ha_planner_count(p);
	p->proven = best.all == 0;
	if (best.all == 0 || p->effort == HA_EFFORT_GREEDY) {
		return best;
	}
	ha_planner_keep(p);
	ha_planner_clear(p);
	if (place_as_planned(p)) {
		place_all(p, false);
		keep_if_better(p, &best);
	}
	for (size_t i = 0; best.all > 0 && i < 3; i++) {
		ha_planner_clear(p);
		p->how.score = passes[i].score;
		place_all(p, passes[i].smallest_first);
		keep_if_better(p, &best);
	}
	p->how.score = asked;
	for (unsigned turn = 0; best.all > 0 && turn < HA_FIT_TURNS; turn++) {
		ha_planner_clear(p);
		(void)ha_planner_fit(p, turn); /* counted all the same */
		keep_if_better(p, &best);
	}
	p->proven = best.all == 0 || is_hopeless(p);
	ha_planner_clear(p);
	if (!p->proven && p->effort == HA_EFFORT_ALL) {
		ha_planner_search(p);
	}
	ha_planner_apply(p);
	return ha_planner_count(p);
}
