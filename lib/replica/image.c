/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image.c - all that a replica remembers between two steps, as bytes and back.
 * Left out is only what one step gives out, which is drained before the next.
 */
#include "replica/rules.h"

#define T struct ha_entry
const struct ha_field ha_entry_fields[] = {
	HA_FIELD(T, epoch, UINT, 0),
	HA_FIELD(T, index, UINT, 0),
	HA_FIELD(T, kind, UINT, HA_ENTRY_FACT),
	HA_FIELD(T, effect, UINT, HA_EFFECT_LOSS),
	HA_FIELD(T, host, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, len, UINT, HA_ENTRY_DATA_MAX),
	HA_FIELD(T, members, UINT, 0),
	HA_FIELD(T, view, UINT, 0),
	HA_FIELD(T, level, UINT, 0),
	HA_FIELD(T, lost, UINT, 0),
	HA_FIELD(T, cluster, BYTES, 0),
	HA_FIELD(T, body, BYTES, 0),
	HA_FIELD(T, data, BYTES, 0),
	HA_FIELDS_END,
};
#undef T

#define T struct ha_replica_base
static const struct ha_field base_fields[] = {
	HA_FIELD(T, index, UINT, 0),
	HA_FIELD(T, epoch, UINT, 0),
	HA_FIELD(T, voters, UINT, 0),
	HA_FIELD(T, down, UINT, 0),
	HA_FIELD(T, broken, UINT, 0),
	HA_FIELDS(T, standing, UINT, 0),
	HA_FIELD(T, changed, UINT, 0),
	HA_FIELD(T, voters_before, UINT, 0),
	HA_FIELD(T, cluster, BYTES, 0),
	HA_FIELD(T, cluster_before, BYTES, 0),
	HA_FIELD(T, rest, UINT, 0),
	HA_FIELD(T, body, BYTES, 0),
	HA_FIELD(T, level, UINT, 0),
	HA_FIELDS_END,
};
#undef T

#define T struct ha_replica_meta
static const struct ha_field meta_fields[] = {
	HA_FIELD(T, promised, UINT, 0),
	HA_FIELD(T, commit, UINT, 0),
	HA_FIELDS(T, acked_epoch, UINT, 0),
	HA_FIELDS(T, acked_index, UINT, 0),
	HA_FIELD(T, boot, UINT, 0),
	HA_FIELD(T, boot_index, UINT, 0),
	HA_FIELD(T, cut, UINT, 0),
	HA_FIELD(T, suspect, UINT, 1),
	HA_FIELDS_END,
};
#undef T

#define T struct replica_peer
static const struct ha_field peer_fields[] = {
	HA_FIELD(T, heard, UINT, 1),
	HA_FIELD(T, empty, UINT, 1),
	HA_FIELD(T, unbroken, UINT, 1),
	HA_FIELD(T, passive, UINT, 1),
	HA_FIELD(T, mute, UINT, 1),
	HA_FIELD(T, suspect, UINT, 1),
	HA_FIELD(T, level_min, UINT, 0),
	HA_FIELD(T, level, UINT, 0),
	HA_FIELD(T, promised, UINT, 0),
	HA_FIELD(T, last_epoch, UINT, 0),
	HA_FIELD(T, last_index, UINT, 0),
	HA_FIELD(T, commit, UINT, 0),
	HA_FIELD(T, cut, UINT, 0),
	HA_PART(T, base, base_fields),
	HA_FIELD(T, match, UINT, 0),
	HA_FIELD(T, next, UINT, 0),
	HA_FIELD(T, lagging, UINT, 1),
	HA_FIELD(T, waiting, UINT, 1),
	HA_FIELD(T, stating, UINT, 1),
	HA_FIELD(T, served_at, INT, 0),
	HA_FIELDS_END,
};
#undef T

#define T struct replica_flight
static const struct ha_field flight_fields[] = {
	HA_FIELD(T, seq, UINT, 0),
	HA_FIELD(T, last, UINT, 0),
	HA_FIELD(T, promised, UINT, 0),
	HA_FIELD(T, boot, UINT, 0),
	HA_FIELD(T, suspect, UINT, 1),
	HA_FIELD(T, kind, UINT, HA_PERSIST_STATE),
	HA_FIELD(T, received, UINT, 1),
	HA_FIELDS_END,
};
#undef T

#define T struct replica_proposal
static const struct ha_field proposal_fields[] = {
	HA_FIELD(T, number, UINT, 0),
	HA_FIELD(T, proposer, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, members, UINT, 0),
	HA_FIELD(T, promised, UINT, 0),
	HA_FIELD(T, since, INT, 0),
	HA_FIELD(T, quiet, INT, 0),
	HA_FIELD(T, phase, UINT, REPLICA_OPEN),
	HA_FIELD(T, out, UINT, 1),
	HA_FIELD(T, sent, UINT, 1),
	HA_FIELD(T, bumped, UINT, 1),
	HA_FIELD(T, loss, UINT, 1),
	HA_FIELD(T, newest_commit, UINT, 0),
	HA_FIELD(T, small, UINT, 1),
	HA_FIELD(T, gave_up, UINT, 1),
	HA_FIELD(T, holder, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, newest_epoch, UINT, 0),
	HA_FIELD(T, newest_index, UINT, 0),
	HA_FIELD(T, opened, UINT, 0),
	HA_FIELD(T, entry, UINT, 0),
	HA_FIELD(T, proof, UINT, 0),
	HA_FIELD(T, matched, UINT, 0),
	HA_FIELD(T, acked, UINT, 0),
	HA_FIELD(T, fed, INT, 0),
	HA_FIELD(T, gap, UINT, 1),
	HA_FIELDS_END,
};
#undef T

#define T struct ha_replica
static const struct ha_field replica_fields[] = {
	HA_FIELD(T, params.self, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, params.boot, UINT, 0),
	HA_FIELD(T, params.token, INT, 0),
	HA_FIELD(T, params.passive, UINT, 1),
	HA_FIELD(T, params.level_min, UINT, 0),
	HA_FIELD(T, params.level, UINT, 0),
	HA_FIELD(T, params.log_max, UINT, HA_LOG_ENTRIES_MAX),
	HA_FIELD(T, loaded, UINT, 1),
	HA_FIELD(T, damaged, UINT, 1),
	HA_FIELD(T, mute, UINT, 1),
	HA_FIELD(T, now, INT, 0),
	HA_PART(T, meta, meta_fields),
	HA_FIELD(T, meta_due, UINT, 1),
	HA_FIELD(T, promised_durable, UINT, 0),
	HA_FIELD(T, boot_durable, UINT, 0),
	HA_FIELD(T, suspect_durable, UINT, 1),
	HA_PART(T, base, base_fields),
	HA_PART(T, cur, base_fields),
	HA_FIELD(T, requested, UINT, 0),
	HA_FIELD(T, durable, UINT, 0),
	HA_FIELD(T, commit, UINT, 0),
	HA_FIELD(T, emitted, UINT, 0),
	HA_PARTS(T, flights, flight_fields),
	HA_FIELD(T, flight_count, UINT, REPLICA_FLIGHTS),
	HA_FIELD(T, seq, UINT, 0),
	HA_FIELD(T, snap_flight, UINT, 1),
	HA_PART(T, snap_base, base_fields),
	HA_FIELD(T, install_wanted, UINT, 1),
	HA_FIELD(T, install_flight, UINT, 1),
	HA_PART(T, install_base, base_fields),
	HA_FIELD(T, view, UINT, 0),
	HA_FIELD(T, members, UINT, 0),
	HA_FIELD(T, configured, UINT, 0),
	HA_FIELD(T, view_since, INT, 0),
	HA_FIELD(T, heard_at, INT, 0),
	HA_FIELD(T, hello_due, UINT, 1),
	HA_FIELD(T, hello_at, INT, 0),
	HA_FIELD(T, latest, UINT, 0),
	HA_FIELD(T, proposed_at, INT, 0),
	HA_FIELD(T, proposed, UINT, 0),
	HA_FIELD(T, proposed_bump, UINT, 1),
	HA_FIELD(T, attempts, UINT, 0),
	HA_FIELD(T, late, UINT, 0),
	HA_PART(T, cur_epoch, proposal_fields),
	HA_FIELD(T, epoch.number, UINT, 0),
	HA_FIELD(T, epoch.view, UINT, 0),
	HA_FIELD(T, epoch.members, UINT, 0),
	HA_FIELD(T, epoch.coordinator, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, epoch.small, UINT, 1),
	HA_FIELD(T, lost, UINT, 0),
	HA_FIELD(T, loss_cluster, BYTES, 0),
	HA_FIELDS(T, seen_epoch, UINT, 0),
	HA_FIELDS(T, seen_index, UINT, 0),
	HA_PARTS(T, peers, peer_fields),
	HA_FIELD(T, beat_at, INT, 0),
	HA_FIELD(T, body_wanted, BYTES, 0),
	HA_FIELD(T, body_at, INT, 0),
	HA_FIELDS(T, bodies, BYTES, 0),
	HA_FIELD(T, body_next, UINT, REPLICA_BODIES - 1),
	HA_FIELD(T, bodies_since, UINT, 0),
	HA_FIELD(T, snap_bodies, UINT, 1),
	HA_FIELD(T, why, TEXT, 0),
	HA_FIELD(T, log.max, UINT, HA_LOG_ENTRIES_MAX),
	HA_FIELD(T, log.first, UINT, 0),
	HA_FIELD(T, log.count, UINT, HA_LOG_ENTRIES_MAX),
	HA_FIELD(T, log.prev_epoch, UINT, 0),
	HA_FIELD(T, log.drop, UINT, 0),
	/* Written beside, left out: log.entries */
	/* Of one step:
	 * left out: out out_head out_tail messages message_count persists
	 * persist_count notes note_count ret */
	HA_FIELDS_END,
};
#undef T

void ha_replica_save(const struct ha_replica *r, struct ha_buf *out)
{
	assert(r->out_head == r->out_tail);
	ha_fields_put(replica_fields, r, out);
	for (uint64_t i = 0; i < r->log.count; i++) {
		ha_fields_put(ha_entry_fields, &r->log.entries[i], out);
	}
}

bool ha_replica_restore(struct ha_replica *r, struct ha_fields_in *in)
{
	ha_fields_get(replica_fields, r, in);
	for (uint64_t i = 0; i < r->log.count && !in->bad; i++) {
		ha_fields_get(ha_entry_fields, &r->log.entries[i], in);
	}
	return !in->bad && r->params.self != HA_HOST_NONE &&
	       r->params.token > 0 && r->log.first > 0 &&
	       r->log.first <= UINT64_MAX - HA_LOG_ENTRIES_MAX &&
	       ha_replica_check(r) == NULL;
}
