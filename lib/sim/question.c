/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/question.h"

#include <assert.h>
#include <string.h>

const char *ha_question_name(enum ha_question_kind kind)
{
	static const char *const names[HA_QUESTION_COUNT] = {
		[HA_QUESTION_KILL] = "kill",
		[HA_QUESTION_PARTITION] = "partition",
		[HA_QUESTION_MAINTENANCE] = "maintenance",
		[HA_QUESTION_APPLY] = "apply",
		[HA_QUESTION_FILE] = "run",
	};

	assert(kind < HA_QUESTION_COUNT);
	return names[kind];
}

void ha_question_steps(const struct ha_question *q, struct ha_buf *ret_text)
{
	static const char *const starts[HA_QUESTION_COUNT] = {
		[HA_QUESTION_KILL] = "kill ",
		[HA_QUESTION_PARTITION] = "partition ",
		[HA_QUESTION_MAINTENANCE] = "hactl host maintenance on ",
		[HA_QUESTION_APPLY] = "hactl config apply ",
	};
	bool together = q->kind == HA_QUESTION_PARTITION;

	assert(q->kind < HA_QUESTION_FILE);
	for (size_t i = 0; i < q->count; i++) {
		if (i == 0 || !together) {
			ha_buf_puts(ret_text, starts[q->kind]);
		}
		ha_buf_printf(ret_text, q->kind == HA_QUESTION_APPLY
						? "\"%s\"%s" : "%s%s",
			      q->words[i], together ? " " : "\n");
	}
	ha_buf_puts(ret_text, "\n");
}

/* Away: off, or with nothing to do with the cluster for now. */
void ha_question_take_state(struct ha_whatif_capacity *c, const char *shown)
{
	static const enum ha_host_shown away[] = {
		HA_HOST_SHOWN_NEW, HA_HOST_SHOWN_LEFT, HA_HOST_SHOWN_LOST,
		HA_HOST_SHOWN_FENCED,
	};

	c->up = true;
	for (size_t i = 0; i < sizeof(away) / sizeof(away[0]); i++) {
		if (strcmp(shown, ha_host_shown_name(away[i])) == 0) {
			c->up = false;
		}
	}
	c->frozen = strcmp(shown, ha_host_shown_name(HA_HOST_SHOWN_FROZEN)) == 0;
}

bool ha_question_all_run(const struct ha_whatif_result *r)
{
	for (size_t i = 0; i < r->vm_count; i++) {
		if (r->vms[i].wanted && r->vms[i].to == HA_HOST_NONE) {
			return false;
		}
	}
	return true;
}
