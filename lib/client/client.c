/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"

#define RETRY_MS 100 /* between two attempts to connect */
#define GREETING HA_S(5) /* a hacd that takes longer is hung */

struct ha_client {
	struct ha_client_options options;
	int fd; /* -1: gone */
	uint64_t last_id;
	struct ha_buf in;
	char frame[HA_IPC_FRAME_MAX];
};

static int receive_reply(struct ha_client *c, uint64_t id, ha_time limit,
			 struct ha_reply *ret_reply);

static void close_conn(struct ha_client *c)
{
	if (c->fd >= 0) {
		close(c->fd);
		c->fd = -1;
	}
}

static int try_connect(struct ha_client *c)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t len = strlen(c->options.ipc_name);
	int rc = 0;

	if (len >= sizeof(addr.sun_path)) {
		return HA_E_LIMIT;
	}
	memcpy(addr.sun_path, c->options.ipc_name, len);
	c->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       0);
	if (c->fd < 0) {
		return -errno;
	}
	if (connect(c->fd, (const struct sockaddr *)&addr,
		    sizeof(addr)) != 0) {
		rc = errno == EACCES || errno == EPERM ? HA_E_PERMISSION
						       : HA_E_GONE;
		close_conn(c);
	}
	return rc;
}

/* hacd says first whether it listens to us. */
static int hear_greeting(struct ha_client *c)
{
	struct ha_reply reply;
	int rc = receive_reply(c, 0, ha_time_now() + GREETING, &reply);

	if (rc == 0) {
		rc = reply.code;
		ha_reply_fini(&reply);
	}
	if (rc != 0) {
		close_conn(c);
	}
	return rc;
}

static ha_time limit_after(ha_dur timeout)
{
	return timeout == HA_TIME_NEVER ? HA_TIME_NEVER
					: ha_time_now() + timeout;
}

static int open_conn(struct ha_client *c)
{
	ha_time limit = limit_after(c->options.wait);

	for (;;) {
		int rc = try_connect(c);

		if (rc == 0) {
			rc = hear_greeting(c);
		}
		if (rc == 0 || rc == HA_E_PERMISSION || rc == HA_E_TIMEOUT ||
		    ha_time_now() >= limit) {
			return rc;
		}
		/* there is no descriptor to wait for */
		(void)poll(NULL, 0, RETRY_MS);
	}
}

static const char *default_name(void)
{
	const char *name = getenv("HAC_SOCKET");

	return name && name[0] != '\0' ? name : HA_IPC_NAME;
}

int ha_client_connect(const struct ha_client_options *options,
		      struct ha_client **ret_client)
{
	struct ha_client *c = calloc(1, sizeof(*c));
	int rc;

	if (!c) {
		return HA_E_NO_MEMORY;
	}
	if (options) {
		c->options = *options;
	}
	c->fd = -1;
	if (!c->options.ipc_name) {
		c->options.ipc_name = default_name();
	}
	rc = open_conn(c);
	if (rc != 0) {
		ha_client_close(c);
		return rc;
	}
	*ret_client = c;
	return 0;
}

static int wait_ms(ha_time limit)
{
	ha_dur left;

	if (limit == HA_TIME_NEVER) {
		return -1;
	}
	left = limit - ha_time_now();
	if (left <= 0) {
		return 0;
	}
	return left / 1000 > 1000000 ? 1000000 : (int)(left / 1000) + 1;
}

/* 0: try again; it may not be ready yet. */
static int wait_ready(const struct ha_client *c, short events, ha_time limit)
{
	struct pollfd p = { .fd = c->fd, .events = events };
	int ms = wait_ms(limit);

	if (ms == 0) {
		return HA_E_TIMEOUT;
	}
	(void)poll(&p, 1, ms);
	return 0;
}

static int send_message(struct ha_client *c, const struct ha_buf *msg,
			ha_time limit)
{
	size_t at = 0;
	int rc = 0;

	do {
		size_t len = ha_ipc_frame_put(msg->data, msg->len, at,
					      c->frame);
		ssize_t n = send(c->fd, c->frame, len, MSG_NOSIGNAL);

		if (n == (ssize_t)len) {
			at += len - sizeof(struct ha_ipc_frame);
		} else if (errno == EAGAIN || errno == EINTR ||
			   errno == ENOBUFS) {
			rc = wait_ready(c, POLLOUT, limit);
		} else {
			rc = HA_E_GONE;
		}
	} while (rc == 0 && at < msg->len);
	return rc;
}

/* One whole message, into c->in. */
static int receive_message(struct ha_client *c, ha_time limit)
{
	int rc = 0;

	while (rc == 0) {
		ssize_t n = recv(c->fd, c->frame, sizeof(c->frame), 0);

		if (n > 0) {
			rc = ha_ipc_frame_add(&c->in, c->frame, (size_t)n);
		} else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
			rc = wait_ready(c, POLLIN, limit);
		} else {
			rc = HA_E_GONE;
		}
	}
	return rc < 0 ? rc : 0;
}

/* The reply to request id; those to requests given up before are dropped. */
static int receive_reply(struct ha_client *c, uint64_t id, ha_time limit,
			 struct ha_reply *ret_reply)
{
	for (;;) {
		int rc = receive_message(c, limit);

		if (rc != 0) {
			return rc;
		}
		rc = ha_reply_unpack(c->in.data, c->in.len, ret_reply);
		ha_buf_clear(&c->in);
		if (rc != 0) {
			return rc;
		}
		if (ret_reply->id == id) {
			return 0;
		}
		ha_reply_fini(ret_reply);
	}
}

static int send_request(struct ha_client *c, struct ha_request *req,
			ha_time limit)
{
	struct ha_buf msg = { 0 };
	int rc;

	if (c->fd < 0) {
		rc = open_conn(c);
		if (rc != 0) {
			return rc;
		}
	}
	req->id = ++c->last_id;
	rc = ha_request_pack(req, &msg);
	if (rc == 0) {
		rc = send_message(c, &msg, limit);
	}
	ha_buf_fini(&msg);
	return rc;
}

int ha_client_call(struct ha_client *c, struct ha_request *req, ha_dur timeout,
		   struct ha_reply *ret_reply)
{
	ha_time limit = limit_after(timeout);
	int rc = send_request(c, req, limit);

	if (rc == 0) {
		rc = receive_reply(c, req->id, limit, ret_reply);
	}
	if (rc != 0) {
		close_conn(c);
	}
	return rc;
}

int ha_client_stream(struct ha_client *c, struct ha_request *req,
		     ha_dur timeout, ha_client_reply_fn fn, void *arg)
{
	int rc = send_request(c, req, limit_after(timeout));
	bool more = true;

	while (rc == 0 && more) {
		struct ha_reply reply;

		rc = receive_reply(c, req->id, limit_after(timeout), &reply);
		if (rc != 0) {
			break;
		}
		more = reply.more;
		rc = fn(&reply, arg);
		ha_reply_fini(&reply);
	}
	if (rc != 0) {
		close_conn(c);
	}
	return rc;
}

void ha_client_close(struct ha_client *c)
{
	if (!c) {
		return;
	}
	close_conn(c);
	ha_buf_fini(&c->in);
	free(c);
}
