/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/snapshot.h"

#include <string.h>

#include "base/err.h"
#include "base/limits.h"

int ha_snapshot_pack_text(const struct ha_replica_base *base,
			  const struct ha_state *state, struct ha_buf *ret_text)
{
	static const char digits[] = "0123456789abcdef";
	struct ha_persist op;
	struct ha_buf bytes = { 0 };
	int rc;

	memset(&op, 0, sizeof(op));
	op.kind = HA_PERSIST_STATE;
	op.base = *base;
	rc = ha_disk_pack_snapshot(&op, state, &bytes);
	for (size_t i = 0; rc == 0 && i < bytes.len; i++) {
		unsigned char b = (unsigned char)bytes.data[i];
		char two[2] = { digits[b >> 4], digits[b & 15] };

		ha_buf_append(ret_text, two, sizeof(two));
	}
	ha_buf_fini(&bytes);
	return rc == 0 && ret_text->failed ? HA_E_NO_MEMORY : rc;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int read_digits(const char *text, struct ha_buf *bytes)
{
	size_t len = strlen(text);

	if (len == 0 || len % 2 != 0 || len > HA_IPC_MESSAGE_MAX) {
		return HA_E_SYNTAX;
	}
	for (size_t i = 0; i < len; i += 2) {
		int high = digit(text[i]), low = digit(text[i + 1]);
		unsigned char b;

		if (high < 0 || low < 0) {
			return HA_E_SYNTAX;
		}
		b = (unsigned char)(high << 4 | low);
		ha_buf_append(bytes, &b, 1);
	}
	return bytes->failed ? HA_E_NO_MEMORY : 0;
}

int ha_snapshot_unpack_text(const char *text, struct ha_disk_store *ret_store)
{
	struct ha_buf bytes = { 0 };
	struct ha_disk_store store;
	int rc = read_digits(text, &bytes);

	if (rc == 0) {
		struct ha_disk_raw raw = {
			.snapshot = { bytes.data, bytes.len },
		};

		rc = ha_disk_unpack(&raw, &store);
	}
	ha_buf_fini(&bytes);
	if (rc != 0) {
		return rc;
	}
	if (!store.state || store.state->index != store.base.index) {
		ha_disk_store_fini(&store);
		return HA_E_DAMAGED;
	}
	*ret_store = store;
	return 0;
}
