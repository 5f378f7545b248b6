/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMs, as the coordinator decides about them: who owns which, what stops.
 *
 * The rule (hac-design(7), "Ownership"): no VM is given an owner while a host
 * that owns or holds it has neither released it nor is proven down; both show
 * as "no owner" in the committed state, and nothing else does.
 */
#include "core/aside.h"
#include "core/order.h"
#include "core/pool.h"
#include "core/rules.h"

#include <stdarg.h>
#include <stdio.h>

#define JOIN_GRACE HA_S(1)

void wait_because(struct vm_soft *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);
}

struct ha_fact vm_fact(enum ha_fact_kind kind, const struct vm *vm)
{
	struct ha_fact f;

	memset(&f, 0, sizeof(f));
	f.kind = kind;
	f.vm = vm->v->uuid;
	return f;
}

/* --- known where it runs? --- */

static bool host_has_said(const struct ha_core *c, ha_hostid host,
			  uint64_t since)
{
	const struct host_soft *h = &c->hosts[host - 1];

	return host_state(c, host)->proof != HA_PROOF_NONE ||
	       (ha_host_in(c->epoch.members, host) && h->reported &&
		h->report_index >= since);
}

static void survey(struct ha_core *c, struct vm *vm)
{
	struct ha_trace t = about_vm(vm->s, HA_TRACE_INFO);
	struct ha_fact f = vm_fact(HA_FACT_VM_SURVEY, vm);
	ha_hostset runs = vm->s->running;

	for (size_t i = 0; i < c->config->host_count; i++) {
		ha_hostid host = c->config->hosts[i].id;

		if (!host_has_said(c, host, vm->v->gen)) {
			wait_because(vm->s, "host %s has not said yet whether "
				     "it runs it", host_name(c, host));
			return;
		}
	}
	if (vm->s->unknown != 0) {
		wait_because(vm->s, "host %s cannot tell whether it runs it",
			     host_name(c, ha_hostset_first(vm->s->unknown)));
		return;
	}
	if (ha_hostset_count(runs) > 1) {
		vm->s->incident = true;
		wait_because(vm->s, "it runs on %u hosts at once",
			     ha_hostset_count(runs));
		return;
	}
	if (runs != 0) {
		f.host = ha_hostset_first(runs);
		f.boot = c->hosts[f.host - 1].boot;
		if (!host_state(c, f.host)->present) {
			wait_because(vm->s, "host %s runs it, and is not "
				     "admitted yet", host_name(c, f.host));
			return;
		}
	}
	if (propose(c, &f)) {
		about_fact(c, &f, &t);
		out_trace(c, &t, "vm %s: every host has said, %s%s -> taken "
			  "into care", vm->s->conf->name,
			  runs ? "it runs on " : "it runs nowhere",
			  runs ? host_name(c, f.host) : "");
	}
}

/* --- an owned VM --- */

static void release(struct ha_core *c, struct vm *vm)
{
	struct ha_trace t = about_vm(vm->s, HA_TRACE_NOTICE);
	struct ha_fact f = vm_fact(HA_FACT_VM_RELEASE, vm);

	f.host = vm->v->owner;
	f.number = vm->v->gen;
	f.code = vm->s->owner.ended;
	if (f.code == HA_WHY_LEAVING && vm->s->conf &&
	    vm->s->conf->on_host_shutdown == HA_HOST_SHUTDOWN_STOP) {
		f.by = vm->v->owner;
	}
	snprintf(f.text, sizeof(f.text), "%.47s", vm->s->owner.text);
	if (!propose(c, &f)) {
		return;
	}
	about_fact(c, &f, &t);
	if (f.code == HA_WHY_FAILED) {
		t.level = HA_TRACE_WARNING;
		out_trace(c, &t, "vm %s: start on %s failed: %s -> another "
			  "host, or later", vm->s->conf->name,
			  host_name(c, f.host), vm->s->owner.text);
	} else {
		out_trace(c, &t, "vm %s: stopped on %s, %s -> released",
			  vm->s->conf->name, host_name(c, f.host),
			  ha_why_text((enum ha_why)f.code));
	}
}

static bool fits_elsewhere(struct ha_core *c, const struct vm *vm)
{
	struct ha_choose_how how = { .only = ~ha_host_bit(vm->v->owner) };
	char missing[HA_TEXT_MAX + 1];

	if (pool_find(c, vm->i, &how, missing) != HA_HOST_NONE) {
		return true;
	}
	wait_because(vm->s, "should leave %s, but cannot run elsewhere: %.150s",
		     host_name(c, vm->v->owner), missing);
	return false;
}

static enum ha_why stop_reason(struct ha_core *c, struct vm *vm)
{
	const struct ha_host_state *h = host_state(c, vm->v->owner);

	if (vm->v->wanted == HA_WANTED_STOPPED) {
		return HA_WHY_ADMIN;
	}
	if (c->state->stopped) {
		return order_may_stop(c, vm) ? HA_WHY_CLUSTER_STOP
					     : HA_WHY_NONE;
	}
	if (h->leaving) {
		return HA_WHY_LEAVING;
	}
	if (vm->v->next != HA_HOST_NONE && vm->v->next != vm->v->owner &&
	    host_usable(c, vm->v->next, NULL)) {
		return HA_WHY_MOVE;
	}
	if (h->maintenance && fits_elsewhere(c, vm)) {
		return HA_WHY_MAINTENANCE;
	}
	return HA_WHY_NONE;
}

void stop_vm(struct ha_core *c, struct vm *vm, enum ha_why why)
{
	struct ha_trace t = about_vm(vm->s, HA_TRACE_NOTICE);
	struct ha_fact f = vm_fact(HA_FACT_VM_STOP, vm);

	f.number = vm->v->gen;
	f.code = why;
	f.host = vm->v->owner;
	if (propose(c, &f)) {
		about_fact(c, &f, &t);
		out_trace(c, &t, "vm %s: runs on %s, %s -> stop",
			  vm->s->conf->name, host_name(c, f.host),
			  ha_why_text(why));
	}
}

/* It has run long enough for its failed starts to be forgotten. */
static bool failures_expire(struct ha_core *c, struct vm *vm)
{
	ha_dur expiry = vm->s->conf->restart.failure_expiry;
	struct ha_trace t;
	struct ha_fact f;

	if (vm->v->failures == 0 || vm->s->runs_gen != vm->v->gen) {
		return false;
	}
	if (c->now < vm->s->runs_from + expiry) {
		wake_at(c, vm->s->runs_from + expiry);
		return false;
	}
	f = vm_fact(HA_FACT_VM_RESET, vm);
	t = about_vm(vm->s, HA_TRACE_INFO);
	if (propose(c, &f)) {
		about_fact(c, &f, &t);
		out_trace(c, &t, "vm %s: ran for %lld s on %s -> its failed "
			  "starts are forgotten", vm->s->conf->name,
			  (long long)(expiry / HA_S(1)),
			  host_name(c, vm->v->owner));
	}
	return true;
}

static void decide_owned(struct ha_core *c, struct vm *vm)
{
	ha_hostid host = vm->v->owner;
	enum ha_why why;

	if (host_is_lost(c, host)) {
		wait_because(vm->s, "its host %s is lost and not yet proven "
			     "down", host_name(c, host));
		return;
	}
	if (!ha_host_in(c->epoch.members, host) ||
	    !c->hosts[host - 1].reported) {
		wait_because(vm->s, "its host %s does not say what it runs "
			     "(hacd or libvirt is down there)",
			     host_name(c, host));
		return;
	}
	if (vm->s->owner.gen == vm->v->gen &&
	    vm->s->owner.ended != HA_WHY_NONE) {
		release(c, vm);
		return;
	}
	if (failures_expire(c, vm)) {
		return;
	}
	if (vm->v->stop != HA_WHY_NONE) {
		return;
	}
	why = stop_reason(c, vm);
	if (why != HA_WHY_NONE) {
		stop_vm(c, vm, why);
	}
}

/* Commits that a host runs it, or no more, and does not own it. */
static bool note_copy(struct ha_core *c, const struct vm *vm, ha_hostid host,
		      bool runs)
{
	struct ha_fact f = vm_fact(HA_FACT_VM_COPY, vm);
	struct ha_trace t = about_vm(vm->s, runs ? HA_TRACE_WARNING
						 : HA_TRACE_NOTICE);

	f.host = host;
	f.code = runs;
	if (!propose(c, &f)) {
		return false;
	}
	about_fact(c, &f, &t);
	out_trace(c, &t, runs ? "vm %s: runs on %s, which does not own it -> "
				"its start is blocked"
			      : "vm %s: host %s says that it does not run "
				"there any more -> it is no copy",
		  vm->s->conf->name, host_name(c, host));
	if (runs) {
		out_alert(c, "vm-incident", &t, "vm %s runs on host %s, which "
			  "does not own it; what to do: hactl vm show %s",
			  vm->s->conf->name, host_name(c, host),
			  vm->s->conf->name);
	}
	return true;
}

/* Copies beside the owner's: remembered by all until their host denies them,
 * since nothing may start meanwhile, whoever decides. */
static void look_for_copies(struct ha_core *c, struct vm *vm)
{
	ha_hostset seen = vm->s->running;
	ha_hostset silent = vm->s->unknown | vm->s->ran;

	if (vm->v->owner != HA_HOST_NONE) {
		seen &= ~ha_host_bit(vm->v->owner);
	}
	if (vm->v->holder != HA_HOST_NONE) {
		seen &= ~ha_host_bit(vm->v->holder);
	}
	vm->s->incident = (seen | vm->v->copies) != 0;
	for (ha_hostset s = seen ^ vm->v->copies; s != 0;) {
		ha_hostid host = ha_hostset_pop(&s);
		bool runs = ha_host_in(seen, host);

		if ((runs || (host_has_said(c, host, 0) &&
			      !ha_host_in(silent, host))) &&
		    note_copy(c, vm, host, runs)) {
			return;
		}
	}
}

/* It was running on a host that came back before anyone else started it. */
static bool adopt(struct ha_core *c, struct vm *vm)
{
	struct ha_trace t;
	struct ha_fact f;
	ha_hostid host = ha_hostset_first(vm->s->running);

	if (vm->v->owner != HA_HOST_NONE || vm->v->last_why != HA_WHY_LOST ||
	    ha_hostset_count(vm->s->running) != 1 || vm->s->unknown != 0 ||
	    !host_usable(c, host, NULL)) {
		return false;
	}
	f = vm_fact(HA_FACT_VM_SURVEY, vm);
	f.host = host;
	f.boot = host_state(c, host)->boot;
	if (propose(c, &f)) {
		t = about_vm(vm->s, HA_TRACE_NOTICE);
		about_fact(c, &f, &t);
		out_trace(c, &t, "vm %s: still runs on %s, which is back -> "
			  "taken up again", vm->s->conf->name,
			  host_name(c, host));
	}
	return true;
}

static void decide_one(struct ha_core *c, struct vm *vm)
{
	if (!vm->v->surveyed) {
		survey(c, vm);
		return;
	}
	if (vm->v->owner == HA_HOST_NONE && adopt(c, vm)) {
		return;
	}
	look_for_copies(c, vm);
	if (vm->v->owner != HA_HOST_NONE) {
		decide_owned(c, vm);
	} else {
		start_consider(c, vm);
	}
}

static void decide_vm(struct ha_core *c, struct vm *vm)
{
	vm->s->why[0] = '\0';
	vm->s->placed = false;
	if (!vm->s->conf || vm->s->pending > 0) {
		return;
	}
	if (aside_leaves(c, vm->i)) {
		aside_decide(c, vm);
		return;
	}
	aside_begin(c, vm->i);
	decide_one(c, vm);
	aside_end(c);
}

/* A member that is about to be admitted, right after an epoch opened or the
 * cluster was started: VMs that start without it would all crowd the others. */
static ha_hostid find_joiner(struct ha_core *c)
{
	ha_time until = ha_time_max(c->opened_at, c->started_at) + JOIN_GRACE;
	bool all_left = c->started_at >= c->opened_at;

	for (ha_hostset set = c->now < until ? c->epoch.members : 0; set;) {
		ha_hostid host = ha_hostset_pop(&set);
		const struct host_soft *h = &c->hosts[host - 1];

		if (!host_state(c, host)->present && !h->frozen &&
		    (all_left || !h->stays_out) && (!h->heard || h->vm_agent)) {
			wake_at(c, until);
			return host;
		}
	}
	return HA_HOST_NONE;
}

void vm_decide(struct ha_core *c)
{
	if (is_behind(c)) {
		return;
	}
	pool_fill(c);
	home_note_usable(c);
	start_begin(c, find_joiner(c));
	if (c->state->stopped) {
		order_stops(c);
	}
	/* Orders to stop go the other way round: the least important first. */
	for (uint32_t k = c->vm_count; k-- > 0;) {
		struct vm vm = vm_at(c, c->order[k]);

		if (vm.v->owner != HA_HOST_NONE) {
			decide_vm(c, &vm);
		}
	}
	for (uint32_t k = 0; k < c->vm_count; k++) {
		struct vm vm = vm_at(c, c->order[k]);

		if (vm.v->owner == HA_HOST_NONE) {
			decide_vm(c, &vm);
		}
	}
	start_waiting(c);
	correct_rules(c);
	home_fail_back(c);
}
