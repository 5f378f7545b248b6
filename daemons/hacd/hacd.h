/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hacd.h - the shell around the core: what happens becomes events, what the
 * core wants is done, first to last. One thread; nothing here may block, and
 * nothing here decides.
 *
 * hacd.c has the life and the step, execute.c the actions, agents.c what the
 * agents say, tools.c what tools ask. Private to them and main.c.
 */
#ifndef HACD_HACD_H
#define HACD_HACD_H

#include <qb/qbloop.h>

#include "base/log.h"
#include "bodies.h"
#include "crash.h"
#include "core/view.h"
#include "events.h"
#include "ops.h"
#include "port-agents.h"
#include "port-corosync.h"
#include "port-disk.h"
#include "port-ipc.h"
#include "wire/recorder.h"

#define HACD_TOOL_OP ((uint64_t)1 << 63) /* ids of tools' own operations */

struct hacd_options { /* borrowed */
	const char *agents_dir;
	const char *state_dir;
	const char *log_dir;
	const char *run_dir;
	const char *ipc_name;
};

struct tools; /* tools.c */

struct hacd {
	const struct hacd_options *options;
	qb_loop_t *loop;
	struct ha_core *core;       /* NULL: not yet loaded */
	struct ha_core_params params;
	struct ha_recorder *recorder; /* NULL: no memory for one */
	bool frozen;                /* at the start */
	struct crash_end last_end;  /* of the life before */
	bool stepping;
	bool failed;                /* to end with an error */
	char waits_for[160];        /* why there is no core yet */
	struct ha_event *inbox;     /* events that came in the middle of a step */
	size_t inbox_count, inbox_size;
	qb_loop_timer_handle tick_timer;
	ha_time tick_at;            /* HA_TIME_NEVER: no timer */
	struct ha_disk_store store; /* until the core has it */
	bool damaged;
	size_t loads;               /* bodies still to be read */
	struct ha_am_held held[HA_CONFIGS_KEPT]; /* on disk, oldest first */
	size_t held_count;
	uint64_t noted_version;     /* of the configuration last noted there */
	uint64_t last_tool_op;
	struct ha_log_pace nonsense; /* of other hosts */
	struct ha_log_pace unusable; /* configurations */
	struct bodies *bodies;
	struct events *events;
	struct ops ops;
	struct tools *tools;
	struct port_corosync *corosync;
	struct port_disk *disk;
	struct port_ipc *ipc;
	struct port_agent *agents[HA_AGENT_COUNT];
};

/* 0, or an error that was logged. */
int hacd_create(struct hacd *h, qb_loop_t *loop,
		const struct hacd_options *options)
	__attribute__((warn_unused_result));
/* Steps the core, or puts the event off if it is in a step: then it must not
 * point to anything. `now` is set here. */
void hacd_step(struct hacd *h, struct ha_event *ev);
void hacd_destroy(struct hacd *h);

void execute_action(struct hacd *h, const struct ha_action *a);
/* A decision, or an agent's note: to the log, the events and who follows. */
void execute_trace(struct hacd *h, const struct ha_trace *trace);

/* False: out of memory. */
bool agents_create(struct hacd *h) __attribute__((warn_unused_result));
/* To that agent, with its operation noted; a result follows in any case. */
void agents_send(struct hacd *h, const struct op *op, const struct ha_am *m);
/* Steps of one level of fencing; list and params: HA_FENCE_STEPS_MAX places,
 * the latter of 2 * HA_FENCE_PARAMS_MAX each. */
size_t agents_fence_steps(const struct ha_config *config,
			  const struct ha_fence_level *level,
			  struct ha_am_step *ret_list,
			  struct ha_param (*ret_params)[2 * HA_FENCE_PARAMS_MAX]);

#endif
