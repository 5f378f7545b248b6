/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c - runs a fuzz target as a plain program: first every file of its
 * corpus, then a bounded number of seeded mutations of them. The same seed
 * gives the same inputs.
 *
 * usage: fuzz-X [--runs=N] [--seed=N] [FILE|DIRECTORY...]
 *
 * Without files it reads $srcdir/tests/fuzz/corpus/X; HA_FUZZ_RUNS and
 * HA_FUZZ_SEED set the defaults. An input that crashes or takes longer than
 * ten seconds is left in the file crash-X.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/rand.h"
#include "fuzz.h"

#define RUNS_DEFAULT 10000u
#define FILES_MAX 1024u
#define INPUT_BYTES_MAX (256u << 10) /* mutations never grow beyond */
#define INPUT_TIME_MAX_S 10u

/* Of the sanitizers, where they are linked. */
void __sanitizer_set_death_callback(void (*callback)(void))
	__attribute__((weak));

struct corpus {
	struct ha_buf files[FILES_MAX];
	size_t count;
};

/* What a signal handler must find. */
static struct {
	const uint8_t *data;
	size_t size;
	char path[NAME_MAX + 1];
} present;

static void save_present(void)
{
	int fd = open(present.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		      0644);
	static const char text[] = "input saved in ";

	if (fd < 0) {
		return;
	}
	if (write(fd, present.data, present.size) < 0 ||
	    write(STDERR_FILENO, text, sizeof(text) - 1) < 0 ||
	    write(STDERR_FILENO, present.path, strlen(present.path)) < 0 ||
	    write(STDERR_FILENO, "\n", 1) < 0) {
		_exit(2);
	}
	close(fd);
}

static void die_of_signal(int sig)
{
	save_present();
	signal(sig, SIG_DFL);
	raise(sig);
}

static void catch_deaths(void)
{
	signal(SIGALRM, die_of_signal);
	if (__sanitizer_set_death_callback != NULL) {
		__sanitizer_set_death_callback(save_present);
		signal(SIGABRT, die_of_signal);
		return;
	}
	signal(SIGABRT, die_of_signal);
	signal(SIGSEGV, die_of_signal);
	signal(SIGBUS, die_of_signal);
	signal(SIGFPE, die_of_signal);
	signal(SIGILL, die_of_signal);
}

/* The target gets a copy of exactly this size, so that ASan sees each byte
 * that it reads beyond. */
static void run_input(const void *data, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);

	if (copy == NULL) {
		fprintf(stderr, "no memory for an input\n");
		exit(2);
	}
	if (size > 0) {
		memcpy(copy, data, size);
	}
	present.data = copy;
	present.size = size;
	alarm(INPUT_TIME_MAX_S);
	(void)LLVMFuzzerTestOneInput(copy, size);
	alarm(0);
	free(copy);
}

static void load_file(struct corpus *c, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || c->count == FILES_MAX ||
	    ha_buf_read_fd(&c->files[c->count], fd, INPUT_BYTES_MAX) != 0) {
		fprintf(stderr, "%s: cannot be used as an input\n", path);
		exit(2);
	}
	close(fd);
	c->count++;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In the order of names: the order in the directory differs by machine. */
static void load_folder(struct corpus *c, const char *path)
{
	char *names[FILES_MAX];
	size_t count = 0;
	DIR *dir = opendir(path);

	if (dir == NULL) {
		return;
	}
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		if (e->d_name[0] == '.' || count == FILES_MAX) {
			continue;
		}
		if (asprintf(&names[count], "%s/%s", path, e->d_name) < 0) {
			exit(2);
		}
		count++;
	}
	closedir(dir);
	qsort(names, count, sizeof(names[0]), compare_names);
	for (size_t i = 0; i < count; i++) {
		load_file(c, names[i]);
		free(names[i]);
	}
}

static void load_path(struct corpus *c, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		load_folder(c, path);
	} else {
		load_file(c, path);
	}
}

/* Numbers at which length checks go wrong. */
static const uint8_t edges[] = { 0, 1, 0x7f, 0x80, 0xff, 0xfe, '<', '"', '&' };

/* One small change in the size bytes at data; returns the new size. */
static size_t mutate_once(struct ha_rand *r, uint8_t *data, size_t size)
{
	size_t at = size > 0 ? (size_t)ha_rand_below(r, size) : 0;
	size_t n = size - at > 0 ?
		(size_t)ha_rand_below(r, size - at < 64 ? size - at : 64) + 1 : 0;

	switch (ha_rand_below(r, 6)) {
	case 0: /* flip a bit */
		if (size > 0) {
			data[at] ^= (uint8_t)(1u << ha_rand_below(r, 8));
		}
		return size;
	case 1: /* an edge */
		if (size > 0) {
			data[at] = edges[ha_rand_below(r, sizeof(edges))];
		}
		return size;
	case 2: /* cut out */
		memmove(data + at, data + at + n, size - at - n);
		return size - n;
	case 3: /* say twice */
		if (size + n > INPUT_BYTES_MAX) {
			return size;
		}
		memmove(data + at + n, data + at, size - at);
		return size + n;
	case 4: /* put in */
		if (size + 1 > INPUT_BYTES_MAX) {
			return size;
		}
		memmove(data + at + 1, data + at, size - at);
		data[at] = (uint8_t)ha_rand_u64(r);
		return size + 1;
	default: /* cut off */
		return ha_rand_below(r, 8) == 0 ? at : size;
	}
}

/* The end of another file behind the beginning of this one. */
static size_t join_two(struct ha_rand *r, const struct corpus *c,
		       uint8_t *data, size_t size)
{
	const struct ha_buf *other = &c->files[ha_rand_below(r, c->count)];
	size_t keep = (size_t)ha_rand_below(r, size + 1);
	size_t from = (size_t)ha_rand_below(r, other->len + 1);
	size_t n = other->len - from;

	if (keep + n > INPUT_BYTES_MAX) {
		return size;
	}
	if (n > 0) {
		memcpy(data + keep, other->data + from, n);
	}
	return keep + n;
}

static void run_mutations(const struct corpus *c, uint64_t seed, uint64_t runs)
{
	static uint8_t data[INPUT_BYTES_MAX];
	struct ha_rand r = { .state = seed };

	for (uint64_t i = 0; i < runs; i++) {
		size_t size = 0;

		if (c->count > 0) {
			const struct ha_buf *b =
				&c->files[ha_rand_below(&r, c->count)];

			size = b->len;
			if (size > 0) {
				memcpy(data, b->data, size);
			}
			if (ha_rand_below(&r, 8) == 0) {
				size = join_two(&r, c, data, size);
			}
		}
		for (uint64_t n = ha_rand_below(&r, 8) + 1; n > 0; n--) {
			size = mutate_once(&r, data, size);
		}
		run_input(data, size);
	}
}

static uint64_t number_from(const char *text, uint64_t otherwise)
{
	char *end;
	unsigned long long n;

	if (text == NULL || *text == '\0') {
		return otherwise;
	}
	n = strtoull(text, &end, 10);
	if (*end != '\0') {
		fprintf(stderr, "'%s' is not a number\n", text);
		exit(2);
	}
	return n;
}

static const char *find_name(const char *program)
{
	const char *base = strrchr(program, '/');

	base = base != NULL ? base + 1 : program;
	return strncmp(base, "fuzz-", 5) == 0 ? base + 5 : base;
}

int main(int argc, char **argv)
{
	static struct corpus corpus;
	uint64_t runs = number_from(getenv("HA_FUZZ_RUNS"), RUNS_DEFAULT);
	uint64_t seed = number_from(getenv("HA_FUZZ_SEED"), 1);
	const char *srcdir = getenv("srcdir");
	const char *name = find_name(argv[0]);
	char folder[PATH_MAX];
	bool given = false;

	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "--runs=", 7) == 0) {
			runs = number_from(argv[i] + 7, 0);
		} else if (strncmp(argv[i], "--seed=", 7) == 0) {
			seed = number_from(argv[i] + 7, 0);
		} else {
			load_path(&corpus, argv[i]);
			given = true;
		}
	}
	if (!given) {
		snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s",
			 srcdir != NULL ? srcdir : ".", name);
		load_folder(&corpus, folder);
	}
	snprintf(present.path, sizeof(present.path), "crash-%s", name);
	catch_deaths();
	for (size_t i = 0; i < corpus.count; i++) {
		run_input(corpus.files[i].data, corpus.files[i].len);
	}
	run_mutations(&corpus, seed, runs);
	printf("%s: %zu files, %llu mutations of seed %llu\n", name,
	       corpus.count, (unsigned long long)runs,
	       (unsigned long long)seed);
	printf("%zu passed, 0 failed\n", corpus.count + (runs > 0 ? 1 : 0));
	for (size_t i = 0; i < corpus.count; i++) {
		ha_buf_fini(&corpus.files[i]);
	}
	return 0;
}
