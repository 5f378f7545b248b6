/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent.h - what hacd and its agents tell each other (am.h), over the
 * SOCK_SEQPACKET socket that an agent finds as HA_AGENT_FD. Messages over
 * HA_AGENT_INLINE_MAX bytes travel as a memfd. An agent exits when recv says
 * HA_E_GONE.
 */
#ifndef HA_WIRE_AGENT_H
#define HA_WIRE_AGENT_H

#include "base/buf.h"
#include "wire/am.h"

#define HA_AGENT_FD 3
#define HA_AGENT_INLINE_MAX (128u << 10)

/* Appends msg's bytes. HA_E_LIMIT, HA_E_NO_MEMORY. */
int ha_am_pack(const struct ha_am *msg, struct ha_buf *ret_buf)
	__attribute__((warn_unused_result));
/* HA_E_SYNTAX, HA_E_LIMIT; on success the caller calls ha_am_fini. */
int ha_am_unpack(const void *data, size_t len, struct ha_am *ret_msg)
	__attribute__((warn_unused_result));
void ha_am_fini(struct ha_am *msg);

/* Packed bytes as one datagram: 0, -EAGAIN (nothing sent), HA_E_GONE. */
int ha_am_send_bytes(int fd, const void *data, size_t len)
	__attribute__((warn_unused_result));
/* pack and send_bytes. Blocks if fd does; never raises SIGPIPE. */
int ha_am_send(int fd, const struct ha_am *msg)
	__attribute__((warn_unused_result));
/* One message: 0, -EAGAIN (a non-blocking fd), HA_E_GONE (the other side
 * closed), HA_E_SYNTAX or HA_E_LIMIT (one message was nonsense; go on). */
int ha_am_recv(int fd, struct ha_am *ret_msg)
	__attribute__((warn_unused_result));
const char *ha_am_kind_name(enum ha_am_kind kind);

#endif
