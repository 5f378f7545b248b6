/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/planner.h"

#include <assert.h>

#define SIZE_MAX_SHARE ((uint64_t)1 << 21)

void ha_planner_lay_out(struct ha_planner *p, const struct ha_pool *pool,
			struct ha_carve *c)
{
	size_t n = pool->vm_count;

	ha_room_lay_out(&p->room, pool, c);
	p->order = ha_carve(c, n * sizeof(*p->order));
	p->rank = ha_carve(c, n * sizeof(*p->rank));
	p->home = ha_carve(c, n);
	p->at_home = ha_carve(c, n * sizeof(*p->at_home));
	p->marked = ha_carve(c, (n + 63) / 64 * sizeof(*p->marked));
	p->keys = ha_carve(c, n * sizeof(*p->keys));
	p->keys_other = ha_carve(c, n * sizeof(*p->keys_other));
	p->lost = ha_carve(c, n * sizeof(*p->lost));
	p->kept = ha_carve(c, n);
	p->steps = ha_carve(c, n * sizeof(*p->steps));
	p->steps_other = ha_carve(c, n * sizeof(*p->steps_other));
	p->left_out = ha_carve(c, n * sizeof(*p->left_out));
	p->stopped = ha_carve(c, n * sizeof(*p->stopped));
	ha_bound_lay_out(&p->bound, pool, c);
}

size_t ha_planner_size(const struct ha_pool *pool)
{
	struct ha_planner p;
	struct ha_carve c = { .base = NULL };

	ha_carve(&c, sizeof(p));
	ha_planner_lay_out(&p, pool, &c);
	return c.used;
}

void ha_planner_sort_keys(struct ha_planner *p, size_t n)
{
	for (unsigned shift = 32; shift < 64; shift += 8) {
		size_t first[257] = { 0 };
		uint64_t *from = p->keys;

		for (size_t i = 0; i < n; i++) {
			first[(from[i] >> shift & 255) + 1]++;
		}
		for (size_t b = 0; b < 256; b++) {
			first[b + 1] += first[b];
		}
		for (size_t i = 0; i < n; i++) {
			p->keys_other[first[from[i] >> shift & 255]++] = from[i];
		}
		p->keys = p->keys_other;
		p->keys_other = from;
	}
}

/* What the VM takes of a host as large as the largest of each kind. */
static uint64_t size_of(const struct ha_pool_vm *v, uint64_t memory_most,
			uint64_t vcpus_most)
{
	uint64_t memory = (v->memory_kib << 18) / memory_most;
	uint64_t vcpus = ((uint64_t)v->vcpus << 18) / vcpus_most;
	uint64_t size = memory > vcpus ? memory : vcpus;

	return size < SIZE_MAX_SHARE ? size : SIZE_MAX_SHARE - 1;
}

static void sort_vms(struct ha_planner *p)
{
	const struct ha_pool *pool = p->room.pool;
	uint64_t memory_most = 1, vcpus_most = 1;

	for (size_t i = 0; i < pool->host_count; i++) {
		const struct ha_pool_host *h = &pool->hosts[i];

		memory_most = h->memory_kib > memory_most ? h->memory_kib
							  : memory_most;
		vcpus_most = h->vcpus > vcpus_most ? h->vcpus : vcpus_most;
	}
	for (size_t v = 0; v < pool->vm_count; v++) {
		const struct ha_pool_vm *vm = &pool->vms[v];
		uint64_t size = size_of(vm, memory_most, vcpus_most);

		assert(vm->priority <= HA_PRIORITY_DISABLED);
		p->keys[v] = (uint64_t)vm->priority << 56 |
			     (uint64_t)!vm->needed << 55 |
			     (SIZE_MAX_SHARE - 1 - size) << 32 | v;
	}
	ha_planner_sort_keys(p, pool->vm_count);
	for (size_t i = 0; i < pool->vm_count; i++) {
		p->order[i] = (uint32_t)p->keys[i];
		p->rank[p->order[i]] = (uint32_t)i;
		p->home[i] = (uint8_t)pool->vms[p->order[i]].host;
	}
}

static void find_tiers(struct ha_planner *p)
{
	size_t n = p->room.pool->vm_count;
	size_t i = 0;

	for (size_t tier = 0; tier <= HA_PRIORITY_DISABLED; tier++) {
		p->tier_first[tier] = i;
		while (i < n &&
		       p->room.pool->vms[p->order[i]].priority == tier) {
			i++;
		}
	}
	p->tier_first[HA_PRIORITY_DISABLED + 1] = n;
}

struct ha_planner *ha_planner_init(void *mem, const struct ha_pool *pool)
{
	struct ha_carve c = { .base = mem };
	struct ha_planner *p = ha_carve(&c, sizeof(*p));

	assert(mem);
	assert(pool->vm_count <= HA_VMS_MAX);
	assert(pool->host_count <= HA_HOSTS_MAX);
	memset(p, 0, sizeof(*p));
	ha_planner_lay_out(p, pool, &c);
	memset(p->marked, 0, (pool->vm_count + 63) / 64 * sizeof(*p->marked));
	ha_room_fill(&p->room);
	p->usable = p->room.usable;
	sort_vms(p);
	find_tiers(p);
	return p;
}

void ha_planner_move(struct ha_planner *p, uint32_t vm, ha_hostid host)
{
	if (p->room.at[vm] != HA_HOST_NONE) {
		ha_room_give(&p->room, vm);
	}
	p->home[p->rank[vm]] = (uint8_t)host;
	p->homes_known = false;
	if (host != HA_HOST_NONE) {
		ha_room_take(&p->room, vm, host);
	}
}

static bool is_waiting(const struct ha_planner *p, size_t rank)
{
	return rank < p->tier_first[HA_PRIORITY_DISABLED] &&
	       p->room.pool->vms[p->order[rank]].wanted;
}

static bool is_listed(const struct ha_planner *p, size_t rank)
{
	return p->home[rank] != HA_HOST_NONE || is_waiting(p, rank);
}

/* So that a failure costs what it moves, not a look at all VMs. */
static void list_homes(struct ha_planner *p)
{
	size_t n = p->room.pool->vm_count;
	uint32_t next[HA_HOSTS_MAX + 1];

	memset(p->home_first, 0, sizeof(p->home_first));
	for (size_t i = 0; i < n; i++) {
		p->home_first[p->home[i] + 1] += is_listed(p, i);
	}
	for (size_t h = 0; h <= HA_HOSTS_MAX; h++) {
		p->home_first[h + 1] += p->home_first[h];
		next[h] = p->home_first[h];
	}
	for (size_t i = 0; i < n; i++) {
		if (is_listed(p, i)) {
			p->at_home[next[p->home[i]]++] = (uint32_t)i;
		}
	}
	p->homes_known = true;
}

static void mark(struct ha_planner *p, ha_hostid home)
{
	for (uint32_t i = p->home_first[home]; i < p->home_first[home + 1];
	     i++) {
		p->marked[p->at_home[i] / 64] |= (uint64_t)1
						 << p->at_home[i] % 64;
	}
}

/* The marked ranks, rising, as VMs; no mark is left. */
static size_t take_marked(struct ha_planner *p)
{
	size_t words = (p->room.pool->vm_count + 63) / 64;
	size_t count = 0;

	for (size_t w = 0; w < words; w++) {
		for (; p->marked[w] != 0; p->marked[w] &= p->marked[w] - 1) {
			size_t bit = (size_t)__builtin_ctzll(p->marked[w]);

			p->lost[count++] = p->order[w * 64 + bit];
		}
	}
	return count;
}

void ha_planner_fail(struct ha_planner *p, ha_hostset lost, bool waiting)
{
	size_t disabled = p->tier_first[HA_PRIORITY_DISABLED];

	assert(p->lost_count == 0);
	p->answer = (struct ha_recovery){
		.steps = p->steps, .left_out = p->left_out,
		.misses = p->misses, .stopped = p->stopped };
	p->wanted_count = 0;
	if (!p->homes_known) {
		list_homes(p);
	}
	if (waiting) {
		mark(p, HA_HOST_NONE);
	}
	for (ha_hostset s = lost; s;) {
		mark(p, ha_hostset_pop(&s));
	}
	p->lost_count = take_marked(p);
	for (size_t i = 0; i < p->lost_count; i++) {
		if (p->room.at[p->lost[i]] != HA_HOST_NONE) {
			ha_room_give(&p->room, p->lost[i]);
		}
		p->wanted_count += p->rank[p->lost[i]] < disabled;
	}
	ha_room_set_usable(&p->room, p->usable & ~lost);
}

void ha_planner_clear(struct ha_planner *p)
{
	for (size_t i = 0; i < p->wanted_count; i++) {
		if (p->room.at[p->lost[i]] != HA_HOST_NONE) {
			ha_room_give(&p->room, p->lost[i]);
		}
	}
}

void ha_planner_restore(struct ha_planner *p)
{
	ha_planner_clear(p);
	for (size_t i = 0; i < p->lost_count; i++) {
		ha_hostid home = p->home[p->rank[p->lost[i]]];

		if (home != HA_HOST_NONE) {
			ha_room_take(&p->room, p->lost[i], home);
		}
	}
	ha_room_set_usable(&p->room, p->usable);
	p->lost_count = 0;
	p->wanted_count = 0;
}

void ha_planner_keep(struct ha_planner *p)
{
	for (size_t i = 0; i < p->wanted_count; i++) {
		p->kept[i] = p->room.at[p->lost[i]];
	}
}

void ha_planner_apply(struct ha_planner *p)
{
	ha_planner_clear(p);
	for (size_t i = 0; i < p->wanted_count; i++) {
		if (p->kept[i] != HA_HOST_NONE) {
			ha_room_take(&p->room, p->lost[i], p->kept[i]);
		}
	}
}

struct ha_left_out ha_planner_count(const struct ha_planner *p)
{
	struct ha_left_out left = { .all = 0 };

	for (size_t i = 0; i < p->wanted_count; i++) {
		if (p->room.at[p->lost[i]] == HA_HOST_NONE) {
			left.count[p->room.pool->vms[p->lost[i]].priority]++;
			left.all++;
		}
	}
	return left;
}

bool ha_left_out_fewer(const struct ha_left_out *a,
		       const struct ha_left_out *b)
{
	for (size_t tier = 0; tier < HA_PRIORITY_DISABLED; tier++) {
		if (a->count[tier] != b->count[tier]) {
			return a->count[tier] < b->count[tier];
		}
	}
	return false;
}

ha_hostid ha_planner_explain(struct ha_planner *p, uint32_t vm,
			     const struct ha_choose_how *how,
			     struct ha_explain *ret)
{
	ha_hostid home = p->home[p->rank[vm]];
	ha_hostid chosen;

	assert(p->lost_count == 0);
	if (home != HA_HOST_NONE) {
		ha_room_give(&p->room, vm);
	}
	chosen = ha_choose_explain(&p->room, vm, how, ret);
	if (home != HA_HOST_NONE) {
		ha_room_take(&p->room, vm, home);
	}
	return chosen;
}
