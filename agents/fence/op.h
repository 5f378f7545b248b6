/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * op.h - one operation: off, status, power on or check over the devices of one
 * fence level. Off is said only after every device's status reads off.
 *
 * Call order: begin, then tick whenever its child's descriptors are readable
 * or ha_op_next has come, until ended; then destroy.
 */
#ifndef HA_AGENT_FENCE_OP_H
#define HA_AGENT_FENCE_OP_H

#include "base/time.h"
#include "child.h"

enum ha_op_phase {
	HA_PHASE_OFF,     /* asks one device for off */
	HA_PHASE_VERIFY,  /* until its status reads off */
	HA_PHASE_CONFIRM, /* all of several devices read off together */
	HA_PHASE_STATUS,
	HA_PHASE_ON,
	HA_PHASE_ENDED    /* the result is there; a child may still die */
};

struct ha_op {
	struct ha_op *next;    /* the list of who owns it */
	struct ha_am msg;      /* taken: what is asked */
	const char *agents_path;
	enum ha_op_phase phase;
	size_t step;
	uint32_t tries;        /* failed, of this step */
	ha_dur pause;          /* between two looks at the status */
	ha_time wake;          /* the next run begins; NEVER while one runs */
	ha_time limit;         /* of the whole operation */
	ha_time run_limit;     /* of the present run */
	ha_time verify_until;
	bool run_killed;
	bool reads_on;         /* STATUS: some device */
	bool told;             /* the result, or nobody wants it */
	uint32_t code;         /* enum ha_fence_code, when ended */
	char fault[HA_FENCE_TEXT]; /* the last thing that went wrong */
	char text[HA_FENCE_TEXT];
	struct ha_child child;
};

/* Takes msg's content, also on failure. NULL without memory. */
struct ha_op *ha_op_begin(struct ha_am *msg, const char *agents_path,
			  ha_time now);
void ha_op_tick(struct ha_op *op, ha_time now);
ha_time ha_op_next(const struct ha_op *op);
/* Ends it now: kills what runs. */
void ha_op_stop(struct ha_op *op);
/* The result is there; and nothing of it runs any more. */
bool ha_op_over(const struct ha_op *op);
void ha_op_destroy(struct ha_op *op);

#endif
