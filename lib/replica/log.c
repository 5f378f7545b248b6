/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.c - the entries held in memory, first to last without a gap, and what
 * they make of the base: who votes, who is down, who stands since when.
 *
 * Effects hold from the entry on that carries them, committed or not. Entries
 * up to the base are kept only for those who lag.
 */
#include "replica/rules.h"

uint64_t replica_log_last(const struct ha_replica *r)
{
	return r->log.first + r->log.count - 1;
}

bool replica_log_has(const struct ha_replica *r, uint64_t index)
{
	return index >= r->log.first && index <= replica_log_last(r);
}

const struct ha_entry *replica_log_at(const struct ha_replica *r,
				      uint64_t index)
{
	assert(replica_log_has(r, index));
	return &r->log.entries[index - r->log.first];
}

uint64_t replica_log_epoch(const struct ha_replica *r, uint64_t index)
{
	if (replica_log_has(r, index)) {
		return replica_log_at(r, index)->epoch;
	}
	return index + 1 == r->log.first ? r->log.prev_epoch : 0;
}

uint64_t replica_log_room(const struct ha_replica *r)
{
	return r->log.max - r->log.count;
}

static void change_voters(struct ha_replica_base *b, ha_hostset voters)
{
	if (voters == b->voters) {
		return;
	}
	b->voters_before = b->voters;
	b->voters = voters;
	b->changed = b->index;
}

static void apply_epoch(struct ha_replica_base *b, const struct ha_entry *e)
{
	ha_hostset outside;

	if (e->effect == HA_EFFECT_LOSS) {
		b->voters &= ~e->lost;
		b->down &= ~e->lost;
		b->broken &= ~e->lost;
		b->voters_before = b->voters;
		b->changed = b->index;
		b->rest = b->voters;
		memcpy(b->cluster_before, b->cluster, sizeof(b->cluster));
		memcpy(b->cluster, e->cluster, sizeof(b->cluster));
	}
	if (e->level != 0) {
		b->level = e->level;
	}
	b->down &= ~e->members;
	b->down |= b->broken & ~e->members;
	outside = ~e->members;
	while (outside != 0) {
		b->standing[ha_hostset_pop(&outside) - 1] = 0;
	}
}

static void apply_effect(struct ha_replica_base *b, const struct ha_entry *e)
{
	ha_hostset bit = ha_host_bit(e->host);

	switch ((enum ha_entry_effect)e->effect) {
	case HA_EFFECT_ADMIT:
		change_voters(b, b->voters | bit);
		b->down &= ~bit;
		b->broken &= ~bit;
		b->standing[e->host - 1] = e->index;
		return;
	case HA_EFFECT_DOWN:
		b->down |= bit & b->voters;
		b->standing[e->host - 1] = 0;
		return;
	case HA_EFFECT_BREAK:
		b->broken |= bit & b->voters;
		b->standing[e->host - 1] = 0;
		return;
	case HA_EFFECT_REMOVE:
		change_voters(b, b->voters & ~bit);
		b->down &= ~bit;
		b->broken &= ~bit;
		b->standing[e->host - 1] = 0;
		return;
	case HA_EFFECT_NONE:
	case HA_EFFECT_LOSS:
		return;
	}
}

void replica_base_apply(struct ha_replica_base *b, const struct ha_entry *e)
{
	assert(e->index == b->index + 1);
	b->index = e->index;
	b->epoch = e->epoch;
	if (e->kind == HA_ENTRY_EPOCH) {
		apply_epoch(b, e);
	} else if (e->effect != HA_EFFECT_NONE) {
		apply_effect(b, e);
	}
	if (!ha_hash_is_none(&e->body)) {
		b->body = e->body;
	}
}

void replica_log_append(struct ha_replica *r, const struct ha_entry *e)
{
	assert(r->log.count < r->log.max);
	assert(e->index == replica_log_last(r) + 1);
	assert(e->epoch >= r->cur.epoch);
	r->log.entries[r->log.count] = *e;
	r->log.count++;
	replica_base_apply(&r->cur, e);
}

void replica_log_fold(const struct ha_replica *r, uint64_t index,
		      struct ha_replica_base *ret_base)
{
	assert(index >= r->base.index);
	assert(index <= replica_log_last(r));
	*ret_base = r->base;
	while (ret_base->index < index) {
		replica_base_apply(ret_base,
				   replica_log_at(r, ret_base->index + 1));
	}
}

/* Drops what is held from `from` on; on disk it goes with the next entries. */
void replica_log_cut(struct ha_replica *r, uint64_t from)
{
	assert(from > r->commit);
	assert(from >= r->log.first);
	if (from > replica_log_last(r)) {
		return;
	}
	r->log.count = from - r->log.first;
	replica_log_fold(r, from - 1, &r->cur);
	if (r->requested >= from) {
		r->requested = from - 1;
	}
	if (r->durable >= from) {
		r->durable = from - 1;
	}
	for (uint32_t i = 0; i < r->flight_count; i++) {
		if (r->flights[i].last >= from) {
			r->flights[i].last = from - 1;
		}
	}
	if (r->meta.boot_index >= from) {
		r->meta.boot = 0;
		r->meta.boot_index = 0;
	}
}

/* The log becomes empty on top of `base`. */
void replica_log_reset(struct ha_replica *r,
		       const struct ha_replica_base *base)
{
	r->log.first = base->index + 1;
	r->log.count = 0;
	r->log.drop = 0;
	r->log.prev_epoch = base->epoch;
	r->base = *base;
	r->cur = *base;
}

/*
 * Forgets what the snapshot holds, but for a tail. Only at the start of a
 * step: outputs point into the log.
 */
void replica_log_drop(struct ha_replica *r)
{
	uint64_t keep = r->log.drop + 1;
	uint64_t gone;

	assert(r->log.drop <= r->base.index);
	r->log.drop = 0;
	if (keep <= r->log.first) {
		return;
	}
	gone = keep - r->log.first;
	assert(gone <= r->log.count);
	r->log.prev_epoch = r->log.entries[gone - 1].epoch;
	r->log.first = keep;
	r->log.count -= gone;
	memmove(r->log.entries, r->log.entries + gone,
		r->log.count * sizeof(r->log.entries[0]));
}
