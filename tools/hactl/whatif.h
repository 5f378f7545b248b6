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
#include "sim/whatif.h"

enum hactl_whatif_kind {
	HACTL_WHATIF_KILL,        /* words: hosts */
	HACTL_WHATIF_PARTITION,   /* "h1,h2", "|", "h3" */
	HACTL_WHATIF_MAINTENANCE, /* hosts */
	HACTL_WHATIF_APPLY,       /* a configuration's file */
	HACTL_WHATIF_FILE         /* a scenario's file */
};

struct hactl_whatif {
	enum hactl_whatif_kind kind;
	const char *const *words; /* as typed; borrowed */
	size_t count;
};

/*
 * Asks it and prints the answer. HACTL_OK: every VM that is to run would run;
 * HACTL_FAILED: one would not, or a step did not do what it should;
 * HACTL_USAGE: no such host or file, told on stderr.
 */
int hactl_whatif_answer(const struct hactl *h, const struct hactl_whatif *q,
			const struct ha_whatif *cluster)
	__attribute__((warn_unused_result));
/* The result alone, as hactl(8), JSON tells it; owned by the caller. */
json_t *hactl_whatif_json(const struct ha_whatif_result *r,
			  const char *question);

#endif
