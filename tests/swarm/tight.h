/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tight.h - cluster.xml of made-up clusters that are so full that they can
 * just take the failures that they have to take, or just cannot: hosts, racks,
 * networks, datastores, failover hosts, VMs of all sizes, and rules.
 */
#ifndef HA_SWARM_TIGHT_H
#define HA_SWARM_TIGHT_H

#include "base/buf.h"
#include "base/rand.h"

#define TIGHT_HOSTS_MAX 8
#define TIGHT_VMS_MAX 100

struct tight {
	struct ha_rand rand;
	uint32_t failures; /* that are to be taken */
	uint32_t hosts, vms;
	uint32_t memory_mib[TIGHT_HOSTS_MAX], cpus[TIGHT_HOSTS_MAX];
	uint32_t vm_mib[TIGHT_VMS_MAX], vcpus[TIGHT_VMS_MAX];
};

/* 0..n-1 */
uint32_t tight_below(struct tight *t, uint32_t n);
/* Sizes from a seed; gives the text. Without rules if they were refused. */
void tight_draw(struct tight *t, uint64_t seed, bool rules,
		struct ha_buf *out);

#endif
