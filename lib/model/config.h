/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config.h - a cluster's configuration as data: what cluster.xml(5) says.
 *
 * Built by lib/conf (or by the simulator), then read-only. All strings and
 * arrays are owned by the configuration and live in its arena. Hosts are
 * sorted by id, VMs by UUID, devices as in the text; that order is the order
 * of every decision.
 */
#ifndef HA_MODEL_CONFIG_H
#define HA_MODEL_CONFIG_H

#include <stddef.h>

#include "base/ids.h"
#include "base/time.h"

enum ha_priority { /* restart priority; a lower number starts first */
	HA_PRIORITY_HIGHEST,
	HA_PRIORITY_HIGH,
	HA_PRIORITY_MEDIUM,
	HA_PRIORITY_LOW,
	HA_PRIORITY_LOWEST,
	HA_PRIORITY_DISABLED /* started by an admin only, never recovered */
};

enum ha_wanted { HA_WANTED_STOPPED, HA_WANTED_RUNNING };
enum ha_on_guest_shutdown { HA_GUEST_SHUTDOWN_OFF, HA_GUEST_SHUTDOWN_RESTART };
enum ha_on_host_shutdown { HA_HOST_SHUTDOWN_MOVE, HA_HOST_SHUTDOWN_STOP };

struct ha_param {
	const char *name;
	const char *value;  /* NULL if the value is read from file */
	const char *file;   /* absolute path of a secret, or NULL */
};

struct ha_fence_device {
	const char *name;
	const char *agent; /* "fence_ipmilan": a program of fence-agents */
	const struct ha_param *params;
	size_t param_count;
	ha_dur timeout;     /* of one action of the agent */
	uint32_t retries;   /* further tries of one action */
	bool power_on;      /* switch on again after the proof */
};

/* One device to be used, with parameters of this host ("plug"). */
struct ha_fence_step {
	uint32_t device; /* index into config.devices */
	const struct ha_param *params;
	size_t param_count;
};

struct ha_fence_level { /* all steps must succeed */
	const struct ha_fence_step *steps;
	size_t step_count;
};

struct ha_host_conf {
	ha_hostid id;
	const char *name;
	const char *migration_address; /* NULL: the host's name */
	uint64_t memory_kib;           /* for VMs; 0: detect */
	uint32_t cpus;                 /* 0: detect */
	const struct ha_fence_level *levels; /* tried in order */
	size_t level_count;
};

struct ha_vm_conf {
	struct ha_uuid uuid;
	const char *name;
	enum ha_priority priority;
	enum ha_wanted wanted; /* when first added */
	enum ha_on_guest_shutdown on_guest_shutdown;
	enum ha_on_host_shutdown on_host_shutdown;
	ha_dur start_timeout; /* after which a start has failed */
	ha_dur stop_timeout;  /* graceful, then forced */
	uint64_t memory_kib;  /* from the domain XML: guest plus overhead */
	uint32_t vcpus;
	const char *domain_xml; /* libvirt's, whole; never logged */
};

struct ha_config {
	const char *name;     /* of the cluster */
	uint64_t version;     /* 1 for the first; each apply adds one */
	struct ha_hash hash;  /* of the canonical text */
	const struct ha_host_conf *hosts;
	size_t host_count;
	const struct ha_fence_device *devices;
	size_t device_count;
	const struct ha_vm_conf *vms;
	size_t vm_count;
	/* cluster defaults and settings */
	uint32_t starts_per_host; /* VMs starting at once on one host */
	uint32_t cpu_overcommit_percent; /* vcpus per host cpu, 100 = one */
	ha_dur fence_delay;   /* the half without the lowest id waits this */
	ha_dur start_wait;    /* cold start: before power is taken from a host */
	ha_dur leave_timeout; /* without a majority: wait before leaving */
	const char *alert;    /* executable, absolute; NULL: syslog only */
};

const struct ha_host_conf *ha_config_host(const struct ha_config *c,
					  ha_hostid id);
const struct ha_host_conf *ha_config_host_named(const struct ha_config *c,
						const char *name);
const struct ha_vm_conf *ha_config_vm(const struct ha_config *c,
				      const struct ha_uuid *uuid);
const struct ha_vm_conf *ha_config_vm_named(const struct ha_config *c,
					    const char *name);
ha_hostset ha_config_hostset(const struct ha_config *c);
const char *ha_priority_name(enum ha_priority p);

#endif
