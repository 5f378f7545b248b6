/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reserve.h - the admission policies that keep something free: `percentage`
 * of the cluster's cpu and memory, and `failover-hosts`.
 *
 * Percentage is vSphere HA's "Cluster resource percentage": what running VMs
 * have reserved (32 MHz for one without; memory with its overhead) against
 * what usable hosts have for VMs, cpu and memory each by itself. By hand, or
 * computed: n failures of h hosts are the share n / h, anew whenever a host
 * comes or goes. Where the free room lies is not looked at.
 *
 * Failover hosts stay empty, and there is one usable for each failure.
 */
#ifndef HA_POLICY_RESERVE_H
#define HA_POLICY_RESERVE_H

#include "policy/slots.h"

struct ha_percentage_ask {
	uint32_t failures;       /* to compute the share from; 0: by hand */
	uint32_t cpu_percent;    /* by hand, 0..100 */
	uint32_t memory_percent;
	struct ha_pool_change change;
};

struct ha_percentage {
	bool yes;
	bool cpu_short, memory_short; /* of a no */
	uint64_t cpu_mhz, memory_kib; /* of all usable hosts */
	uint64_t cpu_reserved_mhz, memory_reserved_kib;
	uint32_t cpu_free_percent, memory_free_percent; /* rounded down */
	uint32_t cpu_kept_percent, memory_kept_percent; /* rounded up */
};

struct ha_failover_ask {
	uint32_t failures; /* to tolerate */
	struct ha_pool_change change;
};

struct ha_failover {
	bool yes;
	ha_hostset empty;    /* usable failover hosts without a VM */
	ha_hostset taken;    /* those on which VMs run */
	ha_hostset unusable; /* those that could take none */
	uint32_t tolerated;
};

void ha_percentage_check(const struct ha_pool *pool,
			 const struct ha_percentage_ask *ask,
			 struct ha_percentage *ret);
void ha_failover_check(const struct ha_pool *pool,
		       const struct ha_failover_ask *ask,
		       struct ha_failover *ret);

#endif
