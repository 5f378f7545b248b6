/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swarm.h - random clusters with random faults, one drawn from each seed
 * (plan.h): first the world is hostile and the oracle looks for a breach of
 * the promises, then everything heals, and the cluster must come to rest in
 * good order.
 */
#ifndef HA_SIM_SWARM_H
#define HA_SIM_SWARM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "sim/plan.h"
#include "sim/run.h"

#define SWARM_KINDS_MAX 96
#define SWARM_KIND_NAME 40

/* What was done, by kind: "crash hacd", "hactl vm stop". */
struct ha_swarm_kinds {
	struct {
		char name[SWARM_KIND_NAME];
		uint64_t count;
	} list[SWARM_KINDS_MAX];
	size_t count;
};

struct ha_swarm_result {
	bool held;
	char why[HA_SIM_WHY_MAX + 1]; /* not, if so */
	double seconds;   /* of the simulated world */
	uint64_t steps;   /* of all cores */
	struct ha_swarm_kinds faults, commands;
};

/* out: what did not hold, and the last lines of the trace. trace: may be
 * NULL. */
void ha_sim_swarm(const struct sim_plan *plan, FILE *trace,
		  struct ha_swarm_result *ret_result, struct ha_buf *out);

void ha_swarm_kinds_add(struct ha_swarm_kinds *to,
			const struct ha_swarm_kinds *k);

#endif
