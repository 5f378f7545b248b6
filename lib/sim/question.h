/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * question.h - "what would happen if ...", as an admin types it: the steps that
 * whatif.h is given for it, and whether its answer is a good one. For hactl
 * simulate, hacsim what-if, and scenarios in which hactl simulate stands.
 */
#ifndef HA_SIM_QUESTION_H
#define HA_SIM_QUESTION_H

#include "sim/whatif.h"

enum ha_question_kind {
	HA_QUESTION_KILL,        /* words: hosts */
	HA_QUESTION_PARTITION,   /* "h1,h2", "|", "h3" */
	HA_QUESTION_MAINTENANCE, /* hosts */
	HA_QUESTION_APPLY,       /* a configuration's file */
	HA_QUESTION_FILE,        /* a scenario's file */
	HA_QUESTION_COUNT
};

struct ha_question {
	enum ha_question_kind kind;
	const char *const *words; /* as typed; borrowed */
	size_t count;
};

/* As an admin types it: "kill", ..., "run". */
const char *ha_question_name(enum ha_question_kind kind);
/* As the text of a scenario; of HA_QUESTION_FILE that is the file's own. */
void ha_question_steps(const struct ha_question *q, struct ha_buf *ret_text);
/* What a host's state, as hactl shows it, says about its capacity. */
void ha_question_take_state(struct ha_whatif_capacity *c, const char *shown);
/* Would every VM run that is to? */
bool ha_question_all_run(const struct ha_whatif_result *r);

#endif
