/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * aside.h - VMs over which hacd crashed. One whose handling makes hacd crash
 * must not take the cluster down, from one coordinator to the next.
 *
 * Each hacd tells the others over which VM it crashed. With the second crash
 * over one, of the same host or of two, it is set aside by a committed fact:
 * from then on no host decides about it, and what runs is left running. Until
 * then who knows of a crash waits for the word of all others, and tries again
 * if it was the only one; what would be decided alike everywhere shows with one
 * crash of each. "hactl vm reset" makes it a VM like the others, and crashes
 * before that count no more.
 */
#ifndef HA_CORE_ASIDE_H
#define HA_CORE_ASIDE_H

#include "core/core_priv.h"

/* What is decided between them is about this VM; of the tables' index i. */
void aside_begin(struct ha_core *c, uint32_t i);
void aside_end(struct ha_core *c);
/* Is nothing to be decided about it, now or for good? */
bool aside_leaves(const struct ha_core *c, uint32_t i);
/* Of one that is left: says why, and makes the coordinator set it aside. */
void aside_decide(struct ha_core *c, const struct vm *vm);
/* One that runs on the host, if nothing else of ours is left there; else NULL. */
const struct vm_soft *aside_keeps(const struct ha_core *c, ha_hostid host);
/* What this host's own crash is, as the others are to know it. */
struct ha_crash aside_own(const struct ha_core *c);

#endif
