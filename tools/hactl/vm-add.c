/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "domain.h"
#include "edit.h"
#include "run.h"
#include "verbs.h"

enum { VIRSH_S = 30 };

/* Only hac may start it from now on: libvirt on its own, at boot, would not
 * know whether it runs elsewhere. */
static void stop_autostart(const char *name)
{
	const char *const argv[] = { "virsh", "-q", "-c", "qemu:///system",
				     "autostart", "--disable", "--domain",
				     name, NULL };

	/* hactl doctor finds what remains */
	(void)!hactl_run(argv, VIRSH_S, NULL, NULL);
}

static int run_vm_add(struct hactl *h)
{
	struct ha_conf_attr attrs[HACTL_ATTRS_MAX];
	struct hactl_domain domain = { .xml = NULL };
	struct ha_conf_edit edit = { .name = NULL,
				     .attrs = attrs };
	int r = hactl_domain_get(h, h->args[0], &domain);

	if (r != HACTL_OK) {
		return r;
	}
	edit.attr_count = hactl_given_attrs(h, hactl_vm_opts, attrs);
	edit.domain_xml = domain.xml;
	edit.domain_len = domain.len;
	r = hactl_edit(h, ha_conf_add_vm, &edit, "committed: it is in the "
		       "cluster's care");
	if (r == HACTL_OK && domain.from_libvirt) {
		stop_autostart(h->args[0]);
	}
	hactl_domain_fini(&domain);
	return r;
}

const struct hactl_verb hactl_vm_add_verb = {
	.noun = "vm", .verb = "add", .args = "DOMAIN",
	.help = "put a VM into the cluster's care",
	.more = "DOMAIN is a name that the libvirt of this host knows, or a "
		"file with a libvirt domain's XML. The XML goes into the "
		"configuration, so that any host can start the VM; it is "
		"bound by its UUID. A VM that runs is left running and taken "
		"over where it is. libvirt's autostart of it is switched off.",
	.opts = hactl_vm_opts, .run = run_vm_add,
};
