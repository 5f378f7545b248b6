/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wait.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "base/time.h"
#include "js.h"
#include "progress.h"

enum { AGAIN_MS = 300 };

void hactl_patience(struct hactl *h)
{
	if (hactl_given(h, "timeout") == NULL) {
		h->timeout_s = 0;
	}
}

static void tell_vm(const json_t *vm, struct ha_buf *ret_now)
{
	const char *owner = hactl_js_str(vm, "owner");
	const char *why = hactl_js_str(vm, "why");

	ha_buf_printf(ret_now, "vm %s is %s%s%s%s%s", hactl_js_str(vm, "name"),
		      hactl_js_str(vm, "state"), owner[0] != '\0' ? " on " : "",
		      owner, why[0] != '\0' ? ": " : "", why);
}

static bool vm_met(const json_t *status, const struct hactl_goal *goal,
		   struct ha_buf *ret_now)
{
	const json_t *vms = json_object_get(status, "vms");
	const json_t *vm = hactl_js_find(vms, "name", goal->vm);

	if (vm == NULL) {
		vm = hactl_js_find(vms, "uuid", goal->vm);
	}
	if (vm == NULL) {
		ha_buf_printf(ret_now, "vm %s is not there", goal->vm);
		return false;
	}
	tell_vm(vm, ret_now);
	return (goal->state == NULL ||
		strcmp(hactl_js_str(vm, "state"), goal->state) == 0) &&
	       (goal->host == NULL ||
		strcmp(hactl_js_str(vm, "owner"), goal->host) == 0) &&
	       hactl_js_int(vm, "starts") >= goal->starts;
}

static bool none_runs(const json_t *status, const char *host,
		      struct ha_buf *ret_now)
{
	const json_t *vms = json_object_get(status, "vms");
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(vms); i++) {
		const json_t *vm = json_array_get(vms, i);
		const char *owner = hactl_js_str(vm, "owner");

		n += owner[0] != '\0' &&
		     (host == NULL || strcmp(owner, host) == 0);
	}
	if (n > 0) {
		ha_buf_printf(ret_now, "%zu VM%s still there", n,
			      n == 1 ? " is" : "s are");
	}
	return n == 0;
}

bool hactl_goal_met(const json_t *status, const struct hactl_goal *goal,
		    struct ha_buf *ret_now)
{
	const json_t *host;

	if (goal->no_vm_runs) {
		return none_runs(status, goal->host, ret_now);
	}
	if (goal->vm != NULL) {
		return vm_met(status, goal, ret_now);
	}
	host = hactl_js_find(json_object_get(status, "hosts"), "name",
			     goal->host);
	ha_buf_printf(ret_now, "host %s is %s", goal->host,
		      host != NULL ? hactl_js_str(host, "state") :
				     "not configured");
	return host != NULL &&
	       strcmp(hactl_js_str(host, "state"), goal->state) == 0;
}

int hactl_wait(struct hactl *h, const struct hactl_goal *goal)
{
	struct ha_buf said = { .data = NULL };
	bool met = false;
	int r = HACTL_OK;
	ha_time end;

	hactl_patience(h);
	end = h->timeout_s == 0 ? HA_TIME_NEVER :
	      ha_time_now() + HA_S(h->timeout_s);
	while (r == HACTL_OK && !met && ha_time_now() < end) {
		struct ha_buf now = { .data = NULL };
		json_t *status;

		r = hactl_get(h, HA_REQUEST_STATUS, NULL, &status);
		if (r != HACTL_OK) {
			break;
		}
		met = hactl_goal_met(status, goal, &now);
		if (now.data != NULL &&
		    (said.data == NULL || strcmp(said.data, now.data) != 0)) {
			(void)fprintf(stderr, "%s\n", now.data);
		}
		ha_buf_fini(&said);
		said = now;
		json_decref(status);
		if (!met) {
			hactl_pause(AGAIN_MS);
		}
	}
	if (r == HACTL_OK && met) {
		hactl_say_done(h, goal->done);
	} else if (r == HACTL_OK) {
		r = hactl_fail(h, HACTL_FAILED, "the order stands, but after "
			       "%d s %s", h->timeout_s,
			       said.data != NULL ? said.data : "");
	}
	ha_buf_fini(&said);
	return r;
}
