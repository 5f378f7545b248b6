/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"

enum { NOT_FOUND = 127, TIMED_OUT = 124, SIGNALLED = 128 };

struct stream {
	int fd; /* -1: closed */
	struct ha_buf *buf;
};

static void become(const char *const *argv, const int out[2], const int err[2])
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)dup2(null, STDIN_FILENO);
	(void)dup2(out[1], STDOUT_FILENO);
	(void)dup2(err[1], STDERR_FILENO);
	(void)setenv("LC_ALL", "C", 1);
	/* a group of its own, so that a time-out ends its children too */
	(void)setpgid(0, 0);
	(void)execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(NOT_FOUND);
}

/* Reads once; false: at its end, or too much. */
static bool read_some(struct stream *s)
{
	char block[16384];
	ssize_t n = read(s->fd, block, sizeof(block));

	if (n < 0 && errno == EINTR) {
		return true;
	}
	if (n <= 0) {
		return false;
	}
	if (s->buf != NULL) {
		ha_buf_append(s->buf, block, (size_t)n);
		return s->buf->len < HACTL_OUTPUT_MAX;
	}
	return true;
}

/* Until both streams are at their end; false: the time is over. */
static bool read_all(struct stream s[2], ha_time end)
{
	while (s[0].fd >= 0 || s[1].fd >= 0) {
		struct pollfd p[2] = { { s[0].fd, POLLIN, 0 },
				       { s[1].fd, POLLIN, 0 } };
		ha_time left = end - ha_time_now();

		if (left <= 0) {
			return false;
		}
		if (poll(p, 2, (int)(left / HA_MS(1)) + 1) <= 0) {
			continue;
		}
		for (int i = 0; i < 2; i++) {
			if (p[i].revents != 0 && !read_some(&s[i])) {
				(void)close(s[i].fd);
				s[i].fd = -1;
			}
		}
	}
	return true;
}

static int reap(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR) {
			return -errno;
		}
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   SIGNALLED + WTERMSIG(status);
}

int hactl_run(const char *const *argv, int timeout_s, struct ha_buf *ret_out,
	      struct ha_buf *ret_err)
{
	int out[2], err[2];
	struct stream s[2];
	bool ended;
	pid_t pid;
	int r;

	if (pipe2(out, O_CLOEXEC) < 0) {
		return -errno;
	}
	if (pipe2(err, O_CLOEXEC) < 0) {
		r = -errno;
		(void)close(out[0]);
		(void)close(out[1]);
		return r;
	}
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		become(argv, out, err);
	}
	r = -errno;
	(void)close(out[1]);
	(void)close(err[1]);
	s[0] = (struct stream){ out[0], ret_out };
	s[1] = (struct stream){ err[0], ret_err };
	ended = pid > 0 && read_all(s, ha_time_now() + HA_S(timeout_s));
	for (int i = 0; i < 2; i++) {
		if (s[i].fd >= 0) {
			(void)close(s[i].fd);
		}
	}
	if (pid < 0) {
		return r;
	}
	if (!ended) {
		(void)kill(-pid, SIGKILL);
		(void)kill(pid, SIGKILL);
	}
	r = reap(pid);
	return ended ? r : TIMED_OUT;
}

void hactl_one_line(struct ha_buf *text)
{
	size_t n = 0;

	for (size_t i = 0; i < text->len; i++) {
		char ch = text->data[i];

		if ((i == 0 || text->data[i - 1] == '\n') &&
		    strncmp(text->data + i, "error: ", 7) == 0) {
			i += 6;
			continue;
		}
		text->data[n++] = ch == '\n' ? ' ' : ch;
	}
	while (n > 0 && text->data[n - 1] == ' ') {
		n--;
	}
	if (text->data != NULL) {
		text->data[n] = '\0';
	}
	text->len = n;
}

static bool comm_is(const char *pid, const char *comm)
{
	char path[300];
	char line[64] = "";
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%s/comm", pid);
	f = fopen(path, "re");
	if (f == NULL) {
		return false;
	}
	if (fgets(line, sizeof(line), f) == NULL) {
		line[0] = '\0';
	}
	(void)fclose(f);
	line[strcspn(line, "\n")] = '\0';
	return strcmp(line, comm) == 0;
}

bool hactl_process_runs(const char *comm)
{
	DIR *proc = opendir("/proc");
	const struct dirent *e;
	bool found = false;

	if (proc == NULL) {
		return false;
	}
	while (!found && (e = readdir(proc)) != NULL) {
		found = e->d_name[0] >= '1' && e->d_name[0] <= '9' &&
			comm_is(e->d_name, comm);
	}
	(void)closedir(proc);
	return found;
}
