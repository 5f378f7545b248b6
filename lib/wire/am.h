/* SPDX-License-Identifier: GPL-2.0-or-later */
/* am.h - agent messages as data. Fields that a kind does not name are zero. */
#ifndef HA_WIRE_AM_H
#define HA_WIRE_AM_H

#include "core/action.h"
#include "model/config.h"
#include "wire/arena.h"

#define HA_FENCE_OP_CHECK 4 /* beside ha_fence_op: agent and secrets there? */
enum ha_am_kind { /* fields used, beside kind */
	/* hacd to agents/vm: each is answered by one RESULT with its id */
	HA_AM_VM_START = 1, /* id uuid name text=domain XML timeout_ms */
	HA_AM_VM_SHUTDOWN,  /* id uuid timeout_ms: RESULT says asked, not done */
	HA_AM_VM_DESTROY,   /* id uuid timeout_ms: OK only if certainly gone */
	HA_AM_VM_LOOK,      /* id uuid: DOMAIN, then RESULT */
	HA_AM_VM_XML,       /* id, name or uuid: XML, or RESULT if it fails */
	/* hacd to agents/fence: answered by RESULT, code = ha_fence_code */
	HA_AM_FENCE,        /* id op name=host steps (one level) timeout_ms */
	HA_AM_CANCEL,       /* id: no result is wanted any more */
	/* agents to hacd */
	HA_AM_UP, /* ready; vm: INVENTORY follows; disk: there is room again */
	HA_AM_DOWN,         /* text=why: alive, but cannot work (libvirt gone) */
	HA_AM_INVENTORY,    /* domains (all with a QEMU) memory_kib cpus… */
	HA_AM_DOMAIN,       /* domains[0]: it changed, or was looked at */
	HA_AM_RESULT,       /* id code text */
	HA_AM_XML,          /* id name text=domain XML */
	HA_AM_NOTE,         /* code=ha_log_level text: for the events */
	/* hacd and agents/disk */
	HA_AM_LOAD,         /* answered by LOADED */
	HA_AM_LOADED,       /* flag=damaged text=why data=snapshot records held
			     * code=1: the snapshot is newer than all records */
	HA_AM_PERSIST,      /* id data first last: a log record, to be synced */
	HA_AM_SNAPSHOT,     /* id data first=base index, flag=drop all entries */
	HA_AM_BODY_PUT,     /* id hash data: RESULT once durable */
	HA_AM_BODY_GET,     /* id hash: BODY, or RESULT if it fails */
	HA_AM_BODY,         /* id hash data */
	HA_AM_HELD,         /* held[0]: that body is this version; no answer */
	HA_AM_EVENT,        /* text: a line for the events file; no answer */
	/* hacd to agents/vm: RESULT, OK once the guest agent answers, or the TCP
	 * port first (at name, or where the guest says), or text gives 0 in it */
	HA_AM_VM_READY,     /* id uuid timeout_ms first name text */
	HA_AM_KIND_COUNT
};

struct ha_am_domain {
	struct ha_domain domain;
	const char *name; /* libvirt's */
	bool autostart;
	bool persistent;
};

struct ha_am_step {
	const char *device; /* for texts */
	const char *agent;
	const struct ha_param *params; /* device's, then the host's own */
	size_t param_count;
	uint32_t timeout_ms; /* of one run of the agent program */
	uint32_t retries;
};

struct ha_am_held { /* a configuration kept on disk */
	uint64_t version; /* 0: never was current here */
	struct ha_hash hash;
	int64_t wall_s;
	uint32_t by, who; /* ha_state's config_by, config_who */
};

struct ha_am_bytes {
	const void *data;
	size_t len;
};

struct ha_am { /* received: owned, all pointers live in the arena */
	enum ha_am_kind kind;
	uint64_t id;
	uint32_t code;       /* ha_op_code or ha_fence_code, ha_log_level */
	uint32_t op;         /* ha_fence_op or HA_FENCE_OP_CHECK */
	uint32_t timeout_ms;
	struct ha_uuid uuid;
	const char *name;    /* received: never NULL */
	const char *text;    /* received: never NULL */
	uint64_t memory_kib;
	uint32_t cpus, cpu_mhz; /* MHz of one; 0: not known */
	const struct ha_am_domain *domains;
	size_t domain_count;
	const struct ha_am_step *steps;
	size_t step_count;
	uint64_t first, last;
	bool flag;
	struct ha_hash hash;
	struct ha_am_bytes data;
	const struct ha_am_bytes *records;
	size_t record_count;
	const struct ha_am_held *held;
	size_t held_count;
	struct ha_wire_arena arena; /* received only */
};

#endif
