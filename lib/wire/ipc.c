/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/ipc.h"

#include <assert.h>
#include <string.h>

#include "wire/codec.h"

int ha_request_pack(const struct ha_request *req, struct ha_buf *ret_buf)
{
	struct ha_wire_arena arena;
	struct ha_codec c = { &arena, 0 };
	Pb__Request out = PB__REQUEST__INIT;
	Pb__Arg *args;
	int rc;

	ha_wire_arena_init(&arena, HA_IPC_MESSAGE_MAX);
	out.id = req->id;
	out.name = ha_put_text(req->name);
	args = ha_codec_array(&c, req->arg_count, sizeof(*args),
			      HA_IPC_ARGS_MAX);
	out.args = ha_codec_array(&c, req->arg_count, sizeof(args),
				  HA_IPC_ARGS_MAX);
	for (size_t i = 0; !c.err && i < req->arg_count; i++) {
		pb__arg__init(&args[i]);
		args[i].key = ha_put_text(req->args[i].key);
		args[i].value = ha_put_text(req->args[i].value);
		out.args[out.n_args++] = &args[i];
	}
	if (req->command.verb != HA_CMD_NONE) {
		out.command = ha_put_command(&c, &req->command);
	}
	out.text = ha_put_bytes(req->text, req->text_len);
	rc = ha_codec_pack(&c, &out.base, HA_IPC_MESSAGE_MAX, ret_buf);
	ha_wire_arena_fini(&arena);
	return rc;
}

/* A 0-terminated copy, so that bytes can be used as a string. */
static const char *copy_text(struct ha_codec *c, ProtobufCBinaryData b)
{
	char *s = ha_codec_array(c, b.len + 1, 1, HA_IPC_MESSAGE_MAX + 1);

	if (!s) {
		return "";
	}
	if (b.len > 0) {
		memcpy(s, b.data, b.len);
	}
	return s;
}

static void pull_request(struct ha_codec *c, const Pb__Request *in,
			 struct ha_request *req)
{
	struct ha_arg *args;

	req->id = in->id;
	req->name = ha_pull_string(c, in->name, HA_IPC_NAME_MAX);
	args = ha_codec_array(c, in->n_args, sizeof(*args), HA_IPC_ARGS_MAX);
	for (size_t i = 0; args && i < in->n_args; i++) {
		args[i].key = ha_pull_string(c, in->args[i]->key,
					     HA_IPC_NAME_MAX);
		args[i].value = ha_pull_string(c, in->args[i]->value,
					       HA_IPC_VALUE_MAX);
	}
	req->args = args;
	req->arg_count = args ? in->n_args : 0;
	if (in->command) {
		ha_pull_command(c, in->command, &req->command);
	}
	if (in->text.len > HA_CONFIG_BYTES_MAX) {
		ha_codec_fail(c, HA_E_LIMIT);
	}
	req->text = copy_text(c, in->text);
	req->text_len = in->text.len;
}

int ha_request_unpack(const void *data, size_t len, struct ha_request *ret_req)
{
	struct ha_request req;
	struct ha_codec c = { &req.arena, 0 };
	Pb__Request *in;

	if (len > HA_IPC_MESSAGE_MAX) {
		return HA_E_LIMIT;
	}
	memset(&req, 0, sizeof(req));
	ha_wire_arena_init(&req.arena, ha_codec_budget(len));
	in = ha_codec_unpack(&c, &pb__request__descriptor, data, len);
	if (in) {
		pull_request(&c, in, &req);
	}
	if (c.err) {
		ha_wire_arena_fini(&req.arena);
		return c.err;
	}
	*ret_req = req;
	return 0;
}

void ha_request_fini(struct ha_request *req)
{
	ha_wire_arena_fini(&req->arena);
	memset(req, 0, sizeof(*req));
}

const char *ha_request_arg(const struct ha_request *req, const char *key)
{
	for (size_t i = 0; i < req->arg_count; i++) {
		if (strcmp(req->args[i].key, key) == 0) {
			return req->args[i].value;
		}
	}
	return NULL;
}

int ha_reply_pack(const struct ha_reply *reply, struct ha_buf *ret_buf)
{
	struct ha_wire_arena arena;
	struct ha_codec c = { &arena, 0 };
	Pb__Reply out = PB__REPLY__INIT;

	ha_wire_arena_init(&arena, 0); /* nothing is copied */
	out.id = reply->id;
	out.code = reply->code;
	if (reply->text) {
		out.text = ha_put_bytes(reply->text, strlen(reply->text));
	}
	if (reply->json) {
		out.json = ha_put_bytes(reply->json, strlen(reply->json));
	}
	out.more = reply->more;
	out.data = ha_put_bytes(reply->data, reply->data_len);
	return ha_codec_pack(&c, &out.base, HA_IPC_MESSAGE_MAX, ret_buf);
}

int ha_reply_unpack(const void *data, size_t len, struct ha_reply *ret_reply)
{
	struct ha_reply reply;
	struct ha_codec c = { &reply.arena, 0 };
	Pb__Reply *in;

	if (len > HA_IPC_MESSAGE_MAX) {
		return HA_E_LIMIT;
	}
	memset(&reply, 0, sizeof(reply));
	ha_wire_arena_init(&reply.arena, ha_codec_budget(len));
	in = ha_codec_unpack(&c, &pb__reply__descriptor, data, len);
	if (in) {
		reply.id = in->id;
		reply.code = in->code;
		reply.text = copy_text(&c, in->text);
		reply.json = copy_text(&c, in->json);
		reply.more = in->more;
		reply.data = in->data.data; /* in the arena, as `in` is */
		reply.data_len = in->data.len;
	}
	if (c.err) {
		ha_wire_arena_fini(&reply.arena);
		return c.err;
	}
	*ret_reply = reply;
	return 0;
}

void ha_reply_fini(struct ha_reply *reply)
{
	ha_wire_arena_fini(&reply->arena);
	memset(reply, 0, sizeof(*reply));
}

size_t ha_ipc_frame_put(const void *msg, size_t len, size_t offset,
			char ret_frame[HA_IPC_FRAME_MAX])
{
	const struct ha_ipc_frame h = { (uint32_t)len, (uint32_t)offset };
	const size_t room = HA_IPC_FRAME_MAX - sizeof(h);
	size_t part = len - offset < room ? len - offset : room;

	assert(len <= HA_IPC_MESSAGE_MAX);
	assert(offset <= len);
	memcpy(ret_frame, &h, sizeof(h));
	if (part > 0) {
		memcpy(ret_frame + sizeof(h), (const char *)msg + offset, part);
	}
	return sizeof(h) + part;
}

int ha_ipc_frame_add(struct ha_buf *msg, const void *frame, size_t len)
{
	struct ha_ipc_frame h;
	size_t data;

	if (len < sizeof(h) || len > HA_IPC_FRAME_MAX) {
		return HA_E_SYNTAX;
	}
	memcpy(&h, frame, sizeof(h));
	data = len - sizeof(h);
	if (h.total > HA_IPC_MESSAGE_MAX) {
		return HA_E_LIMIT;
	}
	/* a first frame begins anew: its sender may have given up before */
	if (h.offset == 0) {
		ha_buf_clear(msg);
	}
	if (h.offset != msg->len || data > h.total - h.offset ||
	    (data == 0 && h.total > 0)) {
		return HA_E_SYNTAX;
	}
	ha_buf_append(msg, (const char *)frame + sizeof(h), data);
	if (msg->failed) {
		return HA_E_NO_MEMORY;
	}
	return msg->len == h.total ? 1 : 0;
}
