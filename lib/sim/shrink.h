/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shrink.h - leaves out of a plan what its failure does not need: deeds, then
 * VMs, then hosts. What else happens in the world by chance changes with each
 * deed that is left out, so a few other seeds of the world are tried too.
 */
#ifndef HA_SIM_SHRINK_H
#define HA_SIM_SHRINK_H

#include <stdbool.h>

#include "sim/plan.h"

struct sim_shrink {
	/* Does it still fail in the same way? */
	bool (*fails)(const struct sim_plan *plan, void *arg);
	void *arg;
	unsigned tries_max; /* runs, at most */
	unsigned tries;     /* made so far */
};

void sim_shrink(struct sim_shrink *s, struct sim_plan *plan);

#endif
