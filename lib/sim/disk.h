/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * disk.h - what a host's store holds, and what is on its way there.
 *
 * Operations are done one after the other. When hacd dies (its disk agent with
 * it) or the power goes, what was told durable is there; of the rest some
 * first part is, the last of it perhaps torn.
 */
#ifndef HA_SIM_DISK_H
#define HA_SIM_DISK_H

#include "core/action.h"
#include "sim/pend.h"

struct sim_disk_op {
	struct sim_disk_op *next;
	struct ha_persist op;    /* its entries are owned */
	struct ha_state *state;  /* owned */
};

struct sim_disk {
	bool damaged;
	struct ha_replica_base base;
	struct ha_replica_meta meta;
	struct ha_state *state;  /* owned; NULL none */
	struct ha_entry *entries; /* owned, from base.index + 1 on */
	size_t count, size;
	uint32_t bodies[16];     /* numbers of the bodies held, oldest first */
	size_t body_count;
	struct sim_disk_op *first, *last; /* not yet durable */
	ha_time free_at;
	bool failing;            /* writes fail */
	bool failed;             /* one did: all do until hacd is restarted */
	ha_dur latency;          /* at most, of one operation */
};

void sim_disk_persist(struct sim *s, ha_hostid host,
		      const struct ha_action *a);
/* The agent is gone; what it had in hand is done in part. */
void sim_disk_drop(struct sim *s, ha_hostid host);
/* A new, empty disk. */
void sim_disk_wipe(struct sim *s, ha_hostid host);
bool sim_disk_holds(const struct sim_disk *d, uint32_t body);
void sim_disk_keep(struct sim_disk *d, uint32_t body);
void sim_disk_fini(struct sim_disk *d);

#endif
