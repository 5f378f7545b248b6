/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Invariants of a core, after every step, in production too. A broken one
 * stops this hacd before it can act on it.
 */
#include "core/rules.h"

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

const char *ha_core_check(const struct ha_core *c)
{
	const char *broken = ha_replica_check(c->replica);

	if (!broken && c->vm_count != c->state->vm_count) {
		broken = "the soft table is of another size";
	}
	for (uint32_t i = 0; i < c->vm_count && !broken; i++) {
		broken = check_vm(c, i);
	}
	for (ha_hostid h = 1; h <= HA_HOSTS_MAX && !broken; h++) {
		broken = check_host(c, h);
	}
	return broken;
}
