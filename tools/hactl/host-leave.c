/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "verbs.h"
#include "wait.h"

static int run_host_leave(struct hactl *h)
{
	struct ha_command c = { .verb = HA_CMD_HOST_LEAVE };

	c.on = hactl_given(h, "reboot") != NULL;
	hactl_patience(h);
	return hactl_host_command(h, &c, "committed: it has left; nobody "
				  "fences it");
}

static const struct hactl_opt opts[] = {
	{ "reboot", NULL, "it will be back soon" },
	{ "local", NULL, "this host (as without HOST)" },
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_host_leave_verb = {
	.noun = "host", .verb = "leave", .args = "[HOST]",
	.help = "take a host out in good order, as before a shutdown",
	.more = "The VMs of the host (this one, if none is named) move or "
		"stop, as their on-host-shutdown says; then it is committed "
		"that the host runs none and starts none until it joins "
		"again, so that it may be switched off without being fenced. "
		"'systemctl reboot' and 'systemctl poweroff' do this by "
		"themselves. Waits until it is done. 'hactl host stay' calls "
		"it off.",
	.opts = opts, .run = run_host_leave,
};
