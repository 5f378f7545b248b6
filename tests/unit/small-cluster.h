/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * small-cluster.h - a simulated cluster of three for unit tests of lib/core:
 * what no scenario can do to it is done by its world's own functions. The
 * oracle watches until small.sim->oracle.off.
 */
#ifndef HA_UNIT_SMALL_CLUSTER_H
#define HA_UNIT_SMALL_CLUSTER_H

#include "conf/edit.h"
#include "core/view.h"
#include "sim/world.h"

#define SMALL_CLUSTER 3
#define SMALL_CONFIGS 24

extern struct small_cluster {
	struct sim *sim;
	struct ha_config *configs[SMALL_CONFIGS]; /* all that were read */
	struct ha_buf texts[SMALL_CONFIGS];
	size_t config_count;
} small;

typedef int (*small_edit_fn)(const struct ha_conf_edit *edit,
			     struct ha_conf_errors *errors,
			     struct ha_buf *ret_text);

/* Fixtures: a running cluster of tests/scenario/three-hosts.xml. */
void small_set_up(void);
void small_tear_down(void);

/* Configurations are kept until the end of the test. A file in the tree: */
struct ha_config *small_read_config(const char *name);
/* Takes the text. */
struct ha_config *small_keep_config(struct ha_buf *text);
/* The last one without one of its hosts or VMs. */
struct ha_config *small_without(small_edit_fn fn, const char *name);

/* Hosts of a configuration, all known to all, and no cluster yet. */
void small_power_on(const struct ha_config *config);
/* first: a VM of it that is to run. */
void small_create_cluster(const struct ha_config *config, const char *first);

void small_run_for(ha_dur time);
void small_run_until(const struct ha_config *config, const char *name,
		     enum ha_vm_shown shown);
/* An event at one host now. */
void small_step(ha_hostid host, struct ha_event *ev);

/* What a command is answered; check: at host 1, with this in its text. */
struct ha_answer small_tell(ha_hostid host, const struct ha_command *cmd);
void small_check_told(const struct ha_command *cmd, int code,
		      const char *says);
void small_apply(const struct ha_config *config, int code, const char *says);

/* A VM, as host 1 sees it; its UUID; its number in the world. */
struct ha_vm_view small_see(const struct ha_config *config, const char *name);
struct ha_uuid small_uuid_of(const struct ha_config *config, const char *name);
uint32_t small_number_of(const struct ha_config *config, const char *name);

#endif
