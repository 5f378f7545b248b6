/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bent-core.h - the core of host 1 of a small cluster, which coordinates it,
 * bent by hand between two steps and asked: for what no event leads to soon,
 * or not yet. It must be put back before the world goes on.
 *
 * Call order: small_set_up, bent_save, then bend, ask, bent_restore, again.
 */
#ifndef HA_UNIT_BENT_CORE_H
#define HA_UNIT_BENT_CORE_H

#include "core/rules.h"

extern struct ha_core *bent;

/* The fixtures of small-cluster.h, a while later, and this. */
void bent_set_up(void);
void bent_tear_down(void);

void bent_restore(void);
/* What the next call puts out is all there is. */
void bent_listen(void);
/* How often it told a decision since. */
size_t bent_told(void);
/* The last thing it told; NULL nothing. */
const struct ha_trace *bent_last_trace(void);
/* Its text; "" nothing. */
const char *bent_last_told(void);
/* The last fact that it proposed. */
struct ha_fact bent_last_fact(void);
/* What it answered a command; NULL: nothing yet. */
const struct ha_answer *bent_answer(void);
/* The first VM that the host owns, as an index. */
uint32_t bent_vm_of(ha_hostid owner);
/* bent_set_up, and the first VM that this host owns. */
uint32_t bent_set_up_vm(struct ha_vm_state **ret_state,
			struct vm_soft **ret_soft);

/* What it only reads by itself; a VM by its index. */
struct ha_config *bent_config(void);
struct ha_vm_conf *bent_conf(uint32_t vm);
struct ha_vm_state *bent_state(uint32_t vm);
struct vm_soft *bent_soft(uint32_t vm);

/* Exactly half of the voters are here, and this one not: its proof comes
 * first. It must be one that no epoch had so far. */
void bent_halve(ha_hostid absent);
/* No fact is taken any more in this step. */
void bent_fill(void);

#endif
