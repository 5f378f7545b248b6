/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

enum { GAP = 2, LAST_LEAST = 24 };

struct layout {
	const struct hactl_table *t;
	const struct hactl_screen *s;
	int widths[HACTL_COLUMNS_MAX]; /* 0: a column that is left out */
	size_t last;                   /* the last one shown */
};

void hactl_table_init(struct hactl_table *t, const char *const *heads)
{
	memset(t, 0, sizeof(*t));
	t->heads = heads;
	while (heads[t->columns] != NULL) {
		t->columns++;
	}
	assert(t->columns > 0);
	assert(t->columns <= HACTL_COLUMNS_MAX);
}

static bool grow_cells(struct hactl_table *t)
{
	size_t max = t->cell_max == 0 ? 64 : t->cell_max * 2;
	char **cells;

	if (t->cell_count + t->columns <= t->cell_max) {
		return true;
	}
	cells = realloc(t->cells, max * sizeof(*cells));
	if (cells == NULL) {
		return false;
	}
	t->cells = cells;
	t->cell_max = max;
	return true;
}

void hactl_table_row(struct hactl_table *t, const char *const *cells)
{
	if (t->failed || !grow_cells(t)) {
		t->failed = true;
		return;
	}
	for (size_t i = 0; i < t->columns; i++) {
		char *copy = strdup(cells[i] != NULL ? cells[i] : "");

		if (copy == NULL) {
			t->failed = true;
			return;
		}
		t->cells[t->cell_count++] = copy;
	}
}

static size_t row_count(const struct hactl_table *t)
{
	return t->cell_count / t->columns;
}

static const char *head_text(const struct hactl_table *t, size_t column)
{
	return t->heads[column] + (t->heads[column][0] == '>');
}

static void measure_columns(struct layout *l)
{
	const struct hactl_table *t = l->t;

	for (size_t c = 0; c < t->columns; c++) {
		int widest = 0;

		for (size_t r = 0; r < row_count(t); r++) {
			int n = hactl_columns(t->cells[r * t->columns + c]);

			widest = n > widest ? n : widest;
		}
		if (widest > 0) {
			int n = hactl_columns(head_text(t, c));

			widest = n > widest ? n : widest;
			l->last = c;
		}
		l->widths[c] = widest;
	}
}

static void print_line(const struct layout *l, const char *const *cells,
		       struct ha_buf *b)
{
	const char *text = cells[l->last];
	int column = 0;

	for (size_t c = 0; c <= l->last; c++) {
		bool right = l->t->heads[c][0] == '>';
		int pad = l->widths[c] - hactl_columns(cells[c]);

		if (l->widths[c] == 0) {
			continue;
		}
		if (right) {
			hactl_blanks(b, pad);
		}
		if (c == l->last) {
			break;
		}
		ha_buf_puts(b, cells[c]);
		hactl_blanks(b, GAP + (right ? 0 : pad));
		column += l->widths[c] + GAP;
	}
	if (text[0] == '\0') { /* no blanks at the end of a line */
		while (b->len > 0 && b->data[b->len - 1] == ' ') {
			b->data[--b->len] = '\0';
		}
	}
	if (l->s->width - column < LAST_LEAST) {
		/* too narrow to wrap well: the terminal breaks the line */
		struct hactl_screen wide = { .width = 1 << 20 };

		hactl_wrap(b, &wide, text, column);
	} else {
		hactl_wrap(b, l->s, text, column);
	}
}

void hactl_table_print(const struct hactl_table *t,
		       const struct hactl_screen *s, struct ha_buf *b)
{
	struct layout l = { .t = t, .s = s };
	const char *heads[HACTL_COLUMNS_MAX];

	if (t->failed) {
		ha_buf_puts(b, "(out of memory, nothing shown)\n");
		return;
	}
	if (row_count(t) == 0) {
		return;
	}
	measure_columns(&l);
	for (size_t c = 0; c < t->columns; c++) {
		heads[c] = head_text(t, c);
	}
	hactl_colour(b, s, HACTL_BOLD);
	print_line(&l, heads, b);
	hactl_colour(b, s, HACTL_PLAIN);
	for (size_t r = 0; r < row_count(t); r++) {
		print_line(&l, (const char *const *)&t->cells[r * t->columns],
			   b);
	}
}

void hactl_table_fini(struct hactl_table *t)
{
	for (size_t i = 0; i < t->cell_count; i++) {
		free(t->cells[i]);
	}
	free(t->cells);
	memset(t, 0, sizeof(*t));
}
