/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configurations of a plan: each by its number, from the same seed. */
#include "sim/plan_config.h"

#include <string.h>

#include "model/vm.h"

#define REMOVED (HA_PRIORITY_DISABLED + 1) /* in place of a priority */

/* What becomes of failed starts: said of half of the VMs. */
static void print_failures(const struct sim_plan *p, uint32_t i,
			   struct ha_buf *out)
{
	struct ha_rand r = { .state = p->seed * 43 + 1000003u * i };

	if (ha_rand_below(&r, 2) == 0) {
		ha_buf_printf(out, " start-tries=\"%u\"",
			      1 + (uint32_t)ha_rand_below(&r, 5));
		ha_buf_printf(out, " failure-expiry=\"%us\"",
			      1 + (uint32_t)ha_rand_below(&r, 300));
	}
}

/* When others need not wait for it any more: said in half of the
 * configurations, there of some VMs. */
static void print_ready(const struct sim_plan *p, uint32_t i, uint32_t priority,
			struct ha_buf *out)
{
	struct ha_rand r = { .state = p->seed * 41 + 1000003u * i +
				      77 * priority };
	uint32_t ready = (uint32_t)ha_rand_below(&r, 8);
	uint32_t delay = (uint32_t)ha_rand_below(&r, 20);
	uint32_t timeout = (uint32_t)ha_rand_below(&r, 60);
	bool patient = ha_rand_below(&r, 3) == 0;

	if (p->seed % 16 < 8 && ready < 4) {
		ha_buf_printf(out, " ready=\"%s\" ready-delay=\"%us\"",
			      sim_plan_readies[ready], delay < 10 ? delay : 0);
	}
	ha_buf_printf(out, " ready-timeout=\"%us\"",
		      patient ? 240 + timeout : timeout);
}

static void print_vm(const struct sim_plan_config *c, uint32_t i,
		     struct ha_buf *out)
{
	const struct sim_plan_vm *v = &c->plan->vms[i];

	ha_buf_printf(out, "    <vm name=\"v%u\"", i + 1);
	print_failures(c->plan, i, out);
	ha_buf_printf(out, " restart-priority=\"%s\" "
		      "wanted=\"%s\"\n        on-guest-shutdown=\"%s\" "
		      "on-host-shutdown=\"%s\" stop-timeout=\"%us\"",
		      ha_priority_name((enum ha_priority)c->priority[i]),
		      v->stopped ? "stopped" : "running",
		      v->restarts_itself ? "restart" : "off",
		      v->stops_with_host ? "stop" : "move",
		      v->stop_timeout_s);
	print_ready(c->plan, i, c->priority[i], out);
	sim_plan_vm(c, i, out);
	ha_buf_printf(out, ">\n      <domain type=\"kvm\"><name>v%u</name>"
		      "<uuid>10000000-0000-4000-8000-%012x</uuid>", i + 1,
		      i + 1);
	sim_plan_domain(c, i, out);
	ha_buf_puts(out, "</domain>\n    </vm>\n");
}

static void choose_vms(struct sim_plan_config *c)
{
	const struct sim_plan *p = c->plan;
	struct ha_rand r = { .state = p->seed + 1000003u * c->variant };

	for (uint32_t i = 0; i < p->vm_count; i++) {
		uint32_t other = (uint32_t)ha_rand_below(
			&r, 4 * (HA_PRIORITY_DISABLED + 1));

		/* the first stays, a cluster has one */
		c->there[i] = !p->vms[i].out && (c->variant == 0 ||
						 other != REMOVED || i == 0);
		c->priority[i] = c->variant > 0 && other <= HA_PRIORITY_DISABLED
					 ? other
					 : p->vms[i].priority;
	}
}

static void print_head(const struct sim_plan_config *c, struct ha_buf *out)
{
	const struct sim_plan *p = c->plan;

	ha_buf_printf(out, "<cluster name=\"swarm\">\n  <defaults "
		      "starts-per-host=\"%u\" cpu-overcommit=\"10000%%\" "
		      "start-timeout=\"30s\" ready-port=\"80\" placement=\"%s\" "
		      "preemption=\"%s\"", p->starts_per_host,
		      p->seed % 4 == 0 ? "pack" : "spread",
		      p->seed % 8 < 4 ? "no" : "yes");
	sim_plan_defaults(c, out);
	ha_buf_puts(out, "/>\n");
	sim_plan_admission(c, out);
	ha_buf_printf(out, "  <timing start-wait=\"%us\" "
		      "leave-timeout=\"60s\"/>\n  <fence-devices><device "
		      "name=\"bmc\" agent=\"fence_ipmilan\" timeout=\"20s\" "
		      "power-on=\"%s\"/></fence-devices>\n", p->start_wait_s,
		      p->power_on ? "yes" : "no");
}

void sim_plan_print_config(const struct sim_plan *p, uint32_t variant,
			   struct ha_buf *out)
{
	struct sim_plan_config c = { .plan = p, .variant = variant };

	sim_plan_choose(&c);
	choose_vms(&c);
	print_head(&c, out);
	sim_plan_print_hosts(&c, out);
	sim_plan_rules(&c, out);
	sim_plan_groups(&c, out); /* that the rules have made */
	sim_plan_reach(&c, out);
	ha_buf_puts(out, "  <vms>\n");
	for (uint32_t i = 0; i < p->vm_count; i++) {
		if (c.there[i]) {
			print_vm(&c, i, out);
		}
	}
	ha_buf_puts(out, "  </vms>\n</cluster>\n");
	ha_buf_fini(&c.host_groups);
}
