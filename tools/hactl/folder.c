/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "run.h"

enum { REMOVE_S = 60 };

int hactl_folder_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int hactl_folder_write(int folder, const char *name, const char *data,
		       size_t len)
{
	int fd = openat(folder, name,
			O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int r = fd < 0 ? -errno : 0;

	while (r == 0 && len > 0) {
		ssize_t n = write(fd, data, len);

		if (n > 0) {
			data += n;
			len -= (size_t)n;
		} else if (errno != EINTR) {
			r = -errno;
		}
	}
	if (fd >= 0 && close(fd) != 0 && r == 0) {
		r = -errno;
	}
	return r;
}

void hactl_folder_remove(const char *path)
{
	const char *const argv[] = { "rm", "-rf", "--", path, NULL };

	(void)!hactl_run(argv, REMOVE_S, NULL, NULL);
}
