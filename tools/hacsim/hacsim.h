/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hacsim.h - the commands of hacsim, one per file; argv[0] is the command's
 * name. Each gives the exit status.
 */
#ifndef HACSIM_HACSIM_H
#define HACSIM_HACSIM_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/plan.h"
#include "sim/run.h"

#define HACSIM_JOBS_MAX 64

/* Each returns an exit code. */
int hacsim_bench(int argc, char **argv);
int hacsim_exhaust(int argc, char **argv);
int hacsim_replay(int argc, char **argv);
int hacsim_run(int argc, char **argv);
int hacsim_swarm(int argc, char **argv);
int hacsim_what_if(int argc, char **argv);

/* A number at the beginning of the text; end: what is behind it. */
bool hacsim_take_number(const char *text, const char **end, uint64_t *ret_n);
/* False: it is not from 1 to max, which has been said. */
bool hacsim_take_count(const char *text, const char *what, uint32_t max,
		       uint32_t *ret_n);
/* False: errno says why not. */
bool hacsim_write_file(const char *path, const struct ha_buf *text);

/* What came of a story: its verdict, and what ha_sim_run says of it. */
void hacsim_tell(const char *path, enum ha_sim_verdict verdict,
		 const char *text);

/* A plan that failed like that: writes the smallest scenario that still does
 * into the folder, and says so. */
void hacsim_shrink(struct sim_plan *plan, const char *why, const char *folder);

#endif
