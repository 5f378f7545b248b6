/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Admission control: the vendors' own examples, and what a yes is worth. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/admission.h"
#include "policy/reserve.h"
#include "policy/slots.h"
#include "tests/unit/small-pool.h"
#include "tests/unit/suite.h"

#define GB(n) ((uint64_t)(n) << 20)
#define GHZ(n) ((n) * 1000u)
#define POOLS 1500

/* VMware, vSphere Availability guide, "Admission Control Example with Host
 * Failures Cluster Tolerates Policy" and "... Using Percentage of Cluster
 * Resources Reserved Policy": the same three hosts and five VMs in both. */
static const struct ha_pool_host guide_hosts[] = {
	{ .id = 1, .usable = true, .cpu_mhz = GHZ(9), .memory_kib = GB(9) },
	{ .id = 2, .usable = true, .cpu_mhz = GHZ(9), .memory_kib = GB(6) },
	{ .id = 3, .usable = true, .cpu_mhz = GHZ(6), .memory_kib = GB(6) },
};
#define GUIDE_VM(ghz, gb, where) \
	{ .cpu_reserved_mhz = GHZ(ghz), .memory_reserved_kib = GB(gb), \
	  .host = (where) }
static const struct ha_pool_vm guide_vms[] = {
	GUIDE_VM(2, 1, 1), GUIDE_VM(2, 1, 1), GUIDE_VM(1, 2, 2),
	GUIDE_VM(1, 1, 2), GUIDE_VM(1, 1, 3), GUIDE_VM(1, 1, 0),
	GUIDE_VM(1, 1, 0), GUIDE_VM(3, 1, 0),
};
static const struct ha_pool guide = { guide_hosts, 3, guide_vms, 8, NULL, 0 };

START_TEST(test_slots_of_guide)
{
	struct ha_slots_ask ask = { .failures = 1 };
	struct ha_slots s;

	ha_slots_check(&guide, &ask, &s);
	/* "the slot size is 2GHz CPU and 2GB memory" */
	ck_assert_uint_eq(s.cpu_mhz, GHZ(2));
	ck_assert_uint_eq(s.cpu_vm, 0);
	ck_assert_uint_eq(s.memory_kib, GB(2));
	ck_assert_uint_eq(s.memory_vm, 2);
	/* "H1 can support four slots. H2 ... three ... and H3 also three" */
	ck_assert_uint_eq(s.on_host[0], 4);
	ck_assert_uint_eq(s.on_host[1], 3);
	ck_assert_uint_eq(s.on_host[2], 3);
	/* "The largest host is H1 and if it fails, six slots remain" */
	ck_assert_uint_eq(s.failing, 1);
	ck_assert_uint_eq(s.left, 6);
	ck_assert_uint_eq(s.used, 5);
	/* "the Current Failover Capacity is one" */
	ck_assert_uint_eq(s.tolerated, 1);
	ck_assert(s.yes);
	ask.failures = 2; /* "If both H1 and H2 fail, only three slots remain" */
	ha_slots_check(&guide, &ask, &s);
	ck_assert_uint_eq(s.left, 3);
	ck_assert(!s.yes);
}
END_TEST

/* "one slot available": a sixth VM may be started, a larger one not, since it
 * makes all slots larger. */
START_TEST(test_slots_of_one_more)
{
	struct ha_slots_ask ask = { .failures = 1, .change = { 5, 1 } };
	struct ha_slots s;

	ha_slots_check(&guide, &ask, &s);
	ck_assert(s.yes);
	ck_assert_uint_eq(s.used, 6);
	ask.change.vm = 7;
	ha_slots_check(&guide, &ask, &s);
	ck_assert_uint_eq(s.cpu_mhz, GHZ(3));
	ck_assert_uint_eq(s.on_host[0] + s.on_host[1] + s.on_host[2], 8);
	ck_assert(!s.yes);
}
END_TEST

/* Hosts of 16, 16 and 32 GB and slots of 1 GB: what is left is 32 slots, as
 * if the third had 16 too (Epping, vSphere HA Deepdive, on unbalanced
 * clusters). */
START_TEST(test_slots_of_unbalanced)
{
	static const struct ha_pool_host hosts[] = {
		{ .id = 1, .usable = true, .cpu_mhz = GHZ(99),
		  .memory_kib = GB(16) },
		{ .id = 2, .usable = true, .cpu_mhz = GHZ(99),
		  .memory_kib = GB(16) },
		{ .id = 3, .usable = true, .cpu_mhz = GHZ(99),
		  .memory_kib = GB(32) },
	};
	static const struct ha_pool_vm vms[] = {
		{ .memory_reserved_kib = GB(1), .host = 1 } };
	const struct ha_pool pool = { hosts, 3, vms, 1, NULL, 0 };
	struct ha_slots_ask ask = { .failures = 1 };
	struct ha_slots s;

	ha_slots_check(&pool, &ask, &s);
	ck_assert_uint_eq(s.all, 64);
	ck_assert_uint_eq(s.failing, 4);
	ck_assert_uint_eq(s.left, 32);
	ck_assert_uint_eq(s.tolerated, 2);
}
END_TEST

/* Without reservations a VM counts 32 MHz and its overhead. With a size that
 * is set, or capped, a larger VM takes several slots. */
START_TEST(test_slots_sizes)
{
	static const struct ha_pool_host hosts[] = {
		{ .id = 1, .usable = true, .cpu_mhz = 320,
		  .memory_kib = GB(10) },
		{ .id = 2, .usable = false, .cpu_mhz = 320,
		  .memory_kib = GB(10) },
	};
	static const struct ha_pool_vm vms[] = {
		{ .memory_overhead_kib = 100, .host = 1 },
		{ .memory_overhead_kib = 200, .host = 1 },
		{ .memory_reserved_kib = GB(3), .memory_overhead_kib = GB(1),
		  .cpu_reserved_mhz = 50 } };
	const struct ha_pool pool = { hosts, 2, vms, 3, NULL, 0 };
	struct ha_slots_ask ask = { .failures = 0 };
	struct ha_slots s;

	ha_slots_check(&pool, &ask, &s);
	ck_assert_uint_eq(s.cpu_mhz, 32);
	ck_assert_uint_eq(s.memory_kib, 200);
	ck_assert_uint_eq(s.all, 10);
	ck_assert_uint_eq(s.used, 2);
	ask.change = (struct ha_pool_change){ 2, 1 };
	ask.memory_kib_most = GB(1);
	ask.cpu_mhz_most = 40;
	ha_slots_check(&pool, &ask, &s);
	ck_assert_uint_eq(s.cpu_mhz, 40);
	ck_assert_uint_eq(s.cpu_vm, HA_SLOTS_BY_RULE);
	ck_assert_uint_eq(s.memory_kib, GB(1));
	ck_assert_uint_eq(s.all, 8);
	ck_assert_uint_eq(s.used, 1 + 1 + 4);
	ask.cpu_mhz = 10;
	ask.memory_kib = GB(2);
	ha_slots_check(&pool, &ask, &s);
	ck_assert_uint_eq(s.all, 5);
	ck_assert_uint_eq(s.used, 4 + 4 + 5);
	ck_assert(!s.yes);
}
END_TEST

START_TEST(test_slots_never_all_hosts)
{
	static const struct ha_pool_vm none[1];
	const struct ha_pool pool = { guide_hosts, 3, none, 0, NULL, 0 };
	struct ha_slots_ask ask = { .failures = 3 };
	struct ha_slots s;

	ha_slots_check(&pool, &ask, &s);
	ck_assert_uint_eq(s.tolerated, 2);
	ck_assert(!s.yes);
}
END_TEST

/* "The Current CPU Failover Capacity is 70% ((24GHz - 7GHz)/24GHz) ... memory
 * 71% ((21GB-6GB)/21GB). Because the Configured Failover Capacity is set to
 * 25%, 45% of the CPU and 46% of the memory ... are still available" */
START_TEST(test_percentage_of_guide)
{
	struct ha_percentage_ask ask = { .cpu_percent = 25,
					 .memory_percent = 25 };
	struct ha_percentage p;

	ha_percentage_check(&guide, &ask, &p);
	ck_assert_uint_eq(p.cpu_mhz, GHZ(24));
	ck_assert_uint_eq(p.cpu_reserved_mhz, GHZ(7));
	ck_assert_uint_eq(p.memory_kib, GB(21));
	ck_assert_uint_eq(p.memory_reserved_kib, GB(6));
	ck_assert_uint_eq(p.cpu_free_percent, 70);
	ck_assert_uint_eq(p.memory_free_percent, 71);
	ck_assert_uint_eq(p.cpu_free_percent - p.cpu_kept_percent, 45);
	ck_assert_uint_eq(p.memory_free_percent - p.memory_kept_percent, 46);
	ck_assert(p.yes);
	ask.cpu_percent = 71;
	ha_percentage_check(&guide, &ask, &p);
	ck_assert(!p.yes);
	ck_assert(p.cpu_short);
	ck_assert(!p.memory_short);
}
END_TEST

/* "if you want ... to set aside resources for two host failures and have ten
 * hosts of equal capacity ..., specify 20% (2/10)" (the same guide's best
 * practices); and a third is a third, not 33 %. */
START_TEST(test_percentage_computed)
{
	struct ha_pool_host hosts[10];
	struct ha_pool_vm vms[] = { { .cpu_reserved_mhz = 800,
				      .memory_reserved_kib = 800, .host = 1 } };
	struct ha_pool pool = { hosts, 10, vms, 1, NULL, 0 };
	struct ha_percentage_ask ask = { .failures = 2 };
	struct ha_percentage p;

	for (unsigned i = 0; i < 10; i++) {
		hosts[i] = (struct ha_pool_host){ .id = i + 1, .usable = true,
						  .cpu_mhz = 100,
						  .memory_kib = 100 };
	}
	ha_percentage_check(&pool, &ask, &p);
	ck_assert_uint_eq(p.cpu_kept_percent, 20);
	ck_assert(p.yes);
	vms[0].memory_reserved_kib = 801;
	ha_percentage_check(&pool, &ask, &p);
	ck_assert(p.memory_short);
	ck_assert(!p.cpu_short);
	pool.host_count = 3;
	ask.failures = 1;
	vms[0].memory_reserved_kib = vms[0].cpu_reserved_mhz = 200;
	ha_percentage_check(&pool, &ask, &p);
	ck_assert_uint_eq(p.cpu_kept_percent, 34);
	ck_assert(p.yes);
	vms[0].cpu_reserved_mhz = 201;
	ha_percentage_check(&pool, &ask, &p);
	ck_assert(!p.yes);
}
END_TEST

START_TEST(test_failover_hosts)
{
	struct ha_pool_host hosts[] = { { .id = 1, .usable = true },
		{ .id = 2, .usable = true, .spare = true },
		{ .id = 3, .usable = true, .spare = true } };
	struct ha_pool_vm vms[] = { { .host = 1 }, { .host = 0 } };
	const struct ha_pool pool = { hosts, 3, vms, 2, NULL, 0 };
	struct ha_failover_ask ask = { .failures = 2 };
	struct ha_failover f;

	ha_failover_check(&pool, &ask, &f);
	ck_assert(f.yes);
	ck_assert_uint_eq(f.empty, 6);
	ask.change = (struct ha_pool_change){ 1, 3 };
	ha_failover_check(&pool, &ask, &f);
	ck_assert(!f.yes);
	ck_assert_uint_eq(f.taken, 4);
	ck_assert_uint_eq(f.tolerated, 1);
	ask.change.host = 1;
	hosts[1].usable = false;
	ha_failover_check(&pool, &ask, &f);
	ck_assert(!f.yes);
	ck_assert_uint_eq(f.unusable, 2);
	ask.failures = 1;
	ha_failover_check(&pool, &ask, &f);
	ck_assert(f.yes);
}
END_TEST

/* Three hosts of 10, each with a VM of 6: none can go to another. A percentage
 * of 33 would have said yes (40 % are free), and so would slots by hand. */
START_TEST(test_plan_sees_fragments)
{
	struct ha_pool_host hosts[3];
	struct ha_pool_vm vms[3];
	const struct ha_pool pool = { hosts, 3, vms, 3, NULL, 0 };
	const struct ha_admission_ask ask = { .failures = 1 };
	struct ha_admission_answer a;
	struct ha_planner *p;

	for (unsigned i = 0; i < 3; i++) {
		hosts[i] = (struct ha_pool_host){ .id = i + 1, .usable = true,
			.memory_kib = 10, .vcpus = 10 };
		vms[i] = (struct ha_pool_vm){ .memory_kib = 6, .vcpus = 1,
			.priority = i == 0 ? HA_PRIORITY_HIGH
					   : HA_PRIORITY_LOW,
			.host = i + 1, .reaches = SMALL_ANY,
			.allowed = SMALL_ANY };
	}
	p = small_planner(&pool);
	ha_admission_check(p, &ask, &a);
	ck_assert(!a.yes);
	ck_assert(a.proven);
	ck_assert_uint_eq(a.tolerated, 0);
	ck_assert(!a.none);
	ck_assert_uint_eq(a.failing, 1);
	ck_assert_uint_eq(a.recovery->left_out_count, 1);
	ck_assert_uint_eq(a.recovery->left_out[0], 0);
	ck_assert_uint_eq(a.recovery->misses[0].memory_missing_kib, 2);
	ck_assert_uint_eq(a.recovery->misses[0].host, 2);
	ck_assert_uint_eq(a.recovery->misses[0].victim_count, 1);
	ck_assert_uint_eq(a.recovery->misses[0].victims[0], 1);
	free(p);
}
END_TEST

/* What the bound must not take for settled: TOGETHER rules among many hosts
 * with room. Hosts of 100, each with a filler; the first VMs are the rule's. */
struct lot_case {
	const char *name;
	ha_hostid hosts[3];     /* where the members run */
	uint64_t memory_kib;    /* of each */
	uint64_t filler_kib[3]; /* on hosts 1, 2, all others */
	bool apart;             /* and must not be on one host */
	bool yes;
};

static const struct lot_case lot_cases[] = {
	{ "there is room for all of them", { 1, 1, 1 }, 20, { 0, 0, 30 },
	  false, true },
	{ "for each, but on no host for all", { 1, 1, 1 }, 30, { 0, 40, 40 },
	  false, false },
	{ "one has to go to where another stays, which is full", { 1, 2, 2 },
	  20, { 0, 60, 0 }, false, false },
	{ "the same, and it is not", { 1, 2, 2 }, 20, { 0, 0, 0 }, false,
	  true },
	{ "together and apart", { 1, 1, 1 }, 1, { 0, 0, 0 }, true, false },
};

START_TEST(test_bound_of_lots)
{
	static const struct ha_pool_group groups[] = {
		{ HA_GROUP_TOGETHER, true, 0 }, { HA_GROUP_APART, true, 1 } };
	const struct lot_case *t = &lot_cases[_i];
	struct ha_pool_host hosts[40];
	struct ha_pool_vm vms[43];
	const struct ha_pool pool = { hosts, 40, vms, 43, groups, 2 };
	const struct ha_admission_ask ask = { .failures = 1 };
	struct ha_admission_answer a;
	struct ha_planner *p;

	for (unsigned i = 0; i < 43; i++) {
		vms[i] = (struct ha_pool_vm){ .vcpus = 1,
			.memory_kib = i < 3 ? t->memory_kib
					    : t->filler_kib[i < 5 ? i - 3 : 2],
			.host = i < 3 ? t->hosts[i] : i - 2,
			.priority = i < 3 ? HA_PRIORITY_HIGH
					  : HA_PRIORITY_DISABLED,
			.groups = { 0, 1 },
			.group_count = (uint8_t)(i < 3 ? 1 + t->apart : 0),
			.reaches = SMALL_ANY, .allowed = SMALL_ANY };
	}
	for (unsigned i = 0; i < 40; i++) {
		hosts[i] = (struct ha_pool_host){ .id = i + 1, .usable = true,
			.memory_kib = 100, .vcpus = 1000 };
	}
	p = small_planner(&pool);
	ha_admission_check(p, &ask, &a);
	ck_assert_msg(a.yes == t->yes, "%s", t->name);
	ck_assert(!a.yes || a.planned < a.sets);
	free(p);
}
END_TEST

/* Every set of failing hosts, without anything of admission.c. */
static bool all_recover(const struct small_pool *s, uint32_t failures,
			ha_hostset *ret_failing)
{
	struct ha_planner *p = small_planner(&s->pool);
	bool good = true;

	for (ha_hostset lost = 0; lost < (ha_hostset)1 << s->pool.host_count;
	     lost++) {
		struct ha_recovery_ask ask = { .lost = lost, .waiting = true };
		const struct ha_recovery *r;
		struct small_state state;

		if (ha_hostset_count(lost) > failures) {
			continue;
		}
		r = ha_recovery_plan(p, &ask);
		small_pool_apply(s, lost, r, &state);
		for (size_t i = 0; i < r->step_count; i++) {
			ck_assert(!small_pool_breach(s, &state,
						     r->steps[i].vm));
		}
		if (r->left_out_count > 0) {
			*ret_failing = lost;
			good = false;
		}
	}
	free(p);
	return good;
}

struct count {
	unsigned yes, no, proven, sets, planned;
};

/* What it says is so; with and without the bound; and leaves no trace. */
static void check_answer(const struct small_pool *s,
			 const struct ha_admission_ask *ask, struct count *n)
{
	struct ha_planner *p = small_planner(&s->pool);
	struct ha_admission_ask all = *ask;
	struct ha_admission_answer a, b;
	struct small_pool changed = *s;
	ha_hostset failing = 0;
	bool good;

	changed.pool.vms = changed.vms;
	if (ask->change.host != HA_HOST_NONE) {
		changed.vms[ask->change.vm].host = ask->change.host;
	}
	all.plan_all = true;
	ha_admission_check(p, &all, &b);
	ha_admission_check(p, ask, &a);
	good = all_recover(&changed, ask->failures, &failing);
	ck_assert_int_eq(a.yes, good);
	ck_assert_int_eq(b.yes, good);
	ck_assert_uint_eq(a.tolerated, b.tolerated);
	ck_assert_uint_eq(a.failing, b.failing);
	ck_assert(a.yes || a.recovery->left_out_count > 0);
	n->yes += a.yes;
	n->no += !a.yes;
	n->proven += !a.yes && a.proven;
	n->sets += a.sets;
	n->planned += a.planned;
	free(p);
}

START_TEST(test_yes_holds)
{
	struct count n = { 0 };

	for (unsigned i = 0; i < POOLS; i++) {
		struct small_pool s;
		const struct small_spec spec = { i, 8, 40, 10, 70 };
		struct ha_admission_ask ask = { .failures = 1 + i % 2 };

		small_pool_make(&s, &spec);
		if (i % 8 != 0) {
			small_pool_place(&s);
		}
		check_answer(&s, &ask, &n);
		ask.change = (struct ha_pool_change){
			i % (uint32_t)s.pool.vm_count,
			i % (uint32_t)s.pool.host_count + 1 };
		check_answer(&s, &ask, &n);
	}
	printf("admission: %u yes, all held; %u no, %u of them proven; of %u "
	       "sets of hosts the bound settled %u\n", n.yes, n.no, n.proven,
	       n.sets, n.sets - n.planned);
	ck_assert_uint_gt(n.yes, 0);
	ck_assert_uint_gt(n.no, 0);
	ck_assert_uint_lt(n.planned, n.sets);
}
END_TEST

/* A yes for more VMs than the exhaustive search takes must be as good. */
START_TEST(test_limits)
{
	struct ha_pool_host hosts[HA_HOSTS_MAX];
	struct ha_pool_vm vms[HA_HOSTS_MAX];
	const struct ha_pool pool = { hosts, HA_HOSTS_MAX, vms, HA_HOSTS_MAX,
				      NULL, 0 };
	struct ha_admission_ask ask = { .failures = 6 };
	struct ha_admission_answer a;
	struct ha_planner *p;

	for (unsigned i = 0; i < HA_HOSTS_MAX; i++) {
		hosts[i] = (struct ha_pool_host){ .id = i + 1, .usable = true,
			.memory_kib = 10, .vcpus = 10 };
		vms[i] = (struct ha_pool_vm){ .memory_kib = 1, .vcpus = 1,
			.host = i + 1, .reaches = SMALL_ANY,
			.allowed = SMALL_ANY };
	}
	p = small_planner(&pool);
	ha_admission_check(p, &ask, &a);
	ck_assert(!a.yes); /* 75 million sets: no, and why */
	ck_assert(a.gave_up);
	ck_assert(!a.proven);
	ck_assert_uint_ge(a.tolerated, 3);
	ask.failures = 3;
	ha_admission_check(p, &ask, &a);
	ck_assert(a.yes);
	ck_assert_uint_eq(a.sets, 1 + 64 + 2016 + 41664);
	free(p);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("admission");
	TCase *c = tcase_create("all");

	tcase_add_test(c, test_slots_of_guide);
	tcase_add_test(c, test_slots_of_one_more);
	tcase_add_test(c, test_slots_of_unbalanced);
	tcase_add_test(c, test_slots_sizes);
	tcase_add_test(c, test_slots_never_all_hosts);
	tcase_add_test(c, test_percentage_of_guide);
	tcase_add_test(c, test_percentage_computed);
	tcase_add_test(c, test_failover_hosts);
	tcase_add_test(c, test_plan_sees_fragments);
	tcase_add_loop_test(c, test_bound_of_lots, 0,
			    sizeof(lot_cases) / sizeof(lot_cases[0]));
	tcase_add_test(c, test_yes_holds);
	tcase_add_test(c, test_limits);
	tcase_set_timeout(c, 300);
	suite_add_tcase(s, c);
	return test_main(s);
}
