/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"
#include "show.h"
#include "verbs.h"

static int run_fence_history(struct hactl *h)
{
	return hactl_show(h, &(struct hactl_show){
		.request = HA_REQUEST_FENCE_HISTORY,
		.arg = { "host", h->arg_count > 0 ? h->args[0] : NULL },
		.member = "fences",
		.render = hactl_render_fences });
}

const struct hactl_verb hactl_fence_history_verb = {
	.noun = "fence", .verb = "history", .args = "[HOST]",
	.help = "who was fenced, when, by whom, with what result",
	.more = "From what this host has recorded: of what happened while a "
		"host was off, its own fencing too, ask one that was there.",
	.run = run_fence_history,
};
