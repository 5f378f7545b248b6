/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "ask.h"
#include "diff.h"
#include "file.h"
#include "verbs.h"

static int run_config_diff(struct hactl *h)
{
	struct hactl_config now = { .text = NULL };
	struct hactl_file file = { .config = NULL };
	int r = hactl_file_read(h, h->args[0], &file);

	if (r == HACTL_OK) {
		r = hactl_config_fetch(h, NULL, &now);
	}
	if (r == HACTL_OK) {
		r = hactl_diff_print(h, &now, file.config);
	}
	hactl_config_fini(&now);
	hactl_file_fini(&file);
	return r;
}

const struct hactl_verb hactl_config_diff_verb = {
	.noun = "config", .verb = "diff", .args = "FILE",
	.help = "what 'config apply FILE' would change",
	.run = run_config_diff,
};
