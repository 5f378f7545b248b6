/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.h - columns of text for people. Every column is as wide as its widest
 * cell; the last one takes what is left of the line and is wrapped. Names are
 * never cut, so that they can be pasted.
 *
 *	hactl_table_init(&t, heads);    heads: NULL at the end, ">N" right
 *	hactl_table_row(&t, cells);     as many cells as heads, copied
 *	hactl_table_print(&t, screen, buf);
 *	hactl_table_fini(&t);
 */
#ifndef HACTL_TABLE_H
#define HACTL_TABLE_H

#include "hactl.h"

#define HACTL_COLUMNS_MAX 12

struct hactl_table {
	const char *const *heads; /* borrowed */
	size_t columns;
	char **cells; /* owned; row by row */
	size_t cell_count, cell_max;
	bool failed;  /* no memory: printing says so */
};

void hactl_table_init(struct hactl_table *t, const char *const *heads);
void hactl_table_row(struct hactl_table *t, const char *const *cells);
/* Columns without any text in a cell are left out. */
void hactl_table_print(const struct hactl_table *t,
		       const struct hactl_screen *s, struct ha_buf *b);
void hactl_table_fini(struct hactl_table *t);

#endif
