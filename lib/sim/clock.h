/* SPDX-License-Identifier: GPL-2.0-or-later */
/* clock.h - the monotonic clock of a host: it drifts, and jumps. */
#ifndef HA_SIM_CLOCK_H
#define HA_SIM_CLOCK_H

#include "base/ids.h"
#include "base/time.h"

struct sim;
struct sim_host;

struct sim_clock {
	ha_time from;   /* of the world */
	ha_time read;   /* what it read then */
	int32_t ppm;    /* it runs so much too fast */
};

/* With the power, from anywhere. */
void sim_clock_start(struct sim *s, ha_hostid host);
ha_time sim_clock_now(const struct sim *s, const struct sim_host *h);
/* The world's time when it will read that. */
ha_time sim_clock_when(const struct sim_host *h, ha_time read);
void sim_clock_jump(struct sim *s, ha_hostid host, ha_dur by);
void sim_clock_drift(struct sim *s, ha_hostid host, int32_t ppm);

#endif
