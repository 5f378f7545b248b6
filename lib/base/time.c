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
