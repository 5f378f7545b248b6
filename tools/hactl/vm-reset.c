/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "verbs.h"

static int run_vm_reset(struct hactl *h)
{
	struct ha_command c = { .verb = HA_CMD_VM_RESET };

	return hactl_vm_command(h, &c, "committed: its failures are "
				"forgotten, it is tried again at once");
}

const struct hactl_verb hactl_vm_reset_verb = {
	.noun = "vm", .verb = "reset", .args = "VM",
	.help = "forget a VM's failed starts and try again now",
	.more = "For a VM in state 'failed', after you mended what kept it "
		"from starting. The cluster would try again by itself, paced; "
		"this makes it try at once, on any host. A VM in state "
		"'aside', over which hacd crashed, is looked after again.",
	.run = run_vm_reset,
};
