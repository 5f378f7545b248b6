/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conditions of scenarios: what hactl would say, and what really is. */
#include <string.h>

#include "core/broken.h"
#include "core/view.h"
#include "sim/run_priv.h"

/* The latest that anybody has opened, as far as its record is committed. */
static uint64_t last_epoch(const struct sim_run *r)
{
	uint64_t last = 0;

	for (ha_hostid h = 1; h <= r->sim->host_max; h++) {
		const struct ha_core *core = r->sim->hosts[h - 1].core;

		if (core && ha_core_state(core)->epoch > last) {
			last = ha_core_state(core)->epoch;
		}
	}
	return last;
}

/* One that was hung may still believe in an epoch that is long over. */
ha_hostid run_asked(const struct sim_run *r)
{
	uint64_t last = last_epoch(r);
	ha_hostid best = HA_HOST_NONE;
	uint64_t epoch = 0;

	for (ha_hostid h = 1; h <= r->sim->host_max; h++) {
		const struct sim_host *host = &r->sim->hosts[h - 1];
		struct ha_cluster_view v;

		if (!host->core || host->hung || host->hacd_hung) {
			continue;
		}
		ha_core_view_epoch(host->core, &v);
		if (v.quorate && v.epoch > epoch && v.epoch >= last) {
			best = h;
			epoch = v.epoch;
		}
		best = best != HA_HOST_NONE ? best : h;
	}
	return best;
}

static const struct ha_core *asked_core(const struct sim_run *r)
{
	ha_hostid h = run_asked(r);

	return h != HA_HOST_NONE ? r->sim->hosts[h - 1].core : NULL;
}

static bool vm_view(const struct sim_run *r, const char *name,
		    struct ha_vm_view *ret_v)
{
	const struct ha_core *core = asked_core(r);

	if (!core) {
		return false;
	}
	ha_core_view_vm(core, &r->sim->vms[run_vm(r, name)].uuid, ret_v);
	return true;
}

static bool vm_holds(const struct sim_run *r, const struct ha_scn_cond *c)
{
	ha_hostset there = r->sim->vms[run_vm(r, c->name)].there;
	ha_hostset where = 0;
	struct ha_vm_view v;

	if (!vm_view(r, c->name, &v) || (uint32_t)v.shown != c->state) {
		return false;
	}
	if (c->state == HA_SCN_VM_STOPPED && there != 0) {
		return false;
	}
	for (size_t i = 0; i < c->names.count; i++) {
		where |= ha_host_bit(run_host(r, c->names.names[i]));
	}
	if (c->state == HA_SCN_VM_RUNNING ||
	    (c->state == HA_SCN_VM_ASIDE && where != 0)) {
		return there != 0 && ha_host_in(there, v.owner) &&
		       (where == 0 || ha_host_in(where, v.owner));
	}
	return where == 0 || ha_host_in(where, v.owner);
}

static bool host_holds(const struct sim_run *r, const struct ha_scn_cond *c)
{
	const struct ha_core *core = asked_core(r);
	ha_hostid h = run_host(r, c->name);
	struct ha_host_view v;

	if (c->state == HA_SCN_HOST_OFF) {
		return !r->sim->hosts[h - 1].power;
	}
	if (!core) {
		return false;
	}
	ha_core_view_host(core, h, &v);
	return (uint32_t)v.shown == c->state;
}

/* In the order in which they were given an owner, since the last mark. */
static bool order_holds(const struct sim_run *r, const struct ha_scn_cond *c)
{
	const struct ha_core *core = asked_core(r);
	uint64_t last = r->sim->oracle.mark_index;

	for (size_t i = 0; core && i < c->names.count; i++) {
		const struct ha_vm_state *v = ha_state_vm(
			ha_core_state(core),
			&r->sim->vms[run_vm(r, c->names.names[i])].uuid);

		if (!v || v->gen <= last || v->owner == HA_HOST_NONE) {
			return false;
		}
		last = v->gen;
	}
	return core != NULL;
}

static bool cluster_view(const struct sim_run *r, const char *name,
			 struct ha_cluster_view *ret_v)
{
	const struct ha_core *core =
		name ? r->sim->hosts[run_host(r, name) - 1].core
		     : asked_core(r);

	if (!core) {
		return false;
	}
	ha_core_view_cluster(core, ret_v);
	return true;
}

/* What is known of the rule; false: it is not broken, or nobody is there to be
 * asked. */
static bool rule_view(const struct sim_run *r, const char *name,
		      struct ha_broken_rule *ret)
{
	ha_hostid h = run_asked(r);
	struct ha_core *core = h != HA_HOST_NONE ? r->sim->hosts[h - 1].core
						 : NULL;
	struct ha_broken_rule rules[HA_BROKEN_TOLD];
	size_t count = core && ha_core_config(core)
			       ? ha_core_view_broken(core, NULL, rules) : 0;

	for (size_t i = 0; i < count && i < HA_BROKEN_TOLD; i++) {
		if (strcmp(rules[i].name, name) == 0) {
			*ret = rules[i];
			return true;
		}
	}
	return false;
}

static bool rule_holds(const struct sim_run *r, const struct ha_scn_cond *c)
{
	enum ha_scn_mend mend = (enum ha_scn_mend)c->state;
	struct ha_broken_rule rule;

	return rule_view(r, c->name, &rule) &&
	       (mend == HA_SCN_MEND_ANY ||
		strcmp(ha_scn_mend_name(mend), ha_mend_name(rule.mend)) == 0);
}

static bool holds(struct sim_run *r, const struct ha_scn_cond *c)
{
	struct ha_cluster_view v;
	struct ha_vm_view vm;

	switch (c->kind) {
	case HA_SCN_COND_VM:
		return vm_holds(r, c);
	case HA_SCN_COND_VM_STARTS:
		return vm_view(r, c->name, &vm) && vm.starts == c->number;
	case HA_SCN_COND_HOST:
		return host_holds(r, c);
	case HA_SCN_COND_FENCED:
		return r->sim->oracle.fencings[run_host(r, c->name) - 1] ==
		       c->number;
	case HA_SCN_COND_COORDINATOR:
		return cluster_view(r, NULL, &v) && v.quorate &&
		       v.coordinator == run_host(r, c->name);
	case HA_SCN_COND_QUORATE:
		return cluster_view(r, c->name, &v) && v.quorate;
	case HA_SCN_COND_ORDER:
		return order_holds(r, c);
	case HA_SCN_COND_TRACE:
		return sim_log_has(r->sim, c->text);
	case HA_SCN_COND_SETTLED:
		return cluster_view(r, NULL, &v) && v.settled;
	case HA_SCN_COND_RULE:
		return rule_holds(r, c);
	}
	return false;
}

bool run_cond_holds(struct sim_run *r, const struct ha_scn_cond *c)
{
	return holds(r, c) != c->negated;
}

static void tell_vm(struct sim_run *r, const char *name, struct ha_buf *out)
{
	const struct sim_vm *vm = &r->sim->vms[run_vm(r, name)];
	struct ha_vm_view v;

	if (!vm_view(r, name, &v)) {
		ha_buf_printf(out, "no hacd can be asked about vm %s", name);
		return;
	}
	ha_buf_printf(out, "vm %s is %s", name, ha_vm_shown_name(v.shown));
	if (v.owner != HA_HOST_NONE) {
		ha_buf_printf(out, ", owned by %s",
			      r->sim->hosts[v.owner - 1].name);
	}
	ha_buf_printf(out, ", starts %llu, really running on",
		      (unsigned long long)v.starts);
	for (ha_hostset set = vm->there; set;) {
		ha_buf_printf(out, " %s",
			      sim_host(r->sim, ha_hostset_pop(&set))->name);
	}
	ha_buf_puts(out, vm->there == 0 ? " no host" : "");
	if (v.why[0] != '\0') {
		ha_buf_printf(out, " (%s)", v.why);
	}
}

static void tell_host(struct sim_run *r, const char *name, struct ha_buf *out)
{
	ha_hostid h = run_host(r, name);
	const struct ha_core *core = asked_core(r);
	struct ha_host_view v;

	if (!core) {
		ha_buf_printf(out, "no hacd can be asked about host %s", name);
		return;
	}
	ha_core_view_host(core, h, &v);
	ha_buf_printf(out, "host %s is %s, its power is %s, fenced %llu times",
		      name, ha_host_shown_name(v.shown),
		      r->sim->hosts[h - 1].power ? "on" : "off",
		      (unsigned long long)r->sim->oracle.fencings[h - 1]);
	if (v.why[0] != '\0') {
		ha_buf_printf(out, " (%s)", v.why);
	}
}

static void tell_cluster(struct sim_run *r, const char *name,
			 struct ha_buf *out)
{
	struct ha_cluster_view v;

	if (!cluster_view(r, name, &v)) {
		ha_buf_puts(out, "no hacd can be asked");
		return;
	}
	ha_buf_printf(out, "%s, coordinator %s, %s",
		      v.quorate ? "quorate" : "not quorate",
		      v.coordinator ? sim_host(r->sim, v.coordinator)->name
				    : "none",
		      v.settled ? "settled" : "not settled");
	if (v.why[0] != '\0') {
		ha_buf_printf(out, " (%s)", v.why);
	}
}

static void tell_start(struct sim_run *r, const char *name,
		       struct ha_buf *out)
{
	struct ha_vm_view v;

	if (vm_view(r, name, &v)) {
		ha_buf_printf(out, "the start of vm %s is fact %llu", name,
			      (unsigned long long)v.gen);
	}
}

static void tell_rule(struct sim_run *r, const char *name, struct ha_buf *out)
{
	struct ha_broken_rule rule;

	if (rule_view(r, name, &rule)) {
		ha_buf_printf(out, "rule %s is broken, %s: %s", name,
			      ha_mend_name(rule.mend), rule.why);
	} else {
		ha_buf_printf(out, "rule %s is not broken", name);
	}
}

void run_cond_tell(struct sim_run *r, const struct ha_scn_cond *c,
		   struct ha_buf *out)
{
	switch (c->kind) {
	case HA_SCN_COND_VM:
	case HA_SCN_COND_VM_STARTS:
		tell_vm(r, c->name, out);
		break;
	case HA_SCN_COND_HOST:
	case HA_SCN_COND_FENCED:
		tell_host(r, c->name, out);
		break;
	case HA_SCN_COND_COORDINATOR:
	case HA_SCN_COND_QUORATE:
	case HA_SCN_COND_SETTLED:
		tell_cluster(r, c->name, out);
		break;
	case HA_SCN_COND_ORDER:
		for (size_t i = 0; i < c->names.count; i++) {
			ha_buf_puts(out, i > 0 ? "; " : "");
			tell_start(r, c->names.names[i], out);
		}
		break;
	case HA_SCN_COND_TRACE:
		ha_buf_puts(out, "no line of the trace has it");
		break;
	case HA_SCN_COND_RULE:
		tell_rule(r, c->name, out);
		break;
	}
}
