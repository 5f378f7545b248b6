/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The promises that a must rule is never broken, not by a recovery either, and
 * that a VM waits for what it depends on, and what else is said of starts: of
 * each that was committed since, against what was in force.
 */
#include "core/view.h"
#include "sim/world.h"

static uint32_t count_on(const struct ha_config *c, const struct ha_state *state,
			 const struct ha_vm_list *members, ha_hostset hosts)
{
	uint32_t n = 0;

	for (size_t i = 0; i < members->count; i++) {
		const struct ha_vm_state *v = ha_state_vm(
			state, &c->vms[members->vms[i]].uuid);

		n += v && v->owner != HA_HOST_NONE &&
		     ha_host_in(hosts, v->owner);
	}
	return n;
}

static ha_hostset domain_of(const struct ha_config *c, ha_hostid host)
{
	const struct ha_host_conf *h = ha_config_host(c, host);
	ha_hostset set = ha_host_bit(host);

	for (size_t i = 0; h && h->fault_domain && i < c->host_count; i++) {
		if (c->hosts[i].fault_domain == h->fault_domain) {
			set |= ha_host_bit(c->hosts[i].id);
		}
	}
	return set;
}

/* Would it be kept with one member more, of those not counted, on that host? */
static bool is_kept(const struct ha_core *core, const struct ha_vm_vm_rule *r,
		    ha_hostid host, uint32_t more)
{
	const struct ha_config *c = ha_core_config(core);
	const struct ha_state *state = ha_core_state(core);
	ha_hostset here = ha_host_bit(host);

	switch (r->kind) {
	case HA_GROUP_TOGETHER:
		return count_on(c, state, &r->members, here) + more > 1 ||
		       count_on(c, state, &r->members, ~here) == 0;
	case HA_GROUP_APART:
		return count_on(c, state, &r->members, here) + more <= r->most;
	case HA_GROUP_SPREAD:
		return r->most == 0 ||
		       count_on(c, state, &r->members, domain_of(c, host)) +
				       more <= r->most;
	}
	return true;
}

/* A failover host, and the VM was not lost. */
static bool is_kept_free(const struct ha_core *core,
			 const struct ha_vm_conf *vm, ha_hostid host)
{
	const struct ha_host_conf *h =
		ha_config_host(ha_core_config(core), host);
	const struct ha_vm_state *v = ha_state_vm(ha_core_state(core),
						  &vm->uuid);

	return h && h->failover && v && v->last_why != HA_WHY_LOST;
}

bool sim_rules_allow(const struct ha_core *core, const struct ha_vm_conf *vm,
		     ha_hostid host)
{
	const struct ha_config *c = ha_core_config(core);

	if (ha_host_in(vm->placement.forbidden | vm->placement.unreached,
		       host) || is_kept_free(core, vm, host)) {
		return false;
	}
	for (size_t i = 0; i < vm->placement.group_count; i++) {
		const struct ha_vm_vm_rule *r =
			&c->vm_vm_rules[vm->placement.groups[i]];

		if (r->strength == HA_RULE_MUST &&
		    (!is_kept(core, r, host, 1) ||
		     (r->kind == HA_GROUP_SPREAD && r->most == 0))) {
			return false; /* or it depends on the others */
		}
	}
	return true;
}

static void check_start(struct sim *s, const struct ha_core *core,
			const struct ha_vm_conf *vm, ha_hostid host)
{
	const struct ha_config *c = ha_core_config(core);

	if (ha_host_in(vm->placement.forbidden, host)) {
		sim_oracle_fail(s, "a must rule is never broken: vm %s is to "
				"start on host %u", vm->name, host);
	}
	if (ha_host_in(vm->placement.unreached, host)) {
		sim_oracle_fail(s, "a VM starts where its networks and "
				"datastores are: vm %s is to start on host %u",
				vm->name, host);
	}
	if (is_kept_free(core, vm, host)) {
		sim_oracle_fail(s, "a failover host takes only what was lost: "
				"vm %s is to start on host %u", vm->name, host);
	}
	for (size_t i = 0; i < vm->placement.group_count; i++) {
		const struct ha_vm_vm_rule *r =
			&c->vm_vm_rules[vm->placement.groups[i]];

		if (r->strength == HA_RULE_MUST &&
		    !is_kept(core, r, host, 0)) {
			sim_oracle_fail(s, "a must rule is never broken: vm %s "
					"is to start on host %u, against %s",
					vm->name, host, r->name);
		}
	}
}

/* --- the order of starts --- */

#define CLOCKS HA_S(60) /* that clocks of hosts may jump, beside their drift */

/* It was given to its owner to be started there. */
static bool is_placed(const struct sim *s, const struct ha_vm_state *v)
{
	return s->vms[sim_vm_number(s, &v->uuid)].placed_gen == v->gen;
}

/* Has it shown, or may it have, what is asked for, since it was placed? Only its
 * first QEMU there is looked at. */
static bool may_be_ready(const struct sim *s, const struct ha_vm_state *v,
			 enum ha_ready ready)
{
	uint32_t n = sim_vm_number(s, &v->uuid);
	const struct sim_domain *d =
		&s->hosts[v->owner - 1].hyper.domains[n];
	bool app = ready == HA_READY_APP;

	if (ready == HA_READY_PLACED || d->run > s->vms[n].placed_run + 1) {
		return true;
	}
	if (d->run == s->vms[n].placed_run) {
		return false;
	}
	return ready == HA_READY_STARTED ||
	       (d->ready_at[app] != 0 && s->now >= d->ready_at[app]);
}

/* Nothing speaks against it: given to a member a short while ago, after all had
 * begun anew for it, and nothing of it has failed since. */
static bool is_awaited(const struct sim *s, const struct ha_core *core,
		       const struct ha_vm_state *v,
		       const struct ha_vm_conf *conf)
{
	ha_dur since = s->now - s->vms[sim_vm_number(s, &v->uuid)].placed_at;
	struct ha_cluster_view view;

	ha_core_view_epoch(core, &view);
	return v->owner != HA_HOST_NONE && is_placed(s, v) &&
	       v->stop == HA_WHY_NONE && v->aside == 0 &&
	       v->wanted == HA_WANTED_RUNNING && v->failures == 0 &&
	       (v->last_why == HA_WHY_NONE || v->last_why == HA_WHY_LOST ||
		v->last_why == HA_WHY_CLUSTER_STOP) &&
	       ha_host_in(view.members, v->owner) &&
	       2 * (since + CLOCKS) < conf->restart.ready_timeout;
}

static void check_order(struct sim *s, const struct ha_core *core,
			const struct ha_vm_conf *vm)
{
	const struct ha_config *c = ha_core_config(core);
	const struct ha_state *state = ha_core_state(core);
	uint64_t gen = ha_state_vm(state, &vm->uuid)->gen;

	for (size_t i = 0; i < vm->placement.dependency_count; i++) {
		const struct ha_dependency *dep =
			&c->dependencies[vm->placement.dependencies[i]];

		for (size_t k = 0; k < dep->awaited.count; k++) {
			const struct ha_vm_conf *conf =
				&c->vms[dep->awaited.vms[k]];
			const struct ha_vm_state *v =
				ha_state_vm(state, &conf->uuid);

			if (v && v->gen < gen && is_awaited(s, core, v, conf) &&
			    !may_be_ready(s, v, dep->ready)) {
				sim_oracle_fail(s, "a VM waits for others: vm "
						"%s is to start, but vm %s is "
						"not ready yet (%s)", vm->name,
						conf->name, dep->name);
			}
		}
	}
}

/* --- starts on a datastore --- */

#define AT_ONCE HA_MS(20) /* no start has ended, or failed, as fast */

/* It was given out just now, and no QEMU of it has come to be there since. */
static bool starts_now(const struct sim *s, const struct ha_vm_state *v)
{
	uint32_t n = sim_vm_number(s, &v->uuid);

	return v->owner != HA_HOST_NONE && v->stop == HA_WHY_NONE &&
	       is_placed(s, v) && s->now - s->vms[n].placed_at <= AT_ONCE &&
	       s->hosts[v->owner - 1].hyper.domains[n].run ==
		       s->vms[n].placed_run;
}

static void check_pace(struct sim *s, const struct ha_core *core,
		       size_t store)
{
	const struct ha_config *c = ha_core_config(core);
	const struct ha_datastore_conf *d = &c->datastores[store];
	uint32_t starting = 0;

	for (size_t i = 0; d->starts_max > 0 && i < c->vm_count; i++) {
		const struct ha_vm_state *v = ha_state_vm(
			ha_core_state(core), &c->vms[i].uuid);

		starting += v && starts_now(s, v) &&
			    (c->vms[i].placement.datastores >> store & 1);
	}
	if (starting > d->starts_max) {
		sim_oracle_fail(s, "no more start on a datastore than it is "
				"said to take: %u on %s", starting, d->name);
	}
}

/* --- each start --- */

static void note_start(struct sim *s, const struct ha_vm_state *v)
{
	uint32_t n = sim_vm_number(s, &v->uuid);

	/* what was found running is only taken into care */
	if (v->owner != HA_HOST_NONE && v->starts > s->vms[n].starts) {
		s->vms[n].starts = v->starts;
		s->vms[n].placed_gen = v->gen;
		s->vms[n].placed_at = s->now;
		s->vms[n].placed_run =
			s->hosts[v->owner - 1].hyper.domains[n].run;
	}
}

void sim_oracle_rules(struct sim *s, const struct ha_core *core)
{
	const struct ha_config *c = ha_core_config(core);
	const struct ha_state *state = ha_core_state(core);
	bool same = s->oracle.rules_version == state->config_version;
	/* what an earlier epoch decided on, and this one found, was right then:
	 * what it did not wait for may be back */
	bool decided_now = s->oracle.rules_epoch == state->epoch;
	uint64_t since = s->oracle.rules_index;
	bool started = false;

	if (!c || state->index <= since) {
		return;
	}
	s->oracle.rules_index = state->index;
	s->oracle.rules_version = state->config_version;
	s->oracle.rules_epoch = state->epoch;
	for (size_t i = 0; i < state->vm_count; i++) {
		if (state->vms[i].gen > since) {
			note_start(s, &state->vms[i]);
		}
	}
	for (size_t i = 0; same && i < state->vm_count; i++) {
		const struct ha_vm_state *v = &state->vms[i];
		const struct ha_vm_conf *conf = ha_config_vm(c, &v->uuid);

		if (v->owner != HA_HOST_NONE && v->gen > since && conf &&
		    is_placed(s, v)) {
			started = true;
			check_start(s, core, conf, v->owner);
			if (decided_now) {
				check_order(s, core, conf);
			}
		}
	}
	for (size_t i = 0; started && decided_now && i < c->datastore_count;
	     i++) {
		check_pace(s, core, i);
	}
}
