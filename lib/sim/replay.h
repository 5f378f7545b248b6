/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replay.h - a flight record gives the same trace once more, bit for bit, or
 * says at which event it does not.
 */
#ifndef HA_SIM_REPLAY_H
#define HA_SIM_REPLAY_H

#include <stdio.h>

#include "core/core.h"
#include "wire/record.h"

struct ha_replay_options {
	FILE *trace;        /* NULL: none */
	size_t stop_after;  /* events; 0: all */
};

struct ha_replay { /* what is left at its end */
	struct ha_record record;
	struct ha_config **configs; /* owned; one per body of the record */
	struct ha_core *core;       /* owned; as after the last event */
	size_t events, decisions;   /* replayed, trace lines */
};

enum ha_replay_result {
	HA_REPLAY_SAME,
	HA_REPLAY_DIVERGES, /* the core did something else */
	HA_REPLAY_UNREADABLE
};

/* data: borrowed until fini. why: appended for all but SAME, a sentence. In
 * any case the caller calls ha_replay_fini. */
enum ha_replay_result ha_replay_run(const struct ha_record_bytes *data,
				    const struct ha_replay_options *options,
				    struct ha_replay *ret_replay,
				    struct ha_buf *why);
/* The text of a configuration in it, fit to be parsed: where a secret was,
 * something else stands. The caller frees it; NULL: not in it, or no memory. */
char *ha_replay_text(const struct ha_replay *replay,
		     const struct ha_hash *hash);
void ha_replay_fini(struct ha_replay *replay);

#endif
