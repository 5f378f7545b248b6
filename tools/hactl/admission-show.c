/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"
#include "show.h"
#include "verbs.h"

static int run_admission_show(struct hactl *h)
{
	return hactl_show(h, &(struct hactl_show){
		.request = HA_REQUEST_ADMISSION,
		.render = hactl_render_admission });
}

const struct hactl_verb hactl_admission_show_verb = {
	.noun = "admission", .verb = "show", .args = "",
	.help = "how many hosts may fail now, and what limits it",
	.more = "By the policy that the configuration chooses; see "
		"cluster.xml(5). What an admin asks for is refused if the "
		"failures that are to be tolerated could not be tolerated "
		"afterwards, unless --force is given. Recovery itself is "
		"never refused.",
	.run = run_admission_show,
};
