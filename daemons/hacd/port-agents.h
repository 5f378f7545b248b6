/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port-agents.h - a program of ours that may block and may die: started,
 * spoken to, killed with hacd, and started again with back-off.
 */
#ifndef HACD_PORT_AGENTS_H
#define HACD_PORT_AGENTS_H

#include <qb/qbloop.h>

#include "wire/am.h"

struct port_agent;

struct port_agent_user {
	/* m: borrowed for the call */
	void (*message)(const struct ha_am *m, void *arg);
	/* What was in flight has an unknown outcome; it is started again. */
	void (*gone)(void *arg);
	void *arg;
};

struct port_agent_program { /* borrowed until destroy */
	const char *dir;
	const char *name; /* "hac-agent-vm" */
};

/* NULL: out of memory. That it cannot be started is told as gone. */
struct port_agent *port_agent_create(qb_loop_t *loop,
				     const struct port_agent_program *program,
				     const struct port_agent_user *user);
/* Copies. HA_E_GONE: it does not run just now. */
int port_agent_send(struct port_agent *a, const struct ha_am *m)
	__attribute__((warn_unused_result));
void port_agent_destroy(struct port_agent *a);

#endif
