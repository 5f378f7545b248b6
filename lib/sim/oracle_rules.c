/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The promise that a must rule is never broken, not by a recovery either: of
 * each start that was committed since, against the rules that were in force.
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

bool sim_rules_allow(const struct ha_core *core, const struct ha_vm_conf *vm,
		     ha_hostid host)
{
	const struct ha_config *c = ha_core_config(core);
	const struct ha_vm_state *v = ha_state_vm(ha_core_state(core),
						  &vm->uuid);
	bool spare = ha_config_host(c, host)->failover;

	if (ha_host_in(vm->placement.forbidden | vm->placement.unreached,
		       host) || (spare && v && v->last_why != HA_WHY_LOST)) {
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

	if (!vm) {
		return; /* it has left the configuration since */
	}
	if (ha_host_in(vm->placement.forbidden, host)) {
		sim_oracle_fail(s, "a must rule is never broken: vm %s is to "
				"start on host %u", vm->name, host);
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

void sim_oracle_rules(struct sim *s, const struct ha_core *core)
{
	const struct ha_config *c = ha_core_config(core);
	const struct ha_state *state = ha_core_state(core);
	bool same = s->oracle.rules_version == state->config_version;
	uint64_t since = s->oracle.rules_index;

	if (!c || state->index <= since) {
		return;
	}
	s->oracle.rules_index = state->index;
	s->oracle.rules_version = state->config_version;
	for (size_t i = 0; i < state->vm_count; i++) {
		const struct ha_vm_state *v = &state->vms[i];
		uint32_t n;

		/* what was found running is only taken into care */
		if (v->owner == HA_HOST_NONE || v->gen <= since) {
			continue;
		}
		n = sim_vm_number(s, &v->uuid);
		if (same && v->starts > s->vms[n].starts) {
			check_start(s, core, ha_config_vm(c, &v->uuid),
				    v->owner);
		}
		s->vms[n].starts = v->starts;
	}
}
