/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/reserve.h"

#include <assert.h>

static uint32_t sum_hosts(const struct ha_pool *pool, struct ha_percentage *ret)
{
	uint32_t count = 0;

	for (size_t i = 0; i < pool->host_count; i++) {
		if (pool->hosts[i].usable) {
			ret->cpu_mhz += pool->hosts[i].cpu_mhz;
			ret->memory_kib += pool->hosts[i].memory_kib;
			count++;
		}
	}
	return count;
}

static void sum_vms(const struct ha_pool *pool,
		    const struct ha_pool_change *change,
		    struct ha_percentage *ret)
{
	for (size_t i = 0; i < pool->vm_count; i++) {
		const struct ha_pool_vm *v = &pool->vms[i];

		if (ha_pool_host_of(pool, i, change) == HA_HOST_NONE) {
			continue;
		}
		ret->cpu_reserved_mhz += v->cpu_reserved_mhz > 0
						 ? v->cpu_reserved_mhz
						 : HA_SLOTS_CPU_MHZ_MIN;
		ret->memory_reserved_kib +=
			v->memory_reserved_kib + v->memory_overhead_kib;
	}
}

static uint32_t free_percent(uint64_t all, uint64_t used)
{
	return used >= all ? 0 : (uint32_t)((all - used) * 100 / all);
}

/* Is used + all * share / of > all? */
static bool is_short(uint64_t all, uint64_t used, uint32_t share, uint32_t of)
{
	return used > all || (all - used) * of < all * share;
}

void ha_percentage_check(const struct ha_pool *pool,
			 const struct ha_percentage_ask *ask,
			 struct ha_percentage *ret)
{
	uint32_t cpu = ask->cpu_percent, memory = ask->memory_percent;
	uint32_t of = 100;
	uint32_t hosts;

	assert(cpu <= 100);
	assert(memory <= 100);
	*ret = (struct ha_percentage){ .yes = false };
	hosts = sum_hosts(pool, ret);
	sum_vms(pool, &ask->change, ret);
	if (ask->failures > 0) {
		of = hosts > 0 ? hosts : 1;
		cpu = memory = ask->failures < of ? ask->failures : of;
	}
	ret->cpu_kept_percent = (cpu * 100 + of - 1) / of;
	ret->memory_kept_percent = (memory * 100 + of - 1) / of;
	ret->cpu_free_percent = free_percent(ret->cpu_mhz,
					     ret->cpu_reserved_mhz);
	ret->memory_free_percent = free_percent(ret->memory_kib,
						ret->memory_reserved_kib);
	ret->cpu_short = is_short(ret->cpu_mhz, ret->cpu_reserved_mhz, cpu, of);
	ret->memory_short = is_short(ret->memory_kib, ret->memory_reserved_kib,
				     memory, of);
	ret->yes = !ret->cpu_short && !ret->memory_short;
}

void ha_failover_check(const struct ha_pool *pool,
		       const struct ha_failover_ask *ask,
		       struct ha_failover *ret)
{
	ha_hostset spare = 0, with_vms = 0;

	*ret = (struct ha_failover){ .yes = false };
	for (size_t i = 0; i < pool->vm_count; i++) {
		ha_hostid host = ha_pool_host_of(pool, i, &ask->change);

		with_vms |= host != HA_HOST_NONE ? ha_host_bit(host) : 0;
	}
	for (size_t i = 0; i < pool->host_count; i++) {
		const struct ha_pool_host *h = &pool->hosts[i];
		ha_hostset bit = h->spare ? ha_host_bit(h->id) : 0;

		spare |= bit;
		ret->unusable |= h->usable ? 0 : bit;
	}
	ret->taken = spare & with_vms;
	ret->empty = spare & ~with_vms & ~ret->unusable;
	ret->tolerated = ha_hostset_count(ret->empty);
	ret->yes = ret->tolerated >= ask->failures && ret->taken == 0;
}
