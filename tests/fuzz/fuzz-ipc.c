/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of tools: as frames, and as a whole message; then replies, and the
 * snapshot in one of them. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wire/ipc.h"
#include "wire/snapshot.h"

static void try_request(const void *data, size_t size)
{
	struct ha_buf again = { 0 };
	struct ha_request q, q2;

	if (ha_request_unpack(data, size, &q) != 0) {
		return;
	}
	if (ha_request_pack(&q, &again) != 0 ||
	    ha_request_unpack(again.data, again.len, &q2) != 0 ||
	    q2.arg_count != q.arg_count) {
		abort();
	}
	ha_request_fini(&q2);
	ha_request_fini(&q);
	ha_buf_fini(&again);
}

/* As its digits, and as the bytes that the digits would stand for. */
static void try_snapshot(const uint8_t *data, size_t size)
{
	struct ha_buf text = { 0 };
	struct ha_disk_store store;

	ha_buf_append(&text, data, size);
	if (size > 0 && ha_snapshot_unpack_text(text.data, &store) == 0) {
		ha_disk_store_fini(&store);
	}
	ha_buf_clear(&text);
	for (size_t i = 0; i < size; i++) {
		ha_buf_printf(&text, "%02x", data[i]);
	}
	if (size > 0 && ha_snapshot_unpack_text(text.data, &store) == 0) {
		struct ha_buf again = { 0 };

		if (ha_snapshot_pack_text(&store.base, store.state, &again) !=
		    0) {
			abort();
		}
		ha_buf_fini(&again);
		ha_disk_store_fini(&store);
	}
	ha_buf_fini(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ha_buf msg = { 0 };
	struct ha_reply a;

	try_request(data, size);
	try_snapshot(data, size);
	if (ha_reply_unpack(data, size, &a) == 0) {
		ha_reply_fini(&a);
	}
	for (size_t at = 0; at < size; at += 64) {
		size_t n = size - at < 64 ? size - at : 64;

		if (ha_ipc_frame_add(&msg, data + at, n) == 1) {
			try_request(msg.data, msg.len);
		}
	}
	ha_buf_fini(&msg);
	return 0;
}
