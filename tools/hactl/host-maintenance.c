/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "ask.h"
#include "verbs.h"
#include "wait.h"

static int run_host_maintenance(struct hactl *h)
{
	struct ha_command c = { .verb = HA_CMD_HOST_MAINTENANCE };
	bool wait;
	int r;

	c.on = strcmp(h->args[0], "on") == 0;
	wait = c.on && hactl_given(h, "wait") != NULL;
	r = hactl_host_command(h, &c, wait ? NULL : c.on ?
			       "committed: its VMs stop and start elsewhere; "
			       "'hactl host list' shows when none is left" :
			       "committed: it takes VMs again");
	if (r != HACTL_OK || !wait) {
		return r;
	}
	return hactl_wait(h, &(struct hactl_goal){
		.host = h->args[1], .no_vm_runs = true,
		.done = "no VM is on it any more" });
}

static const struct hactl_opt opts[] = {
	{ "wait", NULL, "on: wait until no VM is on it any more" },
	HACTL_OPT_FORCE,
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_host_maintenance_verb = {
	.noun = "host", .verb = "maintenance", .args = "on|off HOST",
	.help = "empty a host of VMs, or let it take some again",
	.more = "In maintenance a host stays a member and keeps its vote, but "
		"its VMs stop and start on other hosts (this version has no "
		"live migration), and none is started on it. It survives a "
		"reboot of the host: switch it off yourself.",
	.opts = opts, .run = run_host_maintenance,
};
