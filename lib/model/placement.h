/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * placement.h - where a VM may, should and had better run: what all rules,
 * networks and datastores come to for one VM. All 0: anywhere.
 *
 * For a struct ha_pool_vm, with `all` the configured hosts:
 *   reaches = all & ~unreached, allowed = all & ~forbidden; the rest by name.
 */
#ifndef HA_MODEL_PLACEMENT_H
#define HA_MODEL_PLACEMENT_H

#include "base/ids.h"

/* Which host of several that will do: the emptiest, or the fullest. */
enum ha_score { HA_SCORE_SPREAD, HA_SCORE_PACK };

struct ha_vm_placement {
	ha_hostset unreached; /* lack one of its networks or datastores */
	ha_hostset forbidden; /* by must rules */
	ha_hostset avoided;   /* by should rules */
	ha_hostset preferred[HA_POOL_LEVELS_MAX]; /* best first; all 0: any */
	uint16_t groups[HA_POOL_VM_GROUPS_MAX]; /* VM-VM rules, by index */
	uint8_t group_count;
	uint64_t datastores; /* bit by index, for the pacing of starts */
	/* by index into config.dependencies, rising: it waits because of */
	const uint16_t *dependencies;
	size_t dependency_count;
};

#endif
