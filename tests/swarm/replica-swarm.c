/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replica-swarm - seeded schedules against lib/replica alone.
 *
 * usage: replica-swarm [--seeds A-B] [--trace]
 *
 * A world of 1 to 7 hosts with views as totem gives them (who goes on together
 * has delivered the same; who is cut off a shorter or longer prefix), disks
 * that lose and tear what was not synced, power cuts, hangs, partitions, a
 * tie-breaker, re-installed and rolled-back stores. The oracle knows all that
 * was ever committed: it must be the same everywhere, for ever. At the end
 * everything heals, and a proposal must commit. Exit status 1 on a failure.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rand.h"
#include "replica/replica.h"

#define NODES 7
#define COMMITS 20000
#define TOKEN HA_S(1)
#define SAFETY HA_S(60)
#define HEAL HA_S(180)

enum toy { TOY_VALUE = 1, TOY_ADMIT, TOY_DOWN, TOY_REMOVE };

struct toy_data {
	uint64_t kind;
	uint64_t value; /* or the boot admitted */
};

struct app { /* the toy state machine */
	uint64_t index;
	uint64_t hash;
	uint64_t boots[NODES]; /* admitted */
};

struct store {
	bool damaged;
	struct ha_replica_base base;
	struct ha_replica_meta meta;
	struct app app; /* of the snapshot */
	struct ha_entry entries[HA_LOG_ENTRIES_MAX / 8];
	size_t count;
};

struct write {
	struct ha_persist op;
	struct ha_entry *entries; /* owned by the arena */
	struct app app;
	ha_time done;
};

struct message {
	struct ha_rmsg m;
	struct app app; /* SNAPSHOT */
};

struct view {
	uint64_t id;
	ha_hostset members;
	struct message **log; /* in delivery order */
	size_t count, room;
};

enum input_kind { IN_VIEW, IN_MESSAGE, IN_PERSISTED, IN_BODY };

struct input {
	enum input_kind kind;
	uint64_t id; /* view or seq */
	ha_hostset members;
	bool ok;
	const struct message *msg;
	struct ha_hash body;
};

struct node {
	ha_hostid id;
	bool up, hung;
	ha_time hung_until;
	uint64_t boot;
	unsigned group;
	void *mem;
	struct ha_replica *r;
	struct app app;
	const struct message *snapshot; /* last received */
	struct store disk;
	struct store old; /* an earlier image */
	bool have_old;
	struct write writes[64];
	size_t write_count;
	bool disk_ok;
	struct view *view;
	size_t delivered; /* of view->log */
	ha_time next_delivery;
	struct input inbox[4096];
	size_t in_head, in_tail;
	ha_hostset bodies_lo; /* bit per body number 0..63, durable */
	struct ha_hash want;
	ha_time want_at;
	ha_time next_app;
};

struct world {
	uint64_t seed;
	struct ha_rand rand;
	ha_time now;
	unsigned n;
	struct node node[NODES];
	uint64_t view_ids;
	ha_time reform_at;
	ha_hostid tie;
	bool calm;
	unsigned crash_odds;
	uint64_t boots, values;
	struct { uint64_t epoch, hash; } commits[COMMITS];
	uint64_t commit_max;
	uint64_t acked; /* values acknowledged */
	struct { uint64_t number; ha_hostid by; uint64_t view; } epochs[4096];
	size_t epoch_count;
	void **arena;
	size_t arena_count, arena_room;
	bool failed;
	uint64_t steps, opens, smalls, installs, snaps;
};

static bool arg_trace;

static void *keep(struct world *w, size_t size)
{
	void *p = calloc(1, size);

	if (w->arena_count == w->arena_room) {
		w->arena_room = w->arena_room * 2 + 256;
		w->arena = realloc(w->arena,
				   w->arena_room * sizeof(*w->arena));
	}
	if (p == NULL || w->arena == NULL) {
		abort();
	}
	w->arena[w->arena_count++] = p;
	return p;
}

__attribute__((format(printf, 2, 3)))
static void trace(const struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (!arg_trace) {
		return;
	}
	printf("%9.3f ", (double)w->now / 1e6);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

__attribute__((format(printf, 2, 3)))
static void fail(struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (w->failed) {
		return;
	}
	w->failed = true;
	printf("seed %llu: %.3f: ", (unsigned long long)w->seed,
	       (double)w->now / 1e6);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

static uint64_t below(struct world *w, uint64_t n)
{
	return ha_rand_below(&w->rand, n);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	struct ha_rand r = { a * 31 + b };

	return ha_rand_u64(&r);
}

static uint64_t entry_hash(const struct ha_entry *e)
{
	struct toy_data d;
	uint64_t h = mix(e->kind, e->epoch);

	memcpy(&d, e->data, sizeof(d));
	h = mix(h, e->effect);
	h = mix(h, e->host);
	h = mix(h, e->members);
	h = mix(h, d.kind);
	return mix(h, d.value);
}

static void push_input(struct world *w, struct node *n,
		       const struct input *in)
{
	if (n->in_tail - n->in_head >= 4096) {
		fail(w, "inbox of host %u overflows", n->id);
		return;
	}
	n->inbox[n->in_tail++ % 4096] = *in;
}

/* --- disk --- */

static void apply_entries(struct store *s, const struct write *wr, size_t count)
{
	uint64_t from = wr->op.entries[0].index;

	if (from > s->base.index + s->count + 1) {
		abort(); /* the replica left a hole on its disk */
	}
	s->count = from - s->base.index - 1;
	for (size_t i = 0; i < count; i++) {
		s->entries[s->count++] = wr->op.entries[i];
	}
}

static void apply_state(struct store *s, const struct write *wr)
{
	const struct ha_replica_base *b = &wr->op.base;

	if (wr->op.received) {
		s->count = 0;
	} else {
		uint64_t gone = b->index - s->base.index;

		memmove(s->entries, s->entries + gone,
			(s->count - gone) * sizeof(s->entries[0]));
		s->count -= gone;
	}
	s->base = *b;
	s->app = wr->app;
	s->damaged = false;
}

static void apply_write(struct store *s, const struct write *wr)
{
	s->meta = wr->op.meta;
	switch (wr->op.kind) {
	case HA_PERSIST_META:
		return;
	case HA_PERSIST_ENTRIES:
		apply_entries(s, wr, wr->op.entry_count);
		return;
	case HA_PERSIST_STATE:
		apply_state(s, wr);
		return;
	}
}

/* What was not synced is lost, or torn. */
static void lose_writes(struct world *w, struct node *n, bool power)
{
	size_t whole = below(w, n->write_count + 1);

	for (size_t i = 0; i < whole; i++) {
		apply_write(&n->disk, &n->writes[i]);
	}
	if (power && whole < n->write_count &&
	    n->writes[whole].op.kind == HA_PERSIST_ENTRIES) {
		const struct write *wr = &n->writes[whole];

		switch (below(w, 3)) {
		case 0:
			n->disk.meta = wr->op.meta;
			break;
		case 1:
			n->disk.meta = wr->op.meta;
			apply_entries(&n->disk, wr,
				      below(w, wr->op.entry_count + 1));
			break;
		default:
			break;
		}
	}
	n->write_count = 0;
}

/* --- power --- */

static void reform_soon(struct world *w)
{
	ha_time at = w->now + HA_MS(20 + below(w, 400));

	w->reform_at = ha_time_min(w->reform_at, at);
}

static void stop_node(struct world *w, struct node *n, bool power)
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

static void run_step(struct world *w, struct node *n, const struct ha_rev *ev);

static void start_node(struct world *w, struct node *n)
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

/* --- outputs --- */

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

static void do_persist(struct world *w, struct node *n,
		       const struct ha_persist *p)
{
	struct write *wr;
	ha_time from;

	if (n->write_count == 64) {
		fail(w, "host %u: too many writes in flight", n->id);
		return;
	}
	wr = &n->writes[n->write_count];
	memset(wr, 0, sizeof(*wr));
	wr->op = *p;
	if (p->entry_count > 0) {
		wr->entries = keep(w, p->entry_count * sizeof(*wr->entries));
		memcpy(wr->entries, p->entries,
		       p->entry_count * sizeof(*wr->entries));
		wr->op.entries = wr->entries;
	}
	if (p->kind == HA_PERSIST_STATE) {
		wr->app = p->received ? n->snapshot->app : n->app;
		w->snaps++;
		if (wr->app.index != p->base.index) {
			fail(w, "host %u: state at %llu kept as of %llu",
			     n->id, (unsigned long long)wr->app.index,
			     (unsigned long long)p->base.index);
		}
	}
	from = n->write_count > 0 ? n->writes[n->write_count - 1].done : w->now;
	wr->done = from + HA_MS(1 + below(w, below(w, 30) == 0 ? 1500 : 15));
	n->write_count++;
}

static void check_epoch(struct world *w, struct node *n,
			const struct ha_epoch *e)
{
	for (size_t i = 0; i < w->epoch_count; i++) {
		if (w->epochs[i].number == e->number) {
			if (w->epochs[i].by != e->coordinator ||
			    w->epochs[i].view != e->view) {
				fail(w, "host %u: epoch %llx is used twice",
				     n->id, (unsigned long long)e->number);
			}
			return;
		}
	}
	if (w->epoch_count < 4096) {
		w->epochs[w->epoch_count].number = e->number;
		w->epochs[w->epoch_count].by = e->coordinator;
		w->epochs[w->epoch_count++].view = e->view;
	}
	w->opens++;
	w->smalls += e->small;
}

static void do_commit(struct world *w, struct node *n,
		      const struct ha_entry *e)
{
	uint64_t hash = entry_hash(e);
	struct toy_data d;

	if (e->index != n->app.index + 1 || e->index >= COMMITS) {
		fail(w, "host %u: commits %llu after %llu", n->id,
		     (unsigned long long)e->index,
		     (unsigned long long)n->app.index);
		return;
	}
	memcpy(&d, e->data, sizeof(d));
	n->app.index = e->index;
	n->app.hash = mix(n->app.hash, hash);
	if (d.kind == TOY_ADMIT) {
		n->app.boots[e->host - 1] = d.value;
	}
	if (e->index > w->commit_max) {
		if (e->index != w->commit_max + 1) {
			fail(w, "host %u: commits leave a hole", n->id);
			return;
		}
		w->commit_max = e->index;
		w->commits[e->index].epoch = e->epoch;
		w->commits[e->index].hash = n->app.hash;
		trace(w, "host %u: first to commit %llx/%llu kind %u effect "
		      "%u host %u", n->id, (unsigned long long)e->epoch,
		      (unsigned long long)e->index, e->kind, e->effect,
		      e->host);
	} else if (w->commits[e->index].hash != n->app.hash) {
		fail(w, "host %u: commits %llx/%llu where %llx was committed",
		     n->id, (unsigned long long)e->epoch,
		     (unsigned long long)e->index,
		     (unsigned long long)w->commits[e->index].epoch);
	}
}

static void do_install(struct world *w, struct node *n)
{
	w->installs++;
	n->app = n->snapshot->app;
	trace(w, "host %u: installs the state at %llu", n->id,
	      (unsigned long long)n->app.index);
	if (n->app.index > 0 &&
	    w->commits[n->app.index].hash != n->app.hash) {
		fail(w, "host %u: installs what was not committed", n->id);
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
static bool drain(struct world *w, struct node *n)
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

static void run_step(struct world *w, struct node *n, const struct ha_rev *ev)
{
	w->steps++;
	ha_replica_step(n->r, ev);
	if (drain(w, n)) {
		ha_replica_applied(n->r);
		(void)drain(w, n);
	}
}

/* --- the toy core --- */

static bool propose(struct world *w, struct node *n, const struct ha_entry *e)
{
	int err = ha_replica_propose(n->r, e, 1);

	return err == 0 && drain(w, n);
}

static struct ha_entry make_fact(enum toy kind, uint64_t value)
{
	struct toy_data d = { kind, value };
	struct ha_entry e;

	memset(&e, 0, sizeof(e));
	e.kind = HA_ENTRY_FACT;
	e.len = sizeof(d);
	memcpy(e.data, &d, sizeof(d));
	return e;
}

/* Proven down: switched off by us, and nothing else switched it on since. */
static bool prove_down(struct world *w, struct node *n, ha_hostid h)
{
	struct ha_entry e = make_fact(TOY_DOWN, 0);

	if (w->node[h - 1].up || w->node[h - 1].boot != 0) {
		if (w->calm) {
			return true; /* it comes back by itself */
		}
		trace(w, "host %u: fences host %u", n->id, h);
		stop_node(w, &w->node[h - 1], true);
		w->node[h - 1].boot = 0;
	}
	e.effect = HA_EFFECT_DOWN;
	e.host = h;
	return propose(w, n, &e);
}

static bool admit_members(struct world *w, struct node *n)
{
	const struct ha_epoch *ep = ha_replica_epoch(n->r);
	const struct ha_replica_base *b = ha_replica_base(n->r);
	ha_hostset members = ep->members;

	if (ha_replica_commit(n->r) < b->changed) {
		return true;
	}
	while (members != 0) {
		ha_hostid h = ha_hostset_pop(&members);
		struct ha_entry e;

		if (b->standing[h - 1] != 0 &&
		    n->app.boots[h - 1] == w->node[h - 1].boot) {
			continue;
		}
		e = make_fact(TOY_ADMIT, w->node[h - 1].boot);
		e.effect = HA_EFFECT_ADMIT;
		e.host = h;
		return propose(w, n, &e);
	}
	return true;
}

static void run_app(struct world *w, struct node *n)
{
	ha_hostset absent;
	struct ha_entry e;

	n->next_app = w->now + HA_MS(20 + below(w, 300));
	if (!ha_replica_is_coordinator(n->r)) {
		return;
	}
	absent = ha_replica_unproven(n->r);
	if (absent == 0 && below(w, 6) == 0) {
		absent = ha_replica_base(n->r)->voters &
			 ~ha_replica_base(n->r)->down &
			 ~ha_replica_epoch(n->r)->members;
	}
	if (absent != 0 && below(w, 3) == 0 &&
	    !prove_down(w, n, ha_hostset_first(absent))) {
		return;
	}
	if (!n->up || !ha_replica_is_coordinator(n->r)) {
		return;
	}
	if (ha_replica_unproven(n->r) != 0 ||
	    ha_replica_commit(n->r) < n->app.index) {
		return;
	}
	if (!admit_members(w, n)) {
		return;
	}
	e = make_fact(TOY_VALUE, ++w->values);
	if (below(w, 8) == 0) {
		unsigned number = (unsigned)below(w, 64);

		e.body.b[0] = (uint8_t)number;
		e.body.b[1] = 1;
		n->bodies_lo |= (uint64_t)1 << number;
	}
	if (propose(w, n, &e)) {
		trace(w, "host %u: proposes value %llu", n->id,
		      (unsigned long long)w->values);
	}
}

/* --- views --- */

static bool is_quorate(const struct world *w, ha_hostset set)
{
	unsigned count = 2 * ha_hostset_count(set);

	return count > w->n || (count == w->n && ha_host_in(set, w->tie));
}

/* All of `set` that were in `v` have delivered the same when they go on. */
static void flush_view(struct world *w, struct view *v, ha_hostset set)
{
	size_t max = 0, to;

	for (unsigned i = 0; i < w->n; i++) {
		struct node *n = &w->node[i];

		if (ha_host_in(set, n->id) && n->view == v) {
			max = n->delivered > max ? n->delivered : max;
		}
	}
	to = max + below(w, v->count - max + 1);
	for (unsigned i = 0; i < w->n; i++) {
		struct node *n = &w->node[i];

		if (!ha_host_in(set, n->id) || n->view != v) {
			continue;
		}
		for (; n->delivered < to; n->delivered++) {
			struct input in = { .kind = IN_MESSAGE,
					    .msg = v->log[n->delivered] };

			push_input(w, n, &in);
		}
	}
}

static void enter_view(struct world *w, struct node *n, struct view *v,
		       ha_hostset members)
{
	struct input in = { .kind = IN_VIEW, .id = v->id,
			    .members = members };

	n->view = v;
	n->delivered = 0;
	n->next_delivery = w->now;
	push_input(w, n, &in);
}

static void form_group(struct world *w, ha_hostset set)
{
	struct view *v = keep(w, sizeof(*v));
	bool quorate = is_quorate(w, set);

	for (unsigned i = 0; i < w->n; i++) {
		struct node *n = &w->node[i];

		if (ha_host_in(set, n->id) && n->view != NULL) {
			flush_view(w, n->view, set);
		}
	}
	v->id = ++w->view_ids;
	v->members = set;
	trace(w, "view %llu: members %llx%s", (unsigned long long)v->id,
	      (unsigned long long)set, quorate ? "" : ", not quorate");
	for (unsigned i = 0; i < w->n; i++) {
		if (ha_host_in(set, w->node[i].id)) {
			enter_view(w, &w->node[i], v, quorate ? set : 0);
		}
	}
}

static void reform(struct world *w)
{
	w->reform_at = HA_TIME_NEVER;
	for (unsigned g = 0; g < NODES; g++) {
		ha_hostset set = 0;

		for (unsigned i = 0; i < w->n; i++) {
			if (w->node[i].up && w->node[i].group == g) {
				set |= ha_host_bit(w->node[i].id);
			}
		}
		if (set != 0) {
			form_group(w, set);
		}
	}
}

/* --- running --- */

static void take_input(struct world *w, struct node *n)
{
	struct input in = n->inbox[n->in_head++ % 4096];
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

static void finish_write(struct world *w, struct node *n)
{
	struct input in = { .kind = IN_PERSISTED,
			    .id = n->writes[0].op.seq, .ok = true };

	apply_write(&n->disk, &n->writes[0]);
	n->write_count--;
	memmove(n->writes, n->writes + 1,
		n->write_count * sizeof(n->writes[0]));
	push_input(w, n, &in);
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

static ha_time node_due(const struct world *w, const struct node *n)
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

static void run_node(struct world *w, struct node *n)
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

/* --- faults --- */

/* Would the loss of this store be more than the cluster promises to bear? */
static bool may_lose(const struct world *w, const struct node *n)
{
	if (w->n < 3) {
		return false;
	}
	for (unsigned i = 0; i < w->n; i++) {
		const struct store *s = &w->node[i].disk;

		if (&w->node[i] == n) {
			continue;
		}
		if (s->meta.suspect || s->base.voters == 0 ||
		    s->base.index + s->count < w->commit_max ||
		    (s->count > 0 && s->entries[s->count - 1].epoch <
		     w->commits[w->commit_max].epoch)) {
			return false;
		}
	}
	return true;
}

static void hurt_disk(struct world *w, struct node *n)
{
	if (!may_lose(w, n)) {
		return;
	}
	stop_node(w, n, true);
	if (n->have_old && below(w, 2) == 0) {
		trace(w, "host %u: its store is rolled back", n->id);
		n->disk = n->old;
	} else {
		trace(w, "host %u: is installed anew", n->id);
		memset(&n->disk, 0, sizeof(n->disk));
		n->disk.damaged = below(w, 2) == 0;
		n->bodies_lo = 0;
	}
}

static void one_fault(struct world *w)
{
	struct node *n = &w->node[below(w, w->n)];

	switch (below(w, 12)) {
	case 0:
		stop_node(w, n, true);
		return;
	case 1:
		stop_node(w, n, false);
		return;
	case 2:
	case 3:
	case 4:
		if (!n->up) {
			start_node(w, n);
		}
		return;
	case 5:
		for (unsigned i = 0; i < w->n; i++) {
			w->node[i].group = (unsigned)below(w, 2);
		}
		reform_soon(w);
		return;
	case 6:
		for (unsigned i = 0; i < w->n; i++) {
			w->node[i].group = 0;
		}
		reform_soon(w);
		return;
	case 7:
		w->tie = (ha_hostid)below(w, w->n) + 1;
		reform_soon(w);
		return;
	case 8:
		if (n->up) {
			trace(w, "host %u: hangs", n->id);
			n->hung = true;
			n->hung_until = w->now + HA_MS(below(w, 6000));
		}
		return;
	case 9:
		if (below(w, 4) == 0) {
			for (unsigned i = 0; i < w->n; i++) {
				stop_node(w, &w->node[i], true);
			}
		}
		return;
	case 10:
		if (below(w, 2) == 0) {
			hurt_disk(w, n);
		} else {
			n->old = n->disk;
			n->have_old = n->disk.base.voters != 0;
		}
		return;
	default:
		n->group = (unsigned)below(w, 3);
		reform_soon(w);
		return;
	}
}

static void run_until(struct world *w, ha_time end)
{
	while (!w->failed) {
		struct node *next = NULL;
		ha_time at = w->reform_at;

		for (unsigned i = 0; i < w->n; i++) {
			ha_time due = node_due(w, &w->node[i]);

			if (due < at) {
				at = due;
				next = &w->node[i];
			}
		}
		if (at > end) {
			break;
		}
		w->now = at > w->now ? at : w->now;
		if (next == NULL) {
			reform(w);
		} else {
			run_node(w, next);
		}
	}
	w->now = end > w->now ? end : w->now;
}

static void heal(struct world *w)
{
	trace(w, "everything heals");
	w->calm = true;
	for (unsigned i = 0; i < w->n; i++) {
		w->node[i].group = 0;
		w->node[i].hung = false;
		if (!w->node[i].up) {
			start_node(w, &w->node[i]);
		}
	}
	reform_soon(w);
}

/* Every host follows, and what is proposed now commits everywhere. */
static void demand_liveness(struct world *w)
{
	ha_time end = w->now + HEAL;
	uint64_t goal = 0;

	while (w->now < end && !w->failed) {
		bool all = true;

		run_until(w, w->now + HA_S(2));
		for (unsigned i = 0; i < w->n; i++) {
			const struct node *n = &w->node[i];

			all &= ha_replica_epoch(n->r) != NULL &&
			       n->app.index >= goal;
		}
		if (all && goal != 0) {
			return;
		}
		if (all) {
			goal = w->commit_max + 5;
		}
	}
	for (unsigned i = 0; i < w->n; i++) {
		trace(w, "host %u: at %llu, why: %s", w->node[i].id,
		      (unsigned long long)w->node[i].app.index,
		      ha_replica_why(w->node[i].r));
	}
	fail(w, "healed, but no progress (host 1: %s)",
	     ha_replica_why(w->node[0].r));
}

static void birth(struct world *w)
{
	static const struct ha_hash none;
	uint8_t cluster[16] = { 1 };
	struct node *n = &w->node[0];

	for (unsigned i = 0; i < w->n; i++) {
		start_node(w, &w->node[i]);
	}
	if (ha_replica_found(n->r, cluster, &none) != 0) {
		fail(w, "cannot found");
	}
	(void)drain(w, n);
	run_until(w, HA_S(12));
}

static void play(struct world *w)
{
	ha_time next;

	w->n = (unsigned)below(w, NODES) + 1;
	if (below(w, 3) == 0) { /* halves are where it is hard */
		w->n = below(w, 2) == 0 ? 4 : 2;
	}
	w->tie = 1;
	w->reform_at = HA_TIME_NEVER;
	w->calm = true;
	for (unsigned i = 0; i < w->n; i++) {
		w->node[i].id = i + 1;
		w->node[i].mem = aligned_alloc(16,
				(ha_replica_size() + 15) / 16 * 16);
	}
	birth(w);
	w->calm = false;
	w->crash_odds = below(w, 2) == 0 ? 0 : 100 + (unsigned)below(w, 2000);
	for (next = w->now; w->now < HA_S(12) + SAFETY && !w->failed;) {
		next = w->now + HA_MS(below(w, 3000));
		run_until(w, next);
		one_fault(w);
	}
	if (!w->failed) {
		heal(w);
		demand_liveness(w);
	}
	for (unsigned i = 0; i < w->n; i++) {
		free(w->node[i].mem);
	}
}

static bool run_seed(uint64_t seed, uint64_t totals[5])
{
	struct world *w = calloc(1, sizeof(*w));
	bool ok;

	if (w == NULL) {
		abort();
	}
	w->seed = seed;
	w->rand.state = seed;
	play(w);
	ok = !w->failed;
	totals[0] += w->steps;
	totals[1] += w->opens;
	totals[2] += w->smalls;
	totals[3] += w->installs;
	totals[4] += w->commit_max;
	for (size_t i = 0; i < w->arena_count; i++) {
		free(w->arena[i]);
	}
	free(w->arena);
	free(w);
	return ok;
}

int main(int argc, char **argv)
{
	unsigned long long from = 1, to = 200, failed = 0;
	uint64_t totals[5] = { 0 };

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--trace") == 0) {
			arg_trace = true;
		} else if (strcmp(argv[i], "--seeds") != 0 || i + 1 == argc ||
			   sscanf(argv[++i], "%llu-%llu", &from, &to) != 2) {
			fprintf(stderr, "usage: replica-swarm [--seeds A-B] "
				"[--trace]\n");
			return 2;
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned long long s = from; s <= to; s++) {
		failed += !run_seed(s, totals);
	}
	printf("seeds %llu-%llu: %llu failed; %llu steps, %llu epochs (%llu "
	       "small), %llu installs, %llu commits\n", from, to, failed,
	       (unsigned long long)totals[0], (unsigned long long)totals[1],
	       (unsigned long long)totals[2], (unsigned long long)totals[3],
	       (unsigned long long)totals[4]);
	return failed == 0 ? 0 : 1;
}
