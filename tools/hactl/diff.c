/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diff.h"

#include <jansson.h>
#include <stdio.h>

#include "ask.h"
#include "base/err.h"
#include "file.h"

static json_t *string_or_null(const char *s)
{
	return s != NULL ? json_string(s) : json_null();
}

static void add_change(const struct ha_conf_change *c, void *arg)
{
	json_t *json = json_pack("{s:s,s:s,s:o,s:o,s:o}", "kind", c->kind,
				 "name", c->name != NULL ? c->name : "",
				 "what", string_or_null(c->what),
				 "from", string_or_null(c->from),
				 "to", string_or_null(c->to));

	(void)json_array_append_new(arg, json);
}

static int print_json(const struct ha_config *from, const struct ha_config *to)
{
	json_t *changes = json_array();
	json_t *json;
	int r = ha_conf_diff(from, to, add_change, changes);

	json = json_pack("{s:o}", "changes", changes);
	hactl_print_json(json);
	json_decref(json);
	return r;
}

static int print_lines(const struct ha_config *from,
		       const struct ha_config *to)
{
	struct ha_buf b = { .data = NULL };
	int r = ha_conf_diff_text(from, to, &b);

	if (r == 0 && b.len == 0) {
		ha_buf_puts(&b, "no difference\n");
	}
	(void)hactl_flush(&b);
	return r;
}

int hactl_diff_print(const struct hactl *h, const struct hactl_config *now,
		     const struct ha_config *to)
{
	struct ha_config *from = NULL;
	int r = hactl_config_parse(h, now, &from);

	if (r != HACTL_OK) {
		return r;
	}
	r = h->json ? print_json(from, to) : print_lines(from, to);
	ha_conf_free(from);
	return r == 0 ? HACTL_OK :
	       hactl_fail(h, HACTL_FAILED, "%s", ha_err_text(r));
}
