/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "verbs.h"
#include "wait.h"

static int run_vm_start(struct hactl *h)
{
	struct ha_command c = { .verb = HA_CMD_VM_START };
	bool wait = hactl_given(h, "wait") != NULL;
	int r = hactl_vm_command(h, &c, wait ? NULL :
				 "committed: it is wanted running");

	if (r != HACTL_OK || !wait) {
		return r;
	}
	return hactl_wait(h, &(struct hactl_goal){
		.vm = h->args[0], .state = "running", .done = "it runs" });
}

static const struct hactl_opt opts[] = {
	{ "wait", NULL, "wait until it runs" },
	HACTL_OPT_FORCE,
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_vm_start_verb = {
	.noun = "vm", .verb = "start", .args = "VM",
	.help = "want a VM running, and keep it running",
	.more = "Returns when the wish is committed, so that it survives any "
		"failure; the cluster then starts the VM where there is room. "
		"Use this instead of 'virsh start'.",
	.opts = opts, .run = run_vm_start,
};
