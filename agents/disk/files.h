/* SPDX-License-Identifier: GPL-2.0-or-later */
/* files.h - whole files, written so that a power cut leaves old or new. */
#ifndef HA_DISK_FILES_H
#define HA_DISK_FILES_H

#include <sys/uio.h>

#include "base/buf.h"

/* name.new, synced, renamed over name, the folder synced. 0, -errno (the old
 * one is as it was), or HA_E_UNKNOWN_RESULT (a power cut may bring it back). */
int ha_file_replace(int dirfd, const char *name, const struct iovec *iov,
		    int iov_count) __attribute__((warn_unused_result));
/* 0, -ENOENT, HA_E_LIMIT, ... */
int ha_file_read(int dirfd, const char *name, size_t bytes_max,
		 struct ha_buf *ret_buf) __attribute__((warn_unused_result));
/* Creates a folder (and those above it) if need be and opens it: its
 * descriptor, or -errno. */
int ha_folder_open(const char *path) __attribute__((warn_unused_result));

#endif
