/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/clock.h"

#include "sim/world.h"

#define MILLION 1000000

void sim_clock_start(struct sim *s, ha_hostid host)
{
	struct sim_clock *c = &sim_host(s, host)->clock;

	c->from = s->now;
	c->read = (ha_time)ha_rand_below(&s->rand, (uint64_t)HA_S(100000));
}

ha_time sim_clock_now(const struct sim *s, const struct sim_host *h)
{
	ha_dur since = s->now - h->clock.from;

	return h->clock.read + since + since * h->clock.ppm / MILLION;
}

ha_time sim_clock_when(const struct sim_host *h, ha_time read)
{
	ha_dur since = read - h->clock.read;

	/* rounded up, or it would not have come yet */
	return h->clock.from + since -
	       since * h->clock.ppm / (MILLION + h->clock.ppm) +
	       (h->clock.ppm != 0);
}

void sim_clock_jump(struct sim *s, ha_hostid host, ha_dur by)
{
	sim_log(s, host, "world: its clock jumps by %lld ms",
		(long long)(by / HA_MS(1)));
	sim_host(s, host)->clock.read += by;
}

void sim_clock_drift(struct sim *s, ha_hostid host, int32_t ppm)
{
	struct sim_host *h = sim_host(s, host);

	h->clock.read = sim_clock_now(s, h);
	h->clock.from = s->now;
	h->clock.ppm = ppm;
}
