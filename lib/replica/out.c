/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * out.c - the outputs of a step, in order. Runs of commits are kept as ranges
 * and told one entry at a time.
 */
#include <stdarg.h>
#include <stdio.h>

#include "replica/rules.h"

static struct replica_out *add_out(struct ha_replica *r,
				   enum ha_rout_kind kind)
{
	struct replica_out *o;

	assert(r->out_tail < REPLICA_OUTPUTS);
	o = &r->out[r->out_tail++];
	memset(o, 0, sizeof(*o));
	o->kind = kind;
	return o;
}

/* Leaves room for what a step sends at most besides handing out. */
bool replica_out_busy(const struct ha_replica *r)
{
	return r->message_count + 64 > REPLICA_MESSAGES ||
	       r->out_tail + 96 > REPLICA_OUTPUTS;
}

static struct ha_rmsg *add_message(struct ha_replica *r, enum ha_rmsg_kind kind,
				   enum ha_rout_kind out)
{
	struct ha_rmsg *m;

	assert(r->message_count < REPLICA_MESSAGES);
	add_out(r, out)->slot = r->message_count;
	m = &r->messages[r->message_count++];
	memset(m, 0, sizeof(*m));
	m->kind = kind;
	m->from = r->params.self;
	m->view = r->view;
	if (kind != HA_RMSG_HELLO) {
		m->epoch = r->cur_epoch.number;
	}
	m->commit = r->commit;
	return m;
}

struct ha_rmsg *replica_out_send(struct ha_replica *r, enum ha_rmsg_kind kind)
{
	return add_message(r, kind, HA_ROUT_SEND);
}

void replica_out_send_state(struct ha_replica *r, ha_hostset to)
{
	struct ha_rmsg *m = add_message(r, HA_RMSG_SNAPSHOT,
					HA_ROUT_SEND_STATE);

	m->to = to;
	replica_log_fold(r, r->emitted, &m->base);
	m->last_index = m->base.index;
	m->last_epoch = m->base.epoch;
}

void replica_out_plain(struct ha_replica *r, enum ha_rout_kind kind)
{
	add_out(r, kind);
}

void replica_out_body(struct ha_replica *r, const struct ha_hash *body)
{
	add_out(r, HA_ROUT_WANT_BODY)->body = *body;
}

void replica_note(struct ha_replica *r, const char *fmt, ...)
{
	va_list ap;
	char *text;

	assert(r->note_count < REPLICA_NOTES);
	text = r->notes[r->note_count];
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(r->notes[0]), fmt, ap); /* may be cut */
	va_end(ap);
	add_out(r, HA_ROUT_NOTE)->slot = r->note_count++;
}

/* What waits for its body cannot be applied here, also when it is on the disk
 * and the others have committed it: of a log that was read, the shell need not
 * hold every body at once. */
static bool can_apply(const struct ha_replica *r, uint64_t index)
{
	return replica_body_held(r, &replica_log_at(r, index)->body);
}

/* Gives out what is committed and not yet given out. */
void replica_out_commits(struct ha_replica *r)
{
	uint64_t to = r->emitted;
	struct replica_out *o;

	if (r->install_flight) {
		return;
	}
	while (to < r->commit && can_apply(r, to + 1)) {
		to++;
		if (!ha_hash_is_none(&replica_log_at(r, to)->body)) {
			r->bodies_since++;
		}
	}
	if (to == r->emitted) {
		return;
	}
	o = add_out(r, HA_ROUT_COMMIT);
	o->from = r->emitted + 1;
	o->to = to;
	r->emitted = to;
}

static void fill_ret(struct ha_replica *r, const struct replica_out *o)
{
	memset(&r->ret, 0, sizeof(r->ret));
	r->ret.kind = o->kind;
	switch (o->kind) {
	case HA_ROUT_SEND:
	case HA_ROUT_SEND_STATE:
		r->ret.msg = &r->messages[o->slot];
		return;
	case HA_ROUT_PERSIST:
		r->ret.persist = &r->persists[o->slot];
		return;
	case HA_ROUT_OPEN:
		r->ret.epoch = &r->epoch;
		return;
	case HA_ROUT_COMMIT:
		r->ret.entry = replica_log_at(r, o->from);
		return;
	case HA_ROUT_WANT_BODY:
		r->ret.body = o->body;
		return;
	case HA_ROUT_NOTE:
		r->ret.note = r->notes[o->slot];
		return;
	case HA_ROUT_CLOSED:
	case HA_ROUT_INSTALL:
		return;
	}
}

const struct ha_rout *ha_replica_next(struct ha_replica *r)
{
	struct replica_out *o;

	if (r->out_head == r->out_tail) {
		r->out_head = r->out_tail = 0;
		r->message_count = r->persist_count = r->note_count = 0;
		return NULL;
	}
	o = &r->out[r->out_head];
	fill_ret(r, o);
	if (o->kind == HA_ROUT_COMMIT && o->from < o->to) {
		o->from++;
	} else {
		r->out_head++;
	}
	return &r->ret;
}
