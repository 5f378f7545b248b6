/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "render.h"
#include "show.h"
#include "verbs.h"

static int run_host_show(struct hactl *h)
{
	char arg[300];

	(void)snprintf(arg, sizeof(arg), "host=%s", h->args[0]);
	return hactl_show(h, &(struct hactl_show){
		.request = "host-show", .arg = arg,
		.render = hactl_render_host });
}

const struct hactl_verb hactl_host_show_verb = {
	.noun = "host", .verb = "show", .args = "HOST",
	.help = "all that is known of one host",
	.run = run_host_show,
};
