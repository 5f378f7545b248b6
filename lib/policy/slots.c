/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/slots.h"

#include <assert.h>

static bool runs(const struct ha_pool *pool, size_t vm,
		 const struct ha_slots_ask *ask)
{
	return ha_pool_host_of(pool, vm, &ask->change) != HA_HOST_NONE;
}

static uint32_t cpu_of(const struct ha_pool_vm *v,
		       const struct ha_slots_ask *ask)
{
	uint32_t least = ask->cpu_mhz_min > 0 ? ask->cpu_mhz_min
					      : HA_SLOTS_CPU_MHZ_MIN;

	return v->cpu_reserved_mhz > 0 ? v->cpu_reserved_mhz : least;
}

static uint64_t memory_of(const struct ha_pool_vm *v,
			  const struct ha_slots_ask *ask)
{
	uint64_t reserved = v->memory_reserved_kib > 0 ? v->memory_reserved_kib
						       : ask->memory_kib_min;

	return reserved + v->memory_overhead_kib;
}

/* The first VM with the largest need makes the size, where it is not set. */
static void size_slot(const struct ha_pool *pool,
		      const struct ha_slots_ask *ask, struct ha_slots *ret)
{
	ret->cpu_mhz = ask->cpu_mhz;
	ret->memory_kib = ask->memory_kib;
	for (size_t i = 0; i < pool->vm_count; i++) {
		if (!runs(pool, i, ask)) {
			continue;
		}
		if (ask->cpu_mhz == 0 &&
		    cpu_of(&pool->vms[i], ask) > ret->cpu_mhz) {
			ret->cpu_mhz = cpu_of(&pool->vms[i], ask);
			ret->cpu_vm = (uint32_t)i;
		}
		if (ask->memory_kib == 0 &&
		    memory_of(&pool->vms[i], ask) > ret->memory_kib) {
			ret->memory_kib = memory_of(&pool->vms[i], ask);
			ret->memory_vm = (uint32_t)i;
		}
	}
	if (ask->cpu_mhz == 0 && ask->cpu_mhz_most > 0 &&
	    ret->cpu_mhz > ask->cpu_mhz_most) {
		ret->cpu_mhz = ask->cpu_mhz_most;
		ret->cpu_vm = HA_SLOTS_BY_RULE;
	}
	if (ask->memory_kib == 0 && ask->memory_kib_most > 0 &&
	    ret->memory_kib > ask->memory_kib_most) {
		ret->memory_kib = ask->memory_kib_most;
		ret->memory_vm = HA_SLOTS_BY_RULE;
	}
	if (ret->cpu_mhz == 0) { /* nothing runs, nothing is set */
		ret->cpu_mhz = HA_SLOTS_CPU_MHZ_MIN;
	}
}

static uint64_t slots_for(uint64_t need, uint64_t slot)
{
	return slot == 0 ? 0 : (need + slot - 1) / slot;
}

static void count_used(const struct ha_pool *pool,
		       const struct ha_slots_ask *ask, struct ha_slots *ret)
{
	for (size_t i = 0; i < pool->vm_count; i++) {
		uint64_t cpu, memory, most;

		if (!runs(pool, i, ask)) {
			continue;
		}
		cpu = slots_for(cpu_of(&pool->vms[i], ask), ret->cpu_mhz);
		memory = slots_for(memory_of(&pool->vms[i], ask),
				   ret->memory_kib);
		most = cpu > memory ? cpu : memory;
		ret->used += most > 0 ? most : 1;
	}
}

static void count_slots(const struct ha_pool *pool, struct ha_slots *ret)
{
	for (size_t i = 0; i < pool->host_count; i++) {
		const struct ha_pool_host *h = &pool->hosts[i];
		uint64_t cpu = h->cpu_mhz / ret->cpu_mhz;
		uint64_t memory = ret->memory_kib > 0
					  ? h->memory_kib / ret->memory_kib
					  : cpu;

		if (h->usable) {
			ret->on_host[h->id - 1] = cpu < memory ? cpu : memory;
			ret->all += ret->on_host[h->id - 1];
		}
	}
}

/* Of those the host with most slots; the lowest id on a tie. */
static ha_hostid largest(const struct ha_slots *s, ha_hostset hosts)
{
	ha_hostid best = ha_hostset_first(hosts);

	while (hosts) {
		ha_hostid h = ha_hostset_pop(&hosts);

		if (s->on_host[h - 1] > s->on_host[best - 1]) {
			best = h;
		}
	}
	return best;
}

static void fail_hosts(const struct ha_pool *pool, uint32_t failures,
		       struct ha_slots *ret)
{
	ha_hostset rest = 0;
	uint64_t left = ret->all;
	uint32_t count;

	for (size_t i = 0; i < pool->host_count; i++) {
		rest |= pool->hosts[i].usable ? ha_host_bit(pool->hosts[i].id)
					      : 0;
	}
	count = ha_hostset_count(rest);
	ret->left = left;
	for (uint32_t n = 1; n <= count; n++) {
		ha_hostid h = largest(ret, rest);

		rest &= ~ha_host_bit(h);
		left -= ret->on_host[h - 1];
		if (n <= failures) {
			ret->failing |= ha_host_bit(h);
			ret->left = left;
		}
		if (n < count && left >= ret->used) {
			ret->tolerated = n;
		}
	}
	ret->yes = ret->left >= ret->used && failures <= ret->tolerated;
}

void ha_slots_check(const struct ha_pool *pool, const struct ha_slots_ask *ask,
		    struct ha_slots *ret)
{
	assert(pool);
	assert(ask->change.host == 0 || ask->change.vm < pool->vm_count);
	*ret = (struct ha_slots){ .cpu_vm = HA_SLOTS_BY_RULE,
				  .memory_vm = HA_SLOTS_BY_RULE };
	size_slot(pool, ask, ret);
	count_used(pool, ask, ret);
	count_slots(pool, ret);
	fail_hosts(pool, ask->failures, ret);
}
