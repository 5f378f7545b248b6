/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ops.h - operations that an agent has in flight. Each gets exactly one
 * result: the agent's, or, the agent gone, that its outcome is unknown.
 */
#ifndef HACD_OPS_H
#define HACD_OPS_H

#include "core/event.h"

struct op {
	uint64_t id;
	enum ha_agent agent;
	uint64_t client;  /* a tool's, not the core's, if not 0 */
	uint64_t request;
};

struct ops {
	struct op *list; /* owned */
	size_t count;
	size_t size;
};

/* False: out of memory. */
bool ops_add(struct ops *o, const struct op *op)
	__attribute__((warn_unused_result));
/* Takes it out; false: none such, its result is stale. */
bool ops_take(struct ops *o, uint64_t id, struct op *ret_op);
/* Takes out one of that agent; false: none is left. */
bool ops_take_any(struct ops *o, enum ha_agent agent, struct op *ret_op);
/* 0: of none. */
enum ha_agent ops_agent(const struct ops *o, uint64_t id);
void ops_fini(struct ops *o);

#endif
