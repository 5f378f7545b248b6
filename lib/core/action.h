/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * action.h - all that a core asks of its shell, executed first to last. What
 * an action points to is borrowed until the next step.
 */
#ifndef HA_CORE_ACTION_H
#define HA_CORE_ACTION_H

#include "core/event.h"
#include "core/trace.h"

enum ha_action_kind {
	HA_ACT_SEND = 1,  /* multicast msg to the view, oneself included */
	HA_ACT_PERSIST,   /* make durable, in order; then HA_EV_PERSISTED */
	HA_ACT_SEND_BODY, /* multicast the body with this hash, paced */
	HA_ACT_EXPECT_VOTES, /* corosync is to count on so many (0: as it is
			      * configured), and to wait for no others; a view
			      * tells what came of it */
	HA_ACT_DROP_CONFIG, /* the core no longer borrows config */
	HA_ACT_VM,        /* an operation of the VM agent */
	HA_ACT_FENCE,     /* an operation of the fence agent */
	HA_ACT_CANCEL,    /* drop the operation `id`, no result wanted */
	HA_ACT_ANSWER,    /* to the admin command that came in here */
	HA_ACT_TRACE,     /* one decision, for log, events and explain */
	HA_ACT_ALERT      /* call the alert hook */
};

enum ha_vm_op {
	HA_VM_START = 1, /* define nothing, create from vm->domain_xml */
	HA_VM_SHUTDOWN,  /* ask the guest; result says asked, not done */
	HA_VM_DESTROY,   /* power off; result OK only if certainly gone */
	HA_VM_LOOK,      /* what is true of this VM? HA_EV_DOMAIN, result */
	/* Beside any other: OK once its guest agent, or vm->restart's port or
	 * command, has answered; FAILED if it cannot, or not in time. */
	HA_VM_AWAIT_GUEST,
	HA_VM_AWAIT_APP
};

enum ha_fence_op {
	HA_FENCE_OP_OFF = 1, /* off, then status must read off */
	HA_FENCE_OP_STATUS,
	HA_FENCE_OP_POWER_ON
};

struct ha_action {
	enum ha_action_kind kind;
	union {
		const struct ha_msg *msg;
		struct {
			const struct ha_persist *op;
			const struct ha_state *state; /* HA_PERSIST_STATE */
		} persist;
		struct ha_hash body;
		uint32_t votes;
		const struct ha_config *config;
		struct {
			uint64_t id;
			enum ha_vm_op op;
			const struct ha_vm_conf *vm; /* NULL: not configured */
			struct ha_uuid uuid;
			ha_dur timeout;
		} vm;
		struct {
			uint64_t id;
			enum ha_fence_op op;
			const struct ha_config *config;
			const struct ha_host_conf *host;
			uint32_t level; /* index into host->levels */
			ha_dur timeout;
		} fence;
		uint64_t cancel;
		struct ha_answer answer;
		struct ha_trace trace;
		struct {
			const char *what; /* "fence-failed", ...: names.h */
			struct ha_trace trace;
		} alert;
	};
};

struct ha_actions {
	const struct ha_action *list;
	size_t count;
	/* NULL, or the invariant that the step broke, and of which object: there
	 * is nothing to do then, and the core must not be used any more. */
	const char *broken;
};

#endif
