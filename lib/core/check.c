/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Invariants of a core, after every step, in production too. A broken one
 * stops this hacd before it can act on it.
 */
#include "core/rules.h"

#include <stdio.h>

static const char *check_vm(const struct ha_core *c, uint32_t i)
{
	const struct ha_vm_state *v = &c->state->vms[i];

	if (i > 0 && ha_uuid_cmp(&c->state->vms[i - 1].uuid, &v->uuid) >= 0) {
		return "VMs are out of order";
	}
	if (ha_uuid_cmp(&v->uuid, &c->vms[i].uuid) != 0) {
		return "the soft table does not follow the committed one";
	}
	if (v->owner > HA_HOSTS_MAX || v->holder > HA_HOSTS_MAX) {
		return "an owner that cannot be";
	}
	if (v->owner != HA_HOST_NONE && !v->surveyed) {
		return "a VM is owned before all hosts said whether it runs";
	}
	if (v->owner != HA_HOST_NONE && v->owner_boot == 0) {
		return "an owner without a boot";
	}
	if (v->owner == HA_HOST_NONE &&
	    (v->holder != HA_HOST_NONE || v->stop != HA_WHY_NONE)) {
		return "a VM without owner is held, or to be stopped";
	}
	if (v->owner != HA_HOST_NONE &&
	    c->state->hosts[v->owner - 1].proof != HA_PROOF_NONE) {
		return "a VM is owned by a host that is proven down";
	}
	if (v->owner != HA_HOST_NONE && ha_host_in(v->copies, v->owner)) {
		return "a VM's owner counts as a copy beside it";
	}
	return NULL;
}

static const char *check_host(const struct ha_core *c, ha_hostid h)
{
	const struct ha_host_state *s = host_state(c, h);

	if (s->present && s->admitted == 0) {
		return "a host is present but was never admitted";
	}
	if (s->present && s->proof != HA_PROOF_NONE) {
		return "a host is present and proven down";
	}
	if (s->fence_number > c->state->fence_count) {
		return "a fence attempt that was never counted";
	}
	return NULL;
}

static void say_vm(const struct ha_core *c, uint32_t i, const char *what,
		   char *ret_broken)
{
	const struct ha_vm_state *v = &c->state->vms[i];
	const struct ha_vm_conf *conf = c->vms[i].conf;

	snprintf(ret_broken, HA_TEXT_MAX + 1, "vm %s (the table's %u of %u; "
		 "owner %u, fact %llu): %s", conf ? conf->name : "?", i,
		 c->state->vm_count, v->owner, (unsigned long long)v->gen,
		 what);
}

/* The replica is about this host's log, whose ends are told. */
static void say_log(const struct ha_core *c, const char *what,
		    char *ret_broken)
{
	snprintf(ret_broken, HA_TEXT_MAX + 1, "%s (host %s, epoch %llu, "
		 "applied up to fact %llu)", what, host_name(c, self(c)),
		 (unsigned long long)c->state->epoch,
		 (unsigned long long)c->state->index);
}

bool core_check_log(const struct ha_core *c, char *ret_broken)
{
	const char *broken = ha_replica_check(c->replica);

	if (broken) {
		say_log(c, broken, ret_broken);
	}
	return !broken;
}

bool ha_core_check(const struct ha_core *c, char *ret_broken)
{
	const char *broken;

	if (!core_check_log(c, ret_broken)) {
		return false;
	}
	if (c->vm_count != c->state->vm_count) {
		say_log(c, "the soft table is of another size than the "
			"committed one", ret_broken);
		return false;
	}
	for (uint32_t i = 0; i < c->vm_count; i++) {
		broken = check_vm(c, i);
		if (broken) {
			say_vm(c, i, broken, ret_broken);
			return false;
		}
	}
	for (ha_hostid h = 1; h <= HA_HOSTS_MAX; h++) {
		broken = check_host(c, h);
		if (broken) {
			snprintf(ret_broken, HA_TEXT_MAX + 1, "host %s: %s",
				 host_name(c, h), broken);
			return false;
		}
	}
	return true;
}
