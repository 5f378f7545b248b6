/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port-agents.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
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
#include "base/time.h"
#include "wire/agent.h"

#define BACKOFF_MIN_MS 100u
#define BACKOFF_MAX_MS 5000u
#define STEADY HA_S(60) /* one that ran so long starts again at once */
#define MESSAGES_PER_TURN 32
#define QUEUE_BYTES_MAX (64u << 20)

struct out {
	struct out *next;
	size_t len;
	char data[];
};

struct port_agent {
	qb_loop_t *loop;
	struct port_agent_program program;
	struct port_agent_user user;
	int fd;    /* -1: does not run */
	int pidfd;
	bool polling_out;
	bool told; /* that it is gone, since it ran last */
	ha_time since;
	unsigned backoff_ms;
	qb_loop_timer_handle timer;
	bool timer_set;
	struct out *outs;
	size_t out_bytes;
};

static int dispatch(int32_t fd, int32_t revents, void *arg);
static void start(void *arg);

static void drop_outs(struct port_agent *a)
{
	while (a->outs) {
		struct out *o = a->outs;

		a->outs = o->next;
		free(o);
	}
	a->out_bytes = 0;
}

/* Whatever it was doing: two of them at once would be worse. */
static void end_process(struct port_agent *a)
{
	if (a->fd >= 0) {
		qb_loop_poll_del(a->loop, a->fd);
		close(a->fd);
		a->fd = -1;
	}
	if (a->pidfd >= 0) {
		(void)pidfd_send_signal(a->pidfd, SIGKILL, NULL, 0);
		close(a->pidfd);
		a->pidfd = -1;
	}
	drop_outs(a);
}

static void plan_start(struct port_agent *a)
{
	uint64_t ns;

	if (ha_time_now() - a->since > STEADY) {
		a->backoff_ms = 0;
	}
	ns = a->backoff_ms * (uint64_t)1000000;
	a->backoff_ms = a->backoff_ms ? a->backoff_ms * 2 : BACKOFF_MIN_MS;
	if (a->backoff_ms > BACKOFF_MAX_MS) {
		a->backoff_ms = BACKOFF_MAX_MS;
	}
	if (qb_loop_timer_add(a->loop, QB_LOOP_MED, ns + 1, a, start,
			      &a->timer) == 0) {
		a->timer_set = true;
	}
}

static void lose(struct port_agent *a, const char *why)
{
	end_process(a);
	if (!a->told) {
		ha_log(HA_LOG_WARNING, "%s: %s; it is started again",
		       a->program.name, why);
		a->told = true;
		a->user.gone(a->user.arg);
	}
	plan_start(a);
}

static void run_program(struct port_agent *a, int fd, pid_t parent)
{
	char path[PATH_MAX];

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* EOF ends it as well */
	if (getppid() != parent) {
		_exit(1);
	}
	snprintf(path, sizeof(path), "%s/%s", a->program.dir, a->program.name);
	if (fd == HA_AGENT_FD) {
		if (fcntl(fd, F_SETFD, 0) != 0) {
			_exit(1);
		}
	} else if (dup2(fd, HA_AGENT_FD) != HA_AGENT_FD) {
		_exit(1);
	}
	execl(path, a->program.name, (char *)NULL);
	_exit(127);
}

static int spawn(struct port_agent *a)
{
	const int size = 1 << 20;
	pid_t parent = getpid(), pid;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) {
		return -errno;
	}
	/* the limit of the system may be lower: then there is less room */
	(void)setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	(void)setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return -errno;
	}
	if (pid == 0) {
		run_program(a, fds[1], parent);
	}
	close(fds[1]);
	a->fd = fds[0];
	a->pidfd = pidfd_open(pid, 0);
	a->polling_out = false;
	if (fcntl(a->fd, F_SETFL, O_NONBLOCK) != 0) {
		return -errno;
	}
	return qb_loop_poll_add(a->loop, QB_LOOP_HIGH, a->fd, POLLIN, a,
				dispatch);
}

static void start(void *arg)
{
	struct port_agent *a = arg;
	int rc;

	a->timer_set = false;
	a->since = ha_time_now();
	rc = spawn(a);
	if (rc != 0) {
		lose(a, ha_err_text(rc));
	}
}

static void set_events(struct port_agent *a)
{
	bool out = a->outs != NULL;

	if (out != a->polling_out) {
		a->polling_out = out;
		qb_loop_poll_mod(a->loop, QB_LOOP_HIGH, a->fd,
				 out ? POLLIN | POLLOUT : POLLIN, a, dispatch);
	}
}

/* A broken socket is left to dispatch: nothing is told from within a send. */
static void flush_outs(struct port_agent *a)
{
	while (a->outs) {
		struct out *o = a->outs;

		if (ha_am_send_bytes(a->fd, o->data, o->len) != 0) {
			break;
		}
		a->outs = o->next;
		a->out_bytes -= o->len;
		free(o);
	}
	set_events(a);
}

int port_agent_send(struct port_agent *a, const struct ha_am *m)
{
	struct ha_buf buf = { 0 };
	struct out *o = NULL, **tail = &a->outs;
	int rc;

	if (a->fd < 0) {
		return HA_E_GONE;
	}
	rc = ha_am_pack(m, &buf);
	if (rc == 0 && a->out_bytes + buf.len > QUEUE_BYTES_MAX) {
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
		while (*tail) {
			tail = &(*tail)->next;
		}
		*tail = o;
		a->out_bytes += o->len;
		flush_outs(a);
	}
	ha_buf_fini(&buf);
	return rc;
}

static int dispatch(int32_t fd, int32_t revents, void *arg)
{
	struct port_agent *a = arg;

	(void)revents;
	for (int i = 0; i < MESSAGES_PER_TURN; i++) {
		struct ha_am m;
		int rc = ha_am_recv(fd, &m);

		if (rc == -EAGAIN) {
			break;
		}
		if (rc == HA_E_SYNTAX || rc == HA_E_LIMIT) {
			ha_log(HA_LOG_WARNING, "%s: it wrote nonsense (%s); "
			       "dropped", a->program.name, ha_err_text(rc));
			continue;
		}
		if (rc != 0) {
			lose(a, "it ended");
			return 0;
		}
		a->told = false;
		a->user.message(&m, a->user.arg);
		ha_am_fini(&m);
	}
	flush_outs(a);
	return 0;
}

struct port_agent *port_agent_create(qb_loop_t *loop,
				     const struct port_agent_program *program,
				     const struct port_agent_user *user)
{
	struct port_agent *a = calloc(1, sizeof(*a));

	if (!a) {
		return NULL;
	}
	a->loop = loop;
	a->program = *program;
	a->user = *user;
	a->fd = -1;
	a->pidfd = -1;
	a->backoff_ms = BACKOFF_MIN_MS;
	start(a);
	return a;
}

void port_agent_destroy(struct port_agent *a)
{
	if (!a) {
		return;
	}
	if (a->timer_set) {
		qb_loop_timer_del(a->loop, a->timer);
	}
	end_process(a);
	free(a);
}
