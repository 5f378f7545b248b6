/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fence_job.h - what one host does about fencing another; for lib/core alone.
 */
#ifndef HA_CORE_FENCE_JOB_H
#define HA_CORE_FENCE_JOB_H

#include "core/event.h"

enum fence_code { /* of a FENCE fact: who wants it, and what */
	FENCE_CODE_OFF,    /* the cluster, of a lost host */
	FENCE_CODE_STATUS, /* its power is only asked for */
	FENCE_CODE_ADMIN   /* the admin: also where only its hacd is gone */
};

/* This host's own attempt to fence another; indexed by the target's id-1. */
struct fence_job {
	bool active;
	bool status_only;
	bool done;          /* result known, sent until committed */
	bool told;          /* in this epoch */
	bool read_off;      /* by this life of hacd, not yet switched on */
	uint64_t number;    /* of the attempt; 0: in a small view */
	uint64_t asked;     /* attempt asked of this life of hacd */
	enum fence_code asked_code;
	uint32_t level;
	uint64_t op_id;     /* 0: no operation in flight */
	uint64_t power_on_op;
	enum ha_fence_code code;
	char text[64];
};

#endif
