/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that are broken by where VMs run are mended by one move at a time, and
 * only those whose own words allow a stop and a start for it. Nothing is moved
 * while anything else is under way.
 */
#include "policy/correct.h"

#include <stdio.h>

#include "core/aside.h"
#include "core/pool.h"
#include "core/rules.h"

/* Hosts that come back in turn are all awaited before anything moves. */
#define QUIET HA_S(30)

static void free_members(struct ha_core *c, const struct ha_vm_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct ha_vm_state *v = ha_state_vm(
			c->state, &c->config->vms[list->vms[i]].uuid);

		if (v) {
			uint32_t vm = (uint32_t)(v - c->state->vms);

			c->pool_vms[vm].fixed = aside_leaves(c, vm);
		}
	}
}

/* False: there is no VM that may be moved. */
static bool fix_others(struct ha_core *c)
{
	bool any = false;

	for (uint32_t i = 0; i < c->vm_count; i++) {
		c->pool_vms[i].fixed = true;
	}
	for (size_t i = 0; i < c->config->vm_host_rule_count; i++) {
		const struct ha_vm_host_rule *r = &c->config->vm_host_rules[i];

		if (r->restart) {
			free_members(c, &r->members);
			any = true;
		}
	}
	for (size_t i = 0; i < c->config->vm_vm_rule_count; i++) {
		const struct ha_vm_vm_rule *r = &c->config->vm_vm_rules[i];

		if (r->restart) {
			free_members(c, &r->members);
			any = true;
		}
	}
	return any;
}

static bool vm_is_quiet(const struct ha_core *c, uint32_t i)
{
	const struct vm vm = vm_at(c, i);

	return vm.s->pending == 0 &&
	       (vm.v->owner == HA_HOST_NONE
			? vm.v->wanted == HA_WANTED_STOPPED
			: vm.v->stop == HA_WHY_NONE &&
				  vm.s->owner.gen == vm.v->gen &&
				  vm.s->owner.seen == HA_SEEN_RUNNING);
}

/* What keeps all VMs where they are; NULL: nothing that lasts. */
static const char *standstill(const struct ha_core *c)
{
	if (c->state->disarmed) {
		return "the cluster is disarmed";
	}
	if (c->state->stopped) {
		return "the cluster is stopped";
	}
	if (!is_coordinator(c)) {
		return NULL; /* the rest is known to that one alone */
	}
	if (c->awaited || c->joiner != HA_HOST_NONE) {
		return "a host is being admitted";
	}
	return c->waiting > 0 ? "VMs wait for a place" : NULL;
}

ha_time correct_waits(const struct ha_core *c, char ret_why[HA_TEXT_MAX + 1])
{
	ha_time from = ha_time_max(c->opened_at, c->moved_at) + QUIET;
	const char *why = standstill(c);

	ret_why[0] = '\0';
	if (why) {
		snprintf(ret_why, HA_TEXT_MAX + 1, "%s", why);
		return HA_TIME_NEVER;
	}
	for (uint32_t i = 0; i < c->vm_count; i++) {
		if (c->vms[i].conf && !vm_is_quiet(c, i) &&
		    !aside_leaves(c, i)) {
			snprintf(ret_why, HA_TEXT_MAX + 1, "vm %s does not run "
				 "as wanted yet", c->vms[i].conf->name);
			return HA_TIME_NEVER;
		}
	}
	if (c->now >= from) {
		return 0;
	}
	snprintf(ret_why, HA_TEXT_MAX + 1, "the cluster has to be quiet for "
		 "%d s first", (int)(QUIET / HA_S(1)));
	return from;
}

bool correct_may_begin(struct ha_core *c)
{
	char why[HA_TEXT_MAX + 1];
	ha_time from = correct_waits(c, why);

	if (from != 0) {
		wake_at(c, from);
	}
	return from == 0;
}

static bool has_vm(const struct ha_core *c, const struct ha_vm_list *list,
		   uint32_t vm)
{
	for (size_t i = 0; i < list->count; i++) {
		if (c->vms[vm].conf == &c->config->vms[list->vms[i]]) {
			return true;
		}
	}
	return false;
}

/* The rule between VM and hosts that it breaks there. */
static const char *host_rule_name(const struct ha_core *c,
				  const struct ha_correction *k)
{
	for (size_t i = 0; i < c->config->vm_host_rule_count; i++) {
		const struct ha_vm_host_rule *r = &c->config->vm_host_rules[i];

		if (has_vm(c, &r->members, k->vm) &&
		    !ha_host_in(ha_rule_hosts(r), k->from)) {
			return r->name;
		}
	}
	return "between VMs and hosts";
}

static const char *rule_name(const struct ha_core *c,
			     const struct ha_correction *k)
{
	const struct ha_vm_placement *p = &c->vms[k->vm].conf->placement;

	if (k->verdict == HA_VERDICT_GROUP) {
		return c->config->vm_vm_rules[k->group].name;
	}
	for (size_t i = 0; k->verdict == HA_VERDICT_FITS && i < p->group_count;
	     i++) {
		if (k->broken & HA_BROKEN_GROUP(i)) {
			return c->config->vm_vm_rules[p->groups[i]].name;
		}
	}
	return host_rule_name(c, k);
}

void correct_rules(struct ha_core *c)
{
	const struct ha_choose_how how = { .score = c->config->placement };
	struct ha_correction k;
	struct ha_trace t;
	struct ha_fact f;
	struct vm vm;

	if (!is_coordinator(c) || !correct_may_begin(c) || !fix_others(c) ||
	    !ha_correct_next(pool_planner(c), &how, &k)) {
		return;
	}
	vm = vm_at(c, k.vm);
	f = vm_fact(HA_FACT_VM_MOVE, &vm);
	f.host = k.to;
	snprintf(f.text, sizeof(f.text), "rule %.40s", rule_name(c, &k));
	if (!propose(c, &f)) {
		return;
	}
	c->moved_at = c->now;
	t = about_vm(vm.s, HA_TRACE_NOTICE);
	about_fact(c, &f, &t);
	out_trace(c, &t, "vm %s: runs on %s, against %s, which allows a "
		  "restart for it -> moves to %s", vm.s->conf->name,
		  host_name(c, k.from), f.text, host_name(c, k.to));
}
