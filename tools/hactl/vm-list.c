/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "js.h"
#include "render.h"
#include "verbs.h"

static int run_vm_list(struct hactl *h)
{
	struct ha_buf b = { .data = NULL };
	const char *on = hactl_given(h, "host");
	const json_t *vms;
	json_t *status;
	int r = hactl_get(h, HA_REQUEST_STATUS, NULL, &status);

	if (r != HACTL_OK) {
		return r;
	}
	vms = json_object_get(status, "vms");
	if (on != NULL && hactl_js_find(json_object_get(status, "hosts"),
					"name", on) == NULL) {
		r = hactl_fail(h, HACTL_FAILED, "there is no such host in this "
			       "cluster; 'hactl host list' shows them");
	} else if (h->json) {
		hactl_print_json(vms);
	} else {
		hactl_render_vms(vms, on, &h->screen, &b);
		r = hactl_flush(&b);
	}
	json_decref(status);
	return r;
}

static const struct hactl_opt opts[] = {
	{ "host", "HOST", "only those on this host (not with --json)" },
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_vm_list_verb = {
	.noun = "vm", .verb = "list", .args = "",
	.help = "all VMs, their state, and where they run",
	.opts = opts, .run = run_vm_list,
};
