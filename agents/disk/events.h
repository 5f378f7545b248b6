/* SPDX-License-Identifier: GPL-2.0-or-later */
/* events.h - the file of events: one line each, rotated by size. */
#ifndef HA_DISK_EVENTS_H
#define HA_DISK_EVENTS_H

#include <stddef.h>

struct ha_events_file {
	int dirfd;
	int fd; /* -1: cannot be written just now */
	size_t bytes;
};

typedef void (*ha_event_line_fn)(const char *line, void *arg);

/* dirfd: taken. */
void ha_events_open(struct ha_events_file *e, int dirfd);
/* Appends; a line that cannot be written is lost, it also is in the log. */
void ha_events_add(struct ha_events_file *e, const char *line);
/* Calls fn for the last lines, oldest first, at most count. */
void ha_events_tail(struct ha_events_file *e, size_t count,
		    ha_event_line_fn fn, void *arg);

#endif
