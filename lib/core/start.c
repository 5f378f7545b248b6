/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starts, as the coordinator decides about them: which of the VMs that have no
 * owner get one now, and where.
 */
#include "core/aside.h"
#include "core/order.h"
#include "core/pool.h"
#include "core/rules.h"

#include <stdio.h>

#define RETRY_SOON HA_S(1)
#define RETRY_MIN HA_S(10)
#define RETRY_MAX HA_S(120)

/* Starts that have ended since the last round let in further ones. */
static void pace_starts(struct ha_core *c)
{
	for (size_t i = 0; i < c->pool.host_count; i++) {
		struct ha_pool_host *p = &c->pool_hosts[i];
		struct host_soft *h = &c->hosts[p->id - 1];

		h->starts_ended += h->starting > p->starting
					   ? h->starting - p->starting : 0;
		p->starts_max = ha_pace_starts(p->starts_max,
					       host_size(c, p->id).cpus,
					       h->starts_ended);
	}
}

/* Where nothing starts, the next wave begins anew. */
static void note_starts(struct ha_core *c)
{
	for (size_t i = 0; i < c->pool.host_count; i++) {
		struct host_soft *h = &c->hosts[c->pool_hosts[i].id - 1];

		h->starting = c->pool_hosts[i].starting;
		h->starts_ended = h->starting == 0 ? 0 : h->starts_ended;
	}
}

void start_begin(struct ha_core *c, ha_hostid joiner)
{
	c->joiner = joiner;
	c->waiting = 0;
	c->awaited = member_awaited(c);
	pace_starts(c);
}

static ha_dur retry_delay(const struct ha_core *c, uint32_t failures)
{
	uint32_t hosts = ha_hostset_count(c->epoch.members);
	uint32_t rounds;

	if (failures < hosts) {
		return RETRY_SOON;
	}
	rounds = failures - hosts;
	return rounds > 3 ? RETRY_MAX : RETRY_MIN << rounds;
}

/* May it be started at all now? Says why not. */
static bool may_start(struct ha_core *c, struct vm *vm)
{
	if (c->joiner != HA_HOST_NONE) {
		wait_because(vm->s, "host %s is about to join",
			     host_name(c, c->joiner));
		return false;
	}
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
	if (vm->s->incident) {
		wait_because(vm->s, "it runs on host %s, which does not own it",
			     host_name(c, ha_hostset_first(vm->s->running |
							   vm->v->copies)));
		return false;
	}
	for (ha_hostset s = vm->s->ran; s;) {
		ha_hostid h = ha_hostset_pop(&s);

		/* one that was removed was proven down before */
		if (host_state(c, h)->proof != HA_PROOF_NONE ||
		    !ha_config_host(c->config, h)) {
			vm->s->ran &= ~ha_host_bit(h);
		}
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
	if (c->global_pending > 0) {
		wait_because(vm->s, "the cluster is just being changed");
		return false; /* its rules, perhaps */
	}
	if (c->awaited) {
		wait_because(vm->s, "hosts have just come: they say what they "
			     "run, and are admitted");
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
	case HA_WHY_PREEMPTED:
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

void start_consider(struct ha_core *c, struct vm *vm)
{
	vm->s->heading_for = HA_HOST_NONE;
	if (!start_failed_last(vm->v)) {
		vm->s->retry_at = 0;
	} else if (vm->s->retry_gen != vm->v->gen) {
		vm->s->retry_gen = vm->v->gen;
		vm->s->retry_at = c->now + retry_delay(c, vm->v->failures);
	}
	if (vm->v->wanted != HA_WANTED_STOPPED && !c->state->stopped &&
	    may_start(c, vm)) {
		c->pool_vms[vm->i].wanted = true;
		c->waiting++;
	}
}

/* Why it starts there: to the fact, so that every host can explain it. */
static void say_choice(struct ha_core *c, const struct vm *vm,
		       const struct ha_recovery_step *step, char ret_text[48])
{
	struct ha_explain e[HA_HOSTS_MAX];
	const struct ha_choose_how how = { .score = c->config->placement,
					   .recovery = true };
	ha_hostid chosen = ha_planner_explain(pool_planner(c), vm->i, &how, e);
	const struct ha_explain *here = NULL;
	size_t others = 0;

	for (size_t i = 0; i < c->pool.host_count; i++) {
		if (e[i].host == step->host) {
			here = &e[i];
		} else if (e[i].verdict <= HA_VERDICT_FITS &&
			   (e[i].broken & HA_BROKEN_AVOIDED) == 0) {
			others++;
		}
	}
	if (step->host == vm->v->next) {
		snprintf(ret_text, 48, "its next start is there");
	} else if (pool_host(c, step->host)->spare) {
		snprintf(ret_text, 48, "it is a failover host");
	} else if (others == 0) {
		snprintf(ret_text, 48, "no other can take it, or it failed there");
	} else if (chosen != step->host) {
		snprintf(ret_text, 48, "so that all others find room as well");
	} else if (here->level < HA_POOL_LEVELS_MAX) {
		snprintf(ret_text, 48, "its rules prefer it there");
	} else {
		snprintf(ret_text, 48, "%s share free with it: %u.%u %%",
			 how.score == HA_SCORE_PACK ? "smallest" : "largest",
			 here->score / 10, here->score % 10);
	}
}

static void give_owner(struct ha_core *c, struct vm *vm,
		       const struct ha_recovery_step *step)
{
	struct ha_trace t = about_vm(vm->s, HA_TRACE_NOTICE);
	struct ha_fact f = vm_fact(HA_FACT_VM_OWNER, vm);
	const struct vm_soft *awaited;

	f.host = step->host;
	f.boot = host_state(c, step->host)->boot;
	say_choice(c, vm, step, f.text);
	if (!propose(c, &f)) {
		return;
	}
	about_fact(c, &f, &t);
	vm->s->heading_for = step->host;
	ha_planner_move(pool_planner(c), vm->i, step->host);
	pool_note_start(c, vm, pool_host(c, step->host));
	order_say_passed(c, vm);
	awaited = order_awaited(c, vm->s);
	if (awaited) {
		t.awaited = awaited->uuid;
	}
	out_trace(c, &t, "vm %s: runs nowhere, %s, %s%s%s%s -> start on %s",
		  vm->s->conf->name, why_start((enum ha_why)vm->v->last_why),
		  awaited ? "waited for vm " : "",
		  awaited ? awaited->conf->name : "", awaited ? ", " : "",
		  f.text, host_name(c, step->host));
}

static void say_misses(struct ha_core *c, const struct ha_recovery *plan)
{
	for (size_t i = 0; i < plan->left_out_count; i++) {
		wait_because(&c->vms[plan->left_out[i]],
			     "no host has room for it");
	}
	for (size_t i = 0; i < plan->miss_count; i++) {
		const struct ha_explain e = pool_nearest(&plan->misses[i]);
		uint32_t vm = plan->misses[i].vm;

		pool_say_missing(c->config, &c->pool_vms[vm], &e,
				 c->vms[vm].why);
	}
}

/* Is there room for the step as things stand, without what is being stopped?
 * Takes it, if there is. */
static bool take_room(struct ha_core *c, const struct ha_recovery_step *step)
{
	const struct ha_pool_vm *need = &c->pool_vms[step->vm];
	const struct ha_pool_host *h = pool_host(c, step->host);
	uint64_t memory = need->memory_kib, vcpus = need->vcpus;

	for (uint32_t i = 0; i < c->vm_count; i++) {
		struct vm vm = vm_at(c, i);

		if (i != step->vm && (c->pool_vms[i].host == step->host ||
				      vm.v->owner == step->host)) {
			memory += c->pool_vms[i].memory_kib;
			vcpus += c->pool_vms[i].vcpus;
		}
	}
	if (memory > h->memory_kib || vcpus > h->vcpus) {
		return false;
	}
	c->pool_vms[step->vm].host = step->host;
	return true;
}

/* Only for those that need their room now, and do not wait for others. */
static void stop_victims(struct ha_core *c, const struct ha_recovery *plan,
			 ha_hostset needed)
{
	for (size_t i = 0; i < plan->stopped_count; i++) {
		struct vm vm = vm_at(c, plan->stopped[i]);

		if (vm.v->owner != HA_HOST_NONE && vm.s->pending == 0 &&
		    vm.v->stop == HA_WHY_NONE &&
		    ha_host_in(needed, vm.v->owner)) {
			stop_vm(c, &vm, HA_WHY_PREEMPTED);
		}
	}
}

/* A datastore of its on which enough VMs start by now. */
static const struct ha_datastore_conf *busy_store(const struct ha_core *c,
						  const struct vm *vm)
{
	uint64_t stores = vm->s->conf->placement.datastores;

	for (size_t i = 0; i < c->config->datastore_count; i++) {
		const struct ha_datastore_conf *d = &c->config->datastores[i];

		if ((stores >> i & 1) && d->starts_max > 0 &&
		    c->store_starts[i] >= d->starts_max) {
			return d;
		}
	}
	return NULL;
}

/* False: others have to make room for it first. */
static bool take_step(struct ha_core *c, const struct ha_recovery_step *step,
		      bool turn)
{
	struct vm vm = vm_at(c, step->vm);
	const struct ha_datastore_conf *busy = busy_store(c, &vm);
	bool room;

	if (vm.v->owner != HA_HOST_NONE) {
		return true; /* it makes room itself, and goes there later */
	}
	room = !c->config->preemption || take_room(c, step);
	if (!turn) {
		wait_because(vm.s, "its turn comes when a start before it has "
			     "ended");
	} else if (busy) {
		wait_because(vm.s, "its turn comes when a start before it, on "
			     "datastore %s, has ended", busy->name);
	} else if (!room) {
		wait_because(vm.s, "VMs of lower priority make room for it on "
			     "host %s", host_name(c, step->host));
	} else {
		give_owner(c, &vm, step);
	}
	return room;
}

/* A plan counts on it that lost hosts are proven down, and that those who make
 * room are gone. Until then they may run where they are, and the must rules
 * hold with them, too. */
static bool awaits_others(struct ha_core *c,
			  const struct ha_recovery_step *step, ha_hostset lost)
{
	const struct ha_choose_how how = { .score = c->config->placement,
					   .recovery = true };
	struct vm_soft *vm = &c->vms[step->vm];
	struct ha_explain e[HA_HOSTS_MAX];
	const char *rule;
	size_t i = 0;

	if ((lost == 0 && !c->config->preemption) ||
	    c->pool_vms[step->vm].group_count == 0) {
		return false;
	}
	(void)ha_planner_explain(pool_planner(c), step->vm, &how, e);
	while (e[i].host != step->host) {
		i++;
	}
	if (e[i].verdict != HA_VERDICT_GROUP) {
		return false;
	}
	rule = c->config->vm_vm_rules[e[i].group].name;
	if (lost != 0) {
		wait_because(vm, "rule %s lets it start on host %s only once "
			     "host %s is proven down", rule,
			     host_name(c, step->host),
			     host_name(c, ha_hostset_first(lost)));
	} else {
		wait_because(vm, "rule %s lets it start on host %s only once "
			     "those that make room there have stopped", rule,
			     host_name(c, step->host));
	}
	return true;
}

/* Those who make room are where they are until they have stopped. */
static void put_back(struct ha_core *c)
{
	for (uint32_t i = 0; i < c->vm_count; i++) {
		const struct ha_vm_state *v = &c->state->vms[i];

		if (v->stop == HA_WHY_PREEMPTED) {
			ha_planner_move(pool_planner(c), i, v->owner);
		}
	}
}

/* In the order of the plan, as many as each host starts at once. Those whose
 * host is not proven down yet are planned for, but delay nobody. Where others
 * have to make room now: these hosts. */
static ha_hostset take_steps(struct ha_core *c, const struct ha_recovery *plan,
			     ha_hostset lost)
{
	uint32_t turns[HA_HOSTS_MAX] = { 0 };
	ha_hostset needed = 0;

	for (size_t i = 0; i < c->pool.host_count; i++) {
		turns[c->pool_hosts[i].id - 1] = c->pool_hosts[i].starting;
	}
	put_back(c);
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct ha_recovery_step *step = &plan->steps[i];
		uint32_t most = pool_host(c, step->host)->starts_max;

		/* who waits for others takes no turn, but keeps its place */
		if (c->vms[step->vm].held ||
		    ha_host_in(lost, c->state->vms[step->vm].owner) ||
		    awaits_others(c, step, lost)) {
			continue;
		}
		aside_begin(c, step->vm);
		if (!take_step(c, step, turns[step->host - 1]++ < most)) {
			needed |= ha_host_bit(step->host);
		}
		aside_end(c);
	}
	return needed;
}

/* What a plan found is remembered: when a start of it has ended, the rest of
 * it is still a plan, whatever a new one comes to. */
static void remember_plan(struct ha_core *c, const struct ha_recovery *plan)
{
	for (uint32_t i = 0; i < c->vm_count; i++) {
		c->vms[i].planned = HA_HOST_NONE;
	}
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct ha_recovery_step *step = &plan->steps[i];

		c->vms[step->vm].planned = step->host;
		c->vms[step->vm].placed =
			c->state->vms[step->vm].owner == HA_HOST_NONE;
	}
}

/* Hosts whose VMs will have to go somewhere once they are proven down. */
static ha_hostset lost_hosts(const struct ha_core *c)
{
	ha_hostset lost = 0;

	for (size_t i = 0; i < c->pool.host_count; i++) {
		ha_hostid h = c->pool_hosts[i].id;

		lost |= host_is_lost(c, h) && host_owns(c, h) ? ha_host_bit(h)
							      : 0;
	}
	return lost;
}

/* Hosts that fail together are not proven down together: who comes first must
 * leave room for the others, or they find none where there was a plan for all.
 * Where there is none, nobody waits for them: they are not in ret_lost. */
static const struct ha_recovery *make_plan(struct ha_core *c,
					   ha_hostset *ret_lost)
{
	struct ha_recovery_ask ask = { .lost = lost_hosts(c), .waiting = true,
				       .score = c->config->placement };
	const struct ha_recovery *plan = NULL;

	if (ask.lost != 0) {
		plan = ha_recovery_plan(pool_planner(c), &ask);
	}
	if (!plan || plan->left_out_count > 0) {
		ask.lost = 0;
		ask.preempt = c->config->preemption;
		plan = ha_recovery_plan(pool_planner(c), &ask);
	}
	*ret_lost = ask.lost;
	return plan;
}

void start_waiting(struct ha_core *c)
{
	const struct ha_recovery *plan = NULL;
	ha_hostset lost = 0;

	if (c->waiting > 0) {
		plan = make_plan(c, &lost);
		remember_plan(c, plan);
		say_misses(c, plan);
	}
	order_starts(c);
	if (plan) {
		stop_victims(c, plan, take_steps(c, plan, lost));
	}
	note_starts(c);
}
