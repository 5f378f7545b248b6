/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * datastore.h - where disks of VMs lie, as far as starts are paced there or not
 * every host has it. A disk that belongs to none of those configured can be used
 * on every host.
 */
#ifndef HA_MODEL_DATASTORE_H
#define HA_MODEL_DATASTORE_H

#include "base/ids.h"

/* One of path, pool and source; a disk belongs to the longest that fits. */
struct ha_datastore_conf {
	const char *name;
	const char *path;   /* folder or device that its disks begin with */
	const char *pool;   /* libvirt's storage pool of its volumes */
	const char *source; /* "rbd:vms/": what a network disk begins with */
	const char *hosts_text; /* hosts and groups; NULL: all */
	ha_hostset hosts;
	uint32_t starts_max; /* at once of VMs with disks on it; 0: no limit */
	uint32_t given; /* attributes that stand in the text, for lib/conf */
	uint32_t line;
};

#endif
