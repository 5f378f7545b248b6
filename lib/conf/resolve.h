/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resolve.h - what the names in groups, rules, datastores and networks stand
 * for, and what all of that comes to for each VM.
 */
#ifndef HA_CONF_RESOLVE_H
#define HA_CONF_RESOLVE_H

#include "conf/element.h"

/* The configuration is otherwise complete, its arrays are in the arena. An
 * unknown name is an error, and nothing is worked out then. */
void ha_conf_resolve(struct ha_reader *r, struct ha_config *c);

#endif
