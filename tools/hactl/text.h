/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text.h - running text, wrapped, for people.
 */
#ifndef HACTL_TEXT_H
#define HACTL_TEXT_H

#include "hactl.h"

enum hactl_colour { HACTL_PLAIN, HACTL_GREEN, HACTL_YELLOW, HACTL_RED,
		    HACTL_BOLD };

/* `text` at column `column`, where the cursor stands now; further lines are
 * indented by `hang`. Lines end at the screen's width, words stay whole.
 * Control characters are shown as '?'. Ends with a newline. */
void hactl_wrap(struct ha_buf *b, const struct hactl_screen *s,
		const char *text, int hang);
/* Switches the colour if the screen has any; back with HACTL_PLAIN. */
void hactl_colour(struct ha_buf *b, const struct hactl_screen *s,
		  enum hactl_colour colour);
/* "s" unless there is one: "%zu error%s". */
const char *hactl_s(size_t n);
/* n blanks; none if n <= 0. */
void hactl_blanks(struct ha_buf *b, int n);
/* Columns that a text takes (UTF-8 sequences count as one). */
int hactl_columns(const char *text);

#endif
