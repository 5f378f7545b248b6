/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of starts: which VM waits for which other one to be ready; and of
 * stops, when the whole cluster stops: which goes before which.
 *
 * A VM waits for those that its dependencies name, and, in recoveries and cold
 * starts, for all of higher priority that have a condition of their own. What
 * others depend on has at least their priority, and dependencies make no
 * cycle; so nobody ever waits for one that waits for it.
 *
 * The wait for a VM has an end. It is over where that VM is not wanted, is set
 * aside, is on a lost host, has no place, or fails everywhere; and when its
 * time limit is, which counts from its first start, or before that from when it
 * was its turn, however often it is started since. The count begins anew when
 * it was ready, or nobody had to wait for it any more, and then it ended.
 *
 * All hosts follow this, so that one that becomes the coordinator goes on.
 */
#include "core/order.h"

#include "core/aside.h"
#include "core/pool.h"
#include "core/rules.h"

#include <stdio.h>

#define STOP_SLACK HA_S(60) /* beyond its stop-timeout, to be switched off */

enum wait { /* what is awaited of a VM */
	WAIT_NOTHING,
	WAIT_PLACE,
	WAIT_MOVE,
	WAIT_START,
	WAIT_GUEST,
	WAIT_APP,
	WAIT_DELAY
};

struct hold {
	enum wait wait;
	uint32_t vm; /* the awaited one */
	bool known;  /* of a dependency, in this round */
};

/* --- by the configuration --- */

/* Does it keep those of lower priority waiting? */
static bool keeps_tiers(const struct ha_vm_conf *vm)
{
	return vm->restart.ready != HA_READY_PLACED ||
	       vm->restart.ready_delay > 0;
}

/* VMs that have their tier for good; in c->order[], which is sorted later. */
struct spread {
	uint32_t count, done;    /* done: and have given it on */
	bool seen[HA_RULES_MAX]; /* dependencies that were gone through */
};

static void lower(struct ha_core *c, struct spread *s, enum ha_priority tier,
		  const struct ha_vm_list *awaited)
{
	for (size_t k = 0; k < awaited->count; k++) {
		struct vm_soft *vm = &c->vms[awaited->vms[k]];

		if (vm->tier > tier) {
			vm->tier = tier;
			c->order[s->count++] = awaited->vms[k];
		}
	}
}

static void spread_tier(struct ha_core *c, struct spread *s,
			enum ha_priority tier)
{
	for (uint32_t i = 0; i < c->vm_count; i++) {
		if (c->vms[i].tier == tier) {
			c->order[s->count++] = i;
		}
	}
	for (; s->done < s->count; s->done++) {
		const struct ha_vm_placement *p =
			&c->vms[c->order[s->done]].conf->placement;

		for (size_t k = 0; k < p->dependency_count; k++) {
			uint16_t d = p->dependencies[k];

			if (!s->seen[d]) {
				s->seen[d] = true;
				lower(c, s, tier,
				      &c->config->dependencies[d].awaited);
			}
		}
	}
}

void order_set_config(struct ha_core *c)
{
	struct spread s = { .count = 0 };
	bool conditions = c->config && c->config->dependency_count > 0;
	size_t known = 0;

	for (uint32_t i = 0; i < c->vm_count; i++) {
		struct vm_soft *vm = &c->vms[i];

		vm->tier = HA_PRIORITY_DISABLED;
		if (vm->conf) {
			vm->tier = vm->conf->priority;
			conditions = conditions || keeps_tiers(vm->conf);
			known++;
		}
	}
	/* VMs are named by their index in the configuration */
	c->ordered = conditions && known == c->vm_count &&
		     known == c->config->vm_count;
	for (enum ha_priority tier = HA_PRIORITY_HIGHEST;
	     c->ordered && tier < HA_PRIORITY_DISABLED; tier++) {
		spread_tier(c, &s, tier);
	}
	for (uint32_t i = 0; !c->ordered && i < c->vm_count; i++) {
		c->vms[i].held = false;
		c->vms[i].awaited = 0;
	}
}

/* --- what each VM has shown --- */

static bool fails_everywhere(const struct ha_core *c,
			     const struct ha_vm_state *v)
{
	return v->failures >= ha_hostset_count(c->epoch.members);
}

/* It runs nowhere: does its turn come soon? */
static bool comes_soon(const struct ha_core *c, const struct vm *vm)
{
	if (fails_everywhere(c, vm->v)) {
		return false;
	}
	return vm->s->pending > 0 || vm->s->placed ||
	       (vm->v->failures > 0 && c->now < vm->s->retry_at);
}

/* Nobody has to wait for it, whatever is asked for. */
static bool is_idle(const struct ha_core *c, const struct vm *vm)
{
	if (vm->v->wanted == HA_WANTED_STOPPED || aside_leaves(c, vm->i)) {
		return true;
	}
	return vm->v->owner != HA_HOST_NONE ? host_is_lost(c, vm->v->owner)
					    : !comes_soon(c, vm);
}

static ha_time time_limit(const struct vm_soft *s)
{
	return s->tried_at == 0
		       ? HA_TIME_NEVER
		       : s->tried_at + s->conf->restart.ready_timeout;
}

static ha_time add_delay(ha_time t, ha_dur delay)
{
	return t == HA_TIME_NEVER ? t : t + delay;
}

/* Its run ends: what it had shown is void. */
static void end_run(const struct ha_core *c, struct vm_soft *s)
{
	ha_time from = s->met_at[HA_READY_STARTED];

	for (size_t r = HA_READY_GUEST; r < HA_READY_COUNT; r++) {
		if ((s->ready_wanted & HA_READY_BIT(r)) != 0) {
			from = s->met_at[r] == 0
				       ? HA_TIME_NEVER
				       : ha_time_max(from, s->met_at[r]);
		}
		s->met_at[r] = 0;
	}
	if (s->met_at[HA_READY_STARTED] != 0 &&
	    c->now >= add_delay(ha_time_min(from, time_limit(s)),
				s->ready_delay)) {
		s->tried = false; /* there was a time when nobody had to wait */
		s->tried_at = 0;
	}
	s->met_at[HA_READY_STARTED] = 0;
}

static void note(const struct ha_core *c, ha_time *met_at, bool holds)
{
	*met_at = !holds ? 0 : *met_at != 0 ? *met_at : c->now;
}

/* What its owner said in an earlier epoch holds until it says otherwise. */
static void follow_run(const struct ha_core *c, const struct vm *vm)
{
	const struct ha_report *said = &vm->s->owner;
	ha_time *met = vm->s->met_at;
	bool over = vm->v->owner == HA_HOST_NONE ||
		    vm->v->stop != HA_WHY_NONE ||
		    host_is_lost(c, vm->v->owner);
	bool runs = said->seen == HA_SEEN_RUNNING ||
		    said->seen == HA_SEEN_PAUSED;

	if (over || vm->s->met_gen != vm->v->gen) {
		end_run(c, vm->s);
		met[HA_READY_PLACED] = 0;
		vm->s->met_gen = vm->v->gen;
	}
	if (over) {
		return;
	}
	note(c, &met[HA_READY_PLACED], true);
	if (said->gen != vm->v->gen || said->seen == HA_SEEN_UNKNOWN) {
		return;
	}
	if (!runs) {
		end_run(c, vm->s); /* it is started again in place */
		return;
	}
	note(c, &met[HA_READY_STARTED], true);
	note(c, &met[HA_READY_GUEST],
	     (said->ready & HA_READY_BIT(HA_READY_GUEST)) != 0);
	note(c, &met[HA_READY_APP],
	     (said->ready & HA_READY_BIT(HA_READY_APP)) != 0);
}

/* From when on its time limit counts. After all is known that is decided from
 * it in this round: who had no limit yet has one in the next. */
static void follow_tries(struct ha_core *c, const struct vm *vm)
{
	struct vm_soft *s = vm->s;
	bool owned = vm->v->owner != HA_HOST_NONE, idle = is_idle(c, vm);

	if (owned || idle) {
		s->awaited = 0;
	}
	if (idle || s->held) {
		s->tried = false;
		s->tried_at = 0;
	} else if (s->tried_at == 0 || (owned && !s->tried)) {
		s->tried = owned;
		s->tried_at = c->now;
		wake_at(c, time_limit(s));
	}
}

/* --- who waits for whom --- */

static enum wait wait_until(struct ha_core *c, ha_time t, enum wait wait)
{
	if (c->now >= t) {
		return WAIT_NOTHING;
	}
	wake_at(c, t);
	return wait;
}

static enum wait find_wait(struct ha_core *c, uint32_t i, enum ha_ready ready,
			   ha_dur delay)
{
	static const enum wait waits[HA_READY_COUNT] = {
		WAIT_PLACE, WAIT_START, WAIT_GUEST, WAIT_APP
	};
	struct vm vm = vm_at(c, i);
	const ha_time *met = vm.s->met_at;
	ha_time limit = time_limit(vm.s);
	bool starts = met[HA_READY_STARTED] == 0;

	if (is_idle(c, &vm)) {
		return WAIT_NOTHING;
	}
	if (met[ready] != 0) {
		limit = add_delay(ha_time_min(met[ready], limit), delay);
		return wait_until(c, limit, WAIT_DELAY);
	}
	if (vm.v->owner == HA_HOST_NONE) {
		return wait_until(c, limit, WAIT_PLACE);
	}
	if (vm.v->stop != HA_WHY_NONE) {
		return wait_until(c, limit, WAIT_MOVE);
	}
	if ((starts && fails_everywhere(c, vm.v)) ||
	    (vm.s->owner.gen == vm.v->gen &&
	     (vm.s->owner.unready & HA_READY_BIT(ready)) != 0)) {
		return WAIT_NOTHING;
	}
	return wait_until(c, limit, starts ? WAIT_START : waits[ready]);
}

static void find_dependency_hold(struct ha_core *c, uint16_t d,
				 struct hold *ret)
{
	const struct ha_dependency *dep = &c->config->dependencies[d];

	*ret = (struct hold){ .wait = WAIT_NOTHING, .known = true };
	for (size_t k = 0; k < dep->awaited.count; k++) {
		ret->vm = dep->awaited.vms[k];
		ret->wait = find_wait(c, ret->vm, dep->ready,
				      dep->ready_delay);
		if (ret->wait != WAIT_NOTHING) {
			return;
		}
	}
}

static struct hold depends(struct ha_core *c, const struct vm_soft *vm,
			   struct hold *known)
{
	const struct ha_vm_placement *p = &vm->conf->placement;

	for (size_t k = 0; k < p->dependency_count; k++) {
		struct hold *h = &known[p->dependencies[k]];

		if (!h->known) {
			find_dependency_hold(c, p->dependencies[k], h);
		}
		if (h->wait != WAIT_NOTHING) {
			return *h;
		}
	}
	return (struct hold){ .wait = WAIT_NOTHING };
}

/* Is its start part of a recovery or of a cold start? What an admin starts or
 * moves is not kept waiting for priorities. */
static bool is_recovered(const struct vm *vm)
{
	if (vm->s->conf->priority == HA_PRIORITY_DISABLED) {
		return false;
	}
	switch ((enum ha_why)vm->v->last_why) {
	case HA_WHY_NONE:
	case HA_WHY_LOST:
	case HA_WHY_FAILED:
	case HA_WHY_CLUSTER_STOP:
	case HA_WHY_SETTLED:
	case HA_WHY_PREEMPTED:
		return true;
	case HA_WHY_LEAVING:
		return vm->s->conf->on_host_shutdown == HA_HOST_SHUTDOWN_STOP;
	case HA_WHY_ADMIN:
	case HA_WHY_MOVE:
	case HA_WHY_MAINTENANCE:
	case HA_WHY_RESTART:
	case HA_WHY_GUEST:
	case HA_WHY_REMOVED:
	case HA_WHY_COUNT:
		break;
	}
	return false;
}

static void say_wait(const struct ha_vm_conf *vm, enum wait wait, char *ret,
		     size_t size)
{
	switch (wait) {
	case WAIT_NOTHING:
		ret[0] = '\0';
		break;
	case WAIT_PLACE:
		snprintf(ret, size, "it has not been started yet");
		break;
	case WAIT_MOVE:
		snprintf(ret, size, "it is about to start on another host");
		break;
	case WAIT_START:
		snprintf(ret, size, "it does not run yet");
		break;
	case WAIT_GUEST:
		snprintf(ret, size, "its guest agent has not answered yet");
		break;
	case WAIT_APP:
		if (vm->restart.ready_port != 0) {
			snprintf(ret, size, "its port %u has not answered yet",
				 vm->restart.ready_port);
		} else {
			snprintf(ret, size, "its ready-command has not "
				 "succeeded yet");
		}
		break;
	case WAIT_DELAY:
		snprintf(ret, size, "its ready-delay is not over yet");
		break;
	}
}

static void set_held(struct ha_core *c, struct vm *vm, const struct hold *hold,
		     bool by_tier)
{
	struct ha_trace t = about_vm(vm->s, HA_TRACE_INFO);
	const struct ha_vm_conf *awaited = c->vms[hold->vm].conf;
	bool begins = vm->s->awaited == 0;
	char text[64];

	vm->s->held = hold->wait != WAIT_NOTHING;
	if (!vm->s->held) {
		return;
	}
	vm->s->awaited = hold->vm + 1;
	say_wait(awaited, hold->wait, text, sizeof(text));
	wait_because(vm->s, "waits for vm %s%s: %s", awaited->name,
		     by_tier ? ", of higher priority" : "", text);
	if (begins && is_coordinator(c)) {
		out_trace(c, &t, "vm %s: runs nowhere, could be started -> %s",
			  vm->s->conf->name, vm->s->why);
	}
}

/* Of those that have a place: who of them has to wait for others. */
static void hold_back(struct ha_core *c)
{
	struct hold known[HA_RULES_MAX] = { { .wait = WAIT_NOTHING } };
	struct hold above = { .wait = WAIT_NOTHING }; /* in tiers before */
	struct hold tier = above;                      /* in this one, too */
	uint32_t last = HA_PRIORITY_HIGHEST;

	for (uint32_t k = 0; k < c->vm_count; k++) {
		struct vm vm = vm_at(c, c->order[k]);
		const struct ha_vm_restart *r = &vm.s->conf->restart;
		struct hold hold;

		if (vm.s->tier != last) {
			above = tier;
			last = vm.s->tier;
		}
		vm.s->held = false;
		if (vm.s->placed) {
			hold = depends(c, vm.s, known);
			if (hold.wait == WAIT_NOTHING && is_recovered(&vm)) {
				set_held(c, &vm, &above, true);
			} else {
				set_held(c, &vm, &hold, false);
			}
		}
		if (tier.wait == WAIT_NOTHING && keeps_tiers(vm.s->conf)) {
			tier.vm = vm.i;
			tier.wait = find_wait(c, vm.i, r->ready,
					      r->ready_delay);
		}
	}
}

void order_starts(struct ha_core *c)
{
	if (!c->ordered) {
		return;
	}
	for (uint32_t i = 0; i < c->vm_count; i++) {
		struct vm vm = vm_at(c, i);

		follow_run(c, &vm);
	}
	hold_back(c);
	for (uint32_t i = 0; i < c->vm_count; i++) {
		struct vm vm = vm_at(c, i);

		follow_tries(c, &vm);
	}
}

/* --- the start of one that waited --- */

/* The last one that it waited for; NULL: it did not have to wait. */
const struct vm_soft *order_awaited(const struct ha_core *c,
				    const struct vm_soft *vm)
{
	return vm->awaited != 0 ? &c->vms[vm->awaited - 1] : NULL;
}

static const char *why_passed(const struct ha_core *c, const struct vm *vm)
{
	if (vm->v->wanted == HA_WANTED_STOPPED) {
		return "is not to run";
	}
	if (aside_leaves(c, vm->i)) {
		return "is set aside";
	}
	if (vm->v->owner == HA_HOST_NONE) {
		return "cannot be started now";
	}
	if (host_is_lost(c, vm->v->owner)) {
		return "is on a host that is lost";
	}
	return vm->s->met_at[HA_READY_STARTED] == 0 ? "does not start"
						    : "was not ready in time";
}

static bool is_passed(const struct vm_soft *s, enum ha_ready ready)
{
	return s->met_at[ready] == 0;
}

/* The first, of all that it is to wait for, that is not ready; NULL: all are. */
static const struct vm_soft *find_passed(const struct ha_core *c,
					 const struct vm *vm)
{
	const struct ha_vm_placement *p = &vm->s->conf->placement;
	const struct vm_soft *last = order_awaited(c, vm->s);

	for (size_t k = 0; k < p->dependency_count; k++) {
		const struct ha_dependency *dep =
			&c->config->dependencies[p->dependencies[k]];

		for (size_t j = 0; j < dep->awaited.count; j++) {
			const struct vm_soft *s =
				&c->vms[dep->awaited.vms[j]];

			if (is_passed(s, dep->ready)) {
				return s;
			}
		}
	}
	return last && keeps_tiers(last->conf) &&
			       is_passed(last, last->conf->restart.ready)
		       ? last
		       : NULL;
}

void order_say_passed(struct ha_core *c, const struct vm *vm)
{
	struct ha_trace t = about_vm(vm->s, HA_TRACE_NOTICE);
	const struct vm_soft *s = c->ordered ? find_passed(c, vm) : NULL;

	if (s) {
		const struct vm passed = vm_at(c, (uint32_t)(s - c->vms));

		out_trace(c, &t, "vm %s: is to wait for vm %s, which %s -> does "
			  "not wait for it", vm->s->conf->name, s->conf->name,
			  why_passed(c, &passed));
	}
}

/* --- the other way round, when the cluster stops --- */

/* A stop that takes too long is not waited for either. */
static bool runs_still(struct ha_core *c, const struct vm *vm)
{
	if (vm->v->owner == HA_HOST_NONE ||
	    !ha_host_in(c->epoch.members, vm->v->owner) ||
	    !c->hosts[vm->v->owner - 1].reported || aside_leaves(c, vm->i)) {
		return false;
	}
	if (vm->s->stop_by == 0) {
		return true;
	}
	return wait_until(c, vm->s->stop_by, WAIT_MOVE) != WAIT_NOTHING;
}

static void find_dependent(struct ha_core *c, const struct ha_dependency *dep)
{
	for (size_t k = 0; k < dep->members.count; k++) {
		struct vm vm = vm_at(c, dep->members.vms[k]);

		if (runs_still(c, &vm)) {
			for (size_t j = 0; j < dep->awaited.count; j++) {
				c->vms[dep->awaited.vms[j]].stops_after =
					vm.i + 1;
			}
			return;
		}
	}
}

void order_stops(struct ha_core *c)
{
	for (uint32_t i = 0; c->ordered && i < c->vm_count; i++) {
		struct vm vm = vm_at(c, i);

		vm.s->stops_after = 0;
		vm.s->stops_later = vm.s->stops_later &&
				    vm.v->owner != HA_HOST_NONE;
		if (vm.v->stop == HA_WHY_NONE) {
			vm.s->stop_by = 0;
		} else if (vm.s->stop_by == 0) {
			vm.s->stop_by = c->now + vm.s->conf->stop_timeout +
					STOP_SLACK;
		}
	}
	for (size_t d = 0; c->ordered && d < c->config->dependency_count; d++) {
		find_dependent(c, &c->config->dependencies[d]);
	}
}

bool order_may_stop(struct ha_core *c, const struct vm *vm)
{
	struct ha_trace t = about_vm(vm->s, HA_TRACE_INFO);

	if (!c->ordered || vm->s->stops_after == 0) {
		return true;
	}
	wait_because(vm->s, "stops after vm %s, which depends on it",
		     c->vms[vm->s->stops_after - 1].conf->name);
	if (!vm->s->stops_later && is_coordinator(c)) {
		out_trace(c, &t, "vm %s: runs on %s, the cluster stops -> %s",
			  vm->s->conf->name, host_name(c, vm->v->owner),
			  vm->s->why);
	}
	vm->s->stops_later = true;
	return false;
}

/* --- for people --- */

/* What a VM that runs has not shown yet, of what others may wait for; "" if
 * nothing. */
void order_say_unready(const struct vm_soft *vm, char *ret, size_t size)
{
	uint32_t missing = vm->ready_wanted & ~vm->owner.ready;

	ret[0] = '\0';
	if ((missing & vm->owner.unready) != 0) {
		snprintf(ret, size, "it was not ready in time: its %s has not "
			 "answered",
			 (missing & HA_READY_BIT(HA_READY_GUEST)) != 0
				 ? "guest agent" : "application");
	} else if (missing != 0) {
		say_wait(vm->conf,
			 (missing & HA_READY_BIT(HA_READY_GUEST)) != 0
				 ? WAIT_GUEST : WAIT_APP, ret, size);
	}
}
