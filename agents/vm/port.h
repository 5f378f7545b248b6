/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port.h - the socket to hacd, in libvirt's event loop. Ends the process when
 * hacd is gone: its VMs run on, and the next hacd starts a new agent.
 */
#ifndef HA_AGENT_VM_PORT_H
#define HA_AGENT_VM_PORT_H

#include "base/log.h"
#include "wire/agent.h"

struct ha_port;

/* What hacd asks; the message is the port's, for the call only. */
typedef void (*ha_port_fn)(void *opaque, const struct ha_am *msg);

/* Takes fd, which does not block. NULL: no memory. */
struct ha_port *ha_port_create(int fd);
/* Begins to read what hacd asks. */
void ha_port_serve(struct ha_port *port, ha_port_fn fn, void *opaque);

/* Never blocks: what the socket does not take waits here. */
void ha_port_send(struct ha_port *port, const struct ha_am *msg);
void ha_port_result(struct ha_port *port, uint64_t id, uint32_t code,
		    const char *text);
/* To the log and to hacd's events. */
void ha_port_note(struct ha_port *port, enum ha_log_level level,
		  const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
