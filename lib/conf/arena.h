/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arena.h - memory that is freed all at once. A failed allocation returns NULL
 * and sets `failed`: check it once at the end, before anything is followed.
 */
#ifndef HA_CONF_ARENA_H
#define HA_CONF_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct ha_arena_chunk;

struct ha_arena {
	struct ha_arena_chunk *chunks; /* owned */
	bool failed;
};

/* Zeroed, aligned for any object; count may be 0. */
void *ha_arena_alloc(struct ha_arena *a, size_t count, size_t size);
/* len bytes of text and a 0 byte. */
char *ha_arena_text(struct ha_arena *a, const char *text, size_t len);
void ha_arena_fini(struct ha_arena *a);

#endif
