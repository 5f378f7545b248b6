/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * child.h - one run of a fence agent: a process group of its own, its input
 * handed over at once, of its stderr only the last line kept.
 */
#ifndef HA_AGENT_FENCE_CHILD_H
#define HA_AGENT_FENCE_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "param.h"

#define HA_CHILD_KILLED (-1) /* as exit code: by a signal, its own or ours */

struct ha_child {
	pid_t pid;   /* 0: none runs */
	int pidfd;
	int err;     /* its stderr; -1: closed */
	char line[HA_FENCE_TEXT]; /* last line said, printable */
	char part[512];           /* of a line not ended yet */
	size_t part_len;
	struct ha_buf secrets;
};

/* Runs program; takes the secrets of lines. text says why it failed. */
int ha_child_start(struct ha_child *c, const char *program,
		   struct ha_param_lines *lines)
	__attribute__((warn_unused_result));
/* Reads what there is on c->err. */
void ha_child_listen(struct ha_child *c);
/* Kills the whole group; its end is still to be reaped. */
void ha_child_kill(struct ha_child *c);
/* After c->pidfd became readable: the exit code or HA_CHILD_KILLED. Kills what
 * it left behind; c->line is masked. */
int ha_child_reap(struct ha_child *c);

#endif
