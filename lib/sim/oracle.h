/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * oracle.h - knows what no host knows, and looks after every step whether the
 * promises hold. The first breach is kept; then nothing goes on.
 */
#ifndef HA_SIM_ORACLE_H
#define HA_SIM_ORACLE_H

#include "core/action.h"

#define SIM_COMMANDS_MAX 512
#define SIM_STATES_MAX 8192 /* a ring of the last states, by index */
#define SIM_EPOCHS_MAX 4096
#define SIM_ACKS_MAX 512

struct ha_core;
struct sim;

struct sim_command_seen {
	struct ha_command command;
	bool answered;
	struct ha_answer answer;
};

struct sim_state_seen { /* the committed state at an index */
	uint64_t index;
	uint64_t hash;
};

struct sim_epoch_seen {
	uint64_t epoch;
	ha_hostid coordinator;
};

struct sim_ack { /* what answers stand on, given in one epoch */
	uint64_t epoch;
	uint64_t index;
};

struct sim_oracle {
	ha_hostset lied;     /* a device said off, which was not so: believed */
	bool off;            /* and that may have split the cluster's state */
	bool failed;
	char text[512];
	struct sim_command_seen commands[SIM_COMMANDS_MAX]; /* by id */
	uint64_t command_count;
	struct sim_state_seen states[SIM_STATES_MAX];
	struct sim_epoch_seen epochs[SIM_EPOCHS_MAX];
	struct sim_ack acks[SIM_ACKS_MAX]; /* the last, by epoch */
	size_t ack_count;
	uint64_t fencings[HA_HOSTS_MAX]; /* power taken by a device, by id-1 */
	ha_hostset fence_asked; /* the admin asked to fence these */
	uint64_t core_index[HA_HOSTS_MAX]; /* as last seen, by id-1 */
	uint64_t core_epoch[HA_HOSTS_MAX];
	uint64_t top_epoch;  /* newest that any core has opened, and its hosts */
	ha_hostset top_members;
	uint64_t top_index;  /* highest that any core has applied */
	uint64_t mark_index; /* that, when the driver made its last mark */
	uint64_t rules_index;   /* starts up to it were looked at */
	uint64_t rules_version; /* of the configuration then */
	uint64_t rules_epoch;   /* in which they were */
};

void sim_oracle_fail(struct sim *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* After each step of a core. */
void sim_oracle_step(struct sim *s, ha_hostid host);
/* Of the starts in a state: do they keep the rules? */
void sim_oracle_rules(struct sim *s, const struct ha_core *core);
/* Do they let a VM that runs nowhere start there? No, if it depends on where the
 * others go. */
bool sim_rules_allow(const struct ha_core *core, const struct ha_vm_conf *vm,
		     ha_hostid host);
/* A QEMU of a VM has come to be on a host. */
void sim_oracle_spawn(struct sim *s, ha_hostid host, uint32_t vm);
/* A core asks for something. */
void sim_oracle_action(struct sim *s, ha_hostid host,
		       const struct ha_action *a);
void sim_oracle_answer(struct sim *s, ha_hostid host,
		       const struct ha_answer *answer);
/* A device says of a host with power that it is off. With no second witness
 * it is believed: what runs there does not count until it is really off. */
void sim_oracle_lied(struct sim *s, ha_hostid host);
void sim_oracle_off(struct sim *s, ha_hostid host);
/* The admin accepts the loss of hosts. */
void sim_oracle_forget(struct sim *s);
/* The answer to a command, NULL: none yet. */
const struct ha_answer *sim_oracle_find(const struct sim *s, uint64_t id);
/* From here on order counts. */
void sim_oracle_mark(struct sim *s);

#endif
