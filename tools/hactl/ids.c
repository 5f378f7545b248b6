/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ids.h"

#include <stdio.h>

static int hex_value(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	if (c >= 'a' && c <= 'f') {
		return c - 'a' + 10;
	}
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool hactl_uuid_parse(const char *text, struct ha_uuid *ret_uuid)
{
	struct ha_uuid u = { .b = { 0 } };
	unsigned digits = 0;

	for (; *text != '\0'; text++) {
		int v = hex_value(*text);

		if (*text == '-') {
			continue;
		}
		if (v < 0 || digits == 32) {
			return false;
		}
		u.b[digits / 2] = (uint8_t)(u.b[digits / 2] << 4 | v);
		digits++;
	}
	if (digits != 32) {
		return false;
	}
	*ret_uuid = u;
	return true;
}

void hactl_uuid_print(const struct ha_uuid *uuid, char ret[HACTL_UUID_TEXT])
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(uuid->b); i++) {
		const char *dash =
			i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "";

		n += (size_t)snprintf(ret + n, HACTL_UUID_TEXT - n, "%s%02x",
				      dash, uuid->b[i]);
	}
}
