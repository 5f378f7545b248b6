/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "attempt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/run.h"

struct hacsim_attempt *hacsim_attempt_create(void)
{
	struct hacsim_attempt *a = mmap(NULL, sizeof(*a),
					PROT_READ | PROT_WRITE,
					MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (a == MAP_FAILED) {
		perror("hacsim");
		return NULL;
	}
	return a;
}

void hacsim_attempt_destroy(struct hacsim_attempt *a)
{
	if (a) {
		munmap(a, sizeof(*a));
	}
}

static void wait_for(struct hacsim_attempt *a, pid_t pid)
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

void hacsim_attempt_make(struct hacsim_attempt *a,
			 void (*fn)(struct hacsim_attempt *a, const void *arg),
			 const void *arg)
{
	pid_t pid;

	a->held = true;
	a->why[0] = '\0';
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (!freopen("/dev/null", "w", stderr) ||
		    !freopen("/dev/null", "w", stdout)) {
			_exit(2);
		}
		fn(a, arg);
		_exit(0);
	}
	if (pid > 0) {
		wait_for(a, pid);
	}
}

static void run_file(struct hacsim_attempt *a, const void *path)
{
	struct ha_sim_figures f = { 0 };
	struct ha_sim_options o = { .ret_figures = &f };
	struct ha_scenario sc;
	struct ha_buf out = { 0 };

	if (ha_scenario_read(path, &sc, &out) == 0) {
		a->held = ha_sim_run(&sc, &o, &out) == HA_SIM_HELD;
		memcpy(a->why, f.why, sizeof(f.why));
	}
}

void hacsim_attempt_file(struct hacsim_attempt *a, const char *path)
{
	hacsim_attempt_make(a, run_file, path);
}

bool hacsim_attempt_failed_like(const struct hacsim_attempt *a,
				const char *why)
{
	size_t len = strcspn(why, ":");

	return !a->held && strcspn(a->why, ":") == len &&
	       strncmp(a->why, why, len) == 0;
}
