/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * msg.h - what hosts tell each other beside the replicated log. All of it is
 * soft: multicast in order within a view, lost with it, sent again in the
 * next. Decisions that matter later become facts.
 */
#ifndef HA_CORE_MSG_H
#define HA_CORE_MSG_H

#include "base/ids.h"
#include "core/command.h"
#include "core/crash.h"
#include "replica/rmsg.h"

/* What a host sees of one domain. */
#define HA_SEEN_LIST(X)                                               \
	X(ABSENT, "absent", "not in libvirt and no QEMU process")     \
	X(RUNNING, "running", "its QEMU runs")                        \
	X(PAUSED, "paused", "its QEMU is there, the guest paused")    \
	X(STARTING, "starting", "a start is in flight")               \
	X(STOPPING, "stopping", "a stop is in flight")                \
	X(UNKNOWN, "unknown", "cannot be told")

enum ha_seen {
#define X(id, name, text) HA_SEEN_##id,
	HA_SEEN_LIST(X)
#undef X
	HA_SEEN_COUNT
};

/* One host's word about one VM. Sent on every change, and all of them when an
 * epoch opens; a VM not named in a full report is absent. */
struct ha_report {
	struct ha_uuid vm;
	uint32_t seen;  /* enum ha_seen */
	uint32_t ended; /* enum ha_why: the owner ended gen's run for good and
			 * will not start it without a new fact; 0 no */
	uint64_t gen;   /* ownership it speaks of, 0 none */
	uint32_t ready;   /* HA_READY_BITs: what its present run has shown */
	uint32_t unready; /* the same: not in time, no longer asked for */
	char text[64];  /* error of a failed start */
};

enum ha_msg_kind {
	HA_MSG_REPLICA = 1,
	HA_MSG_HOST,      /* host: capacity and health of the sender */
	HA_MSG_REPORTS,   /* reports */
	HA_MSG_REQUEST,   /* an admin's command, for the coordinator */
	HA_MSG_ANSWER,    /* its result, for the host it came from */
	HA_MSG_FENCED,    /* result of a fence attempt, from its executor */
	HA_MSG_WANT_BODY, /* hash: who holds it sends it */
	HA_MSG_STATE      /* state, with a replica SNAPSHOT header */
};

struct ha_msg {
	enum ha_msg_kind kind;
	ha_hostid from;
	uint64_t epoch; /* 0 outside an epoch; another epoch's is dropped */
	union {
		struct ha_rmsg replica;
		struct {
			ha_bootid boot;
			uint64_t memory_kib; /* of the host */
			uint32_t cpus;
			uint32_t cpu_mhz; /* of one; 0: not known */
			bool vm_agent;       /* libvirt answers, VMs known */
			bool fence_agent;
			bool frozen;
			bool stays_out; /* has left, does not ask to join */
			bool ask; /* came late: all are to say all again */
			struct ha_crash crash; /* of its last life */
		} host;
		struct {
			bool full; /* replaces all before; else changes */
			uint64_t index; /* applied by the sender */
			const struct ha_report *reports; /* borrowed */
			uint32_t count;
		} reports;
		struct ha_command request;
		struct ha_answer answer;
		struct {
			ha_hostid host;
			uint64_t number; /* of the attempt */
			uint32_t code;   /* enum ha_fence_code */
			char text[64];
		} fenced;
		struct ha_hash body;
		struct { /* HA_MSG_STATE */
			struct ha_rmsg header;
			const struct ha_state *state; /* borrowed */
		} state;
	};
};

#endif
