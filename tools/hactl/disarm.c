/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "verbs.h"

static int run_disarm(struct hactl *h)
{
	struct ha_command c = { .verb = HA_CMD_DISARM };

	return hactl_send(h, &c, "committed: nothing is fenced or restarted "
			  "until 'hactl arm'");
}

const struct hactl_verb hactl_disarm_verb = {
	.noun = "disarm", .args = "",
	.help = "fence and restart nothing, until 'arm'",
	.more = "For work on the network or the storage that would look like "
		"failures. VMs run on. Every status says so until you arm the "
		"cluster again.",
	.run = run_disarm,
};
