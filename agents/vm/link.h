/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link.h - the one connection to libvirt that events come by, kept up for
 * ever: UP and the inventory are told when it stands, DOWN when it breaks.
 *
 * libvirt is asked in threads made for one attempt each; one that hangs is
 * left hanging, after a while another is tried beside it.
 */
#ifndef HA_AGENT_VM_LINK_H
#define HA_AGENT_VM_LINK_H

#include "domains.h"
#include "port.h"
#include "readiness.h"

struct ha_link;

struct ha_link_users { /* who learns what libvirt tells */
	struct ha_port *port;
	struct ha_domains *domains;
	struct ha_readiness *readiness;
};

/* Borrows all for ever; NULL without memory. Tries to connect at once. */
struct ha_link *ha_link_create(const char *uri, struct ha_pool *pool,
			       const struct ha_link_users *users);

#endif
