/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hacsim exhaust: every order of events of small clusters. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "attempt.h"
#include "hacsim.h"
#include "sim/exhaust.h"

static const char usage[] =
	"usage: hacsim exhaust [--hosts N] [--vms N] [--from rest|loss|move]\n"
	"                      [--depth N] [--faults N] [--between] [--no-fold]\n"
	"\n"
	"Every order of the events of clusters of 2 and 3 hosts with 1 and 2 VMs,\n"
	"at rest, after a host is lost, and while a VM moves (or of those told),\n"
	"with crashes at every place, to a depth. Exit 0: all promises held; 1: one\n"
	"did not, its path is printed.\n";

#define VARIANTS 600 /* of a story, until one fails alike */

/* All of them take about a minute of a processor. */
static const struct ha_exhaust_options all[] = {
	{ 2, 1, HA_EXHAUST_REST, 7, 1, false, false },
	{ 2, 1, HA_EXHAUST_LOSS, 5, 1, false, false },
	{ 2, 1, HA_EXHAUST_MOVE, 6, 1, false, false },
	{ 2, 2, HA_EXHAUST_REST, 6, 1, false, false },
	{ 2, 2, HA_EXHAUST_LOSS, 5, 1, false, false },
	{ 2, 2, HA_EXHAUST_MOVE, 5, 1, false, false },
	{ 3, 1, HA_EXHAUST_REST, 5, 1, false, false },
	{ 3, 1, HA_EXHAUST_LOSS, 4, 1, false, false },
	{ 3, 1, HA_EXHAUST_MOVE, 4, 1, false, false },
	{ 3, 2, HA_EXHAUST_REST, 5, 1, false, false },
	{ 3, 2, HA_EXHAUST_LOSS, 3, 1, false, false },
	{ 3, 2, HA_EXHAUST_MOVE, 4, 1, false, false },
	{ 2, 1, HA_EXHAUST_LOSS, 8, 1, false, true },
	{ 2, 1, HA_EXHAUST_MOVE, 10, 1, false, true },
	{ 3, 1, HA_EXHAUST_LOSS, 5, 1, false, true },
	{ 3, 1, HA_EXHAUST_MOVE, 7, 1, false, true },
};

struct exhaust_args {
	uint32_t hosts, vms, depth; /* 0: not told */
	enum ha_exhaust_from from;  /* FROM_COUNT: not told */
	uint32_t faults;            /* UINT32_MAX: not told */
	bool between, no_fold;
};

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail on Linux */
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool write_file(const char *path, struct ha_buf *text)
{
	bool ok = hacsim_write_file(path, text);

	if (!ok) {
		fprintf(stderr, "hacsim: %s: %s\n", path, strerror(errno));
	}
	ha_buf_clear(text);
	return ok;
}

/* Of its variants the first that fails alike, or else the plain one. */
static void save(const struct ha_exhaust_options *o,
		 const struct ha_exhaust_result *r, const char *why)
{
	struct hacsim_attempt *a = hacsim_attempt_create();
	struct ha_buf text = { 0 };
	bool alike = false;

	ha_exhaust_config(o, &text);
	(void)write_file("exhaust.xml", &text); /* without it none is alike */
	for (uint32_t i = 0; a && i <= VARIANTS && !alike; i++) {
		ha_exhaust_story(o, r, i < VARIANTS ? i : 0, &text);
		if (!write_file("exhaust.scenario", &text)) {
			break;
		}
		hacsim_attempt_file(a, "exhaust.scenario");
		alike = hacsim_attempt_failed_like(a, why);
	}
	printf("  as a scenario: exhaust.scenario%s\n", alike ? "" :
	       ", which does not fail alike: its order of events cannot be "
	       "told in one");
	ha_buf_fini(&text);
	hacsim_attempt_destroy(a);
}

static bool search(const struct ha_exhaust_options *o)
{
	struct ha_buf out = { 0 };
	double began = now();
	struct ha_exhaust_result r = ha_sim_exhaust(o, &out);

	printf("%u hosts, %u VMs, %s, depth %u, faults %u%s: %llu states, %llu "
	       "transitions (%llu to known ones, %llu crashes between actions), "
	       "%llu ends, %.1f s%s\n",
	       o->hosts, o->vms, ha_exhaust_from_name(o->from), o->depth,
	       o->faults, o->between ? " between actions" : "",
	       (unsigned long long)r.states,
	       (unsigned long long)r.transitions,
	       (unsigned long long)r.again, (unsigned long long)r.between,
	       (unsigned long long)r.ends, now() - began, r.full ? ", NOT ALL: out of room" : "");
	if (r.failed) {
		printf("  %s\n", out.data ? out.data : "");
		save(o, &r, out.data ? out.data : "");
	}
	ha_buf_fini(&out);
	return !r.failed;
}

static bool parse_number(const char *text, uint32_t from, uint32_t to,
			 uint32_t *ret)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (*end != '\0' || end == text || v < from || v > to) {
		fprintf(stderr, "hacsim: '%s' is not a number from %u to %u\n",
			text, from, to);
		return false;
	}
	*ret = (uint32_t)v;
	return true;
}

static bool parse_from(const char *text, enum ha_exhaust_from *ret_from)
{
	for (unsigned i = 0; i < HA_EXHAUST_FROM_COUNT; i++) {
		if (strcmp(text, ha_exhaust_from_name(i)) == 0) {
			*ret_from = i;
			return true;
		}
	}
	fprintf(stderr, "hacsim: '%s' where rest, loss or move is expected\n",
		text);
	return false;
}

static bool parse_args(int argc, char **argv, struct exhaust_args *o)
{
	static const struct option options[] = {
		{ "hosts", required_argument, NULL, 'h' },
		{ "vms", required_argument, NULL, 'v' },
		{ "from", required_argument, NULL, 'b' },
		{ "depth", required_argument, NULL, 'd' },
		{ "faults", required_argument, NULL, 'f' },
		{ "between", no_argument, NULL, 'w' },
		{ "no-fold", no_argument, NULL, 'n' },
		{ 0 },
	};
	bool ok = true;
	int c;

	while (ok && (c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'h') {
			ok = parse_number(optarg, 2, EXHAUST_HOSTS_MAX,
					  &o->hosts);
		} else if (c == 'v') {
			ok = parse_number(optarg, 1, EXHAUST_VMS_MAX, &o->vms);
		} else if (c == 'd') {
			ok = parse_number(optarg, 1, EXHAUST_DEPTH_MAX,
					  &o->depth);
		} else if (c == 'b') {
			ok = parse_from(optarg, &o->from);
		} else if (c == 'f') {
			ok = parse_number(optarg, 0, EXHAUST_FAULTS_MAX,
					  &o->faults);
		} else if (c == 'w') {
			o->between = true;
		} else if (c == 'n') {
			o->no_fold = true;
		} else {
			ok = false;
		}
	}
	return ok && optind == argc;
}

int hacsim_exhaust(int argc, char **argv)
{
	struct exhaust_args given = { .from = HA_EXHAUST_FROM_COUNT,
				      .faults = UINT32_MAX };
	bool held = true;

	if (!parse_args(argc, argv, &given)) {
		fputs(usage, stderr);
		return 2;
	}
	for (size_t i = 0; held && i < sizeof(all) / sizeof(*all); i++) {
		struct ha_exhaust_options o = all[i];

		if ((given.hosts != 0 && o.hosts != given.hosts) ||
		    (given.vms != 0 && o.vms != given.vms) ||
		    (given.from != HA_EXHAUST_FROM_COUNT &&
		     o.from != given.from)) {
			continue;
		}
		o.depth = given.depth != 0 ? given.depth : o.depth;
		o.faults = given.faults != UINT32_MAX ? given.faults : o.faults;
		o.no_fold = given.no_fold;
		o.between = o.between || given.between;
		held = search(&o);
	}
	return held ? 0 : 1;
}
