/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/disk.h"

#include <string.h>

#include "base/limits.h"
#include "wire/codec.h"

#define RECORD_BYTES_MAX HA_PEER_MESSAGE_MAX
#define ENTRIES_MAX (HA_LOG_ENTRIES_MAX * 2u)

int ha_disk_pack_record(const struct ha_persist *op, struct ha_buf *ret_buf)
{
	struct ha_wire_arena arena;
	struct ha_codec c = { &arena, 0 };
	Pb__Record out = PB__RECORD__INIT;
	int rc;

	ha_wire_arena_init(&arena, RECORD_BYTES_MAX);
	out.meta = ha_put_meta(&c, &op->meta);
	if (op->kind == HA_PERSIST_ENTRIES) {
		out.entries = ha_put_entries(&c, op->entries, op->entry_count);
		out.n_entries = out.entries ? op->entry_count : 0;
	}
	rc = ha_codec_pack(&c, &out.base, RECORD_BYTES_MAX, ret_buf);
	ha_wire_arena_fini(&arena);
	return rc;
}

int ha_disk_pack_snapshot(const struct ha_persist *op,
			  const struct ha_state *state, struct ha_buf *ret_buf)
{
	struct ha_wire_arena arena;
	struct ha_codec c = { &arena, 0 };
	Pb__Snapshot out = PB__SNAPSHOT__INIT;
	int rc;

	ha_wire_arena_init(&arena, RECORD_BYTES_MAX);
	out.meta = ha_put_meta(&c, &op->meta);
	out.at = ha_put_base(&c, &op->base);
	out.state = state ? ha_put_state(&c, state) : NULL;
	rc = ha_codec_pack(&c, &out.base, RECORD_BYTES_MAX, ret_buf);
	ha_wire_arena_fini(&arena);
	return rc;
}

static int unpack_snapshot(const struct ha_disk_bytes *b,
			   struct ha_disk_store *s)
{
	struct ha_wire_arena arena;
	struct ha_codec temp = { &arena, 0 };
	struct ha_codec c = { &s->arena, 0 };
	Pb__Snapshot *in;

	ha_wire_arena_init(&arena, ha_codec_budget(b->len));
	in = ha_codec_unpack(&temp, &pb__snapshot__descriptor, b->data, b->len);
	if (in && in->meta && in->at) {
		ha_pull_meta(&c, in->meta, &s->meta);
		ha_pull_base(&c, in->at, &s->base);
		s->state = in->state ? ha_pull_state(&c, in->state) : NULL;
	} else {
		ha_codec_fail(&c, HA_E_DAMAGED);
	}
	ha_wire_arena_fini(&arena);
	return c.err;
}

/* Puts a run of entries over those held from its first index on. */
static int add_entries(struct ha_disk_store *s, struct ha_entry *held,
		       const struct ha_entry *run, size_t count)
{
	uint64_t base = s->base.index;
	size_t at;

	if (count == 0) {
		return 0;
	}
	if (run[0].index <= base) {
		at = 0;
	} else if (run[0].index - base - 1 > s->entry_count) {
		return HA_E_DAMAGED; /* a gap */
	} else {
		at = (size_t)(run[0].index - base - 1);
	}
	for (size_t i = 0; i < count; i++) {
		if (run[i].index <= base) {
			continue;
		}
		if (at >= ENTRIES_MAX) {
			return HA_E_DAMAGED;
		}
		held[at++] = run[i];
	}
	s->entry_count = at;
	return 0;
}

static int replay_record(struct ha_disk_store *s, struct ha_entry *held,
			 const struct ha_disk_bytes *b)
{
	struct ha_wire_arena arena;
	struct ha_codec c = { &arena, 0 };
	Pb__Record *in;

	ha_wire_arena_init(&arena, ha_codec_budget(b->len));
	in = ha_codec_unpack(&c, &pb__record__descriptor, b->data, b->len);
	if (in && in->meta) {
		const struct ha_entry *run;

		ha_pull_meta(&c, in->meta, &s->meta);
		run = ha_pull_entries(&c, in->entries, in->n_entries);
		if (!c.err) {
			c.err = add_entries(s, held, run, in->n_entries);
		}
	} else {
		ha_codec_fail(&c, HA_E_DAMAGED);
	}
	ha_wire_arena_fini(&arena);
	return c.err;
}

static int replay_store(const struct ha_disk_raw *raw, struct ha_disk_store *s)
{
	struct ha_replica_meta newest;
	struct ha_entry *held;
	int rc = 0;

	if (raw->snapshot.len > 0) {
		rc = unpack_snapshot(&raw->snapshot, s);
	}
	newest = s->meta;
	/* untouched pages of it cost nothing */
	held = ha_wire_arena_alloc(&s->arena, ENTRIES_MAX * sizeof(*held));
	if (!held) {
		return HA_E_NO_MEMORY;
	}
	for (size_t i = 0; rc == 0 && i < raw->record_count; i++) {
		rc = replay_record(s, held, &raw->records[i]);
	}
	if (raw->snapshot_newest) {
		s->meta = newest;
	}
	s->entries = s->entry_count > 0 ? held : NULL;
	return rc;
}

int ha_disk_unpack(const struct ha_disk_raw *raw,
		   struct ha_disk_store *ret_store)
{
	struct ha_disk_store s;
	int rc;

	memset(&s, 0, sizeof(s));
	ha_wire_arena_init(&s.arena, ha_codec_budget(raw->snapshot.len) +
					ENTRIES_MAX * sizeof(struct ha_entry));
	rc = replay_store(raw, &s);
	if (rc != 0) {
		ha_wire_arena_fini(&s.arena);
		return rc == HA_E_NO_MEMORY ? rc : HA_E_DAMAGED;
	}
	*ret_store = s;
	return 0;
}

void ha_disk_store_fini(struct ha_disk_store *store)
{
	ha_wire_arena_fini(&store->arena);
	memset(store, 0, sizeof(*store));
}
