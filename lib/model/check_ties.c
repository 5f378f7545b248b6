/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Must rules among VMs. VMs that must be together are tied into one part, which
 * has one set of hosts; those that must be apart have to fit on theirs.
 */
#include <inttypes.h>
#include <stdio.h>

#include "model/check_rules.h"

#define SETS_MAX 16 /* different ones looked at in one rule */

const char *ha_rules_print_hosts(const struct ha_rules_check *r,
				 ha_hostset set, char *buf, size_t size)
{
	size_t len = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < r->c->host_count; i++) {
		const struct ha_host_conf *h = &r->c->hosts[i];
		int n;

		if (h->id > HA_HOSTS_MAX || !ha_host_in(set, h->id)) {
			continue;
		}
		n = snprintf(buf + len, size - len, "%s%s", len ? ", " : "",
			     h->name ? h->name : "?");
		if (n < 0 || (size_t)n >= size - len) {
			break;
		}
		len += (size_t)n;
	}
	return buf;
}

uint32_t ha_rules_root(struct ha_rules_check *r, uint32_t vm)
{
	while (r->vms[vm].root != vm) {
		r->vms[vm].root = r->vms[r->vms[vm].root].root;
		vm = r->vms[vm].root;
	}
	return vm;
}

static void tell_apart_hosts(struct ha_rules_check *r, const struct ha_vm_vm_rule *rule,
			     uint32_t a, uint32_t b)
{
	struct ha_conf_at at = ha_rules_at_vm_vm(rule);
	char left[80], right[80];

	ha_conf_error(r->errors, &at,
		      "no host may run both vm '%.64s' (%s) and vm '%.64s' "
		      "(%s); change what their must rules, networks and "
		      "datastores leave them, or make this one "
		      "strength=\"should\"", ha_rules_vm_name(r, a),
		      ha_rules_print_hosts(r, r->vms[ha_rules_root(r, a)].hosts, left,
				  sizeof(left)),
		      ha_rules_vm_name(r, b),
		      ha_rules_print_hosts(r, r->vms[ha_rules_root(r, b)].hosts, right,
				  sizeof(right)));
}

static void tie(struct ha_rules_check *r, size_t index, uint32_t a, uint32_t b)
{
	const struct ha_vm_vm_rule *rule = &r->c->vm_vm_rules[index];
	uint32_t x = ha_rules_root(r, a), y = ha_rules_root(r, b);

	if (x == y) {
		return;
	}
	if (r->vms[x].hosts != 0 && r->vms[y].hosts != 0 &&
	    (r->vms[x].hosts & r->vms[y].hosts) == 0) {
		tell_apart_hosts(r, rule, a, b);
	}
	r->vms[x].hosts &= r->vms[y].hosts;
	r->vms[x].memory_kib += r->vms[y].memory_kib;
	r->vms[x].vcpus += r->vms[y].vcpus;
	r->vms[x].together = (uint16_t)index;
	r->vms[y].root = x;
}

static void check_together(struct ha_rules_check *r, size_t index)
{
	const struct ha_vm_vm_rule *rule = &r->c->vm_vm_rules[index];
	struct ha_conf_at at = ha_rules_at_vm_vm(rule);
	const struct ha_rules_vm *all;
	struct ha_host_size most;

	for (size_t i = 1; i < rule->members.count; i++) {
		tie(r, index, rule->members.vms[0], rule->members.vms[i]);
	}
	if (rule->members.count < 2) {
		return;
	}
	all = &r->vms[ha_rules_root(r, rule->members.vms[0])];
	most = ha_config_largest(r->c, all->hosts);
	if (all->hosts != 0 && most.memory_kib > 0 &&
	    all->memory_kib > most.memory_kib) {
		ha_conf_error(r->errors, &at,
			      "its VMs and those tied to them need %" PRIu64
			      " MiB of memory, the largest host that they may "
			      "run on has %" PRIu64 " MiB; tie fewer together",
			      all->memory_kib >> 10, most.memory_kib >> 10);
	}
	if (all->hosts != 0 && most.cpus > 0 && all->vcpus > most.cpus) {
		ha_conf_error(r->errors, &at,
			      "its VMs and those tied to them need %" PRIu64
			      " vcpus, the largest host that they may run on "
			      "has room for %" PRIu32 "; tie fewer together",
			      all->vcpus, most.cpus);
	}
}

/* How many hosts, or fault domains, there are in the set. */
static size_t count_places(const struct ha_rules_check *r, enum ha_group_kind kind,
			   ha_hostset set)
{
	size_t n = 0;

	while (set) {
		ha_hostid h = ha_hostset_pop(&set);

		if (kind == HA_GROUP_SPREAD) {
			set &= ~r->domain_of[h - 1];
		}
		n++;
	}
	return n;
}

static void tell_tied(struct ha_rules_check *r, const struct ha_vm_vm_rule *rule,
		      uint32_t root, uint32_t most)
{
	const struct ha_vm_vm_rule *tie =
		&r->c->vm_vm_rules[r->vms[root].together];
	struct ha_conf_at at = ha_rules_at_vm_vm(rule);
	const char *names[2] = { "?", "?" };
	size_t n = 0;

	for (size_t i = 0; i < rule->members.count && n < 2; i++) {
		if (ha_rules_root(r, rule->members.vms[i]) == root) {
			names[n++] = ha_rules_vm_name(r, rule->members.vms[i]);
		}
	}
	ha_conf_error(r->errors, &at,
		      "vm '%.64s' and vm '%.64s' must be together by vm-vm rule "
		      "'%.64s' (line %" PRIu32 "), which puts %" PRIu32 " of "
		      "this one's VMs where at most %" PRIu32 " may be; change "
		      "one of the two or make it strength=\"should\"", names[0],
		      names[1], tie->name ? tie->name : "?", tie->line,
		      r->vms[root].count, most);
}

/* The limit of each host or fault domain while all of them are up. */
static uint32_t most_of(const struct ha_rules_check *r,
			const struct ha_vm_vm_rule *rule)
{
	size_t places = count_places(r, rule->kind, r->all);

	if (rule->most > 0 || places == 0) {
		return rule->most;
	}
	return (uint32_t)((rule->members.count + places - 1) / places);
}

static void check_tied(struct ha_rules_check *r, const struct ha_vm_vm_rule *rule,
		       uint32_t most)
{
	bool told = false;

	for (size_t i = 0; i < rule->members.count; i++) {
		r->vms[ha_rules_root(r, rule->members.vms[i])].count++;
	}
	for (size_t i = 0; i < rule->members.count; i++) {
		uint32_t root = ha_rules_root(r, rule->members.vms[i]);

		if (r->vms[root].count > most && !told) {
			tell_tied(r, rule, root, most);
			told = true;
		}
	}
	for (size_t i = 0; i < rule->members.count; i++) {
		r->vms[ha_rules_root(r, rule->members.vms[i])].count = 0;
	}
}

static bool fits_apart(struct ha_rules_check *r, const struct ha_vm_vm_rule *rule,
		       ha_hostset set, uint32_t most)
{
	size_t places = count_places(r, rule->kind, set), inside = 0;
	struct ha_conf_at at = ha_rules_at_vm_vm(rule);
	char hosts[120];

	for (size_t i = 0; i < rule->members.count; i++) {
		ha_hostset own =
			r->vms[ha_rules_root(r, rule->members.vms[i])].hosts;

		inside += own != 0 && (own & ~set) == 0;
	}
	if (inside <= places * most) {
		return true;
	}
	ha_conf_error(r->errors, &at,
		      "%zu of its VMs may run on %s alone, and %zu %s with %"
		      PRIu32 " each take at most %zu; raise most, open more "
		      "hosts to them, or make it strength=\"should\"", inside,
		      ha_rules_print_hosts(r, set, hosts, sizeof(hosts)), places,
		      rule->kind == HA_GROUP_SPREAD ? "fault domains" : "hosts",
		      most, places * most);
	return false;
}

/* By Hall's condition, for all hosts and for each set that some VM is left. */
static void check_apart(struct ha_rules_check *r, const struct ha_vm_vm_rule *rule,
			uint32_t most)
{
	ha_hostset sets[SETS_MAX] = { r->all };
	size_t count = 1;

	for (size_t i = 0; i < rule->members.count && count < SETS_MAX; i++) {
		ha_hostset own =
			r->vms[ha_rules_root(r, rule->members.vms[i])].hosts;
		bool known = own == 0;

		for (size_t k = 0; k < count; k++) {
			known |= sets[k] == own;
		}
		if (!known) {
			sets[count++] = own;
		}
	}
	for (size_t k = 0; k < count; k++) {
		if (!fits_apart(r, rule, sets[k], most)) {
			return;
		}
	}
}

void ha_rules_check_ties(struct ha_rules_check *r)
{
	for (size_t i = 0; i < r->c->vm_vm_rule_count; i++) {
		const struct ha_vm_vm_rule *rule = &r->c->vm_vm_rules[i];

		if (rule->strength == HA_RULE_MUST &&
		    rule->kind == HA_GROUP_TOGETHER) {
			check_together(r, i);
		}
	}
	for (size_t i = 0; i < r->c->vm_vm_rule_count; i++) {
		const struct ha_vm_vm_rule *rule = &r->c->vm_vm_rules[i];
		uint32_t most = most_of(r, rule);

		if (rule->strength == HA_RULE_MUST && most > 0 &&
		    rule->kind != HA_GROUP_TOGETHER) {
			check_tied(r, rule, most);
			check_apart(r, rule, most);
		}
	}
}
