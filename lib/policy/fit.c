/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First fit: each lost VM, in order, to the first host that takes it, in the
 * order of ids from a turn of the hosts on. Cheap; fill.c tries it last.
 */
#include "policy/fit.h"

#include "policy/planner.h"

struct search {
	struct ha_planner *p;
	ha_hostset early;   /* hosts before the turn: they come last */
};

static ha_hostid find(const struct search *s, ha_hostset open, int64_t memory,
		      int64_t vcpus)
{
	const struct ha_room *r = &s->p->room;
	ha_hostset parts[] = { open & ~s->early, open & s->early };

	for (size_t i = 0; i < 2; i++) {
		while (parts[i]) {
			ha_hostid h = ha_hostset_pop(&parts[i]);

			if (r->memory_free[h - 1] >= memory &&
			    r->vcpus_free[h - 1] >= vcpus) {
				return h;
			}
		}
	}
	return HA_HOST_NONE;
}

/* False: it does not fit there. */
static bool take(const struct search *s, uint32_t vm, ha_hostset open)
{
	const struct ha_pool_vm *v = &s->p->room.pool->vms[vm];
	ha_hostid host = find(s, open, (int64_t)v->memory_kib,
			      (int64_t)v->vcpus);

	if (host == HA_HOST_NONE) {
		return false;
	}
	ha_room_take(&s->p->room, vm, host);
	return true;
}

/* All that go together to one host, if there is one for all; else each goes
 * where it can. */
static void place_block(const struct search *s, uint16_t group)
{
	struct ha_planner *p = s->p;
	struct ha_block b = ha_planner_measure_block(p, group);
	ha_hostid host = b.count < 2 ? HA_HOST_NONE
				     : find(s, b.open, b.memory_kib, b.vcpus);

	if (host == HA_HOST_NONE) {
		return;
	}
	for (size_t i = 0; i < p->wanted_count; i++) {
		uint32_t vm = p->lost[i];

		if (p->room.at[vm] == HA_HOST_NONE &&
		    ha_planner_is_in(&p->room.pool->vms[vm], group)) {
			(void)take(s, vm, ha_room_open(&p->room, vm) &
						  ha_host_bit(host));
		}
	}
}

static bool place(const struct search *s, uint32_t vm)
{
	struct ha_planner *p = s->p;
	int group = p->room.pool->vms[vm].group_count == 0
			    ? -1 : ha_planner_unplaced_block(p, vm);

	if (p->room.at[vm] == HA_HOST_NONE && group >= 0) {
		place_block(s, (uint16_t)group);
	}
	return p->room.at[vm] != HA_HOST_NONE ||
	       take(s, vm, ha_room_open(&p->room, vm));
}

bool ha_planner_fit(struct ha_planner *p, unsigned turn)
{
	size_t hosts = p->room.pool->host_count;
	struct search s = { .p = p };

	if (hosts > 0) {
		ha_hostid first =
			p->room.pool->hosts[hosts * turn / HA_FIT_TURNS].id;

		s.early = ha_host_bit(first) - 1;
	}
	for (size_t i = 0; i < p->wanted_count; i++) {
		if (!place(&s, p->lost[i])) {
			return false;
		}
	}
	return true;
}
