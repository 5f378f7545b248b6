/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "ask.h"
#include "js.h"
#include "render.h"
#include "text.h"
#include "verbs.h"

static void print_story(struct hactl *h, const json_t *answer,
			struct ha_buf *b)
{
	const json_t *vm = json_object_get(answer, "vm");
	const json_t *events = json_object_get(answer, "events");

	ha_buf_printf(b, "vm %s is %s", hactl_js_str(vm, "name"),
		      hactl_js_str(vm, "state"));
	if (hactl_js_str(vm, "owner")[0] != '\0') {
		ha_buf_printf(b, " on %s", hactl_js_str(vm, "owner"));
	}
	if (hactl_js_str(vm, "why")[0] != '\0') {
		ha_buf_puts(b, ": ");
		hactl_wrap(b, &h->screen, hactl_js_str(vm, "why"), 2);
	} else {
		ha_buf_puts(b, "\n");
	}
	if (hactl_js_str(vm, "todo")[0] != '\0') {
		ha_buf_puts(b, "What to do: ");
		hactl_wrap(b, &h->screen, hactl_js_str(vm, "todo"), 2);
	}
	if (json_array_size(events) == 0) {
		ha_buf_puts(b, "No decision about it is recorded on this "
			    "host since hacd was started.\n");
		return;
	}
	ha_buf_puts(b, "\nWhat was decided about it, oldest first:\n");
	hactl_render_events(events, &h->screen, b);
}

static int run_explain(struct hactl *h)
{
	struct ha_buf b = { .data = NULL };
	char arg[300];
	json_t *answer;
	int r;

	(void)snprintf(arg, sizeof(arg), "vm=%s", h->args[0]);
	r = hactl_get(h, "explain", arg, &answer);
	if (r != HACTL_OK) {
		return r;
	}
	if (h->json) {
		hactl_print_json(answer);
	} else {
		print_story(h, answer, &b);
		r = hactl_flush(&b);
	}
	json_decref(answer);
	return r;
}

const struct hactl_verb hactl_explain_vm_verb = {
	.noun = "explain", .verb = "vm", .args = "VM",
	.help = "why is this VM where it is, from recorded decisions",
	.more = "Each line is one decision: object, facts, and after '->' "
		"what was decided.",
	.run = run_explain,
};
