/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * core.h - all decisions of one host, as a function: events in, actions out.
 * hacd and hacsim call this and nothing else.
 *
 *  1. Total: every (state, event) pair has an answer. Bad news is an event.
 *  2. No clock, no I/O, no randomness but the seeded, no allocation in a step.
 *  3. Deterministic: the same events give the same actions, bit for bit.
 *  4. Order is meaning: actions are executed first to last. What must wait
 *     for *persisted* waits here, not in the shell.
 *  5. Every operation has an id and exactly one result; stale ones are dropped.
 *  6. Observe, decide to a bounded fixpoint, emit. After a stall of our own,
 *     observe only and judge nobody for a while.
 *  7. Each state machine is one table of states, one function per state.
 *  8. One trace line per decision.
 *  9. Invariants are checked after every step, in production too.
 *
 * Call order: size, init, step(HA_EV_LOADED), then step for each event, and
 * for HA_EV_TICK when the deadline has come.
 */
#ifndef HA_CORE_CORE_H
#define HA_CORE_CORE_H

#include "core/action.h"

struct ha_core;
struct ha_buf;

/* Levels of the protocol that this build speaks: what hosts tell each other and
 * keep on disk. A fact or message that an older hacd cannot read belongs to a
 * new level, and is used only where ha_replica_base has that level. */
#define HA_CORE_LEVEL_MIN 1
#define HA_CORE_LEVEL 1

struct ha_core_params {
	ha_hostid self;
	ha_bootid boot;
	uint64_t seed;
	ha_dur token;      /* corosync's, as it really is */
	uint32_t vms_max;  /* at most HA_VMS_MAX */
	/* of the protocol, spoken; 0: what this build speaks */
	uint32_t level_min, level;
};

size_t ha_core_size(uint32_t vms_max);
/* mem: ha_core_size bytes, 16-aligned, zeroed; owned by the caller. */
struct ha_core *ha_core_init(void *mem, const struct ha_core_params *params);
/* Actions are borrowed until the next step. */
struct ha_actions ha_core_step(struct ha_core *core,
			       const struct ha_event *event);
/* When to step next at the latest; HA_TIME_NEVER if nothing is awaited. */
ha_time ha_core_deadline(const struct ha_core *core);
/* Has HA_EV_LOADED come? */
bool ha_core_is_loaded(const struct ha_core *core);
/* Over which VM this core makes a decision, if it is in the middle of one: for
 * the handler of a signal that ends it. False: over none. */
bool ha_core_deciding(const struct ha_core *core, struct ha_crash *ret_crash);
/* False: ret_broken, of HA_TEXT_MAX + 1, says which invariant is broken, of
 * which object. step does it: see ha_actions. */
bool ha_core_check(const struct ha_core *core, char *ret_broken);

/*
 * All that a core remembers between two steps, for the same build to go on
 * with, bit for bit. No configuration is in it: it names them by hash.
 */
struct ha_core_image {
	const void *data; /* as ha_core_save wrote it */
	size_t len;
	/* A configuration, as an event would lend it; NULL: not at hand. */
	const struct ha_config *(*find)(const struct ha_hash *hash, void *arg);
	void *arg;
};
/* Appends. Only after HA_EV_LOADED. */
void ha_core_save(const struct ha_core *core, struct ha_buf *out);
/* As ha_core_init; NULL: the bytes make no sense. */
struct ha_core *ha_core_restore(void *mem, const struct ha_core_params *params,
				const struct ha_core_image *image);

#endif
