/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What hac-agent-disk gives to hacd: a snapshot and the records after it, each
 * after its length (two bytes). What is accepted can be written again, and is
 * the same then.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wire/disk.h"

#define RECORDS_MAX 64

struct input {
	const uint8_t *at;
	size_t left;
};

static struct ha_disk_bytes next(struct input *in)
{
	struct ha_disk_bytes b = { in->at, 0 };

	if (in->left >= 2) {
		b.len = (size_t)in->at[0] << 8 | in->at[1];
		b.len = b.len > in->left - 2 ? in->left - 2 : b.len;
		b.data = in->at + 2;
		in->at += 2 + b.len;
		in->left -= 2 + b.len;
	}
	return b;
}

static void check_again(const struct ha_disk_store *s)
{
	const struct ha_persist op = { .kind = HA_PERSIST_STATE,
				       .meta = s->meta, .base = s->base };
	struct ha_disk_raw raw = { .snapshot_newest = true };
	struct ha_disk_store s2;
	struct ha_buf b = { 0 };

	if (!s->state) {
		return;
	}
	if (ha_disk_pack_snapshot(&op, s->state, &b) != 0) {
		abort();
	}
	raw.snapshot = (struct ha_disk_bytes){ b.data, b.len };
	if (ha_disk_unpack(&raw, &s2) != 0 ||
	    s2.state->vm_count != s->state->vm_count ||
	    memcmp(s2.state, s->state,
		   sizeof(*s->state) + s->state->vm_count *
					       sizeof(s->state->vms[0])) != 0 ||
	    memcmp(&s2.base, &s->base, sizeof(s->base)) != 0) {
		abort();
	}
	ha_disk_store_fini(&s2);
	ha_buf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ha_disk_bytes records[RECORDS_MAX];
	struct input in = { data, size };
	struct ha_disk_raw raw = { .records = records };
	struct ha_disk_store s;

	raw.snapshot = next(&in);
	raw.snapshot_newest = size % 2 == 1;
	while (in.left > 2 && raw.record_count < RECORDS_MAX) {
		records[raw.record_count++] = next(&in);
	}
	if (ha_disk_unpack(&raw, &s) == 0) {
		check_again(&s);
		ha_disk_store_fini(&s);
	}
	return 0;
}
