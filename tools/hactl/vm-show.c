/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"
#include "show.h"
#include "verbs.h"

static int run_vm_show(struct hactl *h)
{
	return hactl_show(h, &(struct hactl_show){
		.request = HA_REQUEST_VM_SHOW, .arg = { "vm", h->args[0] },
		.render = hactl_render_vm });
}

const struct hactl_verb hactl_vm_show_verb = {
	.noun = "vm", .verb = "show", .args = "VM",
	.help = "all that is known of one VM",
	.more = "A VM may be named by its UUID too.",
	.run = run_vm_show,
};
