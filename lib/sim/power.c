/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machines: power, boot, standing still, shutting down, being switched off.
 */
#include "sim/power.h"

#include <string.h>

#include "sim/world.h"

#define BMC_OFF_DELAY HA_MS(300)   /* until the power is gone, at most */
#define BMC_RESULT HA_MS(1200)     /* until status reads off, about */
#define BMC_DEAD_TIME HA_S(20)
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
	h->clock = (ha_dur)(ha_rand_u64(&s->rand) % (uint64_t)HA_S(100000)) -
		   s->now;
	h->crashed_at = HA_TIME_NEVER;
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

/* --- fence devices --- */

/* a: host whose power goes; gen: its power */
static void bmc_off(struct sim *s, const struct sim_pend *p)
{
	ha_hostid target = (ha_hostid)p->a;

	if (sim_host(s, target)->power) {
		s->oracle.fencings[target - 1]++;
		sim_power_off(s, target, "by its fence device");
	}
}

/* a: operation; b: host, op and claim in one */
static void bmc_result(struct sim *s, const struct sim_pend *p)
{
	struct sim_host *h = sim_host(s, p->host);
	ha_hostid target = (ha_hostid)(p->b & 0xff);
	bool lies = (p->b & 0x100) != 0;
	bool fails = (p->b & 0x200) != 0;
	struct ha_event ev = { .kind = HA_EV_RESULT };

	if (!h->core || p->gen != h->hacd_gen) {
		return;
	}
	ev.result.id = p->a;
	ev.result.code = fails ? HA_FENCE_FAILED
			 : lies || !sim_host(s, target)->power
				 ? HA_FENCE_OFF
				 : HA_FENCE_ON;
	if (ev.result.code == HA_FENCE_ON && (p->b & 0x400) != 0) {
		ev.result.code = HA_FENCE_FAILED; /* off was asked */
	}
	snprintf(ev.result.text, sizeof(ev.result.text), "%s",
		 fails ? "the device does not answer" : "");
	sim_hacd_step(s, p->host, &ev);
}

static void bmc_on(struct sim *s, const struct sim_pend *p)
{
	if (!sim_host(s, (ha_hostid)p->a)->stays_off) {
		sim_power_on(s, (ha_hostid)p->a, SIM_BOOT);
	}
}

void sim_fence(struct sim *s, ha_hostid host, const struct ha_action *a)
{
	struct sim_host *h = sim_host(s, host);
	ha_hostid target = a->fence.host->id;
	enum sim_bmc mode = a->fence.level == 0 ? sim_host(s, target)->bmc
						: SIM_BMC_OK;
	bool off = a->fence.op == HA_FENCE_OP_OFF;
	bool fails = mode == SIM_BMC_DEAD || mode == SIM_BMC_FAILING;
	bool lies = mode == SIM_BMC_LYING;
	ha_dur factor = mode == SIM_BMC_SLOW ? 10 : 1;
	ha_dur time = mode == SIM_BMC_DEAD ? BMC_DEAD_TIME
		      : off ? BMC_RESULT : HA_MS(150);

	sim_log(s, host, "world: asks the fence device of %s: %s",
		sim_host(s, target)->name,
		off ? "off" : a->fence.op == HA_FENCE_OP_STATUS ? "status"
								: "on");
	if (lies && off) {
		s->oracle.off = true;
	}
	if (off && !fails && !lies) {
		sim_after(s, factor * (HA_MS(100) +
				       sim_rand_dur(s, BMC_OFF_DELAY)),
			  (struct sim_pend){ .fn = bmc_off, .a = target });
	}
	if (a->fence.op == HA_FENCE_OP_POWER_ON && !fails && !lies) {
		sim_after(s, HA_MS(100), (struct sim_pend){ .fn = bmc_on,
							    .a = target });
	}
	sim_after(s, factor * (time + sim_rand_dur(s, HA_MS(200))),
		  (struct sim_pend){ .fn = bmc_result, .scope = SIM_SCOPE_HACD,
			.host = host, .gen = h->hacd_gen, .a = a->fence.id,
			.b = target | (lies ? 0x100u : 0) |
			     (fails ? 0x200u : 0) | (off ? 0x400u : 0) });
}
