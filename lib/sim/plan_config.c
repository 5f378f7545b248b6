/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The configurations of a plan: each by its number, from the same seed. */
#include "sim/plan.h"

#include <string.h>

#include "model/vm.h"

#define REMOVED (HA_PRIORITY_DISABLED + 1) /* in place of a priority */

static void print_hosts(const struct sim_plan *p, struct ha_buf *out)
{
	ha_buf_puts(out, "  <hosts>\n");
	for (uint32_t i = 1; i <= p->host_count; i++) {
		if (ha_host_in(p->hosts, (ha_hostid)i)) {
			ha_buf_printf(out, "    <host name=\"h%u\" id=\"%u\" "
				      "memory=\"32GiB\" cpus=\"8\">"
				      "<fence><level><device ref=\"bmc\"/>"
				      "</level></fence></host>\n", i, i);
		}
	}
	ha_buf_puts(out, "  </hosts>\n");
}

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

static const char *const readies[] = { "placed", "started", "guest-ready",
				       "app-ready" };

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
			      readies[ready], delay < 10 ? delay : 0);
	}
	ha_buf_printf(out, " ready-timeout=\"%us\"",
		      patient ? 240 + timeout : timeout);
}

static void print_vm(const struct sim_plan *p, uint32_t i, uint32_t priority,
		     struct ha_buf *out)
{
	const struct sim_plan_vm *v = &p->vms[i];

	ha_buf_printf(out, "    <vm name=\"v%u\"", i + 1);
	print_failures(p, i, out);
	ha_buf_printf(out, " restart-priority=\"%s\" "
		      "wanted=\"%s\"\n        on-guest-shutdown=\"%s\" "
		      "on-host-shutdown=\"%s\" stop-timeout=\"%us\"",
		      ha_priority_name((enum ha_priority)priority),
		      v->stopped ? "stopped" : "running",
		      v->restarts_itself ? "restart" : "off",
		      v->stops_with_host ? "stop" : "move",
		      v->stop_timeout_s);
	print_ready(p, i, priority, out);
	ha_buf_printf(out, ">\n      <domain type=\"kvm\"><name>v%u</name>"
		      "<uuid>10000000-0000-4000-8000-%012x</uuid>\n"
		      "        <memory unit=\"MiB\">%u</memory><vcpu>1</vcpu>"
		      "<os><type>hvm</type></os></domain>\n    </vm>\n",
		      i + 1, i + 1, p->vm_memory_mib);
}

/* A random host that is in the cluster. */
static ha_hostid some_host(const struct sim_plan *p, struct ha_rand *r)
{
	ha_hostset set = p->hosts;

	for (uint64_t n = ha_rand_below(r, ha_hostset_count(set)); n > 0; n--) {
		(void)ha_hostset_pop(&set);
	}
	return ha_hostset_first(set);
}

/* Rules as they are made up: no VM is in two of them, since rules that
 * contradict each other would be refused. */
struct rules {
	const struct sim_plan *plan;
	const bool *there; /* by VM */
	uint32_t next;     /* VM */
	struct ha_rand rand;
};

static uint32_t print_rule_vms(struct rules *u, uint32_t most,
			       struct ha_buf *out)
{
	uint32_t n = 0;

	ha_buf_puts(out, " vms=\"");
	for (; u->next < u->plan->vm_count && n < most; u->next++) {
		if (u->there[u->next]) {
			ha_buf_printf(out, "%sv%u", n > 0 ? " " : "",
				      u->next + 1);
			n++;
		}
	}
	ha_buf_puts(out, "\"");
	return n;
}

static void print_rule(struct rules *u, uint32_t number, struct ha_buf *out)
{
	static const char *const kinds[] = { " keep=\"apart\"",
					     " keep=\"together\"", " run-on=\"",
					     " keep-off=\"" };
	uint32_t hosts = ha_hostset_count(u->plan->hosts);
	uint32_t kind = (uint32_t)ha_rand_below(&u->rand, 4);
	bool must = ha_rand_below(&u->rand, 2) == 0;
	bool restart = ha_rand_below(&u->rand, 2) == 0;
	size_t before = out->len;

	ha_buf_printf(out, "    <vm-%s name=\"r%u\" strength=\"%s\"%s",
		      kind < 2 ? "vm" : "host", number,
		      must ? "must" : "should",
		      restart ? " restart=\"yes\"" : "");
	if (print_rule_vms(u, kind == 0 && hosts < 3 ? hosts : 3, out) < 2) {
		out->len = before; /* too few are left */
		out->data[before] = '\0';
		return;
	}
	ha_buf_puts(out, kinds[kind]);
	if (kind >= 2) {
		ha_buf_printf(out, "h%u", some_host(u->plan, &u->rand));
		if (kind == 2) {
			ha_buf_printf(out, " h%u",
				      some_host(u->plan, &u->rand));
		}
		ha_buf_puts(out, "\"");
	}
	ha_buf_puts(out, "/>\n");
}

/* Some of these VMs, or none. */
static bool print_some(struct rules *u, uint32_t from, uint32_t to,
		       struct ha_buf *out)
{
	bool any = false;

	for (uint32_t i = from; i < to; i++) {
		bool hit = ha_rand_below(&u->rand, 1 + (to - from) / 2) == 0;

		if (u->there[i] && hit) {
			ha_buf_printf(out, "%sv%u", any ? " " : "", i + 1);
			any = true;
		}
	}
	return any;
}

/* All of a configuration in one direction, so that they make no cycle. */
static void print_dependency(struct rules *u, uint32_t number, bool back,
			     struct ha_buf *out)
{
	uint32_t n = u->plan->vm_count;
	uint32_t at = 1 + (uint32_t)ha_rand_below(&u->rand, n);
	uint32_t ready = (uint32_t)ha_rand_below(&u->rand, 4);
	uint32_t delay = (uint32_t)ha_rand_below(&u->rand, 20);
	size_t before = out->len;
	bool some;

	ha_buf_printf(out, "    <dependency name=\"d%u\" vms=\"", number);
	some = print_some(u, back ? 0 : at, back ? at : n, out);
	ha_buf_puts(out, "\" after=\"");
	if (!print_some(u, back ? at : 0, back ? n : at, out) || !some) {
		out->len = before;
		out->data[before] = '\0';
		return;
	}
	ha_buf_printf(out, "\" ready=\"%s\" ready-delay=\"%us\"/>\n",
		      readies[ready], delay < 10 ? delay : 0);
}

/* Rules about where, and about the order, in half of the configurations each. */
static void print_rules(const struct sim_plan *p, uint32_t variant,
			const bool *there, struct ha_buf *out)
{
	struct rules u = {
		.plan = p, .there = there,
		.rand = { .state = p->seed * 31 + 77773u * (variant + 1) },
	};
	uint32_t count = (uint32_t)ha_rand_below(&u.rand, 8);
	bool any = count <= 4 && ha_hostset_count(p->hosts) >= 2;
	uint32_t dependencies, back;

	ha_buf_puts(out, "  <rules>\n");
	for (uint32_t i = 0; any && i < count; i++) {
		print_rule(&u, i, out);
	}
	dependencies = (uint32_t)ha_rand_below(&u.rand, 8);
	back = (uint32_t)ha_rand_below(&u.rand, 2);
	for (uint32_t i = 0; dependencies <= 4 && i < dependencies; i++) {
		print_dependency(&u, i, back == 1, out);
	}
	ha_buf_puts(out, "  </rules>\n");
}

void sim_plan_print_config(const struct sim_plan *p, uint32_t variant,
			   struct ha_buf *out)
{
	struct ha_rand r = { .state = p->seed + 1000003u * variant };
	uint32_t priority[PLAN_VMS_MAX];
	bool there[PLAN_VMS_MAX];

	ha_buf_printf(out, "<cluster name=\"swarm\">\n  <defaults "
		      "starts-per-host=\"%u\" cpu-overcommit=\"10000%%\" "
		      "start-timeout=\"30s\" ready-port=\"80\" placement=\"%s\" "
		      "preemption=\"%s\"/>\n  <timing start-wait=\"%us\" "
		      "leave-timeout=\"60s\"/>\n  <fence-devices><device "
		      "name=\"bmc\" agent=\"fence_ipmilan\" timeout=\"20s\" "
		      "power-on=\"%s\"/></fence-devices>\n",
		      p->starts_per_host, p->seed % 4 == 0 ? "pack" : "spread",
		      p->seed % 8 < 4 ? "no" : "yes", p->start_wait_s,
		      p->power_on ? "yes" : "no");
	print_hosts(p, out);
	for (uint32_t i = 0; i < p->vm_count; i++) {
		uint32_t other = (uint32_t)ha_rand_below(
			&r, 4 * (HA_PRIORITY_DISABLED + 1));

		/* the first stays, a cluster has one */
		there[i] = !p->vms[i].out &&
			   (variant == 0 || other != REMOVED || i == 0);
		priority[i] = variant > 0 && other <= HA_PRIORITY_DISABLED
				      ? other
				      : p->vms[i].priority;
	}
	print_rules(p, variant, there, out);
	ha_buf_puts(out, "  <vms>\n");
	for (uint32_t i = 0; i < p->vm_count; i++) {
		if (there[i]) {
			print_vm(p, i, priority[i], out);
		}
	}
	ha_buf_puts(out, "  </vms>\n</cluster>\n");
}
