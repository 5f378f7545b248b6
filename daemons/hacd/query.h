/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * query.h - answers to requests that only look (wire/ipc.h), from what hacd
 * has in memory: nothing here waits, reads a file or changes anything.
 *
 * Answered here: status, snapshot, host-show, vm-show, explain, events,
 * fence-history, config-show, config-text, config-history. Left to hacd.c, which asks
 * ha_request_check first: command, domain-xml, fence-check, and what comes
 * after the answer to events with follow.
 */
#ifndef HACD_QUERY_H
#define HACD_QUERY_H

#include <jansson.h>

#include "core/view.h"
#include "events.h"
#include "wire/am.h"
#include "wire/request.h"

/* The text of a configuration is not in memory: get the body query_reply
 * wants, and ask again with it among the texts. */
#define QUERY_WANTS_TEXT 1

struct query_text { /* of a configuration; borrowed */
	struct ha_hash hash;
	const char *text;
	size_t len;
	const char *masked; /* without secrets; NULL: not made yet */
};

struct query_facts { /* all borrowed for the call */
	struct ha_core *core; /* looked at; see core/admission.h */
	ha_hostid self;
	const struct events *events;
	const struct ha_am_held *held; /* kept on disk, oldest first */
	size_t held_count;
	const struct query_text *texts; /* in memory */
	size_t text_count;
	bool may_change; /* the asker may do more than look */
};

struct query_reply {
	json_t *json;          /* with 0: owned by the caller; else NULL */
	struct ha_hash wanted; /* with QUERY_WANTS_TEXT */
	char text[HA_TEXT_MAX + 1]; /* with an error: why not, a sentence */
};

/*
 * 0, QUERY_WANTS_TEXT, what ha_request_check returns, HA_E_NOT_FOUND: no such
 * host, VM or version, HA_E_NO_MEMORY. HA_E_REFUSED also for a request that
 * is not answered here.
 */
int query_answer(const struct query_facts *facts, const struct ha_request *req,
		 struct query_reply *ret_reply)
	__attribute__((warn_unused_result));
/* The filter of a checked events request; its strings are borrowed from the
 * request and the core's configuration. */
void query_events_filter(const struct ha_core *core,
			 const struct ha_request *req,
			 struct events_filter *ret_filter);

#endif
