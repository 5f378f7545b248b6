/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run.h - runs a scenario in the simulated world.
 */
#ifndef HA_SIM_RUN_H
#define HA_SIM_RUN_H

#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "sim/scenario.h"

struct ha_sim_options {
	uint64_t seed;
	FILE *trace; /* NULL: none */
};

enum ha_sim_verdict { HA_SIM_HELD, HA_SIM_BROKEN, HA_SIM_BAD_FILE };

/* out: for BROKEN the line that did not hold, what was true instead and the
 * last lines of the trace; for BAD_FILE what is wrong with the file. */
enum ha_sim_verdict ha_sim_run(const struct ha_scenario *sc,
			       const struct ha_sim_options *options,
			       struct ha_buf *out);

#endif
