/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slots.h - the admission policy `host-failures`, by slots, as vSphere HA has
 * it ("Host Failures Cluster Tolerates", vSphere Availability guide; the API's
 * ClusterFailoverLevelAdmissionControlPolicy):
 *
 * A slot is as large as the largest reservation of cpu (32 MHz if none is
 * made) and the largest of memory with its overhead, of all VMs that run; or
 * as set. A host has as many slots as fit, by cpu and by memory. The hosts
 * with the most slots fail, as many as are to be tolerated: the rest has to
 * have a slot for each VM. Where the size is set, or capped, a larger VM takes
 * several; that these may lie on different hosts is not looked at, which is
 * why `plan` is the default. Usable hosts alone count, failover hosts too.
 */
#ifndef HA_POLICY_SLOTS_H
#define HA_POLICY_SLOTS_H

#include "policy/pool.h"

#define HA_SLOTS_CPU_MHZ_MIN 32u /* of a VM without a reservation */
#define HA_SLOTS_BY_RULE UINT32_MAX

struct ha_slots_ask {
	uint32_t failures;       /* to tolerate */
	uint32_t cpu_mhz;        /* of a slot; 0: by the VMs */
	uint64_t memory_kib;     /* the same */
	uint32_t cpu_mhz_most;   /* cap on what the VMs make it; 0: none */
	uint64_t memory_kib_most;
	uint32_t cpu_mhz_min;    /* of a VM without a reservation; 0: 32 */
	uint64_t memory_kib_min; /* the same; its overhead comes on top */
	struct ha_pool_change change;
};

struct ha_slots {
	bool yes;
	uint32_t cpu_mhz; /* of a slot */
	uint64_t memory_kib;
	uint32_t cpu_vm, memory_vm; /* the VM that makes it so; or BY_RULE */
	uint64_t used;
	uint64_t on_host[HA_HOSTS_MAX]; /* by id - 1 */
	uint64_t all;
	ha_hostset failing;  /* those with most, as many as asked */
	uint64_t left;       /* without them */
	uint32_t tolerated;  /* at most all hosts but one */
};

void ha_slots_check(const struct ha_pool *pool, const struct ha_slots_ask *ask,
		    struct ha_slots *ret);

#endif
