/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parser.h - configurations are read beside hacd's loop: one of 10 000 VMs
 * takes over a second, longer than a token. The thread that does it has one
 * text at a time, shares nothing with the loop, and decides nothing.
 */
#ifndef HACD_PARSER_H
#define HACD_PARSER_H

#include <qb/qbloop.h>

#include "base/buf.h"
#include "model/config.h"

struct parser;

struct parser_job {
	struct parser_job *next;
	struct ha_hash hash;      /* for the user */
	struct ha_buf text;       /* owned */
	/* the result */
	int code;                 /* 0, HA_E_* */
	struct ha_config *config; /* owned; NULL unless 0 */
	struct ha_buf masked;     /* owned; the text for showing */
	struct ha_buf why;        /* owned; all that is wrong */
};

/* job: borrowed for the call; what is taken out of it is the user's. */
typedef void (*parser_done_fn)(struct parser_job *job, void *arg);

/* NULL: out of memory or descriptors. */
struct parser *parser_create(qb_loop_t *loop, parser_done_fn done, void *arg);
/* Copies text. done follows, in the order of the calls, from the loop.
 * HA_E_NO_MEMORY. */
int parser_add(struct parser *p, const struct ha_hash *hash, const void *text,
	       size_t len) __attribute__((warn_unused_result));
/* Waits for the text in hand; done is not called any more. */
void parser_destroy(struct parser *p);

#endif
