/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "base/err.h"
#include "js.h"

enum { TRIES = 5 };

const struct hactl_opt hactl_vm_opts[] = {
	{ "wanted", "running|stopped", "whether it is started when it is added" },
	HACTL_VM_OPTS,
	HACTL_OPT_FORCE,
	{ NULL, NULL, NULL },
};
_Static_assert(sizeof(hactl_vm_opts) / sizeof(*hactl_vm_opts) <=
	       HACTL_ATTRS_MAX, "HACTL_ATTRS_MAX");

void hactl_config_fini(struct hactl_config *c)
{
	free(c->text);
	memset(c, 0, sizeof(*c));
}

int hactl_config_fetch(struct hactl *h, const char *version,
		       struct hactl_config *ret_config)
{
	struct ha_arg arg = { .key = "version", .value = version };
	json_t *answer;
	int r = hactl_get(h, HA_REQUEST_CONFIG_TEXT, &arg, &answer);

	if (r != HACTL_OK) {
		return r;
	}
	ret_config->version = (unsigned long long)hactl_js_int(answer,
							       "version");
	ret_config->text = strdup(hactl_js_str(answer, "text"));
	ret_config->len = ret_config->text != NULL ?
			  strlen(ret_config->text) : 0;
	json_decref(answer);
	if (ret_config->len == 0) {
		hactl_config_fini(ret_config);
		return hactl_fail(h, HACTL_FAILED, "there is no configuration "
				  "yet; 'hactl cluster create FILE' makes a "
				  "cluster");
	}
	return HACTL_OK;
}

void hactl_show_errors(const struct ha_conf_errors *errors, const char *file)
{
	struct ha_buf b = { .data = NULL };

	ha_conf_errors_print(errors, file, &b);
	if (b.data != NULL) {
		(void)fputs(b.data, stderr);
	}
	ha_buf_fini(&b);
}

/* Lines of a text that nobody typed would only confuse. */
static void show_edit_errors(struct ha_conf_errors *errors)
{
	for (size_t i = 0; i < errors->count; i++) {
		errors->list[i].line = 0;
	}
	hactl_show_errors(errors, NULL);
}

static int fail_edit(const struct hactl *h, int r,
		     const struct ha_conf_edit *edit,
		     struct ha_conf_errors *errors)
{
	const char *noun = h->verb->noun;

	if (r == HA_E_NOT_FOUND) {
		return hactl_fail(h, HACTL_FAILED, "there is no %s '%s' in "
				  "this cluster; 'hactl %s list' shows them",
				  noun, edit->name, noun);
	}
	show_edit_errors(errors);
	if (r == HA_E_EXISTS || r == HA_E_SYNTAX) {
		return hactl_fail(h, HACTL_FAILED, "nothing was changed");
	}
	return hactl_fail(h, HACTL_FAILED, "nothing was changed: %s",
			  ha_err_text(r));
}

int hactl_submit(struct hactl *h, const struct hactl_config *config,
		 bool *ret_stale, const char *done)
{
	struct ha_command c = { .verb = HA_CMD_CONFIG_APPLY,
				.base_version = config->version };
	struct hactl_question q = { .kind = HA_REQUEST_COMMAND, .command = &c,
				    .body = config->text,
				    .body_len = config->len };
	char *text = NULL;
	int code = 0;
	int r = hactl_try(h, &q, &code, &text);

	if (r == HACTL_OK && code == HA_E_STALE && ret_stale != NULL) {
		*ret_stale = true;
	} else if (r == HACTL_OK && code != 0) {
		r = hactl_fail(h, HACTL_FAILED, "%s", text[0] != '\0' ?
			       text : ha_err_text(code));
	} else if (r == HACTL_OK) {
		hactl_say_done(h, text[0] != '\0' ? text : done);
	}
	free(text);
	return r;
}

/* One round: fetch, edit, submit. */
static int edit_once(struct hactl *h, hactl_edit_fn fn,
		     struct ha_conf_edit *edit, struct hactl_config *config)
{
	struct ha_conf_errors errors = { .list = NULL };
	struct ha_buf text = { .data = NULL };
	int r = hactl_config_fetch(h, NULL, config);
	int e;

	if (r != HACTL_OK) {
		return r;
	}
	edit->text = config->text;
	edit->len = config->len;
	e = fn(edit, &errors, &text);
	if (e < 0) {
		r = fail_edit(h, e, edit, &errors);
	} else {
		show_edit_errors(&errors); /* warnings */
		free(config->text);
		config->len = text.len;
		config->text = ha_buf_steal(&text);
	}
	ha_buf_fini(&text);
	ha_conf_errors_fini(&errors);
	return r;
}

int hactl_edit(struct hactl *h, hactl_edit_fn fn, struct ha_conf_edit *edit,
	       const char *done)
{
	for (int i = 0; i < TRIES; i++) {
		struct hactl_config config = { .text = NULL };
		bool stale = false;
		int r = edit_once(h, fn, edit, &config);

		if (r == HACTL_OK) {
			r = hactl_submit(h, &config, &stale, done);
		}
		hactl_config_fini(&config);
		if (r != HACTL_OK || !stale) {
			return r;
		}
	}
	return hactl_fail(h, HACTL_FAILED, "the configuration was changed by "
			  "others %d times in a row meanwhile; try again",
			  TRIES);
}

size_t hactl_given_attrs(const struct hactl *h, const struct hactl_opt *opts,
			 struct ha_conf_attr *ret_attrs)
{
	size_t n = 0;

	for (; opts->name != NULL; opts++) {
		const char *value = opts->value != NULL ?
				    hactl_given(h, opts->name) : NULL;

		if (value != NULL) {
			ret_attrs[n++] = (struct ha_conf_attr){
				.name = opts->name, .value = value
			};
		}
	}
	return n;
}
