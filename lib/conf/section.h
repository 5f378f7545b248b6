/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * section.h - the objects of a configuration that are attributes and nothing
 * else: where they stand in the text, where in the model. Reading, writing and
 * comparing go over this one list.
 */
#ifndef HA_CONF_SECTION_H
#define HA_CONF_SECTION_H

#include "conf/field.h"

struct ha_section {
	const char *parent;  /* the element that holds them */
	const char *element;
	const char *kind;    /* for people: "host group" */
	const struct ha_field_table *fields;
	size_t list, count;  /* offsets in struct ha_config */
	size_t size;         /* of one object */
	size_t name, line;   /* offsets in it */
};

#define HA_SECTIONS_MAX 7

extern const struct ha_section ha_sections[]; /* those of one parent together */
extern const size_t ha_section_count;

/* The index-th object, or its name. */
const void *ha_section_object(const struct ha_section *s,
			      const struct ha_config *c, size_t index);
const char *ha_section_name(const struct ha_section *s, const void *object);
size_t ha_section_objects(const struct ha_section *s,
			  const struct ha_config *c);
const void *ha_section_find(const struct ha_section *s,
			    const struct ha_config *c, const char *name);
void ha_section_set(const struct ha_section *s, struct ha_config *c,
		    const void *list, size_t count);
/* What an object of the configuration has that says nothing. */
void ha_section_set_defaults(const struct ha_section *s,
			     const struct ha_config *c, struct ha_arena *arena,
			     void *object);

#endif
