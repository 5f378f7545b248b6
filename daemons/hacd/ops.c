/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ops.h"

#include <stdlib.h>

bool ops_add(struct ops *o, const struct op *op)
{
	if (o->count == o->size) {
		size_t size = o->size ? 2 * o->size : 64;
		struct op *list = realloc(o->list, size * sizeof(*list));

		if (!list) {
			return false;
		}
		o->list = list;
		o->size = size;
	}
	o->list[o->count++] = *op;
	return true;
}

static void take_at(struct ops *o, size_t i, struct op *ret_op)
{
	*ret_op = o->list[i];
	o->list[i] = o->list[--o->count];
}

bool ops_take(struct ops *o, uint64_t id, struct op *ret_op)
{
	for (size_t i = 0; i < o->count; i++) {
		if (o->list[i].id == id) {
			take_at(o, i, ret_op);
			return true;
		}
	}
	return false;
}

bool ops_take_any(struct ops *o, enum ha_agent agent, struct op *ret_op)
{
	for (size_t i = 0; i < o->count; i++) {
		if (o->list[i].agent == agent) {
			take_at(o, i, ret_op);
			return true;
		}
	}
	return false;
}

enum ha_agent ops_agent(const struct ops *o, uint64_t id)
{
	for (size_t i = 0; i < o->count; i++) {
		if (o->list[i].id == id) {
			return o->list[i].agent;
		}
	}
	return (enum ha_agent)0;
}

void ops_fini(struct ops *o)
{
	free(o->list);
	o->list = NULL;
	o->count = 0;
	o->size = 0;
}
