/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "alert.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <time.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "clock.h"

#define HOOKS_MAX 16
#define LIMIT_NS (60u * (uint64_t)1000000000)
#define VARIABLE_MAX (HA_TEXT_MAX + 64)

struct hook {
	int pidfd; /* 0: a free place */
};

static struct hook hooks[HOOKS_MAX];

/* It ended long ago, or it hangs: both are over now. */
static void end_hook(void *arg)
{
	struct hook *h = arg;

	if (pidfd_send_signal(h->pidfd, SIGKILL, NULL, 0) == 0) {
		ha_log(HA_LOG_WARNING, "the alert hook did not end within a "
		       "minute; killed");
	}
	close(h->pidfd);
	h->pidfd = 0;
}

static struct hook *free_place(void)
{
	for (size_t i = 0; i < HOOKS_MAX; i++) {
		if (hooks[i].pidfd == 0) {
			return &hooks[i];
		}
	}
	return NULL;
}

/* ret_pid is 0 if it could not be started; errno tells why. */
static int spawn_hook(const char *path, const struct alert_facts *f,
		      pid_t *ret_pid)
{
	char text[6][VARIABLE_MAX], when[64];
	char *argv[] = { (char *)(uintptr_t)path, NULL };
	char *envp[] = { text[0], text[1], text[2], text[3], text[4], text[5],
			 (char *)(uintptr_t)"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
			 NULL };
	posix_spawnattr_t attr;
	sigset_t none;
	int rc;

	clock_print(when, sizeof(when));
	snprintf(text[0], VARIABLE_MAX, "HAC_ALERT=%s", f->what);
	snprintf(text[1], VARIABLE_MAX, "HAC_CLUSTER=%s", f->cluster);
	snprintf(text[2], VARIABLE_MAX, "HAC_HOST=%s", f->host);
	snprintf(text[3], VARIABLE_MAX, "HAC_VM=%s", f->vm);
	snprintf(text[4], VARIABLE_MAX, "HAC_TEXT=%s", f->text);
	snprintf(text[5], VARIABLE_MAX, "HAC_TIME=%s", when);
	sigemptyset(&none);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSID);
	rc = posix_spawn(ret_pid, path, NULL, &attr, argv, envp);
	posix_spawnattr_destroy(&attr);
	return rc;
}

void alert_call(qb_loop_t *loop, const char *hook,
		const struct alert_facts *facts)
{
	struct hook *place = free_place();
	qb_loop_timer_handle timer;
	pid_t pid;
	int rc;

	ha_log(HA_LOG_ERR, "alert %s: %s", facts->what, facts->text);
	if (!hook) {
		return;
	}
	if (!place) {
		ha_log(HA_LOG_WARNING, "more than %d alert hooks at once; not "
		       "called for this one", HOOKS_MAX);
		return;
	}
	rc = spawn_hook(hook, facts, &pid);
	if (rc != 0) {
		ha_log(HA_LOG_ERR, "the alert hook %s cannot be started: %s",
		       hook, strerror(rc));
		return;
	}
	place->pidfd = pidfd_open(pid, 0);
	if (place->pidfd < 0 ||
	    qb_loop_timer_add(loop, QB_LOOP_LOW, LIMIT_NS, place, end_hook,
			      &timer) != 0) {
		place->pidfd = 0; /* it has ended already, or none watches it */
	}
}
