/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mask.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static bool ends_with(const char *word, size_t len, const char *tail)
{
	size_t n = strlen(tail);

	if (len < n) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if (tolower((unsigned char)word[len - n + i]) != tail[i]) {
			return false;
		}
	}
	return true;
}

static bool is_secret(const char *word, size_t len)
{
	static const char *const tails[] = { "key", "secret", "password",
					     "passwd", "passphrase" };

	for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
		if (ends_with(word, len, tails[i])) {
			return true;
		}
	}
	return false;
}

/* Where the value of the line begins, if it is one to be masked, else NULL. */
static char *find_value(char *line)
{
	char *name = line + strspn(line, " \t");
	size_t len = strcspn(name, " \t:=\n");
	char *rest = name + len;

	if (len == 0 || !is_secret(name, len)) {
		return NULL;
	}
	rest += strspn(rest, " \t");
	if (*rest == '(') { /* corosync-cmapctl's type */
		rest += strcspn(rest, ")\n");
		rest += *rest == ')';
		rest += strspn(rest, " \t");
	}
	if (*rest != ':' && *rest != '=') {
		return NULL;
	}
	rest++;
	return rest + strspn(rest, " \t");
}

void hactl_mask_keys(char *text, size_t *len)
{
	char *line = text;

	while (line != NULL && *line != '\0') {
		char *value = find_value(line);
		size_t n = value != NULL ? strcspn(value, "\n") : 0;

		if (n >= 3) {
			memcpy(value, "***", 3);
			memmove(value + 3, value + n,
				*len - (size_t)(value + n - text) + 1);
			*len -= n - 3;
		} else if (n > 0) {
			memset(value, '*', n);
		}
		line = strchr(line, '\n');
		line = line != NULL ? line + 1 : NULL;
	}
}
