/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hacsim exhaust: every order of events of small clusters. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hacsim.h"
#include "sim/exhaust.h"

static const char usage[] =
	"usage: hacsim exhaust [--hosts N] [--vms N] [--depth N] [--faults N]\n"
	"                      [--no-fold]\n"
	"\n"
	"Every order of the events of clusters of 2 and 3 hosts with 1 and 2 VMs\n"
	"(or of those told), with crashes at every place, to a depth. Exit 0: all\n"
	"promises held; 1: one did not, its path is printed.\n";

struct small { /* one cluster; all of them take about a minute */
	uint32_t hosts, vms, depth, faults;
};

static const struct small all[] = {
	{ 2, 1, 13, 1 }, { 2, 2, 13, 1 }, { 3, 1, 10, 1 }, { 3, 2, 10, 1 },
};

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail on Linux */
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void save(const struct ha_exhaust_options *o, const char *story)
{
	struct ha_buf config = { 0 };
	FILE *f = fopen("exhaust.xml", "we");

	ha_exhaust_config(o, &config);
	if (f) {
		fputs(config.data ? config.data : "", f);
		fclose(f);
	}
	f = fopen("exhaust.scenario", "we");
	if (f) {
		fprintf(f, "# Found by hacsim exhaust; its order of events "
			"cannot be told here.\ncluster exhaust.xml\n%s\n"
			"start\nhactl vm move v1 h2\n%s"
			"expect settled within 60s\n%sheal\n"
			"boot all\nexpect settled within 180s\n",
			o->hosts == 2 ? "corosync two_node\n" : "",
			o->hosts > 2 && o->vms > 1 ? "hactl vm move v2 h3\n"
						   : "", story);
		fclose(f);
		puts("  as far as a scenario can tell it: exhaust.scenario");
	}
	ha_buf_fini(&config);
}

static bool search(const struct ha_exhaust_options *o)
{
	struct ha_buf out = { 0 }, story = { 0 };
	double began = now();
	struct ha_exhaust_result r = ha_sim_exhaust(o, &out, &story);

	printf("%u hosts, %u VMs, depth %u, faults %u: %llu states, %llu "
	       "transitions (%llu to known ones), %llu ends, %.1f s%s\n",
	       o->hosts, o->vms, o->depth, o->faults,
	       (unsigned long long)r.states,
	       (unsigned long long)r.transitions,
	       (unsigned long long)r.again, (unsigned long long)r.ends,
	       now() - began, r.full ? ", NOT ALL: out of room" : "");
	if (r.failed) {
		printf("  %s\n", out.data ? out.data : "");
		save(o, story.data ? story.data : "");
	}
	ha_buf_fini(&out);
	ha_buf_fini(&story);
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

static bool parse_args(int argc, char **argv, struct ha_exhaust_options *o)
{
	static const struct option options[] = {
		{ "hosts", required_argument, NULL, 'h' },
		{ "vms", required_argument, NULL, 'v' },
		{ "depth", required_argument, NULL, 'd' },
		{ "faults", required_argument, NULL, 'f' },
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
		} else if (c == 'f') {
			ok = parse_number(optarg, 0, 4, &o->faults);
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
	struct ha_exhaust_options given = { .faults = UINT32_MAX };
	bool held = true;

	if (!parse_args(argc, argv, &given)) {
		fputs(usage, stderr);
		return 2;
	}
	for (size_t i = 0; held && i < sizeof(all) / sizeof(*all); i++) {
		struct ha_exhaust_options o = given;

		if ((o.hosts != 0 && o.hosts != all[i].hosts) ||
		    (o.vms != 0 && o.vms != all[i].vms)) {
			continue;
		}
		o.hosts = all[i].hosts;
		o.vms = all[i].vms;
		o.depth = o.depth != 0 ? o.depth : all[i].depth;
		o.faults = o.faults != UINT32_MAX ? o.faults : all[i].faults;
		held = search(&o);
	}
	return held ? 0 : 1;
}
