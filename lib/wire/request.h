/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request.h - the requests that tools may send to hacd, for both sides. What
 * an answer holds is told in hactl(8), JSON.
 */
#ifndef HA_WIRE_REQUEST_H
#define HA_WIRE_REQUEST_H

#include "wire/ipc.h"

/*
 * id, name, arguments ("!" before one that must be there), who may ask it:
 * VIEW those who may only look too, CHANGE root and group hac. Without its
 * argument host-show is about the host asked, fence-check about all hosts,
 * config-show and config-text about the current version; vm is a name or a
 * UUID, since the beginning of a time as events show it.
 *
 * A command's text goes with CLUSTER_CREATE and CONFIG_APPLY; hacd sets its
 * hash, id and origin.
 */
#define HA_REQUEST_LIST(X)                                       \
	X(COMMAND, "command", "", CHANGE)                        \
	X(STATUS, "status", "", VIEW)                            \
	X(SNAPSHOT, "snapshot", "", VIEW)                        \
	X(HOST_SHOW, "host-show", "host", VIEW)                  \
	X(VM_SHOW, "vm-show", "!vm", VIEW)                       \
	X(EXPLAIN, "explain", "!vm", VIEW)                       \
	X(PLACEMENT, "placement", "!vm", VIEW)                   \
	X(ADMISSION, "admission", "", VIEW)                      \
	X(EVENTS, "events", "vm host since limit follow", VIEW)  \
	X(FENCE_HISTORY, "fence-history", "host", VIEW)          \
	X(FENCE_CHECK, "fence-check", "host", CHANGE)            \
	X(CONFIG_SHOW, "config-show", "version", VIEW)           \
	X(CONFIG_TEXT, "config-text", "version", CHANGE)         \
	X(CONFIG_HISTORY, "config-history", "", VIEW)            \
	X(DOMAIN_XML, "domain-xml", "!name", CHANGE)             \
	X(RECORD, "record", "", CHANGE)

enum ha_request_kind {
	HA_REQUEST_NONE,
#define X(id, name, args, who) HA_REQUEST_##id,
	HA_REQUEST_LIST(X)
#undef X
	HA_REQUEST_COUNT
};

const char *ha_request_name(enum ha_request_kind kind);
/* By req->name; HA_REQUEST_NONE: there is no such request. */
enum ha_request_kind ha_request_kind(const struct ha_request *req);
/*
 * May it be asked so? 0; HA_E_REFUSED: no such request, or an argument that
 * it does not take, lacks or cannot read; HA_E_PERMISSION: by root and group
 * hac only. ret_text: why not, a sentence.
 */
int ha_request_check(const struct ha_request *req, bool may_change,
		     char ret_text[HA_TEXT_MAX + 1])
	__attribute__((warn_unused_result));
/* A number that ha_request_check has passed; 0 if it was not given. */
uint64_t ha_request_number(const struct ha_request *req, const char *key);

#endif
