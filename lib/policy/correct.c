/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/correct.h"

#include <assert.h>
#include <string.h>

#include "policy/planner.h"

struct tally { /* of the members of a group that run */
	uint32_t all;
	uint32_t most;   /* in one cell */
	uint32_t beyond; /* what each cell may have */
};

static struct tally tally_group(const struct ha_room *r, size_t group)
{
	const struct ha_room_group *g = &r->groups[group];
	struct tally t = { 0 };

	for (size_t cell = 0; cell < HA_HOSTS_MAX; cell++) {
		uint32_t n = g->count[cell];

		t.all += n;
		t.most = n > t.most ? n : t.most;
		t.beyond += n > g->cap ? n - g->cap : 0;
	}
	return t;
}

static uint32_t group_excess(const struct ha_room *r, size_t group)
{
	struct tally t = tally_group(r, group);

	return r->pool->groups[group].kind == HA_GROUP_TOGETHER
		       ? t.all - t.most : t.beyond;
}

/* The same with one member more, on that host. */
static uint32_t excess_with(const struct ha_room *r, size_t group,
			    const struct tally *t, ha_hostid host)
{
	const struct ha_room_group *g = &r->groups[group];
	enum ha_group_kind kind = r->pool->groups[group].kind;
	uint32_t n = g->count[kind == HA_GROUP_SPREAD ? r->domain[host - 1]
						      : host - 1] + 1u;

	if (kind == HA_GROUP_TOGETHER) {
		return t->all + 1 - (n > t->most ? n : t->most);
	}
	return t->beyond + (n > g->cap);
}

static void add_harm(struct ha_harm *h, bool must, uint32_t n)
{
	if (must) {
		h->must += n;
	} else {
		h->should += n;
	}
}

/* By the host, without its groups. */
static struct ha_harm host_harm(const struct ha_pool_vm *v, ha_hostid host)
{
	ha_hostset preferred = 0;
	struct ha_harm h = { 0 };

	for (size_t k = 0; k < HA_POOL_LEVELS_MAX; k++) {
		preferred |= v->preferred[k];
	}
	add_harm(&h, true, !ha_host_in(v->reaches & v->allowed, host));
	add_harm(&h, false, ha_host_in(v->avoided, host));
	add_harm(&h, false, preferred != 0 && !ha_host_in(preferred, host));
	return h;
}

struct ha_harm ha_correct_count(struct ha_planner *p)
{
	struct ha_harm all = { 0 };

	assert(p->lost_count == 0);
	for (uint32_t vm = 0; vm < p->room.pool->vm_count; vm++) {
		if (p->room.at[vm] != HA_HOST_NONE) {
			struct ha_harm h = host_harm(&p->room.pool->vms[vm],
						     p->room.at[vm]);

			all.must += h.must;
			all.should += h.should;
		}
	}
	for (size_t g = 0; g < p->room.pool->group_count; g++) {
		add_harm(&all, p->room.pool->groups[g].must,
			 group_excess(&p->room, g));
	}
	return all;
}

ha_hostset ha_correct_group_hosts(const struct ha_planner *p, size_t group)
{
	const struct ha_room *r = &p->room;
	const struct ha_room_group *g = &r->groups[group];
	enum ha_group_kind kind = r->pool->groups[group].kind;
	ha_hostset hosts = 0;

	assert(p->lost_count == 0);
	assert(group < r->pool->group_count);
	if (group_excess(r, group) == 0) {
		return 0;
	}
	if (kind == HA_GROUP_TOGETHER) {
		return g->seen;
	}
	for (size_t cell = 0; cell < HA_HOSTS_MAX; cell++) {
		if (g->count[cell] > g->cap) {
			hosts |= kind == HA_GROUP_SPREAD
					 ? r->domain_hosts[cell]
					 : ha_host_bit((ha_hostid)cell + 1);
		}
	}
	return hosts;
}

ha_hostset ha_correct_group_takes(struct ha_planner *p, size_t group,
				  uint32_t vm)
{
	ha_hostid from = p->room.at[vm];
	ha_hostset closed;

	assert(p->lost_count == 0);
	assert(from != HA_HOST_NONE);
	ha_room_give(&p->room, vm);
	closed = ha_room_group_closed(&p->room, (uint16_t)group);
	ha_room_take(&p->room, vm, from);
	return ~closed & ~ha_host_bit(from);
}

/* What a move changes: below 0 is better. */
struct change {
	int64_t must, should;
};

static bool is_less(const struct change *a, const struct change *b)
{
	return a->must != b->must ? a->must < b->must : a->should < b->should;
}

/* All that the place of a VM can change, if it is on that host. It is nowhere
 * now; so stand its groups in t. */
static struct ha_harm harm_on(const struct ha_room *r, uint32_t vm,
			      const struct tally *t, ha_hostid host)
{
	const struct ha_pool_vm *v = &r->pool->vms[vm];
	struct ha_harm h = host_harm(v, host);

	for (size_t k = 0; k < v->group_count; k++) {
		add_harm(&h, r->pool->groups[v->groups[k]].must,
			 excess_with(r, v->groups[k], &t[k], host));
	}
	return h;
}

static int32_t score_of(const struct ha_room *r, uint32_t vm, ha_hostid host,
			enum ha_score score)
{
	const struct ha_pool_vm *v = &r->pool->vms[vm];
	int32_t share = ha_room_share(
		r, host, r->memory_free[host - 1] - (int64_t)v->memory_kib,
		r->vcpus_free[host - 1] - (int64_t)v->vcpus);

	return score == HA_SCORE_SPREAD ? share : -share;
}

/* Hosts that a VM may move to, were there room. */
static ha_hostset open_to(const struct ha_planner *p, uint32_t vm,
			  const struct ha_choose_how *how)
{
	const struct ha_pool_vm *v = &p->room.pool->vms[vm];
	ha_hostset hosts = p->room.usable & v->reaches & v->allowed &
			   ~ha_host_bit(p->room.at[vm]);

	hosts &= how->only != 0 ? how->only : ~(ha_hostset)0;
	return how->recovery ? hosts : hosts & ~p->room.spare;
}

struct move {
	ha_hostid to; /* HA_HOST_NONE: none is better */
	struct change change;
};

struct lifted { /* a VM that is nowhere for a while */
	ha_hostid from;
	struct ha_harm before;
	struct tally groups[HA_POOL_VM_GROUPS_MAX];
};

static void lift(struct ha_planner *p, uint32_t vm, struct lifted *ret)
{
	const struct ha_pool_vm *v = &p->room.pool->vms[vm];

	memset(ret, 0, sizeof(*ret));
	ret->from = p->room.at[vm];
	ha_room_give(&p->room, vm);
	for (size_t k = 0; k < v->group_count; k++) {
		ret->groups[k] = tally_group(&p->room, v->groups[k]);
	}
	ret->before = harm_on(&p->room, vm, ret->groups, ret->from);
}

static struct change change_on(const struct ha_planner *p, uint32_t vm,
			       const struct lifted *l, ha_hostid host)
{
	struct ha_harm after = harm_on(&p->room, vm, l->groups, host);

	return (struct change){ (int64_t)after.must - l->before.must,
				(int64_t)after.should - l->before.should };
}

bool ha_correct_worsens(struct ha_planner *p, uint32_t vm, ha_hostid to)
{
	static const struct change none;
	struct change change;
	struct lifted l;

	lift(p, vm, &l);
	change = change_on(p, vm, &l, to);
	ha_room_take(&p->room, vm, l.from);
	return is_less(&none, &change);
}

/* The best of them for a VM to move to. */
static struct move best_move(struct ha_planner *p, uint32_t vm,
			     ha_hostset hosts, enum ha_score score)
{
	struct move best = { .to = HA_HOST_NONE };
	struct lifted l;

	lift(p, vm, &l);
	for (ha_hostset s = hosts; s;) {
		ha_hostid h = ha_hostset_pop(&s);
		struct change c = change_on(p, vm, &l, h);

		if (is_less(&c, &best.change) ||
		    (best.to != HA_HOST_NONE && !is_less(&best.change, &c) &&
		     score_of(&p->room, vm, h, score) >
			     score_of(&p->room, vm, best.to, score))) {
			best = (struct move){ h, c };
		}
	}
	ha_room_take(&p->room, vm, l.from);
	return best;
}

/* What the VM breaks where it runs, as ha_choose_explain says it. */
static void tell_rules(struct ha_planner *p, struct ha_correction *c)
{
	const struct ha_pool_vm *v = &p->room.pool->vms[c->vm];

	c->verdict = HA_VERDICT_FITS;
	ha_room_give(&p->room, c->vm);
	if (!ha_host_in(v->reaches, c->from)) {
		c->verdict = HA_VERDICT_UNREACHED;
	} else if (!ha_host_in(v->allowed, c->from)) {
		c->verdict = HA_VERDICT_RULE;
	}
	for (size_t k = v->group_count; c->verdict == HA_VERDICT_FITS && k-- > 0;) {
		if (p->room.pool->groups[v->groups[k]].must &&
		    ha_host_in(ha_room_group_closed(&p->room, v->groups[k]),
			       c->from)) {
			c->verdict = HA_VERDICT_GROUP;
			c->group = v->groups[k];
		}
	}
	c->broken = ha_choose_broken(&p->room, c->vm, c->from);
	ha_room_take(&p->room, c->vm, c->from);
}

static void describe(struct ha_planner *p, const struct change *change,
		     struct ha_correction *c)
{
	c->from = p->room.at[c->vm];
	c->mended.must = (uint32_t)-change->must;
	c->mended.should = change->should < 0 ? (uint32_t)-change->should : 0;
	c->should_worse = change->should > 0 ? (uint32_t)change->should : 0;
	tell_rules(p, c);
}

/* No move of the VM changes more: it mends at most one of each group. */
static struct change most_change(const struct ha_room *r, uint32_t vm,
				 const uint32_t *excess)
{
	const struct ha_pool_vm *v = &r->pool->vms[vm];
	struct ha_harm h = host_harm(v, r->at[vm]);

	for (size_t k = 0; k < v->group_count; k++) {
		add_harm(&h, r->pool->groups[v->groups[k]].must,
			 excess[v->groups[k]] > 0);
	}
	return (struct change){ -(int64_t)h.must, -(int64_t)h.should };
}

struct next {
	uint32_t vm;
	struct move move;
};

static bool is_better(const struct ha_pool_vm *vms, const struct change *change,
		      uint32_t vm, const struct next *than)
{
	return is_less(change, &than->move.change) ||
	       (than->move.to != HA_HOST_NONE &&
		!is_less(&than->move.change, change) &&
		vms[vm].memory_kib < vms[than->vm].memory_kib);
}

bool ha_correct_next(struct ha_planner *p, const struct ha_choose_how *how,
		     struct ha_correction *ret)
{
	const struct ha_pool *pool = p->room.pool;
	struct next best = { .move = { .to = HA_HOST_NONE } };
	uint32_t excess[HA_POOL_GROUPS_MAX];

	assert(p->lost_count == 0);
	for (size_t g = 0; g < pool->group_count; g++) {
		excess[g] = group_excess(&p->room, g);
	}
	for (uint32_t vm = 0; vm < pool->vm_count; vm++) {
		struct change most;
		struct move m;

		if (p->room.at[vm] == HA_HOST_NONE || pool->vms[vm].fixed) {
			continue;
		}
		most = most_change(&p->room, vm, excess);
		if (!is_better(pool->vms, &most, vm, &best)) {
			continue;
		}
		m = best_move(p, vm, ha_room_fits(&p->room, vm,
						  open_to(p, vm, how)),
			      how->score);
		if (m.to != HA_HOST_NONE &&
		    is_better(pool->vms, &m.change, vm, &best)) {
			best = (struct next){ vm, m };
		}
	}
	if (best.move.to == HA_HOST_NONE) {
		return false;
	}
	*ret = (struct ha_correction){ .vm = best.vm, .to = best.move.to };
	describe(p, &best.move.change, ret);
	return true;
}

enum ha_kept ha_correct_look(struct ha_planner *p, uint32_t vm,
			     const struct ha_choose_how *how,
			     ha_hostid *ret_to)
{
	ha_hostset open = open_to(p, vm, how);
	struct move m;

	assert(p->lost_count == 0);
	assert(p->room.at[vm] != HA_HOST_NONE);
	if (open == 0) {
		return HA_KEPT_HOSTS;
	}
	m = best_move(p, vm, ha_room_fits(&p->room, vm, open), how->score);
	if (m.to != HA_HOST_NONE) {
		*ret_to = m.to;
		return HA_KEPT_NOT;
	}
	m = best_move(p, vm, open, how->score);
	if (m.to != HA_HOST_NONE) {
		*ret_to = m.to;
		return HA_KEPT_ROOM;
	}
	return HA_KEPT_RULES;
}
