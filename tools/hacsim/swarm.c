/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hacsim swarm: many seeds, in several processes. What each says comes through
 * a pipe and is shown in the order of the seeds. A core that stops by an
 * assertion ends its process; the seeds after it get a new one.
 */
#include "hacsim.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/swarm.h"

#define SHRINK_MAX 5 /* failures of one run that are made small */

struct swarm_totals { /* of one job; shared with its process */
	double seconds;
	double cpu;        /* seconds of a processor, with those before */
	double cpu_before; /* of processes that ended early */
	uint64_t steps;
	struct ha_swarm_kinds faults, commands;
};

struct swarm_said { /* about one seed, then `len` bytes of text */
	bool held;
	char why[HA_SIM_WHY_MAX + 1];
	size_t len;
};

struct swarm_job {
	pid_t pid;
	FILE *from; /* what it says */
	struct swarm_totals *totals;
};

struct swarm_args {
	uint64_t from, to;
	uint32_t jobs;
	bool log, shrink;
	const char *folder;
	struct sim_plan_size size;
};

static bool parse_seeds(const char *text, struct swarm_args *a)
{
	const char *end = "";
	bool ok = hacsim_take_number(text, &end, &a->from);

	a->to = a->from;
	if (ok && *end == '-') {
		ok = hacsim_take_number(end + 1, &end, &a->to);
	}
	if (!ok || *end != '\0') {
		fprintf(stderr, "hacsim swarm: '%s' is not a range of seeds "
			"such as 1-1000\n", text);
		return false;
	}
	if (a->to < a->from) {
		fprintf(stderr, "hacsim swarm: the range of seeds %s ends "
			"before it begins\n", text);
		return false;
	}
	return true;
}

static int usage(void)
{
	fputs("usage: hacsim swarm --seeds A-B [--jobs N] [--hosts N] "
	      "[--vms N] [--save DIR] [--no-shrink] [--log]\n", stderr);
	return 2;
}

/* False: it is wrong, and said. */
static bool take_option(int c, struct swarm_args *a)
{
	switch (c) {
	case 's':
		return parse_seeds(optarg, a);
	case 'j':
		return hacsim_take_count(optarg, "jobs", HACSIM_JOBS_MAX, &a->jobs);
	case 'h':
		return hacsim_take_count(optarg, "hosts", PLAN_HOSTS_MAX,
				   &a->size.hosts);
	case 'v':
		return hacsim_take_count(optarg, "VMs", PLAN_VMS_MAX, &a->size.vms);
	case 'd':
		a->folder = optarg;
		return true;
	case 'n':
		a->shrink = false;
		return true;
	case 'l':
		a->log = true;
		return true;
	default:
		(void)usage(); /* the caller's code is the same */
		return false;
	}
}

/* 0, or an exit code. */
static int parse_args(int argc, char **argv, struct swarm_args *a)
{
	static const struct option options[] = {
		{ "seeds", required_argument, NULL, 's' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "hosts", required_argument, NULL, 'h' },
		{ "vms", required_argument, NULL, 'v' },
		{ "save", required_argument, NULL, 'd' },
		{ "no-shrink", no_argument, NULL, 'n' },
		{ "log", no_argument, NULL, 'l' },
		{ 0 },
	};
	bool seeds = false;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		seeds = seeds || c == 's';
		if (!take_option(c, a)) {
			return 2;
		}
	}
	if (a->log) { /* one after the other, or nobody can read it */
		a->jobs = 1;
	}
	return seeds && optind == argc ? 0 : usage();
}

/* --- the process of a job --- */

static double clock_s(clockid_t clock)
{
	struct timespec t;

	(void)clock_gettime(clock, &t); /* is always there */
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run_seed(const struct swarm_args *a, struct swarm_totals *t,
		     FILE *to, struct sim_plan *plan)
{
	struct ha_swarm_result r;
	struct swarm_said said = { 0 };
	struct ha_buf out = { 0 };

	ha_sim_swarm(plan, a->log ? stdout : NULL, &r, &out);
	fflush(stdout);
	t->cpu = clock_s(CLOCK_PROCESS_CPUTIME_ID) + t->cpu_before;
	t->seconds += r.seconds;
	t->steps += r.steps;
	ha_swarm_kinds_add(&t->faults, &r.faults);
	ha_swarm_kinds_add(&t->commands, &r.commands);
	said.held = r.held;
	memcpy(said.why, r.why, sizeof(said.why));
	said.len = r.held ? 0 : out.len;
	if (fwrite(&said, sizeof(said), 1, to) != 1 ||
	    fwrite(out.data ? out.data : "", 1, said.len, to) != said.len ||
	    fflush(to) != 0) {
		_exit(2); /* who would hear it has gone */
	}
	ha_buf_fini(&out);
}

/* From `next` on every jobs-th seed. */
static bool start_job(const struct swarm_args *a, struct swarm_job *job,
		      uint64_t next)
{
	struct sim_plan *plan;
	int fds[2];
	FILE *to;

	fflush(stdout);
	if (pipe(fds) != 0 || (job->pid = fork()) < 0) {
		perror("hacsim");
		return false;
	}
	if (job->pid > 0) {
		(void)close(fds[1]);
		job->from = fdopen(fds[0], "r");
		return job->from != NULL;
	}
	(void)close(fds[0]);
	to = fdopen(fds[1], "w");
	job->totals->cpu_before = job->totals->cpu;
	plan = malloc(sizeof(*plan));
	for (uint64_t s = next; to && plan && s <= a->to; s += a->jobs) {
		sim_plan_draw(plan, s, a->size);
		run_seed(a, job->totals, to, plan);
	}
	free(plan);
	exit(0); /* not _exit: coverage is written there */
}

/* --- what they say --- */

static void end_job(struct swarm_job *job, struct swarm_said *said)
{
	int status = 0;

	(void)fclose(job->from);
	job->from = NULL;
	while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR) {
	}
	if (!said) {
		return;
	}
	memset(said, 0, sizeof(*said));
	if (WIFSIGNALED(status)) {
		snprintf(said->why, sizeof(said->why), "stopped by signal %d",
			 WTERMSIG(status));
	} else {
		snprintf(said->why, sizeof(said->why), "ended with code %d",
			 WEXITSTATUS(status));
	}
}

/* False: its job cannot go on. */
static bool hear(const struct swarm_args *a, struct swarm_job *job,
		 uint64_t seed, struct swarm_said *said)
{
	char text[4096];

	if (fread(said, sizeof(*said), 1, job->from) != 1) {
		end_job(job, said);
		printf("seed %llu: %s\n", (unsigned long long)seed, said->why);
		return seed + a->jobs > a->to ||
		       start_job(a, job, seed + a->jobs);
	}
	if (!said->held) {
		printf("seed %llu: %s\n", (unsigned long long)seed,
		       said->why);
	}
	while (said->len > 0) {
		size_t want = said->len < sizeof(text) ? said->len
						       : sizeof(text);
		size_t n = fread(text, 1, want, job->from);

		if (n == 0) {
			return false;
		}
		fwrite(text, 1, n, stdout);
		said->len -= n;
	}
	return true;
}

static int by_count(const void *a, const void *b)
{
	const struct ha_swarm_kinds *k = NULL;
	const __typeof__(k->list[0]) *x = a, *y = b;

	return x->count < y->count ? 1 : x->count > y->count ? -1
				      : strcmp(x->name, y->name);
}

static void print_kinds(const char *what, struct ha_swarm_kinds *k)
{
	uint64_t sum = 0;

	qsort(k->list, k->count, sizeof(k->list[0]), by_count);
	for (size_t i = 0; i < k->count; i++) {
		sum += k->list[i].count;
	}
	printf("%s %llu:", what, (unsigned long long)sum);
	for (size_t i = 0; i < k->count; i++) {
		printf("%s %s %llu", i > 0 ? "," : "", k->list[i].name,
		       (unsigned long long)k->list[i].count);
	}
	putchar('\n');
}

static void print_totals(const struct swarm_args *a,
			 const struct swarm_job *jobs, double took)
{
	struct swarm_totals all = { 0 };

	for (unsigned i = 0; i < a->jobs; i++) {
		const struct swarm_totals *t = jobs[i].totals;

		all.seconds += t->seconds;
		all.cpu += t->cpu;
		all.steps += t->steps;
		ha_swarm_kinds_add(&all.faults, &t->faults);
		ha_swarm_kinds_add(&all.commands, &t->commands);
	}
	printf("%llu seeds, %.1f hours simulated in %.1f s; on one processor "
	       "%.1f s, %.0f times as fast as real, %.0f steps a second\n",
	       (unsigned long long)(a->to - a->from + 1), all.seconds / 3600,
	       took, all.cpu, all.seconds / all.cpu,
	       (double)all.steps / all.cpu);
	print_kinds("faults and their ends", &all.faults);
	print_kinds("commands", &all.commands);
}

static void shrink_seed(const struct swarm_args *a, uint64_t seed,
			const char *why)
{
	struct sim_plan *plan = malloc(sizeof(*plan));

	if (plan) {
		sim_plan_draw(plan, seed, a->size);
		hacsim_shrink(plan, why, a->folder);
	}
	free(plan);
}

static int run_swarm(const struct swarm_args *a, struct swarm_job *jobs)
{
	double began = clock_s(CLOCK_MONOTONIC);
	uint64_t passed = 0, failed = 0;
	struct swarm_said said;

	for (unsigned i = 0; i < a->jobs && a->from + i <= a->to; i++) {
		if (!start_job(a, &jobs[i], a->from + i)) {
			return 2;
		}
	}
	for (uint64_t s = a->from; s <= a->to; s++) {
		if (!hear(a, &jobs[(s - a->from) % a->jobs], s, &said)) {
			return 2;
		}
		passed += said.held;
		failed += !said.held;
		if (!said.held && a->shrink && failed <= SHRINK_MAX) {
			shrink_seed(a, s, said.why);
		}
	}
	for (unsigned i = 0; i < a->jobs; i++) {
		if (jobs[i].from) {
			end_job(&jobs[i], NULL);
		}
	}
	print_totals(a, jobs, clock_s(CLOCK_MONOTONIC) - began);
	printf("%llu passed, %llu failed\n", (unsigned long long)passed,
	       (unsigned long long)failed);
	return failed > 0 ? 1 : 0;
}

int hacsim_swarm(int argc, char **argv)
{
	struct swarm_args a = { .jobs = 1, .shrink = true, .folder = "." };
	struct swarm_job jobs[HACSIM_JOBS_MAX] = { 0 };
	struct swarm_totals *totals;
	int rc = parse_args(argc, argv, &a);

	if (rc != 0) {
		return rc;
	}
	totals = mmap(NULL, HACSIM_JOBS_MAX * sizeof(*totals), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (totals == MAP_FAILED) {
		perror("hacsim");
		return 2;
	}
	for (unsigned i = 0; i < HACSIM_JOBS_MAX; i++) {
		jobs[i].totals = &totals[i];
	}
	rc = run_swarm(&a, jobs);
	munmap(totals, HACSIM_JOBS_MAX * sizeof(*totals));
	return rc;
}
