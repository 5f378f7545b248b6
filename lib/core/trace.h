/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * trace.h - one decision, for the log, the events and hactl explain.
 */
#ifndef HA_CORE_TRACE_H
#define HA_CORE_TRACE_H

#include "base/ids.h"

/* Where a trace line belongs, for filtering. */
enum ha_topic { HA_TOPIC_CLUSTER, HA_TOPIC_HOST, HA_TOPIC_VM };
enum ha_trace_level { HA_TRACE_INFO, HA_TRACE_NOTICE, HA_TRACE_WARNING };

/* What a trace tells of a fence attempt, for the history of them. */
enum ha_trace_fence {
	HA_TRACE_FENCE_NONE,
	HA_TRACE_FENCE_ASKED,
	HA_TRACE_FENCE_OFF,
	HA_TRACE_FENCE_ON,
	HA_TRACE_FENCE_FAILED,
	HA_TRACE_FENCE_CONFIRMED /* no attempt: the admin's word, given at by */
};

struct ha_trace {
	enum ha_topic topic;
	enum ha_trace_level level;
	ha_hostid host;
	struct ha_uuid vm;
	uint64_t epoch;
	uint64_t index; /* committed so far */
	enum ha_trace_fence fence;
	ha_hostid by;     /* executor, with fence */
	uint64_t attempt; /* its number, with fence; 0: in a small view */
	char text[HA_TEXT_MAX + 1]; /* "object: fact, fact -> decision" */
};

#endif
