/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * readiness.h - waiting until guests, or what runs in them, are ready. A guest
 * is asked when libvirt says that its agent is there, and again and again with
 * growing pauses, a few guests at once, until it is ready or the time is over;
 * where nobody asks, nothing is done. A guest that hangs holds up neither
 * operations nor, for long, other guests: who was asked least goes first.
 *
 * All of it belongs to the thread of the event loop.
 */
#ifndef HA_AGENT_VM_READINESS_H
#define HA_AGENT_VM_READINESS_H

#include "pool.h"
#include "port.h"

struct ha_readiness;

/* Borrows both for ever; NULL without memory. */
struct ha_readiness *ha_readiness_create(struct ha_pool *pool,
					 struct ha_port *port);
/* HA_AM_VM_READY. One result: OK; FAILED, it cannot be or was not in time;
 * UNKNOWN, it has ended or there is no memory: ask again if it runs. */
void ha_readiness_begin(struct ha_readiness *r, const struct ha_am *msg);
/* No result is wanted any more; false: no such question. */
bool ha_readiness_cancel(struct ha_readiness *r, uint64_t id);

/* libvirt says that this guest's agent is there, or (NULL) is back itself. */
void ha_readiness_hint(struct ha_readiness *r, const struct ha_uuid *uuid);
/* libvirt says that this VM has ended. */
void ha_readiness_gone(struct ha_readiness *r, const struct ha_uuid *uuid);

#endif
