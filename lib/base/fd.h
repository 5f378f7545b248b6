/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fd.h - writing to a file descriptor that may block. */
#ifndef HA_BASE_FD_H
#define HA_BASE_FD_H

#include <stddef.h>

/* All of it, or -errno after any part of it. */
int ha_fd_write_all(int fd, const void *data, size_t len)
	__attribute__((warn_unused_result));

#endif
