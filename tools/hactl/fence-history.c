/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "render.h"
#include "show.h"
#include "verbs.h"

static int run_fence_history(struct hactl *h)
{
	char arg[300];

	if (h->arg_count > 0) {
		(void)snprintf(arg, sizeof(arg), "host=%s", h->args[0]);
	}
	return hactl_show(h, &(struct hactl_show){
		.request = "fence-history",
		.arg = h->arg_count > 0 ? arg : NULL, .member = "fences",
		.render = hactl_render_fences });
}

const struct hactl_verb hactl_fence_history_verb = {
	.noun = "fence", .verb = "history", .args = "[HOST]",
	.help = "who was fenced, when, by whom, with what result",
	.run = run_fence_history,
};
