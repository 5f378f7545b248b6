/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pool.h - what the files that decide about VMs are for each other: vm.c goes
 * through all VMs, start.c gives owners, and pool.c shows lib/policy hosts and
 * VMs. All on the coordinator, in rounds that begin with pool_fill.
 */
#ifndef HA_CORE_POOL_H
#define HA_CORE_POOL_H

#include "core/core_priv.h"

/* vm.c */
void vm_decide(struct ha_core *c); /* a round */
void wait_because(struct vm_soft *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void stop_vm(struct ha_core *c, struct vm *vm, enum ha_why why);
struct ha_fact vm_fact(enum ha_fact_kind kind, const struct vm *vm);

/* pool.c: the cluster as lib/policy sees it, filled for each round */
size_t pool_layout(uint32_t vms_max); /* bytes of a planner, at most */
void pool_fill(struct ha_core *c); /* VMs as in c->vms */
/* For admission: as if config, whose VMs it has, were in force. `wanted` are
 * those that run nowhere and are to, or whose host is lost. */
void pool_fill_config(struct ha_core *c, const struct ha_config *config);
void pool_changed(struct ha_core *c); /* after a change of it by hand */
struct ha_pool_host *pool_host(struct ha_core *c, ha_hostid id);
/* One more VM starts there, and on its datastores. */
void pool_note_start(struct ha_core *c, const struct vm *vm,
		     struct ha_pool_host *host);
struct ha_planner *pool_planner(struct ha_core *c);
/* A host for one VM that runs or not, or none and why: of HA_TEXT_MAX + 1. */
ha_hostid pool_find(struct ha_core *c, uint32_t vm,
		    const struct ha_choose_how *how, char *ret_missing);
void pool_say_missing(const struct ha_config *config,
		      const struct ha_pool_vm *vm,
		      const struct ha_explain *nearest, char *ret);
struct ha_explain pool_nearest(const struct ha_recovery_miss *m);

/* admission.c: would the cluster still take the failures that it has to? */
struct admission_change { /* one of these */
	const struct ha_vm_conf *vm; /* of the current configuration: it runs */
	ha_hostid host;              /* there; 0: anywhere */
	ha_hostset leaving;          /* hosts that are to be emptied */
	const struct ha_config *config; /* it is in force */
};
/* Why not, or what the cluster is short of if it goes on: "" nothing. */
bool admission_allows(struct ha_core *c, const struct admission_change *change,
		      char ret_why[HA_TEXT_MAX + 1]);

/* correct.c: one VM to where fewer rules are broken, if all is quiet */
void correct_rules(struct ha_core *c);
bool correct_may_begin(struct ha_core *c);
/* When it may, if nothing comes between, and why not now; 0: it may. */
ha_time correct_waits(const struct ha_core *c, char ret_why[HA_TEXT_MAX + 1]);
/* home.c: one VM back to where it ran before its host was lost */
void home_note_usable(struct ha_core *c); /* in each round */
void home_fail_back(struct ha_core *c);

/* start.c: VMs without owner; begin, consider each, then start */
void start_begin(struct ha_core *c, ha_hostid joiner);
void start_consider(struct ha_core *c, struct vm *vm);
void start_waiting(struct ha_core *c);

#endif
