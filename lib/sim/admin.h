/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * admin.h - one line of hactl in a scenario, on its way to be a command;
 * between admin*.c.
 */
#ifndef HA_SIM_ADMIN_H
#define HA_SIM_ADMIN_H

#include "sim/run_priv.h"

#define ASK_ARGS_MAX 8

struct ask {
	struct sim_run *run;
	const struct ha_scn_step *step;
	const struct admin_verb *verb;
	const char *args[ASK_ARGS_MAX]; /* those that are no options */
	size_t arg_count;
	ha_hostid host;        /* asked on this one */
	struct ha_command cmd;
	struct ha_buf why;     /* owned; refused by hactl itself */
};

/* The value of --name=VALUE or --name VALUE; NULL if it is not there. */
const char *ask_option(const struct ask *a, const char *name);

/* Each makes cmd, or says why not. */
void ask_config_apply(struct ask *a);
void ask_config_rollback(struct ask *a);
void ask_cluster_create(struct ask *a);
void ask_host_add(struct ask *a);
void ask_host_remove(struct ask *a);
void ask_vm_add(struct ask *a);
void ask_vm_set(struct ask *a);
void ask_vm_remove(struct ask *a);
/* No command: says why not where a VM that is to run would not. */
void ask_simulate(struct ask *a);

/* Before the run: makes the VMs of a file known, so that the story may speak
 * of them; says in `why` if the file cannot be read or is refused. */
void ask_know_config(struct ask *a, const char *file);
void ask_know_domain(struct ask *a, const char *file);

#endif
