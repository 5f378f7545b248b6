/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config.h - a cluster's configuration as data: what cluster.xml(5) says.
 *
 * Built by lib/conf (or by the simulator), then read-only. All strings and
 * arrays are owned by the configuration and live in its arena. Hosts are
 * sorted by id, VMs by UUID, devices as in the text; that order is the order
 * of every decision. `line` is the object's line in the text, for messages.
 */
#ifndef HA_MODEL_CONFIG_H
#define HA_MODEL_CONFIG_H

#include <stddef.h>

#include "base/ids.h"
#include "base/time.h"
#include "model/fence.h"
#include "model/vm.h"

struct ha_host_conf {
	ha_hostid id;
	const char *name;
	const char *migration_address; /* NULL: the host's name */
	uint64_t memory_kib;           /* for VMs; 0: detect */
	uint32_t cpus;                 /* 0: detect */
	const struct ha_fence_level *levels; /* tried in order */
	size_t level_count;
	uint32_t given; /* attributes that stand in the text, for lib/conf */
	uint32_t line;
};

struct ha_config {
	const char *name;     /* of the cluster */
	uint64_t version;     /* 1 for the first; each apply adds one */
	struct ha_hash hash;  /* of the text */
	const struct ha_host_conf *hosts;
	size_t host_count;
	const struct ha_fence_device *devices;
	size_t device_count;
	const struct ha_vm_conf *vms;
	size_t vm_count;
	/* cluster defaults and settings */
	struct ha_vm_conf vm_defaults;   /* what a VM has that says nothing */
	uint32_t starts_per_host; /* VMs starting at once on one host */
	uint32_t cpu_overcommit_percent; /* vcpus per host cpu, 100 = one */
	ha_dur fence_delay;   /* the half without the lowest id waits this */
	ha_dur start_wait;    /* cold start: before power is taken from a host */
	ha_dur leave_timeout; /* without a majority: wait before leaving */
	const char *alert;    /* executable, absolute; NULL: syslog only */
	uint32_t given;       /* attributes that stand in the text, for lib/conf */
};

const struct ha_host_conf *ha_config_host(const struct ha_config *c,
					  ha_hostid id);
const struct ha_host_conf *ha_config_host_named(const struct ha_config *c,
						const char *name);
const struct ha_vm_conf *ha_config_vm(const struct ha_config *c,
				      const struct ha_uuid *uuid);
const struct ha_vm_conf *ha_config_vm_named(const struct ha_config *c,
					    const char *name);
const struct ha_fence_device *ha_config_device_named(const struct ha_config *c,
						     const char *name);
ha_hostset ha_config_hostset(const struct ha_config *c);

#endif
