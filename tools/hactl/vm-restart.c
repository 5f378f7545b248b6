/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"
#include "js.h"
#include "verbs.h"
#include "wait.h"

/* How often it was started so far, to see that it was once more. */
static int count_starts(struct hactl *h, long long *ret_starts)
{
	struct ha_arg arg = { .key = "vm", .value = h->args[0] };
	json_t *vm;
	int r = hactl_get(h, HA_REQUEST_VM_SHOW, &arg, &vm);

	if (r == HACTL_OK) {
		*ret_starts = hactl_js_int(vm, "starts");
		json_decref(vm);
	}
	return r;
}

static int run_vm_restart(struct hactl *h)
{
	struct ha_command c = { .verb = HA_CMD_VM_RESTART };
	bool wait = hactl_given(h, "wait") != NULL;
	long long starts = 0;
	int r = HACTL_OK;

	if (wait) {
		r = count_starts(h, &starts);
	}
	if (r == HACTL_OK) {
		r = hactl_vm_command(h, &c, wait ? NULL :
				     "committed: it stops and starts again");
	}
	if (r != HACTL_OK || !wait) {
		return r;
	}
	return hactl_wait(h, &(struct hactl_goal){
		.vm = h->args[0], .state = "running", .starts = starts + 1,
		.done = "it runs again" });
}

static const struct hactl_opt opts[] = {
	{ "wait", NULL, "wait until it runs again" },
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_vm_restart_verb = {
	.noun = "vm", .verb = "restart", .args = "VM",
	.help = "stop a VM and start it again",
	.more = "As 'vm stop' and 'vm start' in one: a new QEMU process with "
		"the domain XML as it is in the configuration now.",
	.opts = opts, .run = run_vm_restart,
};
