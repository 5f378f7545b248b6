/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * whatif_priv.h - one world of a what-if; for whatif*.c alone.
 */
#ifndef HA_SIM_WHATIF_PRIV_H
#define HA_SIM_WHATIF_PRIV_H

#include "sim/run_priv.h"
#include "sim/whatif.h"

#define BASE_PATIENCE HA_S(300) /* until the cluster rests before the steps */

struct starts { /* of one host, so far */
	uint32_t wave, count; /* in that one */
};

struct whatif {
	const struct ha_whatif *w;
	struct sim_run run;
	ha_hostset *ran;          /* owned; where a VM ran, by its number */
	size_t ran_count;
	ha_hostset killed;
	bool counts;              /* the steps have begun */
	bool owner_given;         /* to some VM */
	ha_time from, changed;    /* first step; last change seen */
	ha_time proven[HA_HOSTS_MAX];
	struct starts starts[HA_HOSTS_MAX];
	uint32_t *wave;           /* owned, by the VM's number; 0: not started */
	ha_time *asked;           /* owned */
	bool *makes_room;         /* owned; it was stopped for another one */
	uint32_t *after;          /* owned; a wave that it waited for */
};

struct started { /* a cluster that was only a configuration */
	struct ha_whatif w;
	struct ha_state *state; /* owned */
	struct ha_replica_base base;
};

/* whatif.c */
void whatif_init(struct whatif *f, const struct ha_whatif *w, uint64_t seed,
		 struct ha_buf *out);
void whatif_fini(struct whatif *f);
struct ha_state *whatif_copy_state(const struct ha_state *from);
bool whatif_rests(const struct whatif *f);
/* NULL: no hacd is left. */
const struct ha_core *whatif_asked_core(const struct whatif *f);
enum ha_sim_verdict whatif_play(struct whatif *f, struct ha_scn_step *st,
				size_t count, const struct ha_scenario *of);

/* whatif_tell.c */
void whatif_tell(struct whatif *f, struct ha_whatif_result *r);

/* whatif_start.c: all hosts start, and the coordinator plans where all VMs go:
 * to start them one wave after the other would lead to the same. False: out
 * says why they cannot. */
bool whatif_start_cluster(const struct ha_whatif *w, struct started *ret,
			  struct ha_buf *out);

#endif
