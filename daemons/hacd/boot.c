/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boot.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "base/log.h"
#include "conf/conf.h"

#define FREEZE_CRASHES 2
#define FREEZE_WINDOW_S 600

/* Process 1's start time: word 22 of its stat, after the name, which may hold
 * anything. */
static int read_start(char *ret_text, size_t size)
{
	char line[1024] = "";
	FILE *f = fopen("/proc/1/stat", "re");
	char *at;

	if (!f) {
		return -errno;
	}
	at = fgets(line, sizeof(line), f);
	fclose(f);
	at = at ? strrchr(line, ')') : NULL;
	for (int i = 0; at && i < 20; i++) {
		at = strchr(at + 1, ' ');
	}
	if (!at) {
		return HA_E_SYNTAX;
	}
	snprintf(ret_text, size, "%.*s", (int)strcspn(at + 1, " "), at + 1);
	return 0;
}

int boot_id(ha_bootid *ret_boot)
{
	char kernel[64] = "", start[32] = "", both[128];
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
	struct ha_hash hash;
	ha_bootid boot;
	int rc;

	if (!f) {
		return -errno;
	}
	rc = fgets(kernel, sizeof(kernel), f) ? 0 : HA_E_SYNTAX;
	fclose(f);
	if (rc == 0) {
		rc = read_start(start, sizeof(start));
	}
	if (rc != 0) {
		return rc;
	}
	snprintf(both, sizeof(both), "%s %s", kernel, start);
	ha_conf_hash(both, strlen(both), &hash);
	memcpy(&boot, hash.b, sizeof(boot));
	*ret_boot = boot != 0 ? boot : 1; /* 0 is "none" */
	return 0;
}

/* --- lives: the file has "alive" if one has not ended, and a line with the
 * time of each crash --- */

struct lives {
	bool alive;
	int64_t crashes[FREEZE_CRASHES]; /* seconds since boot, newest first */
};

static int64_t now_s(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_BOOTTIME, &ts); /* cannot fail on Linux */
	return ts.tv_sec;
}

static void read_lives(const char *run_dir, struct lives *ret_lives)
{
	char path[PATH_MAX], line[64];
	size_t n = 0;
	FILE *f;

	memset(ret_lives, 0, sizeof(*ret_lives));
	snprintf(path, sizeof(path), "%s/lives", run_dir);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (strcmp(line, "alive\n") == 0) {
			ret_lives->alive = true;
		} else if (n < FREEZE_CRASHES && strtoll(line, NULL, 10) > 0) {
			ret_lives->crashes[n++] = strtoll(line, NULL, 10);
		}
	}
	if (f) {
		fclose(f);
	}
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
	for (size_t i = 0; i < FREEZE_CRASHES && lives->crashes[i]; i++) {
		fprintf(f, "%" PRId64 "\n", lives->crashes[i]);
	}
	fclose(f);
}

bool boot_life_begin(const char *run_dir)
{
	struct lives lives;
	bool frozen = false;

	read_lives(run_dir, &lives);
	if (lives.alive) {
		memmove(&lives.crashes[1], &lives.crashes[0],
			(FREEZE_CRASHES - 1) * sizeof(lives.crashes[0]));
		lives.crashes[0] = now_s();
	}
	if (lives.crashes[FREEZE_CRASHES - 1] > 0) {
		frozen = now_s() - lives.crashes[FREEZE_CRASHES - 1] <
			 FREEZE_WINDOW_S;
	}
	lives.alive = true;
	write_lives(run_dir, &lives);
	return frozen;
}

void boot_life_end(const char *run_dir)
{
	struct lives lives;

	read_lives(run_dir, &lives);
	lives.alive = false;
	write_lives(run_dir, &lives);
}

void boot_life_forgive(const char *run_dir)
{
	struct lives lives = { .alive = true };

	write_lives(run_dir, &lives);
}
