/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "verbs.h"

static int run_vm_settle(struct hactl *h)
{
	const char *stopped = hactl_given(h, "stopped-on");
	const char *runs = hactl_given(h, "runs-on");
	struct ha_command c = { .verb = stopped != NULL ?
				HA_CMD_VM_SETTLE_STOPPED :
				HA_CMD_VM_SETTLE_RUNS };
	int r;

	if ((stopped == NULL) == (runs == NULL)) {
		return hactl_fail(h, HACTL_USAGE, "say what you saw, one of "
				  "--stopped-on=HOST and --runs-on=HOST");
	}
	r = hactl_find_host(h, stopped != NULL ? stopped : runs, &c.host);
	if (r != HACTL_OK) {
		return r;
	}
	return hactl_vm_command(h, &c, "committed: your word counts");
}

static const struct hactl_opt opts[] = {
	{ "stopped-on", "HOST", "I looked: it does not run on this host" },
	{ "runs-on", "HOST", "I looked: it runs on this host, nowhere else, "
	  "and is to" },
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_vm_settle_verb = {
	.noun = "vm", .verb = "settle", .args = "VM",
	.help = "say where a VM in doubt runs, after you looked",
	.more = "For a VM in state 'unknown' or 'incident', when hac cannot "
		"find out itself. hac believes you. If you are wrong, the VM "
		"may run twice and destroy its disks: look first, with 'virsh "
		"list --all' and 'ps' on the host in question.",
	.opts = opts, .run = run_vm_settle,
};
