/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/worldlog.h"

#include <stdarg.h>
#include <string.h>

#include "sim/world.h"

void sim_log(struct sim *s, ha_hostid host, const char *fmt, ...)
{
	char *line = s->log.last[s->log.count++ % SIM_LOG_LAST];
	const char *who = host != HA_HOST_NONE ? sim_host(s, host)->name : "*";
	int len = snprintf(line, SIM_LOG_LINE, "%10.6f %-4s ",
			   (double)s->now / 1e6, who);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line + len, SIM_LOG_LINE - (size_t)len, fmt, ap);
	va_end(ap);
	if (s->params.trace) {
		fprintf(s->params.trace, "%s\n", line);
	}
	if (s->log.keep) {
		ha_buf_printf(&s->log.all, "%s\n", line);
	}
}

void sim_log_last(const struct sim *s, struct ha_buf *out)
{
	size_t n = s->log.count < SIM_LOG_LAST ? s->log.count : SIM_LOG_LAST;

	for (size_t i = s->log.count - n; i < s->log.count; i++) {
		ha_buf_printf(out, "    %s\n", s->log.last[i % SIM_LOG_LAST]);
	}
}

bool sim_log_has(const struct sim *s, const char *text)
{
	const char *all = s->log.all.data;

	return all && strstr(all + s->log.mark, text) != NULL;
}

void sim_log_mark(struct sim *s)
{
	s->log.mark = s->log.all.len;
}
