/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hacsim swarm: many seeds, in several processes. A core that stops by an
 * assertion ends its process; the seed is known by what was announced last.
 */
#include "hacsim.h"

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/swarm.h"

#define JOBS_MAX 64

struct swarm_job { /* shared with the process that does it */
	uint64_t seed;
	uint64_t passed, failed;
	double seconds;
};

struct swarm_args {
	uint64_t from, to;
	unsigned jobs;
	bool trace;
};

static bool parse_seeds(const char *text, struct swarm_args *a)
{
	char *end = NULL;

	a->from = strtoull(text, &end, 10);
	if (end == text) {
		return false;
	}
	a->to = a->from;
	if (*end == '-') {
		text = end + 1;
		a->to = strtoull(text, &end, 10);
	}
	return *end == '\0' && end != text && a->to >= a->from;
}

static int usage(void)
{
	fputs("usage: hacsim swarm --seeds A-B [--jobs N] [--trace]\n", stderr);
	return 2;
}

static bool parse_args(int argc, char **argv, struct swarm_args *a)
{
	static const struct option options[] = {
		{ "seeds", required_argument, NULL, 's' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "trace", no_argument, NULL, 't' },
		{ 0 },
	};
	bool seeds = false;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 's') {
			seeds = parse_seeds(optarg, a);
		} else if (c == 'j') {
			a->jobs = (unsigned)strtoul(optarg, NULL, 10);
		} else if (c == 't') {
			a->trace = true;
		} else {
			return false;
		}
	}
	return seeds && optind == argc && a->jobs >= 1 && a->jobs <= JOBS_MAX;
}

static void run_seed(const struct swarm_args *a, struct swarm_job *job,
		     uint64_t seed)
{
	struct ha_swarm_options o = { .seed = seed,
				      .trace = a->trace ? stdout : NULL };
	struct ha_buf out = { 0 };
	struct ha_swarm_result r;

	job->seed = seed;
	r = ha_sim_swarm(&o, &out);
	job->seconds += r.seconds;
	job->passed += r.held;
	job->failed += !r.held;
	if (!r.held) {
		printf("seed %llu: %s\n", (unsigned long long)seed, out.data);
		fflush(stdout);
	}
	ha_buf_fini(&out);
}

/* From `next` on every jobs-th seed. */
static pid_t start_job(const struct swarm_args *a, struct swarm_job *job,
		       uint64_t next)
{
	pid_t pid = fork();

	if (pid != 0) {
		return pid;
	}
	for (uint64_t s = next; s <= a->to; s += a->jobs) {
		run_seed(a, job, s);
	}
	fflush(stdout);
	_exit(0);
}

static void run_jobs(const struct swarm_args *a, struct swarm_job *jobs)
{
	pid_t pids[JOBS_MAX];
	int status;
	pid_t pid;

	for (unsigned i = 0; i < a->jobs; i++) {
		pids[i] = start_job(a, &jobs[i], a->from + i);
	}
	while ((pid = wait(&status)) > 0) {
		for (unsigned i = 0; i < a->jobs; i++) {
			if (pids[i] != pid || !WIFSIGNALED(status)) {
				continue;
			}
			/* the seed is lost, the ones after it are not */
			printf("seed %llu: stopped by signal %d\n",
			       (unsigned long long)jobs[i].seed,
			       WTERMSIG(status));
			jobs[i].failed++;
			pids[i] = start_job(a, &jobs[i],
					    jobs[i].seed + a->jobs);
		}
	}
}

int hacsim_swarm(int argc, char **argv)
{
	struct swarm_args a = { .jobs = 1 };
	struct swarm_job *jobs;
	uint64_t passed = 0, failed = 0;

	if (!parse_args(argc, argv, &a)) {
		return usage();
	}
	jobs = mmap(NULL, JOBS_MAX * sizeof(*jobs), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (jobs == MAP_FAILED) {
		perror("hacsim");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	run_jobs(&a, jobs);
	for (unsigned i = 0; i < a.jobs; i++) {
		passed += jobs[i].passed;
		failed += jobs[i].failed;
	}
	printf("%llu passed, %llu failed\n", (unsigned long long)passed,
	       (unsigned long long)failed);
	return failed > 0 ? 1 : 0;
}
