/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * simulate.h - hactl simulate: the cluster as hacd knows it, taken into the
 * simulated world.
 */
#ifndef HACTL_SIMULATE_H
#define HACTL_SIMULATE_H

#include "whatif.h"
#include "wire/disk.h"

/* The arguments are the question's words. */
int hactl_simulate(struct hactl *h, enum ha_question_kind kind)
	__attribute__((warn_unused_result));
/* Fills what hacd's answer to "snapshot" tells: all but the configuration and
 * corosync's way with quorum, of which two hosts are taken for two_node. The
 * cluster borrows from the store, which the caller ends. */
int hactl_simulate_take(const json_t *answer, struct ha_disk_store *ret_store,
			struct ha_whatif *ret_cluster)
	__attribute__((warn_unused_result));

#endif
