/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * admission.h - the admission policy `plan`: could all that runs be recovered,
 * whichever hosts fail, up to a number of them at once?
 *
 * Each set of hosts is either proven good by a bound or has its recovery
 * planned, by the very planner that will do it then: a yes holds for the plan
 * that is made when it happens, not only for some plan. VMs that wait for a
 * place count as lost in each set, also in the empty one.
 *
 * How many failures the cluster can take now, and what limits it: `tolerated`
 * and the failing set, asked with one more than has to be tolerated.
 *
 * The bound (in bound.c, with its proof) says yes where there is so much room
 * that no order of filling it could leave a VM out; what it does not settle is
 * planned. It is what makes two or three failures of 64 hosts cheap. Of a plan
 * first fit is tried first, as it is cheap: that it leaves out none is enough,
 * because a recovery that leaves any out tries it too.
 */
#ifndef HA_POLICY_ADMISSION_H
#define HA_POLICY_ADMISSION_H

#include "policy/recovery.h"

/* Beyond these a no is given unproven, never a yes. */
#define HA_ADMISSION_SETS_MAX 1000000u
#define HA_ADMISSION_PLANS_MAX 20000u

struct ha_admission_ask {
	uint32_t failures;   /* at once, at most */
	enum ha_score score; /* of recoveries */
	bool plan_all;       /* do without the bound and first fit */
	uint32_t plans_max;  /* 0: HA_ADMISSION_PLANS_MAX */
	/* To start, move or add a VM. Whether there is room for it there is
	 * not asked here: see ha_planner_explain. */
	struct ha_pool_change change;
};

struct ha_admission_answer {
	bool yes;
	bool proven;        /* of a no: nobody could do better */
	bool gave_up;       /* too many sets, or too many to plan */
	uint32_t tolerated; /* so many failures at once, whichever */
	bool none;          /* not even that: VMs wait for a place now */
	ha_hostset failing; /* of a no: the first such set, smallest first */
	/* of a no: what happens then, who is left out, what would help;
	 * borrowed until the planner's next question */
	const struct ha_recovery *recovery;
	uint32_t sets;      /* looked at */
	uint32_t planned;   /* of these, the bound did not settle */
};

void ha_admission_check(struct ha_planner *p,
			const struct ha_admission_ask *ask,
			struct ha_admission_answer *ret);

#endif
