/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port-ipc.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <qb/qbipcs.h>

#include "base/err.h"
#include "base/log.h"

#define RETRY_NS (5u * 1000000u) /* a client's socket was full */
#define QUEUE_BYTES_MAX (2 * (size_t)HA_IPC_MESSAGE_MAX)

struct frames { /* a reply on its way, in frames */
	struct frames *next;
	size_t len;
	size_t sent;
	char data[];
};

struct client {
	struct client *next;
	struct port_ipc *port;
	qb_ipcs_connection_t *conn;
	uint64_t id;
	bool may_change;
	bool greeted;     /* connected: closed is told */
	struct ha_buf in;
	struct frames *out;
	size_t out_bytes;
};

struct port_ipc {
	qb_loop_t *loop;
	qb_ipcs_service_t *service;
	struct port_ipc_user user;
	struct client *clients;
	size_t client_count;
	uint64_t last_id;
	qb_loop_timer_handle timer;
	bool timer_set;
	bool garbage_told;
};

/* libqb's callbacks get no argument of ours before there is a connection. */
static struct port_ipc *the_port;

/* ---- who may: from the local files, which cannot block as NSS can */

static bool uid_is(const char *user, uid_t uid)
{
	FILE *f = fopen("/etc/passwd", "re");
	struct passwd *pw;
	bool is = false;

	while (f && !is && (pw = fgetpwent(f)) != NULL) {
		is = pw->pw_uid == uid && strcmp(pw->pw_name, user) == 0;
	}
	if (f) {
		fclose(f);
	}
	return is;
}

static bool in_group(const char *name, uid_t uid, gid_t gid)
{
	FILE *f = fopen("/etc/group", "re");
	struct group *g;
	bool in = false;

	while (f && !in && (g = fgetgrent(f)) != NULL) {
		if (strcmp(g->gr_name, name) != 0) {
			continue;
		}
		in = g->gr_gid == gid;
		for (char **m = g->gr_mem; !in && *m; m++) {
			in = uid_is(*m, uid);
		}
	}
	if (f) {
		fclose(f);
	}
	return in;
}

/* ---- sending */

static void send_queued(struct client *c);

static void retry(void *arg)
{
	struct port_ipc *p = arg;

	p->timer_set = false;
	for (struct client *c = p->clients; c; c = c->next) {
		send_queued(c);
	}
}

static void set_timer(struct port_ipc *p)
{
	if (!p->timer_set &&
	    qb_loop_timer_add(p->loop, QB_LOOP_MED, RETRY_NS, p, retry,
			      &p->timer) == 0) {
		p->timer_set = true;
	}
}

static ssize_t send_frame(struct client *c, const struct frames *f)
{
	char frame[HA_IPC_FRAME_MAX];
	const size_t room = sizeof(frame) - sizeof(struct ha_ipc_frame);
	size_t part = f->len - f->sent < room ? f->len - f->sent : room;
	struct ha_ipc_frame h;
	ssize_t n;

	memset(&h, 0, sizeof(h));
	h.qb_id = HA_IPC_FRAME_ID;
	h.qb_size = (int32_t)(sizeof(h) + part);
	h.total = (uint32_t)f->len;
	h.offset = (uint32_t)f->sent;
	memcpy(frame, &h, sizeof(h));
	memcpy(frame + sizeof(h), f->data + f->sent, part);
	n = qb_ipcs_event_send(c->conn, frame, sizeof(h) + part);
	return n < 0 ? n : (ssize_t)part;
}

static void drop_first(struct client *c)
{
	struct frames *f = c->out;

	c->out = f->next;
	c->out_bytes -= f->len;
	free(f);
}

static void send_queued(struct client *c)
{
	while (c->out) {
		ssize_t n = send_frame(c, c->out);

		if (n == -EAGAIN || n == -ENOBUFS || n == -EINTR) {
			set_timer(c->port);
			return;
		}
		if (n < 0) {
			drop_first(c); /* it goes away; libqb tells soon */
			continue;
		}
		c->out->sent += (size_t)n;
		if (c->out->sent >= c->out->len) {
			drop_first(c);
		}
	}
}

static void queue_reply(struct client *c, const struct ha_buf *buf)
{
	struct frames **tail = &c->out;
	struct frames *f;

	if (c->out_bytes + buf->len > QUEUE_BYTES_MAX) {
		ha_log(HA_LOG_WARNING, "a client reads too slowly: its "
		       "connection is closed");
		qb_ipcs_disconnect(c->conn);
		return;
	}
	f = malloc(sizeof(*f) + buf->len);
	if (!f) {
		return;
	}
	f->next = NULL;
	f->len = buf->len;
	f->sent = 0;
	memcpy(f->data, buf->data, buf->len);
	while (*tail) {
		tail = &(*tail)->next;
	}
	*tail = f;
	c->out_bytes += f->len;
	send_queued(c);
}

void port_ipc_reply(struct port_ipc *p, uint64_t client,
		    const struct ha_reply *reply)
{
	struct ha_buf buf = { 0 };
	struct client *c = p->clients;
	struct ha_reply large = { .id = reply->id, .code = HA_E_LIMIT,
				  .text = "the answer is too large" };

	while (c && c->id != client) {
		c = c->next;
	}
	if (!c) {
		return;
	}
	if (ha_reply_pack(reply, &buf) == 0) {
		queue_reply(c, &buf);
	} else {
		ha_buf_clear(&buf);
		if (ha_reply_pack(&large, &buf) == 0) {
			queue_reply(c, &buf);
		}
	}
	ha_buf_fini(&buf);
}

/* ---- libqb's callbacks */

static int32_t accept_client(qb_ipcs_connection_t *conn, uid_t uid, gid_t gid)
{
	struct port_ipc *p = the_port;
	bool all = uid == 0 || in_group("hac", uid, gid);
	struct client *c;

	if (!all && !in_group("hac-view", uid, gid)) {
		ha_log(HA_LOG_WARNING, "user %u may not talk to hacd: neither "
		       "root nor in group hac or hac-view", (unsigned)uid);
		return -EACCES;
	}
	if (p->client_count >= PORT_IPC_CLIENTS_MAX) {
		ha_log(HA_LOG_WARNING, "more than %d clients: one refused",
		       PORT_IPC_CLIENTS_MAX);
		return -EBUSY;
	}
	c = calloc(1, sizeof(*c));
	if (!c) {
		return -ENOMEM;
	}
	c->port = p;
	c->conn = conn;
	c->id = ++p->last_id;
	c->may_change = all;
	c->next = p->clients;
	p->clients = c;
	p->client_count++;
	qb_ipcs_context_set(conn, c);
	qb_ipcs_connection_auth_set(conn, uid, gid, 0600);
	return 0;
}

static void greet_client(qb_ipcs_connection_t *conn)
{
	struct client *c = qb_ipcs_context_get(conn);

	c->greeted = true;
}

static int32_t close_client(qb_ipcs_connection_t *conn)
{
	struct client *c = qb_ipcs_context_get(conn);

	if (c && c->greeted) {
		c->greeted = false;
		c->port->user.closed(c->id, c->port->user.arg);
	}
	return 0;
}

static void free_client(qb_ipcs_connection_t *conn)
{
	struct client *c = qb_ipcs_context_get(conn);
	struct client **link;

	if (!c) {
		return;
	}
	for (link = &c->port->clients; *link != c; link = &(*link)->next) {
	}
	*link = c->next;
	c->port->client_count--;
	while (c->out) {
		drop_first(c);
	}
	ha_buf_fini(&c->in);
	free(c);
	qb_ipcs_context_set(conn, NULL);
}

static void refuse_garbage(struct client *c, int rc)
{
	if (!c->port->garbage_told) {
		c->port->garbage_told = true;
		ha_log(HA_LOG_WARNING, "garbage on the IPC socket (%s): its "
		       "connection is closed; further ones are not logged",
		       ha_err_text(rc));
	}
	qb_ipcs_disconnect(c->conn);
}

static int32_t process_frame(qb_ipcs_connection_t *conn, void *data,
			     size_t size)
{
	struct client *c = qb_ipcs_context_get(conn);
	struct ha_request req;
	int rc;

	if (!c) {
		return 0;
	}
	rc = ha_ipc_frame_add(&c->in, data, size);
	if (rc == 0) {
		return 0;
	}
	if (rc == 1) {
		rc = ha_request_unpack(c->in.data, c->in.len, &req);
		ha_buf_fini(&c->in);
	}
	if (rc != 0) {
		refuse_garbage(c, rc);
		return 0;
	}
	c->port->user.request(c->id, c->may_change, &req, c->port->user.arg);
	ha_request_fini(&req);
	return 0;
}

static int32_t add_job(enum qb_loop_priority prio, void *data,
		       qb_loop_job_dispatch_fn fn)
{
	return qb_loop_job_add(the_port->loop, prio, data, fn);
}

static int32_t add_fd(enum qb_loop_priority prio, int32_t fd, int32_t events,
		      void *data, qb_ipcs_dispatch_fn_t fn)
{
	return qb_loop_poll_add(the_port->loop, prio, fd, events, data, fn);
}

static int32_t mod_fd(enum qb_loop_priority prio, int32_t fd, int32_t events,
		      void *data, qb_ipcs_dispatch_fn_t fn)
{
	return qb_loop_poll_mod(the_port->loop, prio, fd, events, data, fn);
}

static int32_t del_fd(int32_t fd)
{
	return qb_loop_poll_del(the_port->loop, fd);
}

int port_ipc_create(qb_loop_t *loop, const char *name,
		    const struct port_ipc_user *user, struct port_ipc **ret_ipc)
{
	static struct qb_ipcs_service_handlers handlers = {
		.connection_accept = accept_client,
		.connection_created = greet_client,
		.msg_process = process_frame,
		.connection_closed = close_client,
		.connection_destroyed = free_client,
	};
	static struct qb_ipcs_poll_handlers poll_handlers = {
		.job_add = add_job,
		.dispatch_add = add_fd,
		.dispatch_mod = mod_fd,
		.dispatch_del = del_fd,
	};
	struct port_ipc *p = calloc(1, sizeof(*p));
	int rc;

	if (!p) {
		return HA_E_NO_MEMORY;
	}
	p->loop = loop;
	p->user = *user;
	the_port = p;
	p->service = qb_ipcs_create(name, 0, QB_IPC_SOCKET, &handlers);
	if (!p->service) {
		free(p);
		return HA_E_NO_MEMORY;
	}
	qb_ipcs_poll_handlers_set(p->service, &poll_handlers);
	qb_ipcs_enforce_buffer_size(p->service, HA_IPC_FRAME_MAX);
	rc = qb_ipcs_run(p->service);
	if (rc != 0) {
		free(p); /* libqb has freed the service */
		return rc;
	}
	*ret_ipc = p;
	return 0;
}

void port_ipc_destroy(struct port_ipc *p)
{
	if (!p) {
		return;
	}
	if (p->timer_set) {
		qb_loop_timer_del(p->loop, p->timer);
	}
	qb_ipcs_destroy(p->service);
	free(p);
}
