/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"
#include "show.h"
#include "verbs.h"

static int run_host_show(struct hactl *h)
{
	return hactl_show(h, &(struct hactl_show){
		.request = HA_REQUEST_HOST_SHOW, .arg = { "host", h->args[0] },
		.render = hactl_render_host });
}

const struct hactl_verb hactl_host_show_verb = {
	.noun = "host", .verb = "show", .args = "HOST",
	.help = "all that is known of one host",
	.run = run_host_show,
};
