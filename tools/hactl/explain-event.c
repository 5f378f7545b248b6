/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "explain.h"
#include "js.h"
#include "render.h"
#include "verbs.h"

enum { DIGITS_MAX = 18 };

static bool is_number(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n > 0 && n <= DIGITS_MAX && text[n] == '\0';
}

static int explain(struct hactl *h, const json_t *events)
{
	size_t at = hactl_explain_find(events, strtoll(h->args[0], NULL, 10));
	struct ha_buf b = { .data = NULL };
	json_t *answer;

	if (at == SIZE_MAX) {
		return hactl_fail(h, HACTL_FAILED, "no event %s is recorded on "
				  "this host; each host counts its own: 'hactl "
				  "events' shows them", h->args[0]);
	}
	answer = json_pack("{s:O}", "event", json_array_get(events, at));
	hactl_explain_add(answer, events, at);
	if (h->json) {
		hactl_print_json(answer);
	} else {
		hactl_render_event_story(answer, &h->screen, &b);
		(void)hactl_flush(&b);
	}
	json_decref(answer);
	return HACTL_OK;
}

static int run_explain(struct hactl *h)
{
	json_t *events;
	int r;

	if (!is_number(h->args[0])) {
		return hactl_fail(h, HACTL_USAGE, "'%s' is not an event's "
				  "number; 'hactl events' shows them",
				  h->args[0]);
	}
	r = hactl_explain_fetch(h, &events);
	if (r == HACTL_OK) {
		r = explain(h, events);
		json_decref(events);
	}
	return r;
}

const struct hactl_verb hactl_explain_event_verb = {
	.noun = "explain", .verb = "event", .args = "NUMBER",
	.help = "what caused this event, and what it led to",
	.more = "The number is the one that 'hactl events' shows on this very "
		"host; each host counts its own.",
	.run = run_explain,
};
