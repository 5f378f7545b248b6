/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * correct.h - rules that are broken by where VMs run, and the next single move
 * that mends most of it.
 *
 * How much a rule is broken is a number: 1 for a VM on a host that it must not
 * run on, or should not; for a group the members that would have to move, at
 * least (TOGETHER: all but those on the host with most; APART and SPREAD: those
 * beyond the limit of each host or fault domain). A move is proposed only if
 * the sum of all must rules falls, or stays and that of all should rules
 * falls. So there is an end to it, and no VM goes back and forth.
 */
#ifndef HA_POLICY_CORRECT_H
#define HA_POLICY_CORRECT_H

#include "policy/recovery.h"

struct ha_harm {
	uint32_t must;
	uint32_t should;
};

struct ha_correction {
	uint32_t vm;
	ha_hostid from, to;
	struct ha_harm mended; /* less by that; should may be more: see must */
	uint32_t should_worse; /* broken for the sake of a must rule */
	/* what the VM itself breaks where it runs: UNREACHED, RULE, GROUP (must
	 * rules, the first that holds), else FITS and the should rules */
	enum ha_verdict verdict;
	uint16_t group;
	uint8_t broken;
};

/* Of all VMs that run, as they run. */
struct ha_harm ha_correct_count(struct ha_planner *p);

/* The move that mends most of the must rules, then of the should rules; of
 * several that of the VM with the least memory, to the host with the best
 * score. False: nothing more can be mended by moving one VM. */
bool ha_correct_next(struct ha_planner *p, const struct ha_choose_how *how,
		     struct ha_correction *ret);

#endif
