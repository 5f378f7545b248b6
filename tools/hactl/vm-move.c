/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "verbs.h"
#include "wait.h"

static int run_vm_move(struct hactl *h)
{
	struct ha_command c = { .verb = HA_CMD_VM_MOVE };
	const char *to = h->args[1];
	bool wait = hactl_given(h, "wait") != NULL;
	int r = hactl_find_host(h, to, &c.host);

	if (r == HACTL_OK) {
		r = hactl_vm_command(h, &c, wait ? NULL :
				     "committed: it stops, and starts there");
	}
	if (r != HACTL_OK || !wait) {
		return r;
	}
	return hactl_wait(h, &(struct hactl_goal){
		.vm = h->args[0], .state = "running", .host = to,
		.done = "it runs there" });
}

static const struct hactl_opt opts[] = {
	{ "wait", NULL, "wait until it runs there" },
	HACTL_OPT_FORCE,
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_vm_move_verb = {
	.noun = "vm", .verb = "move", .args = "VM HOST",
	.help = "stop a VM and start it on another host",
	.more = "The guest is shut down and boots on the other host: this "
		"version has no live migration.",
	.opts = opts, .run = run_vm_move,
};
