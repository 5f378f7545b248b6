/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * command.h - what an admin asks of the cluster, and the answer. A command
 * goes to the coordinator and is answered when its facts are committed; it is
 * sent again in the next epoch if no answer came, so each is idempotent.
 */
#ifndef HA_CORE_COMMAND_H
#define HA_CORE_COMMAND_H

#include "base/ids.h"

/* name, words of hactl, what `done` means */
#define HA_COMMAND_LIST(X)                                                  \
	X(CLUSTER_CREATE, "cluster create", "one-host cluster is durable")  \
	X(CLUSTER_STOP, "cluster stop", "the fact is committed")            \
	X(CLUSTER_START, "cluster start", "the fact is committed")          \
	X(ACCEPT_LOSS, "cluster start --accept-loss", "the epoch is open")  \
	X(CONFIG_APPLY, "config apply", "the configuration is committed")   \
	X(HOST_MAINTENANCE, "host maintenance", "the fact is committed")    \
	X(HOST_LEAVE, "host leave", "the clean leave is committed")         \
	X(HOST_STAY, "host stay", "the leave is called off")                \
	X(HOST_UNFREEZE, "host unfreeze", "this host decides again")        \
	X(DISARM, "disarm", "the fact is committed")                        \
	X(ARM, "arm", "the fact is committed")                              \
	X(FENCE_HOST, "fence host", "the attempt ended")                    \
	X(FENCE_CONFIRM, "fence confirm", "the proof is committed")         \
	X(VM_START, "vm start", "wanted running is committed")              \
	X(VM_STOP, "vm stop", "wanted stopped is committed")                \
	X(VM_RESTART, "vm restart", "the stop is committed")                \
	X(VM_MOVE, "vm move", "the stop and the target are committed")      \
	X(VM_RESET, "vm reset", "its failures are forgotten")               \
	X(VM_SETTLE_STOPPED, "vm settle --stopped-on", "committed")         \
	X(VM_SETTLE_RUNS, "vm settle --runs-on", "committed")

enum ha_verb {
	HA_CMD_NONE,
#define X(id, name, text) HA_CMD_##id,
	HA_COMMAND_LIST(X)
#undef X
	HA_CMD_COUNT
};

struct ha_command {
	enum ha_verb verb;
	uint64_t id;        /* unique at its origin (boot included) */
	ha_hostid origin;
	ha_hostid host;
	ha_hostset hosts;   /* ACCEPT_LOSS */
	struct ha_uuid vm;
	struct ha_hash hash;   /* CONFIG_APPLY, CLUSTER_CREATE: the body */
	uint64_t base_version; /* CONFIG_APPLY: what it was edited from */
	uint32_t who;          /* user of the tool at origin: uid + 1, or 0 */
	bool on;            /* HOST_MAINTENANCE */
	bool force;
	uint8_t cluster[16]; /* CLUSTER_CREATE, ACCEPT_LOSS: random, new */
};

struct ha_answer {
	uint64_t id;
	ha_hostid origin;
	int code;           /* 0 or HA_E_* */
	char text[HA_TEXT_MAX + 1]; /* why not, what next; or a remark */
};

const char *ha_command_name(enum ha_verb v);

#endif
