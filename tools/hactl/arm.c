/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "verbs.h"

static int run_arm(struct hactl *h)
{
	struct ha_command c = { .verb = HA_CMD_ARM };

	return hactl_send(h, &c, "committed: failures are answered again");
}

const struct hactl_verb hactl_arm_verb = {
	.noun = "arm", .args = "",
	.help = "end 'disarm'",
	.more = "What failed meanwhile is dealt with at once: lost hosts are "
		"fenced, their VMs started elsewhere. Look at 'hactl status' "
		"first.",
	.run = run_arm,
};
