/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.h - the log of daemons and agents. Libraries below hacd's ports never
 * call it; they return errors. Text: "what happened: why; consequence".
 *
 * To stderr as "<N>text" when started by systemd (JOURNAL_STREAM), as plain
 * text otherwise. Never blocks: what the log does not take is lost, and
 * counted. Messages are cut at 1 KiB; control characters are replaced.
 */
#ifndef HA_BASE_LOG_H
#define HA_BASE_LOG_H

#include "base/time.h"

enum ha_log_level {
	HA_LOG_ERR = 3,     /* the operator must act */
	HA_LOG_WARNING = 4, /* degraded, handled; the text says how */
	HA_LOG_NOTICE = 5,  /* a host or VM changed its state */
	HA_LOG_INFO = 6,    /* a decision */
	HA_LOG_DEBUG = 7
};

/* ident: borrowed for ever. */
void ha_log_open(const char *ident, enum ha_log_level max_level);
void ha_log(enum ha_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* For what a broken peer, agent or client may cause without end: one such line
 * in ten seconds, which tells how many were left out since the last. */
struct ha_log_pace { /* zeroed at first */
	ha_time next;
	unsigned left_out;
};

void ha_log_paced(struct ha_log_pace *pace, enum ha_log_level level,
		  const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
