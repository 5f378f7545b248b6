/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES_MIN 2048
#define ALIGN 16

struct ha_wire_arena_chunk {
	struct ha_wire_arena_chunk *next;
	size_t size; /* of data */
	size_t used;
	alignas(ALIGN) unsigned char data[];
};

void ha_wire_arena_init(struct ha_wire_arena *a, size_t bytes_max)
{
	assert(a);
	memset(a, 0, sizeof(*a));
	a->bytes_max = bytes_max;
}

static struct ha_wire_arena_chunk *add_chunk(struct ha_wire_arena *a,
					     size_t size)
{
	struct ha_wire_arena_chunk *c;

	if (size < CHUNK_BYTES_MIN) {
		size = CHUNK_BYTES_MIN;
	}
	/* zeroed by the kernel where it is large: untouched pages are free */
	c = calloc(1, sizeof(*c) + size);
	if (!c) {
		return NULL;
	}
	c->size = size;
	c->next = a->chunks;
	a->chunks = c;
	return c;
}

void *ha_wire_arena_alloc(struct ha_wire_arena *a, size_t size)
{
	struct ha_wire_arena_chunk *c = a->chunks;
	void *p;

	if (size > a->bytes_max || a->bytes > a->bytes_max - size) {
		return NULL;
	}
	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (size == 0) {
		size = ALIGN;
	}
	if (!c || c->size - c->used < size) {
		/* as much again as there is: few chunks for large objects */
		c = add_chunk(a, size > a->bytes / 2 ? size : a->bytes / 2);
		if (!c) {
			return NULL;
		}
	}
	p = c->data + c->used;
	c->used += size;
	a->bytes += size;
	return p;
}

void ha_wire_arena_fini(struct ha_wire_arena *a)
{
	struct ha_wire_arena_chunk *next;

	for (struct ha_wire_arena_chunk *c = a->chunks; c; c = next) {
		next = c->next;
		free(c);
	}
	memset(a, 0, sizeof(*a));
}
