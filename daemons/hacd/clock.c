/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "clock.h"

#include <stdio.h>
#include <time.h>

void clock_print(char *ret_text, size_t size)
{
	struct timespec ts;
	struct tm tm;
	char day[32];

	if (clock_gettime(CLOCK_REALTIME, &ts) != 0 ||
	    !gmtime_r(&ts.tv_sec, &tm)) {
		snprintf(ret_text, size, "?");
		return;
	}
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(ret_text, size, "%s.%03ldZ", day, ts.tv_nsec / 1000000);
}
