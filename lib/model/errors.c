/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/errors.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of the UTF-8 character at s, 0 if it is none or a control one. */
static size_t char_len(const char *s)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t len = u[0] < 0x80 ? 1 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;

	if (u[0] < 0x20 || u[0] == 0x7f || (u[0] >= 0x80 && u[0] < 0xc2) ||
	    u[0] > 0xf4) {
		return 0;
	}
	for (size_t i = 1; i < len; i++) {
		if ((u[i] & 0xc0) != 0x80) {
			return 0;
		}
	}
	if (u[0] == 0xc2 && u[1] < 0xa0) {
		return 0; /* the other control characters, U+0080 to U+009F */
	}
	/* Characters that turn the direction of writing could disguise. */
	if (u[0] == 0xe2 && ((u[1] == 0x80 && u[2] >= 0xaa && u[2] <= 0xae) ||
			     (u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9))) {
		return 0;
	}
	return len;
}

static void copy_clean(char *to, size_t size, const char *from)
{
	size_t n = 0;

	assert(size > 0);
	while (*from) {
		size_t len = char_len(from);
		size_t need = len > 0 ? len : 1;

		if (n + need >= size) {
			break;
		}
		if (len > 0) {
			memcpy(to + n, from, len);
		} else {
			to[n] = *from == '\n' || *from == '\t' ? ' ' : '?';
		}
		n += need;
		from += need;
	}
	to[n] = '\0';
}

/* A place for one more; NULL if there is none, which is counted. */
static struct ha_conf_error *add_slot(struct ha_conf_errors *e, bool warning)
{
	if (!e->list) {
		e->list = calloc(HA_CONF_ERRORS_MAX, sizeof(*e->list));
	}
	if (e->list && e->count < HA_CONF_ERRORS_MAX) {
		return &e->list[e->count++];
	}
	e->more++;
	/* An error is more worth than a warning. */
	for (size_t i = e->list && !warning ? e->count : 0; i > 0; i--) {
		if (e->list[i - 1].warning) {
			memmove(&e->list[i - 1], &e->list[i],
				(e->count - i) * sizeof(*e->list));
			return &e->list[e->count - 1];
		}
	}
	return NULL;
}

static void add_message(struct ha_conf_errors *e, const struct ha_conf_at *at,
			bool warning, const char *text)
{
	struct ha_conf_error *slot;
	char object[160];

	if (!warning) {
		e->errors++;
	}
	slot = add_slot(e, warning);
	if (!slot) {
		return;
	}
	slot->line = at->line;
	slot->warning = warning;
	if (at->name) {
		snprintf(object, sizeof(object), "%s '%.64s'", at->kind,
			 at->name);
	} else {
		snprintf(object, sizeof(object), "%s", at->kind);
	}
	copy_clean(slot->object, sizeof(slot->object), object);
	copy_clean(slot->text, sizeof(slot->text), text);
}

void ha_conf_error(struct ha_conf_errors *e, const struct ha_conf_at *at,
		   const char *fmt, ...)
{
	char text[2 * HA_CONF_ERROR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add_message(e, at, false, text);
}

void ha_conf_warning(struct ha_conf_errors *e, const struct ha_conf_at *at,
		     const char *fmt, ...)
{
	char text[2 * HA_CONF_ERROR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add_message(e, at, true, text);
}

void ha_conf_errors_sort(struct ha_conf_errors *e)
{
	/* Insertion: stable, and there are at most 100. */
	for (size_t i = 1; i < e->count; i++) {
		struct ha_conf_error x = e->list[i];
		size_t j = i;

		for (; j > 0 && e->list[j - 1].line > x.line; j--) {
			e->list[j] = e->list[j - 1];
		}
		e->list[j] = x;
	}
}

void ha_conf_errors_print(const struct ha_conf_errors *e, const char *file,
			  struct ha_buf *out)
{
	for (size_t i = 0; i < e->count; i++) {
		const struct ha_conf_error *x = &e->list[i];

		if (file) {
			ha_buf_printf(out, "%s:", file);
		}
		if (x->line > 0) {
			ha_buf_printf(out, file ? "%" PRIu32 ":"
						: "line %" PRIu32 ":",
				      x->line);
		}
		ha_buf_printf(out, "%s%s: %s: %s\n",
			      file || x->line > 0 ? " " : "",
			      x->warning ? "warning" : "error", x->object,
			      x->text);
	}
	if (e->more > 0) {
		ha_buf_printf(out, "and %zu more\n", e->more);
	}
}

void ha_conf_errors_fini(struct ha_conf_errors *e)
{
	free(e->list);
	memset(e, 0, sizeof(*e));
}
