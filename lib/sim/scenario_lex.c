/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario_lex.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

#define TIME_MAX HA_S(1000000)

struct piece {
	struct piece *next;
	max_align_t mem[];
};

struct ha_scn_arena {
	struct piece *pieces;
};

struct ha_scn_arena *scn_arena_create(void)
{
	return calloc(1, sizeof(struct ha_scn_arena));
}

void scn_arena_destroy(struct ha_scn_arena *a)
{
	if (!a) {
		return;
	}
	while (a->pieces) {
		struct piece *p = a->pieces;

		a->pieces = p->next;
		free(p);
	}
	free(a);
}

void *scn_arena_take(struct ha_scn_arena *a, size_t bytes)
{
	struct piece *p = calloc(1, sizeof(*p) + bytes + 1);

	if (!p) {
		return NULL;
	}
	p->next = a->pieces;
	a->pieces = p;
	return p->mem;
}

char *scn_arena_text(struct ha_scn_arena *a, const char *s, size_t len)
{
	char *copy = scn_arena_take(a, len + 1);

	if (copy) {
		memcpy(copy, s, len);
	}
	return copy;
}

void scn_lex_fail(struct ha_scn_lex *x, const char *fmt, ...)
{
	va_list ap;

	if (x->failed) {
		return;
	}
	x->failed = true;
	x->errors++;
	ha_buf_printf(x->error, "  %s:%u: ", x->path, x->line);
	va_start(ap, fmt);
	ha_buf_vprintf(x->error, fmt, ap);
	va_end(ap);
	ha_buf_puts(x->error, "\n");
}

static void add_word(struct ha_scn_lex *x, const char *s, size_t len,
		     bool quoted)
{
	if (x->count == SCN_WORDS_MAX) {
		scn_lex_fail(x, "more than %d words in a line", SCN_WORDS_MAX);
		return;
	}
	x->words[x->count] = scn_arena_text(x->arena, s, len);
	if (!x->words[x->count]) {
		scn_lex_fail(x, "out of memory");
		return;
	}
	x->quoted[x->count++] = quoted;
}

void scn_lex_line(struct ha_scn_lex *x, const char *line, size_t len)
{
	size_t i = 0;

	x->count = 0;
	x->next = 0;
	x->failed = false;
	while (!x->failed) {
		size_t from;

		while (i < len && isspace((unsigned char)line[i])) {
			i++;
		}
		if (i == len || line[i] == '#') {
			break;
		}
		from = i;
		if (line[i] == '"') {
			const char *end = memchr(line + i + 1, '"', len - i - 1);

			if (!end) {
				scn_lex_fail(x, "a quote without its end");
				break;
			}
			i = (size_t)(end - line) + 1;
			add_word(x, line + from + 1, i - from - 2, true);
			continue;
		}
		while (i < len && !isspace((unsigned char)line[i])) {
			i++;
		}
		if (memchr(line + from, '"', i - from)) {
			scn_lex_fail(x, "a quote within a word");
			break;
		}
		add_word(x, line + from, i - from, false);
	}
	x->words[x->count] = NULL;
}

const char *scn_lex_peek(const struct ha_scn_lex *x)
{
	return x->failed ? NULL : x->words[x->next];
}

bool scn_lex_accept(struct ha_scn_lex *x, const char *word)
{
	const char *have = scn_lex_peek(x);

	if (!have || x->quoted[x->next] || strcmp(have, word) != 0) {
		return false;
	}
	x->next++;
	return true;
}

const char *scn_lex_word(struct ha_scn_lex *x, const char *what)
{
	if (x->failed) {
		return NULL;
	}
	if (x->next == x->count) {
		scn_lex_fail(x, "the line ends where %s is expected", what);
		return NULL;
	}
	return x->words[x->next++];
}

static bool is_name(const char *s)
{
	size_t len = strlen(s);

	if (len == 0 || len > HA_NAME_MAX) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)s[i]) && !strchr("-_.+:", s[i])) {
			return false;
		}
	}
	return true;
}

const char *scn_lex_name(struct ha_scn_lex *x, const char *what)
{
	const char *word = scn_lex_word(x, what);

	if (word && !is_name(word)) {
		scn_lex_fail(x, "'%s' where %s is expected", word, what);
		return NULL;
	}
	return word;
}

ha_dur scn_lex_time(struct ha_scn_lex *x)
{
	static const struct {
		const char *unit;
		ha_dur us;
	} units[] = {
		{ "us", 1 }, { "ms", HA_MS(1) }, { "s", HA_S(1) },
		{ "m", HA_S(60) }, { "h", HA_S(3600) },
	};
	const char *word = scn_lex_word(x, "a time such as 30s");
	char *end = NULL;
	long n = word ? strtol(word, &end, 10) : 0;

	if (!word) {
		return 0;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (end != word && isdigit((unsigned char)word[0]) && n >= 0 &&
		    n <= TIME_MAX / units[i].us &&
		    strcmp(end, units[i].unit) == 0) {
			return n * units[i].us;
		}
	}
	scn_lex_fail(x, "'%s' where a time is expected: a number and us, ms, s, "
		     "m or h, such as 30s", word);
	return 0;
}

uint32_t scn_lex_number(struct ha_scn_lex *x, const char *what)
{
	const char *word = scn_lex_word(x, what);
	char *end = NULL;
	long n = word ? strtol(word, &end, 10) : 0;

	if (word && (end == word || *end != '\0' || n < 0 || n > 1000000)) {
		scn_lex_fail(x, "'%s' where %s is expected", word, what);
		return 0;
	}
	return (uint32_t)n;
}

static size_t count_commas(const char *s)
{
	size_t n = 0;

	for (; *s; s++) {
		n += *s == ',';
	}
	return n;
}

struct ha_scn_list scn_lex_split(struct ha_scn_lex *x, const char *text,
				 const char *what)
{
	struct ha_scn_list l = { NULL, 0 };
	size_t max = count_commas(text) + 1;

	l.names = scn_arena_take(x->arena, max * sizeof(*l.names));
	if (!l.names) {
		scn_lex_fail(x, "out of memory");
		return (struct ha_scn_list){ NULL, 0 };
	}
	for (const char *p = text;;) {
		size_t n = strcspn(p, ",");
		char *name = scn_arena_text(x->arena, p, n);

		if (!name || !is_name(name)) {
			scn_lex_fail(x, "'%s' where %s is expected", text, what);
			return (struct ha_scn_list){ NULL, 0 };
		}
		l.names[l.count++] = name;
		if (p[n] == '\0') {
			return l;
		}
		p += n + 1;
	}
}

struct ha_scn_list scn_lex_list(struct ha_scn_lex *x, const char *what)
{
	const char *word = scn_lex_word(x, what);

	return word ? scn_lex_split(x, word, what)
		    : (struct ha_scn_list){ NULL, 0 };
}

void scn_lex_end(struct ha_scn_lex *x)
{
	if (!x->failed && x->next < x->count) {
		scn_lex_fail(x, "'%s' where the line should end",
			     x->words[x->next]);
	}
}
