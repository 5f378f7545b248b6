/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Agent messages on their socket; the large ones as a memfd. */
#include "wire/agent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* The datagram is one byte; what counts is the file that goes with it. */
static int send_msg(int fd, const void *data, size_t len, int memfd)
{
	struct iovec iov = { (void *)(uintptr_t)data, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	union control control;
	ssize_t n;

	if (memfd >= 0) {
		struct cmsghdr *h;

		memset(&control, 0, sizeof(control));
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		h = CMSG_FIRSTHDR(&msg);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(h), &memfd, sizeof(int));
	}
	do {
		n = sendmsg(fd, &msg, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n >= 0) {
		return 0;
	}
	if (errno == EAGAIN || errno == ENOBUFS || errno == ETOOMANYREFS) {
		return -EAGAIN;
	}
	return errno == EPIPE || errno == ECONNRESET ? HA_E_GONE : -errno;
}

int ha_am_send_bytes(int fd, const void *data, size_t len)
{
	int memfd, rc;

	if (len > HA_AGENT_MESSAGE_MAX) {
		return HA_E_LIMIT;
	}
	if (len <= HA_AGENT_INLINE_MAX) {
		return send_msg(fd, data, len, -1);
	}
	memfd = memfd_create("hac-message", MFD_CLOEXEC);
	if (memfd < 0) {
		return -errno;
	}
	rc = ha_fd_write_all(memfd, data, len);
	if (rc == 0) {
		rc = send_msg(fd, "", 1, memfd);
	}
	close(memfd);
	return rc;
}

int ha_am_send(int fd, const struct ha_am *msg)
{
	struct ha_buf buf = { 0 };
	int rc = ha_am_pack(msg, &buf);

	if (rc == 0) {
		rc = ha_am_send_bytes(fd, buf.data, buf.len);
	}
	ha_buf_fini(&buf);
	return rc;
}

/* Read, not mapped: its sender could cut it short under us. */
static int unpack_file(int memfd, struct ha_am *ret_msg)
{
	struct ha_buf buf = { 0 };
	int rc;

	if (lseek(memfd, 0, SEEK_SET) != 0) {
		return HA_E_SYNTAX;
	}
	rc = ha_buf_read_fd(&buf, memfd, HA_AGENT_MESSAGE_MAX);
	if (rc == 0) {
		rc = ha_am_unpack(buf.data, buf.len, ret_msg);
	}
	ha_buf_fini(&buf);
	return rc;
}

static int received_fd(struct msghdr *msg)
{
	struct cmsghdr *h = CMSG_FIRSTHDR(msg);
	int memfd = -1;

	if (h && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS &&
	    h->cmsg_len == CMSG_LEN(sizeof(int))) {
		memcpy(&memfd, CMSG_DATA(h), sizeof(int));
	}
	return memfd;
}

static int receive_into(int fd, char *buf, struct ha_am *ret_msg)
{
	struct iovec iov = { buf, HA_AGENT_INLINE_MAX };
	union control control;
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	int memfd, rc;
	ssize_t n;

	do {
		n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		return errno == ECONNRESET ? HA_E_GONE : -errno;
	}
	memfd = received_fd(&msg);
	if (memfd >= 0) {
		rc = unpack_file(memfd, ret_msg);
		close(memfd);
		return rc;
	}
	if (n == 0) {
		return HA_E_GONE;
	}
	if (msg.msg_flags & MSG_TRUNC) {
		return HA_E_LIMIT;
	}
	return ha_am_unpack(buf, (size_t)n, ret_msg);
}

int ha_am_recv(int fd, struct ha_am *ret_msg)
{
	/* not on the stack, and given back: idle processes stay small */
	char *buf = malloc(HA_AGENT_INLINE_MAX);
	int rc;

	if (!buf) {
		return HA_E_NO_MEMORY;
	}
	rc = receive_into(fd, buf, ret_msg);
	free(buf);
	return rc;
}
