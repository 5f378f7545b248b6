/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domain.h"
#include "edit.h"
#include "verbs.h"

static int run_vm_set(struct hactl *h)
{
	struct ha_conf_attr attrs[16];
	struct hactl_domain domain = { .xml = NULL };
	struct ha_conf_edit edit = { .name = h->args[0], .attrs = attrs };
	const char *source = hactl_given(h, "domain");
	int r = HACTL_OK;

	edit.attr_count = hactl_given_attrs(h, hactl_vm_attrs, attrs);
	if (edit.attr_count == 0 && source == NULL) {
		return hactl_fail(h, HACTL_USAGE, "nothing to set; 'hactl help "
				  "vm set' lists what a VM has");
	}
	if (source != NULL) {
		r = hactl_domain_get(h, source, &domain);
		edit.domain_xml = domain.xml;
		edit.domain_len = domain.len;
	}
	if (r == HACTL_OK) {
		r = hactl_edit(h, ha_conf_set_vm, &edit, "committed");
	}
	hactl_domain_fini(&domain);
	return r;
}

static const struct hactl_opt opts[] = {
	{ "restart-priority", "highest|high|medium|low|lowest|disabled",
	  "who is started first after a failure" },
	{ "on-guest-shutdown", "off|restart",
	  "when the guest switches itself off" },
	{ "on-host-shutdown", "move|stop", "when its host goes down in order" },
	{ "start-timeout", "TIME", "after this a start has failed, \"120s\"" },
	{ "stop-timeout", "TIME", "then it is switched off, \"180s\"" },
	{ "memory-overhead", "SIZE", "of QEMU beside the guest, \"64MiB\"" },
	{ "domain", "DOMAIN", "new domain XML, as in 'vm add'" },
	HACTL_OPT_FORCE,
	{ NULL, NULL, NULL },
};

const struct hactl_verb hactl_vm_set_verb = {
	.noun = "vm", .verb = "set", .args = "VM",
	.help = "change what the configuration says of a VM",
	.more = "An edit of the configuration, all or nothing. New domain XML "
		"counts from the VM's next start on: 'hactl vm restart'.",
	.opts = opts, .run = run_vm_set,
};
