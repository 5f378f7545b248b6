/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the core and its replica: events go in, what comes out becomes
 * actions, or changes the committed state.
 */
#include "core/rules.h"

#include "core/state_apply.h"

static const struct ha_entry *copy_entries(struct ha_core *c,
					   const struct ha_entry *from,
					   size_t count)
{
	struct ha_entry *to = &c->entries[c->entry_count];

	if (count == 0) {
		return NULL;
	}
	assert(c->entry_count + count <= 4 * HA_LOG_ENTRIES_MAX);
	memcpy(to, from, count * sizeof(*to));
	c->entry_count += count;
	return to;
}

static void send_rmsg(struct ha_core *c, const struct ha_rmsg *rmsg)
{
	struct ha_msg *m = out_msg(c, HA_MSG_REPLICA);

	m->epoch = 0;
	m->replica = *rmsg;
	m->replica.entries =
		copy_entries(c, rmsg->entries, rmsg->entry_count);
}

/* The state as it is at this place of the step: it goes on changing before the
 * shell executes the actions. */
static const struct ha_state *give_state(struct ha_core *c)
{
	struct ha_state *copy;

	if (c->copy_count > 0 &&
	    c->copies[c->copy_count - 1]->index == c->state->index) {
		return c->copies[c->copy_count - 1];
	}
	assert(c->copy_count < COPIES_MAX);
	copy = c->copies[c->copy_count++];
	memcpy(copy, c->state, ha_state_size(c->state->vm_count));
	return copy;
}

static void send_state(struct ha_core *c, const struct ha_rmsg *header)
{
	struct ha_msg *m = out_msg(c, HA_MSG_STATE);

	m->epoch = 0;
	m->state.header = *header;
	m->state.state = give_state(c);
}

static void persist(struct ha_core *c, const struct ha_persist *op)
{
	struct ha_action *a = out_action(c, HA_ACT_PERSIST);
	struct ha_persist *copy;

	assert(c->persist_count < OUT_MSGS_MAX);
	copy = &c->persists[c->persist_count++];
	*copy = *op;
	copy->entries = copy_entries(c, op->entries, op->entry_count);
	a->persist.op = copy;
	if (op->kind == HA_PERSIST_STATE) {
		a->persist.state = op->received ? c->incoming : give_state(c);
		c->incoming_busy = c->incoming_busy || op->received;
	}
}

static void commit(struct ha_core *c, const struct ha_entry *entry)
{
	struct ha_fact f = ha_entry_fact(entry);
	const struct ha_config *config = c->config;

	if (f.kind == HA_FACT_CONFIG) {
		config = staged_config(c, &f.hash);
		assert(config); /* the replica waits for the body */
	}
	note_committed(c, entry);
	ha_state_apply(c->state, entry, config);
	if (f.kind == HA_FACT_CONFIG) {
		soft_sync(c);
		if (is_behind(c)) {
			/* what others said of its VMs before was not heard */
			c->missed_epoch = c->epoch.number;
			c->want_host_msg = true;
		}
	}
	fact_trace(c, entry, &f);
	if (entry->kind == HA_ENTRY_FACT) {
		member_fact(c, &f);
		fence_fact(c, &f);
		command_fact(c, &f);
	}
}

static void install(struct ha_core *c)
{
	struct ha_state *old = c->state;

	c->state = c->incoming;
	c->incoming = old;
	c->incoming_busy = false;
	soft_sync(c);
}

static void open_epoch(struct ha_core *c, const struct ha_epoch *epoch)
{
	struct ha_trace t = about_cluster(HA_TRACE_NOTICE);

	if (c->epoch.number == epoch->number) {
		/* its coordinator was silent for a while; the others, for whom
		 * it went on, are to say again what is forgotten here */
		c->missed_epoch = epoch->number;
	}
	c->open = true;
	c->epoch = *epoch;
	c->opened_at = c->now;
	if (c->first_open_at == 0) {
		c->first_open_at = c->now;
	}
	soft_new_epoch(c);
	command_new_epoch(c);
	fence_new_epoch(c);
	out_trace(c, &t, "epoch %llu: open, coordinator %s, %u members%s",
		  (unsigned long long)epoch->number,
		  host_name(c, epoch->coordinator),
		  ha_hostset_count(epoch->members),
		  epoch->small ? ", exactly half of the hosts" : "");
}

static void close_epoch(struct ha_core *c)
{
	struct ha_trace t = about_cluster(HA_TRACE_NOTICE);

	if (c->open) {
		out_trace(c, &t, "epoch %llu: closed -> nothing is decided "
			  "until the next",
			  (unsigned long long)c->epoch.number);
		c->closed_at = c->now;
	}
	c->open = false;
	c->batch.count = 0;
}

static void ask_body(struct ha_core *c, const struct ha_hash *hash)
{
	const struct ha_config *held = staged_config(c, hash);

	if (held) {
		c->body_ready = *hash; /* told after this drain */
	} else {
		out_msg(c, HA_MSG_WANT_BODY)->body = *hash;
	}
}

static void drain_one(struct ha_core *c, const struct ha_rout *out)
{
	struct ha_trace t = about_cluster(HA_TRACE_INFO);
	char note[HA_TEXT_MAX + 1];

	switch (out->kind) {
	case HA_ROUT_SEND:
		send_rmsg(c, out->msg);
		break;
	case HA_ROUT_PERSIST:
		persist(c, out->persist);
		break;
	case HA_ROUT_OPEN:
		open_epoch(c, out->epoch);
		break;
	case HA_ROUT_CLOSED:
		close_epoch(c);
		break;
	case HA_ROUT_COMMIT:
		commit(c, out->entry);
		break;
	case HA_ROUT_SEND_STATE:
		send_state(c, out->msg);
		break;
	case HA_ROUT_INSTALL:
		install(c);
		break;
	case HA_ROUT_WANT_BODY:
		ask_body(c, &out->body);
		break;
	case HA_ROUT_NOTE:
		name_hosts(c, out->note, note, sizeof(note));
		out_trace(c, &t, "replica: %s", note);
		break;
	}
}

static void drain_all(struct ha_core *c)
{
	const struct ha_rout *out;

	for (;;) {
		struct ha_rev ev = { .kind = HA_REV_BODY, .now = c->now };

		while ((out = ha_replica_next(c->replica)) != NULL) {
			drain_one(c, out);
		}
		if (ha_hash_is_none(&c->body_ready)) {
			return;
		}
		ev.body = c->body_ready;
		memset(&c->body_ready, 0, sizeof(c->body_ready));
		ha_replica_step(c->replica, &ev);
	}
}

void engine_drain(struct ha_core *c)
{
	uint64_t applied = c->state->index;

	drain_all(c);
	if (c->state->index != applied) {
		ha_replica_applied(c->replica);
		drain_all(c);
	}
}

void engine_event(struct ha_core *c, const struct ha_rev *ev)
{
	ha_replica_step(c->replica, ev);
	engine_drain(c);
}
