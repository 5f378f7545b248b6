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
	struct ha_pool most = { .vm_count = vms_max };

	return ha_planner_size(&most);
}

static void fill_hosts(struct ha_core *c)
{
	for (size_t i = 0; i < c->config->host_count; i++) {
		ha_hostid id = c->config->hosts[i].id;

		c->pool_hosts[i] = (struct ha_pool_host){
			.id = id,
			.usable = host_usable(c, id, NULL),
			.memory_kib = host_memory_kib(c, id),
			.vcpus = host_vcpus(c, id),
			.starts_max = c->config->starts_per_host,
		};
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
	p->vcpus = vm->s->conf->vcpus;
	p->priority = vm->s->conf->priority;
	p->reaches = p->allowed = ~(ha_hostset)0;
	p->avoided = vm->v->avoid;
	if (vm->v->next != HA_HOST_NONE && host_usable(c, vm->v->next, NULL)) {
		p->preferred[0] = ha_host_bit(vm->v->next);
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
	} else if (is_starting(vm)) {
		host->starting++;
	}
}

void pool_fill(struct ha_core *c)
{
	c->planner = NULL;
	fill_hosts(c);
	for (uint32_t i = 0; i < c->vm_count; i++) {
		struct vm vm = vm_at(c, i);

		fill_vm(c, &vm);
	}
	c->pool = (struct ha_pool){
		.hosts = c->pool_hosts,
		.host_count = c->config->host_count,
		.vms = c->pool_vms,
		.vm_count = c->vm_count,
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
