/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * made-pool.h - made-up but realistic clusters for lib/policy, from a seed.
 *
 * Hosts of three sizes in racks of eight; VMs of 2 to 64 GiB, small ones more
 * often, of all priorities; each runs on the host that placement gives it. Of
 * the VMs a share is in rules, of every kind in turn: hosts that it must or
 * should run on or keep off, pairs together, at most one or two of a group on
 * a host, groups spread over racks.
 */
#ifndef HACSIM_MADE_POOL_H
#define HACSIM_MADE_POOL_H

#include "policy/pool.h"

struct made_pool_spec {
	uint64_t seed;
	uint32_t hosts;
	uint32_t vms;
	uint32_t load_percent;  /* of the memory of all hosts, if all run */
	uint32_t rules_percent; /* of the VMs in rules */
};

struct made_pool { /* zeroed, or made; fini either */
	struct ha_pool pool;
	struct ha_pool_host hosts[HA_HOSTS_MAX];
	struct ha_pool_vm *vms;       /* owned */
	struct ha_pool_group *groups; /* owned */
	uint32_t waiting;   /* VMs that found no host */
	uint32_t misplaced; /* by made_pool_break */
};

/* 0, or HA_E_NO_MEMORY. */
int made_pool_init(struct made_pool *m, const struct made_pool_spec *spec)
	__attribute__((warn_unused_result));
/* Every fourth VM in rules now runs where one of them keeps it off, if there is
 * such a host. 0, or HA_E_NO_MEMORY. */
int made_pool_break(struct made_pool *m, uint64_t seed)
	__attribute__((warn_unused_result));
/* One rule more: all VMs should be spread over the racks. False: there are as
 * many as there may be. */
bool made_pool_spread(struct made_pool *m);
void made_pool_fini(struct made_pool *m);

#endif
