/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "help.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

enum { NAME_WIDTH = 36 };

static void print_usage(const struct hactl_verb *v, struct ha_buf *b)
{
	ha_buf_printf(b, "%s%s%s%s%s", v->noun, v->verb != NULL ? " " : "",
		      v->verb != NULL ? v->verb : "",
		      v->args[0] != '\0' ? " " : "", v->args);
}

static void print_row(const struct hactl_verb *v, const struct hactl_screen *s,
		      struct ha_buf *b)
{
	struct ha_buf usage = { .data = NULL };

	print_usage(v, &usage);
	ha_buf_printf(b, "  %s", usage.data);
	hactl_blanks(b, NAME_WIDTH - 2 - (int)usage.len);
	if (usage.len + 3 > NAME_WIDTH) {
		ha_buf_puts(b, "\n");
		hactl_blanks(b, NAME_WIDTH);
	}
	hactl_wrap(b, s, v->help, NAME_WIDTH);
	ha_buf_fini(&usage);
}

void hactl_help_noun(const char *noun, const struct hactl_screen *s,
		     struct ha_buf *b)
{
	ha_buf_puts(b, "usage: hactl COMMAND [--json] [--timeout=SECONDS]\n\n");
	for (size_t i = 0; hactl_verbs[i] != NULL; i++) {
		if (strcmp(hactl_verbs[i]->noun, noun) == 0) {
			print_row(hactl_verbs[i], s, b);
		}
	}
	ha_buf_printf(b, "\nMore about one: hactl help %s VERB\n", noun);
}

static void help_all(const struct hactl_screen *s, struct ha_buf *b)
{
	const char *noun = "";

	ha_buf_puts(b, "hactl - see and steer a cluster of hosts that keeps "
		    "virtual machines running\n\n"
		    "usage: hactl COMMAND [--json] [--timeout=SECONDS]\n");
	for (size_t i = 0; hactl_verbs[i] != NULL; i++) {
		const struct hactl_verb *v = hactl_verbs[i];

		/* nouns stand apart; those with one verb stand together */
		if (strcmp(v->noun, noun) != 0 &&
		    (v->verb != NULL || noun[0] == '\0' ||
		     hactl_noun_find(noun)->verb != NULL)) {
			ha_buf_puts(b, "\n");
		}
		noun = v->noun;
		print_row(v, s, b);
	}
	ha_buf_puts(b, "\nMore about one: hactl help COMMAND\n"
		    "Exit codes: 0 done; 1 refused or failed; 2 typed wrong; "
		    "3 no hacd here\n");
}

static void print_opts(const struct hactl_opt *opts,
		       const struct hactl_screen *s, struct ha_buf *b)
{
	for (; opts != NULL && opts->name != NULL; opts++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "--%s%s%s", opts->name,
			       opts->value != NULL ? "=" : "",
			       opts->value != NULL ? opts->value : "");
		ha_buf_printf(b, "  %-28s  ", name);
		hactl_wrap(b, s, opts->help, 32);
	}
}

/* Paragraphs are apart by "\n\n"; a line that begins with a blank stands. */
static void print_more(const char *more, const struct hactl_screen *s,
		       struct ha_buf *b)
{
	while (*more != '\0') {
		const char *end = strstr(more, "\n\n");
		size_t len = end != NULL ? (size_t)(end - more) : strlen(more);
		struct ha_buf part = { .data = NULL };

		ha_buf_append(&part, more, len);
		ha_buf_puts(b, "\n");
		if (more[0] == ' ') {
			ha_buf_printf(b, "%s\n", part.data);
		} else {
			hactl_wrap(b, s, part.data, 0);
		}
		ha_buf_fini(&part);
		more += len + (end != NULL ? 2 : 0);
	}
}

void hactl_help(const struct hactl_verb *v, const struct hactl_screen *s,
		struct ha_buf *b)
{
	if (v == NULL) {
		help_all(s, b);
		return;
	}
	ha_buf_puts(b, "usage: hactl ");
	print_usage(v, b);
	ha_buf_printf(b, "%s\n\n", v->opts != NULL ? " [OPTION]..." : "");
	hactl_wrap(b, s, v->help, 0);
	if (v->more != NULL) {
		print_more(v->more, s, b);
	}
	ha_buf_puts(b, "\nOptions:\n");
	print_opts(v->opts, s, b);
	print_opts(hactl_common_opts, s, b);
}
