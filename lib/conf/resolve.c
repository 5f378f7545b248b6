/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/resolve.h"

#include <assert.h>
#include <string.h>

#include "conf/names.h"

#define WORD_BITS 64

struct resolver {
	struct ha_reader *r;
	struct ha_config *c;
	struct ha_names hosts; /* and groups of them */
	struct ha_names vms;   /* the same */
	ha_hostset all;        /* configured hosts */
	bool refused;          /* of what is just read */
	uint32_t list;         /* number of what is just read */
	/* the union that is being made of a list */
	uint64_t marks[(HA_VMS_MAX + WORD_BITS - 1) / WORD_BITS];
};

/* What the arena holds is ours to complete, though others only read it. */
static void *own(const void *object)
{
	return (void *)(uintptr_t)object;
}

static void refuse_name(struct resolver *s, const struct ha_conf_at *at,
			const char *word, const char *what)
{
	size_t len = strcspn(word, " ");

	s->refused = true;
	ha_conf_error(s->r->errors, at,
		      "unknown %s '%.*s'; correct the name or add it", what,
		      (int)(len < 64 ? len : 64), word);
}

/* A list that names one twice. Once for each list: s->list is a new one. */
static void note_name(struct resolver *s, const struct ha_conf_at *at,
		      const struct ha_name *name)
{
	struct ha_name *n = own(name);

	if (n->list == s->list) {
		ha_conf_warning(s->r->errors, at,
				"'%.64s' is named twice in one list; remove one",
				n->text);
	}
	n->list = s->list;
}

/* --- hosts --- */

static ha_hostset host_bit(ha_hostid id)
{
	return id >= 1 && id <= HA_HOSTS_MAX ? ha_host_bit(id) : 0;
}

/* Host groups are made of hosts, everything else of hosts and groups. */
static bool find_hosts(struct resolver *s, const struct ha_conf_at *at,
		       const char *word, ha_hostset *ret)
{
	const struct ha_name *n = ha_names_find(&s->hosts, word,
						strcspn(word, " "));

	if (!n) {
		return false;
	}
	note_name(s, at, n);
	*ret = n->group ? s->c->host_groups[n->index].hosts
			: host_bit(s->c->hosts[n->index].id);
	return true;
}

static ha_hostset read_hosts(struct resolver *s, const struct ha_conf_at *at,
			     const char *list)
{
	ha_hostset set = 0, some;
	size_t len;

	if (!list) {
		return s->all;
	}
	s->list++;
	for (const char *w = list; ha_word_next(&w, &len); w += len) {
		if (!find_hosts(s, at, w, &some)) {
			refuse_name(s, at, w, "host or host group");
			break;
		}
		set |= some;
	}
	return set;
}

static void read_host_group(struct resolver *s, struct ha_host_group *g)
{
	struct ha_conf_at at = { g->line, "host group", g->name };
	size_t len;

	s->list++;
	for (const char *w = g->hosts_text; ha_word_next(&w, &len); w += len) {
		const struct ha_name *n = ha_names_find(&s->hosts, w, len);

		if (!n || n->group) {
			refuse_name(s, &at, w, "host");
			return;
		}
		note_name(s, &at, n);
		g->hosts |= host_bit(s->c->hosts[n->index].id);
	}
}

static void number_fault_domains(struct resolver *s)
{
	uint32_t number = 0;

	for (size_t i = 0; i < s->c->host_group_count; i++) {
		const struct ha_host_group *g = &s->c->host_groups[i];

		number += g->fault_domain;
		for (size_t j = 0; g->fault_domain && j < s->c->host_count;
		     j++) {
			struct ha_host_conf *h = own(&s->c->hosts[j]);

			if (g->hosts & host_bit(h->id)) {
				h->fault_domain = number;
			}
		}
	}
}

static void read_all_hosts(struct resolver *s)
{
	struct ha_config *c = s->c;

	for (size_t i = 0; i < c->host_count; i++) {
		s->all |= host_bit(c->hosts[i].id);
		ha_names_add(&s->hosts, c->hosts[i].name, i, false);
	}
	for (size_t i = 0; i < c->host_group_count; i++) {
		ha_names_add(&s->hosts, c->host_groups[i].name, i, true);
	}
	ha_names_sort(&s->hosts);
	for (size_t i = 0; i < c->host_group_count; i++) {
		read_host_group(s, own(&c->host_groups[i]));
	}
	number_fault_domains(s);
	for (size_t i = 0; i < c->datastore_count; i++) {
		struct ha_datastore_conf *d = own(&c->datastores[i]);
		struct ha_conf_at at = { d->line, "datastore", d->name };

		d->hosts = read_hosts(s, &at, d->hosts_text);
	}
	for (size_t i = 0; i < c->network_count; i++) {
		struct ha_network_conf *n = own(&c->networks[i]);
		struct ha_conf_at at = { n->line, "network", n->name };

		n->hosts = read_hosts(s, &at, n->hosts_text);
	}
}

/* --- VMs --- */

static void mark(struct resolver *s, size_t vm)
{
	s->marks[vm / WORD_BITS] |= (uint64_t)1 << vm % WORD_BITS;
}

/* The VMs that are marked; marks are gone then. */
static struct ha_vm_list take_marked(struct resolver *s)
{
	size_t words = (s->c->vm_count + WORD_BITS - 1) / WORD_BITS, n = 0;
	struct ha_vm_list list = { NULL, 0 };
	uint32_t *vms;

	for (size_t i = 0; i < words; i++) {
		list.count += (size_t)__builtin_popcountll(s->marks[i]);
	}
	vms = ha_arena_alloc(s->r->arena, list.count, sizeof(*vms));
	if (!vms) {
		return (struct ha_vm_list){ NULL, 0 };
	}
	for (size_t i = 0; i < words; i++) {
		for (; s->marks[i]; s->marks[i] &= s->marks[i] - 1) {
			vms[n++] = (uint32_t)(i * WORD_BITS) +
				   (uint32_t)__builtin_ctzll(s->marks[i]);
		}
	}
	list.vms = vms;
	return list;
}

static struct ha_vm_list read_vms(struct resolver *s,
				  const struct ha_conf_at *at,
				  const char *list)
{
	const struct ha_name *n = NULL;
	size_t len, words = 0;

	s->list++;
	if (!list || !*list) {
		s->refused = true; /* told as its attribute was read */
	}
	for (const char *w = list; ha_word_next(&w, &len); w += len) {
		n = ha_names_find(&s->vms, w, len);
		if (!n) {
			refuse_name(s, at, w, "VM or VM group");
			break;
		}
		words++;
		note_name(s, at, n);
		if (!n->group) {
			mark(s, n->index);
			continue;
		}
		if (words == 1 && w[len] == '\0') {
			return s->c->vm_groups[n->index].members;
		}
		for (size_t i = 0; i < s->c->vm_groups[n->index].members.count;
		     i++) {
			mark(s, s->c->vm_groups[n->index].members.vms[i]);
		}
	}
	return take_marked(s);
}

static struct ha_vm_group *find_group(struct resolver *s, const char *word,
				      size_t len)
{
	const struct ha_name *n = ha_names_find(&s->vms, word, len);

	return n && n->group ? own(&s->c->vm_groups[n->index]) : NULL;
}

static void count_members(struct resolver *s, const struct ha_vm_conf *vm)
{
	struct ha_conf_at at = { vm->line, "vm", vm->name };
	size_t len;

	for (const char *w = vm->groups_text; ha_word_next(&w, &len);
	     w += len) {
		struct ha_vm_group *g = find_group(s, w, len);

		if (!g) {
			refuse_name(s, &at, w, "VM group");
			return;
		}
		g->members.count++;
	}
}

static void add_member(struct resolver *s, uint32_t vm)
{
	size_t len;

	for (const char *w = s->c->vms[vm].groups_text;
	     ha_word_next(&w, &len); w += len) {
		struct ha_vm_group *g = find_group(s, w, len);
		uint32_t *vms = own(g->members.vms);
		size_t n = g->members.count;

		if (n == 0 || vms[n - 1] != vm) {
			vms[n] = vm;
			g->members.count++;
		}
	}
}

static void read_vm_groups(struct resolver *s)
{
	struct ha_config *c = s->c;

	for (size_t i = 0; i < c->vm_count; i++) {
		ha_names_add(&s->vms, c->vms[i].name, i, false);
	}
	for (size_t i = 0; i < c->vm_group_count; i++) {
		ha_names_add(&s->vms, c->vm_groups[i].name, i, true);
	}
	ha_names_sort(&s->vms);
	for (size_t i = 0; i < c->vm_count; i++) {
		count_members(s, &c->vms[i]);
	}
	for (size_t i = 0; i < c->vm_group_count; i++) {
		struct ha_vm_group *g = own(&c->vm_groups[i]);

		g->members.vms = ha_arena_alloc(s->r->arena, g->members.count,
						sizeof(*g->members.vms));
		g->members.count = 0;
	}
	if (s->refused || s->r->arena->failed) {
		return;
	}
	for (uint32_t i = 0; i < c->vm_count; i++) {
		add_member(s, i);
	}
}

/* --- rules --- */

static void read_levels(struct resolver *s, const struct ha_conf_at *at,
			struct ha_vm_host_rule *rule)
{
	ha_hostset earlier = 0, some;
	size_t len;

	s->list++;
	for (const char *w = rule->run_on_text; ha_word_next(&w, &len);
	     w += len) {
		if (!find_hosts(s, at, w, &some)) {
			refuse_name(s, at, w, "host or host group");
			return;
		}
		if (rule->level_count == HA_POOL_LEVELS_MAX) {
			s->refused = true;
			ha_conf_error(s->r->errors, at,
				      "run-on has more than %d levels of "
				      "preference; put hosts that are equally "
				      "good into a <host-group> and name that",
				      HA_POOL_LEVELS_MAX);
			return;
		}
		rule->levels[rule->level_count++] = some & ~earlier;
		earlier |= some;
	}
}

static bool take_refused(struct resolver *s)
{
	bool refused = s->refused;

	s->refused = false;
	return refused;
}

/* One with an unknown name is about no VMs, so that the others can be judged
 * all the same. */
static void read_rules(struct resolver *s)
{
	const struct ha_config *c = s->c;

	for (size_t i = 0; i < c->vm_host_rule_count; i++) {
		struct ha_vm_host_rule *rule = own(&c->vm_host_rules[i]);
		struct ha_conf_at at = { rule->line, "vm-host rule",
					 rule->name };

		rule->members = read_vms(s, &at, rule->vms_text);
		read_levels(s, &at, rule);
		if (rule->keep_off_text) {
			rule->keep_off = read_hosts(s, &at,
						    rule->keep_off_text);
		}
		rule->refused = take_refused(s);
		if (rule->refused) {
			rule->members.count = 0;
		}
	}
	for (size_t i = 0; i < c->vm_vm_rule_count; i++) {
		struct ha_vm_vm_rule *rule = own(&c->vm_vm_rules[i]);
		struct ha_conf_at at = { rule->line, "vm-vm rule",
					 rule->name };

		rule->members = read_vms(s, &at, rule->vms_text);
		rule->refused = take_refused(s);
		if (rule->refused) {
			rule->members.count = 0;
		}
	}
	for (size_t i = 0; i < c->dependency_count; i++) {
		struct ha_dependency *d = own(&c->dependencies[i]);
		struct ha_conf_at at = { d->line, "dependency", d->name };

		d->members = read_vms(s, &at, d->vms_text);
		d->awaited = read_vms(s, &at, d->after_text);
		d->refused = take_refused(s);
		if (d->refused) {
			d->members.count = 0;
			d->awaited.count = 0;
		}
	}
}

/* --- what it comes to for each VM --- */

static struct ha_vm_placement *placement_of(const struct resolver *s,
					    uint32_t vm)
{
	return own(&s->c->vms[vm].placement);
}

static void place_by_hosts(struct resolver *s,
			   const struct ha_vm_host_rule *rule)
{
	bool must = rule->strength == HA_RULE_MUST;
	ha_hostset run_on = 0;

	for (size_t k = 0; k < rule->level_count; k++) {
		run_on |= rule->levels[k];
	}
	for (size_t i = 0; i < rule->members.count; i++) {
		struct ha_vm_placement *p =
			placement_of(s, rule->members.vms[i]);

		if (must) {
			p->forbidden |= rule->keep_off;
			p->forbidden |= rule->level_count > 0
						? s->all & ~run_on : 0;
		} else {
			p->avoided |= rule->keep_off;
		}
		if (ha_rule_prefers(rule)) {
			memcpy(p->preferred, rule->levels,
			       sizeof(p->preferred));
		}
	}
}

static void place_by_vms(struct resolver *s)
{
	for (size_t i = 0; i < s->c->vm_vm_rule_count; i++) {
		const struct ha_vm_list *l = &s->c->vm_vm_rules[i].members;

		for (size_t j = 0; j < l->count; j++) {
			struct ha_vm_placement *p = placement_of(s, l->vms[j]);

			if (p->group_count < HA_POOL_VM_GROUPS_MAX) {
				p->groups[p->group_count++] = (uint16_t)i;
			}
		}
	}
}

static void add_dependencies(struct resolver *s)
{
	const struct ha_config *c = s->c;

	for (size_t i = 0; i < c->dependency_count; i++) {
		const struct ha_vm_list *l = &c->dependencies[i].members;

		for (size_t j = 0; j < l->count; j++) {
			placement_of(s, l->vms[j])->dependency_count++;
		}
	}
	for (uint32_t i = 0; i < c->vm_count; i++) {
		struct ha_vm_placement *p = placement_of(s, i);

		p->dependencies = ha_arena_alloc(s->r->arena,
						 p->dependency_count,
						 sizeof(*p->dependencies));
		p->dependency_count = 0;
	}
	for (size_t i = 0; i < c->dependency_count && !s->r->arena->failed;
	     i++) {
		const struct ha_vm_list *l = &c->dependencies[i].members;

		for (size_t j = 0; j < l->count; j++) {
			struct ha_vm_placement *p = placement_of(s, l->vms[j]);
			uint16_t *list = own(p->dependencies);

			list[p->dependency_count++] = (uint16_t)i;
		}
	}
}

static void place_vm(struct resolver *s, struct ha_vm_conf *vm)
{
	ha_hostset reached = s->all;

	for (size_t i = 0; i < vm->disk_count; i++) {
		size_t d = ha_config_datastore_of(s->c, &vm->disks[i]);

		if (d < s->c->datastore_count) {
			vm->placement.datastores |= (uint64_t)1 << d;
			reached &= s->c->datastores[d].hosts;
		}
	}
	for (size_t i = 0; i < vm->nic_count; i++) {
		size_t n = ha_config_network_of(s->c, &vm->nics[i]);

		if (n < s->c->network_count) {
			reached &= s->c->networks[n].hosts;
		}
	}
	vm->placement.unreached = s->all & ~reached;
}

static bool is_within_limits(const struct ha_config *c)
{
	return c->host_count <= HA_HOSTS_MAX && c->vm_count <= HA_VMS_MAX &&
	       c->datastore_count <= HA_DATASTORES_MAX &&
	       c->network_count <= HA_NETWORKS_MAX &&
	       c->host_group_count <= HA_GROUPS_MAX &&
	       c->vm_group_count <= HA_GROUPS_MAX &&
	       c->vm_host_rule_count + c->vm_vm_rule_count +
			       c->dependency_count <= HA_RULES_MAX;
}

static void resolve(struct resolver *s)
{
	struct ha_config *c = s->c;

	read_all_hosts(s);
	read_vm_groups(s);
	c->names_unknown = s->refused;
	if (c->names_unknown || s->r->arena->failed) {
		return;
	}
	read_rules(s);
	if (s->r->arena->failed) {
		return;
	}
	for (size_t i = 0; i < c->vm_host_rule_count; i++) {
		place_by_hosts(s, &c->vm_host_rules[i]);
	}
	place_by_vms(s);
	add_dependencies(s);
	for (size_t i = 0; i < c->vm_count; i++) {
		place_vm(s, own(&c->vms[i]));
	}
}

void ha_conf_resolve(struct ha_reader *r, struct ha_config *c)
{
	struct resolver s = { .r = r, .c = c };

	if (!is_within_limits(c)) {
		c->names_unknown = true; /* the limit is told by the check */
		return;
	}
	ha_names_init(&s.hosts, c->host_count + c->host_group_count);
	ha_names_init(&s.vms, c->vm_count + c->vm_group_count);
	if (s.hosts.failed || s.vms.failed) {
		r->arena->failed = true;
	} else {
		resolve(&s);
	}
	ha_names_fini(&s.hosts);
	ha_names_fini(&s.vms);
}
