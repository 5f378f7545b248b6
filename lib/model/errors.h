/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * errors.h - all that is wrong with a configuration, for people: line, object,
 * what is wrong and what to do.
 *
 * Zero-initialise; ha_conf_errors_fini. At most HA_CONF_ERRORS_MAX are kept,
 * the rest is counted in `more`. A configuration with errors is refused;
 * warnings alone do not refuse it. Texts are valid UTF-8 without control
 * characters, whatever the input was.
 */
#ifndef HA_MODEL_ERRORS_H
#define HA_MODEL_ERRORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define HA_CONF_ERRORS_MAX 100
#define HA_CONF_ERROR_TEXT_MAX 399

struct ha_conf_error {
	uint32_t line; /* 0: of no line in particular */
	bool warning;
	char object[96]; /* "vm 'db1'", "cluster" */
	char text[HA_CONF_ERROR_TEXT_MAX + 1];
};

struct ha_conf_errors {
	struct ha_conf_error *list; /* owned */
	size_t count;
	size_t errors; /* among all found, kept or not */
	size_t more;   /* found but not kept */
};

/* The object that a message is about; borrowed for the call. */
struct ha_conf_at {
	uint32_t line;
	const char *kind; /* "vm", "host", "fence device", "cluster" */
	const char *name; /* or NULL */
};

void ha_conf_error(struct ha_conf_errors *e, const struct ha_conf_at *at,
		   const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void ha_conf_warning(struct ha_conf_errors *e, const struct ha_conf_at *at,
		     const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* By line; those of one line stay in the order in which they were found. */
void ha_conf_errors_sort(struct ha_conf_errors *e);
/* One line each: "FILE:12: error: vm 'db1': …"; file may be NULL. */
void ha_conf_errors_print(const struct ha_conf_errors *e, const char *file,
			  struct ha_buf *out);
void ha_conf_errors_fini(struct ha_conf_errors *e);

#endif
