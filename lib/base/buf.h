/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * buf.h - a growable string of bytes, always followed by a 0 byte.
 *
 * Zero-initialise, append, read data/len, ha_buf_fini. A failed allocation
 * sets `failed`, after which appends do nothing: check it once at the end.
 * `data` is owned by the buffer until ha_buf_steal (the caller then frees it).
 */
#ifndef HA_BASE_BUF_H
#define HA_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct ha_buf {
	char *data;
	size_t len;
	size_t size;
	bool failed;
};

void ha_buf_append(struct ha_buf *b, const void *data, size_t len);
void ha_buf_puts(struct ha_buf *b, const char *s);
void ha_buf_printf(struct ha_buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void ha_buf_vprintf(struct ha_buf *b, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));
/* Reads fd to its end, at most max_bytes: HA_E_LIMIT beyond, or -errno. */
int ha_buf_read_fd(struct ha_buf *b, int fd, size_t max_bytes)
	__attribute__((warn_unused_result));
/* NULL if empty or failed; the caller frees it with free(). */
char *ha_buf_steal(struct ha_buf *b);
void ha_buf_clear(struct ha_buf *b);
void ha_buf_fini(struct ha_buf *b);

#endif
