/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "explain.h"
#include "js.h"
#include "render.h"
#include "verbs.h"

static int run_explain(struct hactl *h)
{
	struct ha_arg arg = { .key = "host", .value = h->args[0] };
	struct ha_buf b = { .data = NULL };
	json_t *events = NULL, *host, *answer;
	int r = hactl_get(h, HA_REQUEST_HOST_SHOW, &arg, &host);

	if (r != HACTL_OK) {
		return r;
	}
	answer = json_pack("{s:o}", "host", host);
	r = hactl_explain_fetch(h, &events);
	if (r == HACTL_OK) {
		hactl_explain_add(answer, events, hactl_explain_newest_host(
				  events, hactl_js_str(host, "name")));
	}
	if (r == HACTL_OK && h->json) {
		hactl_print_json(answer);
	} else if (r == HACTL_OK) {
		hactl_render_host_story(answer, &h->screen, &b);
		r = hactl_flush(&b);
	}
	json_decref(answer);
	json_decref(events);
	return r;
}

const struct hactl_verb hactl_explain_host_verb = {
	.noun = "explain", .verb = "host", .args = "HOST",
	.help = "why is this host as it is, back to the cause",
	.more = "From what this host has recorded: the newest event about "
		"HOST, what caused it, and so on; then what it led to, such "
		"as VMs that were started elsewhere.",
	.run = run_explain,
};
