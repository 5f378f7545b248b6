/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * element.h - one element of a cluster XML: its attributes by their table, and
 * that nothing stands in it that does not belong there. What is wrong becomes
 * an error; reading goes on.
 */
#ifndef HA_CONF_ELEMENT_H
#define HA_CONF_ELEMENT_H

#include <stdbool.h>

#include "conf/arena.h"
#include "conf/field.h"
#include "conf/xml.h"

struct ha_reader {
	struct ha_arena *arena;
	struct ha_conf_errors *errors;
};

struct ha_child_rule {
	const char *name;
	bool many;
};

/* Attributes of one element may go into two structs (the defaults). */
struct ha_target {
	const struct ha_field_table *table;
	void *object;
};

/* An element as the object of messages; its name borrowed from the tree. */
struct ha_conf_at ha_at_element(const xmlNode *n, const char *kind);
/* Only children of these names; the list ends with a NULL name. */
void ha_read_children(struct ha_reader *r, const xmlNode *parent,
		      const struct ha_conf_at *about,
		      const struct ha_child_rule *rules);
/* Each attribute to the first target that knows it; the list ends with a NULL
 * table. */
void ha_read_attrs(struct ha_reader *r, const xmlNode *n,
		   const struct ha_conf_at *at,
		   const struct ha_target *targets);

#endif
