/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hacsim.h - the commands of hacsim, one per file; argv[0] is the command's
 * name. Each gives the exit status.
 */
#ifndef HACSIM_HACSIM_H
#define HACSIM_HACSIM_H

#include <stdint.h>

#include "sim/plan.h"
#include "sim/run.h"

/* Each returns an exit code. */
int hacsim_replay(int argc, char **argv);
int hacsim_run(int argc, char **argv);
int hacsim_swarm(int argc, char **argv);
int hacsim_what_if(int argc, char **argv);

/* What came of a story: its verdict, and what ha_sim_run says of it. */
void hacsim_tell(const char *path, enum ha_sim_verdict verdict,
		 const char *text);

/* A plan that failed like that: writes the smallest scenario that still does
 * into the folder, and says so. */
void hacsim_shrink(struct sim_plan *plan, const char *why, const char *folder);

#endif
