/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peer.h - messages between hosts as bytes. Every field of what is unpacked
 * has been checked: ids, enumerations, counts, lengths. Whether `from` is
 * really its sender is for the caller to check.
 */
#ifndef HA_WIRE_PEER_H
#define HA_WIRE_PEER_H

#include "base/buf.h"
#include "core/msg.h"
#include "core/state.h"
#include "wire/arena.h"

struct ha_peer_msg {
	struct ha_msg msg;     /* what it points to lives in the arena */
	struct ha_wire_arena arena;
};

/* Appends the bytes. HA_E_LIMIT, HA_E_NO_MEMORY. */
int ha_peer_pack(const struct ha_msg *msg, struct ha_buf *ret_buf)
	__attribute__((warn_unused_result));
/* HA_E_SYNTAX, HA_E_LIMIT; on success the caller calls ha_peer_fini. */
int ha_peer_unpack(const void *data, size_t len, struct ha_peer_msg *ret_msg)
	__attribute__((warn_unused_result));
void ha_peer_fini(struct ha_peer_msg *msg);

#endif
