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

/* What this host saw itself, on which no fact stands. */
enum ha_trace_seen {
	HA_TRACE_SEEN_NOTHING,
	HA_TRACE_SEEN_LOST, /* host: out of corosync's membership */
	HA_TRACE_SEEN_HERE  /* host: in it */
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
	enum ha_trace_seen seen;
	/* The fact that was decided or committed, so that causes can be
	 * followed from one to the other; fact 0: it is about none. */
	uint32_t fact;    /* enum ha_fact_kind */
	uint32_t code;    /* the fact's; VM_OWNER: enum ha_why, of the last
			   * release */
	ha_hostid on;     /* of a fact about a VM: its host */
	ha_hostid from;   /* VM_OWNER: who owned it last, 0 nobody */
	struct ha_uuid awaited; /* VM_OWNER, decided: the last VM that it waited
				 * for; zero: none */
	char note[48];    /* the fact's text: a reason or an error */
	char text[HA_TEXT_MAX + 1]; /* "object: fact, fact -> decision" */
};

#endif
