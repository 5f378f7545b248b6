/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * world.h - replica-swarm's world, and what its files do for each other.
 */
#ifndef HA_SWARM_WORLD_H
#define HA_SWARM_WORLD_H

#include "base/rand.h"
#include "node.h"

#define COMMITS 20000
#define EPOCHS 4096
#define TOKEN HA_S(1)

enum toy { TOY_VALUE = 1, TOY_ADMIT, TOY_DOWN, TOY_BREAK };

struct toy_data { /* of an entry */
	uint64_t kind;  /* enum toy */
	uint64_t value; /* or the boot admitted */
};

struct world {
	uint64_t seed;
	bool traced;
	struct ha_rand rand;
	ha_time now;
	unsigned n;
	struct node node[NODES];
	uint64_t view_ids;
	ha_time reform_at;
	ha_hostid tie;
	bool calm;
	unsigned crash_odds;
	uint64_t boots, values;
	struct { uint64_t epoch, hash; } commits[COMMITS];
	uint64_t commit_max;
	struct { uint64_t number; ha_hostid by; uint64_t view; } epochs[EPOCHS];
	size_t epoch_count;
	void **arena;
	size_t arena_count, arena_room;
	bool failed;
	uint64_t steps, opens, smalls, installs, leaves;
};

/* world.c; what keep() gives lives as long as the world */
void *keep(struct world *w, size_t size);
void trace(const struct world *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void fail(struct world *w, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
uint64_t below(struct world *w, uint64_t n);
void check_epoch(struct world *w, struct node *n, const struct ha_epoch *e);
void do_commit(struct world *w, struct node *n, const struct ha_entry *e);
void do_install(struct world *w, struct node *n);

/* store.c */
void lose_writes(struct world *w, struct node *n, bool power);
void do_persist(struct world *w, struct node *n, const struct ha_persist *p);
void finish_write(struct world *w, struct node *n);

/* node.c */
void push_input(struct world *w, struct node *n, const struct input *in);
void stop_node(struct world *w, struct node *n, bool power);
void start_node(struct world *w, struct node *n);
bool drain(struct world *w, struct node *n); /* false: it stopped meanwhile */
void run_step(struct world *w, struct node *n, const struct ha_rev *ev);
ha_time node_due(const struct world *w, const struct node *n);
void run_node(struct world *w, struct node *n);

/* toy.c */
void run_app(struct world *w, struct node *n);

/* view.c */
void reform_soon(struct world *w);
void reform(struct world *w);

/* fault.c */
void one_fault(struct world *w);

#endif
