/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bmc.h - the devices that take power from hosts, and the agent that asks
 * them. A host's mode is that of its device of the first level.
 */
#ifndef HA_SIM_BMC_H
#define HA_SIM_BMC_H

#include "core/action.h"

struct sim;

enum sim_bmc_mode {
	SIM_BMC_OK,
	SIM_BMC_DEAD,     /* does not answer */
	SIM_BMC_FAILING,  /* says that it cannot */
	SIM_BMC_PASSWORD, /* lets nobody in */
	SIM_BMC_LYING,    /* says off, and does nothing */
	SIM_BMC_SLOW,
	SIM_BMC_SHARED    /* has its host's power: dead without it */
};

#define SIM_FENCES_MAX 64

struct sim_bmc { /* of one host */
	enum sim_bmc_mode mode;
	/* the fence agent beside its hacd */
	bool agent_up;
	uint64_t agent_gen;
	uint64_t asked[SIM_FENCES_MAX]; /* no result yet */
	size_t asked_count;
};

void sim_bmc_set(struct sim *s, ha_hostid host, enum sim_bmc_mode mode);
/* Of the agent: a hacd starts it, and ends it. */
void sim_fence_agent_start(struct sim *s, ha_hostid host, ha_dur after);
void sim_fence_agent_stop(struct sim *s, ha_hostid host);
/* It dies, what it was doing with it, and comes back. */
void sim_fence_agent_crash(struct sim *s, ha_hostid host);
void sim_fence_cancel(struct sim *s, ha_hostid host, uint64_t id);
void sim_fence(struct sim *s, ha_hostid host, const struct ha_action *a);

#endif
