/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan.h - one random story, drawn from a seed as a whole before anything
 * runs: a cluster and what becomes of it, as lines of a scenario. So it can be
 * told in the scenario language, and what does not matter can be left out.
 *
 * No memory beside the struct. Same seed, same plan.
 */
#ifndef HA_SIM_PLAN_H
#define HA_SIM_PLAN_H

#include "base/buf.h"
#include "base/ids.h"
#include "base/rand.h"
#include "base/time.h"

#define PLAN_HOSTS_MAX 16
#define PLAN_SPARES_MAX 2
#define PLAN_VMS_MAX 200
#define PLAN_LINES_MAX 600
#define PLAN_VARIANTS 4 /* configurations beside the first */

struct sim_plan_vm {
	bool out;      /* left out of the cluster */
	bool stopped;  /* wanted so at first */
	uint32_t priority;
	bool restarts_itself, stops_with_host;
	uint32_t stop_timeout_s;
};

struct sim_plan_line {
	ha_dur at;      /* since the cluster runs */
	uint32_t group; /* lines of one group go together; 0: alone */
	bool out;
	char text[160];
};

struct sim_plan {
	uint64_t seed;     /* what it was drawn from */
	uint64_t run_seed; /* of the world that it is run in */
	/* the cluster */
	uint32_t host_count, vm_count;
	ha_hostset hosts;  /* that are not left out */
	uint32_t spares;   /* machines beside it, numbered after its hosts */
	struct sim_plan_vm vms[PLAN_VMS_MAX];
	uint32_t vm_memory_mib;
	uint32_t starts_per_host;
	uint32_t start_wait_s;
	bool power_on;
	bool varied;      /* its configurations have parts (plan_config.h) */
	uint32_t without; /* these parts, and rules, are left out: bits */
	/* corosync and the world */
	uint32_t token_ms, token_coefficient_ms;
	const char *qdevice; /* "", "ffsplit", "lms" */
	bool two_node, wait_for_all, auto_tie_breaker, never_freezes;
	uint32_t disk_us, network_us;
	uint32_t boot_ms[PLAN_HOSTS_MAX + PLAN_SPARES_MAX];
	struct sim_plan_line lines[PLAN_LINES_MAX];
	size_t line_count;
	ha_dur heal_at;    /* when everything heals */
};

/* draw.c */
struct sim_plan_size {
	uint32_t hosts, vms; /* 0: as the seed says */
};

void sim_plan_draw(struct sim_plan *p, uint64_t seed,
		   struct sim_plan_size size);

/* The scenario; its cluster's file is named "seed-N.xml", and variants that
 * an admin applies "seed-N-K.xml". title: what it shows. */
void sim_plan_print(const struct sim_plan *p, const char *title,
		    struct ha_buf *out);
/* The K-th configuration, 0 the first. */
void sim_plan_print_config(const struct sim_plan *p, uint32_t variant,
			   struct ha_buf *out);
void sim_plan_name(const struct sim_plan *p, uint32_t variant, char *ret_name,
		   size_t size);
/* The variant of that name (its folder aside), or UINT32_MAX. */
uint32_t sim_plan_variant(const struct sim_plan *p, const char *name);
/* Does the line speak of that host or VM? */
bool sim_plan_line_speaks(const struct sim_plan_line *l, const char *name);

#endif
