/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent-link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "wire/agent.h"

#define MESSAGES_PER_TURN 32
#define QUEUE_BYTES_MAX (128u << 20)
#define SOCKET_BYTES (1 << 20) /* the limit of the system may be lower */

struct out { /* a message that waits for room in the socket */
	struct out *next;
	size_t len;
	char data[];
};

struct agent_link {
	qb_loop_t *loop;
	bool outlives;
	struct agent_link_user user;
	int fd;
	int pidfd;
	bool polled;
	bool polling_out;
	struct out *outs;
	struct out **outs_tail;
	size_t out_bytes;
};

static int dispatch(int32_t fd, int32_t revents, void *arg);

/* In the child: nothing but the socket goes along. */
static void run_program(const struct agent_link_program *p, int fd,
			pid_t parent)
{
	if (!p->outlives) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* EOF ends it too */
		if (getppid() != parent) {
			_exit(1);
		}
	}
	if (fd == HA_AGENT_FD) {
		if (fcntl(fd, F_SETFD, 0) != 0) {
			_exit(1);
		}
	} else if (dup2(fd, HA_AGENT_FD) != HA_AGENT_FD) {
		_exit(1);
	}
	execv(p->argv[0], (char *const *)(uintptr_t)p->argv);
	ha_log(HA_LOG_ERR, "%s cannot be run: %s", p->argv[0],
	       ha_err_text(-errno));
	_exit(127);
}

static int spawn(struct agent_link *l, const struct agent_link_program *program)
{
	const int size = SOCKET_BYTES;
	pid_t parent = getpid(), pid;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) {
		return -errno;
	}
	(void)setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	(void)setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	pid = fork();
	if (pid == 0) {
		run_program(program, fds[1], parent);
	}
	close(fds[1]);
	l->fd = fds[0];
	if (pid < 0) {
		return -errno;
	}
	l->pidfd = pidfd_open(pid, 0);
	/* ours only: the agent's end may block */
	if (fcntl(l->fd, F_SETFL, O_NONBLOCK) != 0) {
		return -errno;
	}
	return 0;
}

int agent_link_create(qb_loop_t *loop, const struct agent_link_program *program,
		      const struct agent_link_user *user,
		      struct agent_link **ret_link)
{
	struct agent_link *l = calloc(1, sizeof(*l));
	int rc;

	if (!l) {
		return HA_E_NO_MEMORY;
	}
	l->loop = loop;
	l->outlives = program->outlives;
	l->user = *user;
	l->fd = -1;
	l->pidfd = -1;
	l->outs_tail = &l->outs;
	rc = spawn(l, program);
	if (rc == 0) {
		rc = qb_loop_poll_add(loop, QB_LOOP_HIGH, l->fd, POLLIN, l,
				      dispatch);
		l->polled = rc == 0;
	}
	if (rc != 0) {
		agent_link_destroy(l);
		return rc;
	}
	*ret_link = l;
	return 0;
}

static void drop_first(struct agent_link *l)
{
	struct out *o = l->outs;

	l->outs = o->next;
	l->out_bytes -= o->len;
	if (!l->outs) {
		l->outs_tail = &l->outs;
	}
	free(o);
}

static void flush_outs(struct agent_link *l)
{
	int rc = 0;
	bool out;

	while (l->outs && rc == 0) {
		rc = ha_am_send_bytes(l->fd, l->outs->data, l->outs->len);
		if (rc == 0) {
			drop_first(l);
		}
	}
	if (rc != 0 && rc != -EAGAIN) {
		/* nothing is told from within a send: it wakes dispatch */
		(void)shutdown(l->fd, SHUT_RDWR);
	}
	out = rc == -EAGAIN;
	if (out != l->polling_out) {
		l->polling_out = out;
		qb_loop_poll_mod(l->loop, QB_LOOP_HIGH, l->fd,
				 out ? POLLIN | POLLOUT : POLLIN, l, dispatch);
	}
}

int agent_link_send(struct agent_link *l, const struct ha_am *m)
{
	struct ha_buf buf = { 0 };
	struct out *o = NULL;
	int rc = ha_am_pack(m, &buf);

	if (rc == 0 && l->out_bytes + buf.len > QUEUE_BYTES_MAX) {
		rc = HA_E_BUSY;
	}
	if (rc == 0) {
		o = malloc(sizeof(*o) + buf.len);
		rc = o ? 0 : HA_E_NO_MEMORY;
	}
	if (o) {
		o->next = NULL;
		o->len = buf.len;
		memcpy(o->data, buf.data, buf.len);
		*l->outs_tail = o;
		l->outs_tail = &o->next;
		l->out_bytes += o->len;
		flush_outs(l);
	}
	ha_buf_fini(&buf);
	return rc;
}

static void say_gone(struct agent_link *l, const char *why)
{
	qb_loop_poll_del(l->loop, l->fd);
	l->polled = false;
	l->user.gone(why, l->user.arg); /* destroys it, perhaps */
}

static int dispatch(int32_t fd, int32_t revents, void *arg)
{
	struct agent_link *l = arg;

	(void)revents;
	for (int i = 0; i < MESSAGES_PER_TURN; i++) {
		struct ha_am m;
		int rc = ha_am_recv(fd, &m);

		if (rc == -EAGAIN) {
			break;
		}
		if (rc == HA_E_SYNTAX || rc == HA_E_LIMIT) {
			/* what it would say next is not to be believed */
			say_gone(l, "it wrote nonsense");
			return 0;
		}
		if (rc != 0) {
			say_gone(l, "it ended");
			return 0;
		}
		l->user.message(&m, l->user.arg);
		ha_am_fini(&m);
	}
	flush_outs(l);
	return 0;
}

void agent_link_destroy(struct agent_link *l)
{
	if (!l) {
		return;
	}
	if (l->polled) {
		qb_loop_poll_del(l->loop, l->fd);
	}
	if (l->fd >= 0) {
		close(l->fd);
	}
	if (l->pidfd >= 0) {
		if (!l->outlives) {
			(void)pidfd_send_signal(l->pidfd, SIGKILL, NULL, 0);
		}
		close(l->pidfd);
	}
	while (l->outs) {
		drop_first(l);
	}
	free(l);
}
