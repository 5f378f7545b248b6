/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ask.h - questions to the hacd of this host, and commands to the cluster
 * through it. All of them print their own errors, so a verb only passes the
 * exit code on.
 */
#ifndef HACTL_ASK_H
#define HACTL_ASK_H

#include <jansson.h>

#include "hactl.h"
#include "wire/request.h"

#define HACTL_ASK_ARGS_MAX 8

struct hactl_question {
	enum ha_request_kind kind;
	struct ha_arg args[HACTL_ASK_ARGS_MAX + 1]; /* key NULL at the end */
	struct ha_command *command; /* NULL: a question only */
	const char *body;           /* configuration, NULL: none */
	size_t body_len;
};

/* Each reply of a question that goes on (events --follow); false ends it. */
typedef bool (*hactl_reply_fn)(struct hactl *h, const json_t *json, void *arg);

/* HACTL_OK and the answer (owned by the caller), or an exit code. */
int hactl_ask(struct hactl *h, const struct hactl_question *q,
	      json_t **ret_json) __attribute__((warn_unused_result));
/* The same for a question with one argument or none: arg NULL, or without a
 * value. */
int hactl_get(struct hactl *h, enum ha_request_kind kind,
	      const struct ha_arg *arg, json_t **ret_json)
	__attribute__((warn_unused_result));
/* The same, for what is only worth having: NULL, and not a word printed, if
 * the cluster refuses it. */
json_t *hactl_look(struct hactl *h, enum ha_request_kind kind,
		   const struct ha_arg *arg);
/* Like hactl_ask, but errors of the cluster are not printed: the reply's code
 * (HA_E_*) and text are returned in ret_code and ret_text (owned). */
int hactl_try(struct hactl *h, const struct hactl_question *q, int *ret_code,
	      char **ret_text) __attribute__((warn_unused_result));
/* HACTL_UNREACHABLE and not a word printed: hacd went away in the middle. */
int hactl_follow(struct hactl *h, const struct hactl_question *q,
		 hactl_reply_fn fn, void *arg)
	__attribute__((warn_unused_result));
/* For answers that are bytes, in as many replies as it takes: appended. */
int hactl_fetch(struct hactl *h, const struct hactl_question *q,
		struct ha_buf *ret_data) __attribute__((warn_unused_result));
/* A connection anew, as soon as there is a hacd. */
int hactl_reconnect(struct hactl *h) __attribute__((warn_unused_result));
/* Sends a command, waits for its answer and prints that. `done` is what to
 * say when the answer has no text of its own; NULL: print no success. */
int hactl_send(struct hactl *h, struct ha_command *c, const char *done)
	__attribute__((warn_unused_result));
void hactl_say_done(const struct hactl *h, const char *text);
/* What a name stands for; NULL name: this host. */
int hactl_find_host(struct hactl *h, const char *name, ha_hostid *ret_id)
	__attribute__((warn_unused_result));
int hactl_find_vm(struct hactl *h, const char *name, struct ha_uuid *ret_vm)
	__attribute__((warn_unused_result));
/* A command about the host that is the last argument (this host if there is
 * none), or about VM args[0]. */
int hactl_host_command(struct hactl *h, struct ha_command *c,
		       const char *done) __attribute__((warn_unused_result));
int hactl_vm_command(struct hactl *h, struct ha_command *c, const char *done)
	__attribute__((warn_unused_result));
/* JSON to stdout with --json: 2-space indent and a newline. */
void hactl_print_json(const json_t *json);
void hactl_close(struct hactl *h);

#endif
