/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "procs.h"

#include <assert.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "uuid.h"

/* The kernel's own limit of one process's arguments is 6 MiB at most. */
#define CMDLINE_MAX (6u << 20)

struct scan {
	int root;
	char *text; /* one command line, owned */
	size_t size;
	struct ha_procs *procs;
};

/*
 * Reads a file of a process whole, with a 0 byte behind it. Its length, 0 for
 * a process that ended meanwhile, or -1.
 */
static ssize_t read_file(struct scan *s, const char *path)
{
	int fd = openat(s->root, path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 0;

	if (fd < 0) {
		return errno == ENOENT || errno == ESRCH ? 0 : -1;
	}
	for (;;) {
		if (s->size - len < 4096) {
			size_t size = s->size ? s->size * 2 : 32768;
			char *text = size > CMDLINE_MAX
				? NULL : realloc(s->text, size);

			if (!text) {
				n = -1;
				break;
			}
			s->text = text;
			s->size = size;
		}
		n = read(fd, s->text + len, s->size - len - 1);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			break;
		}
		len += (size_t)n;
	}
	if (n < 0 && errno == ESRCH) {
		n = 0;
		len = 0;
	}
	close(fd);
	if (n < 0) {
		return -1;
	}
	if (s->text) {
		s->text[len] = '\0';
	}
	return (ssize_t)len;
}

#define FLAG_KERNEL_THREAD 0x00200000ul

struct stat_line {
	char name[64];
	char state;
	unsigned long flags;
	long threads;
	uint64_t start;
};

/*
 * Fields 2 name, 3 state, 9 flags, 20 threads, 22 start time. The name may
 * hold anything, so it ends at the last bracket of the line.
 */
static bool parse_stat(const char *text, struct stat_line *ret_line)
{
	const char *open_at = strchr(text, '(');
	const char *close_at = strrchr(text, ')');
	unsigned long long start;

	if (!open_at || !close_at || close_at < open_at) {
		return false;
	}
	if (sscanf(close_at + 1,
		   " %c %*s %*s %*s %*s %*s %lu "
		   "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %ld %*s %llu",
		   &ret_line->state, &ret_line->flags, &ret_line->threads,
		   &start) != 4) {
		return false;
	}
	ret_line->start = start;
	snprintf(ret_line->name, sizeof(ret_line->name), "%.*s",
		 (int)(close_at - open_at - 1), open_at + 1);
	return true;
}

/*
 * The main thread may be a zombie while another still waits for the disk: a
 * process has ended when it is a zombie with no thread but itself.
 */
static bool has_ended(const struct stat_line *line)
{
	return (line->state == 'Z' || line->state == 'X') && line->threads <= 1;
}

static bool names_qemu(const char *program)
{
	const char *base = strrchr(program, '/');

	base = base ? base + 1 : program;
	return strstr(base, "qemu") || strstr(base, "kvm");
}

/* "uuid=X" as one of the comma-separated parts of an argument. */
static bool find_part(const char *arg, struct ha_uuid *ret_uuid)
{
	for (const char *p = arg; (p = strstr(p, "uuid=")); p += 5) {
		if ((p == arg || p[-1] == ',') && ha_uuid_read(p + 5, ret_uuid)) {
			return true;
		}
	}
	return false;
}

/*
 * Whose QEMU is this command line? "-uuid X" is believed of any program, an
 * emulator may have any name; "uuid=X" (-smbios) only of one named like QEMU.
 */
static bool find_uuid(const char *text, size_t len, struct ha_uuid *ret_uuid)
{
	const char *end = text + len;
	bool qemu = names_qemu(text);
	bool next = false;
	bool found = false;

	for (const char *arg = text; arg < end; arg += strlen(arg) + 1) {
		if (next && ha_uuid_read(arg, ret_uuid)) {
			return true;
		}
		next = strcmp(arg, "-uuid") == 0 || strcmp(arg, "--uuid") == 0;
		if (qemu && !found) {
			found = find_part(arg, ret_uuid);
		}
	}
	return found;
}

static void add_proc(struct ha_procs *procs, const struct ha_proc *p)
{
	if (procs->count == procs->size) {
		size_t size = procs->size ? procs->size * 2 : 16;
		struct ha_proc *list = reallocarray(procs->list, size,
						    sizeof(*list));

		if (!list) {
			procs->complete = false;
			return;
		}
		procs->list = list;
		procs->size = size;
	}
	procs->list[procs->count++] = *p;
}

static void scan_pid(struct scan *s, pid_t pid)
{
	struct ha_proc p = { .pid = pid };
	struct stat_line line;
	bool named = false;
	char path[32];
	ssize_t len;

	snprintf(path, sizeof(path), "%d/cmdline", (int)pid);
	len = read_file(s, path);
	if (len > 0) {
		named = find_uuid(s->text, (size_t)len, &p.uuid);
		if (!named) {
			return;
		}
	} else if (len < 0) {
		s->procs->complete = false;
		return;
	}
	snprintf(path, sizeof(path), "%d/stat", (int)pid);
	len = read_file(s, path);
	if (len == 0) {
		return; /* ended between the two */
	}
	if (len < 0 || !parse_stat(s->text, &line)) {
		s->procs->complete = false;
		return;
	}
	if (!named && ((line.flags & FLAG_KERNEL_THREAD) || has_ended(&line) ||
		       !names_qemu(line.name))) {
		return;
	}
	p.start = line.start;
	add_proc(s->procs, &p);
}

void ha_procs_scan(const char *root, struct ha_procs *ret_procs)
{
	struct scan s = { .procs = ret_procs };
	struct dirent *e;
	DIR *dir;

	assert(root);
	assert(ret_procs);
	*ret_procs = (struct ha_procs){ .complete = true };
	dir = opendir(root);
	if (!dir) {
		ret_procs->complete = false;
		return;
	}
	s.root = dirfd(dir);
	for (errno = 0; (e = readdir(dir)); errno = 0) {
		if (isdigit((unsigned char)e->d_name[0])) {
			scan_pid(&s, (pid_t)strtol(e->d_name, NULL, 10));
		}
	}
	if (errno != 0) {
		ret_procs->complete = false;
	}
	closedir(dir);
	free(s.text);
}

const struct ha_proc *ha_procs_find(const struct ha_procs *p,
				    const struct ha_uuid *uuid)
{
	for (size_t i = 0; i < p->count; i++) {
		if (ha_uuid_cmp(&p->list[i].uuid, uuid) == 0) {
			return &p->list[i];
		}
	}
	return NULL;
}

void ha_procs_fini(struct ha_procs *p)
{
	free(p->list);
	*p = (struct ha_procs){ 0 };
}
