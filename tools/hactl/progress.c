/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "progress.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/time.h"

enum { FIRST_MS = 2000, NEXT_MS = 10000 };

/* A thread of its own, since the client blocks. */
struct hactl_progress {
	pthread_t thread;
	int fd; /* readable: end */
	ha_time since;
	char text[256];
};

static void *tell(void *arg)
{
	struct hactl_progress *p = arg;
	struct pollfd pfd = { .fd = p->fd, .events = POLLIN };
	int wait_ms = FIRST_MS;

	while (poll(&pfd, 1, wait_ms) == 0) {
		(void)fprintf(stderr, "%s, %lld s ...\n", p->text,
			      (long long)((ha_time_now() - p->since) /
					  HA_S(1)));
		wait_ms = NEXT_MS;
	}
	return NULL;
}

struct hactl_progress *hactl_progress_start(const char *text)
{
	struct hactl_progress *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		return NULL;
	}
	(void)snprintf(p->text, sizeof(p->text), "%s", text);
	p->since = ha_time_now();
	p->fd = eventfd(0, EFD_CLOEXEC);
	if (p->fd < 0 || pthread_create(&p->thread, NULL, tell, p) != 0) {
		if (p->fd >= 0) {
			(void)close(p->fd);
		}
		free(p);
		return NULL;
	}
	return p;
}

void hactl_progress_stop(struct hactl_progress *p)
{
	if (p == NULL) {
		return;
	}
	(void)eventfd_write(p->fd, 1);
	(void)pthread_join(p->thread, NULL);
	(void)close(p->fd);
	free(p);
}

void hactl_pause(int ms)
{
	(void)poll(NULL, 0, ms);
}
