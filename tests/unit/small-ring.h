/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * small-ring.h - a handful of replicas for unit tests: views are given by hand,
 * disks are quick unless held, messages go to all of a view in one order.
 * Hosts are named by their digits: "123".
 */
#ifndef HA_UNIT_SMALL_RING_H
#define HA_UNIT_SMALL_RING_H

#include <check.h>

#include "replica/replica.h"

#define RING_HOSTS 5
#define RING_QUEUE 4096
#define RING_VALUES 512

struct ring_host {
	bool up;
	void *mem;
	struct ha_replica *r;
	ha_bootid boot;
	bool passive;
	bool damaged; /* its store, when it boots */
	struct ha_replica_base base; /* this and what follows: on disk */
	struct ha_replica_meta meta;
	struct ha_entry entries[RING_VALUES];
	size_t count;
	bool disk_held; /* nothing gets to the disk, no result comes */
	bool disk_bad;
	bool deaf;      /* hears nothing more of this view */
	bool bodies;    /* has every body it asks for */
	uint32_t level_min, level; /* 0: the first */
	uint64_t asked; /* bodies asked for */
	uint64_t values[RING_VALUES]; /* committed, by index */
	uint64_t index;
	uint64_t state[RING_VALUES]; /* of the last SNAPSHOT received */
	uint64_t state_index;
	bool open;
	char note[HA_TEXT_MAX + 1]; /* the last one */
};

struct ring {
	struct ring_host host[RING_HOSTS + 1];
	ha_time now;
	uint64_t view; /* the last given */
	ha_bootid boots;
	uint32_t log_max; /* of those that boot from now on; 0: the limit */
	struct ha_rmsg queue[RING_QUEUE]; /* sent, not yet heard */
	struct ha_entry *bodies[RING_QUEUE];
	struct { uint64_t values[RING_VALUES]; } *states[RING_QUEUE];
	size_t head, tail;
	uint64_t view_of[RING_HOSTS + 1];
};

extern struct ring *ring; /* of the running test */

/* Fixtures. */
void ring_setup(void);
void ring_teardown(void);

ha_hostset ring_set_of(const char *ids);
void ring_boot(const char *ids);
void ring_power_off(const char *ids);
/* These have a view of their own from now on. */
void ring_view(const char *ids);
void ring_no_quorum(const char *ids);
/* A running cluster of these, host 1 first; value 1 is committed. */
void ring_make_cluster(const char *ids);

/* An event at one host, and all that comes of it there. */
void ring_step(ha_hostid id, struct ha_rev *ev);
/* After a call of the replica that is no step. */
void ring_drain(ha_hostid id);
/* A message reaches all of its view; slot: of a SNAPSHOT's state. */
void ring_deliver(const struct ha_rmsg *m, size_t slot);
/* All that was sent is heard. */
void ring_flush(void);
void ring_run_ms(int ms);

ha_hostid ring_coordinator(void);
struct ha_entry ring_fact(uint32_t effect, ha_hostid host, uint64_t value);
/* By the coordinator: what ha_replica_propose said. */
int ring_propose(uint32_t effect, ha_hostid host, uint64_t value);
void ring_admit(const char *ids);
/* Has it committed that value? */
bool ring_has(ha_hostid id, uint64_t value);

#endif
