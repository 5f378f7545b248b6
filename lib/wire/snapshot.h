/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * snapshot.h - the committed state as a text that fits into an answer of hacd:
 * the bytes of a snapshot on disk (wire/disk.h) in hexadecimal digits. There
 * is no secret in it: of the configuration it has the hash alone.
 */
#ifndef HA_WIRE_SNAPSHOT_H
#define HA_WIRE_SNAPSHOT_H

#include "wire/disk.h"

/* Appends the text. base: as of state->index. */
int ha_snapshot_pack_text(const struct ha_replica_base *base,
			  const struct ha_state *state, struct ha_buf *ret_text)
	__attribute__((warn_unused_result));
/* HA_E_SYNTAX: no such text; HA_E_DAMAGED: it makes no sense. On success the
 * store has a state and no entries; the caller calls ha_disk_store_fini. */
int ha_snapshot_unpack_text(const char *text, struct ha_disk_store *ret_store)
	__attribute__((warn_unused_result));

#endif
