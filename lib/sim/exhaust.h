/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exhaust.h - every order of events of a small cluster, with crashes at every
 * place, to a depth; the oracle looks after each.
 *
 * A message, a disk, an agent take no time, all else ends at a multiple of a
 * tenth of a second: at each moment many things are due at once, and each may
 * be the next, but for what one stream brings to one host in order. Time goes
 * on when nothing is due. States in which each host has lived through the same,
 * by whatever order of the whole, are one; and, unless told otherwise, so are
 * those that differ in the names of hosts and VMs that stand alike. What was
 * lived through is told by sums of 64 bits: two that are equal by chance would
 * hide a state.
 *
 * At the end of each path everything heals, and every VM has to run again.
 */
#ifndef HA_SIM_EXHAUST_H
#define HA_SIM_EXHAUST_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"

#define EXHAUST_HOSTS_MAX 3
#define EXHAUST_VMS_MAX 2
#define EXHAUST_DEPTH_MAX 400

struct ha_exhaust_options {
	uint32_t hosts, vms; /* 2 or 3; 1 or 2 */
	uint32_t depth;      /* events on a path */
	uint32_t faults;     /* crashes on a path, at most */
	bool no_fold;        /* of names */
};

struct ha_exhaust_result {
	uint64_t states, transitions;
	uint64_t again;      /* transitions to a state that was known */
	uint64_t ends;       /* paths that ended at the depth */
	bool failed;
	bool full;           /* there was no room for all states */
};

/* out: for failed, the path. scenario: for failed, the same story as far as
 * the scenario language can tell it, for the cluster of ha_exhaust_config. */
struct ha_exhaust_result ha_sim_exhaust(const struct ha_exhaust_options *o,
					struct ha_buf *out,
					struct ha_buf *scenario);
/* Its cluster.xml, appended. */
void ha_exhaust_config(const struct ha_exhaust_options *o, struct ha_buf *out);

#endif
