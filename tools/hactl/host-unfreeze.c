/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "verbs.h"

static int run_host_unfreeze(struct hactl *h)
{
	struct ha_command c = { .verb = HA_CMD_HOST_UNFREEZE };

	return hactl_send(h, &c, "hacd on this host decides again");
}

const struct hactl_verb hactl_host_unfreeze_verb = {
	.noun = "host", .verb = "unfreeze", .args = "",
	.help = "let a frozen hacd on this host decide again",
	.more = "A hacd that crashed twice within ten minutes comes back "
		"frozen: it observes, persists and votes, but starts and "
		"fences nothing. Find out why it crashed first ('journalctl "
		"-u hacd', 'hactl report').",
	.run = run_host_unfreeze,
};
