/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hosts: they start, step their replica, act on what it puts out, and stop
 * between any two of these.
 */
#include "world.h"

void push_input(struct world *w, struct node *n,
		       const struct input *in)
{
	if (n->in_tail - n->in_head >= INBOX) {
		fail(w, "inbox of host %u overflows", n->id);
		return;
	}
	n->inbox[n->in_tail++ % INBOX] = *in;
}

void stop_node(struct world *w, struct node *n, bool power)
{
	if (!n->up) {
		return;
	}
	trace(w, "host %u: %s", n->id, power ? "power cut" : "hacd stops");
	lose_writes(w, n, power);
	n->up = false;
	n->hung = false;
	n->r = NULL;
	n->in_head = n->in_tail = 0;
	if (power) {
		n->boot = 0;
	}
	reform_soon(w);
}

void start_node(struct world *w, struct node *n)
{
	struct ha_replica_params p = { .self = n->id, .token = TOKEN,
				       .log_max = 64 };
	struct ha_rev ev = { .kind = HA_REV_LOADED, .now = w->now };

	if (n->boot == 0) {
		n->boot = ++w->boots;
	}
	p.boot = n->boot;
	n->up = true;
	n->view = NULL;
	n->snapshot = NULL;
	n->may_leave = false;
	memset(&n->want, 0, sizeof(n->want));
	n->app = n->disk.app;
	n->next_app = w->now + HA_MS(below(w, 200));
	memset(n->mem, 0, ha_replica_size());
	n->r = ha_replica_init(n->mem, &p);
	ev.loaded.damaged = n->disk.damaged;
	ev.loaded.base = n->disk.base;
	ev.loaded.meta = n->disk.meta;
	ev.loaded.entries = n->disk.entries;
	ev.loaded.entry_count = n->disk.count;
	trace(w, "host %u: starts, boot %llu, base %llu, %zu entries, "
	      "promised %llx%s", n->id, (unsigned long long)n->boot,
	      (unsigned long long)n->disk.base.index, n->disk.count,
	      (unsigned long long)n->disk.meta.promised,
	      n->disk.meta.suspect ? ", suspect" : "");
	reform_soon(w);
	run_step(w, n, &ev);
}

static void do_send(struct world *w, struct node *n, const struct ha_rmsg *m,
		    bool state)
{
	struct message *c;
	struct view *v = n->view;
	struct ha_entry *e;

	if (v == NULL || m->view != v->id) {
		return;
	}
	c = keep(w, sizeof(*c));
	c->m = *m;
	if (m->entry_count > 0) {
		e = keep(w, m->entry_count * sizeof(*e));
		memcpy(e, m->entries, m->entry_count * sizeof(*e));
		c->m.entries = e;
	}
	if (state) {
		c->app = n->app;
		if (n->app.index != m->base.index) {
			fail(w, "host %u: state at %llu sent as of %llu",
			     n->id, (unsigned long long)n->app.index,
			     (unsigned long long)m->base.index);
		}
	}
	if (v->count == v->room) {
		struct message **more;

		v->room = v->room * 2 + 64;
		more = keep(w, v->room * sizeof(*more));
		if (v->count > 0) {
			memcpy(more, v->log, v->count * sizeof(*more));
		}
		v->log = more;
	}
	v->log[v->count++] = c;
	if (m->kind != HA_RMSG_BEAT) {
		static const char *const names[] = { "?", "HELLO", "PROPOSE",
			"PROMISE", "APPEND", "ACK", "BEAT", "SNAPSHOT",
			"FETCH" };

		trace(w, "host %u: sends %s epoch %llx last %llx/%llu commit "
		      "%llu n %zu to %llx members %llx%s%s%s", n->id,
		      names[m->kind], (unsigned long long)m->epoch,
		      (unsigned long long)m->last_epoch,
		      (unsigned long long)m->last_index,
		      (unsigned long long)m->commit, m->entry_count,
		      (unsigned long long)m->to,
		      (unsigned long long)m->members,
		      m->empty ? " empty" : "",
		      m->unbroken ? " unbroken" : "",
		      m->meta.suspect ? " suspect" : "");
	}
}

static unsigned body_number(const struct ha_hash *h)
{
	return h->b[0] % 64;
}

static void do_output(struct world *w, struct node *n, const struct ha_rout *o)
{
	switch (o->kind) {
	case HA_ROUT_SEND:
	case HA_ROUT_SEND_STATE:
		do_send(w, n, o->msg, o->kind == HA_ROUT_SEND_STATE);
		return;
	case HA_ROUT_PERSIST:
		do_persist(w, n, o->persist);
		return;
	case HA_ROUT_OPEN:
		trace(w, "host %u: epoch %llx open, coordinator %u members "
		      "%llx%s", n->id, (unsigned long long)o->epoch->number,
		      o->epoch->coordinator,
		      (unsigned long long)o->epoch->members,
		      o->epoch->small ? " small" : "");
		check_epoch(w, n, o->epoch);
		return;
	case HA_ROUT_CLOSED:
		trace(w, "host %u: closed", n->id);
		return;
	case HA_ROUT_COMMIT:
		do_commit(w, n, o->entry);
		return;
	case HA_ROUT_INSTALL:
		do_install(w, n);
		return;
	case HA_ROUT_WANT_BODY:
		n->want = o->body;
		n->want_at = w->now + HA_MS(below(w, 800));
		if (n->bodies_lo >> body_number(&o->body) & 1) {
			n->want_at = w->now;
		}
		return;
	case HA_ROUT_NOTE:
		trace(w, "host %u: note: %s", n->id, o->note);
		return;
	}
}

/* Acts on the outputs; power may go between any two. */
bool drain(struct world *w, struct node *n)
{
	const struct ha_rout *o;
	const char *broken;

	while ((o = ha_replica_next(n->r)) != NULL) {
		do_output(w, n, o);
		if (!w->calm && w->crash_odds != 0 &&
		    below(w, w->crash_odds) == 0) {
			stop_node(w, n, below(w, 3) != 0);
			return false;
		}
	}
	broken = ha_replica_check(n->r);
	if (broken != NULL) {
		fail(w, "host %u: %s", n->id, broken);
	}
	return true;
}

void run_step(struct world *w, struct node *n, const struct ha_rev *ev)
{
	w->steps++;
	ha_replica_step(n->r, ev);
	if (drain(w, n)) {
		ha_replica_applied(n->r);
		(void)drain(w, n);
	}
}

static void take_input(struct world *w, struct node *n)
{
	struct input in = n->inbox[n->in_head++ % INBOX];
	struct ha_rev ev = { .now = w->now };

	switch (in.kind) {
	case IN_VIEW:
		ev.kind = HA_REV_VIEW;
		ev.view.id = in.id;
		ev.view.members = in.members;
		break;
	case IN_MESSAGE:
		ev.kind = HA_REV_MESSAGE;
		ev.message = &in.msg->m;
		if (in.msg->m.kind == HA_RMSG_SNAPSHOT &&
		    ha_host_in(in.msg->m.to, n->id)) {
			n->snapshot = in.msg;
		}
		break;
	case IN_PERSISTED:
		ev.kind = HA_REV_PERSISTED;
		ev.persisted.seq = in.id;
		ev.persisted.ok = in.ok;
		break;
	case IN_BODY:
		ev.kind = HA_REV_BODY;
		ev.body = in.body;
		break;
	}
	run_step(w, n, &ev);
}

static void finish_body(struct world *w, struct node *n)
{
	unsigned number = body_number(&n->want);
	struct input in = { .kind = IN_BODY, .body = n->want };
	bool held = n->bodies_lo >> number & 1;

	for (unsigned i = 0; i < w->n && n->view != NULL; i++) {
		const struct node *o = &w->node[i];

		held |= o->up && o->view == n->view &&
			(o->bodies_lo >> number & 1);
	}
	memset(&n->want, 0, sizeof(n->want));
	if (held) {
		n->bodies_lo |= (uint64_t)1 << number;
		push_input(w, n, &in);
	}
}

ha_time node_due(const struct world *w, const struct node *n)
{
	ha_time at = HA_TIME_NEVER;

	if (!n->up) {
		return at;
	}
	if (n->write_count > 0) {
		at = n->writes[0].done;
	}
	if (!ha_hash_is_none(&n->want)) {
		at = ha_time_min(at, n->want_at);
	}
	if (n->view != NULL && n->delivered < n->view->count) {
		at = ha_time_min(at, n->next_delivery);
	}
	if (n->hung) {
		return ha_time_min(at, n->hung_until);
	}
	if (n->in_head != n->in_tail) {
		return w->now;
	}
	at = ha_time_min(at, n->next_app);
	return ha_time_min(at, ha_replica_deadline(n->r));
}

static void deliver_one(struct world *w, struct node *n)
{
	struct input in = { .kind = IN_MESSAGE,
			    .msg = n->view->log[n->delivered++] };

	push_input(w, n, &in);
	n->next_delivery = w->now + (ha_dur)below(w, 3000);
}

void run_node(struct world *w, struct node *n)
{
	struct ha_rev tick = { .kind = HA_REV_TICK, .now = w->now };

	if (n->write_count > 0 && n->writes[0].done <= w->now) {
		finish_write(w, n);
	} else if (!ha_hash_is_none(&n->want) && n->want_at <= w->now) {
		finish_body(w, n);
	} else if (n->view != NULL && n->delivered < n->view->count &&
		   n->next_delivery <= w->now) {
		deliver_one(w, n);
	} else if (n->hung) {
		n->hung = n->hung_until > w->now;
	} else if (n->in_head != n->in_tail) {
		take_input(w, n);
	} else if (n->next_app <= w->now) {
		run_app(w, n);
	} else {
		run_step(w, n, &tick);
	}
}
