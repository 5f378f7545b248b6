/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What would let in a VM that was left out: memory or vcpus on the host that
 * is nearest to taking it; fewest VMs of lower priority to stop; one running
 * VM to migrate. Each is tried out on the room, never just computed.
 */
#include <assert.h>

#include "policy/planner.h"

#define MOVERS_TRIED 2000

struct victims { /* on each host, as they are met */
	uint32_t vms[HA_HOSTS_MAX][HA_VICTIMS_MAX];
	uint8_t count[HA_HOSTS_MAX];
	int64_t memory_short[HA_HOSTS_MAX];
	int64_t vcpus_short[HA_HOSTS_MAX];
};

static int64_t memory_short(const struct ha_room *r, uint32_t vm, ha_hostid h)
{
	return (int64_t)r->pool->vms[vm].memory_kib - r->memory_free[h - 1];
}

static int64_t vcpus_short(const struct ha_room *r, uint32_t vm, ha_hostid h)
{
	return (int64_t)r->pool->vms[vm].vcpus - r->vcpus_free[h - 1];
}

static uint64_t positive(int64_t n)
{
	return n > 0 ? (uint64_t)n : 0;
}

/* Times 2^18; what would overflow is far enough. */
static uint64_t in_2_18(int64_t n)
{
	uint64_t most = (uint64_t)1 << 45;
	uint64_t p = positive(n);

	return (p < most ? p : most) << 18;
}

/* How near a host is to taking the VM; less is nearer. Rules are farther
 * than room, since somebody wanted them. */
static uint64_t distance(const struct ha_room *r, uint32_t vm,
			 const struct ha_explain *e)
{
	const struct ha_pool_host *h = r->host[e->host - 1];
	uint64_t memory = in_2_18(memory_short(r, vm, e->host));
	uint64_t vcpus = in_2_18(vcpus_short(r, vm, e->host));

	if (e->verdict != HA_VERDICT_MEMORY && e->verdict != HA_VERDICT_VCPUS) {
		return (uint64_t)1 << 63 | (HA_VERDICT_VCPUS - e->verdict);
	}
	memory /= h->memory_kib > 0 ? h->memory_kib : 1;
	vcpus /= h->vcpus > 0 ? h->vcpus : 1;
	return memory > vcpus ? memory : vcpus;
}

void ha_planner_find_nearest(const struct ha_planner *p, uint32_t vm,
			     struct ha_recovery_miss *m)
{
	struct ha_explain all[HA_HOSTS_MAX];
	uint64_t best = UINT64_MAX;

	assert(p->room.at[vm] == HA_HOST_NONE);
	m->verdict = HA_VERDICT_UNUSABLE;
	(void)ha_choose_explain(&p->room, vm, &p->how, all); /* none, we know */
	for (size_t i = 0; i < p->room.pool->host_count; i++) {
		uint64_t d = distance(&p->room, vm, &all[i]);

		if (all[i].verdict == HA_VERDICT_UNUSABLE || d >= best) {
			continue;
		}
		best = d;
		m->host = all[i].host;
		m->verdict = all[i].verdict;
		m->group = all[i].group;
	}
	if (m->verdict == HA_VERDICT_MEMORY || m->verdict == HA_VERDICT_VCPUS) {
		m->memory_missing_kib =
			positive(memory_short(&p->room, vm, m->host));
		m->vcpus_missing = positive(vcpus_short(&p->room, vm, m->host));
	}
}

static void count_victim(struct victims *v, const struct ha_pool_vm *vm,
			 uint32_t index, ha_hostid h)
{
	size_t n = h - 1;

	v->memory_short[n] -= (int64_t)vm->memory_kib;
	v->vcpus_short[n] -= (int64_t)vm->vcpus;
	v->vms[n][v->count[n]++] = index;
}

static bool is_enough(const struct victims *v, size_t n)
{
	return v->memory_short[n] <= 0 && v->vcpus_short[n] <= 0;
}

/* Who would do without, on each host: from the lowest priority on, of each
 * the largest first, until it is enough. */
static void gather_victims(const struct ha_planner *p, uint32_t vm,
			   ha_hostset hosts, struct victims *v)
{
	size_t tier = p->room.pool->vms[vm].priority;

	for (ha_hostset s = hosts; s;) {
		ha_hostid h = ha_hostset_pop(&s);

		v->count[h - 1] = 0;
		v->memory_short[h - 1] = memory_short(&p->room, vm, h);
		v->vcpus_short[h - 1] = vcpus_short(&p->room, vm, h);
	}
	for (size_t t = HA_PRIORITY_DISABLED; t-- > tier + 1;) {
		for (size_t i = p->tier_first[t]; i < p->tier_first[t + 1]; i++) {
			uint32_t w = p->order[i];
			ha_hostid h = p->room.at[w];

			if (ha_host_in(hosts, h) && !is_enough(v, h - 1) &&
			    v->count[h - 1] < HA_VICTIMS_MAX) {
				count_victim(v, &p->room.pool->vms[w], w, h);
			}
		}
	}
}

/* Spares those whom the others make superfluous, the highest first. */
static void spare_victims(const struct ha_pool *pool, struct victims *v,
			  size_t n)
{
	for (size_t i = v->count[n]; i-- > 0;) {
		const struct ha_pool_vm *vm = &pool->vms[v->vms[n][i]];

		if (v->memory_short[n] + (int64_t)vm->memory_kib <= 0 &&
		    v->vcpus_short[n] + (int64_t)vm->vcpus <= 0) {
			v->memory_short[n] += (int64_t)vm->memory_kib;
			v->vcpus_short[n] += (int64_t)vm->vcpus;
			v->count[n]--;
			memmove(&v->vms[n][i], &v->vms[n][i + 1],
				(v->count[n] - i) * sizeof(v->vms[n][i]));
		}
	}
}

/* Of two hosts: the one whose most important victim is less important, then
 * the one with fewer. Victims stand by rising importance. */
static bool is_milder(const struct ha_pool *pool, const struct victims *v,
		      ha_hostid a, ha_hostid b)
{
	uint8_t na = v->count[a - 1], nb = v->count[b - 1];
	enum ha_priority pa = pool->vms[v->vms[a - 1][na - 1]].priority;
	enum ha_priority pb = pool->vms[v->vms[b - 1][nb - 1]].priority;

	return pa != pb ? pa > pb : na < nb;
}

void ha_planner_find_victims(const struct ha_planner *p, uint32_t vm,
			     struct ha_recovery_miss *m)
{
	struct victims v;
	ha_hostset hosts = ha_room_open(&p->room, vm);

	gather_victims(p, vm, hosts, &v);
	for (ha_hostset s = hosts; s;) {
		ha_hostid h = ha_hostset_pop(&s);

		if (!is_enough(&v, h - 1)) {
			continue;
		}
		spare_victims(p->room.pool, &v, h - 1);
		if (v.count[h - 1] > 0 &&
		    (m->victim_host == HA_HOST_NONE ||
		     is_milder(p->room.pool, &v, h, m->victim_host))) {
			m->victim_host = h;
			m->victim_count = v.count[h - 1];
		}
	}
	if (m->victim_host != HA_HOST_NONE) {
		memcpy(m->victims, v.vms[m->victim_host - 1],
		       m->victim_count * sizeof(m->victims[0]));
	}
}

/* Would it help to migrate w away, and where could it go? */
static ha_hostid try_mover(struct ha_planner *p, uint32_t vm, uint32_t w)
{
	struct ha_choose_how elsewhere = p->how, here = p->how;
	ha_hostid from = p->room.at[w];
	ha_hostid to = HA_HOST_NONE;

	here.only = ha_host_bit(from);
	elsewhere.only = ~here.only;
	ha_room_give(&p->room, w);
	if (ha_choose(&p->room, vm, &here) != HA_HOST_NONE) {
		ha_room_take(&p->room, vm, from);
		to = ha_choose(&p->room, w, &elsewhere);
		ha_room_give(&p->room, vm);
	}
	ha_room_take(&p->room, w, from);
	return to;
}

/* The lowest, then smallest running VM that it takes. */
void ha_planner_find_mover(struct ha_planner *p, uint32_t vm,
			   struct ha_recovery_miss *m)
{
	const struct ha_pool_vm *v = &p->room.pool->vms[vm];
	ha_hostset hosts = p->room.usable & v->reaches & v->allowed;
	unsigned left = MOVERS_TRIED;

	for (size_t i = p->tier_first[HA_PRIORITY_DISABLED]; i-- > 0 && left;) {
		uint32_t w = p->order[i];
		const struct ha_pool_vm *other = &p->room.pool->vms[w];
		ha_hostid h = p->room.at[w];

		if (h != p->home[i] || !ha_host_in(hosts, h) ||
		    memory_short(&p->room, vm, h) > (int64_t)other->memory_kib ||
		    vcpus_short(&p->room, vm, h) > (int64_t)other->vcpus) {
			continue;
		}
		left--;
		m->mover_to = try_mover(p, vm, w);
		if (m->mover_to != HA_HOST_NONE) {
			m->mover = w;
			m->mover_from = h;
			return;
		}
	}
}
