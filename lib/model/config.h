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
#include "model/admission.h"
#include "model/datastore.h"
#include "model/host.h"
#include "model/network.h"
#include "model/vm.h"

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
	const struct ha_datastore_conf *datastores;
	size_t datastore_count;
	const struct ha_network_conf *networks;
	size_t network_count;
	bool names_unknown; /* some in rules and the like: that is told, and
			     * what they come to is not worked out */
	const struct ha_host_group *host_groups;
	size_t host_group_count;
	const struct ha_vm_group *vm_groups;
	size_t vm_group_count;
	const struct ha_vm_host_rule *vm_host_rules;
	size_t vm_host_rule_count;
	const struct ha_vm_vm_rule *vm_vm_rules; /* the groups of a pool */
	size_t vm_vm_rule_count;
	const struct ha_dependency *dependencies;
	size_t dependency_count;
	struct ha_admission_conf admission;
	/* cluster defaults and settings */
	struct ha_host_conf host_defaults; /* of its reserves alone */
	struct ha_vm_conf vm_defaults;   /* what a VM has that says nothing */
	uint32_t starts_per_host; /* VMs starting at once on one host */
	uint32_t starts_per_datastore; /* what one has that says nothing */
	uint32_t cpu_overcommit_percent; /* vcpus per host cpu, 100 = one */
	uint32_t memory_overcommit_percent;
	enum ha_score placement;
	bool preemption; /* may VMs of lower priority be stopped for one that waits? */
	ha_dur fence_delay;   /* the half without the lowest id waits this */
	ha_dur start_wait;    /* cold start: before power is taken from a host */
	ha_dur leave_timeout; /* without a majority: wait before leaving */
	const char *alert;    /* executable, absolute; NULL: syslog only */
	uint32_t given;       /* attributes that stand in the text, for lib/conf */
};

/* What VMs may have of a host, after reserves and overcommit, at most what a
 * pool can count. detected: what its libvirt reports, 0 for what it does not;
 * used where the configuration says detect. */
struct ha_host_size ha_config_room(const struct ha_config *c,
				   const struct ha_host_conf *h,
				   const struct ha_host_size *detected);

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
/* The index of what a disk lies on, a card is on; the count: of none. */
size_t ha_config_datastore_of(const struct ha_config *c,
			      const struct ha_disk *disk);
size_t ha_config_network_of(const struct ha_config *c,
			    const struct ha_nic *nic);
ha_hostset ha_config_hostset(const struct ha_config *c);

#endif
