/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bodies.h - configurations as texts: each is checked, made durable and parsed
 * before the core hears of it. They come from the disk at start, from a tool,
 * or from a peer.
 */
#ifndef HACD_BODIES_H
#define HACD_BODIES_H

#include <qb/qbloop.h>

#include "base/buf.h"
#include "model/config.h"

#define BODIES_MAX 16 /* on their way or in the core's hands at once */

struct bodies;
struct port_disk;

struct body { /* what is held, read-only */
	struct ha_hash hash;
	const char *text;
	size_t len;
	const char *masked; /* for showing: without secrets */
	const struct ha_config *config;
};

struct bodies_text { /* borrowed */
	const char *text;
	size_t len;
};

struct bodies_user {
	/* Durable and parsed: the core's from here on, until bodies_drop. */
	void (*ready)(const struct ha_config *config, void *arg);
	/* It cannot be had; text: why, all that is wrong with it. */
	void (*failed)(const struct ha_hash *hash, int code, const char *text,
		       void *arg);
	void *arg;
};

/* NULL: out of memory. disk: borrowed. */
struct bodies *bodies_create(qb_loop_t *loop, struct port_disk *disk,
			     const struct bodies_user *user);
/* Copies the text, has it checked and written; ready or failed follows, unless
 * it is held already (then bodies_find gives it). HA_E_LIMIT, HA_E_NO_MEMORY,
 * HA_E_BUSY: too many at once. */
int bodies_add(struct bodies *b, const struct bodies_text *text,
	       struct ha_hash *ret_hash) __attribute__((warn_unused_result));
/* From the disk; ready or failed follows. False: not now, it is here or on its
 * way, or there are too many. */
bool bodies_load(struct bodies *b, const struct ha_hash *hash);
/* The disk's answers, passed on. */
void bodies_read(struct bodies *b, const struct ha_hash *hash, const void *data,
		 size_t len);
void bodies_written(struct bodies *b, const struct ha_hash *hash, bool ok);
/* NULL: not held, or not yet durable. Borrowed until bodies_drop. */
const struct body *bodies_find(const struct bodies *b,
			       const struct ha_hash *hash);
void bodies_drop(struct bodies *b, const struct ha_config *config);
void bodies_destroy(struct bodies *b);

#endif
