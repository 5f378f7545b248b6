/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * No more than poll, send and recv, none of which can block here. libqb's own
 * IPC is not used: it sleeps up to a second where a client dies at a bad
 * moment, keeps what strangers send before they are known, and shares memory
 * with its clients.
 */
#include "port-ipc.h"

#include <errno.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/log.h"

#define QUEUE_BYTES_MAX (2 * (size_t)HA_IPC_MESSAGE_MAX) /* to one client */
#define ALL_BYTES_MAX (6 * (size_t)HA_IPC_MESSAGE_MAX)   /* to all of them */
#define FRAMES_PER_TURN 16

struct frames { /* a reply on its way, in frames */
	struct frames *next;
	size_t len;
	size_t sent;
	char data[];
};

struct client {
	struct client *next;
	struct port_ipc *port;
	int fd;
	uint64_t id;
	uid_t uid;
	bool may_change;
	bool thrown_out; /* its socket is shut: dispatch frees it */
	int events;      /* that are polled for */
	struct ha_buf in;
	struct frames *out;
	size_t out_bytes;
};

struct port_ipc {
	qb_loop_t *loop;
	int fd;
	struct port_ipc_user user;
	struct client *clients;
	size_t client_count;
	size_t out_bytes;
	uint64_t last_id;
	struct ha_log_pace garbage, refused, slow;
	struct sockaddr_un addr;
	char frame[HA_IPC_FRAME_MAX];
};

static int dispatch_client(int32_t fd, int32_t revents, void *arg);

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

static void throw_out(struct client *c)
{
	c->thrown_out = true;
	(void)shutdown(c->fd, SHUT_RDWR); /* wakes dispatch_client */
}

static void drop_first(struct client *c)
{
	struct frames *f = c->out;

	c->out = f->next;
	c->out_bytes -= f->len;
	c->port->out_bytes -= f->len;
	free(f);
}

/* Who does not take answers is not asked for further questions. */
static void set_events(struct client *c)
{
	int events = c->out ? POLLOUT : POLLIN;

	if (events != c->events) {
		c->events = events;
		qb_loop_poll_mod(c->port->loop, QB_LOOP_MED, c->fd, events, c,
				 dispatch_client);
	}
}

static void send_queued(struct client *c)
{
	char *frame = c->port->frame;

	while (c->out && !c->thrown_out) {
		struct frames *f = c->out;
		size_t len = ha_ipc_frame_put(f->data, f->len, f->sent, frame);
		ssize_t n = send(c->fd, frame, len,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == ENOBUFS ||
			      errno == EINTR)) {
			break;
		}
		if (n < 0) {
			throw_out(c);
			break;
		}
		f->sent += len - sizeof(struct ha_ipc_frame);
		if (f->sent >= f->len) {
			drop_first(c);
		}
	}
	set_events(c);
}

static void queue_reply(struct client *c, const struct ha_buf *buf)
{
	struct frames **tail = &c->out;
	struct frames *f = NULL;

	if (c->thrown_out) {
		return;
	}
	if (c->out_bytes + buf->len <= QUEUE_BYTES_MAX &&
	    c->port->out_bytes + buf->len <= ALL_BYTES_MAX) {
		f = malloc(sizeof(*f) + buf->len);
	}
	if (!f) {
		ha_log_paced(&c->port->slow, HA_LOG_WARNING, "a client reads "
			     "too slowly: its connection is closed");
		throw_out(c);
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
	c->port->out_bytes += f->len;
	send_queued(c);
}

static struct client *find_client(const struct port_ipc *p, uint64_t id)
{
	struct client *c = p->clients;

	while (c && c->id != id) {
		c = c->next;
	}
	return c;
}

uint32_t port_ipc_who(const struct port_ipc *p, uint64_t client)
{
	const struct client *c = find_client(p, client);

	return c ? c->uid + 1 : 0;
}

void port_ipc_reply(struct port_ipc *p, uint64_t client,
		    const struct ha_reply *reply)
{
	struct ha_buf buf = { 0 };
	struct client *c = find_client(p, client);
	struct ha_reply large = { .id = reply->id, .code = HA_E_LIMIT,
				  .text = "the answer is too large" };

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

/* ---- receiving */

static void free_client(struct client *c)
{
	struct port_ipc *p = c->port;
	struct client **link;

	for (link = &p->clients; *link != c; link = &(*link)->next) {
	}
	*link = c->next;
	p->client_count--;
	qb_loop_poll_del(p->loop, c->fd);
	close(c->fd);
	while (c->out) {
		drop_first(c);
	}
	ha_buf_fini(&c->in);
	free(c);
}

static void end_client(struct client *c)
{
	struct port_ipc *p = c->port;
	uint64_t id = c->id;

	free_client(c);
	p->user.closed(id, p->user.arg);
}

static void refuse_garbage(struct client *c, int rc)
{
	ha_log_paced(&c->port->garbage, HA_LOG_WARNING, "garbage on the IPC "
		     "socket (%s): its connection is closed", ha_err_text(rc));
	throw_out(c);
}

static void take_frame(struct client *c, size_t len)
{
	struct ha_request req;
	int rc = ha_ipc_frame_add(&c->in, c->port->frame, len);

	if (rc == 1) {
		rc = ha_request_unpack(c->in.data, c->in.len, &req);
		ha_buf_fini(&c->in);
		if (rc == 0) {
			c->port->user.request(c->id, c->may_change, &req,
					      c->port->user.arg);
			ha_request_fini(&req);
		}
	} else if (rc == 0 && !c->may_change) {
		rc = HA_E_LIMIT; /* to look takes no long questions */
	}
	if (rc != 0) {
		refuse_garbage(c, rc);
	}
}

static int dispatch_client(int32_t fd, int32_t revents, void *arg)
{
	struct client *c = arg;

	if (c->out && (revents & (POLLHUP | POLLERR))) {
		throw_out(c);
	}
	send_queued(c);
	for (int i = 0; i < FRAMES_PER_TURN && !c->out && !c->thrown_out; i++) {
		ssize_t n = recv(fd, c->port->frame, sizeof(c->port->frame),
				 MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			break;
		}
		if (n <= 0) {
			throw_out(c);
		} else if ((size_t)n > sizeof(c->port->frame)) {
			refuse_garbage(c, HA_E_LIMIT);
		} else {
			take_frame(c, (size_t)n);
		}
	}
	if (c->thrown_out) {
		end_client(c);
	}
	return 0;
}

/* ---- connecting */

/* 0, or why not. */
static int judge(struct port_ipc *p, const struct ucred *who,
		 bool *ret_may_change)
{
	/* who runs hacd is root, but in tests */
	bool all = who->uid == 0 || who->uid == geteuid() ||
		   in_group("hac", who->uid, who->gid);

	if (!all && !in_group("hac-view", who->uid, who->gid)) {
		ha_log_paced(&p->refused, HA_LOG_WARNING, "user %u may not talk "
			     "to hacd: neither root nor in group hac or "
			     "hac-view", (unsigned)who->uid);
		return HA_E_PERMISSION;
	}
	if (p->client_count >= PORT_IPC_CLIENTS_MAX) {
		ha_log_paced(&p->refused, HA_LOG_WARNING, "more than %d "
			     "clients: one refused", PORT_IPC_CLIENTS_MAX);
		return HA_E_BUSY;
	}
	*ret_may_change = all;
	return 0;
}

/* Takes fd. */
static int add_client(struct port_ipc *p, int fd, const struct ucred *who,
		      bool may_change)
{
	struct client *c = calloc(1, sizeof(*c));

	if (!c || qb_loop_poll_add(p->loop, QB_LOOP_MED, fd, POLLIN, c,
				   dispatch_client) != 0) {
		free(c);
		return HA_E_NO_MEMORY;
	}
	c->port = p;
	c->fd = fd;
	c->id = ++p->last_id;
	c->uid = who->uid;
	c->may_change = may_change;
	c->events = POLLIN;
	c->next = p->clients;
	p->clients = c;
	p->client_count++;
	return 0;
}

/* There is room in a new socket; if not, its client will not miss us. */
static void greet(struct port_ipc *p, int fd, int code)
{
	const struct ha_reply reply = { .code = code };
	struct ha_buf buf = { 0 };

	if (ha_reply_pack(&reply, &buf) == 0) {
		size_t len = ha_ipc_frame_put(buf.data, buf.len, 0, p->frame);

		(void)send(fd, p->frame, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	ha_buf_fini(&buf);
}

static int dispatch_listener(int32_t listener, int32_t revents, void *arg)
{
	struct port_ipc *p = arg;
	struct ucred who = { 0 };
	socklen_t len = sizeof(who);
	bool may_change = false;
	int fd, rc;

	(void)revents;
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		return 0; /* it went away meanwhile */
	}
	rc = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0 ?
		-errno : judge(p, &who, &may_change);
	greet(p, fd, rc);
	if (rc == 0) {
		rc = add_client(p, fd, &who, may_change);
	}
	if (rc != 0) {
		close(fd);
	}
	return 0;
}

/* /run is empty after each boot. */
static void make_folder(const char *path)
{
	char folder[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	const char *slash = strrchr(path, '/');

	if (slash && slash > path) {
		snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path),
			 path);
		(void)mkdir(folder, 0755); /* bind tells */
	}
}

static int open_listener(struct port_ipc *p)
{
	const struct sockaddr *addr = (const struct sockaddr *)&p->addr;

	make_folder(p->addr.sun_path);
	p->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       0);
	if (p->fd < 0) {
		return -errno;
	}
	if (connect(p->fd, addr, sizeof(p->addr)) == 0 || errno == EAGAIN) {
		return HA_E_EXISTS; /* another hacd listens there */
	}
	(void)unlink(p->addr.sun_path); /* a dead one's */
	if (bind(p->fd, addr, sizeof(p->addr)) != 0 ||
	    /* whom we listen to is judged one by one */
	    chmod(p->addr.sun_path, 0666) != 0 ||
	    listen(p->fd, PORT_IPC_CLIENTS_MAX) != 0) {
		return -errno;
	}
	return qb_loop_poll_add(p->loop, QB_LOOP_MED, p->fd, POLLIN, p,
				dispatch_listener);
}

int port_ipc_create(qb_loop_t *loop, const char *name,
		    const struct port_ipc_user *user, struct port_ipc **ret_ipc)
{
	struct port_ipc *p = calloc(1, sizeof(*p));
	size_t len = strlen(name);
	int rc;

	if (!p) {
		return HA_E_NO_MEMORY;
	}
	if (len >= sizeof(p->addr.sun_path)) {
		free(p);
		return HA_E_LIMIT;
	}
	p->loop = loop;
	p->user = *user;
	p->addr.sun_family = AF_UNIX;
	memcpy(p->addr.sun_path, name, len);
	rc = open_listener(p);
	if (rc != 0) {
		if (p->fd >= 0) {
			close(p->fd);
		}
		free(p);
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
	while (p->clients) {
		free_client(p->clients);
	}
	qb_loop_poll_del(p->loop, p->fd);
	(void)unlink(p->addr.sun_path);
	close(p->fd);
	free(p);
}
