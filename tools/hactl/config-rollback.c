/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "diff.h"
#include "file.h"
#include "verbs.h"

/* What differs is shown first, as 'config apply' does. */
static int show_change(const struct hactl *h, const struct hactl_config *now,
		       const struct hactl_config *old)
{
	struct ha_config *to = NULL;
	int r = hactl_config_parse(h, old, &to);

	if (r == HACTL_OK) {
		r = hactl_diff_print(h, now, to);
	}
	ha_conf_free(to);
	return r;
}

static int go_back(struct hactl *h, const struct hactl_config *now,
		   struct hactl_config *old)
{
	char done[160];
	int r = HACTL_OK;

	if (old->len == now->len &&
	    memcmp(old->text, now->text, now->len) == 0) {
		(void)snprintf(done, sizeof(done), "nothing to do: version "
			       "%llu, which is in force, says just this",
			       now->version);
		hactl_say_done(h, done);
		return HACTL_OK;
	}
	if (!h->json) {
		r = show_change(h, now, old);
	}
	if (r == HACTL_OK) {
		old->version = now->version; /* the base */
		r = hactl_submit(h, old, NULL, "committed");
	}
	return r;
}

static int run_config_rollback(struct hactl *h)
{
	struct hactl_config now = { .text = NULL }, old = { .text = NULL };
	const char *number = h->args[0];
	int r;

	if (number[0] == '\0' ||
	    number[strspn(number, "0123456789")] != '\0') {
		return hactl_fail(h, HACTL_USAGE, "'%s' is no version; it is a "
				  "number that 'hactl config history' shows",
				  number);
	}
	r = hactl_config_fetch(h, NULL, &now);
	if (r == HACTL_OK) {
		r = hactl_config_fetch(h, number, &old);
	}
	if (r == HACTL_OK) {
		r = go_back(h, &now, &old);
	}
	hactl_config_fini(&now);
	hactl_config_fini(&old);
	return r;
}

static const struct hactl_opt opts[] = {
	HACTL_OPT_FORCE,
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_config_rollback_verb = {
	.noun = "config", .verb = "rollback", .args = "N",
	.help = "put an old version into force again, as a new one",
	.more = "The differences are shown. The new version says what version "
		"N said, so that the history stays whole and the way back is "
		"the same command. It is checked like any other change: one "
		"that would remove a VM that runs, or a host that is not "
		"proven down, is refused. 'hactl config history' shows which "
		"versions this host keeps.",
	.opts = opts, .run = run_config_rollback,
};
