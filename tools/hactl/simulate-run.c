/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simulate.h"
#include "verbs.h"

static int run_simulate_run(struct hactl *h)
{
	return hactl_simulate(h, HA_QUESTION_FILE);
}

const struct hactl_verb hactl_simulate_run_verb = {
	.noun = "simulate", .verb = "run", .args = "FILE",
	.help = "what would happen if this story did",
	.more = "A scenario(5); what stands in it before its first step is not used. "
		"'hactl simulate FILE' does too, if there is a dot or a slash in "
		"the name.",
	.run = run_simulate_run,
};
