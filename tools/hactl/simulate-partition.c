/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simulate.h"
#include "verbs.h"

static int run_simulate_partition(struct hactl *h)
{
	return hactl_simulate(h, HA_QUESTION_PARTITION);
}

const struct hactl_verb hactl_simulate_partition_verb = {
	.noun = "simulate", .verb = "partition", .args = "SIDE...",
	.help = "what would happen if the network broke",
	.more = "Sides are hosts apart by commas, and stand apart by '|', which the "
		"shell must not see:\n\n"
		"  hactl simulate partition h1,h2 '|' h3\n\n"
		"A host that is named in no side still hears all.",
	.run = run_simulate_partition,
};
