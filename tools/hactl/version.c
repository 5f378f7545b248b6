/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <stdio.h>

#include "ask.h"
#include "verbs.h"

static int run_version(struct hactl *h)
{
	json_t *json;

	if (!h->json) {
		(void)printf("hac %s\n", PACKAGE_VERSION);
		return HACTL_OK;
	}
	json = json_pack("{s:s}", "version", PACKAGE_VERSION);
	hactl_print_json(json);
	json_decref(json);
	return HACTL_OK;
}

const struct hactl_verb hactl_version_verb = {
	.noun = "version", .args = "",
	.help = "print the version of hactl",
	.run = run_version,
};
