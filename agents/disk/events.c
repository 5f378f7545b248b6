/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "events.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/fd.h"
#include "files.h"

#define NAME "events"
#define FILE_BYTES_MAX (1u << 20)
#define TAIL_BYTES_MAX (96u << 10)
#define FILES_KEPT 5 /* events.1 to events.5 */

static void open_file(struct ha_events_file *e)
{
	struct stat st;

	e->fd = openat(e->dirfd, NAME,
		       O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	e->bytes = 0;
	if (e->fd >= 0 && fstat(e->fd, &st) == 0) {
		e->bytes = (size_t)st.st_size;
	}
}

void ha_events_open(struct ha_events_file *e, int dirfd)
{
	e->dirfd = dirfd;
	open_file(e);
}

static void rotate_files(struct ha_events_file *e)
{
	char from[32], to[32];

	for (int i = FILES_KEPT - 1; i > 0; i--) {
		snprintf(from, sizeof(from), NAME ".%d", i);
		snprintf(to, sizeof(to), NAME ".%d", i + 1);
		(void)renameat(e->dirfd, from, e->dirfd, to); /* if there */
	}
	(void)renameat(e->dirfd, NAME, e->dirfd, NAME ".1");
	close(e->fd);
	open_file(e);
}

void ha_events_add(struct ha_events_file *e, const char *line)
{
	struct ha_buf buf = { 0 };

	if (e->fd < 0) {
		open_file(e);
	}
	if (e->fd >= 0 && e->bytes > FILE_BYTES_MAX) {
		rotate_files(e);
	}
	ha_buf_printf(&buf, "%s\n", line);
	if (e->fd >= 0 && !buf.failed) {
		if (ha_fd_write_all(e->fd, buf.data, buf.len) == 0) {
			e->bytes += buf.len;
		} else {
			/* lines stay whole; else it is half a line */
			(void)!ftruncate(e->fd, (off_t)e->bytes);
		}
	}
	ha_buf_fini(&buf);
}

/* The start of the last `count` lines of text. */
static char *find_tail(char *text, size_t len, size_t count)
{
	char *p = text + len;

	if (p > text && p[-1] == '\n') {
		p--;
	}
	while (p > text) {
		if (p[-1] == '\n' && --count == 0) {
			break;
		}
		p--;
	}
	return p;
}

void ha_events_tail(struct ha_events_file *e, size_t count,
		    ha_event_line_fn fn, void *arg)
{
	static char text[TAIL_BYTES_MAX + 1];
	size_t skip = e->bytes > TAIL_BYTES_MAX ? e->bytes - TAIL_BYTES_MAX : 0;
	char *line, *end, *start = text;
	ssize_t n;

	if (e->fd < 0) {
		return;
	}
	n = pread(e->fd, text, TAIL_BYTES_MAX, (off_t)skip);
	if (n <= 0) {
		return;
	}
	text[n] = '\0';
	if (skip > 0) {
		start = strchr(text, '\n'); /* the first may be half a line */
		if (!start++) {
			return;
		}
	}
	for (line = find_tail(start, (size_t)(text + n - start), count); *line;
	     line = end + 1) {
		end = strchr(line, '\n');
		if (!end) {
			return; /* half a line */
		}
		*end = '\0';
		fn(line, arg);
	}
}
