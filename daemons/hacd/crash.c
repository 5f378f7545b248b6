/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two files: "lives" has "alive" if a life has not ended, and a line for each
 * crash: when, and over which VM or host ("host:3") at which index, or that it
 * was a stall. "deciding" is written as hacd dies, by the handler of the signal:
 * what it decided about, or that it stalled.
 */
#include "crash.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/uuid.h"

#define STACK_BYTES 65536 /* its own: the other may be used up */
#define STALLED "stalled"
#define HOST "host:"

struct note { /* as it lies in "deciding" */
	struct ha_crash over;
	bool stalled;
};

struct lives {
	bool alive;
	struct ha_crashes crashes;
};

/* A signal handler has no argument. */
static struct {
	int fd;
	struct ha_core *const *core;
	volatile uint64_t fed_at_ns, period_ns; /* 0: nobody watches */
} watch = { .fd = -1 };

static int64_t now_s(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_BOOTTIME, &ts); /* cannot fail on Linux */
	return ts.tv_sec;
}

/* Of the processor, by this process. */
static uint64_t used_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/* --- lives --- */

static bool read_over(const char *what, struct ha_crash *ret_over)
{
	unsigned host = 0;

	if (sscanf(what, HOST "%u", &host) == 1 && host >= 1 &&
	    host <= HA_HOSTS_MAX) {
		ret_over->host = (ha_hostid)host;
		return true;
	}
	return ha_uuid_parse(what, &ret_over->vm);
}

static bool read_crash(const char *line, struct ha_crash_seen *ret_crash)
{
	char what[HA_UUID_TEXT] = "";
	struct ha_crash_seen crash;

	memset(&crash, 0, sizeof(crash));
	if (sscanf(line, "%" SCNd64 " %36s %" SCNu64, &crash.at_s, what,
		   &crash.over.index) < 1 || crash.at_s <= 0) {
		return false;
	}
	if (read_over(what, &crash.over)) {
		crash.over.count = 1;
	} else {
		crash.over.index = 0; /* over nothing in particular */
		crash.stalled = strcmp(what, STALLED) == 0;
	}
	*ret_crash = crash;
	return true;
}

static void read_lives(const char *run_dir, struct lives *ret_lives)
{
	char path[PATH_MAX], line[128];
	size_t n = 0;
	FILE *f;

	memset(ret_lives, 0, sizeof(*ret_lives));
	snprintf(path, sizeof(path), "%s/lives", run_dir);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (strcmp(line, "alive\n") == 0) {
			ret_lives->alive = true;
		} else if (n < HA_CRASHES_KEPT &&
			   read_crash(line, &ret_lives->crashes.seen[n])) {
			n++;
		}
	}
	if (f) {
		fclose(f);
	}
}

static void write_crash(FILE *f, const struct ha_crash_seen *crash)
{
	const struct ha_crash *over = &crash->over;
	char uuid[HA_UUID_TEXT];

	fprintf(f, "%" PRId64, crash->at_s);
	if (over->count > 0 && over->host != HA_HOST_NONE) {
		fprintf(f, " " HOST "%u %" PRIu64, over->host, over->index);
	} else if (over->count > 0) {
		ha_uuid_print(&over->vm, uuid);
		fprintf(f, " %s %" PRIu64, uuid, over->index);
	} else if (crash->stalled) {
		fputs(" " STALLED, f);
	}
	fputc('\n', f);
}

static void write_lives(const char *run_dir, const struct lives *lives)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/lives", run_dir);
	f = fopen(path, "we");
	if (!f) {
		ha_log(HA_LOG_WARNING, "cannot write %s: %s; a hacd that "
		       "crashes again and again would not be noticed", path,
		       strerror(errno));
		return;
	}
	if (lives->alive) {
		fputs("alive\n", f);
	}
	for (size_t i = 0; i < HA_CRASHES_KEPT && lives->crashes.seen[i].at_s;
	     i++) {
		write_crash(f, &lives->crashes.seen[i]);
	}
	fclose(f);
}

/* --- deciding --- */

static struct note read_deciding(const char *run_dir)
{
	static const struct note none;
	struct note note;
	char path[PATH_MAX];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), "%s/deciding", run_dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, &note, sizeof(note));
		close(fd);
	}
	return n == (ssize_t)sizeof(note) ? note : none;
}

/* Ended by another process, as the service manager does when it was not fed,
 * and it did not compute all that time. */
static bool has_stalled(const siginfo_t *info)
{
	return info->si_signo == SIGABRT && info->si_code == SI_USER &&
	       used_ns() - watch.fed_at_ns < watch.period_ns / 2;
}

/* Only what may be called in a signal handler. The signal comes again when
 * this returns, and then ends the process as ever. */
static void note_deciding(int number, siginfo_t *info, void *context)
{
	struct note note;

	(void)context;
	memset(&note, 0, sizeof(note));
	/* hardly ever does a stall come just then: that would be chance */
	note.stalled = !(*watch.core &&
			 ha_core_deciding(*watch.core, &note.over)) &&
		       has_stalled(info);
	if (note.stalled || note.over.count > 0) {
		ssize_t n = write(watch.fd, &note, sizeof(note));

		(void)n; /* then it died of nothing in particular */
	}
	raise(number);
}

void crash_life_fed(uint64_t period_ns)
{
	watch.fed_at_ns = used_ns();
	watch.period_ns = period_ns;
}

void crash_life_watch(const char *run_dir, struct ha_core *const *core)
{
	static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
	static char stack[STACK_BYTES];
	const stack_t own = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction act = { .sa_sigaction = note_deciding,
				 .sa_flags = (int)(SA_RESETHAND | SA_ONSTACK |
						   SA_SIGINFO) };
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/deciding", run_dir);
	watch.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	watch.core = core;
	if (watch.fd < 0) {
		ha_log(HA_LOG_WARNING, "cannot write %s: %s; what hacd "
		       "crashes over would not be left alone", path,
		       strerror(errno));
		return;
	}
	(void)sigaltstack(&own, NULL);
	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++) {
		(void)sigaction(fatal[i], &act, NULL);
	}
}

/* --- from one life to the next --- */

void crash_life_begin(const char *run_dir, struct crash_end *ret_end)
{
	struct lives lives;
	int64_t now = now_s();

	memset(ret_end, 0, sizeof(*ret_end));
	read_lives(run_dir, &lives);
	if (lives.alive) {
		const struct note note = read_deciding(run_dir);

		ret_end->stalled = note.stalled;
		if (note.stalled) {
			ha_crashes_add_stall(&lives.crashes, now);
		} else {
			ha_crashes_add(&lives.crashes, now, &note.over);
		}
	}
	lives.alive = true;
	write_lives(run_dir, &lives);
	ret_end->over = ha_crashes_over(&lives.crashes, now);
	ret_end->freezes = ha_crashes_freeze(&lives.crashes, now);
}

void crash_life_end(const char *run_dir)
{
	struct lives lives;

	read_lives(run_dir, &lives);
	lives.alive = false;
	write_lives(run_dir, &lives);
}

void crash_life_forgive(const char *run_dir)
{
	struct lives lives = { .alive = true };

	write_lives(run_dir, &lives);
}
