/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cluster as lib/policy sees it, made anew for each round of decisions:
 * VMs stand in it as in c->vms.
 */
#include "core/pool.h"

#include "core/aside.h"
#include "core/rules.h"

#include <stdio.h>

size_t pool_layout(uint32_t vms_max)
{
	const struct ha_pool most = { .vm_count = vms_max,
				      .group_count = HA_POOL_GROUPS_MAX };

	return ha_planner_size(&most);
}

static void fill_hosts(struct ha_core *c, const struct ha_config *config)
{
	for (size_t i = 0; i < config->host_count; i++) {
		const struct ha_host_conf *conf = &config->hosts[i];
		const struct ha_host_size has = host_size(c, conf->id);
		const struct ha_host_size room =
			ha_config_room(config, conf, &has);

		c->pool_hosts[i] = (struct ha_pool_host){
			.id = conf->id,
			.usable = host_usable(c, conf->id, NULL),
			.spare = conf->failover,
			.memory_kib = room.memory_kib,
			.vcpus = room.cpus,
			.cpu_mhz = room.cpu_mhz,
			.domain = conf->fault_domain,
			.starts_max = config->starts_per_host,
		};
	}
}

static void fill_groups(struct ha_core *c, const struct ha_config *config)
{
	for (size_t i = 0; i < config->vm_vm_rule_count; i++) {
		const struct ha_vm_vm_rule *r = &config->vm_vm_rules[i];

		c->pool_groups[i] = (struct ha_pool_group){
			.kind = r->kind,
			.must = r->strength == HA_RULE_MUST,
			.most = r->most,
		};
	}
}

struct ha_pool_host *pool_host(struct ha_core *c, ha_hostid id)
{
	for (size_t i = 0; i < c->pool.host_count; i++) {
		if (c->pool_hosts[i].id == id) {
			return &c->pool_hosts[i];
		}
	}
	return NULL;
}

/* What it needs, and where its rules, networks and datastores let it run, or
 * had better have it. */
static void fill_need(struct ha_pool_vm *p, const struct ha_vm_conf *conf)
{
	*p = (struct ha_pool_vm){
		.memory_kib = conf->memory_kib,
		.memory_reserved_kib = conf->memory_reserved_kib,
		.memory_overhead_kib = conf->memory_overhead_kib,
		.cpu_reserved_mhz = conf->cpu_reserved_mhz,
		.vcpus = conf->vcpus,
		.priority = conf->priority,
		.reaches = ~conf->placement.unreached,
		.allowed = ~conf->placement.forbidden,
		.avoided = conf->placement.avoided,
		.group_count = conf->placement.group_count,
	};

	memcpy(p->preferred, conf->placement.preferred, sizeof(p->preferred));
	memcpy(p->groups, conf->placement.groups, sizeof(p->groups));
}

/* An admin's wish for the next start comes before the rules' own. */
static void wish(struct ha_pool_vm *p, ha_hostid host)
{
	memmove(&p->preferred[1], &p->preferred[0],
		sizeof(p->preferred) - sizeof(p->preferred[0]));
	p->preferred[0] = ha_host_bit(host);
}

/* A VM that is to start. Failover hosts take those that were lost, no others;
 * one that is never recovered is started by an admin, and then placed. */
static void fill_unowned(struct ha_core *c, struct ha_pool_vm *p,
			 const struct ha_vm_state *v)
{
	p->avoided |= v->avoid;
	if (v->next != HA_HOST_NONE && host_usable(c, v->next, NULL)) {
		wish(p, v->next);
	}
	if (p->priority == HA_PRIORITY_DISABLED) {
		p->priority = HA_PRIORITY_LOWEST;
	}
	for (size_t i = 0; i < c->pool.host_count; i++) {
		if (c->pool_hosts[i].spare && v->last_why != HA_WHY_LOST) {
			p->allowed &= ~ha_host_bit(c->pool_hosts[i].id);
		}
	}
}

/* The owner has not said yet that it runs, or failed for good. With none yet,
 * what was said last is of its run before. */
static bool is_starting(const struct vm *vm)
{
	return vm->v->stop == HA_WHY_NONE &&
	       !(vm->v->owner != HA_HOST_NONE &&
		 vm->s->owner.gen == vm->v->gen &&
		 (vm->s->owner.ended != HA_WHY_NONE ||
		  vm->s->owner.seen == HA_SEEN_RUNNING ||
		  vm->s->owner.seen == HA_SEEN_PAUSED));
}

void pool_note_start(struct ha_core *c, const struct vm *vm,
		     struct ha_pool_host *host)
{
	uint64_t stores = vm->s->conf->placement.datastores;

	host->starting++;
	for (size_t i = 0; i < c->config->datastore_count; i++) {
		c->store_starts[i] += (uint32_t)(stores >> i & 1);
	}
}

static void fill_vm(struct ha_core *c, const struct vm *vm)
{
	struct ha_pool_vm *p = &c->pool_vms[vm->i];
	struct ha_pool_host *host;

	if (!vm->s->conf) {
		/* takes no room that we know of */
		*p = (struct ha_pool_vm){ .priority = HA_PRIORITY_DISABLED };
		return;
	}
	fill_need(p, vm->s->conf);
	p->planned = vm->s->planned;
	if (p->priority != HA_PRIORITY_DISABLED) {
		p->priority = vm->s->tier; /* that of who depends on it */
	}
	host = pool_host(c, vm->v->owner != HA_HOST_NONE ? vm->v->owner
			    : vm->s->pending > 0	 ? vm->s->heading_for
							 : HA_HOST_NONE);
	if (host && aside_leaves(c, vm->i)) {
		p->host = host->id;
		p->priority = HA_PRIORITY_HIGHEST; /* it makes no room */
		return;
	}
	if (!host || vm->v->stop == HA_WHY_PREEMPTED) {
		/* what makes room counts where it is only as start.c looks */
		p->wanted = host != NULL;
		fill_unowned(c, p, vm->v);
		return;
	}
	p->host = host->id;
	if (is_starting(vm)) {
		pool_note_start(c, vm, host);
	}
}

static void fill_frame(struct ha_core *c, const struct ha_config *config,
		       size_t vm_count)
{
	c->planner = NULL;
	fill_hosts(c, config);
	fill_groups(c, config);
	c->pool = (struct ha_pool){
		.hosts = c->pool_hosts,
		.host_count = config->host_count,
		.vms = c->pool_vms,
		.vm_count = vm_count,
		.groups = c->pool_groups,
		.group_count = config->vm_vm_rule_count,
	};
}

/* VMs as in config. */
static void note_needed(struct ha_core *c, const struct ha_config *config)
{
	for (size_t d = 0; d < config->dependency_count; d++) {
		const struct ha_vm_list *l = &config->dependencies[d].awaited;

		for (size_t k = 0; k < l->count; k++) {
			c->pool_vms[l->vms[k]].needed = true;
		}
	}
}

void pool_fill(struct ha_core *c)
{
	fill_frame(c, c->config, c->vm_count);
	memset(c->store_starts, 0, sizeof(c->store_starts));
	for (uint32_t i = 0; i < c->vm_count; i++) {
		struct vm vm = vm_at(c, i);

		fill_vm(c, &vm);
	}
	if (c->ordered) {
		note_needed(c, c->config);
	}
}

/* What does not run and is to, or will be lost with its host, waits. */
static void fill_as_wanted(struct ha_core *c, struct ha_pool_vm *p,
			   const struct ha_vm_conf *conf)
{
	const struct ha_vm_state *v = ha_state_vm(c->state, &conf->uuid);

	fill_need(p, conf);
	if (!v) {
		p->wanted = conf->wanted == HA_WANTED_RUNNING &&
			    conf->priority != HA_PRIORITY_DISABLED;
		return;
	}
	if (v->owner != HA_HOST_NONE && !host_is_lost(c, v->owner) &&
	    pool_host(c, v->owner)) {
		p->host = v->owner;
		return;
	}
	p->wanted = v->wanted == HA_WANTED_RUNNING &&
		    (v->owner == HA_HOST_NONE ||
		     conf->priority != HA_PRIORITY_DISABLED);
	fill_unowned(c, p, v);
}

void pool_fill_config(struct ha_core *c, const struct ha_config *config)
{
	fill_frame(c, config, config->vm_count);
	for (size_t i = 0; i < config->vm_count; i++) {
		fill_as_wanted(c, &c->pool_vms[i], &config->vms[i]);
	}
	note_needed(c, config);
}

void pool_changed(struct ha_core *c)
{
	c->planner = NULL;
}

struct ha_planner *pool_planner(struct ha_core *c)
{
	if (!c->planner) {
		c->planner = ha_planner_init(c->planner_memory, &c->pool);
	}
	return c->planner;
}

void pool_say_missing(const struct ha_config *config,
		      const struct ha_pool_vm *vm, const struct ha_explain *e,
		      char *ret)
{
	const struct ha_host_conf *h = ha_config_host(config, e->host);
	const char *host = h ? h->name : "";
	size_t size = HA_TEXT_MAX + 1;

	switch (e->verdict) {
	case HA_VERDICT_MEMORY:
		snprintf(ret, size, "needs %llu MiB of memory, host %s has "
			 "%llu MiB too little free",
			 (unsigned long long)vm->memory_kib / 1024,
			 host, (unsigned long long)(e->missing + 1023) / 1024);
		break;
	case HA_VERDICT_VCPUS:
		snprintf(ret, size, "needs %u vcpus, host %s has %llu too few "
			 "free",
			 vm->vcpus, host,
			 (unsigned long long)e->missing);
		break;
	case HA_VERDICT_CHOSEN:
	case HA_VERDICT_FITS:
	case HA_VERDICT_UNUSABLE:
		snprintf(ret, size, "no host can own VMs now");
		break;
	case HA_VERDICT_SPARE:
		snprintf(ret, size, "only failover hosts could take it");
		break;
	case HA_VERDICT_UNREACHED:
		snprintf(ret, size, "no host that can own VMs now has the "
			 "networks and datastores that it needs");
		break;
	case HA_VERDICT_RULE:
		snprintf(ret, size, "its rules allow no host that can own VMs "
			 "now");
		break;
	case HA_VERDICT_GROUP:
		snprintf(ret, size, "rule %s leaves it no host that can own "
			 "VMs now", config->vm_vm_rules[e->group].name);
		break;
	}
}

struct ha_explain pool_nearest(const struct ha_recovery_miss *m)
{
	return (struct ha_explain){
		.host = m->host,
		.verdict = m->verdict,
		.group = m->group,
		.missing = m->verdict == HA_VERDICT_MEMORY
				   ? m->memory_missing_kib
				   : m->vcpus_missing,
	};
}

/* Of two hosts that cannot take it: is a nearer to it? */
static bool is_nearer(const struct ha_explain *a, const struct ha_explain *b)
{
	return a->verdict != b->verdict ? a->verdict > b->verdict
					: a->missing < b->missing;
}

ha_hostid pool_find(struct ha_core *c, uint32_t vm,
		    const struct ha_choose_how *how, char *ret_missing)
{
	struct ha_explain e[HA_HOSTS_MAX] = { { .host = HA_HOST_NONE } };
	ha_hostid found = ha_planner_explain(pool_planner(c), vm, how, e);
	size_t best = 0;

	for (size_t i = 1; i < c->pool.host_count; i++) {
		best = is_nearer(&e[i], &e[best]) ? i : best;
	}
	if (found == HA_HOST_NONE) {
		pool_say_missing(c->config, &c->pool_vms[vm], &e[best],
				 ret_missing);
	}
	return found;
}
