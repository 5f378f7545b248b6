/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run_priv.h - one run of a scenario, between run*.c, admin*.c and
 * whatif.c.
 */
#ifndef HA_SIM_RUN_PRIV_H
#define HA_SIM_RUN_PRIV_H

#include "sim/run.h"
#include "sim/world.h"

#define RUN_BODIES_MAX 128
#define RUN_REMOVALS_MAX 16

struct run_begun { /* a step */
	ha_time at;
	size_t log; /* how much was logged before it */
};

struct run_removal { /* of a host, asked for and not waited for */
	uint64_t id; /* of the command */
	ha_hostid host;
};

struct sim_run {
	const struct ha_scenario *sc;
	const struct ha_sim_options *options;
	struct sim *sim;
	struct sim_recording recording;
	struct ha_config *configs[RUN_BODIES_MAX]; /* owned */
	struct ha_buf texts[RUN_BODIES_MAX];       /* owned */
	size_t config_count;
	const struct ha_config *first; /* of the scenario's cluster file */
	struct run_removal removals[RUN_REMOVALS_MAX]; /* a ring */
	size_t removal_count;
	bool created;
	bool disarmed; /* from its birth on: no VM is started */
	size_t done;  /* steps, the last perhaps in part */
	struct run_begun *begun; /* owned; of those */
	bool failed;
	char why[HA_SIM_WHY_MAX + 1];
	struct ha_buf *out;
};

/* Looks whether all steps of r->sc can be done, then does them. */
enum ha_sim_verdict run_steps(struct sim_run *r);
/* Says what was true instead at a step, and what led there; the run is over. */
void run_fail(struct sim_run *r, const struct ha_scn_step *step,
	      const char *fmt, ...) __attribute__((format(printf, 3, 4)));
ha_hostid run_host(const struct sim_run *r, const char *name);
/* "all" are those of the scenario's cluster file. */
ha_hostset run_hosts(const struct sim_run *r, const struct ha_scn_list *l);
uint32_t run_vm(const struct sim_run *r, const char *name);
/* The host that is asked: the lowest with an open epoch, else the lowest with
 * a hacd; 0: none. */
ha_hostid run_asked(const struct sim_run *r);
/* Reads and keeps one; why it cannot be done goes to `why`. */
const struct ha_config *run_read_config(struct sim_run *r, const char *path,
					struct ha_buf *why);
/* Keeps a configuration for the run, by its hash; NULL: no room. */
const struct ha_config *run_keep(struct sim_run *r, struct ha_config *config,
				 struct ha_buf *text);
const struct ha_buf *run_text_of(const struct sim_run *r,
				 const struct ha_hash *hash);

bool run_cond_holds(struct sim_run *r, const struct ha_scn_cond *c);
/* What is true of what the condition speaks of. */
void run_cond_tell(struct sim_run *r, const struct ha_scn_cond *c,
		   struct ha_buf *out);
/* A step that is done to hosts, their network, devices, programs, guests. */
void run_fault(struct sim_run *r, const struct ha_scn_step *step);
/* Another hac is installed, and hacd restarted if it runs. */
void run_upgrade(struct sim *s, ha_hostid host, uint32_t since, uint32_t level);
/* "heal HOST,..." and "heal all". */
void run_heal(struct sim_run *r, const struct ha_scn_step *step,
	      ha_hostset hosts);
void run_heal_net(struct sim *s);
/* Before the run: can each step be done? All that is wrong goes to r->out. */
bool run_check(struct sim_run *r);
bool run_hactl_check(struct sim_run *r, const struct ha_scn_step *step,
		     struct ha_buf *why);
/* An answer came: corosync is told of hosts that were removed. */
void run_answered(ha_hostid host, const struct ha_action *a, void *run);
void run_hactl(struct sim_run *r, const struct ha_scn_step *step);
/* What the hosts decided, by step and object; what several say of one thing
 * stands there once, and without a time: the trace that a story is known by. */
void run_tell_decisions(const struct sim_run *r, struct ha_buf *out);
/* What the log has about each host and VM that is named in one of the texts,
 * with times; of a long story its end. */
void run_tell_about(const struct sim_run *r, const char *text,
		    const char *other_text, struct ha_buf *out);

#endif
