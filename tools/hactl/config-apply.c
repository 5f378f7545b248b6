/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "diff.h"
#include "file.h"
#include "verbs.h"

/* From which version was it made? --base, then the file, then what is. */
static int find_base(const struct hactl *h, const struct hactl_config *now,
		     struct hactl_config *file)
{
	const char *base = hactl_given(h, "base");

	if (base != NULL) {
		file->version = strtoull(base, NULL, 10);
	}
	if (file->version == 0) {
		file->version = now->version;
	}
	if (file->version != now->version) {
		return hactl_fail(h, HACTL_FAILED, "not applied: the file was "
				  "made from version %llu, but version %llu is "
				  "in force by now; see 'hactl config diff "
				  "%s', then take up the other change ('hactl "
				  "config show --secrets') or insist with "
				  "--base=%llu", file->version, now->version,
				  h->args[0], now->version);
	}
	return HACTL_OK;
}

static int run_config_apply(struct hactl *h)
{
	struct hactl_config now = { .text = NULL };
	struct hactl_file file = { .config = NULL };
	int r = hactl_file_read(h, h->args[0], &file);

	if (r == HACTL_OK) {
		r = hactl_config_fetch(h, NULL, &now);
	}
	if (r == HACTL_OK) {
		r = find_base(h, &now, &file.as_sent);
	}
	if (r == HACTL_OK && !h->json) {
		r = hactl_diff_print(h, &now, file.config);
	}
	if (r == HACTL_OK) {
		r = hactl_submit(h, &file.as_sent, NULL, "committed");
	}
	hactl_config_fini(&now);
	hactl_file_fini(&file);
	return r;
}

static const struct hactl_opt opts[] = {
	{ "base", "N", "the version that FILE was made from" },
	HACTL_OPT_FORCE,
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_config_apply_verb = {
	.noun = "config", .verb = "apply", .args = "FILE",
	.help = "put a configuration into force, all or nothing",
	.more = "The differences are shown, and success is reported only when "
		"they are committed. If another change came between, the file "
		"is refused, so that nobody's change is lost. A file that "
		"names no version counts as made from the one in force.",
	.opts = opts, .run = run_config_apply,
};
