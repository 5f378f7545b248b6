/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"
#include "show.h"
#include "verbs.h"

static int run_host_list(struct hactl *h)
{
	return hactl_show(h, &(struct hactl_show){
		.request = HA_REQUEST_STATUS, .member = "hosts",
		.render = hactl_render_hosts });
}

const struct hactl_verb hactl_host_list_verb = {
	.noun = "host", .verb = "list", .args = "",
	.help = "all hosts, their state and load",
	.more = "The coordinator has a star. Memory and vcpus are those of "
		"the VMs a host owns, out of what it has for VMs.",
	.run = run_host_list,
};
