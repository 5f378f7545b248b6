/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/time.h"

#include <assert.h>
#include <time.h>

ha_time ha_time_now(void)
{
	struct timespec ts;
	int rc = clock_gettime(CLOCK_MONOTONIC, &ts);

	assert(rc == 0);
	(void)rc; /* cannot fail for this clock */
	return HA_S(ts.tv_sec) + ts.tv_nsec / 1000;
}

uint32_t ha_time_minute_of_day(void)
{
	time_t now = time(NULL);
	struct tm tm = { 0 };

	(void)localtime_r(&now, &tm); /* midnight where it fails */
	return (uint32_t)(tm.tm_hour * 60 + tm.tm_min);
}
