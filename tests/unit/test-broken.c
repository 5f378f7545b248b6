/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What people are told of rules that are broken, and of what could be done
 * about it: each case by itself, on a core that is bent by hand.
 */
#include "core/broken.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/bent-core.h"
#include "tests/unit/bent-order.h"
#include "tests/unit/suite.h"

#define MIB(n) ((uint64_t)(n) * 1024)
#define H(n) ha_host_bit(n)
#define LOOKS 1000 /* as many VMs are looked at */
#define RULES (HA_BROKEN_TOLD + 6)

static uint32_t off_vms[] = { DB1, WEB1 };
static uint32_t on_vms[] = { DB2, MAIL1 };
static uint32_t apart_vms[] = { DB1, BATCH1 };
static uint32_t together_vms[] = { WEB1, WEB2 };
static uint32_t many[LOOKS + 1];
static struct ha_vm_host_rule host_rules[RULES];
static struct ha_vm_vm_rule vm_rules[2];
static struct ha_broken_rule told[HA_BROKEN_TOLD + 1];

static void set_up(void)
{
	order_set_up();
	host_rules[0] = (struct ha_vm_host_rule){
		.name = "off", .strength = HA_RULE_SHOULD, .restart = true,
		.members = { off_vms, 2 }, .keep_off = H(1),
	};
	host_rules[1] = (struct ha_vm_host_rule){
		.name = "on", .strength = HA_RULE_MUST, .restart = true,
		.members = { on_vms, 2 }, .levels = { H(2) },
		.level_count = 1,
	};
	vm_rules[0] = (struct ha_vm_vm_rule){
		.name = "apart", .strength = HA_RULE_SHOULD, .most = 1,
		.kind = HA_GROUP_APART, .members = { apart_vms, 2 },
		.restart = true,
	};
	vm_rules[1] = (struct ha_vm_vm_rule){
		.name = "together", .strength = HA_RULE_MUST,
		.kind = HA_GROUP_TOGETHER, .members = { together_vms, 2 },
		.restart = true,
	};
	bent_config()->vm_host_rules = host_rules;
	bent_config()->vm_vm_rules = vm_rules;
}

static void leave_places(void)
{
	bent_restore();
	for (uint32_t i = 0; i < VMS; i++) {
		memset(&bent_conf(i)->placement, 0,
		       sizeof(bent_conf(i)->placement));
		bent_conf(i)->memory_kib = MIB(10);
	}
	bent_config()->vm_host_rule_count = 0;
	bent_config()->vm_vm_rule_count = 0;
}

static void tear_down(void)
{
	leave_places();
	bent_config()->vm_host_rules = NULL;
	bent_config()->vm_vm_rules = NULL;
	order_tear_down();
}

/* All is quiet; two VMs run on each host, and none is under any rule. */
static void run_all(void)
{
	leave_places();
	for (uint32_t i = 0; i < VMS; i++) {
		order_run_on(i, (ha_hostid)(i % 3 + 1));
		bent_soft(i)->runs_gen = bent_state(i)->gen;
		bent_soft(i)->runs_from = LONG_AGO;
	}
	bent->configured_at = LONG_AGO;
	memset(told, 0, sizeof(told));
}

/* DB1 and WEB1 should not be on host 1; so DB1 breaks it. */
static void keep_off(void)
{
	run_all();
	host_rules[0].restart = true;
	bent_config()->vm_host_rule_count = 1;
	for (size_t k = 0; k < ARRAY_SIZE(off_vms); k++) {
		bent_conf(off_vms[k])->placement.avoided = H(1);
	}
}

static size_t look(void)
{
	return ha_core_view_broken(bent, NULL, told);
}

/* "must off: keep-off" */
static void check(size_t i, const char *says, ha_hostset hosts)
{
	char text[80];

	snprintf(text, sizeof(text), "%s %s: %s",
		 told[i].must ? "must" : "should", told[i].name, told[i].keeps);
	ck_assert_str_eq(text, says);
	ck_assert_uint_eq(told[i].hosts, hosts);
}

/* Of the one that is told. */
static void check_mend(enum ha_mend mend, const char *why, const char *todo)
{
	ck_assert_uint_eq(look(), 1);
	ck_assert_str_eq(ha_mend_name(told[0].mend), ha_mend_name(mend));
	ck_assert_str_eq(told[0].why, why);
	ck_assert_str_eq(told[0].todo, todo);
}

/* --- which --- */

START_TEST(a_rule_of_hosts)
{
	keep_off();
	ck_assert_uint_eq(look(), 1);
	check(0, "should off: keep-off", H(1));
	ck_assert_ptr_eq(told[0].members, &host_rules[0].members);
	/* of one VM: does that break it? */
	ck_assert_uint_eq(ha_core_view_broken(bent, &bent_soft(DB1)->uuid,
					      told), 1);
	ck_assert_uint_eq(ha_core_view_broken(bent, &bent_soft(WEB1)->uuid,
					      told), 0);
	ck_assert_uint_eq(ha_core_view_broken(bent, &bent_soft(MAIL1)->uuid,
					      told), 0);
	/* one that runs nowhere breaks nothing */
	order_run_on(WEB1, 1);
	order_end(DB1);
	ck_assert_uint_eq(look(), 1);
	ck_assert_uint_eq(ha_core_view_broken(bent, &bent_soft(DB1)->uuid,
					      told), 0);
	order_end(WEB1);
	ck_assert_uint_eq(look(), 0);
}
END_TEST

START_TEST(rules_of_all_kinds)
{
	keep_off();
	bent_config()->vm_host_rule_count = 2;
	bent_config()->vm_vm_rule_count = 2;
	for (size_t k = 0; k < 2; k++) {
		bent_conf(on_vms[k])->placement.forbidden = ~H(2);
		bent_conf(apart_vms[k])->placement.group_count = 1;
		bent_conf(together_vms[k])->placement.groups[0] = 1;
		bent_conf(together_vms[k])->placement.group_count = 1;
	}
	order_run_on(DB1, 1);
	order_run_on(BATCH1, 1);
	order_run_on(WEB1, 2);
	order_run_on(WEB2, 3);
	order_run_on(DB2, 2);
	order_run_on(MAIL1, 3);
	ck_assert_uint_eq(look(), 4); /* must rules first */
	check(0, "must on: run-on", H(3));
	check(1, "must together: together", H(2) | H(3));
	check(2, "should off: keep-off", H(1));
	check(3, "should apart: apart", H(1));
	ck_assert_int_eq(told[1].mend, HA_MEND_NEXT);
	ck_assert_int_eq(told[3].mend, HA_MEND_NEXT);
	/* all are kept */
	order_run_on(DB1, 2);
	order_run_on(MAIL1, 2);
	order_run_on(WEB2, 2);
	ck_assert_uint_eq(look(), 0);
}
END_TEST

static struct ha_host_conf *host_conf(ha_hostid host)
{
	return (struct ha_host_conf *)&bent_config()->hosts[host - 1];
}

/* Of a rack, those on which its members are. */
START_TEST(hosts_of_a_rack)
{
	run_all();
	host_conf(1)->fault_domain = host_conf(2)->fault_domain = 1;
	vm_rules[0].kind = HA_GROUP_SPREAD;
	bent_config()->vm_vm_rule_count = 1;
	for (size_t k = 0; k < ARRAY_SIZE(apart_vms); k++) {
		bent_conf(apart_vms[k])->placement.group_count = 1;
		order_run_on(apart_vms[k], 1);
	}
	ck_assert_uint_eq(look(), 1);
	check(0, "should apart: spread", H(1));
	order_run_on(BATCH1, 2);
	ck_assert_uint_eq(look(), 1);
	check(0, "should apart: spread", H(1) | H(2));
	order_run_on(BATCH1, 3);
	ck_assert_uint_eq(look(), 0);
}
END_TEST

/* Others are counted, and not told. */
START_TEST(so_many_are_told)
{
	keep_off();
	for (size_t i = 1; i < RULES; i++) {
		host_rules[i] = host_rules[0];
	}
	bent_config()->vm_host_rule_count = RULES;
	ck_assert_uint_eq(look(), RULES);
	check(HA_BROKEN_TOLD - 1, "should off: keep-off", H(1));
	ck_assert_ptr_null(told[HA_BROKEN_TOLD].name);
}
END_TEST

/* --- since when --- */

START_TEST(since_all_has_been_so)
{
	ha_time then;

	keep_off();
	then = bent->now - HA_S(20);
	ck_assert_uint_eq(look(), 1);
	ck_assert_int_eq(told[0].since, bent->now - LONG_AGO);
	bent_soft(DB1)->runs_from = then; /* it came there */
	bent_soft(WEB1)->runs_from = bent->now; /* breaks nothing */
	ck_assert_uint_eq(look(), 1);
	ck_assert_int_eq(told[0].since, HA_S(20));
	order_run_on(WEB1, 1); /* another one came later */
	bent_soft(WEB1)->runs_from = then + HA_S(5);
	ck_assert_uint_eq(look(), 1);
	ck_assert_int_eq(told[0].since, HA_S(15));
	bent->configured_at = then + HA_S(8); /* it is a rule since then */
	ck_assert_uint_eq(look(), 1);
	ck_assert_int_eq(told[0].since, HA_S(12));
	bent_soft(DB1)->runs_gen = 0; /* it starts there just now */
	ck_assert_uint_eq(look(), 1);
	ck_assert_int_eq(told[0].since, 0);
}
END_TEST

/* --- what could be done --- */

START_TEST(a_move_comes_or_waits)
{
	keep_off();
	check_mend(HA_MEND_NEXT, "vm db1 could move to h2", "");
	bent->state->disarmed = true;
	check_mend(HA_MEND_WAITS, "vm db1 could move to h2, but the cluster is "
		   "disarmed", "");
	bent->state->disarmed = false;
	bent->state->epoch--; /* not all that was decided is known */
	check_mend(HA_MEND_WAITS, "vm db1 could move to h2, but nothing is "
		   "decided now", "");
	bent->state->epoch++;
	bent->open = false;
	check_mend(HA_MEND_WAITS, "vm db1 could move to h2, but nothing is "
		   "decided now", "");
}
END_TEST

START_TEST(an_admin_could_do_it)
{
	keep_off();
	host_rules[0].restart = false;
	check_mend(HA_MEND_OFF, "it allows no restart; vm db1 could move to h2",
		   "hactl vm move db1 h2");
	bent->state->hosts[1].maintenance = true;
	bent->state->hosts[2].maintenance = true;
	check_mend(HA_MEND_OFF, "it allows no restart; no host that would keep "
		   "it can own its VMs now", "");
}
END_TEST

START_TEST(there_is_no_room)
{
	keep_off();
	bent_conf(DB1)->memory_kib = MIB(500);
	host_conf(2)->memory_kib = MIB(300);
	host_conf(3)->memory_kib = MIB(350);
	check_mend(HA_MEND_NO_ROOM, "vm db1 needs 500 MiB of memory, host h2 "
		   "has 220 MiB too little free", "");
}
END_TEST

START_TEST(there_is_no_place)
{
	const char *no_host = "no host that would keep it can own its VMs now";

	keep_off();
	bent->state->hosts[1].maintenance = true;
	bent->state->hosts[2].maintenance = true;
	check_mend(HA_MEND_NO_PLACE, no_host, "");
	/* nor does it help that one could move that breaks nothing */
	keep_off();
	bent_conf(DB1)->placement.unreached = H(2) | H(3);
	check_mend(HA_MEND_NO_PLACE, no_host, "");
	/* it should not be there either */
	keep_off();
	bent_conf(DB1)->placement.avoided = ~(ha_hostset)0;
	check_mend(HA_MEND_NO_PLACE, "wherever its VMs could go to, as much "
		   "would be broken", "");
	/* no host at all keeps it */
	keep_off();
	host_rules[0].keep_off = ~(ha_hostset)0;
	check_mend(HA_MEND_NO_PLACE, no_host, "");
	host_rules[0].keep_off = H(1);
}
END_TEST

/* The most hopeful of those that break it. */
START_TEST(one_that_can_move_is_enough)
{
	keep_off();
	order_run_on(WEB1, 1);
	bent_conf(DB1)->placement.unreached = H(2) | H(3);
	check_mend(HA_MEND_NEXT, "vm web1 could move to h3", "");
	bent_conf(DB1)->placement.unreached = 0;
	bent_conf(WEB1)->placement.unreached = H(2) | H(3);
	check_mend(HA_MEND_NEXT, "vm db1 could move to h3", "");
}
END_TEST

/* As if it had so many members. */
START_TEST(not_all_is_looked_at)
{
	keep_off();
	host_rules[0].members = (struct ha_vm_list){ many, LOOKS };
	for (size_t k = 0; k < ARRAY_SIZE(many); k++) {
		many[k] = DB1;
	}
	bent_conf(DB1)->placement.unreached = H(2) | H(3);
	check_mend(HA_MEND_NO_PLACE,
		   "no host that would keep it can own its VMs now", "");
	host_rules[0].members.count++;
	check_mend(HA_MEND_UNKNOWN, ha_mend_text(HA_MEND_UNKNOWN), "");
	bent_conf(DB1)->placement.unreached = 0; /* the first one will do */
	check_mend(HA_MEND_NEXT, "vm db1 could move to h2", "");
	host_rules[0].members = (struct ha_vm_list){ off_vms, 2 };
}
END_TEST

int main(void)
{
	Suite *s = suite_create("broken");
	TCase *t = tcase_create("bent");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_rule_of_hosts);
	tcase_add_test(t, rules_of_all_kinds);
	tcase_add_test(t, hosts_of_a_rack);
	tcase_add_test(t, so_many_are_told);
	tcase_add_test(t, since_all_has_been_so);
	tcase_add_test(t, a_move_comes_or_waits);
	tcase_add_test(t, an_admin_could_do_it);
	tcase_add_test(t, there_is_no_room);
	tcase_add_test(t, there_is_no_place);
	tcase_add_test(t, one_that_can_move_is_enough);
	tcase_add_test(t, not_all_is_looked_at);
	suite_add_tcase(s, t);
	return test_main(s);
}
