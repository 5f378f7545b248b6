/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipc.h - requests of tools to hacd, and replies. Tools use client/client.h;
 * this is the codec below it.
 *
 * The socket is a SOCK_SEQPACKET one. A message travels in frames of at most
 * HA_IPC_FRAME_MAX bytes, in order, one message after the other. Once
 * connected, hacd says a reply to request 0: whether it will listen at all.
 *
 * wire/request.h lists the requests.
 */
#ifndef HA_WIRE_IPC_H
#define HA_WIRE_IPC_H

#include "base/buf.h"
#include "core/command.h"
#include "wire/arena.h"

#define HA_IPC_NAME HA_RUNSTATEDIR "/hac/ipc" /* of the socket: its path */
#define HA_IPC_FRAME_MAX (64u << 10)
#define HA_IPC_ARGS_MAX 64
#define HA_IPC_NAME_MAX 63   /* characters of a request's name, an arg's key */
#define HA_IPC_VALUE_MAX 4095

struct ha_arg {
	const char *key;
	const char *value;
};

struct ha_request {
	uint64_t id;         /* unique in its connection; the reply has it */
	const char *name;    /* as in wire/request.h */
	const struct ha_arg *args;
	size_t arg_count;
	struct ha_command command; /* verb HA_CMD_NONE if not a command */
	const char *text;    /* a configuration's text, or NULL */
	size_t text_len;
	struct ha_wire_arena arena; /* unpacked only */
};

struct ha_reply {
	uint64_t id;
	int code;            /* 0 or HA_E_* */
	const char *text;    /* for people: why not, or a remark; may be "" */
	const char *json;    /* one JSON value, or "" */
	bool more;           /* further replies follow (events --follow) */
	const void *data;    /* bytes (record), or NULL */
	size_t data_len;
	struct ha_wire_arena arena; /* unpacked only */
};

struct ha_ipc_frame { /* the start of each; native byte order */
	uint32_t total;  /* bytes of the message */
	uint32_t offset; /* of the bytes that follow this header */
};

int ha_request_pack(const struct ha_request *req, struct ha_buf *ret_buf)
	__attribute__((warn_unused_result));
/* HA_E_SYNTAX, HA_E_LIMIT; on success the caller calls fini. */
int ha_request_unpack(const void *data, size_t len, struct ha_request *ret_req)
	__attribute__((warn_unused_result));
void ha_request_fini(struct ha_request *req);
/* The value of an argument; NULL if it was not given. */
const char *ha_request_arg(const struct ha_request *req, const char *key);

int ha_reply_pack(const struct ha_reply *reply, struct ha_buf *ret_buf)
	__attribute__((warn_unused_result));
int ha_reply_unpack(const void *data, size_t len, struct ha_reply *ret_reply)
	__attribute__((warn_unused_result));
void ha_reply_fini(struct ha_reply *reply);

/* Writes the frame of msg that begins at offset; gives its length. */
size_t ha_ipc_frame_put(const void *msg, size_t len, size_t offset,
			char ret_frame[HA_IPC_FRAME_MAX]);
/* Adds a received frame to msg: 1 complete, 0 more frames follow, HA_E_*. */
int ha_ipc_frame_add(struct ha_buf *msg, const void *frame, size_t len)
	__attribute__((warn_unused_result));

#endif
