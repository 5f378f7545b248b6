/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record_event.h - one event of a core as bytes, in a flight record. Every
 * field of what is unpacked has been checked. wire/record.h is the record.
 */
#ifndef HA_WIRE_RECORD_EVENT_H
#define HA_WIRE_RECORD_EVENT_H

#include "core/action.h"
#include "wire/peer.h"

struct ha_record_event {
	struct ha_event event; /* what it points to lives here; `now` is set */
	struct ha_hash config; /* HA_EV_CONFIG: the caller sets event.config */
	uint32_t check;        /* ha_record_check after it */
	struct ha_peer_msg message;
	struct ha_wire_arena arena;
};

/* Appends; last: `now` of the event before. What came of it is appended to
 * that by ha_record_pack_check. */
int ha_record_pack_event(const struct ha_event *ev, ha_time last,
			 struct ha_buf *ret_buf)
	__attribute__((warn_unused_result));
int ha_record_pack_check(uint32_t check, struct ha_buf *ret_buf)
	__attribute__((warn_unused_result));
/* HA_E_SYNTAX, HA_E_LIMIT, HA_E_NO_MEMORY; on success the caller calls fini
 * and does not move it. */
int ha_record_unpack_event(const void *data, size_t len, ha_time last,
			   struct ha_record_event *ret_event)
	__attribute__((warn_unused_result));
void ha_record_event_fini(struct ha_record_event *e);

/* Goes on with the sum of all that came of the events so far. */
uint32_t ha_record_check(uint32_t check, const struct ha_actions *actions);

#endif
