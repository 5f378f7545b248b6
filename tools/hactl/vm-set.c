/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "domain.h"
#include "edit.h"
#include "verbs.h"

static bool is_attr(const char *name)
{
	for (const struct hactl_opt *o = hactl_vm_opts; o->name != NULL; o++) {
		if (o->value != NULL && strcmp(o->name, name) == 0) {
			return true;
		}
	}
	return false;
}

/* Appends what is to be removed; false if one is nothing that a VM has. */
static bool take_unset(const struct hactl *h, struct ha_conf_attr *attrs,
		       size_t *count)
{
	for (size_t i = 0; i < h->given_count; i++) {
		const char *name = h->given[i].value;

		if (strcmp(h->given[i].name, "unset") != 0) {
			continue;
		}
		if (!is_attr(name) || *count == HACTL_ATTRS_MAX) {
			return false;
		}
		attrs[(*count)++] = (struct ha_conf_attr){ .name = name };
	}
	return true;
}

static int run_vm_set(struct hactl *h)
{
	struct ha_conf_attr attrs[HACTL_ATTRS_MAX];
	struct hactl_domain domain = { .xml = NULL };
	struct ha_conf_edit edit = { .name = h->args[0], .attrs = attrs };
	const char *source = hactl_given(h, "domain");
	int r = HACTL_OK;

	edit.attr_count = hactl_given_attrs(h, hactl_vm_opts, attrs);
	if (!take_unset(h, attrs, &edit.attr_count)) {
		return hactl_fail(h, HACTL_USAGE, "--unset takes the name of "
				  "another option of 'vm set', such as "
				  "--unset=groups");
	}
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
	HACTL_VM_OPTS,
	{ "unset", "OPTION", "takes the default again: \"groups\"; repeatable" },
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
