/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run.h - runs a scenario in the simulated world.
 */
#ifndef HA_SIM_RUN_H
#define HA_SIM_RUN_H

#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/ids.h"
#include "base/limits.h"
#include "sim/scenario.h"

#define HA_SIM_WHY_MAX (HA_TEXT_MAX + 60) /* a core's text, and of what */

struct ha_sim_figures {
	double seconds;  /* of the simulated world */
	uint64_t steps;  /* of all cores */
	size_t done;     /* steps of the scenario, the last perhaps in part */
	char why[HA_SIM_WHY_MAX + 1]; /* what did not hold, "" if all did */
};

struct ha_core;

/* Where a run begins instead of with hosts that were never on: borrowed. The
 * cluster is the core's, whatever file the scenario names. */
struct ha_sim_begin {
	const struct ha_core *core;
	const char *text; /* of its configuration */
	struct ha_hash hash;
};

struct ha_sim_options {
	const struct ha_sim_begin *begin; /* NULL: none */
	uint64_t seed;   /* 0: the scenario's, or 1 */
	FILE *trace;     /* gets all that happens; NULL: none */
	struct ha_buf *decisions; /* gets them, by step; NULL: none */
	/* NULL, or the text of a configuration by the name that the scenario
	 * gives it; borrowed for the run. */
	const char *(*text)(const char *name, void *arg);
	void *text_arg;
	struct ha_sim_figures *ret_figures; /* NULL: not wanted */
	/* NULL, or gets the flight record of each life of each hacd, of at
	 * most about record_bytes of events */
	void (*record)(const char *host, const struct ha_buf *record,
		       void *arg);
	void *record_arg;
	size_t record_bytes;
};

enum ha_sim_verdict { HA_SIM_HELD, HA_SIM_BROKEN, HA_SIM_BAD_FILE };

/* out: for BROKEN the line that did not hold, what was true instead and what
 * led there; for BAD_FILE all that is wrong with the file. Whole lines. */
enum ha_sim_verdict ha_sim_run(const struct ha_scenario *sc,
			       const struct ha_sim_options *options,
			       struct ha_buf *out);

#endif
