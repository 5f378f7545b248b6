/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * worldlog.h - the lines of a run: what the cores decided and what the world
 * did. The last ones are kept, all of them if asked; shown as they come if
 * there is somewhere to show them.
 */
#ifndef HA_SIM_WORLDLOG_H
#define HA_SIM_WORLDLOG_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/ids.h"

#define SIM_LOG_LAST 40
#define SIM_LOG_LINE 320

struct sim;

struct sim_log {
	char last[SIM_LOG_LAST][SIM_LOG_LINE]; /* a ring */
	size_t count;
	bool keep;
	struct ha_buf all;   /* if kept */
	size_t mark;         /* where the last mark is in it */
};

/* host 0: the world itself. */
void sim_log(struct sim *s, ha_hostid host, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void sim_log_last(const struct sim *s, struct ha_buf *out);
/* Since the last mark. */
bool sim_log_has(const struct sim *s, const char *text);
void sim_log_mark(struct sim *s);

#endif
