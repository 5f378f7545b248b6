/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES ((size_t)64 << 10)
#define ALIGNMENT ((size_t)16)

struct ha_arena_chunk {
	struct ha_arena_chunk *next;
	size_t used;
	size_t size;
	size_t unused; /* keeps data aligned */
	char data[];
};

static struct ha_arena_chunk *add_chunk(struct ha_arena *a, size_t bytes)
{
	size_t size = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
	struct ha_arena_chunk *c = malloc(sizeof(*c) + size);

	if (!c) {
		a->failed = true;
		return NULL;
	}
	c->used = 0;
	c->size = size;
	/* A chunk made for one large object does not end the use of the
	 * half empty one before it. */
	if (bytes > CHUNK_BYTES / 4 && a->chunks) {
		c->next = a->chunks->next;
		a->chunks->next = c;
	} else {
		c->next = a->chunks;
		a->chunks = c;
	}
	return c;
}

void *ha_arena_alloc(struct ha_arena *a, size_t count, size_t size)
{
	struct ha_arena_chunk *c = a->chunks;
	size_t bytes;
	void *p;

	assert(size > 0);
	if (count > (SIZE_MAX / 2) / size) {
		a->failed = true;
		return NULL;
	}
	bytes = (count * size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	if (!c || c->size - c->used < bytes) {
		c = add_chunk(a, bytes);
	}
	if (!c) {
		return NULL;
	}
	p = c->data + c->used;
	c->used += bytes;
	memset(p, 0, bytes);
	return p;
}

char *ha_arena_text(struct ha_arena *a, const char *text, size_t len)
{
	char *copy = ha_arena_alloc(a, len + 1, 1);

	if (copy && len > 0) {
		memcpy(copy, text, len);
	}
	return copy;
}

void ha_arena_fini(struct ha_arena *a)
{
	while (a->chunks) {
		struct ha_arena_chunk *next = a->chunks->next;

		free(a->chunks);
		a->chunks = next;
	}
	a->failed = false;
}
