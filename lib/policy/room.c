/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/room.h"

#include <assert.h>

void ha_room_lay_out(struct ha_room *r, const struct ha_pool *pool,
		     struct ha_carve *c)
{
	assert(pool);
	assert(pool->group_count <= HA_POOL_GROUPS_MAX);
	r->pool = pool;
	r->groups = ha_carve(c, pool->group_count * sizeof(*r->groups));
	r->at = ha_carve(c, pool->vm_count);
}

static uint64_t scale_of(uint64_t all)
{
	assert(all <= HA_POOL_MEMORY_KIB_MAX); /* a share keeps 20 bits */
	return all == 0 ? 0 : ((uint64_t)1 << HA_ROOM_SCALE_BITS) / all;
}

static void fill_domains(struct ha_room *r)
{
	for (size_t n = 0; n < HA_HOSTS_MAX; n++) {
		r->domain[n] = (uint8_t)n; /* also of a host that is gone */
	}
	for (size_t i = 0; i < r->pool->host_count; i++) {
		const struct ha_pool_host *h = &r->pool->hosts[i];
		size_t first = i;

		for (size_t k = 0; h->domain != 0 && k < i; k++) {
			if (r->pool->hosts[k].domain == h->domain) {
				first = k;
				break;
			}
		}
		r->domain[h->id - 1] = (uint8_t)(r->pool->hosts[first].id - 1);
		r->domain_hosts[r->domain[h->id - 1]] |= ha_host_bit(h->id);
	}
}

static void fill_hosts(struct ha_room *r)
{
	for (size_t i = 0; i < r->pool->host_count; i++) {
		const struct ha_pool_host *h = &r->pool->hosts[i];
		size_t n = h->id - 1;

		assert(i == 0 || r->pool->hosts[i - 1].id < h->id);
		r->host[n] = h;
		r->memory_free[n] = (int64_t)h->memory_kib;
		r->vcpus_free[n] = (int64_t)h->vcpus;
		r->memory_scale[n] = scale_of(h->memory_kib);
		r->vcpus_scale[n] = scale_of(h->vcpus);
		r->usable |= h->usable ? ha_host_bit(h->id) : 0;
		r->spare |= h->spare ? ha_host_bit(h->id) : 0;
	}
}

static void fill_groups(struct ha_room *r)
{
	for (size_t g = 0; g < r->pool->group_count; g++) {
		r->groups[g] = (struct ha_room_group){
			.cap = r->pool->groups[g].most };
		assert(r->pool->groups[g].kind != HA_GROUP_APART ||
		       r->pool->groups[g].most > 0);
	}
	for (size_t v = 0; v < r->pool->vm_count; v++) {
		const struct ha_pool_vm *vm = &r->pool->vms[v];

		assert(vm->group_count <= HA_POOL_VM_GROUPS_MAX);
		assert(vm->memory_kib <= HA_POOL_MEMORY_KIB_MAX);
		for (size_t k = 0; k < vm->group_count; k++) {
			assert(vm->groups[k] < r->pool->group_count);
			r->groups[vm->groups[k]].members++;
		}
	}
}

void ha_room_fill(struct ha_room *r)
{
	struct ha_room empty = { .pool = r->pool, .groups = r->groups,
				 .at = r->at };

	*r = empty;
	r->domains = UINT32_MAX; /* not known yet */
	fill_domains(r);
	fill_hosts(r);
	fill_groups(r);
	memset(r->at, 0, r->pool->vm_count);
	ha_room_set_usable(r, r->usable);
	for (size_t v = 0; v < r->pool->vm_count; v++) {
		if (r->pool->vms[v].host != HA_HOST_NONE) {
			ha_room_take(r, (uint32_t)v, r->pool->vms[v].host);
		}
	}
}

static uint32_t count_domains(const struct ha_room *r)
{
	uint32_t count = 0;

	for (size_t d = 0; d < HA_HOSTS_MAX; d++) {
		count += (r->domain_hosts[d] & r->usable) != 0;
	}
	return count;
}

static void spread_over(struct ha_room *r, size_t g, uint32_t domains)
{
	struct ha_room_group *group = &r->groups[g];

	group->cap = domains == 0 ? 1 : (group->members + domains - 1) / domains;
	group->full = 0;
	for (size_t d = 0; d < HA_HOSTS_MAX; d++) {
		if (group->count[d] >= group->cap) {
			group->full |= r->domain_hosts[d];
		}
	}
}

void ha_room_set_usable(struct ha_room *r, ha_hostset usable)
{
	uint32_t before = r->domains;

	r->usable = usable;
	r->domains = count_domains(r);
	for (size_t g = 0; r->domains != before && g < r->pool->group_count;
	     g++) {
		if (r->pool->groups[g].kind == HA_GROUP_SPREAD &&
		    r->pool->groups[g].most == 0) {
			spread_over(r, g, r->domains);
		}
	}
}

/* Counts a VM in (by 1) or out (by -1) of its groups. */
static void count_in_groups(struct ha_room *r, uint32_t vm, ha_hostid host,
			    int by)
{
	const struct ha_pool_vm *v = &r->pool->vms[vm];

	for (size_t k = 0; k < v->group_count; k++) {
		struct ha_room_group *g = &r->groups[v->groups[k]];
		bool spread = r->pool->groups[v->groups[k]].kind ==
			      HA_GROUP_SPREAD;
		size_t cell = spread ? r->domain[host - 1] : host - 1;
		ha_hostset hosts = spread ? r->domain_hosts[cell]
					  : ha_host_bit(host);

		g->count[cell] = (uint16_t)(g->count[cell] + by);
		if (g->count[cell] > 0) {
			g->seen |= hosts;
		} else {
			g->seen &= ~hosts;
		}
		if (g->cap > 0 && g->count[cell] >= g->cap) {
			g->full |= hosts;
		} else {
			g->full &= ~hosts;
		}
	}
}

void ha_room_take(struct ha_room *r, uint32_t vm, ha_hostid host)
{
	const struct ha_pool_vm *v = &r->pool->vms[vm];

	assert(vm < r->pool->vm_count);
	assert(r->at[vm] == HA_HOST_NONE);
	assert(host >= 1 && host <= HA_HOSTS_MAX);
	r->at[vm] = (uint8_t)host;
	r->memory_free[host - 1] -= (int64_t)v->memory_kib;
	r->vcpus_free[host - 1] -= (int64_t)v->vcpus;
	r->vms[host - 1]++;
	count_in_groups(r, vm, host, 1);
}

void ha_room_give(struct ha_room *r, uint32_t vm)
{
	const struct ha_pool_vm *v = &r->pool->vms[vm];
	ha_hostid host = r->at[vm];

	assert(vm < r->pool->vm_count);
	assert(host != HA_HOST_NONE);
	r->at[vm] = HA_HOST_NONE;
	r->memory_free[host - 1] += (int64_t)v->memory_kib;
	r->vcpus_free[host - 1] += (int64_t)v->vcpus;
	r->vms[host - 1]--;
	count_in_groups(r, vm, host, -1);
}

/* Where most members of a TOGETHER rule run: one more there makes nothing
 * worse, also where they run apart already. */
static ha_hostset most_members(const struct ha_room_group *g)
{
	ha_hostset best = 0;
	uint16_t most = 0;

	for (ha_hostset s = g->seen; s;) {
		ha_hostid h = ha_hostset_pop(&s);

		best = g->count[h - 1] > most ? 0 : best;
		most = g->count[h - 1] > most ? g->count[h - 1] : most;
		best |= g->count[h - 1] == most ? ha_host_bit(h) : 0;
	}
	return best;
}

ha_hostset ha_room_group_closed(const struct ha_room *r, uint16_t group)
{
	const struct ha_room_group *g = &r->groups[group];

	if (r->pool->groups[group].kind != HA_GROUP_TOGETHER) {
		return g->full;
	}
	return g->seen == 0 ? 0 : ~most_members(g);
}

ha_hostset ha_room_closed(const struct ha_room *r, uint32_t vm, bool must)
{
	const struct ha_pool_vm *v = &r->pool->vms[vm];
	ha_hostset closed = 0;

	assert(r->at[vm] == HA_HOST_NONE);
	for (size_t k = 0; k < v->group_count; k++) {
		if (r->pool->groups[v->groups[k]].must == must) {
			closed |= ha_room_group_closed(r, v->groups[k]);
		}
	}
	return closed;
}

ha_hostset ha_room_open(const struct ha_room *r, uint32_t vm)
{
	const struct ha_pool_vm *v = &r->pool->vms[vm];
	ha_hostset open = r->usable & v->reaches & v->allowed;

	return v->group_count == 0 ? open : open & ~ha_room_closed(r, vm, true);
}

ha_hostset ha_room_fits(const struct ha_room *r, uint32_t vm, ha_hostset hosts)
{
	int64_t memory = (int64_t)r->pool->vms[vm].memory_kib;
	int64_t vcpus = (int64_t)r->pool->vms[vm].vcpus;
	ha_hostset fits = 0;

	for (ha_hostset s = hosts; s;) {
		ha_hostid h = ha_hostset_pop(&s);

		if (r->memory_free[h - 1] >= memory &&
		    r->vcpus_free[h - 1] >= vcpus) {
			fits |= ha_host_bit(h);
		}
	}
	return fits;
}
