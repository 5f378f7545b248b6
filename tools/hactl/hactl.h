/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hactl.h - one run of hactl: what was typed, and how to show the answer.
 * Filled by hactl_parse, handed to the verb's run function.
 */
#ifndef HACTL_HACTL_H
#define HACTL_HACTL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "verb.h"

/* Exit codes, documented in hactl(8). */
enum hactl_exit {
	HACTL_OK = 0,
	HACTL_FAILED = 1,     /* refused, or it failed */
	HACTL_USAGE = 2,      /* typed wrong */
	HACTL_UNREACHABLE = 3 /* no hacd answers on this host */
};

#define HACTL_ARGS_MAX 80
#define HACTL_TIMEOUT_S 60

struct hactl_screen {
	int width;   /* columns; lines of text are wrapped to it */
	bool colour;
};

struct hactl_given { /* an option as typed; borrowed from argv */
	const char *name;
	const char *value; /* "" for a flag */
};

struct hactl_link; /* ask.c's connection to hacd */

struct hactl {
	const struct hactl_verb *verb; /* NULL: help of all or of noun */
	const char *noun;              /* help only: as typed, or NULL */
	const char *args[HACTL_ARGS_MAX];
	size_t arg_count;
	struct hactl_given given[HACTL_ARGS_MAX];
	size_t given_count;
	bool json;
	int timeout_s;
	struct hactl_screen screen;
	struct hactl_link *link; /* NULL: not connected yet */
};

/* The value of an option, NULL if it was not given; the last one counts. */
const char *hactl_given(const struct hactl *h, const char *name);

/* Error for a person on stderr (an object on stdout with --json): what
 * happened, to what, why, what next. Returns `code`. */
int hactl_fail(const struct hactl *h, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Writes to stdout all that is in the buffer, and empties it. */
int hactl_flush(struct ha_buf *b);

#endif
