/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A seed that failed, made as small as it gets. Each attempt is run in a
 * process of its own: a core may stop by an assertion.
 */
#include "hacsim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/run.h"
#include "sim/shrink.h"
#include "sim/swarm.h"

#define TRIES_MAX 1500

struct attempt { /* shared with the process that makes it */
	bool held;
	char why[200];
};

struct shrinking {
	struct attempt *attempt;
	char why[200]; /* the first failure's kind: up to its first colon */
};

static void kind_of(const char *why, char *ret_kind, size_t size)
{
	snprintf(ret_kind, size, "%.*s", (int)strcspn(why, ":"), why);
}

static bool same_kind(const struct shrinking *s)
{
	char kind[200];

	kind_of(s->attempt->why, kind, sizeof(kind));
	return !s->attempt->held && strcmp(kind, s->why) == 0;
}

/* Waits for a process that fills in the attempt. */
static void end_attempt(struct attempt *a, pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	if (WIFSIGNALED(status)) {
		a->held = false;
		snprintf(a->why, sizeof(a->why), "stopped by signal %d",
			 WTERMSIG(status));
	}
}

/* The child's; its assertions are expected. */
static void be_quiet(void)
{
	if (!freopen("/dev/null", "w", stderr) ||
	    !freopen("/dev/null", "w", stdout)) {
		_exit(2);
	}
}

static bool fails(const struct sim_plan *plan, void *arg)
{
	struct shrinking *s = arg;
	pid_t pid = fork();

	if (pid < 0) {
		return false;
	}
	if (pid == 0) {
		struct ha_swarm_result r;
		struct ha_buf out = { 0 };

		be_quiet();
		ha_sim_swarm(plan, NULL, &r, &out);
		s->attempt->held = r.held;
		memcpy(s->attempt->why, r.why, sizeof(r.why));
		_exit(0);
	}
	end_attempt(s->attempt, pid);
	return same_kind(s);
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
	pid_t pid = fork();

	if (pid == 0) {
		struct ha_sim_figures f = { 0 };
		struct ha_sim_options o = { .ret_figures = &f };
		struct ha_scenario sc;
		struct ha_buf out = { 0 };

		be_quiet();
		s->attempt->held = true;
		if (ha_scenario_read(path, &sc, &out) == 0) {
			s->attempt->held = ha_sim_run(&sc, &o, &out) ==
					   HA_SIM_HELD;
			memcpy(s->attempt->why, f.why, sizeof(f.why));
		}
		_exit(0);
	}
	if (pid > 0) {
		end_attempt(s->attempt, pid);
	}
	return pid > 0 && same_kind(s);
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
	struct shrinking s = { 0 };

	s.attempt = mmap(NULL, sizeof(*s.attempt), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s.attempt == MAP_FAILED) {
		perror("hacsim");
		return;
	}
	kind_of(why, s.why, sizeof(s.why));
	fflush(stdout);
	shrink_and_write(&s, plan, folder);
	munmap(s.attempt, sizeof(*s.attempt));
}
