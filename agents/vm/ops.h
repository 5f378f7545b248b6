/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ops.h - the operations that hacd asks for. Each has exactly one result, at
 * its time limit at the latest; what libvirt does later is told by events.
 */
#ifndef HA_AGENT_VM_OPS_H
#define HA_AGENT_VM_OPS_H

#include "domains.h"
#include "port.h"

struct ha_ops;

/* Borrows all three for ever; NULL without memory. */
struct ha_ops *ha_ops_create(struct ha_pool *pool, struct ha_port *port,
			     struct ha_domains *domains);
/* One message of hacd: an operation, a cancel, or nonsense, which is logged. */
void ha_ops_handle(struct ha_ops *ops, const struct ha_am *msg);

#endif
