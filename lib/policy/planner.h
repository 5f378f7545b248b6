/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * planner.h - what the searches of lib/policy share. Not for others.
 *
 * Between questions every VM is where it runs (`home`). ha_planner_fail takes
 * the lost ones out, ha_planner_fill finds them places, ha_planner_tell says
 * which, ha_planner_restore puts all back.
 */
#ifndef HA_POLICY_PLANNER_H
#define HA_POLICY_PLANNER_H

#include "policy/bound.h"
#include "policy/recovery.h"
#include "policy/room.h"

/* How long to search: hosts or VMs looked at, a few nanoseconds each. */
#define HA_REPAIR_STEPS 400000
#define HA_EXACT_STEPS 2000000
#define HA_EXACT_VMS_MAX 16

struct ha_planner {
	struct ha_room room;
	ha_hostset usable;   /* by the pool */
	uint32_t *order;     /* VMs by priority, needed, size, index */
	uint32_t *rank;      /* by VM: its place in order */
	uint8_t *home;       /* by rank: the host where it runs, or 0 */
	size_t tier_first[HA_PRIORITY_DISABLED + 2]; /* ranks */
	/* ranks by home, rising in each; 0: of those that wait */
	uint32_t *at_home;
	uint32_t home_first[HA_HOSTS_MAX + 2];
	bool homes_known;
	uint64_t *marked; /* a bit for each rank, all clear between uses */
	uint64_t *keys, *keys_other; /* to sort by */

	/* the question */
	uint32_t *lost;      /* VMs to place, in order; then those DISABLED */
	size_t lost_count;   /* of all */
	size_t wanted_count; /* of those to place */
	struct ha_choose_how how;
	enum ha_effort effort;
	uint32_t repair_left, exact_left; /* steps */
	uint32_t chain_left; /* of these for one VM */
	bool proven;
	uint8_t *kept;       /* the best plan yet: hosts, as in lost */

	struct ha_recovery_step *steps, *steps_other;
	uint32_t *left_out;
	uint32_t *stopped;
	struct ha_recovery_miss misses[HA_MISSES_TOLD];
	struct ha_recovery answer;
	struct ha_bound bound;
};

/* VMs left out by a plan, by priority: the first that differs decides. */
struct ha_left_out {
	uint32_t count[HA_PRIORITY_DISABLED];
	uint32_t all;
};

/* Lays out everything; with base NULL in c to learn the size. */
void ha_planner_lay_out(struct ha_planner *p, const struct ha_pool *pool,
			struct ha_carve *c);

void ha_planner_fail(struct ha_planner *p, ha_hostset lost, bool waiting);
/* The VMs that found no place; of the present state of the room. */
struct ha_left_out ha_planner_fill(struct ha_planner *p);
/* All of p->answer but who was stopped. */
void ha_planner_tell(struct ha_planner *p, bool tiers_wait);
void ha_planner_restore(struct ha_planner *p);

struct ha_left_out ha_planner_count(const struct ha_planner *p);
bool ha_left_out_fewer(const struct ha_left_out *a,
		       const struct ha_left_out *b);
void ha_planner_keep(struct ha_planner *p);  /* this plan is the best yet */
void ha_planner_clear(struct ha_planner *p); /* no lost VM is placed */
void ha_planner_apply(struct ha_planner *p); /* the best plan again */

/* Sorts the first n keys by all but their lowest 32 bits, in which they have
 * to come in order: byte after byte, in time linear in n. */
void ha_planner_sort_keys(struct ha_planner *p, size_t n);

/* repair.c: places a VM that found no room, if others can be moved on. */
bool ha_planner_repair(struct ha_planner *p, uint32_t vm);
/* exact.c: replaces the kept plan if there is a better one; `proven` tells
 * whether the search came to its end. No lost VM is placed. */
void ha_planner_search(struct ha_planner *p);
/* remedy.c: what would let in a VM that was left out. */
void ha_planner_find_nearest(const struct ha_planner *p, uint32_t vm,
			     struct ha_recovery_miss *m);
void ha_planner_find_victims(const struct ha_planner *p, uint32_t vm,
			     struct ha_recovery_miss *m);
void ha_planner_find_mover(struct ha_planner *p, uint32_t vm,
			   struct ha_recovery_miss *m);

#endif
