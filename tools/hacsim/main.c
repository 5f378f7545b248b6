/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hacsim(8): clusters of hac in a simulated world. */
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hacsim.h"
#include "sim/run.h"

static const char usage[] =
	"usage: hacsim run [--trace] [--seed N] [--record DIR] FILE|DIR...\n"
	"       hacsim swarm --seeds A-B [--jobs N] [--save DIR] [--no-shrink]\n"
	"                    [--trace]\n"
	"       hacsim replay [--trace] [--then SCENARIO] FILE\n"
	"       hacsim what-if --config FILE --kill HOST | ... (--help)\n"
	"\n"
	"run runs scenarios; exit 0: every line held, 1: one did not, 2: a file\n"
	"is wrong. swarm runs random clusters with random faults, one per seed;\n"
	"one that fails is made as small as it gets and saved as a scenario.\n"
	"replay gives a recorded hacd the same events once more.\n";

struct totals {
	unsigned held, broken, bad;
};

/* Each life of each hacd into a file of its own: HOST-N.record */
static void write_record(const char *host, const struct ha_buf *record,
			 void *arg)
{
	static unsigned count;
	const char *dir = arg;
	char path[4096];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s-%u.record", dir, host,
		       ++count);
	f = fopen(path, "wex");
	if (!f || fwrite(record->data, 1, record->len, f) != record->len) {
		fprintf(stderr, "hacsim: %s: %s\n", path, strerror(errno));
	}
	if (f) {
		fclose(f);
	}
}

static void run_file(const char *path, const struct ha_sim_options *o,
		     struct totals *t)
{
	struct ha_scenario sc;
	struct ha_buf out = { 0 };
	enum ha_sim_verdict verdict = HA_SIM_BAD_FILE;

	if (ha_scenario_read(path, &sc, &out) == 0) {
		verdict = ha_sim_run(&sc, o, &out);
		ha_scenario_fini(&sc);
	}
	printf("%s %s\n", verdict == HA_SIM_HELD     ? "ok    "
			  : verdict == HA_SIM_BROKEN ? "not ok"
						     : "wrong ", path);
	if (out.data) {
		printf("  %s\n", out.data);
	}
	t->held += verdict == HA_SIM_HELD;
	t->broken += verdict == HA_SIM_BROKEN;
	t->bad += verdict == HA_SIM_BAD_FILE;
	fflush(stdout);
	ha_buf_fini(&out);
}

static int is_scenario(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return len > 9 && strcmp(d->d_name + len - 9, ".scenario") == 0;
}

static void run_dir(const char *path, const struct ha_sim_options *o,
		    struct totals *t)
{
	struct dirent **list = NULL;
	int n = scandir(path, &list, is_scenario, alphasort);

	if (n <= 0) {
		fprintf(stderr, "hacsim: %s: %s\n", path,
			n < 0 ? strerror(errno) : "has no *.scenario");
		t->bad++;
	}
	for (int i = 0; i < n; i++) {
		struct ha_buf file = { 0 };

		ha_buf_printf(&file, "%s/%s", path, list[i]->d_name);
		if (file.data) {
			run_file(file.data, o, t);
		}
		ha_buf_fini(&file);
		free(list[i]);
	}
	free(list);
}

static int run(int argc, char **argv)
{
	static const struct option options[] = {
		{ "trace", no_argument, NULL, 't' },
		{ "seed", required_argument, NULL, 's' },
		{ "record", required_argument, NULL, 'r' },
		{ 0 },
	};
	struct ha_sim_options o = { 0 };
	struct totals t = { 0 };
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 't') {
			o.trace = stdout;
		} else if (c == 's') {
			o.seed = strtoull(optarg, NULL, 10);
		} else if (c == 'r') {
			o.record = write_record;
			o.record_arg = optarg;
			o.record_bytes = 8u << 20;
		} else {
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind == argc) {
		fputs(usage, stderr);
		return 2;
	}
	for (int i = optind; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode)) {
			run_dir(argv[i], &o, &t);
		} else {
			run_file(argv[i], &o, &t);
		}
	}
	printf("%u passed, %u failed\n", t.held, t.broken + t.bad);
	return t.bad > 0 ? 2 : t.broken > 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc >= 2 && strcmp(argv[1], "run") == 0) {
		return run(argc - 1, argv + 1);
	}
	if (argc >= 2 && strcmp(argv[1], "swarm") == 0) {
		return hacsim_swarm(argc - 1, argv + 1);
	}
	if (argc >= 2 && strcmp(argv[1], "replay") == 0) {
		return hacsim_replay(argc - 1, argv + 1);
	}
	if (argc >= 2 && strcmp(argv[1], "what-if") == 0) {
		return hacsim_what_if(argc - 1, argv + 1);
	}
	if (argc >= 2 && strcmp(argv[1], "--help") == 0) {
		fputs(usage, stdout);
		return 0;
	}
	fputs(usage, stderr);
	return 2;
}
