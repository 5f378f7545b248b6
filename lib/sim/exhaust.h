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
#include "base/time.h"

#define EXHAUST_HOSTS_MAX 3
#define EXHAUST_VMS_MAX 2
#define EXHAUST_DEPTH_MAX 400
#define EXHAUST_FAULTS_MAX 4

/* What has just happened to a cluster at rest where the search begins; name,
 * the line of a scenario. v1 runs on h2, h1 coordinates. */
#define HA_EXHAUST_FROM_LIST(X)                   \
	X(REST, "rest", "")                       \
	X(LOSS, "loss", "kill h2")                \
	X(MOVE, "move", "try hactl vm move v1 h1")

enum ha_exhaust_from {
#define X(id, name, line) HA_EXHAUST_##id,
	HA_EXHAUST_FROM_LIST(X)
#undef X
	HA_EXHAUST_FROM_COUNT
};

struct ha_exhaust_options {
	uint32_t hosts, vms; /* 2 or 3; 1 or 2 */
	enum ha_exhaust_from from;
	uint32_t depth;      /* events on a path */
	uint32_t faults;     /* on a path, at most */
	bool no_fold;        /* of names */
	bool between;        /* no faults but hacd dying between two actions */
};

struct ha_exhaust_deed { /* what was done to the cluster */
	ha_dur at;     /* since it was at rest */
	char line[40]; /* of a scenario */
};

struct ha_exhaust_result {
	uint64_t states, transitions;
	uint64_t again;      /* transitions to a state that was known */
	uint64_t between;    /* of hacd, dying between two actions */
	uint64_t ends;       /* paths that ended at the depth */
	bool failed;
	bool full;           /* there was no room for all states */
	struct ha_exhaust_deed deeds[EXHAUST_FAULTS_MAX + 1]; /* of failed */
	size_t deed_count;
};

const char *ha_exhaust_from_name(enum ha_exhaust_from from);
/* out: for failed, the promise that was broken, and the path. */
struct ha_exhaust_result ha_sim_exhaust(const struct ha_exhaust_options *o,
					struct ha_buf *out);

/* exhaust_story.c: its cluster.xml; and what was done, as a scenario for that
 * cluster in "exhaust.xml". An order of events cannot be told in one: of the
 * variants, one for each number, in which the world is a little faster or
 * slower, some may come to the same. Both are appended. */
void ha_exhaust_config(const struct ha_exhaust_options *o, struct ha_buf *out);
void ha_exhaust_story(const struct ha_exhaust_options *o,
		      const struct ha_exhaust_result *r, uint32_t variant,
		      struct ha_buf *out);

#endif
