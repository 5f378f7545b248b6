/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/recovery.h"

#include <assert.h>

#include "policy/planner.h"

/* Counts a VM that was stopped among those to place, where it belongs. */
static void add_to_lost(struct ha_planner *p, uint32_t vm)
{
	size_t at = p->wanted_count;

	assert(p->lost_count < p->room.pool->vm_count);
	while (at > 0 && p->rank[p->lost[at - 1]] > p->rank[vm]) {
		at--;
	}
	memmove(&p->lost[at + 1], &p->lost[at],
		(p->lost_count - at) * sizeof(p->lost[0]));
	p->lost[at] = vm;
	p->lost_count++;
	p->wanted_count++;
}

static void stop_victims(struct ha_planner *p, const struct ha_recovery_miss *m)
{
	for (size_t i = 0; i < m->victim_count; i++) {
		uint32_t w = m->victims[i];
		bool runs = p->room.at[w] == p->home[p->rank[w]] &&
			    ha_host_in(p->room.usable, p->room.at[w]);

		ha_room_give(&p->room, w);
		if (runs) {
			p->stopped[p->answer.stopped_count++] = w;
			add_to_lost(p, w);
		}
	}
}

/* Room for those left out, by priority, at the cost of lower ones; who had to
 * give way may then find another place. */
static void preempt(struct ha_planner *p)
{
	struct ha_recovery_miss m;

	for (size_t i = 0; i < p->wanted_count; i++) {
		uint32_t vm = p->lost[i];
		ha_hostid host;

		if (p->room.at[vm] != HA_HOST_NONE) {
			continue;
		}
		host = ha_choose(&p->room, vm, &p->how);
		if (host == HA_HOST_NONE) {
			m = (struct ha_recovery_miss){ .vm = vm };
			ha_planner_find_victims(p, vm, &m);
			host = m.victim_host;
			if (host == HA_HOST_NONE) {
				continue;
			}
			stop_victims(p, &m);
		}
		ha_room_take(&p->room, vm, host);
	}
}

static uint8_t broken_by(struct ha_planner *p, uint32_t vm)
{
	ha_hostid host = p->room.at[vm];
	uint8_t broken;

	ha_room_give(&p->room, vm);
	broken = ha_choose_broken(&p->room, vm, host);
	ha_room_take(&p->room, vm, host);
	return broken;
}

/* What each host starts when: the n-th VM of a host in the wave n / starts. */
static void tell_steps(struct ha_planner *p, bool tiers_wait)
{
	uint32_t started[HA_HOSTS_MAX] = { 0 }; /* since the tier's first wave */
	uint32_t first = 0, last = 0;
	enum ha_priority tier = HA_PRIORITY_HIGHEST;

	for (size_t i = 0; i < p->room.pool->host_count; i++) {
		const struct ha_pool_host *h = &p->room.pool->hosts[i];

		started[h->id - 1] = h->starting;
	}
	for (size_t i = 0; i < p->wanted_count; i++) {
		uint32_t vm = p->lost[i];
		ha_hostid host = p->room.at[vm];
		struct ha_recovery_step *s = &p->steps[p->answer.step_count];
		uint32_t most;

		if (host == HA_HOST_NONE) {
			p->left_out[p->answer.left_out_count++] = vm;
			continue;
		}
		if (tiers_wait && p->room.pool->vms[vm].priority != tier) {
			first = p->answer.step_count > 0 ? last + 1 : 0;
			memset(started, 0, sizeof(started));
		}
		tier = p->room.pool->vms[vm].priority;
		most = p->room.host[host - 1]->starts_max;
		*s = (struct ha_recovery_step){
			.vm = vm, .host = host,
			.wave = first + (most ? started[host - 1]++ / most : 0),
			.broken = broken_by(p, vm) };
		last = s->wave > last ? s->wave : last;
		p->answer.broken_count += s->broken != 0;
		p->answer.step_count++;
	}
}

static void sort_steps(struct ha_planner *p)
{
	for (size_t i = 0; i < p->answer.step_count; i++) {
		p->keys[i] = (uint64_t)p->steps[i].wave << 32 | i;
		p->steps_other[i] = p->steps[i];
	}
	ha_planner_sort_keys(p, p->answer.step_count);
	for (size_t i = 0; i < p->answer.step_count; i++) {
		p->steps[i] = p->steps_other[(uint32_t)p->keys[i]];
	}
}

/* What is missing is told as if each one before had got what it lacks: so all
 * of it together lets in all. */
static void tell_nearest(struct ha_planner *p)
{
	size_t count = p->answer.miss_count;

	for (size_t i = 0; i < count; i++) {
		struct ha_recovery_miss *m = &p->misses[i];

		ha_planner_find_nearest(p, m->vm, m);
		if (m->memory_missing_kib > 0 || m->vcpus_missing > 0) {
			ha_room_take(&p->room, m->vm, m->host);
		}
	}
	for (size_t i = 0; i < count; i++) {
		if (p->room.at[p->misses[i].vm] != HA_HOST_NONE) {
			ha_room_give(&p->room, p->misses[i].vm);
		}
	}
}

static void tell_misses(struct ha_planner *p)
{
	size_t count = p->answer.left_out_count;

	p->answer.miss_count = count < HA_MISSES_TOLD ? count : HA_MISSES_TOLD;
	for (size_t i = 0; i < p->answer.miss_count; i++) {
		struct ha_recovery_miss *m = &p->misses[i];

		*m = (struct ha_recovery_miss){ .vm = p->left_out[i] };
		ha_planner_find_victims(p, m->vm, m);
		ha_planner_find_mover(p, m->vm, m);
	}
	tell_nearest(p);
}

void ha_planner_tell(struct ha_planner *p, bool tiers_wait)
{
	tell_steps(p, tiers_wait);
	sort_steps(p);
	tell_misses(p);
	p->answer.proven = p->proven;
}

const struct ha_recovery *ha_recovery_plan(struct ha_planner *p,
					   const struct ha_recovery_ask *ask)
{
	p->how = (struct ha_choose_how){ .score = ask->score,
					 .recovery = true };
	p->effort = ask->effort;
	ha_planner_fail(p, ask->lost, ask->waiting);
	(void)ha_planner_fill(p); /* counted below, as it is told */
	if (ask->preempt) {
		preempt(p);
		p->proven = false;
	}
	ha_planner_tell(p, ask->tiers_wait);
	ha_planner_restore(p);
	return &p->answer;
}
