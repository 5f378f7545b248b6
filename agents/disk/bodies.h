/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bodies.h - configurations by their hash, one file each, and `history`: which
 * of them was current here as which version.
 */
#ifndef HA_DISK_BODIES_H
#define HA_DISK_BODIES_H

#include "base/buf.h"
#include "base/ids.h"
#include "base/limits.h"
#include "wire/am.h"

struct ha_bodies {
	int dirfd;      /* of the state folder */
	int bodies_fd;  /* of bodies/ in it */
	struct ha_am_held held[HA_CONFIGS_KEPT]; /* oldest first */
	size_t count;
};

/* dirfd: borrowed. Reads the history. */
int ha_bodies_open(struct ha_bodies *b, int dirfd)
	__attribute__((warn_unused_result));
void ha_bodies_close(struct ha_bodies *b);
/* Durable on return. */
int ha_bodies_put(struct ha_bodies *b, const struct ha_hash *hash,
		  const void *data, size_t len)
	__attribute__((warn_unused_result));
int ha_bodies_get(struct ha_bodies *b, const struct ha_hash *hash,
		  struct ha_buf *ret_buf) __attribute__((warn_unused_result));
/* hash is current as that version; the oldest beyond the limit goes. */
int ha_bodies_note(struct ha_bodies *b, const struct ha_am_held *held)
	__attribute__((warn_unused_result));

#endif
