/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vm.h - what a cluster's configuration says of one VM.
 */
#ifndef HA_MODEL_VM_H
#define HA_MODEL_VM_H

#include <stddef.h>

#include "base/ids.h"
#include "base/time.h"
#include "model/placement.h"
#include "model/restart.h"

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

struct ha_disk {
	const char *source; /* path, or "protocol:name@host", or "pool/volume" */
	const char *target; /* "vda" */
	bool read_only;
	bool shareable;
	bool is_path;       /* source is a path on every host */
	uint32_t line;
};

enum ha_nic_kind { HA_NIC_OTHER, HA_NIC_BRIDGE, HA_NIC_NETWORK, HA_NIC_DEVICE };

struct ha_nic {
	const char *mac; /* lower case; NULL: libvirt makes one up */
	enum ha_nic_kind kind;
	const char *source; /* "br0"; NULL: OTHER */
	uint32_t line;
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
	uint64_t memory_overhead_kib; /* of QEMU itself */
	uint64_t memory_kib;  /* from the domain XML: guest plus overhead */
	uint64_t memory_reservation_kib; /* of its attribute */
	uint64_t memory_reserved_kib; /* that, or more by the domain's memtune */
	uint32_t cpu_reserved_mhz;
	uint32_t vcpus;
	struct ha_vm_restart restart;
	const char *groups_text;      /* its VM groups, by name; or NULL */
	struct ha_vm_placement placement;
	const struct ha_disk *disks; /* with a source, from the domain XML */
	size_t disk_count;
	const struct ha_nic *nics;
	size_t nic_count;
	bool guest_agent;       /* the domain has a channel for it */
	const char *domain_xml; /* libvirt's, whole; never logged */
	uint32_t given;         /* attributes that stand in the text, for lib/conf */
	uint32_t line;          /* 0: not from a text */
};

const char *ha_priority_name(enum ha_priority p);

#endif
