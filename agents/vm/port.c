/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port.h"

#include <assert.h>
#include <errno.h>
#include <libvirt/libvirt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

/* A hacd that reads nothing for so long is hung, and will be restarted. */
#define QUEUE_BYTES_MAX (64u << 20)

struct packet {
	struct packet *next;
	struct ha_buf bytes;
};

struct ha_port {
	int fd;
	int watch;
	struct packet *first;
	struct packet *last;
	size_t queued; /* bytes */
	ha_port_fn fn;
	void *opaque;
};

/* Threads may be stuck in libvirt for ever: never wait for them. */
static void leave(int code)
{
	fflush(stderr);
	_exit(code);
}

static void hacd_is_gone(void)
{
	ha_log(HA_LOG_INFO, "hacd closed the connection; leaving, the VMs are "
	       "left as they are");
	leave(0);
}

static void flush_queue(struct ha_port *port)
{
	while (port->first) {
		struct packet *p = port->first;
		int rc = ha_am_send_bytes(port->fd, p->bytes.data, p->bytes.len);

		if (rc == -EAGAIN) {
			return;
		}
		if (rc == HA_E_GONE) {
			hacd_is_gone();
		}
		if (rc < 0) {
			ha_log(HA_LOG_ERR, "cannot send to hacd: %s; leaving, "
			       "to be started anew", ha_err_text(rc));
			leave(1);
		}
		port->queued -= p->bytes.len;
		port->first = p->next;
		if (!port->first) {
			port->last = NULL;
		}
		ha_buf_fini(&p->bytes);
		free(p);
	}
}

static void update_watch(struct ha_port *port)
{
	int events = VIR_EVENT_HANDLE_HANGUP | VIR_EVENT_HANDLE_ERROR;

	if (port->fn) {
		events |= VIR_EVENT_HANDLE_READABLE;
	}
	if (port->first) {
		events |= VIR_EVENT_HANDLE_WRITABLE;
	}
	virEventUpdateHandle(port->watch, events);
}

static void receive(struct ha_port *port)
{
	for (;;) {
		struct ha_am msg;
		int rc = ha_am_recv(port->fd, &msg);

		if (rc == -EAGAIN) {
			return;
		}
		if (rc == HA_E_GONE) {
			hacd_is_gone();
		}
		if (rc == HA_E_SYNTAX || rc == HA_E_LIMIT) {
			ha_log(HA_LOG_ERR, "a message of hacd makes no sense: "
			       "%s; ignored", ha_err_text(rc));
			continue;
		}
		if (rc < 0) {
			ha_log(HA_LOG_ERR, "cannot receive from hacd: %s; "
			       "leaving, to be started anew", ha_err_text(rc));
			leave(1);
		}
		port->fn(port->opaque, &msg);
		ha_am_fini(&msg);
	}
}

static void on_socket(int watch, int fd, int events, void *opaque)
{
	struct ha_port *port = opaque;

	(void)watch;
	(void)fd;
	if (events & VIR_EVENT_HANDLE_WRITABLE) {
		flush_queue(port);
	}
	if (port->fn) {
		receive(port);
	} else if (events & (VIR_EVENT_HANDLE_HANGUP | VIR_EVENT_HANDLE_ERROR)) {
		hacd_is_gone();
	}
	update_watch(port);
}

void ha_port_send(struct ha_port *port, const struct ha_am *msg)
{
	struct packet *p = calloc(1, sizeof(*p));
	int rc = p ? ha_am_pack(msg, &p->bytes) : HA_E_NO_MEMORY;

	if (rc == 0 && port->queued + p->bytes.len > QUEUE_BYTES_MAX) {
		rc = HA_E_LIMIT;
	}
	if (rc < 0) {
		/* hacd would wait for it: a new agent tells all again. */
		ha_log(HA_LOG_ERR, "a message for hacd is lost: %s; leaving, to "
		       "be started anew", ha_err_text(rc));
		leave(1);
		return;
	}
	port->queued += p->bytes.len;
	if (port->last) {
		port->last->next = p;
	} else {
		port->first = p;
	}
	port->last = p;
	flush_queue(port);
	if (port->first) {
		update_watch(port);
	}
}

void ha_port_result(struct ha_port *port, uint64_t id, uint32_t code,
		    const char *text)
{
	struct ha_am msg = { .kind = HA_AM_RESULT, .id = id, .code = code,
			     .text = text };

	ha_port_send(port, &msg);
}

void ha_port_note(struct ha_port *port, enum ha_log_level level,
		  const char *fmt, ...)
{
	char text[HA_TEXT_MAX + 1];
	struct ha_am msg = { .kind = HA_AM_NOTE, .code = (uint32_t)level,
			     .text = text };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ha_log(level, "%s", text);
	ha_port_send(port, &msg);
}

struct ha_port *ha_port_create(int fd)
{
	struct ha_port *port = calloc(1, sizeof(*port));

	if (!port) {
		return NULL;
	}
	port->fd = fd;
	port->watch = virEventAddHandle(fd, VIR_EVENT_HANDLE_HANGUP, on_socket,
					port, NULL);
	if (port->watch < 0) {
		free(port);
		return NULL;
	}
	return port;
}

void ha_port_serve(struct ha_port *port, ha_port_fn fn, void *opaque)
{
	assert(fn);
	port->fn = fn;
	port->opaque = opaque;
	update_watch(port);
}
