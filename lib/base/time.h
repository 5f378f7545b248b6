/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * time.h - instants and durations, both in microseconds.
 *
 * An instant (ha_time) is on some monotonic clock whose zero means nothing;
 * the wall clock is only ever used to print. HA_TIME_NEVER is later than all.
 */
#ifndef HA_BASE_TIME_H
#define HA_BASE_TIME_H

#include <stdint.h>

typedef int64_t ha_time;
typedef int64_t ha_dur;

#define HA_TIME_NEVER INT64_MAX
#define HA_MS(x) ((ha_dur)(x) * 1000)
#define HA_S(x) ((ha_dur)(x) * 1000000)

static inline ha_time ha_time_min(ha_time a, ha_time b)
{
	return a < b ? a : b;
}

static inline ha_time ha_time_max(ha_time a, ha_time b)
{
	return a > b ? a : b;
}

#define HA_DAY_MINUTES 1440

/* 0 to 1439, local time; for shells, as the next. */
uint32_t ha_time_minute_of_day(void);
/* CLOCK_MONOTONIC; for shells, never for lib/core, lib/policy, lib/replica. */
ha_time ha_time_now(void);

#endif
