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

/* Would more rules be broken, or worse ones, if that VM that runs were there? */
bool ha_correct_worsens(struct ha_planner *p, uint32_t vm, ha_hostid to);

/* To tell people. The hosts, or those of the fault domains, on which VMs of
 * that group break its rule: TOGETHER all where some are; 0: it is kept. */
ha_hostset ha_correct_group_hosts(const struct ha_planner *p, size_t group);
/* Hosts to which a move of that member would mend some of it. */
ha_hostset ha_correct_group_takes(struct ha_planner *p, size_t group,
				  uint32_t vm);

enum ha_kept { /* what keeps a VM from a move that mends more than it breaks */
	HA_KEPT_NOT,   /* nothing: it can move to *ret_to */
	HA_KEPT_ROOM,  /* that *ret_to lacks the room */
	HA_KEPT_RULES, /* no host breaks less, all rules taken together */
	HA_KEPT_HOSTS  /* no usable host is open to it */
};

/* Of a VM that runs, `fixed` or not; among how->only. */
enum ha_kept ha_correct_look(struct ha_planner *p, uint32_t vm,
			     const struct ha_choose_how *how,
			     ha_hostid *ret_to);

#endif
