/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.h - one entry per VM that is there, may be there, or is being looked
 * at. Entries are owned by the table and stay where they are until dropped.
 */
#ifndef HA_AGENT_VM_TABLE_H
#define HA_AGENT_VM_TABLE_H

#include "procs.h"
#include "wire/agent.h"

struct ha_tracked {
	struct ha_uuid uuid;
	char name[HA_NAME_MAX + 1]; /* "" if not known */
	bool persistent;
	bool autostart;
	uint32_t seen;     /* as hacd knows it; ABSENT if never told */
	uint32_t end;      /* what libvirt said of its end */
	bool gone_in_virt; /* libvirt does not have it; UNKNOWN by its process */
	int id;            /* libvirt's number */
	pid_t pid;         /* its QEMU, 0 if not known */
	uint64_t start;
	unsigned events;   /* so far; what was looked up before one is stale */
	unsigned pending;  /* events not yet told */
	unsigned looks;    /* in flight */
	int watch;         /* for the end of its process; -1 if none */
	int pidfd;
	bool listed;       /* scratch of the inventory */
};

struct ha_table {
	struct ha_tracked **list; /* owned, and the entries */
	size_t count;
	size_t size;
};

/* How the processes bear on a VM that libvirt does not have. */
enum ha_left {
	HA_LEFT_NOTHING, /* no QEMU of it is there */
	HA_LEFT_OWN,     /* the QEMU that was known, or one without a name */
	HA_LEFT_OTHER,   /* a QEMU of it that was not known */
	HA_LEFT_UNREAD   /* not all processes could be read */
};

struct ha_tracked *ha_table_find(const struct ha_table *t,
			       const struct ha_uuid *uuid);
/* Finds or makes one; NULL without memory. */
struct ha_tracked *ha_table_get(struct ha_table *t, const struct ha_uuid *uuid);
/* Forgets one that is absent and that nothing in flight is about. */
void ha_table_drop_idle(struct ha_table *t, struct ha_tracked *e);

/* *ret_proc: the process that is in the way, NULL if none is. */
enum ha_left ha_table_left(const struct ha_table *t,
				 const struct ha_tracked *e,
				 const struct ha_procs *procs,
				 const struct ha_proc **ret_proc);

bool ha_tracked_active(const struct ha_tracked *e);
/* It runs or is paused; p: its QEMU, NULL if not found. */
void ha_tracked_activate(struct ha_tracked *e, uint32_t seen, int id,
		       const struct ha_proc *p);
/* As hacd is told it; borrows the entry's name. */
struct ha_am_domain ha_tracked_describe(const struct ha_tracked *e);

#endif
