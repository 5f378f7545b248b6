/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names.h - hosts or VMs, and groups of them, by their names: the two share
 * one space of names, so that a list may name both.
 */
#ifndef HA_CONF_NAMES_H
#define HA_CONF_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ha_name {
	const char *text;
	uint32_t index;
	bool group;
	uint32_t list; /* the last that named it; 0: none */
};

struct ha_names {
	struct ha_name *list; /* owned, sorted */
	size_t count;
	bool failed; /* out of memory */
};

/* Zero-initialise; add all, at most max of them; sort; find; fini. */
void ha_names_init(struct ha_names *n, size_t max);
void ha_names_add(struct ha_names *n, const char *text, size_t index,
		  bool group);
void ha_names_sort(struct ha_names *n);
const struct ha_name *ha_names_find(const struct ha_names *n, const char *text,
				    size_t len);
void ha_names_fini(struct ha_names *n);

/* for (const char *w = list; ha_word_next(&w, &len); w += len): the words of a
 * list as lib/conf/field.c keeps it; w NULL is an empty one. */
bool ha_word_next(const char **word, size_t *ret_len);

#endif
