/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fact.h - the committed facts: what the replicated log is about.
 * A fact is proposed by the coordinator, applied by every host when committed
 * (state.h), and travels inside ha_entry.data. Plain data, zero-filled.
 */
#ifndef HA_CORE_FACT_H
#define HA_CORE_FACT_H

#include "base/ids.h"

#define HA_FACT_LIST(X)                                                       \
	X(CONFIG, "config", "a configuration (hash, number=version) is current") \
	X(ADMIT, "admit", "a host (boot) may own, fence, coordinate")         \
	X(PROOF, "proof", "a host is proven down for all boots known")        \
	X(FENCE, "fence", "an attempt (number) to fence a host is in flight") \
	X(FENCE_END, "fence-end", "that attempt ended, code = result")        \
	X(LEAVING, "leaving", "a host (boot) wants to leave; its VMs move or stop")  \
	X(LEFT, "left", "a host runs no VM and starts none: a clean leave")   \
	X(STAY, "stay", "a host's leave was called off")                      \
	X(MAINTENANCE, "maintenance", "maintenance of a host, code = on|off") \
	X(DISARM, "disarm", "nothing is fenced or restarted, code = on|off")  \
	X(CLUSTER_STOP, "cluster-stop", "all VMs stop, code = on|off")        \
	X(VM_OWNER, "vm-owner", "a host (boot) owns a VM and is to run it")   \
	X(VM_STOP, "vm-stop", "the owner is to stop the VM, code = why")      \
	X(VM_RELEASE, "vm-release", "the owner (by: waits for) is done, code = why") \
	X(VM_WANTED, "vm-wanted", "the admin wants it, code = ha_wanted")     \
	X(VM_SURVEY, "vm-survey", "known where it runs: host, or nowhere")    \
	X(VM_MOVE, "vm-move", "its next start is on host, 0 = anywhere")      \
	X(VM_RESET, "vm-reset", "its failures and crashes are forgotten")                 \
	X(VM_COPY, "vm-copy", "host runs it and does not own it, code = on|off") \
	X(VM_ASIDE, "vm-aside", "hacd crashed over it on hosts (number): left alone")

enum ha_fact_kind {
	HA_FACT_NONE,
#define X(id, name, text) HA_FACT_##id,
	HA_FACT_LIST(X)
#undef X
	HA_FACT_COUNT
};

#define HA_PROOF_LIST(X)                                          \
	X(POWER, "power", "its power reads off")                  \
	X(REBOOT, "reboot", "it was heard under a later boot")    \
	X(LEAVE, "leave", "it left in good order")                \
	X(ADMIN, "admin", "the admin's word")                     \
	X(LOSS, "loss", "given up by --accept-loss")

enum ha_proof {
	HA_PROOF_NONE,
#define X(id, name, text) HA_PROOF_##id,
	HA_PROOF_LIST(X)
#undef X
	HA_PROOF_COUNT
};

/* Why a VM is to stop, or was released: `code` of VM_STOP and VM_RELEASE. */
#define HA_WHY_LIST(X)                                               \
	X(ADMIN, "admin", "the admin asked for it")                  \
	X(MOVE, "move", "it moves to another host")                  \
	X(MAINTENANCE, "maintenance", "its host is in maintenance")  \
	X(LEAVING, "leaving", "its host shuts down")                 \
	X(CLUSTER_STOP, "cluster-stop", "the cluster stops")         \
	X(RESTART, "restart", "it restarts")                         \
	X(GUEST, "guest-shutdown", "the guest switched itself off")  \
	X(FAILED, "start-failed", "it could not be started there")   \
	X(LOST, "host-lost", "its host is proven down")              \
	X(REMOVED, "removed", "it left the configuration")           \
	X(SETTLED, "settled", "the admin settled it")                \
	X(PREEMPTED, "preempted", "it makes room for a more important one")

enum ha_why {
	HA_WHY_NONE,
#define X(id, name, text) HA_WHY_##id,
	HA_WHY_LIST(X)
#undef X
	HA_WHY_COUNT
};

struct ha_fact {
	uint32_t kind;   /* enum ha_fact_kind */
	uint32_t code;   /* CONFIG: who of the command, as there */
	ha_hostid host;
	ha_hostid by;    /* executor of a fence attempt; origin of a command */
	ha_bootid boot;
	uint64_t number; /* version, attempt, request; VM facts: see state.h */
	struct ha_uuid vm;
	struct ha_hash hash;
	char text[48];   /* for people; may be cut */
};

_Static_assert(sizeof(struct ha_fact) <= HA_ENTRY_DATA_MAX, "a fact must fit");

const char *ha_fact_name(enum ha_fact_kind k);
const char *ha_proof_name(enum ha_proof p);
const char *ha_proof_text(enum ha_proof p);
const char *ha_why_name(enum ha_why w);
const char *ha_why_text(enum ha_why w);

#endif
