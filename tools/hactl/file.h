/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file.h - a configuration in an admin's file, and the comment in it that
 * tells from which version it was made.
 */
#ifndef HACTL_FILE_H
#define HACTL_FILE_H

#include "edit.h"

/* Appends the text with the comment after the XML declaration, if any. */
void hactl_file_mark(const char *text, unsigned long long version,
		     struct ha_buf *b);
/* Takes the comment out of the text, in place; returns its version, 0: there
 * was none. */
unsigned long long hactl_file_unmark(char *text, size_t *len);

struct hactl_file {
	struct ha_config *config;    /* owned */
	struct hactl_config as_sent; /* owned; version 0: file says none */
};

/* Reads and checks; prints all errors. */
int hactl_file_read(const struct hactl *h, const char *path,
		    struct hactl_file *ret_file)
	__attribute__((warn_unused_result));
void hactl_file_fini(struct hactl_file *f);
/* The configuration in force, parsed. */
int hactl_config_parse(const struct hactl *h, const struct hactl_config *c,
		       struct ha_config **ret_config)
	__attribute__((warn_unused_result));

#endif
