/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * explain.h - from one recorded event back to what caused it, as sentences.
 * Pure: events as hacd gives them (hactl(8), JSON), oldest first, in; JSON out.
 */
#ifndef HACTL_EXPLAIN_H
#define HACTL_EXPLAIN_H

#include <jansson.h>

#include "hactl.h"

/* The event that caused the one at `at`; NULL: none is recorded. */
const json_t *hactl_explain_cause(const json_t *events, size_t at);
/*
 * {"id", "time", "text"} of the event at `at`, then of its cause, and so on,
 * to the first; an array, owned by the caller.
 */
json_t *hactl_explain_chain(const json_t *events, size_t at);
/* The same of those that the event at `at` caused, oldest first. */
json_t *hactl_explain_effects(const json_t *events, size_t at);
/* Where the newest event is that made a VM or host what it is; SIZE_MAX: none
 * is recorded. */
size_t hactl_explain_newest_vm(const json_t *events, const char *vm);
size_t hactl_explain_newest_host(const json_t *events, const char *host);
size_t hactl_explain_find(const json_t *events, long long id);

/* All that this host has recorded: an array, owned by the caller. */
int hactl_explain_fetch(struct hactl *h, json_t **ret_events)
	__attribute__((warn_unused_result));
/* Chain and effects into an answer, as "because" and "led_to". */
void hactl_explain_add(json_t *answer, const json_t *events, size_t at);

#endif
