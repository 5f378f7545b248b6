/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host for one VM, case by case, and what is said of every other host. */
#include <check.h>
#include <stdlib.h>

#include "tests/unit/small-pool.h"
#include "tests/unit/suite.h"

#define H(n) ((ha_hostset)1 << ((n) - 1))
#define HOST(n, memory, cpus, ...) \
	{ .id = (n), .usable = true, .memory_kib = (memory), .vcpus = (cpus), \
	  __VA_ARGS__ }
#define VM_ON(can_reach, may_use, memory, cpus, where, ...) \
	{ .memory_kib = (memory), .vcpus = (cpus), .host = (where), \
	  .priority = HA_PRIORITY_MEDIUM, .reaches = (can_reach), \
	  .allowed = (may_use), .wanted = true, __VA_ARGS__ }
#define VM(...) VM_ON(SMALL_ANY, SMALL_ANY, __VA_ARGS__)
#define GROUPS(...) .groups = { __VA_ARGS__ }

struct choose_case {
	const char *name;
	struct ha_pool_host hosts[4];
	struct ha_pool_vm vms[4]; /* the first is to be placed */
	struct ha_pool_group groups[2];
	struct ha_choose_how how;
	ha_hostid chosen;
	enum ha_verdict verdicts[4];
	uint64_t missing[4];
	uint8_t broken[4];
};

#define CHOSEN HA_VERDICT_CHOSEN
#define FITS HA_VERDICT_FITS

static const struct choose_case cases[] = {
	{ .name = "spread: most is free on what is scarcer there",
	  .hosts = { HOST(1, 100, 10), HOST(2, 100, 10), HOST(3, 100, 100) },
	  .vms = { VM(10, 1, 0), VM(10, 5, 1), VM(50, 1, 2), VM(60, 1, 3) },
	  /* 40 % of cpus, 40 % and 30 % of memory: the lower id, as all have
	   * as many VMs */
	  .chosen = 1, .verdicts = { CHOSEN, FITS, FITS } },
	{ .name = "pack: least is free afterwards",
	  .hosts = { HOST(1, 100, 10), HOST(2, 100, 10), HOST(3, 100, 100) },
	  .vms = { VM(10, 1, 0), VM(10, 5, 1), VM(50, 1, 2), VM(60, 1, 3) },
	  .how = { .score = HA_SCORE_PACK },
	  .chosen = 3, .verdicts = { FITS, FITS, CHOSEN } },
	{ .name = "a tie goes to the fewest VMs, then the lowest id",
	  .hosts = { HOST(1, 100, 10), HOST(2, 100, 10), HOST(3, 100, 10) },
	  .vms = { VM(10, 1, 0), VM(10, 1, 1), VM(10, 1, 1), VM(20, 2, 2) },
	  .how = { .only = H(1) | H(2) },
	  .chosen = 2, .verdicts = { FITS, CHOSEN, HA_VERDICT_UNUSABLE } },
	{ .name = "what is missing",
	  .hosts = { HOST(1, 100, 10), HOST(2, 100, 10), HOST(3, 9, 9) },
	  .vms = { VM(50, 6, 0), VM(51, 1, 1), VM(20, 6, 2) },
	  .verdicts = { HA_VERDICT_MEMORY, HA_VERDICT_VCPUS,
			HA_VERDICT_MEMORY },
	  .missing = { 1, 2, 41 } },
	{ .name = "exactly is enough",
	  .hosts = { HOST(1, 100, 10) }, .vms = { VM(50, 5, 0), VM(50, 5, 1) },
	  .chosen = 1, .verdicts = { CHOSEN } },
	{ .name = "not usable, kept for recovery, not reached, not allowed",
	  .hosts = { { .id = 1, .memory_kib = 100, .vcpus = 10 },
		     HOST(2, 100, 10, .spare = true), HOST(3, 100, 10),
		     HOST(4, 100, 10) },
	  .vms = { VM_ON(SMALL_ANY & ~H(3), SMALL_ANY & ~H(4), 1, 1, 0) },
	  .verdicts = { HA_VERDICT_UNUSABLE, HA_VERDICT_SPARE,
			HA_VERDICT_UNREACHED, HA_VERDICT_RULE } },
	{ .name = "in a recovery failover hosts come first",
	  .hosts = { HOST(1, 100, 10), HOST(2, 20, 10, .spare = true) },
	  .vms = { VM(10, 1, 0) }, .how = { .recovery = true },
	  .chosen = 2, .verdicts = { FITS, CHOSEN } },
	{ .name = "and others, if they are full (vSphere: overflow)",
	  .hosts = { HOST(1, 100, 10), HOST(2, 20, 10, .spare = true) },
	  .vms = { VM(10, 1, 0), VM(15, 1, 2) }, .how = { .recovery = true },
	  .chosen = 1, .verdicts = { CHOSEN, HA_VERDICT_MEMORY },
	  .missing = { 0, 5 } },
	{ .name = "avoided only if nothing else does",
	  .hosts = { HOST(1, 100, 10), HOST(2, 20, 10) },
	  .vms = { VM(10, 1, 0, .avoided = H(1)) },
	  .chosen = 2, .verdicts = { FITS, CHOSEN },
	  .broken = { HA_BROKEN_AVOIDED, 0 } },
	{ .name = "the best preferred level that has room",
	  .hosts = { HOST(1, 100, 10), HOST(2, 20, 10), HOST(3, 9, 9) },
	  .vms = { VM(10, 1, 0, .preferred = { H(3), H(2) }) },
	  .chosen = 2, .verdicts = { FITS, CHOSEN, HA_VERDICT_MEMORY },
	  .broken = { HA_BROKEN_PREFERRED, 0, 0 }, .missing = { 0, 0, 1 } },
	{ .name = "apart must: at most one on a host",
	  .hosts = { HOST(1, 100, 10), HOST(2, 50, 10) },
	  .groups = { { HA_GROUP_APART, true, 1 } },
	  .vms = { VM(10, 1, 0, GROUPS(0), .group_count = 1),
		   VM(1, 1, 1, GROUPS(0), .group_count = 1) },
	  .chosen = 2, .verdicts = { HA_VERDICT_GROUP, CHOSEN } },
	{ .name = "apart must: two may be",
	  .hosts = { HOST(1, 100, 10), HOST(2, 40, 10) },
	  .groups = { { HA_GROUP_APART, true, 2 } },
	  .vms = { VM(10, 1, 0, GROUPS(0), .group_count = 1),
		   VM(1, 1, 1, GROUPS(0), .group_count = 1) },
	  .chosen = 1, .verdicts = { CHOSEN, FITS } },
	{ .name = "apart should: broken where there is no other way",
	  .hosts = { HOST(1, 100, 10), HOST(2, 5, 10) },
	  .groups = { { HA_GROUP_APART, false, 1 } },
	  .vms = { VM(10, 1, 0, GROUPS(0), .group_count = 1),
		   VM(1, 1, 1, GROUPS(0), .group_count = 1) },
	  .chosen = 1, .verdicts = { CHOSEN, HA_VERDICT_MEMORY },
	  .missing = { 0, 5 }, .broken = { HA_BROKEN_GROUP(0) } },
	{ .name = "together must: where the other runs",
	  .hosts = { HOST(1, 100, 10), HOST(2, 50, 10) },
	  .groups = { { HA_GROUP_TOGETHER, true, 0 } },
	  .vms = { VM(10, 1, 0, GROUPS(0), .group_count = 1),
		   VM(1, 1, 2, GROUPS(0), .group_count = 1) },
	  .chosen = 2, .verdicts = { HA_VERDICT_GROUP, CHOSEN } },
	{ .name = "together must, but they run apart: where most are",
	  .hosts = { HOST(1, 100, 10), HOST(2, 50, 10) },
	  .groups = { { HA_GROUP_TOGETHER, true, 0 } },
	  .vms = { VM(10, 1, 0, GROUPS(0), .group_count = 1),
		   VM(1, 1, 2, GROUPS(0), .group_count = 1),
		   VM(1, 1, 2, GROUPS(0), .group_count = 1),
		   VM(1, 1, 1, GROUPS(0), .group_count = 1) },
	  .chosen = 2, .verdicts = { HA_VERDICT_GROUP, CHOSEN } },
	{ .name = "spread over fault domains, evenly: 3 of 3 in 2 racks",
	  .hosts = { HOST(1, 100, 10, .domain = 1),
		     HOST(2, 100, 10, .domain = 1),
		     HOST(3, 20, 10, .domain = 2) },
	  .groups = { { HA_GROUP_SPREAD, true, 0 } },
	  .vms = { VM(10, 1, 0, GROUPS(0), .group_count = 1),
		   VM(1, 1, 1, GROUPS(0), .group_count = 1),
		   VM(1, 1, 2, GROUPS(0), .group_count = 1) },
	  .chosen = 3,
	  .verdicts = { HA_VERDICT_GROUP, HA_VERDICT_GROUP, CHOSEN } },
	{ .name = "a host without a domain is one of its own",
	  .hosts = { HOST(1, 100, 10), HOST(2, 20, 10) },
	  .groups = { { HA_GROUP_SPREAD, true, 1 } },
	  .vms = { VM(10, 1, 0, GROUPS(0), .group_count = 1),
		   VM(1, 1, 1, GROUPS(0), .group_count = 1) },
	  .chosen = 2, .verdicts = { HA_VERDICT_GROUP, CHOSEN } },
	{ .name = "a host that is asked for more than it has takes nothing",
	  .hosts = { HOST(1, 10, 10), HOST(2, 20, 10) },
	  .vms = { VM(1, 1, 0), VM(30, 1, 1) },
	  .chosen = 2, .verdicts = { HA_VERDICT_MEMORY, CHOSEN },
	  .missing = { 21 } },
};

static size_t count_hosts(const struct choose_case *c)
{
	size_t n = 0;

	while (n < 4 && c->hosts[n].id != 0) {
		n++;
	}
	return n;
}

static size_t count_vms(const struct choose_case *c)
{
	size_t n = 0;

	while (n < 4 && c->vms[n].memory_kib != 0) {
		n++;
	}
	return n;
}

START_TEST(test_choose)
{
	const struct choose_case *c = &cases[_i];
	const struct ha_pool pool = { c->hosts, count_hosts(c), c->vms,
				      count_vms(c), c->groups, 2 };
	struct ha_pool_group groups[2];
	struct ha_pool copy = pool;
	struct ha_explain e[4];
	struct ha_planner *p;

	copy.group_count = c->groups[0].kind == 0 && !c->groups[0].must &&
			   c->groups[0].most == 0 ? 0 : 1;
	memcpy(groups, c->groups, sizeof(groups));
	copy.groups = groups;
	p = small_planner(&copy);
	ck_assert_msg(ha_planner_explain(p, 0, &c->how, e) == c->chosen, "%s",
		      c->name);
	for (size_t i = 0; i < copy.host_count; i++) {
		ck_assert_msg(e[i].host == c->hosts[i].id &&
			      e[i].verdict == c->verdicts[i] &&
			      e[i].missing == c->missing[i] &&
			      e[i].broken == c->broken[i],
			      "%s: host %zu: %s, missing %lu, broken %u",
			      c->name, i + 1, ha_verdict_name(e[i].verdict),
			      (unsigned long)e[i].missing, e[i].broken);
	}
	free(p);
}
END_TEST

/* A VM that runs is taken from where it runs, and put back. */
START_TEST(test_explain_running)
{
	const struct ha_pool_host hosts[] = { HOST(1, 100, 10),
					      HOST(2, 100, 10) };
	const struct ha_pool_vm vms[] = { VM(80, 1, 1), VM(70, 1, 2) };
	const struct ha_pool pool = { hosts, 2, vms, 2, NULL, 0 };
	const struct ha_choose_how how = { .recovery = false };
	struct ha_planner *p = small_planner(&pool);
	struct ha_explain e[2];

	for (int i = 0; i < 2; i++) {
		ck_assert_uint_eq(ha_planner_explain(p, 0, &how, e), 1);
		ck_assert_uint_eq(e[0].score, 200);
		ck_assert_int_eq(e[1].verdict, HA_VERDICT_MEMORY);
		ck_assert_uint_eq(e[1].missing, 50);
		ck_assert_uint_eq(ha_planner_explain(p, 1, &how, e), 2);
	}
	free(p);
}
END_TEST

START_TEST(test_names)
{
	ck_assert_str_eq(ha_verdict_name(HA_VERDICT_CHOSEN), "chosen");
	ck_assert_str_eq(ha_verdict_name(HA_VERDICT_VCPUS), "vcpus");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plan-choose");
	TCase *c = tcase_create("all");

	tcase_add_loop_test(c, test_choose, 0,
			    sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(c, test_explain_running);
	tcase_add_test(c, test_names);
	suite_add_tcase(s, c);
	return test_main(s);
}
