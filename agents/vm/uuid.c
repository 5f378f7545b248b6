/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "uuid.h"

#include <assert.h>
#include <stdio.h>

static int read_digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	if (c >= 'a' && c <= 'f') {
		return c - 'a' + 10;
	}
	if (c >= 'A' && c <= 'F') {
		return c - 'A' + 10;
	}
	return -1;
}

bool ha_uuid_read(const char *text, struct ha_uuid *ret_uuid)
{
	struct ha_uuid u = { { 0 } };
	unsigned digits = 0;

	assert(text);
	assert(ret_uuid);
	while (digits < 32) {
		int d = read_digit(*text);

		if (d >= 0) {
			u.b[digits / 2] = (uint8_t)(u.b[digits / 2] << 4 | d);
			digits++;
		} else if (*text != '-' || digits == 0) {
			return false;
		}
		text++;
	}
	if (read_digit(*text) >= 0) {
		return false;
	}
	*ret_uuid = u;
	return true;
}

const char *ha_uuid_write(const struct ha_uuid *uuid, char text[HA_UUID_TEXT])
{
	const uint8_t *b = uuid->b;

	snprintf(text, HA_UUID_TEXT,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
		 "%02x%02x%02x%02x%02x%02x",
		 b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9],
		 b[10], b[11], b[12], b[13], b[14], b[15]);
	return text;
}
