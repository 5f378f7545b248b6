/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "verbs.h"

static int run_host_unfreeze(struct hactl *h)
{
	struct ha_command c = { .verb = HA_CMD_HOST_UNFREEZE };
	ha_hostid self = HA_HOST_NONE;
	int r;

	if (h->arg_count > 0) {
		r = hactl_find_host(h, NULL, &self);
		if (r == HACTL_OK) {
			r = hactl_find_host(h, h->args[0], &c.host);
		}
		if (r != HACTL_OK) {
			return r;
		}
		if (c.host != self) {
			return hactl_fail(h, HACTL_FAILED, "only host %s itself "
					  "can do that: run it there",
					  h->args[0]);
		}
	}
	return hactl_send(h, &c, "hacd on this host decides again");
}

const struct hactl_verb hactl_host_unfreeze_verb = {
	.noun = "host", .verb = "unfreeze", .args = "[HOST]",
	.help = "let a frozen hacd on this host decide again",
	.more = "A hacd that crashed twice within ten minutes over no VM, "
		"or six times over any, comes back frozen: it observes, "
		"persists and votes, but starts and fences nothing. Find "
		"out why it crashed first ('journalctl -u hacd', 'hactl "
		"report'). HOST can only be this host; naming it guards "
		"against the wrong terminal.",
	.run = run_host_unfreeze,
};
