/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fields.h - structs as bytes and back, by a table of their fields. Every
 * value is checked when it is read; padding and pointers are never written.
 * For copies of a memory that the same build reads again: the order of the
 * table is the format. Pure, but for the memory that a buffer takes.
 */
#ifndef HA_BASE_FIELDS_H
#define HA_BASE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ha_buf;

enum ha_field_kind {
	HA_FIELD_END,
	HA_FIELD_UINT,  /* of 1, 4 or 8 bytes, at most `max`; 0: any */
	HA_FIELD_INT,   /* of 4 or 8 bytes, signed */
	HA_FIELD_BYTES, /* as they are; zeros at the end are left out */
	HA_FIELD_TEXT,  /* with a 0 at its end */
	HA_FIELD_PART   /* a struct with a table of its own */
};

struct ha_field {
	enum ha_field_kind kind;
	size_t offset, size; /* size: of one element */
	size_t count;        /* elements; what is zero at the end is left out */
	uint64_t max;
	const struct ha_field *part;
};

/* One value; an array of them. */
#define HA_FIELD(type, member, kind_, max_)                                 \
	{ .kind = HA_FIELD_##kind_, .offset = offsetof(type, member),       \
	  .size = sizeof(((type *)0)->member), .count = 1, .max = (max_) }
#define HA_FIELDS(type, member, kind_, max_)                                \
	{ .kind = HA_FIELD_##kind_, .offset = offsetof(type, member),       \
	  .size = sizeof(((type *)0)->member[0]),                           \
	  .count = sizeof(((type *)0)->member) /                            \
		   sizeof(((type *)0)->member[0]),                          \
	  .max = (max_) }
/* One struct; an array of them. */
#define HA_PART(type, member, table)                                        \
	{ .kind = HA_FIELD_PART, .offset = offsetof(type, member),          \
	  .size = sizeof(((type *)0)->member), .count = 1, .part = (table) }
#define HA_PARTS(type, member, table)                                       \
	{ .kind = HA_FIELD_PART, .offset = offsetof(type, member),          \
	  .size = sizeof(((type *)0)->member[0]),                           \
	  .count = sizeof(((type *)0)->member) /                            \
		   sizeof(((type *)0)->member[0]),                          \
	  .part = (table) }
#define HA_FIELDS_END { .kind = HA_FIELD_END }

struct ha_fields_in { /* bytes being read; borrowed */
	const uint8_t *at;
	size_t left;
	bool bad; /* they ended too early, or a value cannot be */
};

/* Appends. `object` must have been zeroed before it was filled. */
void ha_fields_put(const struct ha_field *table, const void *object,
		   struct ha_buf *out);
/* Fills; `object` must be zeroed. */
void ha_fields_get(const struct ha_field *table, void *object,
		   struct ha_fields_in *in);
/* A number alone, at most max. */
void ha_fields_put_number(uint64_t v, struct ha_buf *out);
uint64_t ha_fields_get_number(struct ha_fields_in *in, uint64_t max);

#endif
