/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * node.h - a host of replica-swarm's world: its disk, its view, its inbox.
 */
#ifndef HA_SWARM_NODE_H
#define HA_SWARM_NODE_H

#include "replica/replica.h"

#define NODES 7
#define INBOX 4096
#define WRITES 64

struct app { /* the toy state machine */
	uint64_t index;
	uint64_t hash;
	uint64_t boots[NODES]; /* admitted */
};

struct store {
	bool damaged;
	struct ha_replica_base base;
	struct ha_replica_meta meta;
	struct app app; /* of the snapshot */
	struct ha_entry entries[HA_LOG_ENTRIES_MAX / 8];
	size_t count;
};

struct write { /* not yet synced */
	struct ha_persist op;
	struct ha_entry *entries; /* owned by the arena */
	struct app app;
	ha_time done;
};

struct message {
	struct ha_rmsg m;
	struct app app; /* SNAPSHOT */
};

struct view {
	uint64_t id;
	ha_hostset members;
	struct message **log; /* in delivery order */
	size_t count, room;
};

enum input_kind { IN_VIEW, IN_MESSAGE, IN_PERSISTED, IN_BODY };

struct input {
	enum input_kind kind;
	uint64_t id; /* view or seq */
	ha_hostset members;
	bool ok;
	const struct message *msg;
	struct ha_hash body;
};

struct node {
	ha_hostid id;
	bool up, hung;
	ha_time hung_until;
	uint64_t boot;
	unsigned group;
	bool leaves;    /* it wants to leave, or has left */
	bool may_leave; /* and its store knows */
	void *mem;
	struct ha_replica *r;
	struct app app;
	const struct message *snapshot; /* last received */
	struct store disk;
	struct store old; /* an earlier image */
	bool have_old;
	struct write writes[WRITES];
	size_t write_count;
	struct view *view;
	size_t delivered; /* of view->log */
	ha_time next_delivery;
	struct input inbox[INBOX];
	size_t in_head, in_tail;
	ha_hostset bodies_lo; /* bit per body number 0..63, durable */
	struct ha_hash want;
	ha_time want_at;
	ha_time next_app;
};

#endif
