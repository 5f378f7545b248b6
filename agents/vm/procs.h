/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * procs.h - which QEMU processes are there, as the kernel knows them.
 *
 * libvirt may have forgotten a QEMU that still writes to its disks; only the
 * process table proves that one is gone. Reading another process's command
 * line can block on that process's memory lock: never call this from the
 * thread that must stay awake.
 */
#ifndef HA_AGENT_VM_PROCS_H
#define HA_AGENT_VM_PROCS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/ids.h"

/*
 * A process that is being killed loses its command line before it lets go of
 * its files: such a QEMU is listed with a UUID of zeros.
 */
struct ha_proc {
	struct ha_uuid uuid;
	pid_t pid;
	uint64_t start; /* clock ticks since boot: tells a reused pid */
};

/* Owned by the caller: ha_procs_fini. A zeroed one is valid and empty. */
struct ha_procs {
	struct ha_proc *list;
	size_t count;
	size_t size;
	bool complete; /* false: something could not be read */
};

/*
 * Lists the QEMUs under `root` ("/proc"). What could not be read leaves
 * `complete` false: then a UUID that is not listed proves nothing.
 */
void ha_procs_scan(const char *root, struct ha_procs *ret_procs);
/* The first of that UUID, or NULL. */
const struct ha_proc *ha_procs_find(const struct ha_procs *p,
				    const struct ha_uuid *uuid);
void ha_procs_fini(struct ha_procs *p);

#endif
