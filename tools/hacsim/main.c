/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hacsim(8): clusters of hac in a simulated world. */
#include <stdio.h>
#include <string.h>

#include "hacsim.h"

static const char usage[] =
	"usage: hacsim run [--jobs N] [--seed N] [--trace] [--log] [--rewrite]\n"
	"                  [--record DIR] FILE|DIR...\n"
	"       hacsim swarm --seeds A-B [--jobs N] [--hosts N] [--vms N]\n"
	"                    [--save DIR] [--no-shrink] [--log]\n"
	"       hacsim exhaust [--hosts N] [--vms N] [--from rest|loss|move]\n"
	"                      [--depth N] [--faults N] [--between] [--no-fold]\n"
	"       hacsim replay [--log] [--then SCENARIO] FILE\n"
	"       hacsim what-if --config FILE --kill HOST | ... (--help)\n"
	"       hacsim bench plan --hosts N --vms N [--fail N] ... (--help)\n"
	"\n"
	"run runs scenarios; of a folder and the folders in it each *.scenario.\n"
	"swarm runs random clusters with random faults, one per seed; one that\n"
	"fails is made as small as it gets and saved as a scenario. replay gives a\n"
	"recorded hacd the same events once more. exhaust tries every order of the\n"
	"events of small clusters, to a depth. bench measures the policy engine.\n"
	"Exit status: 0 every line and promise held, 1 one did not, 2 a file or\n"
	"the command line is wrong.\n";

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	bool has_help; /* more than what stands above */
} commands[] = {
	{ "bench", hacsim_bench, true },
	{ "run", hacsim_run, false },
	{ "swarm", hacsim_swarm, false },
	{ "exhaust", hacsim_exhaust, false },
	{ "replay", hacsim_replay, true },
	{ "what-if", hacsim_what_if, true },
};

static bool is_help(int argc, char **argv, int i)
{
	return argc > i && strcmp(argv[i], "--help") == 0;
}

int main(int argc, char **argv)
{
	const size_t count = sizeof(commands) / sizeof(commands[0]);
	size_t i = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while (i < count &&
	       (argc < 2 || strcmp(argv[1], commands[i].name) != 0)) {
		i++;
	}
	if (i < count &&
	    (commands[i].has_help || !is_help(argc, argv, 2))) {
		return commands[i].run(argc - 1, argv + 1);
	}
	if (is_help(argc, argv, i < count ? 2 : 1)) {
		fputs(usage, stdout);
		return 0;
	}
	fputs(usage, stderr);
	return 2;
}
