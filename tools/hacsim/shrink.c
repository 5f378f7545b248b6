/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A seed that failed, made as small as it gets. */
#include "hacsim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "attempt.h"
#include "sim/shrink.h"
#include "sim/swarm.h"

#define TRIES_MAX 1500

struct shrinking {
	struct hacsim_attempt *attempt;
	const char *why; /* the first failure */
};

static void run_plan(struct hacsim_attempt *a, const void *plan)
{
	struct ha_swarm_result r;
	struct ha_buf out = { 0 };

	ha_sim_swarm(plan, NULL, &r, &out);
	a->held = r.held;
	memcpy(a->why, r.why, sizeof(r.why));
}

static bool fails(const struct sim_plan *plan, void *arg)
{
	struct shrinking *s = arg;

	hacsim_attempt_make(s->attempt, run_plan, plan);
	return hacsim_attempt_failed_like(s->attempt, s->why);
}

static bool write_file(const char *folder, const char *name,
		       const struct ha_buf *text)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (!hacsim_write_file(path, text)) {
		fprintf(stderr, "hacsim: %s: %s\n", path, strerror(errno));
		return false;
	}
	return true;
}

/* ret_name: of the scenario. */
static bool write_plan(const struct sim_plan *p, const char *why,
		       const char *folder, char *ret_name)
{
	struct ha_buf text = { 0 };
	char name[40];
	bool ok = true;

	for (uint32_t i = 0; i <= PLAN_VARIANTS; i++) {
		bool used = i == 0;

		sim_plan_name(p, i, name, sizeof(name));
		for (size_t k = 0; k < p->line_count; k++) {
			used = used || (!p->lines[k].out &&
					strstr(p->lines[k].text, name));
		}
		if (used) {
			ha_buf_clear(&text);
			sim_plan_print_config(p, i, &text);
			ok = write_file(folder, name, &text) && ok;
		}
	}
	ha_buf_clear(&text);
	sim_plan_print(p, why, &text);
	snprintf(ret_name, 40, "seed-%llu.scenario",
		 (unsigned long long)p->seed);
	ok = write_file(folder, ret_name, &text) && ok;
	ha_buf_fini(&text);
	return ok;
}

/* Does the file that was written fail alike? */
static bool replays(struct shrinking *s, const char *path)
{
	hacsim_attempt_file(s->attempt, path);
	return hacsim_attempt_failed_like(s->attempt, s->why);
}

static void shrink_and_write(struct shrinking *s, struct sim_plan *plan,
			     const char *folder)
{
	struct sim_shrink shrink = { .fails = fails, .arg = s,
				     .tries_max = TRIES_MAX };
	unsigned long long seed = plan->seed;
	size_t lines = 0;
	char name[40];
	char path[4200];

	if (!fails(plan, s)) {
		printf("seed %llu: fails no more when it is run again\n", seed);
		return;
	}
	sim_shrink(&shrink, plan);
	for (size_t i = 0; i < plan->line_count; i++) {
		lines += !plan->lines[i].out;
	}
	(void)fails(plan, s); /* for what it says now */
	if (!write_plan(plan, s->attempt->why, folder, name)) {
		return;
	}
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	printf("seed %llu: %zu of %zu deeds are left after %u runs: %s%s\n",
	       seed, lines, plan->line_count, shrink.tries, path,
	       replays(s, path) ? "" : ", which does not fail alike");
}

void hacsim_shrink(struct sim_plan *plan, const char *why, const char *folder)
{
	struct shrinking s = { hacsim_attempt_create(), why };

	if (s.attempt) {
		shrink_and_write(&s, plan, folder);
		hacsim_attempt_destroy(s.attempt);
	}
}
