/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The toy core: it proposes values, admits members, proves the absent down,
 * and lets hosts leave.
 */
#include "world.h"

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

static bool is_new_boot(const struct world *w, const struct node *n,
			ha_hostid h)
{
	return n->app.boots[h - 1] != 0 &&
	       n->app.boots[h - 1] != w->node[h - 1].boot;
}

/* A member that has left, or booted, is broken until it is admitted again.
 * Only with nothing under way: that might be its admission. */
static bool break_member(struct world *w, struct node *n, ha_hostid h)
{
	const struct ha_replica_base *b = ha_replica_base(n->r);
	const struct node *o = &w->node[h - 1];
	struct ha_entry e = make_fact(TOY_BREAK, 0);
	bool left = o->may_leave && o->view == n->view &&
		    b->standing[h - 1] != 0;

	if (ha_host_in(b->broken, h) || !ha_host_in(b->voters, h) ||
	    b->index != n->app.index || !(left || is_new_boot(w, n, h))) {
		return false;
	}
	trace(w, "host %u: host %u %s", n->id, h, left ? "leaves" : "booted");
	w->leaves += left;
	e.effect = HA_EFFECT_BREAK;
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

		if (break_member(w, n, h)) {
			return true;
		}
		if (!n->up || ha_replica_epoch(n->r) == NULL) {
			return false;
		}
		if (w->node[h - 1].leaves ||
		    (b->standing[h - 1] != 0 && !is_new_boot(w, n, h))) {
			continue;
		}
		e = make_fact(TOY_ADMIT, w->node[h - 1].boot);
		e.effect = HA_EFFECT_ADMIT;
		e.host = h;
		return propose(w, n, &e);
	}
	return true;
}

/* Before it asks for its leave, its store must know. */
static bool prepare_leave(struct world *w, struct node *n)
{
	n->may_leave = n->leaves && ha_replica_epoch(n->r) != NULL &&
		       ha_replica_leaving(n->r);
	return drain(w, n);
}

void run_app(struct world *w, struct node *n)
{
	ha_hostset absent;
	struct ha_entry e;

	n->next_app = w->now + HA_MS(20 + below(w, 300));
	if (!prepare_leave(w, n) || !ha_replica_is_coordinator(n->r)) {
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
