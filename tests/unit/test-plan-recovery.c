/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Recovery plans: stories with a known end, and what holds for any. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/small-pool.h"
#include "tests/unit/suite.h"

#define POOLS 1500
#define HOST(n, memory, cpus, ...) \
	{ .id = (n), .usable = true, .memory_kib = (memory), .vcpus = (cpus), \
	  __VA_ARGS__ }
#define VM_WITH(is_wanted, may_use, memory, tier, where, ...) \
	{ .memory_kib = (memory), .vcpus = 1, .host = (where), \
	  .priority = HA_PRIORITY_##tier, .reaches = SMALL_ANY, \
	  .allowed = (may_use), .wanted = (is_wanted), __VA_ARGS__ }
#define VM(...) VM_WITH(true, SMALL_ANY, __VA_ARGS__)
#define VM_ON(...) VM_WITH(true, __VA_ARGS__)
#define VM_OFF(...) VM_WITH(false, SMALL_ANY, __VA_ARGS__)
#define IN_GROUP(g) .groups = { g }, .group_count = 1

struct story {
	const char *name;
	struct ha_pool_host hosts[4];
	struct ha_pool_vm vms[8];
	struct ha_pool_group group;
	struct ha_recovery_ask ask;
	const char *steps;    /* "vm>host@wave ..." */
	const char *left_out; /* "vm ..." */
	const char *stopped;
};

static const struct story stories[] = {
	{ .name = "by priority, then size; waves as the hosts may start",
	  .hosts = { HOST(1, 99, 99), HOST(2, 99, 99, .starts_max = 2) },
	  .vms = { VM(1, LOW, 1), VM(2, HIGH, 1), VM(3, HIGH, 1),
		   VM(4, HIGHEST, 1), VM(5, LOWEST, 1), VM(6, DISABLED, 1) },
	  .ask = { .lost = 1 },
	  .steps = "3>2@0 2>2@0 1>2@1 0>2@1 4>2@2" },
	{ .name = "what is being started counts in the first wave",
	  .hosts = { HOST(1, 99, 99),
		     HOST(2, 99, 99, .starts_max = 2, .starting = 1) },
	  .vms = { VM(1, LOW, 1), VM(2, HIGH, 1), VM(3, HIGH, 1) },
	  .ask = { .lost = 1 },
	  .steps = "2>2@0 1>2@1 0>2@1" },
	{ .name = "two that must be apart, of a cluster of two: one stays down "
		  "(Microsoft, ClusterEnforcedAntiAffinity)",
	  .hosts = { HOST(1, 99, 99), HOST(2, 99, 99) },
	  .vms = { VM(1, HIGH, 1, IN_GROUP(0)), VM(1, HIGH, 2, IN_GROUP(0)) },
	  .group = { HA_GROUP_APART, true, 1 }, .ask = { .lost = 1 },
	  .left_out = "0" },
	{ .name = "and if they only should, not (AntiAffinityClassNames)",
	  .hosts = { HOST(1, 99, 99), HOST(2, 99, 99) },
	  .vms = { VM(1, HIGH, 1, IN_GROUP(0)), VM(1, HIGH, 2, IN_GROUP(0)) },
	  .group = { HA_GROUP_APART, false, 1 }, .ask = { .lost = 1 },
	  .steps = "0>2@0" },
	{ .name = "nodes with priorities: the highest that is left (Proxmox VE, "
		  "node affinity rules, not strict)",
	  .hosts = { HOST(1, 99, 99), HOST(2, 50, 99), HOST(3, 99, 99),
		     HOST(4, 99, 99) },
	  .vms = { VM(1, HIGH, 1, .preferred = { 1, 2 }) },
	  .ask = { .lost = 1 },
	  .steps = "0>2@0" },
	{ .name = "and any other, if none of them is left",
	  .hosts = { HOST(1, 99, 99), HOST(2, 50, 99), HOST(3, 99, 99),
		     HOST(4, 99, 99) },
	  .vms = { VM(1, HIGH, 1, .preferred = { 1, 2 }) },
	  .ask = { .lost = 3 },
	  .steps = "0>3@0" },
	{ .name = "a tier waits for the waves of the one before",
	  .hosts = { HOST(1, 99, 99), HOST(2, 99, 99, .starts_max = 2) },
	  .vms = { VM(1, LOW, 1), VM(2, HIGH, 1), VM(3, HIGH, 1),
		   VM(4, HIGH, 1), VM(5, LOW, 1) },
	  .ask = { .lost = 1, .tiers_wait = true },
	  .steps = "3>2@0 2>2@0 1>2@1 4>2@2 0>2@2" },
	{ .name = "of a tier that does not fit, as many as possible",
	  .hosts = { HOST(1, 99, 99), HOST(2, 10, 99) },
	  .vms = { VM(9, HIGH, 1), VM(3, HIGH, 1), VM(3, HIGH, 1),
		   VM(4, HIGH, 1) },
	  .ask = { .lost = 1 },
	  .steps = "3>2@0 1>2@0 2>2@0", .left_out = "0" },
	{ .name = "a higher priority is never left out for lower ones",
	  .hosts = { HOST(1, 99, 99), HOST(2, 10, 99) },
	  .vms = { VM(9, HIGH, 1), VM(3, LOW, 1), VM(3, LOW, 1),
		   VM(4, LOW, 1) },
	  .ask = { .lost = 1 },
	  .steps = "0>2@0", .left_out = "3 1 2" },
	{ .name = "packing where spreading fails",
	  .hosts = { HOST(1, 99, 99), HOST(2, 10, 99), HOST(3, 10, 99) },
	  .vms = { VM(6, HIGH, 1), VM(5, HIGH, 1), VM(4, HIGH, 1),
		   VM(5, HIGH, 1) },
	  .ask = { .lost = 1 },
	  .steps = "0>2@0 1>3@0 3>3@0 2>2@0" },
	{ .name = "those of a must rule together, or not where there is no room",
	  .hosts = { HOST(1, 99, 99), HOST(2, 12, 99), HOST(3, 10, 99) },
	  .vms = { VM(5, HIGH, 1, IN_GROUP(0)), VM(6, HIGH, 1, IN_GROUP(0)),
		   VM(8, HIGH, 1) },
	  .group = { HA_GROUP_TOGETHER, true, 0 }, .ask = { .lost = 1 },
	  .steps = "2>3@0 1>2@0 0>2@0" },
	{ .name = "waiting ones too, if that is asked",
	  .hosts = { HOST(1, 99, 99), HOST(2, 99, 99) },
	  .vms = { VM(1, LOW, 1), VM(2, HIGH, 0),
		   VM_OFF(3, HIGH, 0) },
	  .ask = { .lost = 1, .waiting = true },
	  .steps = "1>2@0 0>2@0" },
	{ .name = "preemption: the fewest lower ones give way",
	  .hosts = { HOST(1, 99, 99), HOST(2, 10, 99), HOST(3, 10, 99) },
	  .vms = { VM(8, HIGH, 1), VM(4, LOW, 2), VM(4, LOW, 2),
		   VM(9, LOWEST, 3) },
	  .ask = { .lost = 1, .preempt = true },
	  .steps = "0>3@0", .left_out = "3", .stopped = "3" },
	{ .name = "preemption: just enough is enough",
	  .hosts = { HOST(1, 99, 99), HOST(2, 10, 99) },
	  .vms = { VM(10, HIGH, 1), VM(8, LOW, 2) },
	  .ask = { .lost = 1, .preempt = true },
	  .steps = "0>2@0", .left_out = "1", .stopped = "1" },
	{ .name = "preemption: who gave way finds another place",
	  .hosts = { HOST(1, 99, 99), HOST(2, 10, 99), HOST(3, 7, 99) },
	  .vms = { VM(8, HIGH, 1), VM(5, LOW, 2) },
	  .ask = { .lost = 1, .preempt = true },
	  .steps = "0>2@0 1>3@0", .stopped = "1" },
	{ .name = "preemption: nobody gives way for nothing",
	  .hosts = { HOST(1, 99, 99), HOST(2, 10, 99) },
	  .vms = { VM(8, HIGH, 1), VM(2, LOWEST, 2), VM(8, LOW, 2) },
	  .ask = { .lost = 1, .preempt = true },
	  .steps = "0>2@0", .left_out = "2", .stopped = "2" },
	{ .name = "those of a must rule together where their rules all allow",
	  .hosts = { HOST(1, 99, 99), HOST(2, 99, 99), HOST(3, 50, 99) },
	  .vms = { VM(5, HIGH, 1, IN_GROUP(0)),
		   VM_ON(4, 4, HIGH, 1, IN_GROUP(0)) },
	  .group = { HA_GROUP_TOGETHER, true, 0 },
	  .ask = { .lost = 1, .effort = HA_EFFORT_GREEDY },
	  .steps = "0>3@0 1>3@0" },
	{ .name = "preemption stops nobody of the same priority",
	  .hosts = { HOST(1, 99, 99), HOST(2, 10, 99) },
	  .vms = { VM(8, LOW, 1), VM(5, LOW, 2) },
	  .ask = { .lost = 1, .preempt = true },
	  .left_out = "0" },
};

static void print_list(const uint32_t *vms, size_t count, char *ret)
{
	size_t at = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		at += (size_t)snprintf(ret + at, 200 - at, "%s%u",
				       i ? " " : "", vms[i]);
	}
}

static void print_steps(const struct ha_recovery *r, char *ret)
{
	size_t at = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < r->step_count; i++) {
		at += (size_t)snprintf(ret + at, 200 - at, "%s%u>%u@%u",
				       i ? " " : "", r->steps[i].vm,
				       r->steps[i].host, r->steps[i].wave);
	}
}

static void is_text(const char *name, const char *got, const char *expected)
{
	ck_assert_msg(strcmp(got, expected ? expected : "") == 0,
		      "%s: \"%s\", not \"%s\"", name, got,
		      expected ? expected : "");
}

START_TEST(test_story)
{
	const struct story *t = &stories[_i];
	struct ha_pool pool = { t->hosts, 0, t->vms, 0, &t->group, 1 };
	const struct ha_recovery *r;
	struct ha_planner *p;
	char text[200];

	while (pool.host_count < 4 && t->hosts[pool.host_count].id) {
		pool.host_count++;
	}
	while (pool.vm_count < 8 && t->vms[pool.vm_count].memory_kib) {
		pool.vm_count++;
	}
	p = small_planner(&pool);
	for (int again = 0; again < 2; again++) {
		r = ha_recovery_plan(p, &t->ask);
		print_steps(r, text);
		is_text(t->name, text, t->steps);
		print_list(r->left_out, r->left_out_count, text);
		is_text(t->name, text, t->left_out);
		print_list(r->stopped, r->stopped_count, text);
		is_text(t->name, text, t->stopped);
	}
	free(p);
}
END_TEST

/* What is missing, who would give way, who could move: one case of each. */
START_TEST(test_remedies)
{
	const struct ha_pool_host hosts[] = { HOST(1, 99, 99), HOST(2, 10, 99),
					      HOST(3, 12, 99) };
	const struct ha_pool_vm vms[] = { VM(9, HIGH, 1), VM(5, HIGH, 2),
					  VM(7, LOW, 3), VM(1, LOW, 3) };
	const struct ha_pool pool = { hosts, 3, vms, 4, NULL, 0 };
	struct ha_planner *p = small_planner(&pool);
	const struct ha_recovery *r = ha_recovery_plan(
		p, &(struct ha_recovery_ask){ .lost = 1 });
	const struct ha_recovery_miss *m = &r->misses[0];

	ck_assert_uint_eq(r->miss_count, 1);
	ck_assert(r->proven);
	ck_assert_uint_eq(m->vm, 0);
	ck_assert_int_eq(m->verdict, HA_VERDICT_MEMORY);
	/* 4 of 10 are missing on 2, 5 of 12 on 3 */
	ck_assert_uint_eq(m->host, 2);
	ck_assert_uint_eq(m->memory_missing_kib, 4);
	ck_assert_uint_eq(m->vcpus_missing, 0);
	ck_assert_uint_eq(m->victim_host, 3);
	ck_assert_uint_eq(m->victim_count, 1);
	ck_assert_uint_eq(m->victims[0], 2);
	/* 5 moves from 2, where 5 are free, to 3? There are 4. */
	ck_assert_uint_eq(m->mover_to, HA_HOST_NONE);
	free(p);
}
END_TEST

START_TEST(test_mover)
{
	const struct ha_pool_host hosts[] = { HOST(1, 99, 99), HOST(2, 10, 99),
					      HOST(3, 12, 99) };
	const struct ha_pool_vm vms[] = { VM(9, HIGH, 1), VM(5, HIGHEST, 2),
					  VM(7, HIGHEST, 3) };
	const struct ha_pool pool = { hosts, 3, vms, 3, NULL, 0 };
	struct ha_planner *p = small_planner(&pool);
	const struct ha_recovery *r = ha_recovery_plan(
		p, &(struct ha_recovery_ask){ .lost = 1 });
	const struct ha_recovery_miss *m = &r->misses[0];

	ck_assert_uint_eq(r->miss_count, 1);
	ck_assert_uint_eq(m->mover, 1);
	ck_assert_uint_eq(m->mover_from, 2);
	ck_assert_uint_eq(m->mover_to, 3);
	ck_assert_uint_eq(m->victim_host, HA_HOST_NONE);
	free(p);
}
END_TEST

/* Everybody to be placed is placed once or told to be left out; nobody against
 * a must rule or over capacity; waves are kept. */
static void check_plan(const struct small_pool *s, ha_hostset lost,
		       const struct ha_recovery *r)
{
	unsigned seen[SMALL_VMS_MAX] = { 0 };
	unsigned starts[SMALL_HOSTS_MAX + 1][SMALL_VMS_MAX] = { { 0 } };
	struct small_state state;

	small_pool_apply(s, lost, r, &state);
	for (size_t i = 0; i < r->step_count; i++) {
		const struct ha_recovery_step *t = &r->steps[i];
		uint32_t most = s->hosts[t->host - 1].starts_max;

		seen[t->vm]++;
		ck_assert_uint_lt(t->wave, SMALL_VMS_MAX);
		starts[t->host][t->wave]++;
		ck_assert(most == 0 || starts[t->host][t->wave] <= most);
		ck_assert(i == 0 || r->steps[i - 1].wave <= t->wave);
		ck_assert_msg(!small_pool_breach(s, &state, t->vm), "vm %u: %s",
			      t->vm, small_pool_breach(s, &state, t->vm));
	}
	for (size_t i = 0; i < r->left_out_count; i++) {
		seen[r->left_out[i]]++;
	}
	for (uint32_t i = 0; i < s->pool.vm_count; i++) {
		bool due = s->vms[i].priority != HA_PRIORITY_DISABLED &&
			   (s->vms[i].host == 0 ? s->vms[i].wanted
						: ha_host_in(lost,
							     s->vms[i].host));

		for (size_t k = 0; k < r->stopped_count; k++) {
			due |= r->stopped[k] == i;
		}
		ck_assert_uint_eq(seen[i], due);
	}
}

/* All that is missing, given, lets all of them in. */
static void check_missing(const struct small_pool *s, ha_hostset lost,
			  const struct ha_recovery *r)
{
	struct small_pool t = *s;
	struct small_state state;

	small_pool_apply(s, lost, r, &state);
	for (size_t i = 0; i < r->miss_count; i++) {
		const struct ha_recovery_miss *m = &r->misses[i];
		const struct ha_pool_host *h = &s->hosts[m->host - 1];
		uint64_t memory = h->memory_kib + m->memory_missing_kib;
		uint32_t vcpus = h->vcpus + (uint32_t)m->vcpus_missing;

		if (m->verdict == HA_VERDICT_MEMORY ||
		    m->verdict == HA_VERDICT_VCPUS) {
			struct ha_pool_host *grown = &t.hosts[m->host - 1];

			ck_assert(m->memory_missing_kib + m->vcpus_missing > 0);
			grown->memory_kib = memory > grown->memory_kib
						    ? memory : grown->memory_kib;
			grown->vcpus = vcpus > grown->vcpus ? vcpus
							    : grown->vcpus;
			state.at[m->vm] = m->host;
		}
	}
	for (size_t i = 0; i < r->miss_count; i++) {
		uint32_t vm = r->misses[i].vm;

		ck_assert(state.at[vm] == HA_HOST_NONE ||
			  !small_pool_breach(&t, &state, vm));
	}
}

/* Each other remedy, applied, lets that VM in. */
static void check_remedies(const struct small_pool *s, ha_hostset lost,
			   const struct ha_recovery *r)
{
	for (size_t i = 0; i < r->miss_count; i++) {
		const struct ha_recovery_miss *m = &r->misses[i];
		struct small_state state;

		small_pool_apply(s, lost, r, &state);
		if (m->victim_host != HA_HOST_NONE) {
			for (size_t k = 0; k < m->victim_count; k++) {
				ck_assert(s->vms[m->victims[k]].priority >
					  s->vms[m->vm].priority);
				state.at[m->victims[k]] = HA_HOST_NONE;
			}
			state.at[m->vm] = m->victim_host;
			ck_assert(!small_pool_breach(s, &state, m->vm));
		}
		if (m->mover_to != HA_HOST_NONE) {
			small_pool_apply(s, lost, r, &state);
			ck_assert_uint_eq(state.at[m->mover], m->mover_from);
			state.at[m->mover] = m->mover_to;
			state.at[m->vm] = m->mover_from;
			ck_assert(!small_pool_breach(s, &state, m->vm));
			ck_assert(!small_pool_breach(s, &state, m->mover));
		}
	}
}

static ha_hostset some_loss(const struct small_pool *s, unsigned seed)
{
	if (seed % 4 == 0) {
		return 0;
	}
	return (seed % 4 == 1 || s->pool.host_count < 3) ? 1 : 6;
}

START_TEST(test_properties)
{
	unsigned left_out = 0, placed = 0, broken = 0, victims = 0, movers = 0;

	for (unsigned i = 0; i < POOLS; i++) {
		struct small_pool s;
		const struct small_spec spec = { i, 8, 40, 30, 110 };
		struct ha_recovery_ask ask = { .waiting = true,
					       .score = i % 2,
					       .tiers_wait = i % 3 == 0 };
		const struct ha_recovery *r;
		struct ha_planner *p;

		small_pool_make(&s, &spec);
		ask.lost = some_loss(&s, i);
		if (ask.lost) {
			small_pool_place(&s);
		}
		p = small_planner(&s.pool);
		r = ha_recovery_plan(p, &ask);
		check_plan(&s, ask.lost, r);
		check_missing(&s, ask.lost, r);
		check_remedies(&s, ask.lost, r);
		placed += (unsigned)r->step_count;
		left_out += (unsigned)r->left_out_count;
		broken += (unsigned)r->broken_count;
		for (size_t k = 0; k < r->miss_count; k++) {
			victims += r->misses[k].victim_host != 0;
			movers += r->misses[k].mover_to != 0;
		}
		ask.preempt = true;
		r = ha_recovery_plan(p, &ask);
		check_plan(&s, ask.lost, r);
		free(p);
	}
	printf("%u placed, %u of them against a should rule; %u left out, %u "
	       "would get in if others gave way, %u if one moved\n", placed,
	       broken, left_out, victims, movers);
	ck_assert_uint_gt(broken, 0);
	ck_assert_uint_gt(victims, 0);
	ck_assert_uint_gt(movers, 0);
}
END_TEST

/* Hosts without memory, or gone, or asked for more than they have; VMs that
 * need nothing; the largest there may be; nothing at all. */
START_TEST(test_odd_pools)
{
	const uint64_t most = HA_POOL_MEMORY_KIB_MAX;
	const struct ha_pool_host hosts[] = {
		HOST(1, 0, 0), HOST(2, 10, 0), HOST(3, 0, 10),
		HOST(5, 10, 10), HOST(64, most, UINT32_MAX) };
	const struct ha_pool_group groups[] = {
		{ HA_GROUP_SPREAD, true, 0 }, { HA_GROUP_TOGETHER, true, 0 },
		{ HA_GROUP_APART, false, 1 } };
	struct ha_pool_vm vms[9] = { VM(0, HIGH, 1), VM(0, LOW, 60),
		VM(most, LOW, 5), VM(most, HIGH, 0), VM(most, HIGH, 60),
		VM(1, LOWEST, 64), VM(0, LOW, 0), VM(5, HIGH, 60),
		VM(5, HIGH, 60) };
	struct ha_recovery_ask ask = { .waiting = true };

	vms[6].vcpus = 0;
	for (unsigned i = 0; i < 9 * 4 * 6; i++) {
		struct ha_pool pool = { hosts, i % 6, vms, i / 6 % 9 + i / 54,
					groups, 3 };
		const struct ha_recovery *r;
		struct ha_planner *p;

		pool.vm_count = pool.vm_count > 9 ? 9 : pool.vm_count;
		for (unsigned v = 0; v < 9; v++) {
			vms[v].group_count = v % 3 != 0;
			vms[v].groups[0] = (uint16_t)((i + v) % 3);
		}
		p = small_planner(&pool);
		ask.lost = i % 2 ? (ha_hostset)1 << 59 | 1 : 0;
		ask.preempt = i % 3 == 0;
		r = ha_recovery_plan(p, &ask);
		for (size_t k = 0; k < r->step_count; k++) {
			ck_assert(r->steps[k].vm < pool.vm_count);
			ck_assert(!ha_host_in(ask.lost, r->steps[k].host));
		}
		ck_assert_uint_le(r->step_count + r->left_out_count,
				  pool.vm_count);
		free(p);
	}
}
END_TEST

/* A planner has no memory of what it was asked before. */
START_TEST(test_questions_leave_no_trace)
{
	for (unsigned i = 0; i < 200; i++) {
		struct small_pool s;
		const struct small_spec spec = { i, 6, 20, 40, 90 };
		struct ha_planner *p, *fresh;
		char text[2][200];

		small_pool_make(&s, &spec);
		small_pool_place(&s);
		p = small_planner(&s.pool);
		for (ha_hostset lost = 1; lost < 4; lost++) {
			struct ha_recovery_ask ask = { .lost = lost,
						       .preempt = i % 2 };

			fresh = small_planner(&s.pool);
			print_steps(ha_recovery_plan(p, &ask), text[0]);
			print_steps(ha_recovery_plan(fresh, &ask), text[1]);
			ck_assert_str_eq(text[0], text[1]);
			free(fresh);
		}
		free(p);
	}
}
END_TEST

/* A plan is carried out in part, as starts are paced. What is left of it can
 * be planned still, with what was planned at hand. */
START_TEST(test_rest_of_a_plan)
{
	unsigned rests = 0, without = 0;

	for (unsigned i = 0; i < POOLS; i++) {
		const struct small_spec spec = { i, 8, 40, 90, 100 };
		const struct ha_recovery_ask ask = { .waiting = true };
		const struct ha_recovery *r;
		struct ha_planner *p;
		struct small_pool s;

		small_pool_make(&s, &spec);
		p = small_planner(&s.pool);
		r = ha_recovery_plan(p, &ask);
		for (size_t k = 0; k < r->step_count; k++) {
			struct ha_pool_vm *v = &s.vms[r->steps[k].vm];

			v->planned = r->steps[k].host;
			v->host = (i + k) % 3 == 0 ? v->planned : 0;
		}
		if (r->left_out_count > 0) {
			free(p);
			continue;
		}
		p = ha_planner_init(p, &s.pool);
		ck_assert_uint_eq(ha_recovery_plan(p, &ask)->left_out_count, 0);
		for (size_t k = 0; k < s.pool.vm_count; k++) {
			s.vms[k].planned = HA_HOST_NONE;
		}
		without += ha_recovery_plan(p, &ask)->left_out_count > 0;
		rests++;
		free(p);
	}
	printf("a plan in part: of %u rests %u are only found as planned\n",
	       rests, without);
	ck_assert_uint_gt(rests, 0);
}
END_TEST

/* One host more should never make it worse; heuristics do not promise that,
 * so it is counted. */
START_TEST(test_one_host_more)
{
	unsigned worse = 0, better = 0, tried = 0;

	for (unsigned i = 0; i < POOLS; i++) {
		struct small_pool s;
		const struct small_spec spec = { i, 7, 40, 70, 110 };
		const struct ha_recovery_ask ask = { .waiting = true };
		struct ha_planner *p;
		size_t before, after;

		small_pool_make(&s, &spec);
		p = small_planner(&s.pool);
		before = ha_recovery_plan(p, &ask)->left_out_count;
		free(p);
		s.hosts[s.pool.host_count] = s.hosts[s.pool.host_count - 1];
		s.hosts[s.pool.host_count].id++;
		s.pool.host_count++;
		p = small_planner(&s.pool);
		after = ha_recovery_plan(p, &ask)->left_out_count;
		free(p);
		tried++;
		worse += after > before;
		better += after < before;
	}
	printf("one host more: of %u plans %u leave out fewer, %u more\n",
	       tried, better, worse);
	ck_assert_uint_lt(worse * 50, tried);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plan-recovery");
	TCase *c = tcase_create("all");

	tcase_add_loop_test(c, test_story, 0,
			    sizeof(stories) / sizeof(stories[0]));
	tcase_add_test(c, test_remedies);
	tcase_add_test(c, test_mover);
	tcase_add_test(c, test_properties);
	tcase_add_test(c, test_odd_pools);
	tcase_add_test(c, test_questions_leave_no_trace);
	tcase_add_test(c, test_rest_of_a_plan);
	tcase_add_test(c, test_one_host_more);
	tcase_set_timeout(c, 300);
	suite_add_tcase(s, c);
	return test_main(s);
}
