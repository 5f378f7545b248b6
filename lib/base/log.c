/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PACE HA_S(10)
#define LINE_MAX_BYTES 1200 /* in one piece into any pipe */

static struct {
	const char *ident;
	enum ha_log_level max_level;
	bool journal;
	unsigned long lost;
} sink = { "hac", HA_LOG_INFO, false, 0 };

void ha_log_open(const char *ident, enum ha_log_level max_level)
{
	sink.ident = ident;
	sink.max_level = max_level;
	sink.journal = getenv("JOURNAL_STREAM") != NULL;
}

/* A reader that hangs, journald or a full pipe, must not hang us. */
static bool has_room(void)
{
	struct pollfd p = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&p, 1, 0) == 1 && (p.revents & POLLOUT) != 0;
}

static void write_line(enum ha_log_level level, const char *text)
{
	char line[LINE_MAX_BYTES];
	int len;

	if (sink.journal) {
		len = snprintf(line, sizeof(line), "<%d>%s\n", (int)level,
			       text);
	} else {
		len = snprintf(line, sizeof(line), "%s: %s\n", sink.ident,
			       text);
	}
	if (!has_room() || write(STDERR_FILENO, line, (size_t)len) != len) {
		sink.lost++;
	}
}

void ha_log(enum ha_log_level level, const char *fmt, ...)
{
	int saved_errno = errno;
	char text[1024];
	va_list ap;

	if (level > sink.max_level) {
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *p = text; *p; p++) {
		if ((unsigned char)*p < ' ' || *p == 127) {
			*p = '?';
		}
	}
	if (sink.lost > 0 && has_room()) {
		char lost[80];

		snprintf(lost, sizeof(lost), "%lu lines before this were lost: "
			 "the log did not take them", sink.lost);
		sink.lost = 0;
		write_line(HA_LOG_WARNING, lost);
	}
	write_line(level, text);
	errno = saved_errno;
}

void ha_log_paced(struct ha_log_pace *pace, enum ha_log_level level,
		  const char *fmt, ...)
{
	ha_time now = ha_time_now();
	char text[1024];
	size_t len;
	va_list ap;

	if (now < pace->next) {
		pace->left_out++;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	len = strlen(text);
	if (pace->left_out > 0) {
		snprintf(text + len, sizeof(text) - len, " (and %u more like "
			 "it before)", pace->left_out);
	}
	pace->next = now + PACE;
	pace->left_out = 0;
	ha_log(level, "%s", text);
}
