/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * world.h - the simulated world: N hosts with a core each, and all that is
 * between and below them, on one virtual clock.
 */
#ifndef HA_SIM_WORLD_H
#define HA_SIM_WORLD_H

#include <stdio.h>

#include "base/rand.h"
#include "core/core.h"
#include "sim/host.h"
#include "sim/net.h"
#include "sim/oracle.h"
#include "sim/qdevice.h"
#include "sim/record.h"
#include "sim/worldlog.h"

struct sim_body {
	struct ha_hash hash;
	const struct ha_config *config; /* the driver's, for ever */
};

struct sim_params {
	uint64_t seed;
	ha_dur token;   /* of two hosts */
	ha_dur token_coefficient; /* and this more for each host after that */
	bool two_node, wait_for_all, auto_tie_breaker;
	enum sim_qdevice_kind qdevice;
	bool freezes;   /* a hacd that crashed too often comes back frozen */
	ha_dur flight;  /* of a message, at most; 0: as in a quiet network */
	uint32_t vms_max;
	FILE *trace;    /* NULL: none */
	const struct sim_recording *recording; /* NULL: none */
	/* NULL, or sees each action of a core before it is executed */
	void (*watch)(ha_hostid host, const struct ha_action *a, void *arg);
	void *watch_arg;
	/* NULL, or called before and after each step of a core, to measure it */
	void (*around)(ha_hostid host, bool begins, void *arg);
	void *around_arg;
};

struct sim {
	struct sim_params params;
	ha_time now;
	struct ha_rand rand;
	struct sim_heap heap;
	struct sim_host hosts[HA_HOSTS_MAX]; /* by id-1 */
	ha_hostid host_max;      /* highest id in use */
	ha_hostset nodelist;     /* hosts that corosync knows */
	uint32_t level;          /* the highest that a host's hac has spoken */
	/* by link, by id-1: those who do not hear it */
	ha_hostset cut[SIM_LINKS][HA_HOSTS_MAX];
	struct sim_qdevice qdevice;
	uint64_t views, instances; /* given out so far */
	uint64_t orders, changes; /* of packets; of the net itself */
	ha_time net_at;          /* a look at the rings is due then */
	uint64_t net_mix;        /* breaks ties where hearing is not mutual */
	struct sim_vm *vms;      /* owned */
	struct sim_body *bodies; /* owned */
	uint32_t vm_count, body_count;
	uint64_t steps;          /* of all cores */
	uint64_t effects;        /* carried out, that show outside of a core */
	uint64_t in_hand;        /* writes, when their hacd ended */
	bool disks_keep;         /* with a grain: those, wholly; else none */
	bool crashes;            /* there was a VM over which hacd crashes */
	struct sim_oracle oracle;
	struct sim_log log;
};

#include "sim/world_api.h"

#endif
