/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdint.h>
#include <string.h>

#include "ask.h"
#include "explain.h"
#include "js.h"
#include "render.h"
#include "verbs.h"

/* A VM that waits for its host to be proven down tells of that host. */
static size_t find_event(const json_t *answer, const json_t *events)
{
	const json_t *vm = json_object_get(answer, "vm");
	const char *state = hactl_js_str(vm, "state");

	if (strcmp(state, "recovering") == 0 || strcmp(state, "unknown") == 0) {
		return hactl_explain_newest_host(events,
						 hactl_js_str(vm, "owner"));
	}
	return hactl_explain_newest_vm(events, hactl_js_str(vm, "name"));
}

static int run_explain(struct hactl *h)
{
	struct ha_arg arg = { .key = "vm", .value = h->args[0] };
	struct ha_buf b = { .data = NULL };
	json_t *events = NULL, *answer;
	int r = hactl_get(h, HA_REQUEST_EXPLAIN, &arg, &answer);

	if (r != HACTL_OK) {
		return r;
	}
	r = hactl_explain_fetch(h, &events);
	if (r == HACTL_OK) {
		hactl_explain_add(answer, events, find_event(answer, events));
	}
	if (r == HACTL_OK && h->json) {
		hactl_print_json(answer);
	} else if (r == HACTL_OK) {
		hactl_render_story(answer, &h->screen, &b);
		r = hactl_flush(&b);
	}
	json_decref(answer);
	json_decref(events);
	return r;
}

const struct hactl_verb hactl_explain_vm_verb = {
	.noun = "explain", .verb = "vm", .args = "VM",
	.help = "why is this VM where it is, back to the cause",
	.more = "From what this host has recorded: the newest decision about "
		"the VM, what caused that, and so on; then every decision "
		"about it: object, facts, and after '->' what was decided.",
	.run = run_explain,
};
