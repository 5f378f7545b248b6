/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hacsim run: scenarios, each in a process of its own, several at once, told in
 * the order of their names. One that ends its process by an assertion, or does
 * not end, costs only itself.
 */
#include "hacsim.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "golden.h"
#include "sim/run.h"

#define STORY_TIME_MAX_S 120
#define RECORD_BYTES_MAX (8u << 20)
#define DEPTH_MAX 16 /* of folders */
#define SUFFIX ".scenario"

struct story {
	char *path;   /* owned */
	bool named;   /* on the command line, not found in a folder */
	pid_t pid;    /* 0: not begun */
	FILE *said;   /* owned; what its process printed */
	bool ended;
	int status;   /* as wait(2) gives it */
};

struct run_args {
	uint64_t seed; /* 0: what each story says */
	uint32_t jobs;
	bool trace, log, rewrite;
	const char *records;   /* folder for them; NULL: not wanted */
	struct story *stories; /* owned */
	size_t count, size;
	bool wrong;            /* a folder or file that is none */
};

/* --- one story, in its own process --- */

/* Each life of each hacd into a file of its own: STORY-HOST-N.record. */
struct records {
	const char *folder;
	const char *story;
	unsigned count;
};

static void write_record(const char *host, const struct ha_buf *record,
			 void *arg)
{
	struct records *r = arg;
	const char *slash = strrchr(r->story, '/');
	const char *name = slash ? slash + 1 : r->story;
	struct ha_buf path = { 0 };
	FILE *f;

	ha_buf_printf(&path, "%s/%.*s-%s-%u.record", r->folder,
		      (int)strcspn(name, "."), name, host, ++r->count);
	f = path.data ? fopen(path.data, "wex") : NULL;
	if (!f || fwrite(record->data, 1, record->len, f) != record->len) {
		fprintf(stderr, "hacsim: %s: %s\n", path.data ? path.data : "",
			strerror(errno));
	}
	if (f) {
		fclose(f);
	}
	ha_buf_fini(&path);
}

static enum ha_sim_verdict play(const struct run_args *a,
				const struct story *st, struct ha_buf *out)
{
	struct ha_buf trace = { 0 };
	struct records records = { .folder = a->records, .story = st->path };
	struct ha_sim_options o = {
		.seed = a->seed, .decisions = &trace,
		.trace = a->log ? stdout : NULL,
		.record = a->records ? write_record : NULL,
		.record_arg = &records, .record_bytes = RECORD_BYTES_MAX,
	};
	enum ha_sim_verdict verdict = HA_SIM_BAD_FILE;
	struct ha_scenario sc;

	if (ha_scenario_read(st->path, &sc, out) != 0) {
		return verdict;
	}
	verdict = ha_sim_run(&sc, &o, out);
	ha_scenario_fini(&sc);
	if (a->trace) {
		fputs(trace.data ? trace.data : "", stdout);
	}
	if (verdict == HA_SIM_HELD && a->rewrite) {
		verdict = hacsim_golden_write(st->path, st->named, &trace, out);
	} else if (verdict == HA_SIM_HELD && a->seed == 0) {
		verdict = hacsim_golden_compare(st->path, &trace, out);
	}
	ha_buf_fini(&trace);
	return verdict;
}

void hacsim_tell(const char *path, enum ha_sim_verdict verdict,
		 const char *text)
{
	printf("%s %s\n%s", verdict == HA_SIM_HELD     ? "ok    "
			    : verdict == HA_SIM_BROKEN ? "not ok"
						       : "wrong ",
	       path, text ? text : "");
}

static int run_story(const struct run_args *a, const struct story *st)
{
	struct ha_buf out = { 0 };
	enum ha_sim_verdict verdict;

	alarm(STORY_TIME_MAX_S);
	verdict = play(a, st, &out);
	hacsim_tell(st->path, verdict, out.data);
	ha_buf_fini(&out);
	fflush(stdout);
	return (int)verdict;
}

/* --- several at once --- */

static void begin(const struct run_args *a, struct story *st)
{
	st->said = tmpfile();
	if (!st->said) {
		perror("hacsim: a temporary file");
		exit(2);
	}
	fflush(stdout);
	st->pid = fork();
	if (st->pid < 0) {
		perror("hacsim: fork");
		exit(2);
	}
	if (st->pid == 0) {
		if (dup2(fileno(st->said), STDOUT_FILENO) < 0 ||
		    dup2(fileno(st->said), STDERR_FILENO) < 0) {
			_exit(2);
		}
		exit(run_story(a, st)); /* not _exit: coverage is written there */
	}
}

static void copy_said(struct story *st)
{
	char part[4096];
	size_t n;

	rewind(st->said);
	while ((n = fread(part, 1, sizeof(part), st->said)) > 0) {
		fwrite(part, 1, n, stdout);
	}
	fclose(st->said);
	st->said = NULL;
}

static enum ha_sim_verdict finish(struct story *st)
{
	char text[160];
	int sig = WIFSIGNALED(st->status) ? WTERMSIG(st->status) : 0;

	copy_said(st);
	if (sig == 0) {
		return (enum ha_sim_verdict)WEXITSTATUS(st->status);
	}
	if (sig == SIGALRM) {
		snprintf(text, sizeof(text), "  it took longer than %d s\n",
			 STORY_TIME_MAX_S);
	} else {
		snprintf(text, sizeof(text), "  hacsim was ended by signal %d, "
			 "%s\n", sig, strsignal(sig));
	}
	hacsim_tell(st->path, HA_SIM_BROKEN, text);
	return HA_SIM_BROKEN;
}

static void take_end(struct run_args *a)
{
	int status = 0;
	pid_t pid = wait(&status);

	for (size_t i = 0; pid > 0 && i < a->count; i++) {
		if (a->stories[i].pid == pid) {
			a->stories[i].status = status;
			a->stories[i].ended = true;
		}
	}
}

static int run_all(struct run_args *a)
{
	unsigned counts[3] = { 0 };
	size_t begun = 0, told = 0, running = 0;

	while (told < a->count) {
		while (begun < a->count && running < a->jobs) {
			begin(a, &a->stories[begun++]);
			running++;
		}
		take_end(a);
		running--;
		while (told < begun && a->stories[told].ended) {
			counts[finish(&a->stories[told++])]++;
		}
	}
	printf("%u passed, %u failed\n", counts[HA_SIM_HELD],
	       counts[HA_SIM_BROKEN] + counts[HA_SIM_BAD_FILE]);
	return a->wrong || counts[HA_SIM_BAD_FILE] > 0 ? 2
	       : counts[HA_SIM_BROKEN] > 0	       ? 1 : 0;
}

/* --- which stories --- */

static void add_story(struct run_args *a, const char *path, bool named)
{
	if (a->count == a->size) {
		a->size = a->size == 0 ? 128 : 2 * a->size;
		a->stories = realloc(a->stories,
				     a->size * sizeof(*a->stories));
	}
	if (!a->stories) {
		perror("hacsim");
		exit(2);
	}
	a->stories[a->count] = (struct story){ .path = strdup(path),
					       .named = named };
	if (!a->stories[a->count++].path) {
		perror("hacsim");
		exit(2);
	}
}

static void complain(struct run_args *a, const char *path, const char *what)
{
	fprintf(stderr, "hacsim: %s: %s\n", path, what);
	a->wrong = true;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_scenario(const char *name)
{
	size_t len = strlen(name);

	return len > strlen(SUFFIX) &&
	       strcmp(name + len - strlen(SUFFIX), SUFFIX) == 0;
}

static int is_seen(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

static void add_folder(struct run_args *a, const char *path, unsigned depth)
{
	struct dirent **list = NULL;
	int n = depth > DEPTH_MAX ? -1
				  : scandir(path, &list, is_seen, alphasort);

	if (n < 0) {
		complain(a, path, depth > DEPTH_MAX ? "folders too deep"
						    : strerror(errno));
	}
	for (int i = 0; i < n; i++) {
		struct ha_buf b = { 0 };

		ha_buf_printf(&b, "%s/%s", path, list[i]->d_name);
		if (b.data && is_folder(b.data)) {
			add_folder(a, b.data, depth + 1);
		} else if (b.data && is_scenario(b.data)) {
			add_story(a, b.data, false);
		}
		ha_buf_fini(&b);
		free(list[i]);
	}
	free(list);
}

static void add_path(struct run_args *a, const char *path)
{
	size_t before = a->count;
	size_t len = strlen(path);
	char *name = strndup(path, len > 1 && path[len - 1] == '/' ? len - 1
								   : len);

	if (!name || !is_folder(name)) {
		add_story(a, path, true);
	} else {
		add_folder(a, name, 0);
		if (a->count == before) {
			complain(a, name, "has no *" SUFFIX " below it");
		}
	}
	free(name);
}

static bool take_seed(const char *text, uint64_t *ret_seed)
{
	const char *end = "";

	if (!hacsim_take_number(text, &end, ret_seed) || *end != '\0' ||
	    *ret_seed == 0) {
		fprintf(stderr, "hacsim: '%s' is not a seed, a number from "
			"1\n", text);
		return false;
	}
	return true;
}

static bool parse_args(int argc, char **argv, struct run_args *a)
{
	static const struct option options[] = {
		{ "jobs", required_argument, NULL, 'j' },
		{ "seed", required_argument, NULL, 's' },
		{ "trace", no_argument, NULL, 't' },
		{ "log", no_argument, NULL, 'l' },
		{ "rewrite", no_argument, NULL, 'r' },
		{ "record", required_argument, NULL, 'd' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		bool good = c != '?';

		a->trace = a->trace || c == 't';
		a->log = a->log || c == 'l';
		a->rewrite = a->rewrite || c == 'r';
		if (c == 'd') {
			a->records = optarg;
		} else if (c == 's') {
			good = take_seed(optarg, &a->seed);
		} else if (c == 'j') {
			good = hacsim_take_count(optarg, "jobs",
						 HACSIM_JOBS_MAX, &a->jobs);
		}
		if (!good) {
			return false;
		}
	}
	return optind < argc && (!a->rewrite || a->seed == 0);
}

static unsigned cpus(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > HACSIM_JOBS_MAX ? HACSIM_JOBS_MAX : (unsigned)n;
}

int hacsim_run(int argc, char **argv)
{
	struct run_args a = { .jobs = cpus() };
	int status;

	if (!parse_args(argc, argv, &a)) {
		fputs("usage: hacsim run [--jobs N] [--seed N] [--trace] "
		      "[--log] [--rewrite] [--record DIR] FILE|DIR...\n"
		      "N are numbers from 1; with --seed nothing is "
		      "rewritten\n", stderr);
		return 2;
	}
	for (int i = optind; i < argc; i++) {
		add_path(&a, argv[i]);
	}
	status = run_all(&a);
	for (size_t i = 0; i < a.count; i++) {
		free(a.stories[i].path);
	}
	free(a.stories);
	return status;
}
