/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/config.h"

#include <assert.h>
#include <string.h>

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
