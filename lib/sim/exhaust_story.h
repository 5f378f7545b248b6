/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exhaust_story.h - the small cluster that is searched, for exhaust.c alone:
 * how it begins, and what was done to it since.
 */
#ifndef HA_SIM_EXHAUST_STORY_H
#define HA_SIM_EXHAUST_STORY_H

#include "sim/exhaust.h"

#define EXHAUST_LINGER HA_S(8) /* what was done shows within this */

struct ha_config;
struct sim;

struct exhaust_story {
	struct sim *sim;          /* for ever */
	struct ha_config *config; /* too */
	ha_time rest;             /* when it was at rest */
	struct ha_exhaust_deed deeds[EXHAUST_FAULTS_MAX + 1];
	size_t deed_count;
};

/* st: zeroed. Afterwards it is where the search begins; the oracle tells
 * whether all went well so far. False: no memory. */
bool exhaust_story_begin(struct exhaust_story *st,
			 const struct ha_exhaust_options *o);
/* It has been done now. */
void exhaust_story_note(struct exhaust_story *st, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

bool exhaust_all_run(const struct sim *s);

#endif
