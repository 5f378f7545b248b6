/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "run.h"
#include "verbs.h"
#include "wait.h"

enum { SYSTEMCTL_S = 30 };

static int reboot_now(const struct hactl *h)
{
	static const char *const argv[] = { "systemctl", "reboot", NULL };
	struct ha_buf err = { .data = NULL };
	int r = hactl_run(argv, SYSTEMCTL_S, NULL, &err);

	hactl_one_line(&err);
	if (r != 0) {
		r = hactl_fail(h, HACTL_FAILED, "this host has left, but "
			       "'systemctl reboot' failed: %s; reboot it "
			       "yourself or run: hactl host stay",
			       err.len > 0 ? err.data : "no reason given");
	}
	ha_buf_fini(&err);
	return r;
}

static int run_host_leave(struct hactl *h)
{
	struct ha_command c = { .verb = HA_CMD_HOST_LEAVE };
	bool reboot = hactl_given(h, "reboot") != NULL;
	bool local = reboot || hactl_given(h, "local") != NULL;
	int r;

	if (local && h->arg_count > 0) {
		return hactl_fail(h, HACTL_USAGE, "--reboot and --local are "
				  "about this host; name none");
	}
	hactl_patience(h);
	r = hactl_host_command(h, &c, "committed: it has left; nobody fences "
			       "it");
	return r == HACTL_OK && reboot ? reboot_now(h) : r;
}

static const struct hactl_opt opts[] = {
	{ "reboot", NULL, "then reboot this host" },
	{ "local", NULL, "this host, as without HOST" },
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_host_leave_verb = {
	.noun = "host", .verb = "leave", .args = "[HOST]",
	.help = "take a host out in good order, as before a shutdown",
	.more = "The VMs of the host (this one, if none is named) move or "
		"stop, as their on-host-shutdown says; then it is committed "
		"that the host runs none and starts none until it joins "
		"again, so that it may be switched off without being fenced. "
		"'systemctl reboot' and 'systemctl poweroff' do this by "
		"themselves. Waits until it is done. 'hactl host stay' calls "
		"it off.",
	.opts = opts, .run = run_host_leave,
};
