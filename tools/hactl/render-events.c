/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What happened: events, fence attempts, versions of the configuration.
 */
#include "render.h"

#include <stdio.h>
#include <string.h>

#include "js.h"
#include "table.h"
#include "text.h"

enum { CHANGES_SHOWN = 3 };

void hactl_render_time(const char *iso, struct ha_buf *b)
{
	for (const char *p = iso; *p != '\0' && *p != 'Z' && *p != '+'; p++) {
		ha_buf_append(b, *p == 'T' ? " " : p, 1);
	}
}

void hactl_render_events(const json_t *events, const struct hactl_screen *s,
			 struct ha_buf *b)
{
	for (size_t i = 0; i < json_array_size(events); i++) {
		const json_t *o = json_array_get(events, i);
		bool warning =
			strcmp(hactl_js_str(o, "level"), "warning") == 0;

		hactl_render_time(hactl_js_str(o, "time"), b);
		if (hactl_js_int(o, "id") > 0) {
			ha_buf_printf(b, "  %lld", hactl_js_int(o, "id"));
		}
		ha_buf_puts(b, "  ");
		if (warning) {
			hactl_colour(b, s, HACTL_RED);
		}
		hactl_wrap(b, s, hactl_js_str(o, "text"), 4);
		if (warning) {
			hactl_colour(b, s, HACTL_PLAIN);
		}
	}
}

void hactl_render_fences(const json_t *fences, const struct hactl_screen *s,
			 struct ha_buf *b)
{
	static const char *const heads[] = { "TIME", "HOST", "RESULT", "BY",
					     ">ATTEMPT", "TEXT", NULL };
	struct hactl_table t;

	hactl_table_init(&t, heads);
	for (size_t i = 0; i < json_array_size(fences); i++) {
		const json_t *o = json_array_get(fences, i);
		struct ha_buf when = { .data = NULL };
		char attempt[24];
		const char *cells[] = { NULL, hactl_js_str(o, "host"),
					hactl_js_str(o, "result"),
					hactl_js_str(o, "by"),
					hactl_js_num(o, "attempt", attempt,
						     sizeof(attempt)),
					hactl_js_str(o, "text") };

		hactl_render_time(hactl_js_str(o, "time"), &when);
		cells[0] = when.data;
		hactl_table_row(&t, cells);
		ha_buf_fini(&when);
	}
	hactl_table_print(&t, s, b);
	hactl_table_fini(&t);
	if (json_array_size(fences) == 0) {
		ha_buf_puts(b, "no such fencing is recorded on this host\n");
	}
}

/* "vm web1: new; 2 more" */
static const char *sum_up(const json_t *version, struct ha_buf *b)
{
	const json_t *changes = json_object_get(version, "changes");
	size_t n = json_array_size(changes);

	if (json_is_array(changes) && n == 0) {
		ha_buf_puts(b, "only what is not shown (a secret, a comment)");
	}
	for (size_t i = 0; i < n && i < CHANGES_SHOWN; i++) {
		ha_buf_printf(b, "%s%s", i > 0 ? "; " : "", json_string_value(
				      json_array_get(changes, i)));
	}
	if (n > CHANGES_SHOWN) {
		ha_buf_printf(b, "; %zu more", n - CHANGES_SHOWN);
	}
	return b->data != NULL ? b->data : "";
}

void hactl_render_versions(const json_t *versions,
			   const struct hactl_screen *s, struct ha_buf *b)
{
	static const char *const heads[] = { ">VERSION", "TIME", "HASH", "",
					     "BY", "CHANGES", NULL };
	struct hactl_table t;

	hactl_table_init(&t, heads);
	for (size_t i = 0; i < json_array_size(versions); i++) {
		const json_t *o = json_array_get(versions, i);
		struct ha_buf when = { .data = NULL }, sum = { .data = NULL };
		char number[24], hash[20];
		const char *cells[] = { hactl_js_num(o, "version", number,
						     sizeof(number)),
					NULL, hash,
					hactl_js_bool(o, "current") ?
					"in force" : "",
					hactl_js_str(o, "by"),
					sum_up(o, &sum) };

		(void)snprintf(hash, sizeof(hash), "%.12s",
			       hactl_js_str(o, "hash"));
		hactl_render_time(hactl_js_str(o, "time"), &when);
		cells[1] = when.data;
		hactl_table_row(&t, cells);
		ha_buf_fini(&when);
		ha_buf_fini(&sum);
	}
	hactl_table_print(&t, s, b);
	hactl_table_fini(&t);
	if (json_array_size(versions) == 0) {
		ha_buf_puts(b, "no configuration yet\n");
	}
}

void hactl_render_story(const json_t *answer, const struct hactl_screen *s,
			struct ha_buf *b)
{
	const char *coordinator = hactl_js_str(answer, "coordinator");
	const json_t *events = json_object_get(answer, "events");

	hactl_render_state("vm", json_object_get(answer, "vm"), s, b);
	hactl_render_broken(json_object_get(answer, "broken"), s, b);
	hactl_render_because(answer, s, b);
	if (json_array_size(events) == 0) {
		ha_buf_puts(b, "No decision about it is recorded on this "
			    "host.\n");
	} else {
		ha_buf_puts(b, "\nWhat was decided about it, oldest first:\n");
		hactl_render_events(events, s, b);
	}
	if (coordinator[0] != '\0' &&
	    strcmp(coordinator, hactl_js_str(answer, "local")) != 0) {
		ha_buf_printf(b, "The coordinator %s decides for all: more "
			      "may be recorded there.\n", coordinator);
	}
}
