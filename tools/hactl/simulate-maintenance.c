/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simulate.h"
#include "verbs.h"

static int run_simulate_maintenance(struct hactl *h)
{
	return hactl_simulate(h, HA_QUESTION_MAINTENANCE);
}

const struct hactl_verb hactl_simulate_maintenance_verb = {
	.noun = "simulate", .verb = "maintenance", .args = "HOST...",
	.help = "what would happen if these hosts were emptied",
	.more = "As 'hactl host maintenance on', one after the other.",
	.run = run_simulate_maintenance,
};
