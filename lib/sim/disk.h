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

#include "base/limits.h"
#include "core/action.h"
#include "sim/pend.h"

enum sim_disk_mode {
	SIM_DISK_OK,
	SIM_DISK_FAILING, /* writes fail */
	SIM_DISK_FULL,    /* what still has room of a write is there */
	SIM_DISK_SLOW
};

struct sim_disk_op {
	struct sim_disk_op *next;
	struct ha_persist op;    /* its entries are owned */
	struct ha_state *state;  /* owned */
};

struct sim_version { /* of the configuration, that was in force here */
	uint64_t version;
	uint32_t body;
};

struct sim_disk {
	bool damaged;
	struct ha_replica_base base;
	struct ha_replica_meta meta;
	struct ha_state *state;  /* owned; NULL none */
	struct ha_entry *entries; /* owned, from base.index + 1 on */
	size_t count, size;
	uint32_t *bodies;        /* owned; numbers of those held */
	size_t body_count;
	struct sim_version versions[HA_CONFIGS_KEPT]; /* oldest first */
	size_t version_count;
	struct sim_disk_op *first, *last; /* not yet durable */
	ha_time free_at;
	enum sim_disk_mode mode;
	bool failed;             /* a write did: all do until hacd starts anew,
				  * which it does when there is room again */
	ha_dur latency;          /* at most, of one operation */
};

void sim_disk_set(struct sim *s, ha_hostid host, enum sim_disk_mode mode);
void sim_disk_persist(struct sim *s, ha_hostid host,
		      const struct ha_action *a);
/* The agent is gone; what it had in hand is done in part. */
void sim_disk_drop(struct sim *s, ha_hostid host);
/* A new, empty disk. */
void sim_disk_wipe(struct sim *s, ha_hostid host);
bool sim_disk_holds(const struct sim_disk *d, uint32_t body);
void sim_disk_keep(struct sim_disk *d, uint32_t body);
/* That version is in force here now; the oldest beyond the limit goes. */
void sim_disk_note_version(struct sim_disk *d, const struct sim_version *v);
/* NULL: it is not kept here. Borrowed until the next one. */
const struct sim_version *sim_disk_version(const struct sim_disk *d,
					   uint64_t version);
void sim_disk_fini(struct sim_disk *d);

#endif
