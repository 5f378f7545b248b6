/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virt.h - asking libvirt. All of it may block: for workers' threads only.
 */
#ifndef HA_AGENT_VM_VIRT_H
#define HA_AGENT_VM_VIRT_H

#include <libvirt/libvirt.h>
#include <stdbool.h>
#include <stddef.h>

#include "procs.h"
#include "wire/agent.h"

#define HA_VIRT_TEXT (HA_TEXT_MAX + 1)

/* What is true of one VM: libvirt's word and the process table's. */
struct ha_look {
	bool answered; /* libvirt said one or the other */
	bool active;
	int id;        /* libvirt's number, if active */
	uint32_t seen; /* RUNNING or PAUSED, if active */
	char name[HA_NAME_MAX + 1];
	struct ha_procs procs; /* owned */
};

struct ha_listed {
	struct ha_uuid uuid;
	char name[HA_NAME_MAX + 1]; /* cut, if longer */
	int id;
	uint32_t seen;
	bool persistent;
	bool autostart;
};

/* All active domains of a host, its QEMU processes and its size. */
struct ha_listing {
	struct ha_listed *list; /* owned */
	size_t count;
	struct ha_procs procs;  /* owned */
	uint64_t memory_kib;
	uint32_t cpus;
	uint32_t cpu_mhz; /* of one, 0: libvirt does not know */
};

/* Opens a connection with keepalive; blocks while libvirt hangs. */
virConnectPtr ha_virt_open(const char *uri);

/* conn NULL: the process table only. */
void ha_virt_look(virConnectPtr conn, const struct ha_uuid *uuid,
		  struct ha_look *ret_look);
void ha_look_fini(struct ha_look *look);

/* HA_E_FAILED: text says why. */
int ha_virt_list(virConnectPtr conn, struct ha_listing *ret_listing,
		 char text[HA_VIRT_TEXT]) __attribute__((warn_unused_result));
void ha_listing_fini(struct ha_listing *listing);

/* RUNNING, PAUSED, or ABSENT for one that is not active. */
uint32_t ha_virt_seen(int state);

/*
 * This thread's last error of libvirt as one line without what stands in the
 * domain XML as a password. secret_xml may be NULL.
 */
void ha_virt_error(const char *secret_xml, char text[HA_VIRT_TEXT]);

/* Switches autostart of a persistent domain off: only hac may start it. */
void ha_virt_tame(virDomainPtr dom);

#endif
