/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * client.h - talking to the local hacd, for tools. Blocking, one request at a
 * time; one thread.
 *
 * Call order: connect; call or stream, as often as wanted; close. Texts of
 * errors are whole sentences, ready to be shown.
 */
#ifndef HA_CLIENT_CLIENT_H
#define HA_CLIENT_CLIENT_H

#include "base/time.h"
#include "wire/ipc.h"

struct ha_client;

struct ha_client_options {
	const char *ipc_name; /* the socket's path; NULL: $HAC_SOCKET, or else
			       * HA_IPC_NAME */
	ha_dur wait;          /* keep trying to connect for so long; 0: once,
			       * HA_TIME_NEVER: for ever */
};

/* Called for each reply with `more`; a non-zero return ends the stream. */
typedef int (*ha_client_reply_fn)(const struct ha_reply *reply, void *arg);

/* HA_E_GONE: no hacd there; HA_E_TIMEOUT: it is hung; HA_E_BUSY: too many
 * clients; HA_E_PERMISSION. The caller closes it. */
int ha_client_connect(const struct ha_client_options *options,
		      struct ha_client **ret_client)
	__attribute__((warn_unused_result));
/*
 * Sends req (its id is set here) and waits for the reply. 0: there is a reply,
 * whose code may be an error; the caller calls ha_reply_fini. HA_E_TIMEOUT:
 * none came in time; a command's outcome is then unknown. HA_E_GONE: hacd went
 * away, the outcome is unknown; call again connects anew.
 */
int ha_client_call(struct ha_client *c, struct ha_request *req, ha_dur timeout,
		   struct ha_reply *ret_reply)
	__attribute__((warn_unused_result));
/*
 * As call, for requests with many replies: fn gets each one. Ends with the
 * first without `more` (0), with fn's non-zero result, or an error. timeout:
 * between two replies; HA_TIME_NEVER waits for ever.
 */
int ha_client_stream(struct ha_client *c, struct ha_request *req,
		     ha_dur timeout, ha_client_reply_fn fn, void *arg)
	__attribute__((warn_unused_result));
/* May be NULL. */
void ha_client_close(struct ha_client *c);

#endif
