/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a VM that runs here ready for those that wait for it? Its guest agent and
 * its application are asked after each start, by the agent, until they answer
 * or the VM's time limit is over; then no more. What comes of it belongs to
 * that QEMU, goes out with the reports and is forgotten with it.
 */
#include "core/aside.h"
#include "core/order.h"
#include "core/rules.h"

#include <stdio.h>

#define ASK_AGAIN HA_S(2) /* after the agent was lost */

static void want(struct vm_soft *vm, enum ha_ready ready, ha_dur delay)
{
	if (vm->conf->restart.ready_timeout > 0) {
		vm->ready_wanted |= HA_READY_BIT(ready) & HA_READY_ASKED;
	}
	vm->ready_delay = ha_time_max(vm->ready_delay, delay);
}

void ready_set_config(struct ha_core *c)
{
	for (uint32_t i = 0; i < c->vm_count; i++) {
		struct vm_soft *vm = &c->vms[i];

		vm->ready_wanted = 0;
		vm->ready_delay = 0;
		if (c->ordered) {
			want(vm, vm->conf->restart.ready,
			     vm->conf->restart.ready_delay);
		}
	}
	for (size_t d = 0; c->ordered && d < c->config->dependency_count; d++) {
		const struct ha_dependency *dep = &c->config->dependencies[d];

		for (size_t k = 0; k < dep->awaited.count; k++) {
			want(&c->vms[dep->awaited.vms[k]], dep->ready,
			     dep->ready_delay);
		}
	}
}

static void cancel(struct ha_core *c, uint64_t *op)
{
	if (*op != 0) {
		out_action(c, HA_ACT_CANCEL)->cancel = *op;
		*op = 0;
	}
}

void ready_forget(struct ha_core *c, struct vm_soft *vm)
{
	for (size_t k = 0; k < READY_OPS; k++) {
		cancel(c, &vm->ready_op[k]);
	}
	vm->ready = 0;
	vm->unready = 0;
	vm->ready_from = 0;
	vm->ready_again = 0;
}

static void give_up(struct ha_core *c, struct vm_soft *vm, uint32_t bit,
		    const char *text)
{
	struct ha_trace t = about_vm(vm, HA_TRACE_WARNING);

	vm->unready |= bit;
	out_trace(c, &t, "vm %s: runs on %s, but is not ready: %.120s -> it is "
		  "not waited for any longer", vm->conf->name,
		  host_name(c, self(c)), text);
}

static void finish(struct ha_core *c, struct vm_soft *vm, enum ha_ready ready,
		   const struct ha_event *ev)
{
	struct ha_trace t = about_vm(vm, HA_TRACE_INFO);

	vm->ready_op[ready - HA_READY_GUEST] = 0;
	if (!vm->conf) {
		return;
	}
	if (ev->result.code == HA_OP_OK) {
		vm->ready |= HA_READY_BIT(ready);
		out_trace(c, &t, "vm %s: runs on %s, %s -> ready",
			  vm->conf->name, host_name(c, self(c)),
			  ready == HA_READY_GUEST
				  ? "its guest agent answers"
				  : "its application answers");
	} else if (ev->result.code == HA_OP_FAILED) {
		give_up(c, vm, HA_READY_BIT(ready), ev->result.text);
	} else {
		vm->ready_again = c->now + ASK_AGAIN;
	}
}

bool ready_result(struct ha_core *c, const struct ha_event *ev)
{
	for (uint32_t i = 0; ev->result.id != 0 && i < c->vm_count; i++) {
		for (size_t k = 0; k < READY_OPS; k++) {
			if (c->vms[i].ready_op[k] == ev->result.id) {
				finish(c, &c->vms[i],
				       (enum ha_ready)(HA_READY_GUEST + k), ev);
				return true;
			}
		}
	}
	return false;
}

static void ask(struct ha_core *c, struct vm_soft *vm, enum ha_ready ready)
{
	ha_time limit = vm->ready_from + vm->conf->restart.ready_timeout;
	struct ha_action *a;

	if (c->now >= limit) {
		give_up(c, vm, HA_READY_BIT(ready), "its time limit is over");
		return;
	}
	a = out_action(c, HA_ACT_VM);
	a->vm.id = new_op(c);
	a->vm.op = ready == HA_READY_GUEST ? HA_VM_AWAIT_GUEST
					   : HA_VM_AWAIT_APP;
	a->vm.vm = vm->conf;
	a->vm.uuid = vm->uuid;
	a->vm.timeout = limit - c->now;
	vm->ready_op[ready - HA_READY_GUEST] = a->vm.id;
}

static void run_vm(struct ha_core *c, struct vm_soft *vm,
		   const struct ha_vm_state *v)
{
	if (!vm->conf || vm->seen == HA_SEEN_ABSENT || !local_owns(c, v) ||
	    v->stop != HA_WHY_NONE || vm->local_gen != v->gen) {
		if (vm->ready_from != 0) {
			ready_forget(c, vm);
		}
		return;
	}
	if (vm->seen != HA_SEEN_RUNNING) {
		return;
	}
	if (vm->ready_from == 0) {
		vm->ready_from = c->now;
	}
	for (size_t k = 0; k < READY_OPS; k++) {
		enum ha_ready ready = (enum ha_ready)(HA_READY_GUEST + k);
		uint32_t bit = HA_READY_BIT(ready);

		if ((vm->ready_wanted & bit) == 0) {
			cancel(c, &vm->ready_op[k]);
		} else if (((vm->ready | vm->unready) & bit) == 0 &&
			   vm->ready_op[k] == 0 && c->now >= vm->ready_again) {
			ask(c, vm, ready);
		} else if (((vm->ready | vm->unready) & bit) == 0 &&
			   vm->ready_op[k] == 0) {
			wake_at(c, vm->ready_again);
		}
	}
}

void ready_run(struct ha_core *c)
{
	for (uint32_t i = 0; i < c->vm_count; i++) {
		if (!aside_leaves(c, i)) {
			aside_begin(c, i);
			run_vm(c, &c->vms[i], &c->state->vms[i]);
			aside_end(c);
		}
	}
}
