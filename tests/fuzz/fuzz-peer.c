/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages of other hosts. What is accepted can be sent on. */
#include <stdlib.h>

#include "fuzz.h"
#include "wire/peer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ha_buf again = { 0 };
	struct ha_peer_msg m, m2;

	if (ha_peer_unpack(data, size, &m) != 0) {
		return 0;
	}
	if (ha_peer_pack(&m.msg, &again) != 0 ||
	    ha_peer_unpack(again.data, again.len, &m2) != 0 ||
	    m2.msg.kind != m.msg.kind) {
		abort();
	}
	ha_peer_fini(&m2);
	ha_peer_fini(&m);
	ha_buf_fini(&again);
	return 0;
}
