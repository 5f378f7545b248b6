/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libvirt/libvirt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct line {
	int fd; /* -1: it did not answer */
	int watch;
};

struct ha_dial {
	struct line lines[HA_ADDRESSES_MAX];
	size_t count;
	size_t open;
	int timer;
	bool hearsay;
	ha_dialled_fn fn;
	void *opaque;
};

static void close_line(struct ha_dial *d, struct line *l)
{
	if (l->fd < 0) {
		return;
	}
	if (l->watch >= 0) {
		virEventRemoveHandle(l->watch);
	}
	close(l->fd);
	l->fd = -1;
	d->open--;
}

void ha_dial_cancel(struct ha_dial *d)
{
	for (size_t i = 0; i < d->count; i++) {
		close_line(d, &d->lines[i]);
	}
	virEventRemoveTimeout(d->timer);
	free(d);
}

static void end_dial(struct ha_dial *d, bool answered)
{
	ha_dialled_fn fn = d->fn;
	void *opaque = d->opaque;

	ha_dial_cancel(d);
	fn(opaque, answered);
}

static bool is_same(const union ha_address *a, const union ha_address *b)
{
	if (a->any.sa_family == AF_INET) {
		return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
	}
	return IN6_ARE_ADDR_EQUAL(&a->in6.sin6_addr, &b->in6.sin6_addr);
}

/* Who reaches an address of its own, does so from that address. */
static bool is_own(int fd)
{
	union ha_address here, there;
	socklen_t size = sizeof(here), other = sizeof(there);

	return getsockname(fd, &here.any, &size) != 0 ||
	       getpeername(fd, &there.any, &other) != 0 ||
	       is_same(&here, &there);
}

static bool is_connected(int fd)
{
	int error = -1;
	socklen_t size = sizeof(error);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 &&
	       error == 0;
}

static void on_line(int watch, int fd, int events, void *opaque)
{
	struct ha_dial *d = opaque;

	(void)watch;
	(void)events;
	for (size_t i = 0; i < d->count; i++) {
		struct line *l = &d->lines[i];

		if (l->fd != fd) {
			continue;
		}
		if (is_connected(fd) && !(d->hearsay && is_own(fd))) {
			end_dial(d, true);
			return;
		}
		close_line(d, l);
		if (d->open == 0) {
			end_dial(d, false);
		}
		return;
	}
}

static void on_timer(int timer, void *opaque)
{
	(void)timer;
	end_dial(opaque, false);
}

static void open_line(struct ha_dial *d, const union ha_address *to,
		      uint16_t port)
{
	struct line *l = &d->lines[d->count];
	union ha_address a = *to;
	bool four = a.any.sa_family == AF_INET;
	socklen_t len = four ? sizeof(a.in) : sizeof(a.in6);

	if (four) {
		a.in.sin_port = htons(port);
	} else {
		a.in6.sin6_port = htons(port);
	}
	l->fd = socket(a.any.sa_family,
		       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0) {
		return;
	}
	if (connect(l->fd, &a.any, len) != 0 && errno != EINPROGRESS) {
		close(l->fd);
		return;
	}
	l->watch = virEventAddHandle(l->fd, VIR_EVENT_HANDLE_WRITABLE |
				     VIR_EVENT_HANDLE_HANGUP |
				     VIR_EVENT_HANDLE_ERROR, on_line, d, NULL);
	if (l->watch < 0) {
		close(l->fd);
		return;
	}
	d->count++;
	d->open++;
}

struct ha_dial *ha_dial_begin(const struct ha_dial_to *to, ha_dialled_fn fn,
			      void *opaque)
{
	struct ha_dial *d = calloc(1, sizeof(*d));

	if (!d) {
		return NULL;
	}
	d->hearsay = to->hearsay;
	d->fn = fn;
	d->opaque = opaque;
	d->timer = virEventAddTimeout(HA_DIAL_LIMIT_MS, on_timer, d, NULL);
	if (d->timer < 0) {
		free(d);
		return NULL;
	}
	for (size_t i = 0; i < to->addresses->count; i++) {
		open_line(d, &to->addresses->list[i], to->port);
	}
	if (d->open == 0) {
		virEventUpdateTimeout(d->timer, 0);
	}
	return d;
}
