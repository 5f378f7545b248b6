/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check.c - invariants of the replica's memory. Of a long log only the ends
 * are looked at: this runs after every step, in production too.
 */
#include "replica/level.h"
#include "replica/rules.h"

#define CHECK_ENTRIES 24u

static const char *check_order(const struct ha_replica *r)
{
	uint64_t last = replica_log_last(r);

	if (r->log.count > r->log.max) {
		return "replica: more entries than there is room";
	}
	if (r->log.first > r->base.index + 1 || r->base.index > last) {
		return "replica: the log does not meet the snapshot";
	}
	if (r->cur.index != last || r->cur.epoch != replica_log_epoch(r, last)) {
		return "replica: the base at the end is not that of the log";
	}
	if (r->durable > r->requested || r->requested > last ||
	    r->durable < r->base.index) {
		return "replica: durable, requested, last are out of order";
	}
	if (r->commit > last || r->commit < r->base.index ||
	    r->emitted > r->commit) {
		return "replica: emitted, committed, last are out of order";
	}
	if (!r->install_flight && r->emitted < r->base.index) {
		return "replica: commits were left out";
	}
	return NULL;
}

static const char *check_entries(const struct ha_replica *r, uint64_t from,
				 uint64_t to)
{
	for (uint64_t i = from; i <= to; i++) {
		const struct ha_entry *e = replica_log_at(r, i);

		if (e->index != i) {
			return "replica: a gap in the log";
		}
		if (e->epoch < replica_log_epoch(r, i - 1)) {
			return "replica: epochs go back in the log";
		}
		if (e->kind == HA_ENTRY_EPOCH &&
		    !ha_host_in(e->members, e->host)) {
			return "replica: a coordinator outside of its epoch";
		}
	}
	return NULL;
}

static const char *check_base(const struct ha_replica_base *b)
{
	if (((b->down | b->broken) & ~b->voters) != 0) {
		return "replica: a host is down or broken that has no vote";
	}
	if (b->changed > b->index) {
		return "replica: voters changed later than the end";
	}
	if (replica_is_empty(b) && (b->voters != 0 || b->index != 0)) {
		return "replica: an empty store with voters";
	}
	return NULL;
}

static const char *check_epoch(const struct ha_replica *r)
{
	const struct replica_proposal *c = &r->cur_epoch;

	if (r->epoch.number != 0 &&
	    (r->epoch.number != c->number || c->out || r->mute ||
	     r->epoch.view != r->view || r->members == 0)) {
		return "replica: an epoch is open that is not the current one";
	}
	if (r->epoch.number != 0 && !replica_level_is_spoken(r, &r->cur)) {
		return "replica: an epoch is open of a level that is not spoken";
	}
	if (!c->out && c->number > r->meta.promised) {
		return "replica: takes part without a promise";
	}
	if (r->mute && c->number != 0 && !c->out) {
		return "replica: takes part with a disk that failed";
	}
	if (c->sent && !c->out && r->promised_durable < c->number) {
		return "replica: a promise was sent that is not durable";
	}
	if (r->cur.epoch > r->meta.promised &&
	    !replica_is_empty(&r->base)) {
		return "replica: holds an epoch that it did not promise";
	}
	if (c->acked > r->durable && !r->install_flight) {
		return "replica: acknowledged what is not durable";
	}
	return NULL;
}

const char *ha_replica_check(const struct ha_replica *r)
{
	uint64_t last = replica_log_last(r);
	uint64_t head = r->log.first + CHECK_ENTRIES;
	uint64_t tail = last > CHECK_ENTRIES ? last - CHECK_ENTRIES : 1;
	const char *broken = check_order(r);

	if (broken == NULL) {
		broken = check_entries(r, r->log.first,
				       head < last ? head : last);
	}
	if (broken == NULL) {
		broken = check_entries(r, tail > r->log.first ? tail :
				       r->log.first, last);
	}
	if (broken == NULL) {
		broken = check_base(&r->cur);
	}
	return broken != NULL ? broken : check_epoch(r);
}
