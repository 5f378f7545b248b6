/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events.h - the last decisions, as JSON: a bounded ring in memory. Each is
 * also a line of the events file, from which the ring is filled at start.
 */
#ifndef HACD_EVENTS_H
#define HACD_EVENTS_H

#include <jansson.h>

#include "core/view.h"

#define EVENTS_KEPT 2000

struct events;

struct events_filter {
	const char *host; /* NULL: any */
	const char *vm;   /* a name; NULL: any */
	const char *since; /* "2026-11-24T10", UTC; NULL: ever */
	size_t limit;     /* the last so many */
};

struct events *events_create(void);
/* Adds a trace. One of a fence attempt has "fence", "by" and "attempt" too.
 * Events are numbered ("id"); one of a fact has "fact", and "code", "on",
 * "from", "note" where they say something, one that this host saw itself has
 * "seen". The event is borrowed until the next call; NULL: no memory. */
json_t *events_add(struct events *e, const struct ha_core *core,
		   const struct ha_trace *trace);
/* Adds a line of the file; what is not an event is dropped. */
void events_add_line(struct events *e, const char *line);
bool events_match(const json_t *event, const struct events_filter *filter);
/* {"events":[...]}, oldest first; owned by the caller. */
json_t *events_list(const struct events *e, const struct events_filter *filter);
void events_destroy(struct events *e);

#endif
