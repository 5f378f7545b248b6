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
#include "sim/disk.h"
#include "sim/hyper.h"
#include "sim/net.h"
#include "sim/oracle.h"
#include "sim/power.h"
#include "sim/record.h"
#include "sim/worldlog.h"

#define SIM_BOOT HA_S(5) /* from power on to a running system */

struct sim_host {
	bool exists;
	const char *name;        /* borrowed from the driver */
	bool power, booted, hung;
	uint64_t power_gen;      /* rises when the power comes or goes */
	ha_bootid boot;
	ha_dur clock;            /* its monotonic clock minus the world's */
	uint32_t links;          /* of its network links, bit set: up */
	enum sim_bmc bmc;
	enum sim_leave leaving;
	uint64_t leave_id;
	bool reboots, stays_off; /* after the shutdown; once it is fenced */
	struct ha_core *core;    /* owned; NULL: no hacd runs */
	struct ha_recorder *recorder; /* owned; NULL: none, or no hacd */
	uint64_t hacd_gen;
	bool hacd_hung;
	bool in_group;           /* its join has been delivered */
	ha_hostset view_members; /* of the last view told to this hacd */
	bool view_quorate;
	bool frozen_next;        /* crashed twice */
	ha_time crashed_at;
	ha_time tick_at;         /* a tick is due then */
	struct sim_queue waiting[SIM_SCOPE_COUNT];
	struct sim_corosync corosync;
	struct sim_disk disk;
	struct sim_hyper hyper;
};

struct sim_vm {
	struct ha_uuid uuid;
	const char *name;        /* borrowed */
	ha_hostset there;        /* where a QEMU of it runs */
	ha_time since;           /* its last QEMU came to be */
	uint32_t breaks[SIM_BREAK_COUNT][HA_HOSTS_MAX]; /* times it will fail */
};

struct sim_body {
	struct ha_hash hash;
	const struct ha_config *config; /* the driver's, for ever */
};

struct sim_params {
	uint64_t seed;
	ha_dur token;
	bool two_node, wait_for_all, auto_tie_breaker;
	bool freezes;   /* a hacd that crashed twice comes back frozen */
	ha_dur flight;  /* of a message, at most; 0: as in a quiet network */
	uint32_t vms_max;
	FILE *trace;    /* NULL: none */
	const struct sim_recording *recording; /* NULL: none */
	/* NULL, or sees each action of a core before it is executed */
	void (*watch)(ha_hostid host, const struct ha_action *a, void *arg);
	void *watch_arg;
};

struct sim {
	struct sim_params params;
	ha_time now;
	struct ha_rand rand;
	struct sim_heap heap;
	struct sim_host hosts[HA_HOSTS_MAX]; /* by id-1 */
	ha_hostid host_max;      /* highest id in use */
	ha_hostset nodelist;     /* hosts that corosync knows */
	uint64_t cut[HA_HOSTS_MAX]; /* by id-1: those who do not hear it */
	uint64_t views, instances; /* given out so far */
	ha_time net_at;          /* a look at the rings is due then */
	uint64_t net_mix;        /* breaks ties where hearing is not mutual */
	struct sim_vm *vms;      /* owned */
	struct sim_body *bodies; /* owned */
	uint32_t vm_count, body_count;
	uint64_t steps;          /* of all cores */
	struct sim_oracle oracle;
	struct sim_log log;
};

#include "sim/world_api.h"

#endif
