/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "render.h"
#include "verbs.h"
#include "watch.h"

static int run_status(struct hactl *h)
{
	struct ha_buf b = { .data = NULL };
	json_t *status;
	int r;

	if (hactl_given(h, "watch") != NULL) {
		return hactl_watch(h);
	}
	r = hactl_get(h, HA_REQUEST_STATUS, NULL, &status);
	if (r != HACTL_OK) {
		return r;
	}
	if (h->json) {
		hactl_print_json(status);
	} else {
		hactl_render_status(status, &h->screen, &b);
		r = hactl_flush(&b);
	}
	if (hactl_given(h, "check") != NULL && !hactl_status_fine(status)) {
		r = HACTL_FAILED;
	}
	json_decref(status);
	return r;
}

static const struct hactl_opt opts[] = {
	{ "check", NULL, "exit 1 unless the cluster is fine" },
	{ "watch", NULL, "stay, and show each change at once; q quits" },
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_status_verb = {
	.noun = "status", .args = "",
	.help = "is the cluster fine, and if not, what to do",
	.more = "Says in this order: is the cluster fine; what is wrong; "
		"what is being done about it; what you should do. A must rule "
		"that is broken by where VMs run is wrong, a should rule is "
		"told of; each with what keeps it from being mended. It is "
		"what the hacd of this host knows; any host of the cluster can "
		"be asked. --watch takes the whole terminal: it goes on when the "
		"coordinator changes and while hacd restarts, and says then "
		"how old is what it shows.",
	.opts = opts, .run = run_status,
};
