/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pool.h - the hosts and VMs of a cluster as placement, recovery plans and
 * admission control see them: what there is, what is needed, which rules hold.
 *
 * Plain data, filled by the caller and borrowed, unchanged, for as long as a
 * planner or an answer built on it is in use. Hosts are sorted by id, VMs by
 * UUID; that order breaks every tie. VMs and groups are named by their index.
 * What is larger than the HA_POOL_ limits of base/limits.h has to be refused
 * before (our bug then).
 * Memory in KiB; cpus in vcpus of the guests (overcommit is counted in where
 * the host's number is made) and, for slots and percentages, in MHz.
 */
#ifndef HA_POLICY_POOL_H
#define HA_POLICY_POOL_H

#include <stddef.h>

#include "base/ids.h"
#include "model/vm.h"

struct ha_pool_host {
	ha_hostid id;
	bool usable;          /* may own VMs at all */
	bool spare;           /* a failover host: recovery alone puts VMs there */
	uint64_t memory_kib;  /* for VMs: what it has, less its reserve */
	uint32_t vcpus;       /* for VMs: cpus less reserve, with overcommit */
	uint32_t cpu_mhz;     /* of all its cpus, less reserve */
	uint32_t domain;      /* fault domain (a rack); 0: one of its own */
	uint32_t starts_max;  /* at once; 0: no limit */
	uint32_t starting;    /* in flight now */
};

struct ha_pool_group {
	enum ha_group_kind kind;
	bool must;     /* else it should: broken where there is no other way */
	uint32_t most; /* APART: at least 1. SPREAD: 0 is as even as the fault
			* domains with a usable host allow, members / domains,
			* rounded up. */
};

struct ha_pool_vm {
	uint64_t memory_kib; /* counted on its host, overhead included */
	uint64_t memory_reserved_kib; /* for slots, percentage; 0: none */
	uint64_t memory_overhead_kib; /* the same */
	uint32_t cpu_reserved_mhz;    /* the same */
	uint32_t vcpus;
	enum ha_priority priority; /* DISABLED: counted, never recovered */
	ha_hostid host;      /* where it runs; 0: nowhere */
	bool wanted;         /* if it runs nowhere: does it wait for a place? */
	bool needed;         /* others depend on it: first of its priority */
	bool fixed;          /* no correction moves it */
	ha_hostid planned;   /* where an earlier plan had it go, or 0: taken
			      * where a new plan would leave VMs out */
	ha_hostset reaches;  /* hosts with its networks, datastores, cpu model */
	ha_hostset allowed;  /* hosts that the must rules leave it */
	ha_hostset avoided;  /* hosts that it should keep off */
	ha_hostset preferred[HA_POOL_LEVELS_MAX]; /* best first; all 0: any */
	uint16_t groups[HA_POOL_VM_GROUPS_MAX];
	uint8_t group_count;
};

struct ha_pool {
	const struct ha_pool_host *hosts;
	size_t host_count;
	const struct ha_pool_vm *vms;
	size_t vm_count;
	const struct ha_pool_group *groups;
	size_t group_count;
};

/* What an admission is asked for: as if that VM ran on that host, in addition
 * or instead of where it runs now. Host 0: no change. The pool has the VM. */
struct ha_pool_change {
	uint32_t vm;
	ha_hostid host;
};

static inline ha_hostid ha_pool_host_of(const struct ha_pool *p, size_t vm,
					const struct ha_pool_change *change)
{
	return change->host != HA_HOST_NONE && change->vm == vm
		       ? change->host : p->vms[vm].host;
}

#endif
