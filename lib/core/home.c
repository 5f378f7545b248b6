/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fail-back: a VM that the loss, the shutdown or the maintenance of its host
 * drove out goes home when that host has been usable for long enough, or in a
 * time of day, if its configuration says so. An admin's own move or stop makes
 * it stay where it is.
 */
#include <stdio.h>

#include "core/aside.h"
#include "core/pool.h"
#include "core/rules.h"
#include "policy/correct.h"

void home_note_usable(struct ha_core *c)
{
	for (size_t i = 0; i < c->pool.host_count; i++) {
		struct host_soft *h = &c->hosts[c->pool_hosts[i].id - 1];

		if (!c->pool_hosts[i].usable) {
			h->usable_from = 0;
		} else if (h->usable_from == 0) {
			h->usable_from = c->now;
		}
	}
}

static bool in_window(const struct ha_vm_restart *r, uint32_t minute)
{
	for (size_t i = 0; i < HA_WINDOWS_MAX; i++) {
		if (minute >= r->windows[i].begin_min &&
		    minute < r->windows[i].end_min) {
			return true;
		}
	}
	return false;
}

/* Is it time? Sees to it that it is asked again when it is. */
static bool is_due(struct ha_core *c, const struct vm *vm)
{
	const struct ha_vm_restart *r = &vm->s->conf->restart;
	ha_time from = c->hosts[vm->v->home - 1].usable_from;

	switch (r->fail_back) {
	case HA_FAIL_BACK_NEVER:
		return false;
	case HA_FAIL_BACK_AFTER:
		if (c->now < from + r->fail_back_after) {
			wake_at(c, from + r->fail_back_after);
			return false;
		}
		return true;
	case HA_FAIL_BACK_WINDOW:
		if (!in_window(r, c->minute)) {
			wake_at(c, c->now + HA_S(60));
			return false;
		}
		return true;
	}
	return false;
}

static bool goes_home(struct ha_core *c, const struct vm *vm)
{
	struct ha_choose_how how = { .recovery = false };
	char missing[HA_TEXT_MAX + 1];
	ha_hostid home = vm->v->home;

	if (!vm->s->conf || home == HA_HOST_NONE || aside_leaves(c, vm->i) ||
	    vm->v->owner == HA_HOST_NONE || vm->v->next != HA_HOST_NONE ||
	    c->hosts[home - 1].usable_from == 0 || !is_due(c, vm)) {
		return false;
	}
	how.only = ha_host_bit(home);
	/* else it would be moved away again for the rule's sake */
	return pool_find(c, vm->i, &how, missing) != HA_HOST_NONE &&
	       !ha_correct_worsens(pool_planner(c), vm->i, home);
}

void home_fail_back(struct ha_core *c)
{
	if (!is_coordinator(c) || !correct_may_begin(c)) {
		return;
	}
	for (uint32_t k = 0; k < c->vm_count; k++) {
		struct vm vm = vm_at(c, c->order[k]);
		struct ha_fact f = vm_fact(HA_FACT_VM_MOVE, &vm);
		struct ha_trace t;

		if (!goes_home(c, &vm)) {
			continue;
		}
		f.host = vm.v->home;
		snprintf(f.text, sizeof(f.text), "fail-back");
		if (propose(c, &f)) {
			c->moved_at = c->now;
			t = about_vm(vm.s, HA_TRACE_NOTICE);
			about_fact(c, &f, &t);
			out_trace(c, &t, "vm %s: ran on %s before that was "
				  "lost, and that is back -> fails back",
				  vm.s->conf->name, host_name(c, f.host));
		}
		return; /* one at a time */
	}
}
