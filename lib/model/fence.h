/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fence.h - fence devices and, per host, the levels in which they are used.
 *
 * Levels are tried in order until one succeeds; in a level every step must
 * succeed. A secret is never a value here, only the file that holds it.
 */
#ifndef HA_MODEL_FENCE_H
#define HA_MODEL_FENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

struct ha_param {
	const char *name;
	const char *value; /* NULL if the value is read from file */
	const char *file;  /* absolute path of a secret, or NULL */
	uint32_t line;
};

struct ha_fence_device {
	const char *name;
	const char *agent; /* "fence_ipmilan": a program of fence-agents */
	const struct ha_param *params;
	size_t param_count;
	ha_dur timeout;    /* of one action of the agent */
	uint32_t retries;  /* further tries of one action */
	bool power_on;     /* switch on again after the proof */
	uint32_t given;    /* attributes that stand in the text, for lib/conf */
	uint32_t line;
};

/* One device to be used, with parameters of this host ("plug"). */
struct ha_fence_step {
	uint32_t device; /* index into config.devices */
	const struct ha_param *params;
	size_t param_count;
	uint32_t line;
};

struct ha_fence_level { /* all steps must succeed */
	const struct ha_fence_step *steps;
	size_t step_count;
	uint32_t line;
};

#endif
