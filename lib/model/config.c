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

/* How much of the path the folder is; 0: not at all. */
static size_t folder_len(const char *folder, const char *path)
{
	size_t len = strlen(folder);

	while (len > 1 && folder[len - 1] == '/') {
		len--;
	}
	return strncmp(folder, path, len) == 0 &&
			       (path[len] == '/' || path[len] == '\0')
		       ? len : 0;
}

/* A volume is known as "pool/volume". */
static size_t match_len(const struct ha_datastore_conf *d,
			const struct ha_disk *disk)
{
	if (disk->is_path) {
		return d->path ? folder_len(d->path, disk->source) : 0;
	}
	if (d->pool) {
		return folder_len(d->pool, disk->source);
	}
	return d->source && strncmp(d->source, disk->source,
				    strlen(d->source)) == 0
		       ? strlen(d->source) : 0;
}

size_t ha_config_datastore_of(const struct ha_config *c,
			      const struct ha_disk *disk)
{
	size_t best = c->datastore_count, best_len = 0;

	for (size_t i = 0; i < c->datastore_count; i++) {
		size_t len = match_len(&c->datastores[i], disk);

		if (len > best_len) {
			best = i;
			best_len = len;
		}
	}
	return best;
}

size_t ha_config_network_of(const struct ha_config *c,
			    const struct ha_nic *nic)
{
	for (size_t i = 0; nic->source && i < c->network_count; i++) {
		const struct ha_network_conf *n = &c->networks[i];
		const char *name = nic->kind == HA_NIC_BRIDGE	 ? n->bridge
				   : nic->kind == HA_NIC_NETWORK ? n->network
								 : n->device;

		if (name && strcmp(name, nic->source) == 0) {
			return i;
		}
	}
	return c->network_count;
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
