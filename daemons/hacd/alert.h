/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alert.h - runs the alert hook, an executable of the admin's, with the facts
 * in its environment: HAC_ALERT (what), HAC_CLUSTER, HAC_HOST, HAC_VM (names
 * or ""), HAC_TEXT, HAC_TIME. Nobody waits for it; one that does not end is
 * killed.
 */
#ifndef HACD_ALERT_H
#define HACD_ALERT_H

#include <qb/qbloop.h>

struct alert_facts { /* borrowed for the call */
	const char *what;
	const char *cluster;
	const char *host;
	const char *vm;
	const char *text;
};

/* hook: absolute path, or NULL: only the log has it. */
void alert_call(qb_loop_t *loop, const char *hook,
		const struct alert_facts *facts);

#endif
