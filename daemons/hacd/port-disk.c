/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port-disk.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "wire/agent.h"

#define PROGRAM "hac-agent-disk"
#define MESSAGES_PER_TURN 16

enum want { WANT_PERSIST, WANT_BODY_PUT, WANT_BODY_GET };

struct out { /* a message that waits for room in the socket */
	struct out *next;
	size_t len;
	char data[];
};

struct pending { /* results come in the order of the requests */
	struct pending *next;
	enum want want;
	uint64_t seq;
	struct ha_hash hash;
};

struct port_disk {
	qb_loop_t *loop;
	struct port_disk_user user;
	int fd;
	pid_t pid;
	bool polling_out;
	bool loaded;
	bool gone;
	uint64_t last_id;
	struct out *outs;
	struct out **outs_tail;
	struct pending *pending;
	struct pending **pending_tail;
};

static int dispatch(int32_t fd, int32_t revents, void *arg);

static void set_events(struct port_disk *p)
{
	bool out = p->outs != NULL;

	if (out != p->polling_out) {
		p->polling_out = out;
		qb_loop_poll_mod(p->loop, QB_LOOP_HIGH, p->fd,
				 out ? POLLIN | POLLOUT : POLLIN, p, dispatch);
	}
}

static void say_gone(struct port_disk *p)
{
	if (!p->gone) {
		p->gone = true;
		qb_loop_poll_del(p->loop, p->fd);
		p->user.gone(p->user.arg);
	}
}

static void flush_outs(struct port_disk *p)
{
	while (p->outs && !p->gone) {
		struct out *o = p->outs;
		int rc = ha_am_send_bytes(p->fd, o->data, o->len);

		if (rc == -EAGAIN) {
			break;
		}
		if (rc != 0) {
			say_gone(p);
			return;
		}
		p->outs = o->next;
		if (!p->outs) {
			p->outs_tail = &p->outs;
		}
		free(o);
	}
	if (!p->gone) {
		set_events(p);
	}
}

static int queue_message(struct port_disk *p, const struct ha_am *m)
{
	struct ha_buf buf = { 0 };
	int rc = ha_am_pack(m, &buf);
	struct out *o = rc == 0 ? malloc(sizeof(*o) + buf.len) : NULL;

	if (o) {
		o->next = NULL;
		o->len = buf.len;
		memcpy(o->data, buf.data, buf.len);
		*p->outs_tail = o;
		p->outs_tail = &o->next;
		flush_outs(p);
	}
	ha_buf_fini(&buf);
	return o ? 0 : rc != 0 ? rc : HA_E_NO_MEMORY;
}

/* Registers the request before it is sent; its result is told in any case. */
static void request(struct port_disk *p, struct ha_am *m,
		    const struct pending *want)
{
	struct pending *w = malloc(sizeof(*w));

	if (!w) {
		say_gone(p);
		return;
	}
	*w = *want;
	w->next = NULL;
	m->id = ++p->last_id;
	*p->pending_tail = w;
	p->pending_tail = &w->next;
	if (queue_message(p, m) != 0) {
		say_gone(p); /* out of memory, or larger than any limit */
	}
}

static void tell_result(struct port_disk *p, const struct ha_am *m)
{
	struct pending w, *first = p->pending;
	bool ok = m->kind == HA_AM_BODY || m->code == HA_OP_OK;

	if (!first) {
		p->user.note(HA_LOG_WARNING, "disk: a result that nobody waits "
			     "for came from its agent; dropped", p->user.arg);
		return;
	}
	w = *first;
	p->pending = first->next;
	if (!p->pending) {
		p->pending_tail = &p->pending;
	}
	free(first);
	switch (w.want) {
	case WANT_PERSIST:
		p->user.persisted(w.seq, ok, p->user.arg);
		return;
	case WANT_BODY_PUT:
		p->user.body_put(&w.hash, ok, p->user.arg);
		return;
	case WANT_BODY_GET:
		ok = ok && m->kind == HA_AM_BODY && m->data.len > 0;
		p->user.body(&w.hash, ok ? m->data.data : NULL,
			     ok ? m->data.len : 0, p->user.arg);
		return;
	}
}

static int replay(const struct ha_am *m, struct ha_disk_store *ret_store)
{
	struct ha_disk_bytes *records;
	struct ha_disk_raw raw = { .snapshot = { m->data.data, m->data.len },
				   .record_count = m->record_count,
				   .snapshot_newest = m->code == 1 };
	int rc;

	records = calloc(m->record_count + 1, sizeof(*records));
	if (!records) {
		return HA_E_NO_MEMORY;
	}
	for (size_t i = 0; i < m->record_count; i++) {
		records[i].data = m->records[i].data;
		records[i].len = m->records[i].len;
	}
	raw.records = records;
	rc = ha_disk_unpack(&raw, ret_store);
	free(records);
	return rc;
}

static void tell_loaded(struct port_disk *p, const struct ha_am *m)
{
	struct ha_am again = { .kind = HA_AM_LOAD, .flag = true };
	struct ha_disk_store store;

	if (p->loaded) {
		return;
	}
	memset(&store, 0, sizeof(store));
	if (!m->flag && replay(m, &store) != 0) {
		/* set aside; it answers once more, with the damage */
		if (queue_message(p, &again) != 0) {
			say_gone(p);
		}
		return;
	}
	p->loaded = true;
	p->user.held(m->held, m->held_count, p->user.arg);
	p->user.loaded(&store, m->flag, m->text, p->user.arg);
}

static void handle(struct port_disk *p, const struct ha_am *m)
{
	if (m->kind == HA_AM_RESULT || m->kind == HA_AM_BODY) {
		tell_result(p, m);
	} else if (m->kind == HA_AM_LOADED) {
		tell_loaded(p, m);
	} else if (m->kind == HA_AM_EVENT) {
		p->user.event(m->text, p->user.arg);
	} else if (m->kind == HA_AM_NOTE) {
		p->user.note((enum ha_log_level)m->code, m->text, p->user.arg);
	}
}

static int dispatch(int32_t fd, int32_t revents, void *arg)
{
	struct port_disk *p = arg;

	(void)revents;
	for (int i = 0; i < MESSAGES_PER_TURN && !p->gone; i++) {
		struct ha_am m;
		int rc = ha_am_recv(fd, &m);

		if (rc == -EAGAIN) {
			break;
		}
		if (rc == HA_E_SYNTAX || rc == HA_E_LIMIT) {
			p->user.note(HA_LOG_WARNING, "disk: nonsense from its "
				     "agent; dropped", p->user.arg);
			continue;
		}
		if (rc != 0) {
			say_gone(p);
			break;
		}
		handle(p, &m);
		ha_am_fini(&m);
	}
	if (!p->gone) {
		flush_outs(p);
	}
	return 0;
}

/* In the child: nothing but the socket goes along. */
static void run_agent(const struct port_disk_options *o, int fd, pid_t parent)
{
	char path[PATH_MAX];

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* EOF ends it as well */
	if (getppid() != parent) {
		_exit(1);
	}
	snprintf(path, sizeof(path), "%s/" PROGRAM, o->agents_dir);
	if (fd == HA_AGENT_FD) {
		if (fcntl(fd, F_SETFD, 0) != 0) {
			_exit(1);
		}
	} else if (dup2(fd, HA_AGENT_FD) != HA_AGENT_FD) {
		_exit(1);
	}
	execl(path, PROGRAM, "--state", o->state_dir, "--events",
	      o->events_dir, (char *)NULL);
	_exit(127);
}

static int start_agent(struct port_disk *p, const struct port_disk_options *o)
{
	const int size = 1 << 20;
	pid_t parent = getpid();
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) {
		return -errno;
	}
	/* the limit of the system may be lower: then there is less room */
	(void)setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	(void)setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	p->pid = fork();
	if (p->pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return -errno;
	}
	if (p->pid == 0) {
		run_agent(o, fds[1], parent);
	}
	close(fds[1]);
	p->fd = fds[0];
	/* ours only: the agent's end waits */
	return fcntl(p->fd, F_SETFL, O_NONBLOCK) != 0 ? -errno : 0;
}

int port_disk_create(qb_loop_t *loop, const struct port_disk_options *options,
		     const struct port_disk_user *user,
		     struct port_disk **ret_disk)
{
	struct ha_am load = { .kind = HA_AM_LOAD };
	struct port_disk *p = calloc(1, sizeof(*p));
	int rc;

	if (!p) {
		return HA_E_NO_MEMORY;
	}
	p->loop = loop;
	p->user = *user;
	p->fd = -1;
	p->outs_tail = &p->outs;
	p->pending_tail = &p->pending;
	rc = start_agent(p, options);
	if (rc == 0) {
		rc = qb_loop_poll_add(loop, QB_LOOP_HIGH, p->fd, POLLIN, p,
				      dispatch);
	}
	if (rc == 0) {
		rc = queue_message(p, &load);
	}
	if (rc != 0) {
		port_disk_destroy(p);
		return rc;
	}
	*ret_disk = p;
	return 0;
}

void port_disk_persist(struct port_disk *p, const struct ha_persist *op,
		       const struct ha_state *state)
{
	struct pending w = { .want = WANT_PERSIST, .seq = op->seq };
	struct ha_am m = { .kind = HA_AM_PERSIST };
	struct ha_buf buf = { 0 };
	int rc;

	if (op->kind == HA_PERSIST_STATE) {
		m.kind = HA_AM_SNAPSHOT;
		m.first = op->base.index;
		m.flag = op->received;
		rc = ha_disk_pack_snapshot(op, state, &buf);
	} else {
		if (op->kind == HA_PERSIST_ENTRIES && op->entry_count > 0) {
			m.first = op->entries[0].index;
			m.last = op->entries[op->entry_count - 1].index;
		}
		rc = ha_disk_pack_record(op, &buf);
	}
	m.data.data = buf.data;
	m.data.len = buf.len;
	if (rc == 0) {
		request(p, &m, &w);
	} else {
		say_gone(p);
	}
	ha_buf_fini(&buf);
}

void port_disk_put_body(struct port_disk *p, const struct ha_hash *hash,
			const void *data, size_t len)
{
	struct pending w = { .want = WANT_BODY_PUT, .hash = *hash };
	struct ha_am m = { .kind = HA_AM_BODY_PUT, .hash = *hash,
			   .data = { data, len } };

	request(p, &m, &w);
}

void port_disk_get_body(struct port_disk *p, const struct ha_hash *hash)
{
	struct pending w = { .want = WANT_BODY_GET, .hash = *hash };
	struct ha_am m = { .kind = HA_AM_BODY_GET, .hash = *hash };

	request(p, &m, &w);
}

void port_disk_note_held(struct port_disk *p, const struct ha_am_held *held)
{
	struct ha_am m = { .kind = HA_AM_HELD, .held = held, .held_count = 1 };

	(void)queue_message(p, &m); /* the history is for people */
}

void port_disk_add_event(struct port_disk *p, const char *line)
{
	struct ha_am m = { .kind = HA_AM_EVENT, .text = line };

	(void)queue_message(p, &m); /* it also is in the log */
}

void port_disk_destroy(struct port_disk *p)
{
	if (!p) {
		return;
	}
	if (p->fd >= 0) {
		if (!p->gone) {
			qb_loop_poll_del(p->loop, p->fd);
		}
		close(p->fd); /* it writes what it has, and ends */
	}
	while (p->outs) {
		struct out *o = p->outs;

		p->outs = o->next;
		free(o);
	}
	while (p->pending) {
		struct pending *w = p->pending;

		p->pending = w->next;
		free(w);
	}
	free(p);
}
