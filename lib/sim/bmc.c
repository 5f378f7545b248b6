/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/bmc.h"

#include <stdio.h>

#include "sim/world.h"

#define OFF_DELAY HA_MS(300)  /* until the power is gone, at most */
#define OFF_RESULT HA_MS(1200) /* until status reads off, about */
#define DEAD_TIME HA_S(20)    /* until it is given up */
#define AGENT_BACK HA_MS(300)

void sim_bmc_set(struct sim *s, ha_hostid host, enum sim_bmc_mode mode)
{
	sim_host(s, host)->bmc.mode = mode;
}

/* --- the agent --- */

/* a: up; gen: hacd's */
static void tell_agent(struct sim *s, const struct sim_pend *p)
{
	struct sim_host *h = sim_host(s, p->host);
	struct ha_event ev = { .kind = HA_EV_AGENT };

	if (h->core && p->gen == h->hacd_gen) {
		h->bmc.agent_up = p->a != 0;
		ev.agent.agent = HA_AGENT_FENCE;
		ev.agent.up = p->a != 0;
		sim_hacd_step(s, p->host, &ev);
	}
}

void sim_fence_agent_start(struct sim *s, ha_hostid host, ha_dur after)
{
	sim_after(s, after, (struct sim_pend){ .fn = tell_agent,
		  .scope = SIM_SCOPE_HACD, .host = host,
		  .gen = sim_host(s, host)->hacd_gen, .a = 1 });
}

void sim_fence_agent_stop(struct sim *s, ha_hostid host)
{
	struct sim_bmc *b = &sim_host(s, host)->bmc;

	b->agent_up = false;
	b->agent_gen++;
	b->asked_count = 0;
}

/* a: operation; gen: hacd's */
static void failed(struct sim *s, const struct sim_pend *p)
{
	struct sim_host *h = sim_host(s, p->host);
	struct ha_event ev = { .kind = HA_EV_RESULT };

	if (h->core && p->gen == h->hacd_gen) {
		ev.result.id = p->a;
		ev.result.code = HA_FENCE_FAILED;
		snprintf(ev.result.text, sizeof(ev.result.text),
			 "the fence agent is not there");
		sim_hacd_step(s, p->host, &ev);
	}
}

static void fail_soon(struct sim *s, ha_hostid host, uint64_t id)
{
	sim_after(s, 100, (struct sim_pend){ .fn = failed,
		  .scope = SIM_SCOPE_HACD, .host = host,
		  .gen = sim_host(s, host)->hacd_gen, .a = id });
}

void sim_fence_agent_crash(struct sim *s, ha_hostid host)
{
	struct sim_host *h = sim_host(s, host);

	if (!h->core || !h->bmc.agent_up) {
		return;
	}
	sim_log(s, host, "world: the fence agent dies");
	for (size_t i = 0; i < h->bmc.asked_count; i++) {
		fail_soon(s, host, h->bmc.asked[i]);
	}
	sim_fence_agent_stop(s, host);
	sim_after(s, 0, (struct sim_pend){ .fn = tell_agent,
		  .scope = SIM_SCOPE_HACD, .host = host, .gen = h->hacd_gen });
	sim_fence_agent_start(s, host, AGENT_BACK);
}

/* --- the devices --- */

/* a: host whose power goes; it goes even if nobody waits for it any more */
static void off(struct sim *s, const struct sim_pend *p)
{
	ha_hostid target = (ha_hostid)p->a;

	if (sim_host(s, target)->power) {
		s->oracle.fencings[target - 1]++;
		sim_power_off(s, target, "by its fence device");
	}
}

static void on(struct sim *s, const struct sim_pend *p)
{
	const struct sim_host *h = sim_host(s, (ha_hostid)p->a);

	if (!h->stays_off && h->bmc.mode != SIM_BMC_DEAD) {
		sim_power_on(s, (ha_hostid)p->a, SIM_BOOT);
	}
}

static bool forget(struct sim_bmc *b, uint64_t id)
{
	for (size_t i = 0; i < b->asked_count; i++) {
		if (b->asked[i] == id) {
			b->asked[i] = b->asked[--b->asked_count];
			return true;
		}
	}
	return false;
}

void sim_fence_cancel(struct sim *s, ha_hostid host, uint64_t id)
{
	(void)forget(&sim_host(s, host)->bmc, id); /* or it is libvirt's */
}

static const char *why_not(const struct sim *s, ha_hostid target,
			   enum sim_bmc_mode mode)
{
	switch (mode) {
	case SIM_BMC_DEAD:
		return "the device does not answer";
	case SIM_BMC_FAILING:
		return "the device says that it cannot";
	case SIM_BMC_PASSWORD:
		return "the device refuses the password";
	case SIM_BMC_SHARED:
		return s->hosts[target - 1].power
			       ? NULL
			       : "the device does not answer";
	case SIM_BMC_OK:
	case SIM_BMC_LYING:
	case SIM_BMC_SLOW:
		break;
	}
	return NULL;
}

/* a: operation; b: target, op << 8, mode << 16; gen: the agent's */
static void result(struct sim *s, const struct sim_pend *p)
{
	struct sim_host *h = sim_host(s, p->host);
	ha_hostid target = (ha_hostid)(p->b & 0xff);
	bool wants_off = (p->b >> 8 & 0xff) == HA_FENCE_OP_OFF;
	enum sim_bmc_mode mode = (enum sim_bmc_mode)(p->b >> 16);
	const char *text = why_not(s, target, mode);
	struct ha_event ev = { .kind = HA_EV_RESULT };

	if (!h->core || p->gen != h->bmc.agent_gen || !forget(&h->bmc, p->a)) {
		return;
	}
	ev.result.id = p->a;
	ev.result.code = HA_FENCE_FAILED;
	if (!text && (mode == SIM_BMC_LYING || !sim_host(s, target)->power)) {
		ev.result.code = HA_FENCE_OFF;
		if (sim_host(s, target)->power) {
			sim_oracle_lied(s, target);
		}
	} else if (!text && !wants_off) {
		ev.result.code = HA_FENCE_ON;
	}
	snprintf(ev.result.text, sizeof(ev.result.text), "%s",
		 text ? text : "");
	sim_hacd_step(s, p->host, &ev);
}

static ha_dur time_of(const struct sim *s, ha_hostid target,
		      enum sim_bmc_mode mode, enum ha_fence_op op)
{
	if (mode == SIM_BMC_DEAD ||
	    (mode == SIM_BMC_SHARED && !s->hosts[target - 1].power)) {
		return DEAD_TIME;
	}
	return op == HA_FENCE_OP_OFF ? OFF_RESULT : HA_MS(150);
}

/* What it does beside answering. */
static void obey(struct sim *s, ha_hostid target, enum sim_bmc_mode mode,
		 enum ha_fence_op op)
{
	ha_dur factor = mode == SIM_BMC_SLOW ? 10 : 1;

	if (why_not(s, target, mode) || mode == SIM_BMC_LYING) {
		return;
	}
	if (op == HA_FENCE_OP_OFF) {
		sim_after(s, factor * (HA_MS(100) + sim_rand_dur(s, OFF_DELAY)),
			  (struct sim_pend){ .fn = off, .a = target });
	} else if (op == HA_FENCE_OP_POWER_ON) {
		sim_after(s, factor * HA_MS(100),
			  (struct sim_pend){ .fn = on, .a = target });
	}
}

void sim_fence(struct sim *s, ha_hostid host, const struct ha_action *a)
{
	struct sim_host *h = sim_host(s, host);
	ha_hostid target = a->fence.host->id;
	enum sim_bmc_mode mode = a->fence.level == 0
					 ? sim_host(s, target)->bmc.mode
					 : SIM_BMC_OK;
	ha_dur factor = mode == SIM_BMC_SLOW ? 10 : 1;
	ha_dur time = time_of(s, target, mode, a->fence.op);

	sim_log(s, host, "world: asks the fence device of %s: %s",
		sim_host(s, target)->name,
		a->fence.op == HA_FENCE_OP_OFF	    ? "off"
		: a->fence.op == HA_FENCE_OP_STATUS ? "status"
						    : "on");
	if (!h->bmc.agent_up || h->bmc.asked_count == SIM_FENCES_MAX) {
		fail_soon(s, host, a->fence.id);
		return;
	}
	h->bmc.asked[h->bmc.asked_count++] = a->fence.id;
	obey(s, target, mode, a->fence.op);
	sim_after(s, factor * (time + sim_rand_dur(s, HA_MS(200))),
		  (struct sim_pend){ .fn = result, .scope = SIM_SCOPE_HACD,
			.host = host, .gen = h->bmc.agent_gen,
			.a = a->fence.id,
			.b = target | (uint64_t)a->fence.op << 8 |
			     (uint64_t)mode << 16 });
}
