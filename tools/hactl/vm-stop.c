/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "verbs.h"
#include "wait.h"

static int run_vm_stop(struct hactl *h)
{
	struct ha_command c = { .verb = HA_CMD_VM_STOP };
	bool wait = hactl_given(h, "wait") != NULL;
	int r = hactl_vm_command(h, &c, wait ? NULL :
				 "committed: it is wanted stopped");

	if (r != HACTL_OK || !wait) {
		return r;
	}
	return hactl_wait(h, &(struct hactl_goal){
		.vm = h->args[0], .state = "stopped",
		.done = "it is stopped" });
}

static const struct hactl_opt opts[] = {
	{ "wait", NULL, "wait until it is stopped" },
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_vm_stop_verb = {
	.noun = "vm", .verb = "stop", .args = "VM",
	.help = "want a VM stopped, and keep it stopped",
	.more = "The guest is asked to shut down; after its stop-timeout it "
		"is switched off. Returns when the wish is committed. A VM "
		"that is stopped this way is never started by a failover.",
	.opts = opts, .run = run_vm_stop,
};
