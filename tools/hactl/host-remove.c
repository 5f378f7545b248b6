/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "edit.h"
#include "verbs.h"

static int run_host_remove(struct hactl *h)
{
	struct ha_conf_edit edit = { .name = h->args[0] };

	return hactl_edit(h, ha_conf_remove_host, &edit, "committed: it is no "
			  "longer a host of the cluster");
}

static const struct hactl_opt opts[] = {
	HACTL_OPT_FORCE,
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_host_remove_verb = {
	.noun = "host", .verb = "remove", .args = "HOST",
	.help = "remove a host from the cluster",
	.more = "The host must have left ('hactl host leave' on it) or be "
		"proven down: refused otherwise, since it may still run VMs. "
		"For a dead host: 'hactl fence host HOST' or, after you "
		"looked, 'hactl fence confirm'. Groups and rules lose it; "
		"one that names no other host must be changed before. Take "
		"it out of corosync.conf afterwards.",
	.opts = opts, .run = run_host_remove,
};
