/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "conf/conf.h"
#include "js.h"
#include "render.h"
#include "verbs.h"

/* A version as it is shown: masked, so that no secret can be in a summary.
 * NULL: its text is not to be had, or this hactl cannot read it. */
static struct ha_config *read_version(struct hactl *h, const json_t *row)
{
	struct ha_conf_errors errors = { .list = NULL };
	struct ha_config *config = NULL;
	struct ha_arg arg = { .key = "version" };
	json_t *answer;
	char number[24];
	char *text;

	arg.value = hactl_js_num(row, "version", number, sizeof(number));
	answer = hactl_look(h, HA_REQUEST_CONFIG_SHOW, &arg);
	if (answer == NULL) {
		return NULL;
	}
	text = strdup(hactl_js_str(answer, "text"));
	if (text != NULL) {
		ha_conf_stand_in(text);
	}
	if (text == NULL ||
	    ha_conf_parse(text, strlen(text), &errors, &config) != 0) {
		config = NULL;
	}
	free(text);
	ha_conf_errors_fini(&errors);
	json_decref(answer);
	return config;
}

/* The lines of `text` as an array. */
static json_t *split_lines(char *text)
{
	json_t *list = json_array();
	char *rest = text, *line;

	while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
		if (line[0] != '\0') {
			(void)json_array_append_new(list, json_string(line));
		}
	}
	return list;
}

/* What it changed, as sentences; null: what was before is not known. */
static json_t *list_changes(const struct ha_config *from,
			    const struct ha_config *to)
{
	struct ha_buf b = { .data = NULL };
	json_t *list = NULL;

	if (from != NULL && to != NULL &&
	    ha_conf_diff_text(from, to, &b) == 0) {
		list = split_lines(b.data);
	}
	ha_buf_fini(&b);
	return list != NULL ? list : json_null();
}

/* "root on h1": its name here, which is that there on most clusters. */
static void add_user(json_t *row)
{
	const json_t *uid = json_object_get(row, "uid");
	const struct passwd *user = json_is_integer(uid) ?
		getpwuid((uid_t)json_integer_value(uid)) : NULL;
	const char *host = hactl_js_str(row, "host");
	struct ha_buf b = { .data = NULL };

	if (user != NULL) {
		ha_buf_puts(&b, user->pw_name);
	} else if (json_is_integer(uid)) {
		ha_buf_printf(&b, "uid %lld", hactl_js_int(row, "uid"));
	}
	if (b.len > 0 && host[0] != '\0') {
		ha_buf_printf(&b, " on %s", host);
	}
	(void)json_object_set_new(row, "by", json_string(b.len > 0 ? b.data :
							 ""));
	ha_buf_fini(&b);
}

static void add_changes(struct hactl *h, json_t *versions)
{
	struct ha_config *before = NULL;

	for (size_t i = 0; i < json_array_size(versions); i++) {
		json_t *row = json_array_get(versions, i);
		struct ha_config *config = read_version(h, row);

		add_user(row);
		(void)json_object_set_new(row, "changes",
					  list_changes(before, config));
		ha_conf_free(before);
		before = config;
	}
	ha_conf_free(before);
}

static int run_config_history(struct hactl *h)
{
	struct ha_buf b = { .data = NULL };
	json_t *answer, *versions;
	int r = hactl_get(h, HA_REQUEST_CONFIG_HISTORY, NULL, &answer);

	if (r != HACTL_OK) {
		return r;
	}
	versions = json_object_get(answer, "versions");
	add_changes(h, versions);
	if (h->json) {
		hactl_print_json(versions);
	} else {
		hactl_render_versions(versions, &h->screen, &b);
		r = hactl_flush(&b);
	}
	json_decref(answer);
	return r;
}

const struct hactl_verb hactl_config_history_verb = {
	.noun = "config", .verb = "history", .args = "",
	.help = "the last versions of the configuration, and what they changed",
	.more = "Each host keeps the last 64 versions that were in force while "
		"it was there; ask another host for one that this one missed. "
		"'hactl config show --version=N' prints one, 'hactl config "
		"rollback N' goes back to it.",
	.run = run_config_history,
};
