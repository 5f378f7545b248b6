/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"

#include <string.h>

int hactl_columns(const char *text)
{
	int n = 0;

	for (; *text != '\0'; text++) {
		n += ((unsigned char)*text & 0xc0) != 0x80;
	}
	return n;
}

const char *hactl_s(size_t n)
{
	return n == 1 ? "" : "s";
}

void hactl_blanks(struct ha_buf *b, int n)
{
	for (; n > 0; n--) {
		ha_buf_puts(b, " ");
	}
}

/* Column of the buffer's end, colour switches not counted. */
static int cursor_column(const struct ha_buf *b)
{
	size_t start = b->len;
	int n = 0;

	while (start > 0 && b->data[start - 1] != '\n') {
		start--;
	}
	for (size_t i = start; i < b->len; i++) {
		if (b->data[i] == '\033') {
			while (i < b->len && b->data[i] != 'm') {
				i++;
			}
			continue;
		}
		n += ((unsigned char)b->data[i] & 0xc0) != 0x80;
	}
	return n;
}

static void put_word(struct ha_buf *b, const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)word[i];

		ha_buf_append(b, c < 32 || c == 127 ? "?" : &word[i], 1);
	}
}

static int word_columns(const char *word, size_t len)
{
	int n = 0;

	for (size_t i = 0; i < len; i++) {
		n += ((unsigned char)word[i] & 0xc0) != 0x80;
	}
	return n;
}

void hactl_wrap(struct ha_buf *b, const struct hactl_screen *s,
		const char *text, int hang)
{
	int column = cursor_column(b);
	bool first = true;

	while (*text != '\0') {
		size_t len = strcspn(text, " \n");
		int columns = word_columns(text, len);

		if (!first && column + 1 + columns > s->width) {
			ha_buf_puts(b, "\n");
			hactl_blanks(b, hang);
			column = hang;
		} else if (!first) {
			ha_buf_puts(b, " ");
			column++;
		}
		put_word(b, text, len);
		column += columns;
		first = false;
		text += len;
		text += strspn(text, " \n");
	}
	ha_buf_puts(b, "\n");
}

void hactl_colour(struct ha_buf *b, const struct hactl_screen *s,
		  enum hactl_colour colour)
{
	static const char *const codes[] = {
		[HACTL_PLAIN] = "\033[0m", [HACTL_GREEN] = "\033[32m",
		[HACTL_YELLOW] = "\033[33m", [HACTL_RED] = "\033[31m",
		[HACTL_BOLD] = "\033[1m",
	};

	if (s->colour) {
		ha_buf_puts(b, codes[colour]);
	}
}
