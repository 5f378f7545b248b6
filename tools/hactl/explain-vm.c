/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"
#include "show.h"
#include "verbs.h"

static int run_explain(struct hactl *h)
{
	return hactl_show(h, &(struct hactl_show){
		.request = HA_REQUEST_EXPLAIN, .arg = { "vm", h->args[0] },
		.render = hactl_render_story });
}

const struct hactl_verb hactl_explain_vm_verb = {
	.noun = "explain", .verb = "vm", .args = "VM",
	.help = "why is this VM where it is, from recorded decisions",
	.more = "Each line is one decision: object, facts, and after '->' "
		"what was decided.",
	.run = run_explain,
};
