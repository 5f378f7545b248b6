/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port-agents.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent-link.h"
#include "base/err.h"
#include "base/log.h"
#include "base/time.h"

#define BACKOFF_MIN_MS 100u
#define BACKOFF_MAX_MS 5000u
#define STEADY HA_S(60) /* one that ran so long starts again at once */

struct port_agent {
	qb_loop_t *loop;
	struct port_agent_program program;
	struct port_agent_user user;
	struct agent_link *link; /* NULL: does not run */
	bool told; /* that it is gone, since it ran last */
	ha_time since;
	unsigned backoff_ms;
	qb_loop_timer_handle timer;
	bool timer_set;
};

static void start(void *arg);

static void plan_start(struct port_agent *a)
{
	uint64_t ns;

	if (ha_time_now() - a->since > STEADY) {
		a->backoff_ms = 0;
	}
	ns = a->backoff_ms * (uint64_t)1000000;
	a->backoff_ms = a->backoff_ms ? a->backoff_ms * 2 : BACKOFF_MIN_MS;
	if (a->backoff_ms > BACKOFF_MAX_MS) {
		a->backoff_ms = BACKOFF_MAX_MS;
	}
	if (qb_loop_timer_add(a->loop, QB_LOOP_MED, ns + 1, a, start,
			      &a->timer) == 0) {
		a->timer_set = true;
	}
}

static void lose(struct port_agent *a, const char *why)
{
	/* whatever it was doing: two of them at once would be worse */
	agent_link_destroy(a->link);
	a->link = NULL;
	if (!a->told) {
		ha_log(HA_LOG_WARNING, "%s: %s; it is started again",
		       a->program.name, why);
		a->told = true;
		a->user.gone(a->user.arg);
	}
	plan_start(a);
}

static void on_gone(const char *why, void *arg)
{
	lose(arg, why);
}

static void on_message(const struct ha_am *m, void *arg)
{
	struct port_agent *a = arg;

	a->told = false;
	a->user.message(m, a->user.arg);
}

static void start(void *arg)
{
	struct port_agent *a = arg;
	char path[PATH_MAX];
	const char *const argv[] = { path, NULL };
	const struct agent_link_program program = { .argv = argv };
	const struct agent_link_user user = { .message = on_message,
					      .gone = on_gone, .arg = a };
	int rc;

	snprintf(path, sizeof(path), "%s/%s", a->program.dir, a->program.name);
	a->timer_set = false;
	a->since = ha_time_now();
	rc = agent_link_create(a->loop, &program, &user, &a->link);
	if (rc != 0) {
		lose(a, ha_err_text(rc));
	}
}

int port_agent_send(struct port_agent *a, const struct ha_am *m)
{
	return a->link ? agent_link_send(a->link, m) : HA_E_GONE;
}

struct port_agent *port_agent_create(qb_loop_t *loop,
				     const struct port_agent_program *program,
				     const struct port_agent_user *user)
{
	struct port_agent *a = calloc(1, sizeof(*a));

	if (!a) {
		return NULL;
	}
	a->loop = loop;
	a->program = *program;
	a->user = *user;
	a->backoff_ms = BACKOFF_MIN_MS;
	start(a);
	return a;
}

void port_agent_destroy(struct port_agent *a)
{
	if (!a) {
		return;
	}
	if (a->timer_set) {
		qb_loop_timer_del(a->loop, a->timer);
	}
	agent_link_destroy(a->link);
	free(a);
}
