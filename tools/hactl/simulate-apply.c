/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simulate.h"
#include "verbs.h"

static int run_simulate_apply(struct hactl *h)
{
	return hactl_simulate(h, HA_QUESTION_APPLY);
}

const struct hactl_verb hactl_simulate_apply_verb = {
	.noun = "simulate", .verb = "apply", .args = "FILE",
	.help = "what would happen if this configuration were applied",
	.more = "As 'hactl config apply FILE', that is: which VMs would start, move "
		"or stop, and where. 'hactl config diff FILE' tells what differs.",
	.run = run_simulate_apply,
};
