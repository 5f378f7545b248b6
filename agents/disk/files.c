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

int ha_file_write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			return -errno;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_synced(int fd, const struct iovec *iov, int iov_count)
{
	int rc = 0;

	for (int i = 0; rc == 0 && i < iov_count; i++) {
		rc = ha_file_write_all(fd, iov[i].iov_base, iov[i].iov_len);
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
			(void)mkdir(part, 0755); /* open below tells */
			*p = '/';
		}
	}
	(void)mkdir(part, 0750);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}
