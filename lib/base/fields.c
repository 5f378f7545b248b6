/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/fields.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"

#define NUMBER_BYTES 10 /* seven bits in each */

void ha_fields_put_number(uint64_t v, struct ha_buf *out)
{
	uint8_t b[NUMBER_BYTES];
	size_t n = 0;

	while (v >= 0x80) {
		b[n++] = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	b[n++] = (uint8_t)v;
	ha_buf_append(out, b, n);
}

uint64_t ha_fields_get_number(struct ha_fields_in *in, uint64_t max)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t b;

		if (in->bad || in->left == 0) {
			break;
		}
		b = *in->at++;
		in->left--;
		if (shift == 63 && b > 1) {
			break;
		}
		v |= (uint64_t)(b & 0x7f) << shift;
		if ((b & 0x80) == 0) {
			if (v > max) {
				break;
			}
			return v;
		}
	}
	in->bad = true;
	return 0;
}

/* --- one element --- */

static uint64_t load(const struct ha_field *f, const char *at)
{
	uint64_t v8;
	uint32_t v4;

	switch (f->size) {
	case 1:
		return *(const uint8_t *)at;
	case sizeof(v4):
		memcpy(&v4, at, sizeof(v4));
		return v4;
	default:
		assert(f->size == sizeof(v8));
		memcpy(&v8, at, sizeof(v8));
		return v8;
	}
}

static void store(const struct ha_field *f, char *at, uint64_t v)
{
	uint32_t v4 = (uint32_t)v;

	switch (f->size) {
	case 1:
		*at = (char)v;
		return;
	case sizeof(v4):
		memcpy(at, &v4, sizeof(v4));
		return;
	default:
		memcpy(at, &v, sizeof(v));
		return;
	}
}

static uint64_t highest(const struct ha_field *f)
{
	if (f->max != 0) {
		return f->max;
	}
	return f->size >= sizeof(uint64_t) ? UINT64_MAX :
					     ((uint64_t)1 << 8 * f->size) - 1;
}

/* Signed ones: small ones of either sign become small numbers. */
static uint64_t fold_sign(const struct ha_field *f, uint64_t v)
{
	int64_t s = f->size == 4 ? (int32_t)(uint32_t)v : (int64_t)v;

	return s < 0 ? ~((uint64_t)s << 1) : (uint64_t)s << 1;
}

static uint64_t unfold_sign(uint64_t v)
{
	return (v & 1) != 0 ? ~(v >> 1) : v >> 1;
}

/* Up to the last that is not zero. */
static size_t used_bytes(const char *at, size_t size)
{
	while (size > 0 && at[size - 1] == 0) {
		size--;
	}
	return size;
}

static void put_one(const struct ha_field *f, const char *at,
		    struct ha_buf *out)
{
	size_t len;

	switch (f->kind) {
	case HA_FIELD_END:
		return;
	case HA_FIELD_UINT:
		ha_fields_put_number(load(f, at), out);
		return;
	case HA_FIELD_INT:
		ha_fields_put_number(fold_sign(f, load(f, at)), out);
		return;
	case HA_FIELD_BYTES:
		len = used_bytes(at, f->size);
		ha_fields_put_number(len, out);
		ha_buf_append(out, at, len);
		return;
	case HA_FIELD_TEXT:
		len = strnlen(at, f->size - 1);
		ha_fields_put_number(len, out);
		ha_buf_append(out, at, len);
		return;
	case HA_FIELD_PART:
		ha_fields_put(f->part, at, out);
		return;
	}
}

static void get_bytes(struct ha_fields_in *in, char *at, size_t len)
{
	if (in->bad || in->left < len) {
		in->bad = true;
		return;
	}
	memcpy(at, in->at, len);
	in->at += len;
	in->left -= len;
}

static void get_one(const struct ha_field *f, char *at, struct ha_fields_in *in)
{
	switch (f->kind) {
	case HA_FIELD_END:
		return;
	case HA_FIELD_UINT:
		store(f, at, ha_fields_get_number(in, highest(f)));
		return;
	case HA_FIELD_INT:
		store(f, at, unfold_sign(ha_fields_get_number(
				     in, f->size == 4 ? UINT32_MAX :
							UINT64_MAX)));
		return;
	case HA_FIELD_BYTES:
		get_bytes(in, at, (size_t)ha_fields_get_number(in, f->size));
		return;
	case HA_FIELD_TEXT:
		get_bytes(in, at,
			  (size_t)ha_fields_get_number(in, f->size - 1));
		return;
	case HA_FIELD_PART:
		ha_fields_get(f->part, at, in);
		return;
	}
}

/* --- all --- */

static bool is_zero(const char *at, size_t len)
{
	return at[0] == 0 && (len == 1 || memcmp(at, at + 1, len - 1) == 0);
}

void ha_fields_put(const struct ha_field *table, const void *object,
		   struct ha_buf *out)
{
	for (const struct ha_field *f = table; f->kind != HA_FIELD_END; f++) {
		const char *at = (const char *)object + f->offset;
		size_t n = f->count;

		if (n > 1) {
			while (n > 0 && is_zero(at + (n - 1) * f->size,
						f->size)) {
				n--;
			}
			ha_fields_put_number(n, out);
		}
		for (size_t i = 0; i < n; i++) {
			put_one(f, at + i * f->size, out);
		}
	}
}

void ha_fields_get(const struct ha_field *table, void *object,
		   struct ha_fields_in *in)
{
	for (const struct ha_field *f = table; f->kind != HA_FIELD_END; f++) {
		char *at = (char *)object + f->offset;
		size_t n = f->count;

		if (n > 1) {
			n = (size_t)ha_fields_get_number(in, f->count);
		}
		for (size_t i = 0; i < n && !in->bad; i++) {
			get_one(f, at + i * f->size, in);
		}
	}
}
