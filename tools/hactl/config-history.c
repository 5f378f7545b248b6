/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "render.h"
#include "show.h"
#include "verbs.h"

static int run_config_history(struct hactl *h)
{
	return hactl_show(h, &(struct hactl_show){
		.request = HA_REQUEST_CONFIG_HISTORY, .member = "versions",
		.render = hactl_render_versions });
}

const struct hactl_verb hactl_config_history_verb = {
	.noun = "config", .verb = "history", .args = "",
	.help = "the versions of the configuration held on this host",
	.more = "To go back to one of them: 'hactl config show --secrets "
		"--version=N >FILE', 'hactl config diff FILE', 'hactl config "
		"apply FILE --base=M', with M the version in force now.",
	.run = run_config_history,
};
