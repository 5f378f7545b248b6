/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "verbs.h"
#include "wait.h"

static int run_cluster_stop(struct hactl *h)
{
	struct ha_command c = { .verb = HA_CMD_CLUSTER_STOP };
	bool wait = hactl_given(h, "wait") != NULL;
	int r = hactl_send(h, &c, wait ? NULL : "committed: all VMs stop, and "
			   "none is started until 'hactl cluster start'");

	if (r != HACTL_OK || !wait) {
		return r;
	}
	return hactl_wait(h, &(struct hactl_goal){
		.no_vm_runs = true, .done = "no VM runs any more" });
}

static const struct hactl_opt opts[] = {
	{ "wait", NULL, "wait until no VM runs any more" },
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_cluster_stop_verb = {
	.noun = "cluster", .verb = "stop", .args = "",
	.help = "stop all VMs, as before switching everything off",
	.more = "Every VM is stopped, and none is started until 'hactl "
		"cluster start', also after a power cut of all hosts. The "
		"hosts may then be switched off in any order.",
	.opts = opts, .run = run_cluster_stop,
};
