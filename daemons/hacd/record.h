/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.h - the flight record of this hacd's core, kept in memory, for
 * 'hactl record save'. Private to hacd.h's files.
 */
#ifndef HACD_RECORD_H
#define HACD_RECORD_H

#include "hacd.h"

/* Before and after a step, before its actions are done. */
void record_event(struct hacd *h, const struct ha_event *ev);
void record_actions(struct hacd *h, const struct ha_actions *actions);
/* As a file's content, appended. HA_E_NOT_FOUND: there is none. */
int record_pack(const struct hacd *h, struct ha_buf *ret_buf)
	__attribute__((warn_unused_result));

#endif
