/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * whatif.h - a question "what would happen if ..." as typed, asked of the
 * simulated world (sim/whatif.h) and its answer shown: for hactl simulate and
 * for hacsim what-if, which differ in where the cluster comes from.
 */
#ifndef HACTL_WHATIF_H
#define HACTL_WHATIF_H

#include <jansson.h>

#include "hactl.h"
#include "sim/question.h"

/*
 * Asks it and prints the answer. HACTL_OK: every VM that is to run would run;
 * HACTL_FAILED: one would not, or a step did not do what it should;
 * HACTL_USAGE: no such host or file, told on stderr.
 */
int hactl_whatif_answer(const struct hactl *h, const struct ha_question *q,
			const struct ha_whatif *cluster)
	__attribute__((warn_unused_result));
/* The result alone, as hactl(8), JSON tells it; owned by the caller. */
json_t *hactl_whatif_json(const struct ha_whatif_result *r,
			  const char *question);

#endif
