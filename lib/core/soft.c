/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The soft tables follow the committed ones: after the set of VMs changed,
 * what was known of a VM stays with it.
 */
#include "core/order.h"
#include "core/rules.h"

static void new_vm(struct ha_core *c, struct vm_soft *vm,
		   const struct ha_uuid *uuid)
{
	memset(vm, 0, sizeof(*vm));
	vm->uuid = *uuid;
	vm->seen = c->own_inventory ? HA_SEEN_ABSENT : HA_SEEN_UNKNOWN;
	for (uint32_t i = 0; i < c->foreign_count; i++) {
		if (ha_uuid_cmp(&c->foreign[i].vm, uuid) == 0) {
			vm->seen = c->foreign[i].seen;
			vm->instance = c->foreign[i].instance;
			c->foreign[i] = c->foreign[--c->foreign_count];
			break;
		}
	}
}

static void remember_foreign(struct ha_core *c, struct vm_soft *vm)
{
	ready_forget(c, vm);
	if (vm->seen == HA_SEEN_ABSENT ||
	    c->foreign_count == c->params.vms_max) {
		return;
	}
	c->foreign[c->foreign_count++] = (struct ha_domain){
		.vm = vm->uuid,
		.seen = vm->seen,
		.instance = vm->instance,
	};
}

static bool same_vms(const struct ha_core *c)
{
	if (c->vm_count != c->state->vm_count) {
		return false;
	}
	for (uint32_t i = 0; i < c->vm_count; i++) {
		if (ha_uuid_cmp(&c->vms[i].uuid, &c->state->vms[i].uuid)) {
			return false;
		}
	}
	return true;
}

/* Both tables are sorted by UUID: a merge into the spare one. */
static void merge_tables(struct ha_core *c)
{
	struct vm_soft *old = c->vms;
	uint32_t o = 0;

	for (uint32_t i = 0; i < c->state->vm_count; i++) {
		const struct ha_uuid *uuid = &c->state->vms[i].uuid;

		while (o < c->vm_count && ha_uuid_cmp(&old[o].uuid, uuid) < 0) {
			remember_foreign(c, &old[o++]);
		}
		if (o < c->vm_count && ha_uuid_cmp(&old[o].uuid, uuid) == 0) {
			c->vms_spare[i] = old[o++];
		} else {
			new_vm(c, &c->vms_spare[i], uuid);
		}
	}
	while (o < c->vm_count) {
		remember_foreign(c, &old[o++]);
	}
	c->vms = c->vms_spare;
	c->vms_spare = old;
	c->vm_count = c->state->vm_count;
	for (uint32_t i = 0; i < c->vm_count; i++) {
		c->vms[i].awaited = 0; /* it may have another index */
	}
}

static uint64_t order_key(const struct ha_core *c, uint32_t i)
{
	return (uint64_t)c->vms[i].tier << 32 | i;
}

static void sift_down(struct ha_core *c, uint32_t root, uint32_t count)
{
	for (;;) {
		uint32_t child = 2 * root + 1;
		uint32_t tmp;

		if (child >= count) {
			return;
		}
		if (child + 1 < count && order_key(c, c->order[child]) <
						 order_key(c, c->order[child + 1])) {
			child++;
		}
		if (order_key(c, c->order[root]) >= order_key(c, c->order[child])) {
			return;
		}
		tmp = c->order[root];
		c->order[root] = c->order[child];
		c->order[child] = tmp;
		root = child;
	}
}

/* Heap sort: in place, and no worse for an order that is already there. */
static void sort_order(struct ha_core *c)
{
	uint32_t n = c->vm_count;

	for (uint32_t i = 0; i < n; i++) {
		c->order[i] = i;
	}
	for (uint32_t i = n / 2; i-- > 0;) {
		sift_down(c, i, n);
	}
	for (uint32_t i = n; i-- > 1;) {
		uint32_t tmp = c->order[0];

		c->order[0] = c->order[i];
		c->order[i] = tmp;
		sift_down(c, 0, i);
	}
}

void soft_set_config(struct ha_core *c)
{
	c->config = ha_hash_is_none(&c->state->config)
			    ? NULL
			    : staged_config(c, &c->state->config);
	ha_replica_set_configured(c->replica, c->config
					? ha_config_hostset(c->config) : 0);
	for (uint32_t i = 0; i < c->vm_count; i++) {
		struct vm_soft *vm = &c->vms[i];

		vm->conf = c->config ? ha_config_vm(c->config, &vm->uuid)
				     : NULL;
	}
	order_set_config(c);
	ready_set_config(c);
	sort_order(c);
	c->want_full_report = true;
}

void soft_sync(struct ha_core *c)
{
	const struct ha_config *before = c->config;

	if (!same_vms(c)) {
		merge_tables(c);
	}
	soft_set_config(c);
	if (c->config != before) {
		c->configured_at = c->now;
	}
}

void soft_new_epoch(struct ha_core *c)
{
	ha_hostset alive = 0; /* as far as is proven */

	for (ha_hostid h = 1; h <= HA_HOSTS_MAX; h++) {
		if (host_state(c, h)->proof == HA_PROOF_NONE) {
			alive |= ha_host_bit(h);
		}
	}
	for (uint32_t i = 0; i < c->vm_count; i++) {
		struct vm_soft *vm = &c->vms[i];

		/* what runs somewhere is not gone with the epoch */
		vm->ran = ((vm->ran | vm->running | vm->unknown) &
			   c->epoch.members) |
			  ((vm->ran | vm->running) & alive);
		vm->running = 0;
		vm->unknown = 0;
		memset(&vm->owner, 0, sizeof(vm->owner));
		memset(&vm->sent, 0, sizeof(vm->sent));
		vm->pending = 0;
		vm->incident = false;
	}
	for (ha_hostid h = 1; h <= HA_HOSTS_MAX; h++) {
		struct host_soft *host = &c->hosts[h - 1];

		host->heard = false;
		host->reported = false;
		host->pending = 0;
		host->starting = 0;
		host->starts_ended = 0;
	}
	c->crashed = 0;
	c->global_pending = 0;
	c->want_host_msg = true;
	c->want_full_report = true;
	c->say_again_at = 0;
}

struct vm_soft *soft_vm(struct ha_core *c, const struct ha_uuid *uuid)
{
	const struct ha_vm_state *v = ha_state_vm(c->state, uuid);

	return v ? &c->vms[v - c->state->vms] : NULL;
}
