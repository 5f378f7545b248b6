/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/uuid.h"

#include <string.h>

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

/* With the four hyphens or, as libvirt also takes it, with none. */
bool ha_uuid_parse(const char *text, struct ha_uuid *ret_uuid)
{
	struct ha_uuid u;
	bool hyphens = strlen(text) == 36;

	if (!hyphens && strlen(text) != 32) {
		return false;
	}
	for (int i = 0; i < 16; i++) {
		int high, low;

		if (hyphens && (i == 4 || i == 6 || i == 8 || i == 10) &&
		    *text++ != '-') {
			return false;
		}
		high = hex_value(text[0]);
		low = high < 0 ? -1 : hex_value(text[1]);
		if (low < 0) {
			return false;
		}
		u.b[i] = (uint8_t)(high << 4 | low);
		text += 2;
	}
	*ret_uuid = u;
	return true;
}

void ha_uuid_print(const struct ha_uuid *uuid, char ret_text[HA_UUID_TEXT])
{
	static const char digits[] = "0123456789abcdef";
	char *p = ret_text;

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10) {
			*p++ = '-';
		}
		*p++ = digits[uuid->b[i] >> 4];
		*p++ = digits[uuid->b[i] & 15];
	}
	*p = '\0';
}
