/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A plan from a seed. Most are small, so that there are many; some are
 * extreme: large, slow, or with faults in quick succession.
 */
#include "sim/draw.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HOST_MIB (32u << 10)
#define OVERHEAD_MIB 64

uint32_t draw_below(struct sim_draw *d, uint32_t n)
{
	return (uint32_t)ha_rand_below(&d->rand, n);
}

uint32_t draw_host(struct sim_draw *d)
{
	return 1 + draw_below(d, d->plan->host_count);
}

uint32_t draw_vm(struct sim_draw *d)
{
	return 1 + draw_below(d, d->plan->vm_count);
}

struct draw_names draw_names(ha_hostset hosts)
{
	struct draw_names n = { "" };
	size_t len = 0;

	while (hosts) {
		len += (size_t)snprintf(n.text + len, sizeof(n.text) - len,
					"%sh%u", len > 0 ? "," : "",
					ha_hostset_pop(&hosts));
	}
	return n;
}

void draw_line(struct sim_draw *d, const char *fmt, ...)
{
	struct sim_plan *p = d->plan;
	struct sim_plan_line *l = &p->lines[p->line_count];
	va_list ap;

	if (p->line_count == PLAN_LINES_MAX) {
		return;
	}
	p->line_count++;
	l->at = d->now;
	l->group = d->group;
	va_start(ap, fmt);
	vsnprintf(l->text, sizeof(l->text), fmt, ap);
	va_end(ap);
}

static void draw_vms(struct sim_draw *d)
{
	struct sim_plan *p = d->plan;

	for (uint32_t i = 0; i < p->vm_count; i++) {
		struct sim_plan_vm *v = &p->vms[i];

		v->priority = draw_below(d, 6);
		v->stopped = draw_below(d, 8) == 0;
		v->restarts_itself = draw_below(d, 2) == 0;
		v->stops_with_host = draw_below(d, 2) == 0;
		v->stop_timeout_s = 2 + draw_below(d, 20);
	}
}

/* How much there is to each VM: usually all fit on one host, sometimes all
 * hosts are needed. Each costs its host some memory more. */
static uint32_t memory_of_vm(struct sim_draw *d)
{
	uint32_t hosts = draw_below(d, 8) == 0 ? d->plan->host_count : 1;
	uint32_t most = HOST_MIB * hosts * 2 / 3 / d->plan->vm_count;

	return most < 2048 ? most - OVERHEAD_MIB : 2048;
}

static void draw_cluster(struct sim_draw *d, struct sim_plan_size size)
{
	struct sim_plan *p = d->plan;
	bool many_hosts = draw_below(d, 32) == 0;
	bool many_vms = draw_below(d, 48) == 0;
	uint32_t hosts = 1 + draw_below(d, many_hosts ? PLAN_HOSTS_MAX : 8);
	uint32_t vms = 1 + draw_below(d, many_vms ? PLAN_VMS_MAX : 30);

	p->host_count = size.hosts > 0 ? size.hosts : hosts;
	p->vm_count = size.vms > 0 ? size.vms : vms;
	p->hosts = ((ha_hostset)1 << p->host_count) - 1;
	draw_vms(d);
	p->vm_memory_mib = memory_of_vm(d);
	p->starts_per_host = 1 + draw_below(d, 8);
	p->start_wait_s = 20 + draw_below(d, 100);
	p->power_on = draw_below(d, 2) == 0;
	p->varied = draw_below(d, 2) == 0;
	if (p->host_count >= 3 && draw_below(d, 6) == 0) {
		/* with hosts added and removed, no store is lost beside */
		p->spares = 1 + draw_below(d, PLAN_SPARES_MAX);
		d->reinstalled = true;
	}
}

static void draw_world(struct sim_draw *d)
{
	struct sim_plan *p = d->plan;
	bool even = p->host_count % 2 == 0;

	p->token_ms = draw_below(d, 4) == 0 ? 3000 : 300 + draw_below(d, 1700);
	p->token_coefficient_ms = draw_below(d, 2) == 0 ? 650
							: draw_below(d, 650);
	p->qdevice = even && draw_below(d, 4) == 0 ? "ffsplit"
		     : draw_below(d, 24) == 0	   ? "lms"
						   : "";
	p->two_node = p->host_count == 2 && !p->qdevice[0];
	p->wait_for_all = p->two_node || draw_below(d, 8) == 0;
	p->auto_tie_breaker = !p->two_node && !p->qdevice[0] && even &&
			      draw_below(d, 2) == 0;
	/* where each half could believe that the other is off, a lie may
	 * split the cluster */
	d->lies = !p->two_node && !p->auto_tie_breaker && !p->qdevice[0] &&
		  draw_below(d, 8) == 0;
	d->upgrades = draw_below(d, 4) == 0;
	p->never_freezes = draw_below(d, 3) != 0;
	/* a slow disk is about as slow as a token is long */
	p->disk_us = draw_below(d, 16) == 0 ? 200000 + draw_below(d, 400000)
					    : 1000 + draw_below(d, 20000);
	p->network_us = draw_below(d, 8) == 0 ? 1000 + draw_below(d, 20000)
					      : 100 + draw_below(d, 500);
	for (uint32_t i = 0; i < p->host_count + p->spares; i++) {
		p->boot_ms[i] = draw_below(d, 5000);
		if (draw_below(d, 8) == 0) {
			draw_line(d, "clock h%u drift %d", i + 1,
				  (int)draw_below(d, 1001) - 500);
		}
		if (d->lies && draw_below(d, 2) == 0) {
			draw_line(d, "bmc h%u lying", i + 1);
		}
	}
}

/* Each plan has deeds that it likes and others that it never does. */
static uint32_t draw_weights(struct sim_draw *d, uint32_t *weights)
{
	static const uint32_t likes[] = { 0, 1, 1, 2, 4 };
	uint32_t sum = 0;

	for (size_t i = 0; i < DRAW_KINDS; i++) {
		weights[i] = draw_deeds[i].weight * likes[draw_below(d, 5)];
		sum += weights[i];
	}
	if (sum == 0) {
		weights[0] = 1;
		sum = 1;
	}
	return sum;
}

static draw_fn pick(struct sim_draw *d, const uint32_t *weights, uint32_t sum)
{
	uint32_t at = draw_below(d, sum);
	size_t i = 0;

	while (at >= weights[i]) {
		at -= weights[i++];
	}
	return draw_deeds[i].fn;
}

/* Often right after one another, when things are in flight. */
static ha_dur draw_pause(struct sim_draw *d, uint32_t busy_s)
{
	switch (draw_below(d, 4)) {
	case 0:
		return draw_below(d, 3000);
	case 1:
		return draw_below(d, 200000);
	default:
		return draw_below(d, 1 + busy_s * 1000000);
	}
}

static void draw_story(struct sim_draw *d)
{
	uint32_t weights[DRAW_KINDS];
	uint32_t sum = draw_weights(d, weights);
	uint32_t busy_s = 1 + draw_below(d, 8);
	ha_dur end = HA_S(30 + draw_below(d, 120));

	if (draw_below(d, 64) == 0) {
		end *= 4;
	}
	while (d->now < end) {
		d->now += draw_pause(d, busy_s);
		pick(d, weights, sum)(d);
	}
	d->plan->heal_at = d->now;
}

void sim_plan_draw(struct sim_plan *p, uint64_t seed, struct sim_plan_size size)
{
	struct sim_draw d = { .plan = p, .rand = { .state = seed * 2 + 1 } };

	memset(p, 0, sizeof(*p));
	p->seed = seed;
	p->run_seed = 1 + seed % 1000000; /* as a scenario can say it */
	draw_cluster(&d, size);
	draw_world(&d);
	draw_story(&d);
}
