/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "file.h"
#include "js.h"
#include "verbs.h"

static int run_config_show(struct hactl *h)
{
	struct ha_arg arg = { .key = "version",
			      .value = hactl_given(h, "version") };
	bool secrets = hactl_given(h, "secrets") != NULL;
	struct ha_buf b = { .data = NULL };
	json_t *answer;
	int r = hactl_get(h, secrets ? HA_REQUEST_CONFIG_TEXT :
				       HA_REQUEST_CONFIG_SHOW, &arg, &answer);

	if (r != HACTL_OK) {
		return r;
	}
	if (h->json) {
		hactl_print_json(answer);
	} else {
		hactl_file_mark(hactl_js_str(answer, "text"),
				(unsigned long long)hactl_js_int(answer,
								 "version"),
				&b);
		r = hactl_flush(&b);
	}
	json_decref(answer);
	return r;
}

static const struct hactl_opt opts[] = {
	{ "version", "N", "an old one, if it is still held here" },
	{ "secrets", NULL, "show passwords in domain XML too" },
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_config_show_verb = {
	.noun = "config", .verb = "show", .args = "",
	.help = "print the configuration in force",
	.more = "To change it: 'hactl config show --secrets >FILE', edit, "
		"'hactl config apply FILE'. The comment in the second line "
		"says from which version you started; 'apply' refuses the "
		"file if another change came between. Passwords in domain XML "
		"are shown as *** unless you ask for them.",
	.opts = opts, .run = run_config_show,
};
