/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "verbs.h"

static int run_host_stay(struct hactl *h)
{
	struct ha_command c = { .verb = HA_CMD_HOST_STAY };

	return hactl_host_command(h, &c, "committed: it stays, and takes VMs "
				  "again");
}

const struct hactl_verb hactl_host_stay_verb = {
	.noun = "host", .verb = "stay", .args = "[HOST]",
	.help = "call off 'host leave'",
	.more = "For a host (this one, if none is named) that was told to "
		"leave and did not go down after all.",
	.run = run_host_stay,
};
