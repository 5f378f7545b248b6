/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replica-swarm - seeded schedules against lib/replica alone.
 *
 * usage: replica-swarm [--seeds A-B] [--trace]
 *
 * A world of 1 to 7 hosts with views as totem gives them (who goes on together
 * has delivered the same; who is cut off a shorter or longer prefix), disks
 * that lose and tear what was not synced, power cuts, hangs, partitions, a
 * tie-breaker, leaves, re-installed and rolled-back stores. The oracle knows
 * all that was ever committed: it must be the same everywhere, for ever. At
 * the end everything heals, and a proposal must commit. Exit status 1 on a
 * failure.
 */
#include <stdio.h>
#include <stdlib.h>

#include "world.h"

#define SAFETY HA_S(60)
#define HEAL HA_S(180)

static bool arg_trace;

static void run_until(struct world *w, ha_time end)
{
	while (!w->failed) {
		struct node *next = NULL;
		ha_time at = w->reform_at;

		for (unsigned i = 0; i < w->n; i++) {
			ha_time due = node_due(w, &w->node[i]);

			if (due < at) {
				at = due;
				next = &w->node[i];
			}
		}
		if (at > end) {
			break;
		}
		w->now = at > w->now ? at : w->now;
		if (next == NULL) {
			reform(w);
		} else {
			run_node(w, next);
		}
	}
	w->now = end > w->now ? end : w->now;
}

static void heal(struct world *w)
{
	trace(w, "everything heals");
	w->calm = true;
	for (unsigned i = 0; i < w->n; i++) {
		w->node[i].group = 0;
		w->node[i].hung = false;
		w->node[i].leaves = false;
		if (!w->node[i].up) {
			start_node(w, &w->node[i]);
		}
	}
	reform_soon(w);
}

/* Every host follows, and what is proposed now commits everywhere. */
static void demand_liveness(struct world *w)
{
	ha_time end = w->now + HEAL;
	uint64_t goal = 0;

	while (w->now < end && !w->failed) {
		bool all = true;

		run_until(w, w->now + HA_S(2));
		for (unsigned i = 0; i < w->n; i++) {
			const struct node *n = &w->node[i];

			all &= ha_replica_epoch(n->r) != NULL &&
			       n->app.index >= goal;
		}
		if (all && goal != 0) {
			return;
		}
		if (all) {
			goal = w->commit_max + 5;
		}
	}
	for (unsigned i = 0; i < w->n; i++) {
		trace(w, "host %u: at %llu, why: %s", w->node[i].id,
		      (unsigned long long)w->node[i].app.index,
		      ha_replica_why(w->node[i].r));
	}
	fail(w, "healed, but no progress (host 1: %s)",
	     ha_replica_why(w->node[0].r));
}

static void birth(struct world *w)
{
	static const struct ha_hash none;
	uint8_t cluster[16] = { 1 };
	struct node *n = &w->node[0];

	for (unsigned i = 0; i < w->n; i++) {
		start_node(w, &w->node[i]);
	}
	if (ha_replica_found(n->r, cluster, &none) != 0) {
		fail(w, "cannot found");
	}
	(void)drain(w, n);
	run_until(w, HA_S(12));
}

static void play(struct world *w)
{
	ha_time next;

	w->n = (unsigned)below(w, NODES) + 1;
	if (below(w, 3) == 0) { /* halves are where it is hard */
		w->n = below(w, 2) == 0 ? 4 : 2;
	}
	w->tie = 1;
	w->reform_at = HA_TIME_NEVER;
	w->calm = true;
	for (unsigned i = 0; i < w->n; i++) {
		w->node[i].id = i + 1;
		w->node[i].mem = aligned_alloc(16,
				(ha_replica_size() + 15) / 16 * 16);
	}
	birth(w);
	w->calm = false;
	w->crash_odds = below(w, 2) == 0 ? 0 : 100 + (unsigned)below(w, 2000);
	for (next = w->now; w->now < HA_S(12) + SAFETY && !w->failed;) {
		next = w->now + HA_MS(below(w, 3000));
		run_until(w, next);
		one_fault(w);
	}
	if (!w->failed) {
		heal(w);
		demand_liveness(w);
	}
	for (unsigned i = 0; i < w->n; i++) {
		free(w->node[i].mem);
	}
}

static bool run_seed(uint64_t seed, uint64_t totals[6])
{
	struct world *w = calloc(1, sizeof(*w));
	bool ok;

	if (w == NULL) {
		abort();
	}
	w->seed = seed;
	w->traced = arg_trace;
	w->rand.state = seed;
	play(w);
	ok = !w->failed;
	totals[0] += w->steps;
	totals[1] += w->opens;
	totals[2] += w->smalls;
	totals[3] += w->installs;
	totals[4] += w->commit_max;
	totals[5] += w->leaves;
	for (size_t i = 0; i < w->arena_count; i++) {
		free(w->arena[i]);
	}
	free(w->arena);
	free(w);
	return ok;
}

int main(int argc, char **argv)
{
	unsigned long long from = 1, to = 200, failed = 0;
	uint64_t totals[6] = { 0 };

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--trace") == 0) {
			arg_trace = true;
		} else if (strcmp(argv[i], "--seeds") != 0 || i + 1 == argc ||
			   sscanf(argv[++i], "%llu-%llu", &from, &to) != 2) {
			fprintf(stderr, "usage: replica-swarm [--seeds A-B] "
				"[--trace]\n");
			return 2;
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned long long s = from; s <= to; s++) {
		failed += !run_seed(s, totals);
	}
	printf("seeds %llu-%llu: %llu failed; %llu steps, %llu epochs (%llu "
	       "small), %llu installs, %llu commits, %llu leaves\n", from, to, failed,
	       (unsigned long long)totals[0], (unsigned long long)totals[1],
	       (unsigned long long)totals[2], (unsigned long long)totals[3],
	       (unsigned long long)totals[4], (unsigned long long)totals[5]);
	return failed == 0 ? 0 : 1;
}
