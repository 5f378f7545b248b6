/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bound: is there so much room that filling cannot fail?
 *
 * Let hosts S fail, D be the memory and E the vcpus of all VMs to be placed,
 * m(h) and e(h) what is free on a surviving host h, and w one of the VMs. If w
 * finds no place then every host open to it has been filled: either more than
 * m(h) - memory(w) of memory was put there, or more than e(h) - vcpus(w) of
 * vcpus. All of them together got at most D and E. So, with
 *	r(h) = max(0, min((m(h) - memory(w)) / D, (e(h) - vcpus(w)) / E)),
 * the sum of r(h) over the hosts open to w is below 2. Where it is not, w is
 * placed whatever went before; and where that is so for all VMs, the first
 * pass of fill.c leaves out none. Rules: hosts that are closed to w by its
 * host rules are left out of the sum; of a group of n others with at most k in
 * a cell at most n / k cells are full, so as many of the largest r(h) are
 * taken off. VMs that go TOGETHER are one of their common size, if all of them
 * are lost. What has no such form is not settled here.
 */
#include "policy/bound.h"

#include <assert.h>

#include "policy/planner.h"

#define R_BITS 20
#define R_ENOUGH ((uint64_t)2 << R_BITS)

void ha_bound_lay_out(struct ha_bound *b, const struct ha_pool *pool,
		      struct ha_carve *c)
{
	b->lots = ha_carve(c, pool->group_count * sizeof(*b->lots));
	b->vms = ha_carve(c, pool->vm_count * sizeof(*b->vms));
}

static void add_to_lots(struct ha_bound *b, const struct ha_pool_vm *v)
{
	for (size_t k = 0; k < v->group_count; k++) {
		struct ha_bound_lot *lot = &b->lots[v->groups[k]];

		lot->open &= v->reaches & v->allowed;
		lot->memory_kib += (int64_t)v->memory_kib;
		lot->vcpus += (int64_t)v->vcpus;
		lot->hard |= v->group_count > 1;
	}
}

static void fill_lots(struct ha_bound *b, const struct ha_pool *pool)
{
	for (size_t g = 0; g < pool->group_count; g++) {
		b->lots[g] = (struct ha_bound_lot){ .open = ~(ha_hostset)0 };
	}
	for (size_t i = 0; i < pool->vm_count; i++) {
		add_to_lots(b, &pool->vms[i]);
	}
}

static void join_lot(const struct ha_planner *p, uint16_t group,
		     struct ha_bound_vm *d)
{
	const struct ha_bound_lot *lot = &p->bound.lots[group];

	d->open &= lot->open;
	d->memory_kib = lot->memory_kib;
	d->vcpus = lot->vcpus;
	d->hard |= lot->hard;
	d->stays |= p->room.groups[group].seen;
}

static uint32_t largest_domain(const struct ha_room *r)
{
	unsigned most = 0;

	for (size_t d = 0; d < HA_HOSTS_MAX; d++) {
		unsigned n = ha_hostset_count(r->domain_hosts[d]);

		most = n > most ? n : most;
	}
	return most;
}

static void restrict_by_group(const struct ha_planner *p, uint16_t group,
			      struct ha_bound_vm *b)
{
	const struct ha_room_group *g = &p->room.groups[group];
	uint32_t cells = g->cap > 0 ? (g->members - 1) / g->cap : 0;

	switch (p->room.pool->groups[group].kind) {
	case HA_GROUP_TOGETHER:
		join_lot(p, group, b);
		break;
	case HA_GROUP_APART:
		b->closed += cells;
		break;
	case HA_GROUP_SPREAD:
		b->closed += cells * largest_domain(&p->room);
		break;
	}
}

/* False: it may go anywhere. */
static bool describe(const struct ha_planner *p, uint32_t vm,
		     struct ha_bound_vm *ret)
{
	const struct ha_pool_vm *v = &p->room.pool->vms[vm];
	bool free = (p->usable & ~(v->reaches & v->allowed)) == 0;

	*ret = (struct ha_bound_vm){ .open = v->reaches & v->allowed,
				     .memory_kib = (int64_t)v->memory_kib,
				     .vcpus = (int64_t)v->vcpus };
	for (size_t k = 0; k < v->group_count; k++) {
		if (p->room.pool->groups[v->groups[k]].must) {
			restrict_by_group(p, v->groups[k], ret);
			free = false;
		}
	}
	return !free;
}

static void raise(int64_t *most, int64_t to)
{
	*most = to > *most ? to : *most;
}

/* The load of a host that may fail; load 0 is of those that wait. */
static void add_load(struct ha_bound *b, const struct ha_planner *p,
		     size_t rank)
{
	uint32_t vm = p->order[rank];
	struct ha_bound_load *load = &b->loads[p->home[rank]];
	struct ha_bound_vm d;

	if (describe(p, vm, &d)) {
		/* chained per host, so that one pass does */
		d.next = load->first;
		b->vms[b->vm_count] = d;
		load->first = (uint32_t)++b->vm_count;
	}
	load->any = true;
	load->memory_kib += (int64_t)p->room.pool->vms[vm].memory_kib;
	load->vcpus += (int64_t)p->room.pool->vms[vm].vcpus;
	raise(&load->memory_most, d.memory_kib);
	raise(&load->vcpus_most, d.vcpus);
}

void ha_bound_fill(struct ha_bound *b, const struct ha_planner *p)
{
	assert(p->lost_count == 0);
	fill_lots(b, p->room.pool);
	memset(b->loads, 0, sizeof(b->loads));
	b->vm_count = 0;
	for (size_t i = 0; i < p->tier_first[HA_PRIORITY_DISABLED]; i++) {
		if (p->home[i] != HA_HOST_NONE ||
		    p->room.pool->vms[p->order[i]].wanted) {
			add_load(b, p, i);
		}
	}
}

/* (free - need) / all in 2^-20, in 0..2 */
static uint64_t ratio(int64_t rest, int64_t all, uint64_t inverse)
{
	if (rest <= 0) {
		return 0;
	}
	return (uint64_t)(rest < 2 * all ? rest : 2 * all) * inverse >>
	       (61 - R_BITS);
}

struct ratios {
	uint64_t r[HA_HOSTS_MAX];
	uint64_t most;
	ha_hostid rising[HA_HOSTS_MAX]; /* hosts by r, once it is needed */
	size_t count;
};

static struct ha_bound_load sum_loads(const struct ha_bound *b,
				      ha_hostset lost)
{
	struct ha_bound_load sum = b->loads[0];

	for (ha_hostset s = lost; s;) {
		const struct ha_bound_load *l = &b->loads[ha_hostset_pop(&s)];

		sum.any |= l->any;
		sum.memory_kib += l->memory_kib;
		sum.vcpus += l->vcpus;
		raise(&sum.memory_most, l->memory_most);
		raise(&sum.vcpus_most, l->vcpus_most);
	}
	return sum;
}

static void fill_ratios(const struct ha_room *r, ha_hostset hosts,
			const struct ha_bound_load *sum, struct ratios *ret)
{
	int64_t memory = sum->memory_kib > 0 ? sum->memory_kib : 1;
	int64_t vcpus = sum->vcpus > 0 ? sum->vcpus : 1;
	uint64_t by_memory = ((uint64_t)1 << 61) / (uint64_t)memory;
	uint64_t by_vcpus = ((uint64_t)1 << 61) / (uint64_t)vcpus;

	ret->most = 0;
	ret->count = 0;
	for (ha_hostset s = hosts; s;) {
		size_t n = ha_hostset_pop(&s) - 1;
		uint64_t a = ratio(r->memory_free[n] - sum->memory_most,
				   memory, by_memory);
		uint64_t b = ratio(r->vcpus_free[n] - sum->vcpus_most, vcpus,
				   by_vcpus);

		ret->r[n] = a < b ? a : b;
		ret->most = ret->r[n] > ret->most ? ret->r[n] : ret->most;
	}
}

static bool is_enough(const struct ratios *t, ha_hostset hosts,
		      uint32_t closed)
{
	uint64_t enough = R_ENOUGH + closed * t->most;
	uint64_t sum = 0;

	for (ha_hostset s = hosts; s && sum < enough;) {
		sum += t->r[ha_hostset_pop(&s) - 1];
	}
	return sum >= enough;
}

static void sort_hosts(struct ratios *t, ha_hostset hosts)
{
	while (hosts) {
		ha_hostid h = ha_hostset_pop(&hosts);
		size_t i = t->count++;

		for (; i > 0 && t->r[t->rising[i - 1] - 1] > t->r[h - 1]; i--) {
			t->rising[i] = t->rising[i - 1];
		}
		t->rising[i] = h;
	}
}

/* Without the largest, as many as may be closed: the same, more exactly. */
static bool is_enough_without(const struct ratios *t, ha_hostset hosts,
			      uint32_t closed)
{
	unsigned left = ha_hostset_count(hosts);
	uint64_t sum = 0;

	left = left > closed ? left - closed : 0;
	for (size_t i = 0; i < t->count && left > 0; i++) {
		if (ha_host_in(hosts, t->rising[i])) {
			sum += t->r[t->rising[i] - 1];
			left--;
		}
	}
	return sum >= R_ENOUGH;
}

static bool has_place(struct ratios *t, const struct ha_bound_vm *d,
		      ha_hostset left)
{
	if (is_enough(t, d->open & left, d->closed)) {
		return true;
	}
	if (d->closed == 0) {
		return false;
	}
	if (t->count == 0) {
		sort_hosts(t, left);
	}
	return is_enough_without(t, d->open & left, d->closed);
}

/* The VMs of one host, or of none, that may not go anywhere. */
static bool are_settled(const struct ha_bound *b, struct ratios *t,
			uint32_t first, const ha_hostset lost_and_left[2])
{
	for (uint32_t i = first; i != 0; i = b->vms[i - 1].next) {
		const struct ha_bound_vm *d = &b->vms[i - 1];

		if (d->hard || (d->stays & ~lost_and_left[0]) != 0 ||
		    !has_place(t, d, lost_and_left[1])) {
			return false;
		}
	}
	return true;
}

bool ha_bound_settles(const struct ha_bound *b, const struct ha_planner *p,
		      ha_hostset lost)
{
	const ha_hostset lost_and_left[2] = { lost, p->usable & ~lost };
	struct ha_bound_load sum = sum_loads(b, lost);
	struct ratios t;

	if (!sum.any) {
		return true;
	}
	fill_ratios(&p->room, lost_and_left[1], &sum, &t);
	if (!is_enough(&t, lost_and_left[1], 0) ||
	    !are_settled(b, &t, b->loads[0].first, lost_and_left)) {
		return false;
	}
	for (ha_hostset s = lost; s;) {
		if (!are_settled(b, &t, b->loads[ha_hostset_pop(&s)].first,
				 lost_and_left)) {
			return false;
		}
	}
	return true;
}
