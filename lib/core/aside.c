/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/aside.h"

#include <stdio.h>

#include "core/pool.h"
#include "core/rules.h"

#define ASIDE_CRASHES 2 /* one may be chance; the same again is not */

void aside_begin(struct ha_core *c, uint32_t i)
{
	assert(i < c->vm_count);
	assert(c->deciding == 0 && c->deciding_host == HA_HOST_NONE);
	c->deciding = i + 1;
}

void aside_begin_host(struct ha_core *c, ha_hostid host)
{
	assert(c->deciding == 0 && c->deciding_host == HA_HOST_NONE);
	c->deciding_host = host;
}

void aside_end(struct ha_core *c)
{
	assert(c->deciding != 0 || c->deciding_host != HA_HOST_NONE);
	c->deciding = 0;
	c->deciding_host = HA_HOST_NONE;
}

/* Reads memory alone: a signal handler calls it, in the middle of a step. */
bool ha_core_deciding(const struct ha_core *c, struct ha_crash *ret_crash)
{
	static const struct ha_uuid none;
	uint32_t number = c->deciding;

	if (number > c->params.vms_max ||
	    (number == 0 && c->deciding_host == HA_HOST_NONE)) {
		return false;
	}
	ret_crash->vm = number > 0 ? c->vms[number - 1].uuid : none;
	ret_crash->host = number > 0 ? HA_HOST_NONE : c->deciding_host;
	ret_crash->index = c->state->index;
	ret_crash->count = 1;
	return true;
}

struct ha_crash aside_own(const struct ha_core *c)
{
	static const struct ha_crash none;

	return c->now < c->crash_until ? c->crash : none;
}

static struct ha_crash over_vm(const struct vm *vm)
{
	return (struct ha_crash){ .vm = vm->v->uuid, .index = vm->v->reset_at };
}

static uint32_t count_crashes(const struct ha_crash *crash,
			      const struct ha_crash *over)
{
	return crash->count > 0 && crash->index >= over->index &&
			       ha_crash_is_same(crash, over)
		       ? crash->count
		       : 0;
}

/* Those that count, none before over->index, and whose hacd it was. */
static uint32_t find_crashes(const struct ha_core *c,
			     const struct ha_crash *over,
			     ha_hostset *ret_hosts)
{
	const struct ha_crash own = aside_own(c);
	uint32_t all = count_crashes(&own, over);

	*ret_hosts = all > 0 ? ha_host_bit(self(c)) : 0;
	for (ha_hostset set = c->crashed & ~ha_host_bit(self(c)); set;) {
		ha_hostid host = ha_hostset_pop(&set);
		uint32_t n = count_crashes(&c->hosts[host - 1].crash, over);

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

static bool leaves(const struct ha_core *c, const struct ha_crash *over)
{
	ha_hostset hosts;
	uint32_t crashes = find_crashes(c, over, &hosts);

	return crashes >= ASIDE_CRASHES || (crashes > 0 && !all_heard(c));
}

static bool any_crash(const struct ha_core *c)
{
	return c->crash.count > 0 || c->crashed != 0; /* hardly ever */
}

bool aside_leaves(const struct ha_core *c, uint32_t i)
{
	const struct vm vm = vm_at(c, i);
	struct ha_crash over;

	if (vm.v->aside != 0 || !any_crash(c)) {
		return vm.v->aside != 0;
	}
	over = over_vm(&vm);
	return leaves(c, &over);
}

bool aside_leaves_host(const struct ha_core *c, ha_hostid host)
{
	const struct ha_crash over = { .host = host };

	return any_crash(c) && leaves(c, &over);
}

bool aside_left_alone_by(const struct ha_core *c, ha_hostid host,
			 char *ret_names, size_t size)
{
	const struct ha_crash over = { .host = host };
	ha_hostset hosts;

	if (!any_crash(c) || find_crashes(c, &over, &hosts) < ASIDE_CRASHES) {
		return false;
	}
	host_names(c, hosts, ret_names, size);
	return true;
}

static void tell_left_alone(struct ha_core *c, ha_hostid host,
			    const char *names)
{
	struct ha_trace t = about_host(host, HA_TRACE_WARNING);
	const char *name = host_name(c, host);

	c->hosts[host - 1].left_alone_at = c->now;
	out_trace(c, &t, "host %s: hacd crashed over it on %s, more than once "
		  "-> left alone for %d minutes, it is neither admitted nor "
		  "fenced", name, names, HA_CRASH_WINDOW_S / 60);
	out_alert(c, "host-left-alone", &t, "host %s is left alone for %d "
		  "minutes, since hacd crashed over it on %s; what to do: "
		  "hactl host show %s", name, HA_CRASH_WINDOW_S / 60, names,
		  name);
}

bool aside_decides_host(struct ha_core *c, ha_hostid host)
{
	ha_time told = c->hosts[host - 1].left_alone_at;
	char names[HA_TEXT_MAX / 2];

	if (!aside_leaves_host(c, host)) {
		return true;
	}
	if ((told == 0 || c->now - told >= HA_S(HA_CRASH_WINDOW_S)) &&
	    aside_left_alone_by(c, host, names, sizeof(names))) {
		tell_left_alone(c, host, names);
	}
	return false;
}

void aside_run(struct ha_core *c)
{
	if (c->crash.count > 0 && c->now < c->crash_until) {
		wake_at(c, c->crash_until);
	} else if (c->crash.count > 0) {
		c->crash.count = 0;
		c->want_host_msg = true;
	}
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
	const struct ha_crash over = over_vm(vm);
	char names[HA_TEXT_MAX / 2];
	ha_hostset hosts;
	uint32_t crashes;

	if (vm->v->aside != 0) {
		return;
	}
	crashes = find_crashes(c, &over, &hosts);
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
