/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * small-pool.h - small clusters for tests of lib/policy: tight ones from a
 * seed, and whether an assignment of their VMs is right, found out without any
 * code of lib/policy.
 */
#ifndef HA_UNIT_SMALL_POOL_H
#define HA_UNIT_SMALL_POOL_H

#include "policy/recovery.h"

#define SMALL_HOSTS_MAX 8
#define SMALL_VMS_MAX 40
#define SMALL_GROUPS_MAX 8
#define SMALL_ANY (~(ha_hostset)0)

struct small_pool {
	struct ha_pool pool;
	struct ha_pool_host hosts[SMALL_HOSTS_MAX];
	struct ha_pool_vm vms[SMALL_VMS_MAX];
	struct ha_pool_group groups[SMALL_GROUPS_MAX];
};

struct small_spec {
	uint64_t seed;
	uint32_t hosts_max, vms_max; /* at least 2 and 4 */
	uint32_t load_min, load_max; /* percent of what is left after a loss */
};

/* Hosts and VMs at random, all waiting. */
void small_pool_make(struct small_pool *s, const struct small_spec *spec);
/* Puts them where a plan puts them; who is left out is no longer wanted. */
void small_pool_place(struct small_pool *s);

/* Where VMs are: host by VM index. Usable: hosts that have not failed. */
struct small_state {
	ha_hostid at[SMALL_VMS_MAX];
	ha_hostset usable;
};

/* NULL, or the rule or the capacity that a VM breaks where it is. `lost` VMs
 * alone are judged: the others cannot help it. */
const char *small_pool_breach(const struct small_pool *s,
			      const struct small_state *state, uint32_t vm);

/* The state after a plan; the VMs of lost hosts that are not in it nowhere. */
void small_pool_apply(const struct small_pool *s, ha_hostset lost,
		      const struct ha_recovery *r, struct small_state *ret);

/* A planner in memory from malloc; free it. */
struct ha_planner *small_planner(const struct ha_pool *pool);

#endif
