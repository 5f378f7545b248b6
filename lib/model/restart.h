/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * restart.h - when a VM counts as ready for those that wait for it, what it
 * waits for itself, what becomes of failed starts, and whether it goes home
 * after a recovery.
 *
 * VMs of the next lower priority, and those that depend on it, wait until a VM
 * is ready; or its time limit is over; or it is known that it will not run.
 */
#ifndef HA_MODEL_RESTART_H
#define HA_MODEL_RESTART_H

#include "base/time.h"
#include "model/rule.h"

enum ha_ready {
	HA_READY_PLACED,  /* a host was found and asked to start it */
	HA_READY_STARTED, /* its QEMU runs */
	HA_READY_GUEST,   /* the guest agent answers */
	HA_READY_APP      /* the port answers, or the command gave 0 */
};
#define HA_READY_COUNT (HA_READY_APP + 1)
/* In sets of them: of those that the guest has to show. */
#define HA_READY_BIT(r) (1u << (r))
#define HA_READY_ASKED (HA_READY_BIT(HA_READY_GUEST) | HA_READY_BIT(HA_READY_APP))

enum ha_fail_back {
	HA_FAIL_BACK_NEVER,
	HA_FAIL_BACK_AFTER, /* its host is back for so long */
	HA_FAIL_BACK_WINDOW /* its host is back, and it is that time of day */
};

struct ha_window { /* of each day, local time; both 0: none */
	uint32_t begin_min; /* minutes since midnight */
	uint32_t end_min;   /* above begin, up to 24 * 60; not included */
};

#define HA_WINDOWS_MAX 2 /* before and after midnight */

struct ha_vm_restart {
	enum ha_ready ready;
	uint32_t ready_port;       /* TCP, for APP; 0: by ready_command */
	const char *ready_address; /* of the port; NULL: as the guest agent says */
	const char *ready_command; /* program and words, run by the guest agent */
	ha_dur ready_delay;        /* after the condition has come true */
	ha_dur ready_timeout;      /* since its start; then those waiting go on */
	uint32_t start_tries;      /* on one host before another is taken */
	ha_dur failure_expiry;     /* runs so long: failures are forgotten */
	enum ha_fail_back fail_back;
	ha_dur fail_back_after;
	struct ha_window windows[HA_WINDOWS_MAX]; /* the first first */
};

/* All of `members` wait for each of `awaited`, in recoveries and cold starts;
 * in an orderly shutdown of the cluster the other way round. No cycles. */
struct ha_dependency {
	const char *name;
	const char *vms_text; /* VMs and groups of them */
	const char *after_text;
	struct ha_vm_list members;
	struct ha_vm_list awaited;
	enum ha_ready ready; /* its own, whatever the awaited VM has */
	ha_dur ready_delay;
	bool refused;   /* names in it are unknown: that is told */
	uint32_t given; /* attributes that stand in the text, for lib/conf */
	uint32_t line;
};

#endif
