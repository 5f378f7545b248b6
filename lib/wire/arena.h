/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arena.h - memory of one decoded object, freed by one call. Bounded: what a
 * hostile message asks for beyond the limit is refused.
 *
 * Call order: init, alloc..., fini. A zeroed arena may be finied.
 */
#ifndef HA_WIRE_ARENA_H
#define HA_WIRE_ARENA_H

#include <stddef.h>

struct ha_wire_arena_chunk;

struct ha_wire_arena {
	struct ha_wire_arena_chunk *chunks; /* owned; the newest first */
	size_t bytes;                  /* allocated so far */
	size_t bytes_max;
};

void ha_wire_arena_init(struct ha_wire_arena *a, size_t bytes_max);
/* Zeroed, 16-aligned, valid until fini; NULL: over the limit, or no memory. */
void *ha_wire_arena_alloc(struct ha_wire_arena *a, size_t size);
void ha_wire_arena_fini(struct ha_wire_arena *a);

#endif
