/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cluster as lib/policy sees it, made anew for each round of decisions:
 * VMs stand in it as in c->vms.
 */
#include "core/pool.h"
#include "core/rules.h"

#include <stdio.h>

size_t pool_layout(uint32_t vms_max)
{
	const struct ha_pool most = { .vm_count = vms_max,
				      .group_count = HA_POOL_GROUPS_MAX };

	return ha_planner_size(&most);
}

static void fill_hosts(struct ha_core *c)
{
	for (size_t i = 0; i < c->config->host_count; i++) {
		const struct ha_host_conf *conf = &c->config->hosts[i];
		struct ha_host_size room = host_room(c, conf->id);

		c->pool_hosts[i] = (struct ha_pool_host){
			.id = conf->id,
			.usable = host_usable(c, conf->id, NULL),
			.spare = conf->failover,
			.memory_kib = room.memory_kib,
			.vcpus = room.cpus,
			.cpu_mhz = room.cpu_mhz,
			.domain = conf->fault_domain,
			.starts_max = c->config->starts_per_host,
		};
	}
}

static void fill_groups(struct ha_core *c)
{
	for (size_t i = 0; i < c->config->vm_vm_rule_count; i++) {
		const struct ha_vm_vm_rule *r = &c->config->vm_vm_rules[i];

		c->pool_groups[i] = (struct ha_pool_group){
			.kind = r->kind,
			.must = r->strength == HA_RULE_MUST,
			.most = r->most,
		};
	}
}

/* Where its rules, networks and datastores let it run, and where it had better
 * run; where a start failed it is put last. */
static void fill_placement(struct ha_pool_vm *p, const struct vm *vm)
{
	const struct ha_vm_placement *place = &vm->s->conf->placement;

	p->reaches = ~place->unreached;
	p->allowed = ~place->forbidden;
	p->avoided = place->avoided | vm->v->avoid;
	memcpy(p->preferred, place->preferred, sizeof(p->preferred));
	memcpy(p->groups, place->groups, sizeof(p->groups));
	p->group_count = place->group_count;
}

/* Failover hosts take VMs that were lost, no others. */
static void close_failover_hosts(struct ha_core *c, struct ha_pool_vm *p)
{
	for (size_t i = 0; i < c->config->host_count; i++) {
		if (c->pool_hosts[i].spare) {
			p->allowed &= ~ha_host_bit(c->pool_hosts[i].id);
		}
	}
}

struct ha_pool_host *pool_host(struct ha_core *c, ha_hostid id)
{
	for (size_t i = 0; i < c->config->host_count; i++) {
		if (c->pool_hosts[i].id == id) {
			return &c->pool_hosts[i];
		}
	}
	return NULL;
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

/* An admin's wish for the next start comes before the rules' own. */
static void wish(struct ha_pool_vm *p, ha_hostid host)
{
	memmove(&p->preferred[1], &p->preferred[0],
		sizeof(p->preferred) - sizeof(p->preferred[0]));
	p->preferred[0] = ha_host_bit(host);
}

static void fill_vm(struct ha_core *c, const struct vm *vm)
{
	struct ha_pool_vm *p = &c->pool_vms[vm->i];
	struct ha_pool_host *host;

	/* one that is not configured takes no room that we know of */
	*p = (struct ha_pool_vm){ .priority = HA_PRIORITY_DISABLED };
	if (!vm->s->conf) {
		return;
	}
	p->memory_kib = vm->s->conf->memory_kib;
	p->memory_reserved_kib = vm->s->conf->memory_reserved_kib;
	p->memory_overhead_kib = vm->s->conf->memory_overhead_kib;
	p->cpu_reserved_mhz = vm->s->conf->cpu_reserved_mhz;
	p->vcpus = vm->s->conf->vcpus;
	p->priority = vm->s->conf->priority;
	fill_placement(p, vm);
	if (vm->v->next != HA_HOST_NONE && host_usable(c, vm->v->next, NULL)) {
		wish(p, vm->v->next);
	}
	p->host = vm->v->owner != HA_HOST_NONE ? vm->v->owner
		  : vm->s->pending > 0	       ? vm->s->heading_for
					       : HA_HOST_NONE;
	host = pool_host(c, p->host);
	if (!host) {
		p->host = HA_HOST_NONE; /* or it is not configured */
		if (p->priority == HA_PRIORITY_DISABLED) {
			p->priority = HA_PRIORITY_LOWEST; /* an admin starts it */
		}
		if (vm->v->last_why != HA_WHY_LOST) {
			close_failover_hosts(c, p);
		}
	} else if (is_starting(vm)) {
		host->starting++;
	}
}

void pool_fill(struct ha_core *c)
{
	c->planner = NULL;
	fill_hosts(c);
	fill_groups(c);
	for (uint32_t i = 0; i < c->vm_count; i++) {
		struct vm vm = vm_at(c, i);

		fill_vm(c, &vm);
	}
	c->pool = (struct ha_pool){
		.hosts = c->pool_hosts,
		.host_count = c->config->host_count,
		.vms = c->pool_vms,
		.vm_count = c->vm_count,
		.groups = c->pool_groups,
		.group_count = c->config->vm_vm_rule_count,
	};
}

struct ha_planner *pool_planner(struct ha_core *c)
{
	if (!c->planner) {
		c->planner = ha_planner_init(c->planner_memory, &c->pool);
	}
	return c->planner;
}

void pool_say_missing(const struct ha_core *c, uint32_t vm,
		      const struct ha_explain *e, char *ret)
{
	size_t size = HA_TEXT_MAX + 1;
	const char *host = e->host ? host_name(c, e->host) : "";

	switch (e->verdict) {
	case HA_VERDICT_MEMORY:
		snprintf(ret, size, "needs %llu MiB of memory, host %s has "
			 "%llu MiB too little free",
			 (unsigned long long)c->pool_vms[vm].memory_kib / 1024,
			 host, (unsigned long long)(e->missing + 1023) / 1024);
		break;
	case HA_VERDICT_VCPUS:
		snprintf(ret, size, "needs %u vcpus, host %s has %llu too few "
			 "free",
			 c->pool_vms[vm].vcpus, host,
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
		snprintf(ret, size, "a rule between VMs leaves it no host that "
			 "can own VMs now");
		break;
	}
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
		pool_say_missing(c, vm, &e[best], ret_missing);
	}
	return found;
}
