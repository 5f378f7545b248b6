/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "ask.h"
#include "verbs.h"

static int run_fence_confirm(struct hactl *h)
{
	struct ha_command c = { .verb = HA_CMD_FENCE_CONFIRM };
	const char *word = hactl_given(h, "yes-host-is-off");

	if (word == NULL || strcmp(word, h->args[0]) != 0) {
		return hactl_fail(h, HACTL_USAGE, "go and look that host %s is "
				  "really off; then say so: hactl fence "
				  "confirm %s --yes-host-is-off=%s",
				  h->args[0], h->args[0], h->args[0]);
	}
	return hactl_host_command(h, &c, "committed: the host counts as down, "
				  "its VMs are started elsewhere");
}

static const struct hactl_opt opts[] = {
	{ "yes-host-is-off", "HOST", "the same name once more; your word" },
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_fence_confirm_verb = {
	.noun = "fence", .verb = "confirm", .args = "HOST",
	.help = "give your word that a host is off",
	.more = "For a lost host whose fence devices fail, after you saw with "
		"your own eyes that it is off, or pulled its plug. Its VMs "
		"are then started elsewhere. If you are wrong, they may run "
		"twice and destroy their disks. Refused while anything shows "
		"the host alive.",
	.opts = opts, .run = run_fence_confirm,
};
