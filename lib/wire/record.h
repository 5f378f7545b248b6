/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.h - the flight record of a core as bytes: all its events since a
 * moment at which all that it remembered was written down, in one part or two.
 * wire/recorder.h makes one; lib/sim replays it. No secret is in it.
 */
#ifndef HA_WIRE_RECORD_H
#define HA_WIRE_RECORD_H

#include "base/buf.h"
#include "core/core.h"
#include "wire/arena.h"

#define HA_RECORD_BYTES_MAX (128u << 20)

struct ha_record_bytes { /* borrowed from the record */
	const void *data;
	size_t len;
};

struct ha_record_body { /* a configuration, without secrets */
	struct ha_hash hash; /* of it with them */
	struct ha_record_bytes text;
};

struct ha_record_part {
	ha_time now;                   /* what its first event is after */
	struct ha_record_bytes image;  /* of ha_core_save; len 0: none */
	const struct ha_record_bytes *events; /* record_event.h */
	size_t event_count;
};

struct ha_record {
	const char *version, *build; /* who wrote it */
	struct ha_core_params params;
	ha_time now;     /* when it was saved, on the clock of its events */
	int64_t wall_us; /* and since 1970 */
	const struct ha_record_body *bodies;
	size_t body_count;
	const struct ha_record_part *parts; /* the older first */
	size_t part_count;
	struct ha_wire_arena arena; /* unpacked only */
};

/* Of these sources: records of any other are not replayed. */
const char *ha_record_build(void);
/* One part; events: appended one by one by ha_record_pack_element. */
int ha_record_pack_part(const struct ha_record_part *part,
			struct ha_buf *ret_buf)
	__attribute__((warn_unused_result));
/* One more event at the end of a packed part. */
int ha_record_pack_element(const struct ha_record_bytes *event,
			   struct ha_buf *ret_buf)
	__attribute__((warn_unused_result));
/* All of it, with the version and build of this one; parts: packed ones, as
 * many as record->part_count. */
int ha_record_pack(const struct ha_record *record,
		   const struct ha_record_bytes *parts, struct ha_buf *ret_buf)
	__attribute__((warn_unused_result));
/*
 * HA_E_SYNTAX: not a record. HA_E_DAMAGED: one, but not as it was written.
 * HA_E_STALE: of another build (version and build are set, and nothing else).
 * HA_E_LIMIT, HA_E_NO_MEMORY. After 0 and HA_E_STALE the caller calls fini.
 */
int ha_record_unpack(const void *data, size_t len, struct ha_record *ret_record)
	__attribute__((warn_unused_result));
void ha_record_fini(struct ha_record *record);

#endif
