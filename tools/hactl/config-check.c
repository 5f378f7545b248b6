/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "ask.h"
#include "edit.h"
#include "text.h"
#include "verbs.h"

static void print_check_json(const struct ha_conf_errors *errors, bool ok)
{
	json_t *list = json_array();
	json_t *json;

	for (size_t i = 0; i < errors->count; i++) {
		const struct ha_conf_error *e = &errors->list[i];

		(void)json_array_append_new(
			list, json_pack("{s:I,s:s,s:s,s:s}", "line",
					(json_int_t)e->line, "level",
					e->warning ? "warning" : "error",
					"object", e->object, "text", e->text));
	}
	json = json_pack("{s:b,s:I,s:o}", "ok", ok, "errors_in_all",
			 (json_int_t)errors->errors, "errors", list);
	hactl_print_json(json);
	json_decref(json);
}

static int run_config_check(struct hactl *h)
{
	struct ha_conf_errors errors = { .list = NULL };
	struct ha_buf text = { .data = NULL };
	struct ha_config *config = NULL;
	int r = ha_conf_read_file(h->args[0], &errors, &text, &config);

	if (h->json) {
		print_check_json(&errors, r == 0);
	} else {
		hactl_show_errors(&errors, h->args[0]);
	}
	if (r == 0 && !h->json) {
		(void)printf("%s is valid: cluster %s, %zu host%s, "
			     "%zu VM%s, %zu fence device%s\n", h->args[0],
			     config->name, config->host_count,
			     hactl_s(config->host_count), config->vm_count,
			     hactl_s(config->vm_count), config->device_count,
			     hactl_s(config->device_count));
	} else if (r < 0 && !h->json) {
		(void)fprintf(stderr, "%s is not valid: %zu error%s\n",
			      h->args[0], errors.errors,
			      hactl_s(errors.errors));
	}
	ha_conf_free(config);
	ha_buf_fini(&text);
	ha_conf_errors_fini(&errors);
	return r == 0 ? HACTL_OK : HACTL_FAILED;
}

const struct hactl_verb hactl_config_check_verb = {
	.noun = "config", .verb = "check", .args = "FILE",
	.help = "find all errors in a cluster.xml",
	.more = "Lists every error with its line and what to do. Works "
		"without hacd, on any machine.",
	.run = run_config_check,
};
