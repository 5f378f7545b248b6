/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules as they are made up. No VM is in two of one kind, since rules that
 * contradict each other would be refused.
 */
#include "sim/plan_config.h"

#define RULE_VMS 4

const char *const sim_plan_readies[4] = { "placed", "started", "guest-ready",
					  "app-ready" };

enum kind { APART, TOGETHER, SPREAD, RUN_ON, KEEP_OFF };

struct rules {
	struct sim_plan_config *config;
	uint32_t next[2]; /* VM, for rules between VMs and those about hosts */
	struct ha_rand rand;
};

struct rule { /* as it is drawn */
	enum kind kind;
	uint32_t number;
	bool must, restart;
	uint32_t vms; /* how many */
};

static uint32_t below(struct rules *u, uint32_t n)
{
	return (uint32_t)ha_rand_below(&u->rand, n);
}

/* A random host that is in the cluster. */
static ha_hostid some_host(struct rules *u)
{
	ha_hostset set = u->config->plan->hosts;

	for (uint32_t n = below(u, ha_hostset_count(set)); n > 0; n--) {
		(void)ha_hostset_pop(&set);
	}
	return ha_hostset_first(set);
}

static bool is_about_hosts(enum kind kind)
{
	return kind >= RUN_ON;
}

/* By their names, or by a group that they are put into. */
static uint32_t print_members(struct rules *u, const struct rule *rule,
			      uint32_t most, struct ha_buf *out)
{
	struct sim_plan_config *c = u->config;
	bool apart = sim_plan_restricts(c) && is_about_hosts(rule->kind);
	uint32_t *next = &u->next[apart];
	bool grouped = sim_plan_has(c, PLAN_GROUPS) && below(u, 2) == 0;
	uint32_t n = 0;

	ha_buf_puts(out, " vms=\"");
	for (; *next < c->plan->vm_count && n < most; ++*next) {
		if (!c->there[*next]) {
			continue;
		}
		if (grouped) {
			c->vm_groups[*next] |= 1u << c->vm_group_count;
		} else {
			ha_buf_printf(out, "%sv%u", n > 0 ? " " : "",
				      *next + 1);
		}
		n++;
	}
	if (grouped) {
		ha_buf_printf(out, "g%u", c->vm_group_count++);
	}
	ha_buf_puts(out, "\"");
	return n;
}

/* Fault domains that hosts with all belong to: those that stand alone too. */
static uint32_t count_domains(const struct sim_plan_config *c)
{
	ha_hostset left = c->common;
	uint32_t n = 0;

	for (uint32_t i = 0; i < PLAN_RACKS_MAX; i++) {
		n += (left & sim_plan_rack(i)) != 0;
		left &= ~sim_plan_rack(i);
	}
	return n + ha_hostset_count(left);
}

/* As many as need be, or one more. */
static void print_most(struct rules *u, const struct rule *rule,
		       struct ha_buf *out)
{
	uint32_t places = rule->kind == SPREAD
				  ? count_domains(u->config)
				  : ha_hostset_count(u->config->common);
	uint32_t least = (rule->vms + places - 1) / places;
	uint32_t more = below(u, 2);
	bool even = rule->kind == SPREAD && below(u, 3) == 0;

	/* even counts domains in which not all may run, too */
	if (even && (!rule->must || !sim_plan_restricts(u->config))) {
		ha_buf_puts(out, " most=\"even\"");
	} else if (rule->kind == SPREAD || least + more > 1) {
		ha_buf_printf(out, " most=\"%u\"", least + more);
	}
}

/* The best first. A must leaves those that have all. */
static void print_run_on(struct rules *u, const struct rule *rule,
			 struct ha_buf *out)
{
	struct sim_plan_config *c = u->config;
	bool open = rule->must && sim_plan_restricts(c);
	ha_hostid first = some_host(u), second = some_host(u);
	uint32_t group;

	ha_buf_printf(out, " run-on=\"h%u", first);
	if (second != first && (!open || below(u, 2) == 0)) {
		ha_buf_printf(out, " h%u", second);
	}
	if (open || sim_plan_has(c, PLAN_GROUPS)) {
		group = sim_plan_host_group(c, c->common);
		ha_buf_printf(out, " hg%u", group);
	}
	ha_buf_puts(out, "\"");
}

static void print_keep_off(struct rules *u, const struct rule *rule,
			   struct ha_buf *out)
{
	struct sim_plan_config *c = u->config;
	ha_hostset rest = c->plan->hosts & ~c->common;
	ha_hostid first = some_host(u);

	if (!sim_plan_restricts(c) || !rule->must) {
		ha_buf_printf(out, " keep-off=\"h%u\"", first);
	} else if (sim_plan_has(c, PLAN_GROUPS) && below(u, 2) == 0) {
		ha_buf_printf(out, " keep-off=\"hg%u\"",
			      sim_plan_host_group(c, rest));
	} else {
		ha_buf_printf(out, " keep-off=\"h%u\"",
			      ha_hostset_first(rest));
	}
}

static void print_where(struct rules *u, const struct rule *rule,
			struct ha_buf *out)
{
	switch (rule->kind) {
	case APART:
		ha_buf_puts(out, " keep=\"apart\"");
		print_most(u, rule, out);
		break;
	case TOGETHER:
		ha_buf_puts(out, " keep=\"together\"");
		break;
	case SPREAD:
		ha_buf_puts(out, " keep=\"spread\"");
		print_most(u, rule, out);
		break;
	case RUN_ON:
		print_run_on(u, rule, out);
		break;
	case KEEP_OFF:
		print_keep_off(u, rule, out);
		break;
	}
}

static struct rule draw_rule(struct rules *u, uint32_t number)
{
	static const enum kind plain[] = { APART, TOGETHER, RUN_ON, KEEP_OFF };
	static const enum kind racks[] = { SPREAD, SPREAD, APART, TOGETHER,
					   RUN_ON, KEEP_OFF };
	const struct sim_plan_config *c = u->config;
	struct rule rule = { .number = number };

	rule.kind = sim_plan_has(c, PLAN_RACKS) ? racks[below(u, 6)]
						: plain[below(u, 4)];
	rule.must = below(u, 2) == 0;
	rule.restart = below(u, 2) == 0;
	if (rule.kind == KEEP_OFF && sim_plan_restricts(c) &&
	    c->common == c->plan->hosts) {
		rule.must = false; /* nothing is left to keep off */
	}
	return rule;
}

static void print_rule(struct rules *u, uint32_t number, struct ha_buf *out)
{
	struct rule rule = draw_rule(u, number);
	size_t before = out->len;

	ha_buf_printf(out, "    <vm-%s name=\"r%u\" strength=\"%s\"%s",
		      is_about_hosts(rule.kind) ? "host" : "vm", number,
		      rule.must ? "must" : "should",
		      rule.restart ? " restart=\"yes\"" : "");
	rule.vms = print_members(u, &rule, 2 + below(u, RULE_VMS - 1), out);
	if (rule.vms >= 2) {
		print_where(u, &rule, out);
		ha_buf_puts(out, "/>\n");
	}
	if (rule.vms < 2 || /* too few are left */
	    (u->config->plan->without >> (PLAN_RULE + number) & 1)) {
		out->len = before;
		out->data[before] = '\0';
	}
}

/* Some of these VMs, or none. */
static bool print_some(struct rules *u, uint32_t from, uint32_t to,
		       struct ha_buf *out)
{
	bool any = false;

	for (uint32_t i = from; i < to; i++) {
		bool hit = below(u, 1 + (to - from) / 2) == 0;

		if (u->config->there[i] && hit) {
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
	uint32_t n = u->config->plan->vm_count;
	uint32_t at = 1 + below(u, n);
	uint32_t ready = below(u, 4);
	uint32_t delay = below(u, 20);
	size_t before = out->len;
	bool some;

	ha_buf_printf(out, "    <dependency name=\"d%u\" vms=\"", number);
	some = print_some(u, back ? 0 : at, back ? at : n, out);
	ha_buf_puts(out, "\" after=\"");
	if (!print_some(u, back ? at : 0, back ? n : at, out) || !some ||
	    (u->config->plan->without >> (PLAN_DEPENDENCY + number) & 1)) {
		out->len = before;
		out->data[before] = '\0';
		return;
	}
	ha_buf_printf(out, "\" ready=\"%s\" ready-delay=\"%us\"/>\n",
		      sim_plan_readies[ready], delay < 10 ? delay : 0);
}

/* Rules about where, and about the order, in half of the configurations each. */
void sim_plan_rules(struct sim_plan_config *c, struct ha_buf *out)
{
	struct rules u = {
		.config = c,
		.rand = { .state = c->plan->seed * 31 +
				   77773u * (c->variant + 1) },
	};
	uint32_t count = below(&u, 8);
	bool any = count <= 4 && ha_hostset_count(c->plan->hosts) >= 2;
	uint32_t dependencies, back;

	ha_buf_puts(out, "  <rules>\n");
	for (uint32_t i = 0; any && i < count; i++) {
		print_rule(&u, i, out);
	}
	dependencies = below(&u, 8);
	back = below(&u, 2);
	for (uint32_t i = 0; dependencies <= 4 && i < dependencies; i++) {
		print_dependency(&u, i, back == 1, out);
	}
	ha_buf_puts(out, "  </rules>\n");
}
