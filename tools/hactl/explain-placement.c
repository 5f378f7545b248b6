/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"
#include "show.h"
#include "verbs.h"

static int run_explain_placement(struct hactl *h)
{
	return hactl_show(h, &(struct hactl_show){
		.request = HA_REQUEST_PLACEMENT,
		.arg = { "vm", h->args[0] },
		.render = hactl_render_placement });
}

const struct hactl_verb hactl_explain_placement_verb = {
	.noun = "explain", .verb = "placement", .args = "VM",
	.help = "which hosts could run this VM, and why not the others",
	.more = "As if the VM were to start now, beside all that runs. SCORE "
		"is what stays free on the host, of 1000; the largest is "
		"chosen where VMs are spread, the smallest where they are "
		"packed.",
	.run = run_explain_placement,
};
