/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"

/* In the child: nothing of ours but the three standard descriptors. */
static void become_program(const char *program, int in, int err)
{
	static char *const environment[] = {
		(char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
		(char *)"LC_ALL=C.UTF-8",
		(char *)"PYTHONWARNINGS=ignore", /* their last line counts */
		NULL,
	};
	char *argv[] = { (char *)(uintptr_t)program, NULL };
	int null = open("/dev/null", O_WRONLY);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(in, 0) < 0 || dup2(null, 1) < 0 || dup2(err, 2) < 0) {
		_exit(126);
	}
	syscall(SYS_close_range, 3u, ~0u, 0u);
	execve(program, argv, environment);
	dprintf(2, "cannot be run: %s\n", strerrordesc_np(errno));
	_exit(127);
}

static int spawn_child(struct ha_child *c, const char *program, int in, int err)
{
	c->pid = fork();
	if (c->pid == 0) {
		become_program(program, in, err);
	}
	if (c->pid < 0) {
		c->pid = 0;
		return -errno;
	}
	setpgid(c->pid, c->pid); /* whoever of the two comes first */
	c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	if (c->pidfd < 0) {
		int rc = -errno;

		kill(-c->pid, SIGKILL);
		(void)waitpid(c->pid, NULL, 0);
		c->pid = 0;
		return rc;
	}
	return 0;
}

int ha_child_start(struct ha_child *c, const char *program,
		   struct ha_param_lines *lines)
{
	int in[2] = { -1, -1 }, err[2] = { -1, -1 };
	size_t len = lines->input.len;
	int rc;

	assert(c->pid == 0);
	*c = (struct ha_child){ .err = -1, .pidfd = -1 };
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC | O_NONBLOCK) < 0) {
		rc = -errno;
		goto out;
	}
	/* All parameters fit into an empty pipe: limits.h sees to it. */
	fcntl(in[1], F_SETFL, O_NONBLOCK);
	if (write(in[1], lines->input.data, len) != (ssize_t)len) {
		rc = HA_E_LIMIT;
		goto out;
	}
	rc = spawn_child(c, program, in[0], err[1]);
out:
	if (rc == 0) {
		c->err = err[0];
		err[0] = -1;
		c->secrets = lines->secrets;
		lines->secrets = (struct ha_buf){ 0 };
	} else {
		snprintf(lines->text, sizeof(lines->text), "cannot run %s: %s",
			 program, ha_err_text(rc));
	}
	for (int i = 0; i < 2; i++) {
		if (in[i] >= 0) {
			close(in[i]);
		}
		if (err[i] >= 0) {
			close(err[i]);
		}
	}
	return rc;
}

static void end_line(struct ha_child *c)
{
	size_t first = 0;

	while (first < c->part_len && c->part[first] == ' ') {
		first++;
	}
	if (c->part_len > first) {
		snprintf(c->line, sizeof(c->line), "%.*s",
			 (int)(c->part_len - first < 200 ? c->part_len - first
							 : 200),
			 c->part + first);
	}
	c->part_len = 0;
}

static void take_bytes(struct ha_child *c, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char b = data[i];

		if (b == '\n' || b == '\r') {
			end_line(c);
		} else if (c->part_len < sizeof(c->part)) {
			c->part[c->part_len++] = b < ' ' || b == 127 ? ' ' : b;
		}
	}
}

void ha_child_listen(struct ha_child *c)
{
	char data[4096];

	/* A bounded piece: one that talks without end must not hold us up. */
	for (int i = 0; i < 16 && c->err >= 0; i++) {
		ssize_t n = read(c->err, data, sizeof(data));

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			return;
		}
		if (n <= 0) {
			close(c->err);
			c->err = -1;
			return;
		}
		take_bytes(c, data, (size_t)n);
	}
}

void ha_child_kill(struct ha_child *c)
{
	assert(c->pid > 1);
	kill(-c->pid, SIGKILL);
}

int ha_child_reap(struct ha_child *c)
{
	siginfo_t info = { 0 };
	int code = HA_CHILD_KILLED;

	/* The group's number is its own only until it is reaped. */
	ha_child_kill(c);
	ha_child_listen(c);
	if (waitid(P_PIDFD, (id_t)c->pidfd, &info, WEXITED) == 0 &&
	    info.si_code == CLD_EXITED) {
		code = info.si_status;
	}
	end_line(c);
	if (c->err >= 0) {
		close(c->err);
	}
	close(c->pidfd);
	c->err = -1;
	c->pidfd = -1;
	c->pid = 0;
	ha_param_mask(&c->secrets, c->line);
	ha_param_wipe(&c->secrets);
	return code;
}
