/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * This host runs what it owns. It needs nobody's leave to start a VM again in
 * place: its own ownership in an open epoch is enough. Without an epoch what
 * runs is left running and nothing is started.
 */
#include "core/aside.h"
#include "core/order.h"
#include "core/rules.h"

#include <stdio.h>

#include "core/state_apply.h"

#define LOOK_AGAIN HA_S(2)
#define ASK_AGAIN HA_S(5)      /* a guest may miss the first request */
#define DESTROY_LIMIT HA_S(30)
#define LOOK_LIMIT HA_S(10)
#define RESULT_SLACK HA_S(30)  /* after this the shell has lost the result */
#define SHORT_LIFE HA_S(10)
#define SHORT_LIVES 4          /* or start-tries, if that is more */
#define RETRY_MAX HA_S(30)

void local_agent(struct ha_core *c, const struct ha_event *ev)
{
	if (ev->agent.agent == HA_AGENT_FENCE) {
		c->own_agent_fence = ev->agent.up;
	} else {
		c->own_agent_vm = ev->agent.up;
		c->own_inventory = false;
		for (uint32_t i = 0; i < c->vm_count; i++) {
			c->vms[i].seen = HA_SEEN_UNKNOWN;
		}
	}
	c->want_host_msg = true;
}

/* Each failure on this host makes the pause before the next try longer. */
static ha_dur retry_pause(uint32_t doublings)
{
	return doublings >= 5 ? RETRY_MAX
			      : ha_time_min(HA_S(1) << doublings, RETRY_MAX);
}

static void see(struct ha_core *c, struct vm_soft *vm,
		const struct ha_domain *d)
{
	bool was_there = vm->seen == HA_SEEN_RUNNING ||
			 vm->seen == HA_SEEN_PAUSED;

	vm->event_since_op = true;
	if (d->seen == HA_SEEN_ABSENT && was_there &&
	    d->end != HA_END_GUEST) {
		vm->tries = c->now - vm->started_at < SHORT_LIFE
				    ? vm->tries + 1
				    : 0;
		if (vm->tries > 1) {
			vm->not_before = c->now + retry_pause(vm->tries);
		}
	}
	if (d->seen != HA_SEEN_UNKNOWN && d->instance != vm->instance) {
		ready_forget(c, vm);
	}
	vm->seen = d->seen;
	vm->end = d->seen == HA_SEEN_ABSENT ? d->end : HA_END_NONE;
	vm->instance = d->instance;
}

static void see_foreign(struct ha_core *c, const struct ha_domain *d)
{
	for (uint32_t i = 0; i < c->foreign_count; i++) {
		if (ha_uuid_cmp(&c->foreign[i].vm, &d->vm) != 0) {
			continue;
		}
		if (d->seen == HA_SEEN_ABSENT) {
			c->foreign[i] = c->foreign[--c->foreign_count];
		} else {
			c->foreign[i] = *d;
		}
		return;
	}
	if (d->seen != HA_SEEN_ABSENT &&
	    c->foreign_count < c->params.vms_max) {
		c->foreign[c->foreign_count++] = *d;
	}
}

void local_domain(struct ha_core *c, const struct ha_domain *d)
{
	struct vm_soft *vm = soft_vm(c, &d->vm);

	if (vm) {
		see(c, vm, d);
	} else {
		see_foreign(c, d);
	}
}

void local_inventory(struct ha_core *c, const struct ha_event *ev)
{
	bool first = !c->own_inventory;

	c->own_memory_kib = ev->inventory.memory_kib;
	c->own_cpus = ev->inventory.cpus;
	c->own_cpu_mhz = ev->inventory.cpu_mhz;
	c->own_inventory = true;
	c->foreign_count = 0;
	for (uint32_t i = 0; i < c->vm_count; i++) {
		struct vm_soft *vm = &c->vms[i];

		vm->seen = HA_SEEN_ABSENT;
		vm->end = first ? HA_END_NONE : vm->end;
		vm->event_since_op = true;
	}
	for (size_t i = 0; i < ev->inventory.count; i++) {
		local_domain(c, &ev->inventory.domains[i]);
	}
	c->want_host_msg = true;
	c->want_full_report = true;
}

static void start_failed(struct ha_core *c, struct vm_soft *vm,
			 const char *text)
{
	vm->tries++;
	snprintf(vm->error, sizeof(vm->error), "%.63s", text);
	vm->not_before = c->now + retry_pause(vm->tries - 1);
	if (!vm->conf || vm->tries >= vm->conf->restart.start_tries) {
		vm->ended = HA_WHY_FAILED;
	}
}

static void finish_op(struct ha_core *c, struct vm_soft *vm, uint32_t code,
		      const char *text)
{
	enum local_op op = vm->op;

	vm->op = OP_NONE;
	vm->op_id = 0;
	switch (op) {
	case OP_NONE:
		break;
	case OP_START:
		if (code == HA_OP_OK && !vm->event_since_op) {
			vm->seen = HA_SEEN_RUNNING;
		} else if (code == HA_OP_FAILED) {
			start_failed(c, vm, text);
		} else if (code == HA_OP_UNKNOWN) {
			vm->seen = HA_SEEN_UNKNOWN;
		}
		break;
	case OP_SHUTDOWN:
		vm->not_before = c->now + ASK_AGAIN;
		break;
	case OP_DESTROY:
		vm->seen = code == HA_OP_OK ? (uint32_t)HA_SEEN_ABSENT
					    : (uint32_t)HA_SEEN_UNKNOWN;
		vm->not_before = code == HA_OP_OK ? 0 : c->now + LOOK_AGAIN;
		break;
	case OP_LOOK:
		vm->not_before = code == HA_OP_OK ? 0 : c->now + LOOK_AGAIN;
		break;
	}
}

bool local_result(struct ha_core *c, const struct ha_event *ev)
{
	for (uint32_t i = 0; i < c->vm_count; i++) {
		if (c->vms[i].op != OP_NONE &&
		    c->vms[i].op_id == ev->result.id) {
			finish_op(c, &c->vms[i], ev->result.code,
				  ev->result.text);
			return true;
		}
	}
	return false;
}

static void begin_op(struct ha_core *c, struct vm_soft *vm, enum local_op op)
{
	static const enum ha_vm_op kinds[] = {
		[OP_START] = HA_VM_START,
		[OP_SHUTDOWN] = HA_VM_SHUTDOWN,
		[OP_DESTROY] = HA_VM_DESTROY,
		[OP_LOOK] = HA_VM_LOOK,
	};
	struct ha_action *a = out_action(c, HA_ACT_VM);
	ha_dur limit = op == OP_DESTROY ? DESTROY_LIMIT : LOOK_LIMIT;

	if (op == OP_START) {
		limit = vm->conf->start_timeout;
	}
	vm->op = op;
	vm->op_id = new_op(c);
	vm->op_deadline = c->now + limit + RESULT_SLACK;
	vm->event_since_op = false;
	a->vm.id = vm->op_id;
	a->vm.op = kinds[op];
	a->vm.vm = vm->conf;
	a->vm.uuid = vm->uuid;
	a->vm.timeout = limit;
}

static void start_here(struct ha_core *c, struct vm_soft *vm)
{
	struct ha_trace t = about_vm(vm, HA_TRACE_INFO);
	static const char *const ends[] = {
		[HA_END_NONE] = "owned here, does not run",
		[HA_END_GUEST] = "the guest switched itself off",
		[HA_END_CRASHED] = "its QEMU ended",
		[HA_END_DESTROYED] = "it was destroyed beside hac",
		[HA_END_MIGRATED] = "libvirt says it migrated away",
	};

	out_trace(c, &t, "vm %s: %s -> started on %s", vm->conf->name,
		  ends[vm->end], host_name(c, self(c)));
	vm->end = HA_END_NONE;
	vm->started_at = c->now;
	begin_op(c, vm, OP_START);
}

/* Its release may be about to be committed, and would leave it running without
 * an owner. */
static bool is_undecided(const struct ha_core *c, const struct vm_soft *vm)
{
	uint64_t index = c->state->index;
	const struct ha_entry *e;

	if (!is_behind(c)) {
		return false;
	}
	while ((e = ha_replica_entry(c->replica, ++index)) != NULL) {
		struct ha_fact f = ha_entry_fact(e);

		if (ha_uuid_cmp(&f.vm, &vm->uuid) == 0) {
			return true;
		}
	}
	return false;
}

static void run_owned(struct ha_core *c, struct vm_soft *vm,
		      const struct ha_vm_state *v)
{
	/* not wanted any more: the order to stop is on its way, and what
	 * ended by itself before it came is not started for it */
	if (vm->seen != HA_SEEN_ABSENT || c->state->stopped ||
	    v->wanted == HA_WANTED_STOPPED) {
		return;
	}
	if (vm->end == HA_END_GUEST &&
	    vm->conf->on_guest_shutdown == HA_GUEST_SHUTDOWN_OFF) {
		vm->ended = HA_WHY_GUEST;
		return;
	}
	if (vm->tries >= SHORT_LIVES &&
	    vm->tries >= vm->conf->restart.start_tries) {
		snprintf(vm->error, sizeof(vm->error),
			 "it failed %u times, or ended soon after", vm->tries);
		vm->ended = HA_WHY_FAILED;
		return;
	}
	if (c->state->disarmed || v->copies != 0 || is_undecided(c, vm)) {
		return;
	}
	start_here(c, vm);
}

static void stop_owned(struct ha_core *c, struct vm_soft *vm, enum ha_why why)
{
	struct ha_trace t = about_vm(vm, HA_TRACE_WARNING);

	if (vm->seen == HA_SEEN_ABSENT) {
		vm->ended = why;
		return;
	}
	if (vm->kill_at == 0) {
		vm->kill_at = c->now + vm->conf->stop_timeout;
	}
	if (c->now >= vm->kill_at) {
		out_trace(c, &t, "vm %s: did not stop within %lld s -> "
			  "switched off", vm->conf->name,
			  (long long)(vm->conf->stop_timeout / HA_S(1)));
		begin_op(c, vm, OP_DESTROY);
		return;
	}
	begin_op(c, vm, OP_SHUTDOWN);
}

bool local_owns(const struct ha_core *c, const struct ha_vm_state *v)
{
	return v->owner == self(c) && v->owner_boot == c->params.boot;
}

/* This host came back, is not admitted yet, and another owns the VM by now:
 * the copy here must go before this host may own anything. */
static bool must_go(const struct ha_core *c, const struct ha_vm_state *v)
{
	return v->owner != HA_HOST_NONE && v->owner != self(c) &&
	       v->holder != self(c) && !host_state(c, self(c))->present &&
	       !is_behind(c);
}

static void follow_ownership(struct vm_soft *vm, const struct ha_vm_state *v)
{
	if (vm->local_gen == v->gen) {
		return;
	}
	vm->local_gen = v->gen;
	vm->tries = 0;
	vm->ended = HA_WHY_NONE;
	vm->not_before = 0;
	vm->kill_at = 0;
	vm->error[0] = '\0';
	vm->end = HA_END_NONE;
}

static void act(struct ha_core *c, struct vm_soft *vm,
		const struct ha_vm_state *v)
{
	struct ha_trace t;

	if (vm->seen == HA_SEEN_UNKNOWN) {
		begin_op(c, vm, OP_LOOK);
	} else if (local_owns(c, v) && v->stop == HA_WHY_NONE) {
		run_owned(c, vm, v);
	} else if (local_owns(c, v)) {
		stop_owned(c, vm, (enum ha_why)v->stop);
	} else if (must_go(c, v) && vm->seen != HA_SEEN_ABSENT) {
		t = about_vm(vm, HA_TRACE_WARNING);
		out_trace(c, &t, "vm %s: still runs on %s, but %s owns it now "
			  "-> this copy is switched off", vm->conf->name,
			  host_name(c, self(c)), host_name(c, v->owner));
		begin_op(c, vm, OP_DESTROY);
	}
}

static void run_vm(struct ha_core *c, struct vm_soft *vm,
		   const struct ha_vm_state *v)
{
	if (local_owns(c, v)) {
		follow_ownership(vm, v);
	}
	if (vm->op == OP_SHUTDOWN && vm->seen == HA_SEEN_ABSENT) {
		vm->op = OP_NONE; /* asked and done; the result is stale */
	}
	if (vm->op != OP_NONE) {
		if (c->now < vm->op_deadline) {
			wake_at(c, vm->op_deadline);
			return;
		}
		finish_op(c, vm, HA_OP_UNKNOWN, "no result");
	}
	if (!vm->conf || (local_owns(c, v) && vm->ended != HA_WHY_NONE)) {
		return;
	}
	if (vm->kill_at != 0 && vm->seen != HA_SEEN_ABSENT &&
	    c->now < vm->kill_at) {
		wake_at(c, vm->kill_at);
	}
	if (c->now < vm->not_before && vm->kill_at != 0 &&
	    c->now >= vm->kill_at &&
	    (vm->seen == HA_SEEN_RUNNING || vm->seen == HA_SEEN_PAUSED)) {
		/* the forced stop is due; after one that failed, what is true
		 * is not asked for without a pause */
		vm->not_before = c->now;
	}
	if (c->now < vm->not_before) {
		if (vm->seen == HA_SEEN_UNKNOWN || local_owns(c, v)) {
			wake_at(c, vm->not_before);
		}
		if (!(v->stop != HA_WHY_NONE && vm->seen == HA_SEEN_ABSENT)) {
			return;
		}
	}
	act(c, vm, v);
}

/* A frozen host does nothing about its VMs, nor any about one that is set
 * aside, but says how they are. */
void local_run(struct ha_core *c)
{
	if (!c->open || !c->own_agent_vm || !c->own_inventory || !c->config) {
		return;
	}
	for (uint32_t k = 0; k < c->vm_count; k++) {
		uint32_t i = c->order[k];

		if (!c->frozen && !aside_leaves(c, i)) {
			aside_begin(c, i);
			run_vm(c, &c->vms[i], &c->state->vms[i]);
			aside_end(c);
		} else if (local_owns(c, &c->state->vms[i])) {
			follow_ownership(&c->vms[i], &c->state->vms[i]);
		}
	}
	ready_run(c);
}
