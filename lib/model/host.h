/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.h - what a cluster's configuration says of one host.
 */
#ifndef HA_MODEL_HOST_H
#define HA_MODEL_HOST_H

#include "base/ids.h"
#include "model/fence.h"

struct ha_host_conf {
	ha_hostid id;
	const char *name;
	const char *migration_address; /* NULL: the host's name */
	uint64_t memory_kib; /* 0: detect */
	uint64_t memory_reserve_kib; /* of it, kept from VMs */
	uint32_t cpus;       /* 0: detect */
	uint32_t cpu_reserve;
	uint32_t cpu_mhz;    /* of one cpu; 0: detect */
	bool failover;       /* spare: recovery alone puts VMs there */
	uint32_t fault_domain; /* by its host group, from 1; 0: of its own */
	const struct ha_fence_level *levels; /* tried in order */
	size_t level_count;
	uint32_t given; /* attributes that stand in the text, for lib/conf */
	uint32_t line;
};

/* What a host has; or what VMs may have of it. */
struct ha_host_size {
	uint64_t memory_kib;
	uint32_t cpus;    /* for VMs: vcpus */
	uint32_t cpu_mhz; /* of one cpu; for VMs: of all together */
};

#endif
