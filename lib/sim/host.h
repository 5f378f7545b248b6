/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host.h - one host of the simulated world, and its VMs; world.h. */
#ifndef HA_SIM_HOST_H
#define HA_SIM_HOST_H

#include "core/core.h"
#include "core/crash.h"
#include "sim/bmc.h"
#include "sim/clock.h"
#include "sim/disk.h"
#include "sim/hyper.h"
#include "sim/link.h"
#include "sim/net.h"
#include "sim/power.h"

struct sim_host {
	bool exists;
	const char *name;        /* borrowed from the driver */
	bool power;
	bool booted;
	bool hung;
	uint64_t power_gen;      /* rises when the power comes or goes */
	ha_bootid boot;
	struct sim_clock clock;
	struct sim_link links[SIM_LINKS];
	struct sim_bmc bmc;
	enum sim_leave leaving;
	uint64_t leave_id;
	bool reboots, stays_off; /* after the shutdown; once it is fenced */
	struct ha_core *core;    /* owned; NULL: no hacd runs */
	struct ha_recorder *recorder; /* owned; NULL: none, or no hacd */
	uint64_t hacd_gen;
	uint32_t level_min, level; /* of the protocol; 0: this build's */
	bool hacd_hung;
	bool in_group;           /* its join has been delivered */
	ha_hostset view_members; /* of the last view told to this hacd */
	bool view_quorate;
	bool frozen_next;        /* by its crashes */
	struct ha_crashes crashes; /* in this boot */
	struct ha_crash dies_over; /* count 0: it dies of something else */
	uint32_t breaks_coordinator; /* times that one will die over this host */
	struct sim_dying dying;
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
	uint64_t starts;         /* committed, as the oracle saw it last */
	uint64_t quiet_starts;   /* that, when nothing more was to happen */
	uint64_t placed_gen;     /* the last of these: ownership, since when, */
	ha_time placed_at;       /* and its run on the owner before */
	uint64_t placed_run;
	uint32_t breaks[SIM_BREAK_COUNT][HA_HOSTS_MAX]; /* times it will fail */
};

#endif
