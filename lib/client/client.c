/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "client/client.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include <qb/qbipcc.h>

#include "base/err.h"

#define RETRY_MS 100 /* between two attempts to connect, or to send */

struct ha_client {
	struct ha_client_options options;
	qb_ipcc_connection_t *conn; /* NULL: gone */
	uint64_t last_id;
	struct ha_buf in;
	char frame[HA_IPC_FRAME_MAX];
};

/* Waits without spinning; there is no descriptor to wait for yet. */
static void pause_ms(int ms)
{
	(void)poll(NULL, 0, ms); /* an early end only means an early retry */
}

static int open_conn(struct ha_client *c)
{
	ha_time limit = ha_time_now() + c->options.wait;

	for (;;) {
		int err;

		errno = 0;
		c->conn = qb_ipcc_connect(c->options.ipc_name,
					  HA_IPC_FRAME_MAX);
		if (c->conn) {
			return 0;
		}
		err = errno;
		if (err == EACCES || err == EPERM) {
			return HA_E_PERMISSION;
		}
		if (ha_time_now() >= limit) {
			return HA_E_GONE;
		}
		pause_ms(RETRY_MS);
	}
}

static void close_conn(struct ha_client *c)
{
	if (c->conn) {
		qb_ipcc_disconnect(c->conn);
		c->conn = NULL;
	}
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
	if (!c->options.ipc_name) {
		c->options.ipc_name = HA_IPC_NAME;
	}
	rc = open_conn(c);
	if (rc != 0) {
		ha_client_close(c);
		return rc;
	}
	*ret_client = c;
	return 0;
}

/* The ring to hacd may be full for a moment. */
static int send_frame(struct ha_client *c, size_t len, ha_time limit)
{
	for (;;) {
		ssize_t n = qb_ipcc_send(c->conn, c->frame, len);

		if (n == (ssize_t)len) {
			return 0;
		}
		if (n != -EAGAIN && n != -EINTR) {
			return HA_E_GONE;
		}
		if (ha_time_now() >= limit) {
			return HA_E_TIMEOUT;
		}
		pause_ms(1);
	}
}

static int send_message(struct ha_client *c, const struct ha_buf *msg,
			ha_time limit)
{
	const size_t room = HA_IPC_FRAME_MAX - sizeof(struct ha_ipc_frame);
	size_t at = 0;

	do {
		size_t part = msg->len - at < room ? msg->len - at : room;
		struct ha_ipc_frame h;
		int rc;

		memset(&h, 0, sizeof(h));
		h.qb_id = HA_IPC_FRAME_ID;
		h.qb_size = (int32_t)(sizeof(h) + part);
		h.total = (uint32_t)msg->len;
		h.offset = (uint32_t)at;
		memcpy(c->frame, &h, sizeof(h));
		memcpy(c->frame + sizeof(h), msg->data + at, part);
		rc = send_frame(c, sizeof(h) + part, limit);
		if (rc != 0) {
			return rc;
		}
		at += part;
	} while (at < msg->len);
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

/* One whole message, into c->in. */
static int receive_message(struct ha_client *c, ha_time limit)
{
	for (;;) {
		int ms = wait_ms(limit);
		ssize_t n;
		int rc;

		if (ms == 0) {
			return HA_E_TIMEOUT;
		}
		n = qb_ipcc_event_recv(c->conn, c->frame, sizeof(c->frame), ms);
		if (n == -EAGAIN || n == -ETIMEDOUT || n == -EINTR) {
			if (qb_ipcc_is_connected(c->conn)) {
				continue;
			}
			return HA_E_GONE;
		}
		if (n <= 0) {
			return HA_E_GONE;
		}
		rc = ha_ipc_frame_add(&c->in, c->frame, (size_t)n);
		if (rc != 0) {
			return rc < 0 ? rc : 0;
		}
	}
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

	if (!c->conn) {
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

static ha_time limit_after(ha_dur timeout)
{
	return timeout == HA_TIME_NEVER ? HA_TIME_NEVER
					: ha_time_now() + timeout;
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
