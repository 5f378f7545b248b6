/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wait.h - waiting until the cluster has done what was asked.
 */
#ifndef HACTL_WAIT_H
#define HACTL_WAIT_H

#include <jansson.h>

#include "hactl.h"

/* What is waited for; fields that are NULL or 0 do not matter. */
struct hactl_goal {
	const char *vm;      /* its name or UUID */
	const char *host;    /* the VM is to be there / the host's name */
	const char *state;   /* of the VM or, without one, of the host */
	long long starts;    /* the VM has been started so often */
	bool no_vm_runs;     /* in the whole cluster, or on `host` */
	const char *done;    /* what to say then */
};

/* Has it come true? ret_now gets what is true instead, for people. */
bool hactl_goal_met(const json_t *status, const struct hactl_goal *goal,
		    struct ha_buf *ret_now);
/* Asks again and again until it has, or --timeout is over, if given. */
int hactl_wait(struct hactl *h, const struct hactl_goal *goal)
	__attribute__((warn_unused_result));
/* Without --timeout the command waits as long as it takes; hactl_wait does. */
void hactl_patience(struct hactl *h);

#endif
