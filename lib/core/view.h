/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view.h - what a core knows, for people: status, lists, scenario conditions.
 * Read-only; texts are whole sentences without a full stop. Every host answers
 * from its own knowledge, so any host can be asked.
 */
#ifndef HA_CORE_VIEW_H
#define HA_CORE_VIEW_H

#include "core/core.h"

#define HA_HOST_SHOWN_LIST(X)                                              \
	X(NEW, "new", "configured, never admitted")                        \
	X(ONLINE, "online", "a member, may own VMs")                       \
	X(JOINING, "joining", "a member, being brought up to date")        \
	X(MAINTENANCE, "maintenance", "a member that owns no VMs, by order") \
	X(LEAVING, "leaving", "shutting down in good order")               \
	X(LEFT, "left", "left in good order")                              \
	X(AGENT_DOWN, "agent-down", "in corosync, but hacd or libvirt is not there") \
	X(LOST, "lost", "out of the membership, not proven down")          \
	X(FENCED, "fenced", "proven down")                                 \
	X(FROZEN, "frozen", "a member whose hacd only observes")

enum ha_host_shown {
#define X(id, name, text) HA_HOST_SHOWN_##id,
	HA_HOST_SHOWN_LIST(X)
#undef X
	HA_HOST_SHOWN_COUNT
};

#define HA_VM_SHOWN_LIST(X)                                                \
	X(NEW, "new", "not every host has said yet whether it runs it")    \
	X(STOPPED, "stopped", "runs nowhere, and is not wanted")           \
	X(WAITING, "waiting", "wanted, but something is missing")          \
	X(STARTING, "starting", "its owner starts it")                     \
	X(RUNNING, "running", "runs on its owner")                         \
	X(STOPPING, "stopping", "its owner stops it")                      \
	X(MIGRATING, "migrating", "two hosts hold it")                     \
	X(RECOVERING, "recovering", "its owner is lost, not proven down")  \
	X(FAILED, "failed", "its starts fail; still tried, paced")         \
	X(UNKNOWN, "unknown", "cannot be told; see the reason")            \
	X(INCIDENT, "incident", "runs where it is not owned")              \
	X(ASIDE, "aside", "left alone, since hacd crashed over it")

enum ha_vm_shown {
#define X(id, name, text) HA_VM_SHOWN_##id,
	HA_VM_SHOWN_LIST(X)
#undef X
	HA_VM_SHOWN_COUNT
};

struct ha_host_view {
	enum ha_host_shown shown;
	bool coordinator;
	bool vm_agent;
	bool fence_agent;
	ha_bootid boot;
	struct ha_host_size size;   /* what it has */
	struct ha_host_size room;   /* what of it VMs may have */
	uint64_t memory_used_kib;   /* by VMs that it owns */
	uint32_t vcpus_used;
	uint32_t vms;
	uint32_t fence_tries;
	enum ha_proof proof;
	char why[HA_TEXT_MAX + 1];
	char todo[HA_TEXT_MAX + 1]; /* what an admin should do; "" nothing */
};

struct ha_vm_view {
	enum ha_vm_shown shown;
	ha_hostid owner;
	ha_hostid seen_on; /* where reports see it running, 0 nowhere */
	ha_hostid planned; /* where the last plan of starts has it; 0 nowhere */
	uint64_t gen;
	uint64_t starts;
	uint32_t failures;
	char why[HA_TEXT_MAX + 1];
	char todo[HA_TEXT_MAX + 1];
};

struct ha_cluster_view {
	bool quorate;     /* an epoch is open here */
	uint64_t epoch;
	uint64_t index;   /* applied here */
	ha_hostid coordinator;
	ha_hostset members;
	ha_hostset voters;
	bool disarmed;
	bool stopped;
	bool frozen;      /* this host */
	bool empty;       /* no cluster yet */
	ha_dur token;     /* corosync's, as it is used here */
	uint32_t level;   /* of the protocol, in use */
	uint32_t level_min, level_max; /* which this hacd speaks */
	bool settled;     /* nothing is in flight or waited for that the
			   * cluster itself could still do */
	char why[HA_TEXT_MAX + 1]; /* why not quorate */
};

void ha_core_view_cluster(const struct ha_core *core,
			  struct ha_cluster_view *ret_view);
/* The same but for `settled` and `why`, which take a look at each VM. */
void ha_core_view_epoch(const struct ha_core *core,
			struct ha_cluster_view *ret_view);
void ha_core_view_host(const struct ha_core *core, ha_hostid id,
		       struct ha_host_view *ret_view);
void ha_core_view_vm(const struct ha_core *core, const struct ha_uuid *vm,
		     struct ha_vm_view *ret_view);
/* Does this host decide about it, step by step? Not if it is set aside. */
bool ha_core_decides(const struct ha_core *core, const struct ha_uuid *vm);
/* And about that host? Only the coordinator does. */
bool ha_core_decides_host(const struct ha_core *core, ha_hostid host);
/* What goes with the committed state into a snapshot, as of its index. */
void ha_core_view_base(const struct ha_core *core,
		       struct ha_replica_base *ret_base);
/* Current configuration (NULL: none yet) and committed state; borrowed until
 * the next step. */
const struct ha_config *ha_core_config(const struct ha_core *core);
const struct ha_state *ha_core_state(const struct ha_core *core);
/* What a store with that state has beside it. */
void ha_core_base(const struct ha_core *core, struct ha_replica_base *ret_base);
const char *ha_host_shown_name(enum ha_host_shown s);
const char *ha_host_shown_text(enum ha_host_shown s);
const char *ha_vm_shown_name(enum ha_vm_shown s);
const char *ha_vm_shown_text(enum ha_vm_shown s);

#endif
