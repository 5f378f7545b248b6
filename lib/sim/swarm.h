/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * swarm.h - one random cluster with random faults, drawn from a seed: first
 * the world is hostile and the oracle looks for a breach of the promises, then
 * everything heals, and the cluster must come to rest in good order.
 */
#ifndef HA_SIM_SWARM_H
#define HA_SIM_SWARM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"

struct ha_swarm_options {
	uint64_t seed;
	FILE *trace; /* NULL: none */
};

struct ha_swarm_result {
	bool held;
	double seconds;   /* of the simulated world */
	uint64_t steps;   /* of all cores */
};

/* out: what did not hold, and the last lines of the trace. */
struct ha_swarm_result ha_sim_swarm(const struct ha_swarm_options *options,
				    struct ha_buf *out);

#endif
