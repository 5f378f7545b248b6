/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Groups and rules: what each says, and must rules that contradict each other.
 * Only what is certain is refused: that no placement at all keeps all must
 * rules is hard to see in general, and is found out when it is planned.
 */
#include "model/check_rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a rule does to several VMs is told once: of the first, with a count. */
struct victims {
	uint32_t first;
	size_t count;
};

static void add_victim(struct victims *v, uint32_t vm)
{
	if (v->count++ == 0) {
		v->first = vm;
	}
}

const char *ha_rules_vm_name(const struct ha_rules_check *r, uint32_t vm)
{
	const char *name = r->c->vms[vm].name;

	return name ? name : "?";
}

static const char *others(const struct victims *v, char *buf, size_t size)
{
	buf[0] = '\0';
	if (v->count > 1) {
		snprintf(buf, size, " and %zu more", v->count - 1);
	}
	return buf;
}

struct ha_conf_at ha_rules_at_vm_host(const struct ha_vm_host_rule *rule)
{
	return (struct ha_conf_at){ rule->line, "vm-host rule", rule->name };
}

struct ha_conf_at ha_rules_at_vm_vm(const struct ha_vm_vm_rule *rule)
{
	return (struct ha_conf_at){ rule->line, "vm-vm rule", rule->name };
}

/* --- what each says --- */

static void check_host_groups(struct ha_rules_check *r)
{
	const struct ha_host_group *domain_of[HA_HOSTS_MAX] = { NULL };

	for (size_t i = 0; i < r->c->host_group_count; i++) {
		const struct ha_host_group *g = &r->c->host_groups[i];
		struct ha_conf_at at = { g->line, "host group", g->name };

		ha_check_name(g->name, &at, r->errors);
		for (ha_hostset s = g->fault_domain ? g->hosts : 0; s;) {
			ha_hostid h = ha_hostset_pop(&s);
			const struct ha_host_conf *conf =
				ha_config_host(r->c, h);
			const struct ha_host_group *other = domain_of[h - 1];

			if (other) {
				ha_conf_error(r->errors, &at,
					      "host '%.64s' is in fault domain "
					      "'%.64s' (line %" PRIu32 ") "
					      "already; a host is in one at most",
					      conf && conf->name ? conf->name
								 : "?",
					      other->name ? other->name : "?",
					      other->line);
			}
			domain_of[h - 1] = g;
		}
	}
}

static void check_vm_groups(struct ha_rules_check *r)
{
	for (size_t i = 0; i < r->c->vm_group_count; i++) {
		const struct ha_vm_group *g = &r->c->vm_groups[i];
		struct ha_conf_at at = { g->line, "vm group", g->name };

		ha_check_name(g->name, &at, r->errors);
	}
}

static void check_vm_host_form(struct ha_rules_check *r,
			       const struct ha_vm_host_rule *rule)
{
	struct ha_conf_at at = ha_rules_at_vm_host(rule);

	ha_check_name(rule->name, &at, r->errors);
	if ((rule->run_on_text != NULL) == (rule->keep_off_text != NULL)) {
		ha_conf_error(r->errors, &at,
			      "it must have either run-on or keep-off; for both "
			      "write two rules");
	}
	if (rule->members.count == 0 && !rule->refused) {
		ha_conf_warning(r->errors, &at,
				"no VM is in its groups, so that it does "
				"nothing yet");
	}
}

bool ha_rules_names_group(const struct ha_rules_check *r, const char *list)
{
	for (size_t i = 0; list && i < r->c->vm_group_count; i++) {
		const char *name = r->c->vm_groups[i].name;
		size_t len = name ? strlen(name) : 0;

		for (const char *p = list; len > 0 && (p = strstr(p, name));
		     p++) {
			if ((p == list || p[-1] == ' ') &&
			    (p[len] == ' ' || p[len] == '\0')) {
				return true;
			}
		}
	}
	return false;
}

static void check_vm_vm_form(struct ha_rules_check *r, const struct ha_vm_vm_rule *rule)
{
	struct ha_conf_at at = ha_rules_at_vm_vm(rule);

	ha_check_name(rule->name, &at, r->errors);
	if (rule->refused) {
		/* what is in it is not known */
	} else if (rule->members.count < 2 &&
		   ha_rules_names_group(r, rule->vms_text)) {
		ha_conf_warning(r->errors, &at,
				"%s in its groups, so that it does nothing yet",
				rule->members.count == 0 ? "no VM is"
							 : "only one VM is");
	} else if (rule->members.count < 2) {
		ha_conf_error(r->errors, &at,
			      "it has one VM only; name two or more VMs, or a "
			      "VM group, or use a <vm-host> rule");
	}
	if (rule->kind == HA_GROUP_TOGETHER && rule->most > 0) {
		ha_conf_error(r->errors, &at,
			      "most does not go with keep=\"together\"; remove "
			      "it");
	}
	if (rule->kind == HA_GROUP_APART && rule->most == 0) {
		ha_conf_error(r->errors, &at,
			      "most=\"even\" goes with keep=\"spread\" only; "
			      "give a number, such as 1");
	}
}

/* --- rules that one VM is under --- */

static void check_group_counts(struct ha_rules_check *r)
{
	for (size_t i = 0; i < r->c->vm_vm_rule_count; i++) {
		const struct ha_vm_vm_rule *rule = &r->c->vm_vm_rules[i];
		struct ha_conf_at at = ha_rules_at_vm_vm(rule);
		struct victims v = { 0, 0 };
		char more[40];

		for (size_t j = 0; j < rule->members.count; j++) {
			uint32_t vm = rule->members.vms[j];
			const struct ha_vm_placement *p =
				&r->c->vms[vm].placement;

			if (p->group_count == HA_POOL_VM_GROUPS_MAX &&
			    p->groups[p->group_count - 1] < i) {
				add_victim(&v, vm);
			}
		}
		if (v.count > 0) {
			ha_conf_error(r->errors, &at,
				      "vm '%.64s'%s is in %d other vm-vm rules "
				      "already, which is the limit; put rules "
				      "together or take it out of some",
				      ha_rules_vm_name(r, v.first),
				      others(&v, more, sizeof(more)),
				      HA_POOL_VM_GROUPS_MAX);
		}
	}
}

static void check_preference(struct ha_rules_check *r, size_t index)
{
	const struct ha_vm_host_rule *rule = &r->c->vm_host_rules[index];
	const struct ha_vm_host_rule *other;
	struct ha_conf_at at = ha_rules_at_vm_host(rule);
	struct victims v = { 0, 0 };
	char more[40];

	for (size_t i = 0; i < rule->members.count; i++) {
		struct ha_rules_vm *vm = &r->vms[rule->members.vms[i]];

		if (vm->prefers != HA_NO_RULE) {
			add_victim(&v, rule->members.vms[i]);
		} else {
			vm->prefers = (uint16_t)index;
		}
	}
	if (v.count > 0) {
		other = &r->c->vm_host_rules[r->vms[v.first].prefers];
		ha_conf_error(r->errors, &at,
			      "vm '%.64s'%s prefers hosts by vm-host rule "
			      "'%.64s' (line %" PRIu32 ") already; list all its "
			      "hosts in one rule, best first",
			      ha_rules_vm_name(r, v.first),
			      others(&v, more, sizeof(more)),
			      other->name ? other->name : "?", other->line);
	}
}

static ha_hostset left_by(const struct ha_rules_check *r,
			  const struct ha_vm_host_rule *rule)
{
	ha_hostset run_on = 0;

	for (size_t i = 0; i < rule->level_count; i++) {
		run_on |= rule->levels[i];
	}
	return (rule->level_count > 0 ? run_on : r->all) & ~rule->keep_off;
}

static void tell_no_host(struct ha_rules_check *r, const struct ha_vm_host_rule *rule,
			 const struct victims *v, uint16_t before)
{
	struct ha_conf_at at = ha_rules_at_vm_host(rule);
	char more[40], with[160] = "";

	if (before != HA_NO_RULE) {
		const struct ha_vm_host_rule *other =
			&r->c->vm_host_rules[before];

		snprintf(with, sizeof(with),
			 ", together with vm-host rule '%.64s' (line %" PRIu32
			 ")", other->name ? other->name : "?", other->line);
	}
	ha_conf_error(r->errors, &at,
		      "it leaves vm '%.64s'%s no host%s; change one of them or "
		      "make it strength=\"should\"", ha_rules_vm_name(r, v->first),
		      others(v, more, sizeof(more)), with);
}

static void check_must(struct ha_rules_check *r, size_t index)
{
	const struct ha_vm_host_rule *rule = &r->c->vm_host_rules[index];
	ha_hostset left = left_by(r, rule);
	struct victims v = { 0, 0 };
	uint16_t before = HA_NO_RULE;

	for (size_t i = 0; i < rule->members.count; i++) {
		struct ha_rules_vm *vm = &r->vms[rule->members.vms[i]];

		if (vm->hosts != 0 && (vm->hosts & left) == 0) {
			before = v.count == 0 ? vm->must : before;
			add_victim(&v, rule->members.vms[i]);
		}
		vm->hosts &= left;
		vm->must = (uint16_t)index;
	}
	if (v.count > 0) {
		tell_no_host(r, rule, &v, before);
	}
}

/* Hosts that lack what the VM needs; hosts that stay empty in normal times. */
static void check_reach(struct ha_rules_check *r, ha_hostset failover)
{
	for (size_t i = 0; i < r->c->vm_count; i++) {
		const struct ha_vm_conf *vm = &r->c->vms[i];
		struct ha_conf_at at = { vm->line, "vm", vm->name };
		struct ha_rules_vm *p = &r->vms[i];
		ha_hostset hosts = p->hosts;

		p->hosts &= ~vm->placement.unreached;
		if (vm->placement.unreached == r->all && r->all != 0) {
			ha_conf_error(r->errors, &at,
				      "no host has all of its networks and "
				      "datastores; correct the hosts of those, "
				      "or its domain");
		} else if (hosts != 0 && p->hosts == 0) {
			ha_conf_error(r->errors, &at,
				      "the hosts that must rules leave it lack "
				      "its networks or datastores; change the "
				      "rules or its domain");
		} else if (p->hosts != 0 && (p->hosts & ~failover) == 0 &&
			   failover != r->all) {
			ha_conf_error(r->errors, &at,
				      "only failover hosts are left to it, on "
				      "which nothing runs in normal times; "
				      "change its must rules");
		}
	}
}

/* --- all of it --- */

static ha_hostset failover_hosts(const struct ha_config *c)
{
	ha_hostset set = 0;

	for (size_t i = 0; i < c->host_count; i++) {
		if (c->hosts[i].failover && c->hosts[i].id <= HA_HOSTS_MAX &&
		    c->hosts[i].id > 0) {
			set |= ha_host_bit(c->hosts[i].id);
		}
	}
	return set;
}

static void init_rules(struct ha_rules_check *r)
{
	const struct ha_config *c = r->c;

	for (size_t i = 0; i < c->host_count; i++) {
		const struct ha_host_conf *h = &c->hosts[i];

		if (h->id < 1 || h->id > HA_HOSTS_MAX) {
			continue;
		}
		r->all |= ha_host_bit(h->id);
		r->domain_of[h->id - 1] |= ha_host_bit(h->id);
		for (size_t k = 0; h->fault_domain && k < c->host_count; k++) {
			if (c->hosts[k].fault_domain == h->fault_domain &&
			    c->hosts[k].id <= HA_HOSTS_MAX &&
			    c->hosts[k].id > 0) {
				r->domain_of[h->id - 1] |=
					ha_host_bit(c->hosts[k].id);
			}
		}
	}
	for (uint32_t i = 0; i < c->vm_count; i++) {
		r->vms[i] = (struct ha_rules_vm){
			.hosts = r->all, .root = i, .together = HA_NO_RULE,
			.must = HA_NO_RULE, .prefers = HA_NO_RULE,
			.memory_kib = c->vms[i].memory_kib,
			.vcpus = c->vms[i].vcpus,
		};
	}
}

static void check_vm_vm_forms(struct ha_rules_check *r)
{
	for (size_t i = 0; i < r->c->vm_vm_rule_count; i++) {
		check_vm_vm_form(r, &r->c->vm_vm_rules[i]);
	}
	check_group_counts(r);
}

void ha_config_check_rules(const struct ha_config *c,
			   struct ha_conf_errors *errors)
{
	struct ha_rules_check r = { .c = c, .errors = errors };

	r.vms = calloc(c->vm_count > 0 ? c->vm_count : 1, sizeof(*r.vms));
	if (!r.vms) {
		ha_check_no_memory(c, errors);
		return;
	}
	init_rules(&r);
	check_host_groups(&r);
	check_vm_groups(&r);
	for (size_t i = 0; i < c->vm_host_rule_count; i++) {
		const struct ha_vm_host_rule *rule = &c->vm_host_rules[i];

		check_vm_host_form(&r, rule);
		if (ha_rule_prefers(rule)) {
			check_preference(&r, i);
		}
		if (rule->strength == HA_RULE_MUST) {
			check_must(&r, i);
		}
	}
	check_reach(&r, failover_hosts(c));
	check_vm_vm_forms(&r);
	ha_rules_check_ties(&r);
	if (errors->errors == 0) {
		ha_rules_check_sense(&r);
	}
	free(r.vms);
}
