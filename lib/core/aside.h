/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * aside.h - VMs and hosts over which hacd crashed. What makes hacd crash when it
 * is decided about must not take the cluster down, from one coordinator to the
 * next.
 *
 * Each hacd tells the others over what it crashed. With the second crash over a
 * VM, of the same host or of two, it is set aside by a committed fact: from then
 * on no host decides about it, and what runs is left running. Until then who
 * knows of a crash waits for the word of all others, and tries again if it was
 * the only one; what would be decided alike everywhere shows with one crash of
 * each. "hactl vm reset" makes it a VM like the others, and crashes before that
 * count no more.
 *
 * A host is left alone in the same way, neither admitted nor fenced, but only
 * while the crashes count (HA_CRASH_WINDOW_S): what its VMs wait for must come by
 * itself. An admin can prove it down meanwhile.
 */
#ifndef HA_CORE_ASIDE_H
#define HA_CORE_ASIDE_H

#include "core/core_priv.h"

/* What is decided between them is about this VM; of the tables' index i. */
void aside_begin(struct ha_core *c, uint32_t i);
void aside_begin_host(struct ha_core *c, ha_hostid host);
void aside_end(struct ha_core *c);
/* Is nothing to be decided about it, now or for good? */
bool aside_leaves(const struct ha_core *c, uint32_t i);
bool aside_leaves_host(const struct ha_core *c, ha_hostid host);
/* Before a host is decided about: false if it is left alone. The coordinator
 * tells of that. */
bool aside_decides_host(struct ha_core *c, ha_hostid host);
/* Is it left alone for a while? On which hosts hacd crashed over it. */
bool aside_left_alone_by(const struct ha_core *c, ha_hostid host,
			 char *ret_names, size_t size);
/* Crashes of this host that count no more are told. */
void aside_run(struct ha_core *c);
/* Of one that is left: says why, and makes the coordinator set it aside. */
void aside_decide(struct ha_core *c, const struct vm *vm);
/* One that runs on the host, if nothing else of ours is left there; else NULL. */
const struct vm_soft *aside_keeps(const struct ha_core *c, ha_hostid host);
/* What this host's own crash is, as the others are to know it. */
struct ha_crash aside_own(const struct ha_core *c);

#endif
