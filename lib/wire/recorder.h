/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recorder.h - keeps the flight record of a core, bounded: when the events of
 * a part outgrow half of the bound, all that the core remembers is written
 * down and a new part begins; the part before it is kept, older ones are not.
 *
 * Call order: create; for each step event() before it and actions() after it,
 * before the actions are executed; pack() at any time between two steps.
 * Where memory ends, the record begins anew; nothing is reported.
 */
#ifndef HA_WIRE_RECORDER_H
#define HA_WIRE_RECORDER_H

#include "wire/record.h"

struct ha_recorder;

/* bytes_max: of events, beside configurations and what cores remember. NULL:
 * out of memory. */
struct ha_recorder *ha_recorder_create(const struct ha_core_params *params,
				       size_t bytes_max);
/* For HA_EV_CONFIG: its text without secrets, copied; before event(). */
void ha_recorder_body(struct ha_recorder *r, const struct ha_config *config,
		      const struct ha_record_bytes *masked);
void ha_recorder_event(struct ha_recorder *r, const struct ha_event *ev);
void ha_recorder_actions(struct ha_recorder *r, const struct ha_core *core,
			 const struct ha_actions *actions);
/* now, wall_us: of this moment. HA_E_NOT_FOUND: nothing is recorded. */
int ha_recorder_pack(const struct ha_recorder *r, ha_time now, int64_t wall_us,
		     struct ha_buf *ret_buf)
	__attribute__((warn_unused_result));
void ha_recorder_destroy(struct ha_recorder *r);

#endif
