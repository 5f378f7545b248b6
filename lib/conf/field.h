/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * field.h - the attributes of every object, as tables: name, kind of value,
 * place in the model's struct, limits. Reading, writing and comparing follow
 * the tables, so that an attribute is added in one line (and in the schema).
 */
#ifndef HA_CONF_FIELD_H
#define HA_CONF_FIELD_H

#include "base/buf.h"
#include "conf/arena.h"
#include "model/config.h"

enum ha_field_kind {
	HA_FIELD_TEXT,
	HA_FIELD_WORD,            /* an enum by its names */
	HA_FIELD_YESNO,
	HA_FIELD_DURATION,
	HA_FIELD_SIZE,            /* KiB */
	HA_FIELD_FREQUENCY,       /* MHz */
	HA_FIELD_COUNT,
	HA_FIELD_PERCENT,
	HA_FIELD_NAMES,           /* separated by one blank each */
	HA_FIELD_WINDOWS,         /* HA_WINDOWS_MAX of them */
	HA_FIELD_UUID
};

struct ha_field {
	const char *name;
	enum ha_field_kind kind;
	size_t offset;
	int64_t min, max;         /* µs, KiB, MHz, number */
	const char *zero;         /* the word for 0, "detect"; NULL: none */
	const char *const *words; /* of WORD, by value, NULL at the end */
	const char *standard;     /* the default as text; NULL: none */
	bool required;
};

/* `given` is a word of bits in the same struct: which fields stand in the text;
 * this table's begin at first_bit. */
struct ha_field_table {
	const struct ha_field *fields;
	size_t count;
	size_t given;
	unsigned first_bit;
};

extern const struct ha_field_table ha_fields_cluster;  /* ha_config */
extern const struct ha_field_table ha_fields_defaults; /* ha_config */
extern const struct ha_field_table ha_fields_timing;   /* ha_config */
extern const struct ha_field_table ha_fields_alert;    /* ha_config */
extern const struct ha_field_table ha_fields_device;
extern const struct ha_field_table ha_fields_host;
extern const struct ha_field_table ha_fields_host_all; /* also defaults' */
extern const struct ha_field_table ha_fields_admission;
extern const struct ha_field_table ha_fields_vm;       /* name, uuid, groups */
extern const struct ha_field_table ha_fields_vm_all;   /* also defaults' */

const struct ha_field *ha_field_find(const struct ha_field_table *t,
				     const char *name, size_t *ret_index);
bool ha_field_is_given(const struct ha_field_table *t, size_t index,
		       const void *object);
void ha_field_set_given(const struct ha_field_table *t, size_t index,
			void *object);

/* False if the text is not a value of the field. */
bool ha_field_parse(const struct ha_field *f, const char *text,
		    struct ha_arena *arena, void *object);
/* The value as text; nothing for a TEXT that is NULL. */
void ha_field_print(const struct ha_field *f, const void *object,
		    struct ha_buf *out);
bool ha_field_equal(const struct ha_field *f, const void *a, const void *b);
/* What a value looks like: "a duration from 1s to 24h, such as 90s". */
void ha_field_expect(const struct ha_field *f, struct ha_buf *out);
/* Sets the fields that have a default of their own. */
void ha_field_set_defaults(const struct ha_field_table *t,
			   struct ha_arena *arena, void *object);

#endif
