/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * event.h - all that can happen to a core. Bad news is an event. What an
 * event points to is borrowed by the core for the call, but for a
 * configuration, which it borrows until HA_ACT_DROP_CONFIG names it.
 */
#ifndef HA_CORE_EVENT_H
#define HA_CORE_EVENT_H

#include "core/crash.h"
#include "core/msg.h"
#include "core/state.h"
#include "model/config.h"
#include "replica/replica.h"

enum ha_event_kind {
	HA_EV_LOADED = 1, /* the store was read; before it only HA_EV_CONFIG,
			   * for each body that the store holds */
	HA_EV_VIEW,       /* corosync's membership, rings agreeing */
	HA_EV_MESSAGE,    /* from a member, also one's own */
	HA_EV_PERSISTED,  /* a persist action ended */
	HA_EV_CONFIG,     /* a body is held durably, and parsed */
	HA_EV_AGENT,      /* an agent came or went */
	HA_EV_INVENTORY,  /* all domains of the host, and its capacity */
	HA_EV_DOMAIN,     /* one domain changed */
	HA_EV_RESULT,     /* an operation ended */
	HA_EV_COMMAND,    /* an admin's command, arriving at this host */
	HA_EV_FORGET,     /* the tool that gave it is gone: not begun, if so */
	HA_EV_TICK        /* the deadline came, or the clock only */
};

enum ha_agent { HA_AGENT_VM = 1, HA_AGENT_FENCE, HA_AGENT_COUNT };

/* Why a domain is no longer there; libvirt's lifecycle event and detail. */
enum ha_domain_end {
	HA_END_NONE,
	HA_END_GUEST,     /* shut down from inside */
	HA_END_CRASHED,   /* QEMU died or the guest panicked */
	HA_END_DESTROYED, /* by us or by an admin beside us */
	HA_END_MIGRATED   /* says nothing about running elsewhere */
};

struct ha_domain {
	struct ha_uuid vm;
	uint32_t seen;     /* ABSENT, RUNNING, PAUSED or UNKNOWN */
	uint32_t end;      /* enum ha_domain_end, if ABSENT */
	uint64_t instance; /* differs for each QEMU of it; 0 if absent */
};

enum ha_op_code {
	HA_OP_OK,
	HA_OP_FAILED,  /* certainly without effect */
	HA_OP_UNKNOWN  /* the agent died or timed out in the middle */
};

enum ha_fence_code {
	HA_FENCE_OFF,    /* power reads off: a proof */
	HA_FENCE_ON,     /* status only: power reads on */
	HA_FENCE_FAILED
};

struct ha_event {
	enum ha_event_kind kind;
	ha_time now;
	union {
		struct {
			bool damaged;
			bool frozen; /* by its crashes; crash.h */
			struct ha_crash crash; /* of its last life */
			struct ha_replica_base base;
			struct ha_replica_meta meta;
			const struct ha_state *state; /* NULL: none */
			const struct ha_entry *entries;
			size_t entry_count;
		} loaded;
		struct {
			uint64_t id;       /* same at all; rises */
			bool quorate;
			ha_hostset members; /* corosync's */
			ha_hostset hacds;   /* in the process group */
		} view;
		const struct ha_msg *message;
		struct {
			uint64_t seq;
			bool ok;
		} persisted;
		const struct ha_config *config;
		struct {
			enum ha_agent agent;
			bool up; /* VM: libvirt answers too */
		} agent;
		struct {
			const struct ha_domain *domains; /* all with a QEMU */
			size_t count;
			uint64_t memory_kib;
			uint32_t cpus;
			uint32_t cpu_mhz; /* of one; 0: not known */
		} inventory;
		struct ha_domain domain;
		struct {
			uint64_t id;
			uint32_t code; /* ha_op_code or ha_fence_code */
			char text[HA_TEXT_MAX + 1];
		} result;
		struct ha_command command;
		uint64_t forget; /* id of the command */
		uint32_t minute; /* TICK: of the host's day, local time */
	};
};

#endif
