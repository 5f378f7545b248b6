/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Broken rules, and the moves that mend them one by one. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/rand.h"
#include "policy/correct.h"
#include "tests/unit/small-pool.h"
#include "tests/unit/suite.h"

#define POOLS 500
#define HOST(n) { .id = (n), .usable = true, .memory_kib = 20, .vcpus = 99, \
		  .domain = ((n) + 1) / 2 }
#define VM_ON(may_use, memory, where, ...) \
	{ .memory_kib = (memory), .vcpus = 1, .host = (where), \
	  .reaches = SMALL_ANY, .allowed = (may_use), __VA_ARGS__ }
#define VM(...) VM_ON(SMALL_ANY, __VA_ARGS__)
#define IN_GROUP(g) .groups = { g }, .group_count = 1

struct correct_case {
	const char *name;
	struct ha_pool_vm vms[6];
	struct ha_pool_group group;
	struct ha_harm harm;
	const char *moves; /* "vm:from>to ..." until nothing is left to do */
	struct ha_harm left;
};

static const struct correct_case cases[] = {
	{ .name = "nothing is broken", .vms = { VM(5, 1), VM(5, 2) },
	  .moves = "" },
	{ .name = "a must rule between VM and hosts",
	  .vms = { VM_ON(2 | 4, 5, 1), VM(9, 2) },
	  .harm = { 1, 0 }, .moves = "0:1>3" },
	{ .name = "a host that it should avoid",
	  .vms = { VM(5, 1, .avoided = 1 | 8), VM(9, 2) },
	  .harm = { 0, 1 }, .moves = "0:1>3" },
	{ .name = "no better host: it stays",
	  .vms = { VM(5, 1, .avoided = 15) },
	  .harm = { 0, 1 }, .moves = "", .left = { 0, 1 } },
	{ .name = "no room where it may run",
	  .vms = { VM_ON(2, 5, 1), VM(16, 2) },
	  .harm = { 1, 0 }, .moves = "", .left = { 1, 0 } },
	{ .name = "apart: the smaller one moves, once",
	  .vms = { VM(5, 1, IN_GROUP(0)), VM(4, 1, IN_GROUP(0)) },
	  .group = { HA_GROUP_APART, true, 1 },
	  .harm = { 1, 0 }, .moves = "1:1>2" },
	{ .name = "together: to where most are",
	  .vms = { VM(1, 1, IN_GROUP(0)), VM(5, 2, IN_GROUP(0)),
		   VM(5, 2, IN_GROUP(0)), VM(1, 3, IN_GROUP(0)) },
	  .group = { HA_GROUP_TOGETHER, true, 0 },
	  .harm = { 2, 0 }, .moves = "0:1>2 3:3>2" },
	{ .name = "together: two and two come together without a dance",
	  .vms = { VM(2, 1, IN_GROUP(0)), VM(2, 1, IN_GROUP(0)),
		   VM(2, 2, IN_GROUP(0)), VM(2, 2, IN_GROUP(0)) },
	  .group = { HA_GROUP_TOGETHER, false, 0 },
	  .harm = { 0, 2 }, .moves = "0:1>2 1:1>2" },
	{ .name = "spread over racks: one of three leaves the first",
	  .vms = { VM(3, 1, IN_GROUP(0)), VM(2, 2, IN_GROUP(0)),
		   VM(3, 2, IN_GROUP(0)) },
	  .group = { HA_GROUP_SPREAD, true, 0 },
	  .harm = { 1, 0 }, .moves = "1:2>3" },
};

START_TEST(test_correct)
{
	static const struct ha_pool_host hosts[] = { HOST(1), HOST(2), HOST(3),
						     HOST(4) };
	const struct correct_case *t = &cases[_i];
	struct ha_pool_vm vms[6];
	struct ha_pool pool = { hosts, 4, vms, 0, &t->group,
				t->harm.must + t->harm.should > 0 &&
					t->vms[0].group_count > 0 };
	const struct ha_choose_how how = { .recovery = false };
	struct ha_correction c;
	struct ha_harm harm;
	struct ha_planner *p;
	char moves[200] = "";

	memcpy(vms, t->vms, sizeof(vms));
	while (pool.vm_count < 6 && vms[pool.vm_count].memory_kib) {
		pool.vm_count++;
	}
	p = small_planner(&pool);
	harm = ha_correct_count(p);
	ck_assert_msg(harm.must == t->harm.must &&
		      harm.should == t->harm.should, "%s: harm %u %u", t->name,
		      harm.must, harm.should);
	for (unsigned n = 0; n < 9 && ha_correct_next(p, &how, &c); n++) {
		size_t len = strlen(moves);

		snprintf(moves + len, sizeof(moves) - len, "%s%u:%u>%u",
			 len ? " " : "", c.vm, c.from, c.to);
		vms[c.vm].host = c.to;
		free(p);
		p = small_planner(&pool);
	}
	ck_assert_msg(strcmp(moves, t->moves) == 0, "%s: %s", t->name, moves);
	harm = ha_correct_count(p);
	ck_assert_uint_eq(harm.must, t->left.must);
	ck_assert_uint_eq(harm.should, t->left.should);
	free(p);
}
END_TEST

/* Why: what the VM that moves breaks where it runs. */
START_TEST(test_reason)
{
	static const struct ha_pool_host hosts[] = { HOST(1), HOST(2) };
	static const struct ha_pool_group group = { HA_GROUP_APART, true, 1 };
	static const struct ha_pool_vm vms[] = {
		VM(5, 1, IN_GROUP(0)), VM(4, 1, IN_GROUP(0), .avoided = 2) };
	const struct ha_pool pool = { hosts, 2, vms, 2, &group, 1 };
	struct ha_planner *p = small_planner(&pool);
	struct ha_correction c;

	ck_assert(ha_correct_next(p, &(struct ha_choose_how){ 0 }, &c));
	/* the larger one, as the smaller would be where it should not */
	ck_assert_uint_eq(c.vm, 0);
	ck_assert_uint_eq(c.mended.must, 1);
	ck_assert_uint_eq(c.should_worse, 0);
	ck_assert_int_eq(c.verdict, HA_VERDICT_GROUP);
	ck_assert_uint_eq(c.group, 0);
	free(p);
}
END_TEST

/* Is there the room for the VM beside those that run there? */
static bool has_room(const struct small_pool *s, size_t vm, size_t host)
{
	const struct ha_pool_host *h = &s->hosts[host];
	uint64_t memory = s->vms[vm].memory_kib, vcpus = s->vms[vm].vcpus;

	for (size_t v = 0; v < s->pool.vm_count; v++) {
		if (s->vms[v].host == h->id) {
			memory += s->vms[v].memory_kib;
			vcpus += s->vms[v].vcpus;
		}
	}
	return h->usable && memory <= h->memory_kib && vcpus <= h->vcpus;
}

struct try { /* what the best of all moves changes, and the least VM for it */
	int64_t must, should;
	uint64_t memory;
};

static struct try try_move(struct ha_planner *p, const struct small_pool *s,
			   size_t vm, ha_hostid to)
{
	struct ha_harm before = ha_correct_count(p), after;
	struct try t = { .memory = s->vms[vm].memory_kib };

	ha_planner_move(p, (uint32_t)vm, to);
	after = ha_correct_count(p);
	ha_planner_move(p, (uint32_t)vm, s->vms[vm].host);
	t.must = (int64_t)after.must - before.must;
	t.should = (int64_t)after.should - before.should;
	return t;
}

static bool is_better(const struct try *a, const struct try *b)
{
	return a->must != b->must       ? a->must < b->must
	       : a->should != b->should ? a->should < b->should
					: a->memory < b->memory;
}

/* All 0: no move mends anything. */
static struct try try_all(struct ha_planner *p, const struct small_pool *s)
{
	struct try best = { 0 };

	for (size_t vm = 0; vm < s->pool.vm_count; vm++) {
		const struct ha_pool_vm *v = &s->vms[vm];

		for (size_t h = 0; h < s->pool.host_count; h++) {
			ha_hostid to = s->hosts[h].id;

			if (to != v->host && has_room(s, vm, h) &&
			    ha_host_in(v->reaches & v->allowed, to)) {
				struct try t = try_move(p, s, vm, to);

				best = is_better(&t, &best) ? t : best;
			}
		}
	}
	return best;
}

/* VMs anywhere: each step mends, as much as any single move can, all steps
 * end, and no host is overfilled. */
START_TEST(test_ends)
{
	struct ha_harm before = { 0 }, after = { 0 };
	unsigned steps = 0;

	for (unsigned i = 0; i < POOLS; i++) {
		const struct small_spec spec = { i, 8, 40, 40, 80 };
		const struct ha_choose_how how = { .recovery = true };
		struct ha_rand rand = { i };
		struct ha_harm harm, next;
		struct ha_correction c;
		struct small_pool s;
		struct ha_planner *p;
		struct try best;

		small_pool_make(&s, &spec);
		for (size_t v = 0; v < s.pool.vm_count; v++) {
			s.vms[v].host = (ha_hostid)ha_rand_below(
				&rand, s.pool.host_count) + 1;
		}
		p = small_planner(&s.pool);
		harm = ha_correct_count(p);
		before.must += harm.must;
		before.should += harm.should;
		best = try_all(p, &s);
		while (ha_correct_next(p, &how, &c)) {
			uint64_t used = 0;

			steps++;
			ck_assert_int_eq(best.must, -(int64_t)c.mended.must);
			ck_assert_int_eq(best.should, (int64_t)c.should_worse -
							      c.mended.should);
			ck_assert_uint_eq(best.memory,
					  s.vms[c.vm].memory_kib);
			s.vms[c.vm].host = c.to;
			for (size_t v = 0; v < s.pool.vm_count; v++) {
				used += s.vms[v].host == c.to
						? s.vms[v].memory_kib : 0;
			}
			ck_assert_uint_le(used, s.hosts[c.to - 1].memory_kib);
			free(p);
			p = small_planner(&s.pool);
			next = ha_correct_count(p);
			ck_assert_uint_eq(next.must + c.mended.must, harm.must);
			ck_assert_uint_eq(next.should + c.mended.should,
					  harm.should + c.should_worse);
			ck_assert(next.must < harm.must ||
				  next.should < harm.should);
			harm = next;
			best = try_all(p, &s);
		}
		ck_assert(best.must == 0 && best.should == 0);
		after.must += harm.must;
		after.should += harm.should;
		free(p);
	}
	printf("VMs anywhere: must rules broken %u, should rules %u; after %u "
	       "moves %u and %u\n", before.must, before.should, steps,
	       after.must, after.should);
	ck_assert_uint_lt(after.must * 2, before.must);
}
END_TEST

/* For people: where a group is broken, and what keeps a VM there. */
START_TEST(test_look)
{
	static const struct ha_pool_host hosts[] = { HOST(1), HOST(2), HOST(3),
						     HOST(4) };
	static const struct ha_pool_group groups[] = {
		{ HA_GROUP_APART, true, 1 }, { HA_GROUP_TOGETHER, false, 0 },
		{ HA_GROUP_SPREAD, true, 1 }, { HA_GROUP_APART, true, 1 } };
	static const struct ha_pool_vm vms[] = {
		VM(5, 1, IN_GROUP(0)), VM(4, 1, IN_GROUP(0)),
		VM(5, 2, IN_GROUP(1)), VM(1, 3, IN_GROUP(1)),
		VM(1, 3, IN_GROUP(2)), VM(1, 4, IN_GROUP(2)),
		VM_ON(1 | 4, 12, 2, .avoided = 2), VM(13, 3, IN_GROUP(3)),
		VM_ON(2, 1, 2, .avoided = 2), VM(1, 1, .avoided = 15) };
	const struct ha_pool pool = { hosts, 4, vms, 10, groups, 4 };
	struct ha_planner *p = small_planner(&pool);
	struct ha_choose_how how = { 0 };
	ha_hostid to = 9;

	ck_assert_uint_eq(ha_correct_group_hosts(p, 0), 1);
	ck_assert_uint_eq(ha_correct_group_hosts(p, 1), 2 | 4);
	ck_assert_uint_eq(ha_correct_group_hosts(p, 2), 4 | 8);
	ck_assert_uint_eq(ha_correct_group_hosts(p, 3), 0);
	ck_assert_uint_eq(ha_correct_group_takes(p, 1, 2) & 15, 4);
	ck_assert_uint_eq(ha_correct_group_takes(p, 2, 5) & 15, 1 | 2);
	ck_assert_int_eq(ha_correct_look(p, 1, &how, &to), HA_KEPT_NOT);
	ck_assert_uint_eq(to, 4); /* the emptiest that is not host 1 */
	ck_assert_int_eq(ha_correct_look(p, 6, &how, &to), HA_KEPT_ROOM);
	ck_assert_uint_eq(to, 1);
	ck_assert_int_eq(ha_correct_look(p, 8, &how, &to), HA_KEPT_HOSTS);
	ck_assert_int_eq(ha_correct_look(p, 9, &how, &to), HA_KEPT_RULES);
	how.only = 2; /* an only host without room */
	ck_assert_int_eq(ha_correct_look(p, 1, &how, &to), HA_KEPT_ROOM);
	free(p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plan-correct");
	TCase *c = tcase_create("all");

	tcase_add_loop_test(c, test_correct, 0,
			    sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(c, test_reason);
	tcase_add_test(c, test_look);
	tcase_add_test(c, test_ends);
	tcase_set_timeout(c, 300);
	suite_add_tcase(s, c);
	return test_main(s);
}
