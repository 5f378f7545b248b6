/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "text.h"

/* What is written to when there is no memory left; never read. */
static struct hactl_finding *scratch(struct hactl_findings *f)
{
	f->failed = true;
	return &f->lost;
}

struct hactl_finding *hactl_find(struct hactl_findings *f,
				 enum hactl_level level, const char *object)
{
	struct hactl_finding *n;

	if (f->count == f->max) {
		size_t max = f->max == 0 ? 32 : f->max * 2;

		n = realloc(f->list, max * sizeof(*n));
		if (n == NULL) {
			return scratch(f);
		}
		f->list = n;
		f->max = max;
	}
	n = &f->list[f->count++];
	memset(n, 0, sizeof(*n));
	n->level = level;
	(void)snprintf(n->check, sizeof(n->check), "%s", f->check);
	(void)snprintf(n->object, sizeof(n->object), "%s", object);
	return n;
}

void hactl_finding(struct hactl_findings *f, enum hactl_level level,
		   const char *text, const char *todo)
{
	struct hactl_finding *n = hactl_find(f, level, "");

	(void)snprintf(n->text, sizeof(n->text), "%s", text);
	(void)snprintf(n->todo, sizeof(n->todo), "%s",
		       todo != NULL ? todo : "");
}

void hactl_findings_fini(struct hactl_findings *f)
{
	free(f->list);
	memset(f, 0, sizeof(*f));
}

enum hactl_level hactl_findings_worst(const struct hactl_findings *f)
{
	enum hactl_level worst = f->failed ? HACTL_ERROR : HACTL_FINE;

	for (size_t i = 0; i < f->count; i++) {
		worst = f->list[i].level > worst ? f->list[i].level : worst;
	}
	return worst;
}

static const char *level_word(enum hactl_level level)
{
	switch (level) {
	case HACTL_FINE:
		return "ok";
	case HACTL_WARNING:
		return "warning";
	case HACTL_ERROR:
		return "error";
	}
	return "?";
}

static void print_one(const struct hactl_finding *n,
		      const struct hactl_screen *s, struct ha_buf *b)
{
	static const enum hactl_colour colours[] = {
		[HACTL_FINE] = HACTL_GREEN, [HACTL_WARNING] = HACTL_YELLOW,
		[HACTL_ERROR] = HACTL_RED,
	};
	struct ha_buf line = { .data = NULL };

	hactl_colour(b, s, colours[n->level]);
	ha_buf_printf(b, "%-8s", level_word(n->level));
	hactl_colour(b, s, HACTL_PLAIN);
	ha_buf_printf(b, " %-10s ", n->check);
	ha_buf_printf(&line, "%s%s%s", n->object,
		      n->object[0] != '\0' ? ": " : "", n->text);
	hactl_wrap(b, s, line.data != NULL ? line.data : "", 20);
	if (n->todo[0] != '\0') {
		hactl_blanks(b, 20);
		ha_buf_puts(b, "do: ");
		hactl_wrap(b, s, n->todo, 24);
	}
	ha_buf_fini(&line);
}

void hactl_findings_print(const struct hactl_findings *f,
			  const struct hactl_screen *s, struct ha_buf *b)
{
	size_t errors = 0, warnings = 0;

	for (size_t i = 0; i < f->count; i++) {
		print_one(&f->list[i], s, b);
		errors += f->list[i].level == HACTL_ERROR;
		warnings += f->list[i].level == HACTL_WARNING;
	}
	if (f->failed) {
		ha_buf_puts(b, "(out of memory: not all is shown)\n");
	}
	ha_buf_printf(b, "\n%zu check%s: %zu error%s, %zu warning%s\n",
		      f->count, hactl_s(f->count), errors, hactl_s(errors),
		      warnings, hactl_s(warnings));
}

json_t *hactl_findings_json(const struct hactl_findings *f)
{
	json_t *list = json_array();

	for (size_t i = 0; i < f->count; i++) {
		const struct hactl_finding *n = &f->list[i];

		(void)json_array_append_new(
			list, json_pack("{s:s,s:s,s:s,s:s,s:s}",
					"level", level_word(n->level),
					"check", n->check, "object", n->object,
					"text", n->text, "todo", n->todo));
	}
	return json_pack("{s:b,s:o}", "ok",
			 hactl_findings_worst(f) != HACTL_ERROR,
			 "findings", list);
}
