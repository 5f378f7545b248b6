/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "js.h"
#include "render.h"
#include "verbs.h"

/* One JSON object a line, so that a program can read it as it comes. */
static void print_lines(const json_t *events)
{
	for (size_t i = 0; i < json_array_size(events); i++) {
		(void)json_dumpf(json_array_get(events, i), stdout,
				 JSON_COMPACT);
		(void)fputc('\n', stdout);
	}
}

static bool on_events(struct hactl *h, const json_t *json)
{
	const json_t *events = json_object_get(json, "events");
	struct ha_buf b = { .data = NULL };

	if (h->json) {
		print_lines(events);
	} else {
		hactl_render_events(events, &h->screen, &b);
		(void)hactl_flush(&b);
	}
	return fflush(stdout) == 0;
}

static int show_events(struct hactl *h, const struct hactl_question *q)
{
	struct ha_buf b = { .data = NULL };
	json_t *answer;
	int r = hactl_ask(h, q, &answer);

	if (r != HACTL_OK) {
		return r;
	}
	if (h->json) {
		hactl_print_json(answer);
	} else {
		hactl_render_events(json_object_get(answer, "events"),
				    &h->screen, &b);
		r = hactl_flush(&b);
	}
	json_decref(answer);
	return r;
}

/* "2026-11-24 10:11", as it is shown, to what hacd takes. */
static const char *as_since(const char *given, char *ret, size_t size)
{
	char *blank;

	(void)snprintf(ret, size, "%s", given);
	blank = strchr(ret, ' ');
	if (blank != NULL) {
		*blank = 'T';
	}
	return ret;
}

static int run_events(struct hactl *h)
{
	static const char *const names[] = { "vm", "host", "since", "limit" };
	struct hactl_question q = { .kind = HA_REQUEST_EVENTS };
	char since[64];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = hactl_given(h, names[i]);

		if (value == NULL && strcmp(names[i], "limit") == 0) {
			value = "50";
		}
		if (value != NULL && strcmp(names[i], "since") == 0) {
			value = as_since(value, since, sizeof(since));
		}
		if (value != NULL) {
			q.args[n++] = (struct ha_arg){ .key = names[i],
						       .value = value };
		}
	}
	if (hactl_given(h, "follow") == NULL) {
		return show_events(h, &q);
	}
	q.args[n] = (struct ha_arg){ .key = "follow", .value = "1" };
	return hactl_follow(h, &q, on_events);
}

static const struct hactl_opt opts[] = {
	{ "follow", NULL, "go on, until interrupted" },
	{ "vm", "VM", "only about this VM" },
	{ "host", "HOST", "only about this host" },
	{ "since", "TIME", "not before, like \"2026-11-24 10:11\", UTC" },
	{ "limit", "N", "the last N (50)" },
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_events_verb = {
	.noun = "events", .args = "",
	.help = "what was decided and why, oldest first",
	.more = "Each host tells what its own hacd decided or carried out "
		"since it was started; the coordinator decides for all, so "
		"look there first. With --follow and --json each event is one "
		"line.",
	.opts = opts, .run = run_events,
};
