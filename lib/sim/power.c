/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Machines: power, boot, standing still, shutting down. */
#include "sim/power.h"

#include <string.h>

#include "sim/world.h"

#define LEAVE_LIMIT HA_S(600)      /* then it goes without the fact */

/* --- power and boot --- */

static void drop_waiting(struct sim *s, struct sim_host *h)
{
	for (int i = 0; i < SIM_SCOPE_COUNT; i++) {
		/* they are all of another time now, and end themselves */
		sim_queue_release(&h->waiting[i], &s->heap, s->now);
	}
}

static void booted(struct sim *s, const struct sim_pend *p)
{
	struct sim_host *h = sim_host(s, p->host);

	if (p->gen != h->power_gen) {
		return;
	}
	sim_log(s, p->host, "world: booted");
	h->booted = true;
	sim_net_start(s, p->host);
	sim_hyper_start(s, p->host, HA_MS(200));
	sim_hacd_start(s, p->host, HA_MS(100) + sim_rand_dur(s, HA_MS(400)));
}

void sim_power_on(struct sim *s, ha_hostid host, ha_dur taking)
{
	struct sim_host *h = sim_host(s, host);

	if (h->power) {
		return;
	}
	sim_log(s, host, "world: power on");
	h->power = true;
	h->power_gen++;
	h->boot = ha_rand_u64(&s->rand) | 1;
	sim_clock_start(s, host);
	memset(&h->crashes, 0, sizeof(h->crashes));
	h->frozen_next = false;
	sim_after(s, taking, (struct sim_pend){ .fn = booted,
		  .scope = SIM_SCOPE_HOST, .host = host,
		  .gen = h->power_gen });
}

void sim_power_off(struct sim *s, ha_hostid host, const char *why)
{
	struct sim_host *h = sim_host(s, host);

	if (!h->power) {
		return;
	}
	sim_log(s, host, "world: power off: %s", why);
	sim_oracle_off(s, host);
	sim_hacd_stop(s, host);
	h->power = false;
	h->booted = false;
	h->hung = false;
	h->hyper.up = false;
	h->hyper.hung = false;
	h->hyper.blank = false;
	h->hyper.gen++;
	h->leaving = SIM_LEAVE_NO;
	h->power_gen++;
	sim_hyper_clear(s, host);
	sim_net_stop(s, host);
	drop_waiting(s, h);
}

void sim_power_hang(struct sim *s, ha_hostid host, bool hung)
{
	struct sim_host *h = sim_host(s, host);

	if (!h->power || h->hung == hung) {
		return;
	}
	sim_log(s, host, hung ? "world: stands still" : "world: goes on");
	h->hung = hung;
	if (!hung) {
		sim_release(s, h, SIM_SCOPE_HOST);
		sim_release(s, h, SIM_SCOPE_COROSYNC);
		sim_release(s, h, SIM_SCOPE_LIBVIRT);
		sim_release(s, h, SIM_SCOPE_HACD);
	}
	sim_net_changed(s);
}

/* --- shutting down --- */

static void gone_down(struct sim *s, ha_hostid host)
{
	struct sim_host *h = sim_host(s, host);
	bool reboot = h->reboots;

	sim_power_off(s, host, "shut down");
	if (reboot) {
		sim_power_on(s, host, SIM_BOOT);
	}
}

/* gen: power */
static void shut_down(struct sim *s, const struct sim_pend *p)
{
	struct sim_host *h = sim_host(s, p->host);

	if (p->gen == h->power_gen && h->leaving == SIM_LEAVE_ASKED) {
		h->leaving = SIM_LEAVE_OFF;
		gone_down(s, p->host);
	}
}

void sim_power_answered(struct sim *s, ha_hostid host, uint64_t id)
{
	struct sim_host *h = sim_host(s, host);

	if (h->leaving == SIM_LEAVE_ASKED && h->leave_id == id) {
		sim_after(s, HA_MS(500), (struct sim_pend){ .fn = shut_down,
			  .host = host, .gen = h->power_gen });
	}
}

void sim_power_shutdown(struct sim *s, ha_hostid host, bool reboot)
{
	struct sim_host *h = sim_host(s, host);
	struct ha_command cmd = { .verb = HA_CMD_HOST_LEAVE, .host = host };

	if (!h->power || h->leaving != SIM_LEAVE_NO) {
		return;
	}
	sim_log(s, host, "world: is being shut down");
	h->leaving = SIM_LEAVE_ASKED;
	h->reboots = reboot;
	h->leave_id = sim_command(s, host, &cmd);
	sim_after(s, h->leave_id == 0 ? HA_S(5) : LEAVE_LIMIT,
		  (struct sim_pend){ .fn = shut_down, .host = host,
				     .gen = h->power_gen });
}
