/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carve.h - memory that the caller gave, cut into arrays: how the searches of
 * lib/policy do without allocation. Not for others.
 */
#ifndef HA_POLICY_CARVE_H
#define HA_POLICY_CARVE_H

#include <stddef.h>

/* With base NULL nothing is handed out, and `used` tells in the end how much
 * there has to be. */
struct ha_carve {
	char *base; /* aligned as malloc does it */
	size_t used;
};

static inline void *ha_carve(struct ha_carve *c, size_t bytes)
{
	void *p = c->base ? c->base + c->used : NULL;

	c->used += (bytes + 15u) & ~(size_t)15u;
	return p;
}

#endif
