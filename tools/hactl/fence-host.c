/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "verbs.h"
#include "wait.h"

static int run_fence_host(struct hactl *h)
{
	struct ha_command c = { .verb = HA_CMD_FENCE_HOST };

	hactl_patience(h);
	return hactl_host_command(h, &c, "it is fenced: its power reads off");
}

const struct hactl_verb hactl_fence_host_verb = {
	.noun = "fence", .verb = "host", .args = "HOST",
	.help = "switch a host off by its fence devices, now",
	.more = "Its VMs are started elsewhere afterwards. Waits until the "
		"attempt has ended: off, and its power reads off; or failed, "
		"with the reason. For a host in good order use 'hactl host "
		"leave' or 'hactl host maintenance on' instead.",
	.run = run_fence_host,
};
