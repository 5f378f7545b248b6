/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scenario_lex.h - the words of one line of a scenario, and taking them one
 * after the other. For lib/sim's parser alone.
 *
 * The first thing that is wrong in a line goes to `error`; all that follows in
 * the line does nothing and gives NULL, 0 or false, so that it is checked once,
 * at its end. The next line begins anew, up to SCN_ERRORS_MAX.
 */
#ifndef HA_SIM_SCENARIO_LEX_H
#define HA_SIM_SCENARIO_LEX_H

#include "sim/scenario.h"

#define SCN_WORDS_MAX 64
#define SCN_ERRORS_MAX 20

struct ha_scn_lex {
	const char *path;
	uint32_t line;
	const char *words[SCN_WORDS_MAX + 1]; /* in the arena; NULL at the end */
	bool quoted[SCN_WORDS_MAX];
	size_t count;
	size_t next;
	struct ha_scn_arena *arena;
	struct ha_buf *error;
	bool failed;              /* this line */
	unsigned errors;          /* all lines so far */
};

struct ha_scn_arena *scn_arena_create(void);
void scn_arena_destroy(struct ha_scn_arena *a);
/* Zeroed; NULL when out of memory. */
void *scn_arena_take(struct ha_scn_arena *a, size_t bytes);
char *scn_arena_text(struct ha_scn_arena *a, const char *s, size_t len);

/* Splits a line; what follows a '#' that begins a word is a comment. */
void scn_lex_line(struct ha_scn_lex *x, const char *line, size_t len);
void scn_lex_fail(struct ha_scn_lex *x, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The next word without taking it, NULL at the end. */
const char *scn_lex_peek(const struct ha_scn_lex *x);
/* Takes the next word if it is this one. */
bool scn_lex_accept(struct ha_scn_lex *x, const char *word);
/* Takes a word; `what` says what is expected, in a message. */
const char *scn_lex_word(struct ha_scn_lex *x, const char *what);
/* A name of a host, VM or datastore. */
const char *scn_lex_name(struct ha_scn_lex *x, const char *what);
/* "30s", "500ms", "2m", "1h". */
ha_dur scn_lex_time(struct ha_scn_lex *x);
uint32_t scn_lex_number(struct ha_scn_lex *x, const char *what);
/* "h1,h2": names of one or more. */
struct ha_scn_list scn_lex_list(struct ha_scn_lex *x, const char *what);
/* The same from a text, without taking a word. */
struct ha_scn_list scn_lex_split(struct ha_scn_lex *x, const char *text,
				 const char *what);
/* All words that are left must be none. */
void scn_lex_end(struct ha_scn_lex *x);

#endif
