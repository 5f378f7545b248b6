/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * disk.h - what is kept on disk, as bytes: log records (one for each persist
 * operation) and snapshots. Files, checksums and syncing are agents/disk's.
 */
#ifndef HA_WIRE_DISK_H
#define HA_WIRE_DISK_H

#include "base/buf.h"
#include "core/state.h"
#include "replica/replica.h"
#include "wire/arena.h"

struct ha_disk_bytes {
	const void *data;
	size_t len;
};

struct ha_disk_raw {
	struct ha_disk_bytes snapshot;       /* len 0: none */
	const struct ha_disk_bytes *records; /* in the order written */
	size_t record_count;
	bool snapshot_newest; /* written after the last record: its meta counts */
};

/* What a store holds, put together; pointers live in the arena. */
struct ha_disk_store {
	struct ha_replica_base base;
	struct ha_replica_meta meta;
	const struct ha_state *state;   /* NULL: none */
	const struct ha_entry *entries; /* those after base.index, in order */
	size_t entry_count;
	struct ha_wire_arena arena;
};

/* META and ENTRIES as a log record; appends the bytes. */
int ha_disk_pack_record(const struct ha_persist *op, struct ha_buf *ret_buf)
	__attribute__((warn_unused_result));
/* STATE as a snapshot. */
int ha_disk_pack_snapshot(const struct ha_persist *op,
			  const struct ha_state *state, struct ha_buf *ret_buf)
	__attribute__((warn_unused_result));
/*
 * Replays the records over the snapshot. HA_E_DAMAGED if something makes no
 * sense or has a gap; on success the caller calls ha_disk_store_fini.
 */
int ha_disk_unpack(const struct ha_disk_raw *raw,
		   struct ha_disk_store *ret_store)
	__attribute__((warn_unused_result));
void ha_disk_store_fini(struct ha_disk_store *store);

#endif
