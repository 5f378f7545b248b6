/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "edit.h"
#include "verbs.h"

static int run_vm_remove(struct hactl *h)
{
	struct ha_conf_edit edit = { .name = h->args[0] };

	return hactl_edit(h, ha_conf_remove_vm, &edit, "committed: it is no "
			  "longer in the cluster's care");
}

const struct hactl_verb hactl_vm_remove_verb = {
	.noun = "vm", .verb = "remove", .args = "VM",
	.help = "take a VM out of the cluster's care",
	.more = "Its domain XML leaves the configuration; keep a copy if you "
		"need it ('hactl config show'). Its disks are not touched. "
		"Rules lose it; one that is about no other VM goes too.",
	.run = run_vm_remove,
};
