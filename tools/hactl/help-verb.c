/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "help.h"
#include "verbs.h"

static int run_help(struct hactl *h)
{
	const char *noun = h->arg_count > 0 ? h->args[0] : NULL;
	const char *verb = h->arg_count > 1 ? h->args[1] : NULL;
	const struct hactl_verb *v = NULL;
	struct ha_buf b = { .data = NULL };

	if (noun != NULL) {
		v = hactl_verb_find(noun, verb);
	}
	if (noun != NULL && v == NULL) {
		if (hactl_noun_find(noun) == NULL || verb != NULL) {
			return hactl_fail(h, HACTL_USAGE, "there is no command "
					  "'%s%s%s'; 'hactl help' lists them "
					  "all", noun, verb ? " " : "",
					  verb ? verb : "");
		}
		hactl_help_noun(noun, &h->screen, &b);
		return hactl_flush(&b);
	}
	hactl_help(v, &h->screen, &b);
	return hactl_flush(&b);
}

const struct hactl_verb hactl_help_verb = {
	.noun = "help", .args = "[NOUN] [VERB]",
	.help = "say what hactl, or one of its commands, does",
	.run = run_help,
};
