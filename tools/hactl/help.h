/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * help.h - the help and the bash completion, made from the table of verbs.
 */
#ifndef HACTL_HELP_H
#define HACTL_HELP_H

#include "hactl.h"

/* v NULL: the list of all. */
void hactl_help(const struct hactl_verb *v, const struct hactl_screen *s,
		struct ha_buf *b);
/* All verbs of one noun. */
void hactl_help_noun(const char *noun, const struct hactl_screen *s,
		     struct ha_buf *b);
/* The script for bash. */
void hactl_completion(struct ha_buf *b);

#endif
