/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>

static struct {
	const char *ident;
	enum ha_log_level max_level;
	bool syslog;
	bool journal;
} sink = { "hac", HA_LOG_INFO, false, false };

void ha_log_open(const char *ident, enum ha_log_level max_level)
{
	sink.ident = ident;
	sink.max_level = max_level;
	sink.journal = getenv("JOURNAL_STREAM") != NULL;
}

void ha_log_to_syslog(void)
{
	openlog(sink.ident, LOG_PID, LOG_DAEMON);
	sink.syslog = true;
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
	if (sink.syslog) {
		syslog((int)level, "%s", text);
	} else if (sink.journal) {
		fprintf(stderr, "<%d>%s\n", (int)level, text);
	} else {
		fprintf(stderr, "%s: %s\n", sink.ident, text);
	}
	errno = saved_errno;
}
