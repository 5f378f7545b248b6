/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recovery.h - which VM goes where when hosts are lost, and what does not fit.
 *
 * A planner is the memory of all such questions about one pool: take
 * ha_planner_size bytes, ha_planner_init, then ask as often as you like, also
 * of lib/policy/admission.h. Answers are borrowed until the next question.
 * After a change of the pool, init again (a few milliseconds for 10 000 VMs).
 *
 * How it plans. VMs go by priority, needed, size (first- and best-fit
 * decreasing: Johnson 1974), each to the host that ha_choose gives it, those
 * of a TOGETHER rule as one. Where one finds no room, another lost VM of this
 * plan is moved on, in chains of up to three, or several make way (ejection
 * chains: Glover 1996). If VMs are left out still, packing,
 * smallest-first and first fit are tried too, and few lost VMs are searched
 * exhaustively by branch and bound; the plan with the fewest left out, highest priority
 * first, is taken. No must rule is ever broken, running VMs stay. Bounded by
 * counted steps, not by time.
 */
#ifndef HA_POLICY_RECOVERY_H
#define HA_POLICY_RECOVERY_H

#include "policy/choose.h"
struct ha_planner;

enum ha_effort { /* less than all, only to measure the rest by */
	HA_EFFORT_ALL,
	HA_EFFORT_REPAIR, /* no exhaustive search */
	HA_EFFORT_GREEDY  /* one pass */
};

struct ha_recovery_ask {
	ha_hostset lost;    /* their VMs are to be placed */
	bool waiting;       /* and so are those that run nowhere */
	bool tiers_wait;    /* a priority starts in the waves after the last */
	bool preempt;       /* VMs of lower priority may be stopped */
	enum ha_effort effort;
	enum ha_score score;
};

struct ha_recovery_step { /* by wave, then priority, size, index */
	uint32_t vm;
	ha_hostid host;
	uint32_t wave;  /* from 0, which is now: as each host may start */
	uint8_t broken; /* should rules, HA_BROKEN_ bits */
};

#define HA_VICTIMS_MAX 16
#define HA_MISSES_TOLD 16 /* with a remedy each; the others just counted */

/* A VM that is left out, and the smallest change that lets it in. */
struct ha_recovery_miss {
	uint32_t vm;
	/* The host nearest to taking it, and why it does not: UNUSABLE (none is
	 * left) to VCPUS. What is missing counts those before it in: all that
	 * is told for a host, at most, lets in all of them together. */
	enum ha_verdict verdict;
	ha_hostid host;
	uint16_t group;
	uint64_t memory_missing_kib;
	uint64_t vcpus_missing;
	/* who would have to give way there, the least important, then fewest */
	ha_hostid victim_host; /* 0: that would not help, or not be enough */
	uint32_t victims[HA_VICTIMS_MAX];
	size_t victim_count;
	/* or one running VM to migrate from a host to another first */
	uint32_t mover;
	ha_hostid mover_from, mover_to; /* 0: no single one would do */
};

struct ha_recovery {
	const struct ha_recovery_step *steps;
	size_t step_count;
	const uint32_t *left_out; /* all VMs that found no place, in order */
	size_t left_out_count;
	const struct ha_recovery_miss *misses; /* the first of these */
	size_t miss_count;
	const uint32_t *stopped; /* by preemption, in order */
	size_t stopped_count;
	size_t broken_count; /* steps that break a should rule */
	bool proven; /* no plan whatsoever leaves out fewer */
};

/* By the pool's numbers of VMs and groups alone. mem: so many bytes, aligned as
 * malloc does it, the caller's. The pool is borrowed until the end. */
size_t ha_planner_size(const struct ha_pool *pool);
struct ha_planner *ha_planner_init(void *mem, const struct ha_pool *pool);

const struct ha_recovery *ha_recovery_plan(struct ha_planner *p,
					   const struct ha_recovery_ask *ask);

/* Runs the VM on that host from now on (0: nowhere). Answers stay. */
void ha_planner_move(struct ha_planner *p, uint32_t vm, ha_hostid host);
/* `hactl explain placement`: as ha_choose_explain, with the VM taken from
 * where it runs and all others where they are. */
ha_hostid ha_planner_explain(struct ha_planner *p, uint32_t vm,
			     const struct ha_choose_how *how,
			     struct ha_explain *ret);

#endif
