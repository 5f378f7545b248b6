/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers on the command line, and files that are written for it. */
#include "hacsim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

bool hacsim_take_number(const char *text, const char **end, uint64_t *ret_n)
{
	char *rest = NULL;

	errno = 0;
	*ret_n = strtoull(text, &rest, 10);
	*end = rest;
	return text[0] >= '0' && text[0] <= '9' && errno == 0;
}

bool hacsim_take_count(const char *text, const char *what, uint32_t max,
		       uint32_t *ret_n)
{
	const char *end = "";
	uint64_t n = 0;

	if (!hacsim_take_number(text, &end, &n) || *end != '\0' || n < 1 ||
	    n > max) {
		fprintf(stderr, "hacsim: '%s' is not a number of %s from 1 to "
			"%u\n", text, what, max);
		return false;
	}
	*ret_n = (uint32_t)n;
	return true;
}

bool hacsim_write_file(const char *path, const struct ha_buf *text)
{
	FILE *f = fopen(path, "we");
	bool good;

	if (!f) {
		return false;
	}
	good = text->len == 0 || fwrite(text->data, text->len, 1, f) == 1;
	return fclose(f) == 0 && good;
}
