/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exhaust_same.h - which states of a world are the same, for exhaust.c alone.
 *
 * A world follows from what each host has lived through, from the order of
 * packets, and from what was done to all. Sums of these are kept, once for each
 * way to rename the hosts that maps the beginning on itself; the least of them
 * stands for all.
 */
#ifndef HA_SIM_EXHAUST_SAME_H
#define HA_SIM_EXHAUST_SAME_H

#include "sim/exhaust.h"
#include "sim/world.h"

#define SAME_NAMINGS_MAX 6

struct same_naming {
	ha_hostid as[EXHAUST_HOSTS_MAX + 1]; /* by id: the other name */
	uint64_t hosts[EXHAUST_HOSTS_MAX + 1]; /* by id; [0]: common to all */
};

struct same {
	struct same_naming namings[SAME_NAMINGS_MAX]; /* [0]: as they are */
	size_t count;
};

/* fold: other namings too. */
void same_begin(struct same *x, struct sim *s, bool fold);
/* Something happened to one host; orders: it gave a packet its place. */
void same_host(struct same *x, const struct sim_pend *p, ha_time at,
	       bool orders);
/* To all of them. */
void same_world(struct same *x, const struct sim_pend *p, ha_time at);
void same_fault(struct same *x, ha_hostid host, uint32_t kind);
/* What a throw of dice at a host is to come from. */
uint64_t same_chance(const struct same *x, ha_hostid host);
uint64_t same_sum(const struct same *x, ha_time at, uint32_t faults_left);

#endif
