/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * room.h - what is free where, while a plan is being made: the books of
 * lib/policy, which all its searches write in and take back. Not for others.
 *
 * Indices of hosts are id - 1, so that a host and its bit have one number.
 * What is free may be negative: a host can be asked for more than it has.
 */
#ifndef HA_POLICY_ROOM_H
#define HA_POLICY_ROOM_H

#include "policy/carve.h"
#include "policy/pool.h"

struct ha_room_group {
	ha_hostset seen; /* hosts where a member is */
	ha_hostset full; /* hosts that take no more of it; not for TOGETHER */
	uint32_t cap;    /* members in one cell */
	uint32_t members;
	uint16_t count[HA_HOSTS_MAX]; /* by cell: host, or fault domain */
};

struct ha_room {
	const struct ha_pool *pool;
	const struct ha_pool_host *host[HA_HOSTS_MAX]; /* NULL: there is none */
	int64_t memory_free[HA_HOSTS_MAX];
	int64_t vcpus_free[HA_HOSTS_MAX];
	uint64_t memory_scale[HA_HOSTS_MAX]; /* 2^62 / what the host has */
	uint64_t vcpus_scale[HA_HOSTS_MAX];
	uint32_t vms[HA_HOSTS_MAX];
	ha_hostset usable;
	ha_hostset spare;
	uint8_t domain[HA_HOSTS_MAX]; /* index of the first host in it */
	ha_hostset domain_hosts[HA_HOSTS_MAX];
	uint32_t domains; /* with a usable host */
	struct ha_room_group *groups;
	uint8_t *at; /* by VM: the host where it is in this plan, or 0 */
};

/* Lays the arrays out in c; r->pool is set. Call twice: without memory to
 * learn the size, then with it. ha_room_fill puts the VMs where they run. */
void ha_room_lay_out(struct ha_room *r, const struct ha_pool *pool,
		     struct ha_carve *c);
void ha_room_fill(struct ha_room *r);

/* Hosts from now on usable; spreading groups are told. */
void ha_room_set_usable(struct ha_room *r, ha_hostset usable);

void ha_room_take(struct ha_room *r, uint32_t vm, ha_hostid host);
void ha_room_give(struct ha_room *r, uint32_t vm);

/* Hosts that the groups of this kind of force close to a VM not placed now. */
ha_hostset ha_room_closed(const struct ha_room *r, uint32_t vm, bool must);
/* Usable hosts that no must rule and no lack of a network closes to it. */
ha_hostset ha_room_open(const struct ha_room *r, uint32_t vm);
/* Those of `hosts` with the memory and vcpus free. */
ha_hostset ha_room_fits(const struct ha_room *r, uint32_t vm,
			ha_hostset hosts);
/* The closed-hosts mask of one group. */
ha_hostset ha_room_group_closed(const struct ha_room *r, uint16_t group);

#define HA_ROOM_SHARE_BITS 20
#define HA_ROOM_SCALE_BITS 62

/* The free share, in 2^-20, of what is scarcer on a host with so much free;
 * -1: it does not have that much. Here, as it is the innermost of all. */
static inline int32_t ha_room_share(const struct ha_room *r, ha_hostid host,
				    int64_t memory_free, int64_t vcpus_free)
{
	uint64_t memory, vcpus;

	if ((memory_free | vcpus_free) < 0) {
		return -1;
	}
	/* at most 2^62: no more is free than there is */
	memory = (uint64_t)memory_free * r->memory_scale[host - 1];
	vcpus = (uint64_t)vcpus_free * r->vcpus_scale[host - 1];
	return (int32_t)((memory < vcpus ? memory : vcpus) >>
			 (HA_ROOM_SCALE_BITS - HA_ROOM_SHARE_BITS));
}

#endif
