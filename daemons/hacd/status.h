/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * status.h - what a core knows, as JSON for tools: hactl's tables and the
 * conditions of scenarios are made of it. Returned values are owned by the
 * caller; NULL: no such object, or out of memory.
 */
#ifndef HACD_STATUS_H
#define HACD_STATUS_H

#include <jansson.h>

#include "core/view.h"

/* The configured name of a host, else "host N"; "" for none. text: 80 bytes. */
const char *status_host_name(const struct ha_core *core, ha_hostid id,
			     char *text);
/* By name or by UUID; HA_HOST_NONE and NULL: not configured. */
ha_hostid status_find_host(const struct ha_core *core, const char *name);
const struct ha_vm_conf *status_find_vm(const struct ha_core *core,
					const char *name);

json_t *status_host_names(const struct ha_core *core, ha_hostset set);
json_t *status_all(struct ha_core *core, ha_hostid self);
/* All that is known of a configured host, of a VM. */
json_t *status_host_full(const struct ha_core *core, ha_hostid id);
json_t *status_vm_full(const struct ha_core *core, const struct ha_vm_conf *vm);

#endif
