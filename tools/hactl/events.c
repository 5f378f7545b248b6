/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "js.h"
#include "progress.h"
#include "render.h"
#include "verbs.h"

enum { AGAIN_MS = 300 };

struct follow {
	json_t *last; /* owned; the last event shown, NULL: none yet */
};

/* One JSON object a line, so that a program can read it as it comes. */
static void print_lines(const json_t *events)
{
	for (size_t i = 0; i < json_array_size(events); i++) {
		(void)json_dumpf(json_array_get(events, i), stdout,
				 JSON_COMPACT);
		(void)fputc('\n', stdout);
	}
}

/* Those that came after the last one shown: a hacd that was restarted begins
 * with some that were. NULL: no memory. */
static json_t *list_new(const json_t *events, const json_t *last)
{
	const char *since = last != NULL ? hactl_js_str(last, "time") : "";
	json_t *list = json_array();

	for (size_t i = 0; i < json_array_size(events); i++) {
		json_t *event = json_array_get(events, i);

		if (last != NULL && json_equal(event, last)) {
			(void)json_array_clear(list);
		} else if (strcmp(hactl_js_str(event, "time"), since) >= 0) {
			(void)json_array_append(list, event);
		}
	}
	return list;
}

static bool on_events(struct hactl *h, const json_t *json, void *arg)
{
	struct follow *f = arg;
	struct ha_buf b = { .data = NULL };
	json_t *events = list_new(json_object_get(json, "events"), f->last);
	size_t n = json_array_size(events);

	if (h->json) {
		print_lines(events);
	} else {
		hactl_render_events(events, &h->screen, &b);
		(void)hactl_flush(&b);
	}
	if (n > 0) {
		json_decref(f->last);
		f->last = json_incref(json_array_get(events, n - 1));
	}
	json_decref(events);
	return fflush(stdout) == 0;
}

/* Until interrupted; a restart of hacd does not end it. */
static int follow_events(struct hactl *h, struct hactl_question *q,
			 size_t limit)
{
	struct follow f = { .last = NULL };
	int r;

	while ((r = hactl_follow(h, q, on_events, &f)) == HACTL_UNREACHABLE &&
	       h->link != NULL) {
		(void)fprintf(stderr, "hacd on this host went away; waiting "
			      "for it ...\n");
		q->args[limit].value = "1000"; /* nothing is left out */
		hactl_pause(AGAIN_MS);
		r = hactl_reconnect(h);
		if (r != HACTL_OK) {
			break;
		}
	}
	json_decref(f.last);
	return r;
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
		if (b.len == 0) {
			ha_buf_puts(&b, "no such event is recorded on this "
				    "host\n");
		}
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
	size_t n = 0, limit = 0;
	char since[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = hactl_given(h, names[i]);

		if (value == NULL && strcmp(names[i], "limit") == 0) {
			value = "50";
		}
		if (strcmp(names[i], "limit") == 0) {
			limit = n;
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
	return follow_events(h, &q, limit);
}

static const struct hactl_opt opts[] = {
	{ "follow", NULL, "go on until interrupted, also while hacd restarts" },
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
