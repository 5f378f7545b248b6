/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/codec.h"

#include <assert.h>
#include <string.h>

/*
 * The generated structs are larger than their bytes: a host's or VM's state
 * some ten times. A message of empty parts would take a hundred times as much,
 * and is refused.
 */
#define BUDGET_FACTOR 40
#define BUDGET_MIN (64u << 10)
#define BUDGET_MAX (256u << 20)

size_t ha_codec_budget(size_t len)
{
	if (len > (BUDGET_MAX - BUDGET_MIN) / BUDGET_FACTOR) {
		return BUDGET_MAX;
	}
	return BUDGET_MIN + len * BUDGET_FACTOR;
}

void ha_codec_fail(struct ha_codec *c, int err)
{
	assert(err < 0);
	if (c->err == 0) {
		c->err = err;
	}
}

struct out {
	ProtobufCBuffer proto; /* first: protobuf-c hands it back */
	struct ha_buf *buf;
};

static void append_out(ProtobufCBuffer *b, size_t len, const uint8_t *data)
{
	ha_buf_append(((struct out *)b)->buf, data, len);
}

int ha_codec_pack(struct ha_codec *c, const ProtobufCMessage *m,
		  size_t max_bytes, struct ha_buf *ret_buf)
{
	struct out out = { { append_out }, ret_buf };

	if (c->err) {
		return c->err;
	}
	if (protobuf_c_message_get_packed_size(m) > max_bytes) {
		return HA_E_LIMIT;
	}
	protobuf_c_message_pack_to_buffer(m, &out.proto);
	return ret_buf->failed ? HA_E_NO_MEMORY : 0;
}

static void *arena_alloc(void *arg, size_t size)
{
	return ha_wire_arena_alloc(arg, size);
}

static void arena_free(void *arg, void *p)
{
	(void)arg; /* all at once, with the arena */
	(void)p;
}

void *ha_codec_unpack(struct ha_codec *c, const ProtobufCMessageDescriptor *d,
		      const void *data, size_t len)
{
	ProtobufCAllocator a = { arena_alloc, arena_free, c->arena };
	void *m;

	if (c->err) {
		return NULL;
	}
	m = protobuf_c_message_unpack(d, &a, len, data);
	if (!m) {
		ha_codec_fail(c, HA_E_SYNTAX);
	}
	return m;
}

void *ha_codec_array(struct ha_codec *c, size_t n, size_t size, size_t max)
{
	void *p;

	if (n == 0) {
		return NULL;
	}
	if (n > max) {
		ha_codec_fail(c, HA_E_LIMIT);
		return NULL;
	}
	p = ha_wire_arena_alloc(c->arena, n * size);
	if (!p) {
		ha_codec_fail(c, HA_E_NO_MEMORY);
	}
	return p;
}

ProtobufCBinaryData ha_put_bytes(const void *data, size_t len)
{
	/* protobuf-c has no const; packing only reads */
	return (ProtobufCBinaryData){ len, (uint8_t *)(uintptr_t)data };
}

ProtobufCBinaryData ha_put_id(const void *data, size_t len)
{
	const uint8_t *b = data;

	for (size_t i = 0; i < len; i++) {
		if (b[i] != 0) {
			return ha_put_bytes(data, len);
		}
	}
	return ha_put_bytes(NULL, 0);
}

char *ha_put_text(const char *s)
{
	static const char empty[] = "";

	return (char *)(uintptr_t)(s ? s : empty);
}

uint32_t ha_pull_enum(struct ha_codec *c, uint32_t v, uint32_t first,
		      uint32_t count)
{
	assert(first < count);
	if (v < first || v >= count) {
		ha_codec_fail(c, HA_E_SYNTAX);
		return first;
	}
	return v;
}

ha_hostid ha_pull_host(struct ha_codec *c, uint32_t v)
{
	return ha_pull_enum(c, v, 1, HA_HOSTS_MAX + 1);
}

ha_hostid ha_pull_host_or_none(struct ha_codec *c, uint32_t v)
{
	return ha_pull_enum(c, v, 0, HA_HOSTS_MAX + 1);
}

void ha_pull_id(struct ha_codec *c, ProtobufCBinaryData b, void *ret_id,
		size_t len)
{
	memset(ret_id, 0, len);
	if (b.len == len) {
		memcpy(ret_id, b.data, len);
	} else if (b.len != 0) {
		ha_codec_fail(c, HA_E_SYNTAX);
	}
}

void ha_pull_text(struct ha_codec *c, const char *s, char *ret_text,
		  size_t size)
{
	size_t len = s ? strlen(s) : 0;

	assert(size > 0);
	if (len >= size) {
		ha_codec_fail(c, HA_E_LIMIT);
		len = 0;
	}
	if (len > 0) {
		memcpy(ret_text, s, len);
	}
	memset(ret_text + len, 0, size - len);
}

const char *ha_pull_string(struct ha_codec *c, const char *s, size_t max)
{
	if (!s) {
		return "";
	}
	if (strlen(s) > max) {
		ha_codec_fail(c, HA_E_LIMIT);
		return "";
	}
	return s;
}
