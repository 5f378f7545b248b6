/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "js.h"

#include <stdio.h>
#include <string.h>

const char *hactl_js_str(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

long long hactl_js_int(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

bool hactl_js_bool(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

const json_t *hactl_js_find(const json_t *array, const char *key,
			    const char *value)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		const json_t *e = json_array_get(array, i);

		if (strcmp(hactl_js_str(e, key), value) == 0) {
			return e;
		}
	}
	return NULL;
}

const char *hactl_js_num(const json_t *o, const char *key, char *buf,
			 size_t size)
{
	long long n = hactl_js_int(o, key);

	buf[0] = '\0';
	if (n != 0) {
		(void)snprintf(buf, size, "%lld", n);
	}
	return buf;
}
