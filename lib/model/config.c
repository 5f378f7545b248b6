/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/config.h"

#include <assert.h>
#include <string.h>

/* Where nobody knows better: only shares of it are ever compared. */
#define CPU_MHZ_GUESS 1000u

static uint64_t at_most(uint64_t n, uint64_t most)
{
	return n < most ? n : most;
}

struct ha_host_size ha_config_room(const struct ha_config *c,
				   const struct ha_host_conf *h,
				   const struct ha_host_size *detected)
{
	uint64_t memory = h->memory_kib ? h->memory_kib : detected->memory_kib;
	uint64_t cpus = h->cpus ? h->cpus : detected->cpus;
	uint64_t mhz = h->cpu_mhz	  ? h->cpu_mhz
		       : detected->cpu_mhz ? detected->cpu_mhz
					   : CPU_MHZ_GUESS;

	assert(c);
	memory = at_most(memory, HA_POOL_MEMORY_KIB_MAX);
	memory -= at_most(memory, h->memory_reserve_kib);
	cpus -= at_most(cpus, h->cpu_reserve);
	return (struct ha_host_size){
		.memory_kib = at_most(memory * c->memory_overcommit_percent /
				      100, HA_POOL_MEMORY_KIB_MAX),
		.cpus = (uint32_t)at_most(cpus * c->cpu_overcommit_percent /
					  100, UINT32_MAX),
		.cpu_mhz = (uint32_t)at_most(cpus * mhz, UINT32_MAX),
	};
}

const struct ha_host_conf *ha_config_host(const struct ha_config *c,
					  ha_hostid id)
{
	size_t low = 0, high;

	assert(c);
	assert(c->hosts || c->host_count == 0);
	high = c->host_count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (c->hosts[mid].id == id) {
			return &c->hosts[mid];
		}
		if (c->hosts[mid].id < id) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return NULL;
}

const struct ha_host_conf *ha_config_host_named(const struct ha_config *c,
						const char *name)
{
	assert(c);
	assert(name);
	for (size_t i = 0; i < c->host_count; i++) {
		if (strcmp(c->hosts[i].name, name) == 0) {
			return &c->hosts[i];
		}
	}
	return NULL;
}

const struct ha_vm_conf *ha_config_vm(const struct ha_config *c,
				      const struct ha_uuid *uuid)
{
	size_t low = 0, high;

	assert(c);
	assert(uuid);
	high = c->vm_count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int cmp = ha_uuid_cmp(&c->vms[mid].uuid, uuid);

		if (cmp == 0) {
			return &c->vms[mid];
		}
		if (cmp < 0) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return NULL;
}

const struct ha_vm_conf *ha_config_vm_named(const struct ha_config *c,
					    const char *name)
{
	assert(c);
	assert(name);
	for (size_t i = 0; i < c->vm_count; i++) {
		if (strcmp(c->vms[i].name, name) == 0) {
			return &c->vms[i];
		}
	}
	return NULL;
}

const struct ha_fence_device *ha_config_device_named(const struct ha_config *c,
						     const char *name)
{
	assert(c);
	assert(name);
	for (size_t i = 0; i < c->device_count; i++) {
		if (strcmp(c->devices[i].name, name) == 0) {
			return &c->devices[i];
		}
	}
	return NULL;
}

ha_hostset ha_config_hostset(const struct ha_config *c)
{
	ha_hostset set = 0;

	assert(c);
	for (size_t i = 0; i < c->host_count; i++) {
		set |= ha_host_bit(c->hosts[i].id);
	}
	return set;
}

const char *ha_priority_name(enum ha_priority p)
{
	switch (p) {
	case HA_PRIORITY_HIGHEST:
		return "highest";
	case HA_PRIORITY_HIGH:
		return "high";
	case HA_PRIORITY_MEDIUM:
		return "medium";
	case HA_PRIORITY_LOW:
		return "low";
	case HA_PRIORITY_LOWEST:
		return "lowest";
	case HA_PRIORITY_DISABLED:
		return "disabled";
	}
	return "unknown";
}
