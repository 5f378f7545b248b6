/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a VM that runs nowhere may be started now, case by case. */
#include "tests/unit/bent-order.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "core/pool.h"
#include "tests/unit/bent-core.h"
#include "tests/unit/suite.h"

static uint32_t pair[] = { DB1, WEB1 };
static struct ha_vm_vm_rule rule = {
	.name = "pair", .strength = HA_RULE_MUST, .members = { pair, 2 },
};

static void keep(enum ha_group_kind kind, uint32_t most)
{
	rule.kind = kind;
	rule.most = most;
	bent_config()->vm_vm_rules = &rule;
	bent_config()->vm_vm_rule_count = 1;
	for (size_t i = 0; i < ARRAY_SIZE(pair); i++) {
		bent_conf(pair[i])->placement.groups[0] = 0;
		bent_conf(pair[i])->placement.group_count = 1;
	}
}

static void tear_down(void)
{
	bent_restore();
	bent_config()->vm_vm_rules = NULL;
	bent_config()->vm_vm_rule_count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(pair); i++) {
		bent_conf(pair[i])->placement.group_count = 0;
	}
	order_tear_down();
}

static void prove_down(void)
{
	bent->state->hosts[HOST - 1].proof = HA_PROOF_POWER;
	for (uint32_t i = 0; i < VMS; i++) {
		if (bent_state(i)->owner == HOST) {
			order_end(i);
		}
	}
}

/* --- must rules --- */

/* The other one may still run where it was, whatever is planned for it. */
START_TEST(a_must_rule_holds_with_who_is_lost)
{
	keep(HA_GROUP_TOGETHER, 0);
	order_again();
	order_lose(DB1);
	order_end(WEB1);
	vm_decide(bent);
	ck_assert_uint_eq(bent_soft(WEB1)->heading_for, HA_HOST_NONE);
	ck_assert_msg(strstr(bent_soft(WEB1)->why, "rule pair lets it start on "
			     "host h") &&
		      strstr(bent_soft(WEB1)->why, "only once host h3 is proven "
			     "down"), "%s", bent_soft(WEB1)->why);
	prove_down();
	vm_decide(bent);
	ck_assert_uint_ne(bent_soft(WEB1)->heading_for, HA_HOST_NONE);
	ck_assert_uint_eq(bent_soft(WEB1)->heading_for,
			  bent_soft(DB1)->heading_for);
}
END_TEST

START_TEST(a_rule_that_is_kept_keeps_nobody)
{
	keep(HA_GROUP_APART, 1);
	order_again();
	order_lose(DB1);
	order_end(WEB1);
	vm_decide(bent);
	ck_assert_uint_ne(bent_soft(WEB1)->heading_for, HA_HOST_NONE);
}
END_TEST

START_TEST(a_should_rule_keeps_nobody)
{
	rule.strength = HA_RULE_SHOULD;
	keep(HA_GROUP_TOGETHER, 0);
	order_again();
	order_lose(DB1);
	order_end(WEB1);
	vm_decide(bent);
	rule.strength = HA_RULE_MUST;
	ck_assert_uint_ne(bent_soft(WEB1)->heading_for, HA_HOST_NONE);
}
END_TEST

/* Of the host that it is to start on, not of another. */
START_TEST(a_must_rule_elsewhere_keeps_nobody)
{
	for (ha_hostid h = 1; h <= 2; h++) {
		keep(HA_GROUP_APART, 1);
		order_again();
		order_lose(DB2);
		order_run_on(DB1, h);
		order_end(WEB1);
		vm_decide(bent);
		ck_assert_uint_eq(bent_soft(WEB1)->heading_for, 3 - h);
	}
}
END_TEST

/* --- what keeps it --- */

/* WEB1 is to be started, and nobody else. */
static void wait_alone(void)
{
	order_again();
	order_end(WEB1);
}

static void check_goes(void)
{
	bent_listen();
	vm_decide(bent);
	ck_assert_msg(bent_soft(WEB1)->pending == 1, "%s", bent_soft(WEB1)->why);
	ck_assert_uint_ne(bent_soft(WEB1)->heading_for, HA_HOST_NONE);
}

static void check_waits(const char *says)
{
	bent_listen();
	bent->wake = HA_TIME_NEVER;
	vm_decide(bent);
	ck_assert_uint_eq(bent_soft(WEB1)->pending, 0);
	ck_assert_uint_eq(bent_soft(WEB1)->heading_for, HA_HOST_NONE);
	ck_assert_str_eq(bent_soft(WEB1)->why, says);
}

START_TEST(hosts_that_come_are_waited_for)
{
	wait_alone();
	bent->opened_at = bent->now;
	bent->state->hosts[1].present = false;
	check_waits("host h2 is about to join");
	ck_assert_int_eq(bent->wake, bent->now + HA_S(1));
	wait_alone();
	bent->opened_at = bent->now;
	bent->hosts[1].reported = false;
	check_waits("hosts have just come: they say what they run, and are "
		    "admitted");
	bent->now += bent->params.token;
	check_goes();
}
END_TEST

START_TEST(what_the_cluster_is_told_keeps_it)
{
	wait_alone();
	bent->state->disarmed = true;
	check_waits("the cluster is disarmed; run: hactl arm");
	wait_alone();
	bent->global_pending = 1;
	check_waits("the cluster is just being changed");
	wait_alone();
	bent_state(WEB1)->waits_for = 2;
	check_waits("was stopped with host h2, and starts when that is back");
	wait_alone();
	bent_state(WEB1)->wanted = HA_WANTED_STOPPED;
	check_waits("");
	wait_alone();
	bent->state->stopped = true;
	check_waits("");
	ck_assert_uint_eq(bent->waiting, 0);
}
END_TEST

/* Wherever a copy of it may still be. */
START_TEST(who_may_run_it_keeps_it)
{
	wait_alone();
	bent_state(WEB1)->copies = ha_host_bit(2);
	bent_soft(WEB1)->running = ha_host_bit(2);
	check_waits("it runs on host h2, which does not own it");
	wait_alone();
	bent_soft(WEB1)->unknown = ha_host_bit(3);
	check_waits("host h3 cannot tell whether it runs it");
	wait_alone();
	bent_soft(WEB1)->ran = ha_host_bit(2) | ha_host_bit(3);
	check_waits("it ran on host h2, which has not yet said that it is "
		    "gone");
	bent->state->hosts[1].proof = HA_PROOF_POWER;
	check_waits("it ran on host h3, which has not yet said that it is "
		    "gone");
	bent->state->hosts[2].proof = HA_PROOF_ADMIN;
	check_goes();
	ck_assert_uint_eq(bent_soft(WEB1)->ran, 0);
}
END_TEST

static void fail_to_start(uint32_t times)
{
	wait_alone();
	bent_state(WEB1)->last_why = HA_WHY_FAILED;
	bent_state(WEB1)->failures = times;
}

/* Each host once, at once; then ever less often. */
START_TEST(failed_starts_are_paced)
{
	static const struct {
		uint32_t times;
		ha_dur pause;
		const char *says;
	} cases[] = {
		{ 1, HA_S(1), "tried again in 1 s" },
		{ 2, HA_S(1), "tried again in 1 s" },
		{ 3, HA_S(10), "tried again in 10 s" },
		{ 4, HA_S(20), "tried again in 20 s" },
		{ 5, HA_S(40), "tried again in 40 s" },
		{ 6, HA_S(80), "tried again in 80 s" },
		{ 7, HA_S(120), "tried again in 120 s" },
		{ 8, HA_S(120), "tried again in 120 s" },
		{ 1000, HA_S(120), "tried again in 120 s" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char says[80];

		fail_to_start(cases[i].times);
		snprintf(says, sizeof(says), "its last start failed; %s",
			 cases[i].says);
		check_waits(says);
		ck_assert_int_eq(bent->wake, bent->now + cases[i].pause);
		bent->now += cases[i].pause;
		check_goes();
	}
}
END_TEST

/* From when it failed, not from when it was last thought of. */
START_TEST(a_pause_begins_with_the_failure)
{
	fail_to_start(3);
	check_waits("its last start failed; tried again in 10 s");
	bent->now += HA_S(9) + 1;
	check_waits("its last start failed; tried again in 1 s");
	bent_state(WEB1)->gen++; /* it was started, and that failed, too */
	bent_state(WEB1)->failures++;
	check_waits("its last start failed; tried again in 20 s");
	bent_state(WEB1)->last_why = HA_WHY_ADMIN; /* an admin's own start */
	check_goes();
	fail_to_start(3);
	check_waits("its last start failed; tried again in 10 s");
	bent_state(WEB1)->failures = 0; /* hactl vm reset */
	check_goes();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("start");
	TCase *t = tcase_create("bent");

	tcase_add_checked_fixture(t, order_set_up, tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_must_rule_holds_with_who_is_lost);
	tcase_add_test(t, a_rule_that_is_kept_keeps_nobody);
	tcase_add_test(t, a_should_rule_keeps_nobody);
	tcase_add_test(t, a_must_rule_elsewhere_keeps_nobody);
	tcase_add_test(t, hosts_that_come_are_waited_for);
	tcase_add_test(t, what_the_cluster_is_told_keeps_it);
	tcase_add_test(t, who_may_run_it_keeps_it);
	tcase_add_test(t, failed_starts_are_paced);
	tcase_add_test(t, a_pause_begins_with_the_failure);
	suite_add_tcase(s, t);
	return test_main(s);
}
