/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMs, as the coordinator decides about them: who owns which, what stops.
 *
 * The rule (hac-design(7), "Ownership"): no VM is given an owner while a host
 * that owns or holds it has neither released it nor is proven down; both show
 * as "no owner" in the committed state, and nothing else does.
 */
#include "core/rules.h"

#include <stdarg.h>
#include <stdio.h>

#define JOIN_GRACE HA_S(1)
#define RETRY_SOON HA_S(1)
#define RETRY_MIN HA_S(10)
#define RETRY_MAX HA_S(120)

struct vm {
	const struct ha_vm_state *v;
	struct vm_soft *s;
};

static void wait_because(struct vm_soft *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void wait_because(struct vm_soft *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(s->why, sizeof(s->why), fmt, ap);
	va_end(ap);
}

static struct ha_fact vm_fact(enum ha_fact_kind kind, const struct vm *vm)
{
	struct ha_fact f;

	memset(&f, 0, sizeof(f));
	f.kind = kind;
	f.vm = vm->v->uuid;
	return f;
}

/* --- where there is room --- */

static struct ha_place_host *place_of(struct ha_core *c, ha_hostid host)
{
	for (size_t i = 0; i < c->config->host_count; i++) {
		if (c->places[i].id == host) {
			return &c->places[i];
		}
	}
	return NULL;
}

static void take_place(struct ha_place_host *p, const struct ha_vm_conf *conf,
		       bool starting)
{
	p->memory_free_kib -= p->memory_free_kib < conf->memory_kib
				      ? p->memory_free_kib
				      : conf->memory_kib;
	p->vcpus_free -= p->vcpus_free < conf->vcpus ? p->vcpus_free
						     : conf->vcpus;
	p->vms++;
	p->starting += starting ? 1 : 0;
}

/* The owner has not said yet that it runs, or failed for good. */
static bool is_starting(const struct vm *vm)
{
	return vm->v->stop == HA_WHY_NONE &&
	       !(vm->s->owner.gen == vm->v->gen &&
		 (vm->s->owner.ended != HA_WHY_NONE ||
		  vm->s->owner.seen == HA_SEEN_RUNNING ||
		  vm->s->owner.seen == HA_SEEN_PAUSED));
}

static void count_places(struct ha_core *c)
{
	for (size_t i = 0; i < c->config->host_count; i++) {
		const struct ha_host_conf *conf = &c->config->hosts[i];
		struct ha_place_host *p = &c->places[i];

		memset(p, 0, sizeof(*p));
		p->id = conf->id;
		p->usable = host_usable(c, conf->id, NULL);
		p->memory_kib = host_memory_kib(c, conf->id);
		p->memory_free_kib = p->memory_kib;
		p->vcpus_free = (uint64_t)host_cpus(c, conf->id) *
				c->config->cpu_overcommit_percent / 100;
		p->starts_max = c->config->starts_per_host;
	}
	for (uint32_t i = 0; i < c->vm_count; i++) {
		struct vm vm = { &c->state->vms[i], &c->vms[i] };
		struct ha_place_host *p;

		if (!vm.s->conf) {
			continue;
		}
		p = place_of(c, vm.v->owner != HA_HOST_NONE ? vm.v->owner
				: vm.s->pending > 0 ? vm.s->heading_for
						    : HA_HOST_NONE);
		if (p) {
			take_place(p, vm.s->conf, is_starting(&vm));
		}
	}
}

/* Before the decisions: starts that have ended since the last ones let in
 * further ones. */
static void pace_starts(struct ha_core *c)
{
	for (size_t i = 0; i < c->config->host_count; i++) {
		struct ha_place_host *p = &c->places[i];
		struct host_soft *h = &c->hosts[p->id - 1];

		h->starts_ended += h->starting > p->starting
					   ? h->starting - p->starting : 0;
		p->starts_max = ha_place_starts(p->starts_max,
						host_cpus(c, p->id),
						h->starts_ended);
	}
}

/* After them: where nothing starts, the next wave begins anew. */
static void note_starts(struct ha_core *c)
{
	for (size_t i = 0; i < c->config->host_count; i++) {
		struct host_soft *h = &c->hosts[c->places[i].id - 1];

		h->starting = c->places[i].starting;
		h->starts_ended = h->starting == 0 ? 0 : h->starts_ended;
	}
}

bool vm_fits(struct ha_core *c, const struct ha_uuid *uuid, ha_hostid host)
{
	const struct ha_vm_conf *conf = ha_config_vm(c->config, uuid);
	struct ha_place_need need = {
		.memory_kib = conf->memory_kib,
		.vcpus = conf->vcpus,
		.only = host,
	};
	char why[HA_TEXT_MAX + 1];
	ha_hostid found;

	count_places(c);
	return ha_place(c->places, c->config->host_count, &need, &found,
			why) != HA_PLACE_NO_ROOM;
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
	struct ha_place_need need = {
		.memory_kib = vm->s->conf->memory_kib,
		.vcpus = vm->s->conf->vcpus,
	};
	ha_hostid host;
	enum ha_place_result r = ha_place(c->places, c->config->host_count,
					  &need, &host, vm->s->why);

	if (r == HA_PLACE_NO_ROOM) {
		char missing[HA_TEXT_MAX + 1];

		memcpy(missing, vm->s->why, sizeof(missing));
		wait_because(vm->s, "should leave %s, but nothing else has "
			     "room: %.150s", host_name(c, vm->v->owner),
			     missing);
	}
	return r != HA_PLACE_NO_ROOM;
}

static enum ha_why stop_reason(struct ha_core *c, struct vm *vm)
{
	const struct ha_host_state *h = host_state(c, vm->v->owner);

	if (vm->v->wanted == HA_WANTED_STOPPED) {
		return HA_WHY_ADMIN;
	}
	if (c->state->stopped) {
		return HA_WHY_CLUSTER_STOP;
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

static void order_stop(struct ha_core *c, struct vm *vm, enum ha_why why)
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
	if (vm->v->failures > 0 && vm->s->owner.gen == vm->v->gen &&
	    vm->s->owner.seen == HA_SEEN_RUNNING) {
		struct ha_fact f = vm_fact(HA_FACT_VM_RESET, vm);

		(void)propose(c, &f); /* tried again in the next step */
		return;
	}
	if (vm->v->stop != HA_WHY_NONE) {
		return;
	}
	why = stop_reason(c, vm);
	if (why != HA_WHY_NONE) {
		order_stop(c, vm, why);
	}
}

/* --- a VM without owner --- */

static ha_dur retry_delay(const struct ha_core *c, uint32_t failures)
{
	uint32_t hosts = ha_hostset_count(c->epoch.members);
	uint32_t rounds;

	if (failures < hosts) {
		return RETRY_SOON;
	}
	rounds = failures - hosts;
	return rounds >= 4 ? RETRY_MAX
			   : ha_time_min(RETRY_MIN << rounds, RETRY_MAX);
}

/* May it be started at all now? Says why not. */
static bool may_start(struct ha_core *c, struct vm *vm)
{
	if (c->state->disarmed) {
		wait_because(vm->s, "the cluster is disarmed; run: hactl arm");
		return false;
	}
	if (vm->v->waits_for != HA_HOST_NONE) {
		wait_because(vm->s, "was stopped with host %s, and starts "
			     "when that is back",
			     host_name(c, vm->v->waits_for));
		return false;
	}
	if (vm->s->incident || vm->s->running != 0) {
		vm->s->incident = true;
		wait_because(vm->s, "it runs on host %s, which does not own it",
			     host_name(c, ha_hostset_first(vm->s->running)));
		return false;
	}
	if (vm->s->ran != 0) {
		wait_because(vm->s, "it ran on host %s, which has not yet said "
			     "that it is gone",
			     host_name(c, ha_hostset_first(vm->s->ran)));
		return false;
	}
	if (vm->s->unknown != 0) {
		wait_because(vm->s, "host %s cannot tell whether it runs it",
			     host_name(c, ha_hostset_first(vm->s->unknown)));
		return false;
	}
	if (c->now < vm->s->retry_at) {
		wait_because(vm->s, "its last start failed; tried again in "
			     "%lld s", (long long)((vm->s->retry_at - c->now +
						   HA_S(1) - 1) / HA_S(1)));
		wake_at(c, vm->s->retry_at);
		return false;
	}
	return true;
}

/* Why it is started, in a trace: what stopped it last, if that is the cause. */
static const char *why_start(enum ha_why last)
{
	switch (last) {
	case HA_WHY_MOVE:
	case HA_WHY_MAINTENANCE:
	case HA_WHY_LEAVING:
	case HA_WHY_RESTART:
	case HA_WHY_FAILED:
	case HA_WHY_LOST:
		return ha_why_text(last);
	case HA_WHY_NONE:
	case HA_WHY_ADMIN:
	case HA_WHY_CLUSTER_STOP:
	case HA_WHY_GUEST:
	case HA_WHY_REMOVED:
	case HA_WHY_SETTLED:
	case HA_WHY_COUNT:
		break;
	}
	return "wanted running";
}

/* Why it starts there: to the fact, so that every host can explain it. */
static void say_choice(struct ha_core *c, const struct ha_place_need *need,
		       ha_hostid host, char ret_text[48])
{
	const struct ha_place_host *p = place_of(c, host);
	enum ha_place_reason why = ha_place_reason(
		c->places, c->config->host_count, need, host);
	char text[96] = "";

	switch (why) {
	case HA_PLACE_ONLY:
		snprintf(text, sizeof(text), "its next start is there");
		break;
	case HA_PLACE_ALONE:
		snprintf(text, sizeof(text), "no other has room, or it failed there");
		break;
	case HA_PLACE_LARGEST:
	case HA_PLACE_IN_TURN:
		snprintf(text, sizeof(text), "largest share free%s: %llu of "
			 "%llu MiB", why == HA_PLACE_IN_TURN ? " in turn" : "",
			 (unsigned long long)p->memory_free_kib / 1024,
			 (unsigned long long)p->memory_kib / 1024);
		break;
	}
	snprintf(ret_text, 48, "%.47s", text);
}

static void give_owner(struct ha_core *c, struct vm *vm, ha_hostid host,
		       const struct ha_place_need *need)
{
	struct ha_trace t = about_vm(vm->s, HA_TRACE_NOTICE);
	struct ha_fact f = vm_fact(HA_FACT_VM_OWNER, vm);

	f.host = host;
	f.boot = host_state(c, host)->boot;
	say_choice(c, need, host, f.text);
	if (!propose(c, &f)) {
		return;
	}
	about_fact(c, &f, &t);
	vm->s->heading_for = host;
	take_place(place_of(c, host), vm->s->conf, true);
	out_trace(c, &t, "vm %s: runs nowhere, %s, %s -> start on %s",
		  vm->s->conf->name, why_start((enum ha_why)vm->v->last_why),
		  f.text, host_name(c, host));
}

/* false: it fits, but must wait for its turn; so must all after it. */
static bool decide_unowned(struct ha_core *c, struct vm *vm)
{
	struct ha_place_need need = {
		.memory_kib = vm->s->conf->memory_kib,
		.vcpus = vm->s->conf->vcpus,
		.avoid = vm->v->avoid,
	};
	enum ha_place_result r;
	ha_hostid host;

	if (vm->v->wanted == HA_WANTED_STOPPED || c->state->stopped ||
	    !may_start(c, vm)) {
		return true;
	}
	if (c->awaited) {
		wait_because(vm->s, "hosts have just come: they say what they "
			     "run, and are admitted");
		return false;
	}
	if (vm->v->next != HA_HOST_NONE && host_usable(c, vm->v->next, NULL)) {
		need.only = vm->v->next;
	}
	r = ha_place(c->places, c->config->host_count, &need, &host,
		     vm->s->why);
	if (r == HA_PLACE_NO_ROOM && need.only != HA_HOST_NONE) {
		/* where it was to go was filled meanwhile: a wish, no more */
		need.only = HA_HOST_NONE;
		r = ha_place(c->places, c->config->host_count, &need, &host,
			     vm->s->why);
	}
	switch (r) {
	case HA_PLACE_OK:
		give_owner(c, vm, host, &need);
		return true;
	case HA_PLACE_BUSY:
		wait_because(vm->s, "its turn comes when a start before it "
			     "has ended");
		return false;
	case HA_PLACE_NO_ROOM:
		return true;
	}
	return true;
}

/* A copy beside the owner's: nothing is started, the admin is told once. */
static void look_for_copies(struct ha_core *c, struct vm *vm)
{
	ha_hostset copies = vm->s->running;
	struct ha_trace t;

	if (vm->v->owner != HA_HOST_NONE) {
		copies &= ~ha_host_bit(vm->v->owner);
	}
	if (vm->v->holder != HA_HOST_NONE) {
		copies &= ~ha_host_bit(vm->v->holder);
	}
	if (copies == 0 || !vm->v->surveyed) {
		vm->s->incident = false;
		return;
	}
	if (!vm->s->incident) {
		vm->s->incident = true;
		if (!is_coordinator(c)) {
			return;
		}
		t = about_vm(vm->s, HA_TRACE_WARNING);
		out_trace(c, &t, "vm %s: runs on %s, which does not own it -> "
			  "its start is blocked", vm->s->conf->name,
			  host_name(c, ha_hostset_first(copies)));
		out_alert(c, "vm-incident", &t, "vm %s runs on host %s, which "
			  "does not own it; what to do: hactl vm show %s",
			  vm->s->conf->name,
			  host_name(c, ha_hostset_first(copies)),
			  vm->s->conf->name);
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

static bool decide_vm(struct ha_core *c, struct vm *vm)
{
	vm->s->why[0] = '\0';
	if (!vm->s->conf || vm->s->pending > 0) {
		return true;
	}
	if (!vm->v->surveyed) {
		survey(c, vm);
		return true;
	}
	look_for_copies(c, vm);
	if (vm->v->owner != HA_HOST_NONE) {
		decide_owned(c, vm);
		return true;
	}
	if (adopt(c, vm)) {
		return true;
	}
	vm->s->heading_for = HA_HOST_NONE;
	if (vm->v->failures > 0 && vm->s->retry_gen != vm->v->gen) {
		vm->s->retry_gen = vm->v->gen;
		vm->s->retry_at = c->now + retry_delay(c, vm->v->failures);
	} else if (vm->v->failures == 0) {
		vm->s->retry_at = 0;
	}
	return decide_unowned(c, vm);
}

/* A member that is about to be admitted, right after an epoch opened or the
 * cluster was started: VMs that start without it would all crowd the others. */
static ha_hostid find_joiner(struct ha_core *c)
{
	ha_time until = ha_time_max(c->opened_at, c->started_at) + JOIN_GRACE;
	bool all_left = c->started_at > c->opened_at;

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
	ha_hostid joiner;
	bool turn = true;

	if (in_doubt(c)) {
		return;
	}
	joiner = find_joiner(c);
	count_places(c);
	pace_starts(c);
	c->awaited = member_awaited(c);
	/* Orders to stop go the other way round: the least important first. */
	for (uint32_t k = c->vm_count; k-- > 0;) {
		struct vm vm = { &c->state->vms[c->order[k]],
				 &c->vms[c->order[k]] };

		if (vm.v->owner != HA_HOST_NONE) {
			(void)decide_vm(c, &vm);
		}
	}
	for (uint32_t k = 0; k < c->vm_count; k++) {
		struct vm vm = { &c->state->vms[c->order[k]],
				 &c->vms[c->order[k]] };

		if (vm.v->owner != HA_HOST_NONE) {
			continue;
		}
		if (joiner != HA_HOST_NONE && vm.v->surveyed &&
		    vm.v->wanted != HA_WANTED_STOPPED) {
			wait_because(vm.s, "host %s is about to join",
				     host_name(c, joiner));
		} else if (turn || vm.v->wanted == HA_WANTED_STOPPED ||
			   !vm.v->surveyed) {
			turn = decide_vm(c, &vm) && turn;
		} else {
			wait_because(vm.s, "its turn comes when a start before "
				     "it has ended");
		}
	}
	note_starts(c);
}
