/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages between hacd and its agents, and what a store may hold. */
#include "fuzz.h"
#include "wire/agent.h"
#include "wire/disk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ha_disk_bytes whole = { data, size };
	struct ha_disk_raw record = { .records = &whole, .record_count = 1 };
	struct ha_disk_raw snapshot = { .snapshot = whole };
	struct ha_disk_store store;
	struct ha_am m;

	if (ha_am_unpack(data, size, &m) == 0) {
		ha_am_fini(&m);
	}
	if (ha_disk_unpack(&record, &store) == 0) {
		ha_disk_store_fini(&store);
	}
	if (ha_disk_unpack(&snapshot, &store) == 0) {
		ha_disk_store_fini(&store);
	}
	return 0;
}
