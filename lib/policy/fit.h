/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fit.h - first fit, and what it shares with fill.c. Not for others.
 */
#ifndef HA_POLICY_FIT_H
#define HA_POLICY_FIT_H

#include "policy/pool.h"

struct ha_planner;

#define HA_FIT_TURNS 3 /* of the hosts: where they begin */

/* Up to the first VM that finds no place; false: there is one. */
bool ha_planner_fit(struct ha_planner *p, unsigned turn);

/* fill.c: what VMs that go together need, all at once. */
struct ha_block {
	int64_t memory_kib;
	int64_t vcpus;
	ha_hostset open; /* to each of them */
	size_t count;
};

/* The must rule TOGETHER of the VM none of whose members runs; or -1. */
int ha_planner_unplaced_block(const struct ha_planner *p, uint32_t vm);
struct ha_block ha_planner_measure_block(const struct ha_planner *p,
					 uint16_t group);
bool ha_planner_is_in(const struct ha_pool_vm *v, uint16_t group);

#endif
