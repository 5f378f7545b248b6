/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/buf.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

static bool grow_buf(struct ha_buf *b, size_t extra)
{
	size_t want, size;
	char *data;

	if (b->failed || extra > SIZE_MAX / 2 - b->len - 1) {
		b->failed = true;
		return false;
	}
	want = b->len + extra + 1;
	if (want <= b->size) {
		return true;
	}
	for (size = b->size ? b->size : 256; size < want; size *= 2) {
	}
	data = realloc(b->data, size);
	if (!data) {
		b->failed = true;
		return false;
	}
	b->data = data;
	b->size = size;
	return true;
}

void ha_buf_append(struct ha_buf *b, const void *data, size_t len)
{
	assert(data || len == 0);
	if (!grow_buf(b, len)) {
		return;
	}
	if (len > 0) {
		memcpy(b->data + b->len, data, len);
	}
	b->len += len;
	b->data[b->len] = '\0';
}

void ha_buf_puts(struct ha_buf *b, const char *s)
{
	ha_buf_append(b, s, strlen(s));
}

void ha_buf_vprintf(struct ha_buf *b, const char *fmt, va_list ap)
{
	va_list copy;
	int n;

	va_copy(copy, ap);
	n = vsnprintf(NULL, 0, fmt, copy);
	va_end(copy);
	if (n < 0 || !grow_buf(b, (size_t)n)) {
		b->failed = true;
		return;
	}
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
}

void ha_buf_printf(struct ha_buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	ha_buf_vprintf(b, fmt, ap);
	va_end(ap);
}

int ha_buf_read_fd(struct ha_buf *b, int fd, size_t max_bytes)
{
	char chunk[16384];
	size_t total = 0;

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return -errno;
		}
		if (n == 0) {
			break;
		}
		total += (size_t)n;
		if (total > max_bytes) {
			return HA_E_LIMIT;
		}
		ha_buf_append(b, chunk, (size_t)n);
	}
	return b->failed ? HA_E_NO_MEMORY : 0;
}

char *ha_buf_steal(struct ha_buf *b)
{
	char *data = b->failed ? NULL : b->data;

	if (b->failed) {
		free(b->data);
	}
	memset(b, 0, sizeof(*b));
	return data;
}

void ha_buf_clear(struct ha_buf *b)
{
	b->len = 0;
	b->failed = false;
	if (b->data) {
		b->data[0] = '\0';
	}
}

void ha_buf_fini(struct ha_buf *b)
{
	free(b->data);
	memset(b, 0, sizeof(*b));
}
