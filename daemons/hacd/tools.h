/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tools.h - what tools ask of hacd. Each request gets its reply, at once or
 * when what it waits for has come. Private to hacd.h's files.
 */
#ifndef HACD_TOOLS_H
#define HACD_TOOLS_H

#include "hacd.h"

struct tools *tools_create(struct hacd *h);
void tools_request(uint64_t client, bool may_change,
		   const struct ha_request *req, void *arg);
void tools_closed(uint64_t client, void *arg);
/* The core's answer to a command; a configuration that came, or did not. */
void tools_answer(struct hacd *h, const struct ha_answer *answer);
void tools_body(struct hacd *h, const struct ha_hash *hash, int code,
		const char *text);
/* A text read from the disk; data NULL: it is not there. */
void tools_text(struct hacd *h, const struct ha_hash *hash, const void *data,
		size_t len);
void tools_event(struct hacd *h, json_t *event);
/* Result of an operation of theirs. */
void tools_result(struct hacd *h, const struct op *op, const struct ha_am *m);
void tools_destroy(struct tools *t);

#endif
