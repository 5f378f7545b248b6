/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/aside.h"

#include <stdio.h>

#include "core/pool.h"
#include "core/rules.h"

#define ASIDE_CRASHES 2 /* one may be chance; the same again is not */

void aside_begin(struct ha_core *c, uint32_t i)
{
	assert(i < c->vm_count);
	assert(c->deciding == 0);
	c->deciding = i + 1;
}

void aside_end(struct ha_core *c)
{
	assert(c->deciding != 0);
	c->deciding = 0;
}

/* Reads memory alone: a signal handler calls it, in the middle of a step. */
bool ha_core_deciding(const struct ha_core *c, struct ha_crash *ret_crash)
{
	uint32_t number = c->deciding;

	if (number == 0 || number > c->params.vms_max) {
		return false;
	}
	ret_crash->vm = c->vms[number - 1].uuid;
	ret_crash->index = c->state->index;
	ret_crash->count = 1;
	return true;
}

struct ha_crash aside_own(const struct ha_core *c)
{
	static const struct ha_crash none;

	return c->now < c->crash_until ? c->crash : none;
}

static uint32_t count_crashes(const struct vm *vm, const struct ha_crash *crash)
{
	return crash->count > 0 && crash->index >= vm->v->reset_at &&
			       ha_uuid_cmp(&crash->vm, &vm->v->uuid) == 0
		       ? crash->count
		       : 0;
}

/* Those that count, and whose hacd it was. */
static uint32_t find_crashes(const struct ha_core *c, const struct vm *vm,
			     ha_hostset *ret_hosts)
{
	const struct ha_crash own = aside_own(c);
	uint32_t all = count_crashes(vm, &own);

	*ret_hosts = all > 0 ? ha_host_bit(self(c)) : 0;
	for (ha_hostset set = c->crashed & ~ha_host_bit(self(c)); set;) {
		ha_hostid host = ha_hostset_pop(&set);
		uint32_t n = count_crashes(vm, &c->hosts[host - 1].crash);

		if (n > 0) {
			all += n < ASIDE_CRASHES ? n : ASIDE_CRASHES;
			*ret_hosts |= ha_host_bit(host);
		}
	}
	return all;
}

static bool all_heard(const struct ha_core *c)
{
	for (ha_hostset set = c->epoch.members; set;) {
		if (!c->hosts[ha_hostset_pop(&set) - 1].heard) {
			return false;
		}
	}
	return true;
}

bool aside_leaves(const struct ha_core *c, uint32_t i)
{
	const struct vm vm = vm_at(c, i);
	ha_hostset hosts;
	uint32_t crashes;

	if (vm.v->aside != 0) {
		return true;
	}
	if (c->crash.count == 0 && c->crashed == 0) {
		return false; /* as good as always */
	}
	crashes = find_crashes(c, &vm, &hosts);
	return crashes >= ASIDE_CRASHES || (crashes > 0 && !all_heard(c));
}

const struct vm_soft *aside_keeps(const struct ha_core *c, ha_hostid host)
{
	const struct vm_soft *kept = NULL;

	for (uint32_t i = 0; i < c->vm_count; i++) {
		const struct vm vm = vm_at(c, i);
		bool here = ha_host_in(vm.s->running | vm.s->unknown, host);

		if (vm.v->aside == 0 && (here || vm.v->owner == host ||
					 vm.v->holder == host)) {
			return NULL;
		}
		kept = here && vm.s->conf ? vm.s : kept;
	}
	return kept;
}

static void set_aside(struct ha_core *c, const struct vm *vm, ha_hostset hosts,
		      const char *names)
{
	struct ha_trace t = about_vm(vm->s, HA_TRACE_WARNING);
	struct ha_fact f = vm_fact(HA_FACT_VM_ASIDE, vm);
	const char *name = vm->s->conf->name;

	f.number = hosts;
	snprintf(f.text, sizeof(f.text), "%.47s", names);
	if (!propose(c, &f)) {
		return;
	}
	about_fact(c, &f, &t);
	out_trace(c, &t, "vm %s: hacd crashed over it on %s, more than once -> "
		  "set aside, it is neither started nor stopped nor moved",
		  name, names);
	out_alert(c, "vm-aside", &t, "vm %s is set aside, since hacd crashed "
		  "over it on %s; what to do: hactl vm show %s", name, names,
		  name);
}

void aside_decide(struct ha_core *c, const struct vm *vm)
{
	char names[HA_TEXT_MAX / 2];
	ha_hostset hosts;
	uint32_t crashes;

	if (vm->v->aside != 0) {
		return;
	}
	crashes = find_crashes(c, vm, &hosts);
	host_names(c, hosts, names, sizeof(names));
	if (crashes < ASIDE_CRASHES) {
		wait_because(vm->s, "hacd crashed over it on %s; the others are "
			     "to say whether theirs did, too", names);
		return;
	}
	wait_because(vm->s, "hacd crashed over it on %s; it is about to be set "
		     "aside", names);
	set_aside(c, vm, hosts, names);
}
