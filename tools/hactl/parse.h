/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse.h - from argv to a verb, its arguments and its options.
 */
#ifndef HACTL_PARSE_H
#define HACTL_PARSE_H

#include "hactl.h"

enum hactl_parsed {
	HACTL_RUN,       /* h is filled */
	HACTL_HELP,      /* --help: of h->verb, else of h->noun, else all */
	HACTL_BAD_USAGE  /* ret_why says what is wrong */
};

/* argv without the program's name. What h holds is borrowed from argv. */
enum hactl_parsed hactl_parse(int argc, char *const *argv, struct hactl *h,
			      struct ha_buf *ret_why);

#endif
