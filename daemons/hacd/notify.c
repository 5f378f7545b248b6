/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	socklen_t len;
	int fd;

	if (!path || (path[0] != '/' && path[0] != '@') ||
	    strlen(path) >= sizeof(to.sun_path)) {
		return;
	}
	memcpy(to.sun_path, path, strlen(path));
	if (path[0] == '@') {
		to.sun_path[0] = '\0'; /* an abstract socket */
	}
	len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
			  strlen(path));
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0) {
		/* a manager that does not listen cannot be helped */
		(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL,
			     (struct sockaddr *)&to, len);
		close(fd);
	}
}

uint64_t notify_watchdog_ns(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	uint64_t us = usec ? strtoull(usec, NULL, 10) : 0;

	return us * 1000 / 4;
}
