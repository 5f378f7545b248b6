/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Moving lost VMs that have a place already on to another, so that one more
 * gets in. Nobody who has a place loses it. Bounded by counted steps.
 */
#include <assert.h>

#include "policy/planner.h"

#define CHAIN_MAX 3
#define EJECTED_MAX 6
#define CHAIN_STEPS 20000 /* one VM alone does not use up what all may */

static bool spend(struct ha_planner *p)
{
	if (p->chain_left == 0 || p->repair_left == 0) {
		return false;
	}
	p->chain_left--;
	p->repair_left--;
	return true;
}

static bool would_fit(const struct ha_planner *p, uint32_t vm, uint32_t gone)
{
	const struct ha_pool_vm *v = &p->room.pool->vms[vm];
	const struct ha_pool_vm *g = &p->room.pool->vms[gone];
	size_t n = (size_t)p->room.at[gone] - 1;

	return p->room.memory_free[n] + (int64_t)g->memory_kib >=
		       (int64_t)v->memory_kib &&
	       p->room.vcpus_free[n] + (int64_t)g->vcpus >= (int64_t)v->vcpus;
}

static bool push(struct ha_planner *p, uint32_t vm, unsigned depth);

/* Puts vm in the place of another, which is pushed on. */
static bool displace(struct ha_planner *p, uint32_t vm, uint32_t other,
		     unsigned depth)
{
	ha_hostid host = p->room.at[other];
	struct ha_choose_how here = p->how;

	assert(host != HA_HOST_NONE);
	here.only = ha_host_bit(host);
	ha_room_give(&p->room, other);
	if (ha_choose(&p->room, vm, &here) != HA_HOST_NONE) {
		ha_room_take(&p->room, vm, host);
		if (push(p, other, depth)) {
			return true;
		}
		ha_room_give(&p->room, vm);
	}
	ha_room_take(&p->room, other, host);
	return false;
}

/* A place for vm, with up to depth others making way one for the next. */
static bool push(struct ha_planner *p, uint32_t vm, unsigned depth)
{
	const struct ha_pool_vm *v = &p->room.pool->vms[vm];
	ha_hostset possible = p->room.usable & v->reaches & v->allowed;
	ha_hostid host = ha_choose(&p->room, vm, &p->how);

	if (host != HA_HOST_NONE) {
		ha_room_take(&p->room, vm, host);
		return true;
	}
	for (size_t i = 0; depth > 0 && i < p->wanted_count; i++) {
		uint32_t other = p->lost[i];

		if (!spend(p)) {
			return false;
		}
		if (ha_host_in(possible, p->room.at[other]) &&
		    would_fit(p, vm, other) &&
		    displace(p, vm, other, depth - 1)) {
			return true;
		}
	}
	return false;
}

/* Takes lost VMs off the host, the least first, until vm fits there. */
static size_t eject(struct ha_planner *p, uint32_t vm, ha_hostid host,
		    uint32_t *ejected)
{
	struct ha_choose_how here = p->how;
	size_t count = 0;

	here.only = ha_host_bit(host);
	for (size_t i = p->wanted_count; i-- > 0;) {
		if (ha_choose(&p->room, vm, &here) != HA_HOST_NONE) {
			ha_room_take(&p->room, vm, host);
			return count;
		}
		if (!spend(p) || count == EJECTED_MAX) {
			break;
		}
		if (p->room.at[p->lost[i]] == host) {
			ha_room_give(&p->room, p->lost[i]);
			ejected[count++] = p->lost[i];
		}
	}
	if (ha_choose(&p->room, vm, &here) != HA_HOST_NONE) {
		ha_room_take(&p->room, vm, host);
	}
	return count;
}

/* Several on a host make way at once, and find other places. */
static bool eject_from(struct ha_planner *p, uint32_t vm, ha_hostid host)
{
	uint32_t ejected[EJECTED_MAX];
	size_t count = eject(p, vm, host, ejected);
	size_t placed = 0;

	if (p->room.at[vm] != HA_HOST_NONE) {
		while (placed < count && push(p, ejected[count - 1 - placed], 0)) {
			placed++;
		}
		if (placed == count) {
			return true;
		}
		ha_room_give(&p->room, vm);
	}
	for (size_t i = 0; i < count; i++) {
		uint32_t e = ejected[count - 1 - i];

		if (i < placed) {
			ha_room_give(&p->room, e);
		}
	}
	for (size_t i = 0; i < count; i++) {
		ha_room_take(&p->room, ejected[i], host);
	}
	return false;
}

bool ha_planner_repair(struct ha_planner *p, uint32_t vm)
{
	assert(p->room.at[vm] == HA_HOST_NONE);
	p->chain_left = CHAIN_STEPS;
	for (unsigned depth = 1; depth <= CHAIN_MAX; depth++) {
		if (push(p, vm, depth)) {
			return true;
		}
	}
	for (ha_hostset s = ha_room_open(&p->room, vm); s;) {
		if (eject_from(p, vm, ha_hostset_pop(&s))) {
			return true;
		}
	}
	return false;
}
