/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attempt.h - one run in a process of its own: a core may stop by an
 * assertion. Nothing of it is printed.
 */
#ifndef HACSIM_ATTEMPT_H
#define HACSIM_ATTEMPT_H

#include <stdbool.h>

#include "sim/run.h"

struct hacsim_attempt { /* shared with the process that makes it */
	bool held;
	char why[HA_SIM_WHY_MAX + 1]; /* what did not hold */
};

/* NULL: no memory, which has been said. */
struct hacsim_attempt *hacsim_attempt_create(void);
void hacsim_attempt_destroy(struct hacsim_attempt *a);

/* fn fills it in, in that process. */
void hacsim_attempt_make(struct hacsim_attempt *a,
			 void (*fn)(struct hacsim_attempt *a, const void *arg),
			 const void *arg);
/* The scenario in that file is run. */
void hacsim_attempt_file(struct hacsim_attempt *a, const char *path);
/* Did it fail, and in the same way: alike up to the first colon? */
bool hacsim_attempt_failed_like(const struct hacsim_attempt *a,
				const char *why);

#endif
