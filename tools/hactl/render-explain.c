/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why something is as it is: the last event, its cause, the cause of that.
 */
#include "render.h"

#include <stdio.h>

#include "js.h"
#include "text.h"

static void print_sentences(const json_t *list, const struct hactl_screen *s,
			    struct ha_buf *b)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);
		struct ha_buf line = { .data = NULL };

		hactl_render_time(hactl_js_str(o, "time"), &line);
		ha_buf_printf(&line, "  %s (event %lld)",
			      hactl_js_str(o, "text"), hactl_js_int(o, "id"));
		hactl_wrap(b, s, line.data != NULL ? line.data : "", 4);
		ha_buf_fini(&line);
	}
}

void hactl_render_because(const json_t *answer, const struct hactl_screen *s,
			  struct ha_buf *b)
{
	const json_t *because = json_object_get(answer, "because");
	const json_t *led_to = json_object_get(answer, "led_to");

	if (json_array_size(because) > 0) {
		ha_buf_puts(b, "\nWhy, from the last event back to the "
			    "cause:\n");
		print_sentences(because, s, b);
	}
	if (json_array_size(led_to) > 0) {
		ha_buf_puts(b, "\nWhat it led to:\n");
		print_sentences(led_to, s, b);
	}
}

/* "vm db1 is waiting: ..." and what to do. */
void hactl_render_state(const char *kind, const json_t *o,
			const struct hactl_screen *s, struct ha_buf *b)
{
	const char *owner = hactl_js_str(o, "owner");
	const char *why = hactl_js_str(o, "why");
	const char *todo = hactl_js_str(o, "todo");
	struct ha_buf line = { .data = NULL };

	ha_buf_printf(&line, "%s %s is %s%s%s%s%s", kind,
		      hactl_js_str(o, "name"), hactl_js_str(o, "state"),
		      owner[0] != '\0' ? " on " : "", owner,
		      why[0] != '\0' ? ": " : "", why);
	hactl_wrap(b, s, line.data != NULL ? line.data : "", 2);
	ha_buf_fini(&line);
	if (todo[0] != '\0') {
		ha_buf_puts(b, "What to do: ");
		hactl_wrap(b, s, todo, 2);
	}
}

void hactl_render_host_story(const json_t *answer,
			     const struct hactl_screen *s, struct ha_buf *b)
{
	hactl_render_state("host", json_object_get(answer, "host"), s, b);
	if (json_array_size(json_object_get(answer, "because")) == 0) {
		ha_buf_puts(b, "Nothing about it is recorded on this host.\n");
	}
	hactl_render_because(answer, s, b);
}

void hactl_render_event_story(const json_t *answer,
			      const struct hactl_screen *s, struct ha_buf *b)
{
	const json_t *event = json_object_get(answer, "event");
	json_t *one = json_pack("[O]", event);

	hactl_render_events(one, s, b);
	json_decref(one);
	hactl_render_because(answer, s, b);
}
