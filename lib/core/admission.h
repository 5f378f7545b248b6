/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * admission.h - could the cluster take the host failures that it has to be
 * able to take? As it is now, for people; what asks before an admin's command
 * is in admission.c.
 *
 * And what would let in those that wait for room now.
 *
 * Each host answers from its own knowledge. Bounded by what lib/policy counts
 * (milliseconds, with many rules on a large and full cluster up to a second).
 */
#ifndef HA_CORE_ADMISSION_H
#define HA_CORE_ADMISSION_H

#include "core/core.h"
#include "policy/admission.h"
#include "policy/recovery.h"
#include "policy/reserve.h"

#define HA_REMEDIES_MAX 4

#define HA_LEFT_OUT_TOLD 100

struct ha_admission_view {
	enum ha_admission_policy policy;
	enum ha_admission_mode mode;
	uint32_t failures;   /* configured */
	uint32_t demanded;   /* with so many usable hosts */
	bool met;
	bool gave_up;        /* a no, for want of time to find out */
	uint32_t tolerated;  /* so many at once, whichever; and if all is met
			      * it was asked for one more than demanded */
	ha_hostset failing;  /* the first set that is too much; 0: none was */
	uint32_t waiting;    /* VMs that find no place now, without a failure */
	uint64_t lacking;    /* by the policy's own measure; to compare by */
	char limit[HA_TEXT_MAX + 1]; /* what happens then; "" */
	/* the VMs that find no place then, of the configuration, in order: the
	 * first of so many */
	uint32_t left_out[HA_LEFT_OUT_TOLD];
	size_t left_out_count;
	char remedies[HA_REMEDIES_MAX][HA_TEXT_MAX + 1]; /* any of these */
	/* of the policies of that name */
	struct ha_slots slots;
	struct ha_percentage percentage;
	struct ha_failover failover;
};

/* A VM that finds no place, and what would let it in once those before it in
 * the list are in. */
struct ha_miss_view {
	struct ha_uuid vm;
	ha_hostid host; /* that much more there would do; 0: on none it would */
	uint64_t memory_kib; /* with what those before it need there */
	uint64_t vcpus;
	char remedies[HA_REMEDIES_MAX][HA_TEXT_MAX + 1]; /* any of these */
};

/* Only with a configuration. Both use the core's scratch memory, and change
 * nothing that it remembers. */
void ha_core_view_admission(struct ha_core *core,
			    struct ha_admission_view *ret_view);
/* The first HA_MISSES_TOLD of them. Gives how many there are in all. */
size_t ha_core_view_misses(struct ha_core *core,
			   struct ha_miss_view ret_list[HA_MISSES_TOLD],
			   size_t *ret_count);

#endif
