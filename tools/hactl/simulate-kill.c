/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simulate.h"
#include "verbs.h"

static int run_simulate_kill(struct hactl *h)
{
	return hactl_simulate(h, HA_QUESTION_KILL);
}

const struct hactl_verb hactl_simulate_kill_verb = {
	.noun = "simulate", .verb = "kill", .args = "HOST...",
	.help = "what would happen if these hosts lost their power",
	.more = "All of them at the same moment, and for good. Which VM would go "
		"where, in which wave (the starts that a host does at once; who "
		"waits for another VM, in a later one), about when, and which "
		"would not fit and what would make them fit. The very decisions "
		"that hacd makes, for all hosts, in a simulated world that begins "
		"with the cluster as it is now; times are that world's. Nothing "
		"is touched. Exits 1 if a VM that is to run would not.",
	.run = run_simulate_kill,
};
