/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bound.h - failures for which no recovery need be planned, because it cannot
 * fail. Not for others; see bound.c for what is computed and why it is right.
 */
#ifndef HA_POLICY_BOUND_H
#define HA_POLICY_BOUND_H

#include "policy/carve.h"
#include "policy/pool.h"

struct ha_planner;

/* A VM that may not go anywhere, as bound.c sees it. */
struct ha_bound_vm {
	ha_hostset open;   /* by reach and host rules */
	ha_hostset stays;  /* its lot is settled only if these fail */
	int64_t memory_kib, vcpus; /* with those that go with it */
	uint32_t closed;   /* so many more hosts, at most, by groups */
	uint32_t next;     /* of the same host, as index + 1; 0 ends */
	bool hard;         /* too many rules at once: to be planned */
};

struct ha_bound_lot { /* the members of a TOGETHER rule */
	ha_hostset open; /* to each */
	int64_t memory_kib, vcpus;
	bool hard; /* one of them is in another group too */
};

struct ha_bound_load { /* of one host */
	bool any;
	int64_t memory_kib, vcpus;
	int64_t memory_most, vcpus_most; /* of one VM, or of a lot */
	uint32_t first;    /* of ha_bound_vm, as index + 1 */
};

struct ha_bound {
	struct ha_bound_load loads[HA_HOSTS_MAX + 1]; /* by host; 0: waiting */
	struct ha_bound_lot *lots; /* by group */
	struct ha_bound_vm *vms;
	size_t vm_count;
};

void ha_bound_lay_out(struct ha_bound *b, const struct ha_pool *pool,
		      struct ha_carve *c);
/* Of what runs where now; after each ha_planner_move again. */
void ha_bound_fill(struct ha_bound *b, const struct ha_planner *p);
/* True: a recovery of these hosts leaves out no VM. */
bool ha_bound_settles(const struct ha_bound *b, const struct ha_planner *p,
		      ha_hostset lost);

#endif
