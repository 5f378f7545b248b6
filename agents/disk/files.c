/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"

static int write_synced(int fd, const struct iovec *iov, int iov_count)
{
	int rc = 0;

	for (int i = 0; rc == 0 && i < iov_count; i++) {
		rc = ha_fd_write_all(fd, iov[i].iov_base, iov[i].iov_len);
	}
	if (rc == 0 && fsync(fd) != 0) {
		rc = -errno;
	}
	return rc;
}

int ha_file_replace(int dirfd, const char *name, const struct iovec *iov,
		    int iov_count)
{
	char temp[NAME_MAX + 1];
	int fd, rc;

	snprintf(temp, sizeof(temp), "%s.new", name);
	fd = openat(dirfd, temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		    0600);
	if (fd < 0) {
		return -errno;
	}
	rc = write_synced(fd, iov, iov_count);
	if (close(fd) != 0 && rc == 0) {
		rc = -errno;
	}
	if (rc == 0 && renameat(dirfd, temp, dirfd, name) != 0) {
		rc = -errno;
	}
	if (rc != 0) {
		(void)unlinkat(dirfd, temp, 0); /* rc says it already */
		return rc;
	}
	return fsync(dirfd) != 0 ? HA_E_UNKNOWN_RESULT : 0;
}

int ha_file_read(int dirfd, const char *name, size_t bytes_max,
		 struct ha_buf *ret_buf)
{
	int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd < 0) {
		return -errno;
	}
	rc = ha_buf_read_fd(ret_buf, fd, bytes_max);
	close(fd);
	return rc;
}

/* A folder that is lost with its entry takes along what was synced in it. */
static void make_folder(char *path, mode_t mode)
{
	char *slash = strrchr(path, '/');
	int fd;

	if (mkdir(path, mode) != 0 || !slash) {
		return; /* opening it tells */
	}
	*slash = '\0';
	fd = open(slash == path ? "/" : path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*slash = '/';
	if (fd >= 0) {
		(void)fsync(fd); /* some file systems cannot */
		close(fd);
	}
}

int ha_folder_open(const char *path)
{
	char part[PATH_MAX];
	size_t len = strlen(path);
	int fd;

	if (len >= sizeof(part)) {
		return -ENAMETOOLONG;
	}
	memcpy(part, path, len + 1);
	for (char *p = part + 1; *p; p++) {
		if (*p == '/') {
			*p = '\0';
			make_folder(part, 0755);
			*p = '/';
		}
	}
	make_folder(part, 0750);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
