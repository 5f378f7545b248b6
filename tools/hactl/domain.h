/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domain.h - a libvirt domain's XML, from this host's libvirt or from a file.
 */
#ifndef HACTL_DOMAIN_H
#define HACTL_DOMAIN_H

#include "hactl.h"

struct hactl_domain {
	char *xml; /* owned; with its secrets: never shown, never logged */
	size_t len;
	bool from_libvirt;
};

/* source: a file if there is one of that name or it has a '/', otherwise a
 * name that the libvirt of this host knows, through hacd. */
int hactl_domain_get(struct hactl *h, const char *source,
		     struct hactl_domain *ret_domain)
	__attribute__((warn_unused_result));
void hactl_domain_fini(struct hactl_domain *d);

#endif
