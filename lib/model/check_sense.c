/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that no placement can keep, or that do nothing. Only warnings: an older
 * version has taken such a configuration, and what is in force must be readable
 * after an upgrade. What is told is certain; not all that is so is found, since
 * to find the most VMs that are apart from each other is hard in general.
 */
#include <inttypes.h>
#include <string.h>

#include "model/check_rules.h"

#define NAMES_TOLD 4
#define SETS_MAX 64 /* different ones whose VMs are summed up */
#define WORK_MAX 2000000u /* pairs of VMs that are compared */
#define PAIRS_MAX 4096u /* of one rule */

static ha_hostset hosts_of(struct ha_rules_check *r, uint32_t vm)
{
	return r->vms[ha_rules_root(r, vm)].hosts;
}

static bool keeps_apart(const struct ha_vm_vm_rule *rule)
{
	return rule->strength == HA_RULE_MUST && rule->most == 1 &&
	       rule->kind != HA_GROUP_TOGETHER;
}

/* --- one rule between VMs and hosts --- */

static void check_off_all(struct ha_rules_check *r,
			  const struct ha_vm_host_rule *rule,
			  const struct ha_conf_at *at)
{
	if ((r->all & ~rule->keep_off) == 0) {
		ha_conf_warning(r->errors, at,
				"it keeps its VMs off all hosts, which none "
				"can do; leave a host out of keep-off");
		return;
	}
	for (size_t i = 0; i < rule->members.count; i++) {
		ha_hostset hosts = hosts_of(r, rule->members.vms[i]);

		if (hosts != 0 && (hosts & ~rule->keep_off) == 0) {
			ha_conf_warning(r->errors, at,
					"vm '%.64s' can never keep it: must "
					"rules, networks and datastores leave "
					"it no other host; take it out, or "
					"change those",
					ha_rules_vm_name(r, rule->members.vms[i]));
			return;
		}
	}
}

static void check_run_on(struct ha_rules_check *r,
			 const struct ha_vm_host_rule *rule,
			 const struct ha_conf_at *at)
{
	for (size_t i = 0; i < rule->members.count; i++) {
		ha_hostset hosts = hosts_of(r, rule->members.vms[i]);

		if (hosts != 0 && (hosts & ha_rule_hosts(rule)) == 0) {
			ha_conf_warning(r->errors, at,
					"vm '%.64s' can never keep it: must "
					"rules, networks and datastores leave "
					"it none of these hosts; take it out, "
					"or change those",
					ha_rules_vm_name(r, rule->members.vms[i]));
			return;
		}
	}
}

static void check_vm_hosts(struct ha_rules_check *r)
{
	for (size_t i = 0; i < r->c->vm_host_rule_count; i++) {
		const struct ha_vm_host_rule *rule = &r->c->vm_host_rules[i];
		struct ha_conf_at at = ha_rules_at_vm_host(rule);

		if (rule->strength == HA_RULE_MUST || r->all == 0) {
			continue;
		}
		if (rule->level_count > 0) {
			check_run_on(r, rule, &at);
		} else {
			check_off_all(r, rule, &at);
		}
	}
}

/* --- what is left to VMs is too small for all of them --- */

static void check_room(struct ha_rules_check *r,
		       const struct ha_vm_host_rule *rule, ha_hostset set)
{
	static const struct ha_host_size unknown = { 0, 0, 0 };
	struct ha_conf_at at = ha_rules_at_vm_host(rule);
	uint64_t has = 0, needs = 0;
	size_t count = 0;
	char hosts[120];

	for (ha_hostset s = set; s;) {
		const struct ha_host_conf *h =
			ha_config_host(r->c, ha_hostset_pop(&s));

		if (!h || h->memory_kib == 0) {
			return;
		}
		has += ha_config_room(r->c, h, &unknown).memory_kib;
	}
	for (uint32_t i = 0; i < r->c->vm_count; i++) {
		const struct ha_vm_conf *vm = &r->c->vms[i];
		ha_hostset own = hosts_of(r, i);

		if (own != 0 && (own & ~set) == 0 &&
		    vm->priority != HA_PRIORITY_DISABLED) {
			needs += vm->memory_kib;
			count++;
		}
	}
	if (needs > has) {
		ha_conf_warning(r->errors, &at,
				"%zu VMs may run on %s alone and need %" PRIu64
				" MiB of memory, of which there are %" PRIu64
				": they cannot all run at once; open more hosts "
				"to some", count,
				ha_rules_print_hosts(r, set, hosts,
						     sizeof(hosts)),
				needs >> 10, has >> 10);
	}
}

/* Of each set of hosts to which a must rule limits VMs, once. */
static void check_rooms(struct ha_rules_check *r)
{
	ha_hostset sets[SETS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < r->c->vm_host_rule_count && count < SETS_MAX;
	     i++) {
		const struct ha_vm_host_rule *rule = &r->c->vm_host_rules[i];
		ha_hostset set = ha_rule_hosts(rule) & r->all;
		size_t k = 0;

		while (k < count && sets[k] != set) {
			k++;
		}
		if (rule->strength == HA_RULE_MUST && k == count &&
		    set != r->all && rule->members.count > 0) {
			sets[count++] = set;
			check_room(r, rule, set);
		}
	}
}

/* --- one rule among VMs --- */

/* Does a must rule keep them apart, and which? */
static const struct ha_vm_vm_rule *apart_by(const struct ha_rules_check *r,
					    uint32_t a, uint32_t b)
{
	const struct ha_vm_placement *p = &r->c->vms[a].placement;
	const struct ha_vm_placement *q = &r->c->vms[b].placement;

	for (size_t i = 0; i < p->group_count; i++) {
		for (size_t k = 0; k < q->group_count; k++) {
			const struct ha_vm_vm_rule *rule =
				&r->c->vm_vm_rules[p->groups[i]];

			if (p->groups[i] == q->groups[k] && keeps_apart(rule)) {
				return rule;
			}
		}
	}
	return NULL;
}

/* Who is apart from the other, or has no host with it, can never be with it,
 * whatever the rest do. */
static bool may_meet(struct ha_rules_check *r, uint32_t a, uint32_t b,
		     const struct ha_conf_at *at)
{
	const struct ha_vm_vm_rule *apart = apart_by(r, a, b);

	if (apart) {
		ha_conf_warning(r->errors, at,
				"vm '%.64s' and vm '%.64s' can never be "
				"together: vm-vm rule '%.64s' (line %" PRIu32
				") keeps them apart; take one of them out of "
				"one of the two", ha_rules_vm_name(r, a),
				ha_rules_vm_name(r, b),
				apart->name ? apart->name : "?", apart->line);
		return false;
	}
	if (hosts_of(r, a) != 0 && hosts_of(r, b) != 0 &&
	    (hosts_of(r, a) & hosts_of(r, b)) == 0) {
		ha_conf_warning(r->errors, at,
				"vm '%.64s' and vm '%.64s' can never be "
				"together: must rules, networks and datastores "
				"leave them no host in common; take one of them "
				"out, or change those", ha_rules_vm_name(r, a),
				ha_rules_vm_name(r, b));
		return false;
	}
	return true;
}

/* The first with all others, then as many pairs as are cheap. */
static void check_should_together(struct ha_rules_check *r,
				  const struct ha_vm_vm_rule *rule,
				  const struct ha_conf_at *at)
{
	const struct ha_vm_list *m = &rule->members;
	uint32_t pairs = 0;

	for (size_t i = 0; i < m->count; i++) {
		for (size_t k = i + 1; k < m->count; k++) {
			if ((i > 0 && ++pairs > PAIRS_MAX) ||
			    !may_meet(r, m->vms[i], m->vms[k], at)) {
				return;
			}
		}
	}
}

/* By the first VM of all that are tied together. */
static void check_should_apart(struct ha_rules_check *r,
			       const struct ha_vm_vm_rule *rule,
			       const struct ha_conf_at *at)
{
	uint32_t root = UINT32_MAX;

	for (size_t i = 0; i < rule->members.count; i++) {
		uint32_t own = ha_rules_root(r, rule->members.vms[i]);

		if (++r->vms[own].count > rule->most && root == UINT32_MAX) {
			root = own;
		}
	}
	if (root != UINT32_MAX) {
		const struct ha_vm_vm_rule *tie =
			&r->c->vm_vm_rules[r->vms[root].together];

		ha_conf_warning(r->errors, at,
				"%" PRIu32 " of its VMs must be together by "
				"vm-vm rule '%.64s' (line %" PRIu32 "), where at "
				"most %" PRIu32 " should be; take them out of "
				"one of the two", r->vms[root].count,
				tie->name ? tie->name : "?", tie->line,
				rule->most);
	}
	for (size_t i = 0; i < rule->members.count; i++) {
		r->vms[ha_rules_root(r, rule->members.vms[i])].count = 0;
	}
}

static void check_nothing(struct ha_rules_check *r,
			  const struct ha_vm_vm_rule *rule,
			  const struct ha_conf_at *at)
{
	if (rule->kind == HA_GROUP_TOGETHER || rule->members.count < 2) {
		return;
	}
	if (rule->kind == HA_GROUP_SPREAD && r->c->host_count > 1 &&
	    (r->all & ~r->domain_of[r->c->hosts[0].id - 1]) == 0) {
		ha_conf_warning(r->errors, at,
				"all hosts are in one fault domain, so that "
				"nothing can be spread; make more fault "
				"domains, or use keep=\"apart\"");
	} else if (rule->most >= rule->members.count &&
		   !ha_rules_names_group(r, rule->vms_text)) {
		ha_conf_warning(r->errors, at,
				"it does nothing: most is %" PRIu32 " and it "
				"has %zu VMs; lower most or name more VMs",
				rule->most, rule->members.count);
	}
}

/* --- more VMs that are apart from each other than hosts for them --- */

struct clique {
	uint32_t vms[HA_HOSTS_MAX + 1];
	size_t count;
	ha_hostset hosts;        /* that any of them may run on */
	uint32_t work;           /* done so far, for all of them */
};

static bool take(struct ha_rules_check *r, struct clique *q, uint32_t vm)
{
	for (size_t i = 0; i < q->count; i++) {
		q->work++;
		if (q->vms[i] == vm || !apart_by(r, q->vms[i], vm)) {
			return false;
		}
	}
	q->vms[q->count++] = vm;
	q->hosts |= hosts_of(r, vm);
	return true;
}

static bool is_too_large(const struct clique *q)
{
	return q->count > (size_t)__builtin_popcountll(q->hosts) &&
	       q->hosts != 0;
}

/* Greedily, from one VM, the rule of that name first. */
static bool grow(struct ha_rules_check *r, struct clique *q, uint32_t vm,
		 size_t first)
{
	const struct ha_vm_placement *p = &r->c->vms[vm].placement;

	q->count = 0;
	q->hosts = 0;
	take(r, q, vm);
	for (size_t i = 0; i < p->group_count; i++) {
		const struct ha_vm_vm_rule *rule = &r->c->vm_vm_rules
			[p->groups[(first + i) % p->group_count]];

		for (size_t k = 0; keeps_apart(rule) &&
				   k < rule->members.count &&
				   q->work < WORK_MAX; k++) {
			take(r, q, rule->members.vms[k]);
			if (is_too_large(q)) {
				return true;
			}
		}
	}
	return false;
}

static void tell_clique(struct ha_rules_check *r, const struct clique *q)
{
	const struct ha_vm_vm_rule *last = apart_by(r, q->vms[0], q->vms[1]);
	struct ha_buf vms = { 0 }, rules = { 0 };
	struct ha_conf_at at;
	char hosts[80];

	for (size_t i = 0; i < q->count && i < NAMES_TOLD; i++) {
		ha_buf_printf(&vms, "%s'%.24s'", i > 0 ? ", " : "",
			      ha_rules_vm_name(r, q->vms[i]));
	}
	for (size_t i = 0; i < q->count; i++) {
		for (size_t k = 0; k < i; k++) {
			const struct ha_vm_vm_rule *by =
				apart_by(r, q->vms[k], q->vms[i]);

			last = by->line > last->line ? by : last;
		}
	}
	for (size_t i = 1; i < q->count && i < NAMES_TOLD; i++) {
		const struct ha_vm_vm_rule *by =
			apart_by(r, q->vms[i - 1], q->vms[i]);

		if (by != last && by->name &&
		    !(rules.data && strstr(rules.data, by->name))) {
			ha_buf_printf(&rules, "%s'%.24s'",
				      rules.len > 0 ? ", " : "", by->name);
		}
	}
	at = ha_rules_at_vm_vm(last);
	ha_conf_warning(r->errors, &at,
			"%s%s%sit keeps %zu VMs (%s%s) "
			"apart from each other, which may run on %s alone: they "
			"cannot all run at once; open more hosts to them, or "
			"make one strength=\"should\"",
			rules.data ? "together with vm-vm rule " : "",
			rules.data ? rules.data : "", rules.data ? " " : "",
			q->count,
			vms.data ? vms.data : "?",
			q->count > NAMES_TOLD ? ", …" : "",
			ha_rules_print_hosts(r, q->hosts, hosts, sizeof(hosts)));
	ha_buf_fini(&vms);
	ha_buf_fini(&rules);
}

/* Those under one rule alone are apart from its VMs only, and it is judged by
 * itself. The first that is found is told. */
static void check_cliques(struct ha_rules_check *r)
{
	struct clique q = { .count = 0 };

	for (uint32_t vm = 0; vm < r->c->vm_count && q.work < WORK_MAX; vm++) {
		const struct ha_vm_placement *p = &r->c->vms[vm].placement;
		size_t count = 0;

		for (size_t i = 0; i < p->group_count; i++) {
			count += keeps_apart(&r->c->vm_vm_rules[p->groups[i]]);
		}
		for (size_t i = 0; count > 1 && i < p->group_count; i++) {
			if (grow(r, &q, vm, i)) {
				tell_clique(r, &q);
				return;
			}
		}
	}
}

void ha_rules_check_sense(struct ha_rules_check *r)
{
	check_vm_hosts(r);
	check_rooms(r);
	for (size_t i = 0; i < r->c->vm_vm_rule_count; i++) {
		const struct ha_vm_vm_rule *rule = &r->c->vm_vm_rules[i];
		struct ha_conf_at at = ha_rules_at_vm_vm(rule);

		check_nothing(r, rule, &at);
		if (rule->strength == HA_RULE_MUST) {
			continue;
		}
		if (rule->kind == HA_GROUP_TOGETHER) {
			check_should_together(r, rule, &at);
		} else if (rule->most > 0) {
			check_should_apart(r, rule, &at);
		}
	}
	check_cliques(r);
}
