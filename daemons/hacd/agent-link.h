/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent-link.h - one run of an agent: the process, and the socket to it, which
 * never blocks hacd: what it does not take waits here.
 */
#ifndef HACD_AGENT_LINK_H
#define HACD_AGENT_LINK_H

#include <qb/qbloop.h>

#include "wire/am.h"

struct agent_link;

struct agent_link_program { /* argv: borrowed for create */
	const char *const *argv; /* [0] is the path, the last one NULL */
	bool outlives; /* us and the link, until it has read all; else killed */
};

struct agent_link_user {
	/* m: borrowed for the call */
	void (*message)(const struct ha_am *m, void *arg);
	/* It ended, wrote nonsense, or cannot be spoken to; why: words. Once,
	 * and from the loop only; the link may be destroyed from here, but not
	 * from message. */
	void (*gone)(const char *why, void *arg);
	void *arg;
};

/* That the program cannot be run is told as gone. */
int agent_link_create(qb_loop_t *loop, const struct agent_link_program *program,
		      const struct agent_link_user *user,
		      struct agent_link **ret_link)
	__attribute__((warn_unused_result));
/* Copies. HA_E_BUSY: it takes nothing, and too much waits already. */
int agent_link_send(struct agent_link *l, const struct ha_am *m)
	__attribute__((warn_unused_result));
/* May be NULL. */
void agent_link_destroy(struct agent_link *l);

#endif
