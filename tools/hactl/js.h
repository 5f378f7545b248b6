/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * js.h - reading JSON without surprises: what is missing or of another type
 * reads as nothing. Strings are borrowed from the JSON.
 */
#ifndef HACTL_JS_H
#define HACTL_JS_H

#include <jansson.h>
#include <stdbool.h>

const char *hactl_js_str(const json_t *o, const char *key); /* "" if none */
long long hactl_js_int(const json_t *o, const char *key);   /* 0 if none */
bool hactl_js_bool(const json_t *o, const char *key);
/* The element of the array whose `key` is `value`; NULL: none. */
const json_t *hactl_js_find(const json_t *array, const char *key,
			    const char *value);
/* A number as text, "" for 0, to buf[size]; returns buf. */
const char *hactl_js_num(const json_t *o, const char *key, char *buf,
			 size_t size);

#endif
