/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who waits for whom, and until when, case by case. */
#include "tests/unit/bent-order.h"

#include <check.h>
#include <string.h>

#include "core/pool.h"
#include "tests/unit/bent-core.h"
#include "tests/unit/suite.h"

/* --- by the configuration --- */

static void check_tiers(bool ordered, const char *tiers)
{
	order_again();
	ck_assert(bent->ordered == ordered);
	for (uint32_t i = 0; i < VMS; i++) {
		ck_assert_msg(bent->vms[i].tier == (unsigned)(tiers[i] - '0'),
			      "vm %u is in tier %d", i, bent->vms[i].tier);
	}
}

START_TEST(tiers)
{
	check_tiers(false, "012234");
	bent_conf(WEB2)->restart.ready = HA_READY_STARTED;
	check_tiers(true, "012234");
	bent_conf(WEB2)->restart.ready = HA_READY_PLACED;
	bent_conf(WEB2)->restart.ready_delay = 1;
	check_tiers(true, "012234");
	bent_conf(WEB2)->restart.ready_delay = 0;
	order_depend(0, WEB1, BATCH1);
	check_tiers(true, "012232");
	order_depend(1, BATCH1, MAIL1); /* and so on */
	check_tiers(true, "012222");
	order_depend(2, DB2, BATCH1); /* the highest of all */
	check_tiers(true, "012211");
	order_depend(2, DB2, DB1); /* has more already */
	check_tiers(true, "012211");
	bent_conf(BATCH1)->priority = HA_PRIORITY_DISABLED;
	check_tiers(true, "012211");
	bent_conf(DB2)->priority = bent_conf(WEB1)->priority = HA_PRIORITY_DISABLED;
	check_tiers(true, "055235");
	bent_conf(DB2)->priority = HA_PRIORITY_HIGH;
	bent_conf(WEB1)->priority = HA_PRIORITY_MEDIUM;
	bent_conf(BATCH1)->priority = HA_PRIORITY_LOWEST;
}
END_TEST

/* Each VM stands once in the order of recovery, which has room for no more. */
START_TEST(nobody_goes_twice)
{
	uint32_t order[VMS + 1], *own = bent->order;

	order_depend(0, WEB1, WEB2); /* has that priority already */
	order_depend(0, WEB1, DB1);  /* and a higher one */
	order_depend(1, WEB2, BATCH1);
	memset(order, 0xff, sizeof(order));
	bent->order = order;
	order_set_config(bent);
	bent->order = own;
	ck_assert_uint_eq(order[VMS], UINT32_MAX);
	for (uint32_t i = 0; i < VMS; i++) {
		uint32_t n = 0;

		for (uint32_t k = 0; k < VMS; k++) {
			n += order[k] == i;
		}
		ck_assert_uint_eq(n, 1);
	}
}
END_TEST

/* VMs are named by their index: only where the tables are the same. */
START_TEST(no_order_while_vms_come_and_go)
{
	size_t count = bent_config()->vm_count;

	order_depend(0, WEB1, BATCH1);
	order_again();
	ck_assert(bent->ordered);
	bent_soft(WEB1)->held = true;
	bent_soft(WEB1)->awaited = BATCH1 + 1;
	order_set_config(bent);
	ck_assert(bent_soft(WEB1)->held);
	ck_assert_uint_eq(bent_soft(WEB1)->awaited, BATCH1 + 1);
	bent_soft(MAIL1)->conf = NULL;
	order_set_config(bent);
	ck_assert(!bent->ordered);
	ck_assert(!bent_soft(WEB1)->held);
	ck_assert_uint_eq(bent_soft(WEB1)->awaited, 0);
	ck_assert_uint_eq(bent_soft(MAIL1)->tier, HA_PRIORITY_DISABLED);
	ck_assert_uint_eq(bent_soft(BATCH1)->tier, HA_PRIORITY_LOWEST);
	order_again();
	bent_config()->vm_count--;
	order_set_config(bent);
	bent_config()->vm_count = count;
	ck_assert(!bent->ordered);
	bent_soft(WEB1)->held = true;
	order_starts(bent); /* nothing is followed then */
	ck_assert(bent_soft(WEB1)->held);
	ck_assert_int_eq(bent_soft(DB1)->met_at[HA_READY_STARTED], 0);
	bent->config = NULL;
	order_set_config(bent);
	ck_assert(!bent->ordered);
}
END_TEST

/* --- until when a VM is waited for --- */

START_TEST(who_runs_nowhere_is_awaited)
{
	const char *says = "waits for vm db1: it has not been started yet";

	order_await_db1(HA_READY_PLACED, 0);
	order_wait_for_place(DB1, HA_WHY_LOST);
	order_check_waits(WEB1, says);
	ck_assert_uint_eq(bent_soft(WEB1)->awaited, DB1 + 1);
	bent_state(DB1)->failures = 2;
	order_check_waits(WEB1, says);
	bent_state(DB1)->failures = 3; /* on all hosts */
	order_check_goes(WEB1);
	bent_state(DB1)->failures = 0;
	bent_state(DB1)->wanted = HA_WANTED_STOPPED;
	order_check_goes(WEB1);
	bent_state(DB1)->wanted = HA_WANTED_RUNNING;
	bent_soft(DB1)->placed = false;
	order_check_goes(WEB1);
	bent_soft(DB1)->pending = 1;
	order_check_waits(WEB1, says);
	bent_soft(DB1)->pending = 0;
	bent_soft(DB1)->retry_at = bent->now + 1;
	order_check_goes(WEB1);
	bent_state(DB1)->failures = 1;
	order_check_waits(WEB1, says);
	bent_soft(DB1)->retry_at = bent->now;
	order_check_goes(WEB1);
	/* only who has a place can wait */
	order_wait_for_place(DB1, HA_WHY_LOST);
	bent_soft(DB1)->tried_at = 0;
	order_check_waits(WEB1, says);
	bent_soft(WEB1)->placed = false;
	order_check_goes(WEB1);
}
END_TEST

START_TEST(who_has_an_owner_is_awaited)
{
	order_await_db1(HA_READY_PLACED, 0);
	order_start(DB1);
	order_check_goes(WEB1);
	order_await_db1(HA_READY_STARTED, 0);
	order_check_goes(WEB1);
	order_await_db1(HA_READY_STARTED, 0);
	order_start(DB1);
	order_check_waits(WEB1, "waits for vm db1: it does not run yet");
	bent_state(DB1)->failures = 2;
	order_check_waits(WEB1, "does not run yet");
	bent_state(DB1)->failures = 3;
	order_check_goes(WEB1);
	order_await_db1(HA_READY_STARTED, 0);
	bent_state(DB1)->stop = HA_WHY_MOVE;
	order_check_waits(WEB1, "about to start on another host");
	order_await_db1(HA_READY_STARTED, 0);
	order_start(DB1);
	order_lose(DB1);
	order_check_goes(WEB1);
}
END_TEST

START_TEST(guests_and_applications_are_awaited)
{
	order_await_db1(HA_READY_GUEST, 0);
	order_check_waits(WEB1, "its guest agent has not answered yet");
	bent_state(DB1)->failures = 3; /* before it ran */
	order_check_waits(WEB1, "its guest agent");
	bent_soft(DB1)->owner.unready = HA_READY_BIT(HA_READY_APP);
	order_check_waits(WEB1, "its guest agent");
	bent_soft(DB1)->owner.unready = HA_READY_BIT(HA_READY_GUEST);
	order_check_goes(WEB1);
	bent_soft(DB1)->owner.gen--; /* that was another run */
	order_check_waits(WEB1, "its guest agent");
	bent_soft(DB1)->owner.gen++;
	bent_soft(DB1)->owner.unready = 0;
	bent_soft(DB1)->owner.ready = HA_READY_BIT(HA_READY_APP);
	order_check_waits(WEB1, "its guest agent");
	bent_soft(DB1)->owner.ready = HA_READY_BIT(HA_READY_GUEST);
	order_check_goes(WEB1);
	order_await_db1(HA_READY_APP, 0);
	bent_conf(DB1)->restart.ready_port = 5432;
	order_check_waits(WEB1, "its port 5432 has not answered yet");
	bent_conf(DB1)->restart.ready_port = 0;
	order_check_waits(WEB1, "its ready-command has not succeeded yet");
	bent_soft(DB1)->owner.ready = HA_READY_BIT(HA_READY_GUEST);
	order_check_waits(WEB1, "its ready-command");
	bent_soft(DB1)->owner.ready = HA_READY_BIT(HA_READY_APP);
	order_check_goes(WEB1);
	order_start(DB1);
	order_check_waits(WEB1, "does not run yet");
}
END_TEST

START_TEST(a_wait_has_a_limit)
{
	order_await_db1(HA_READY_GUEST, 0);
	order_run_since(DB1, bent->now - LIMIT + 1);
	order_check_waits(WEB1, "its guest agent");
	ck_assert_int_eq(bent->wake, bent->now + 1);
	bent->now++;
	order_check_goes(WEB1);
	/* one that has no place any more has no turn, either */
	order_await_db1(HA_READY_PLACED, 0);
	order_wait_for_place(DB1, HA_WHY_LOST);
	bent_soft(DB1)->tried_at = bent->now - LIMIT + 1;
	order_check_waits(WEB1, "has not been started");
	ck_assert_int_eq(bent->wake, bent->now + 1);
	bent->now++;
	order_check_goes(WEB1);
	/* a move, too */
	order_await_db1(HA_READY_STARTED, 0);
	bent_state(DB1)->stop = HA_WHY_MOVE;
	bent_soft(DB1)->tried_at = bent->now - LIMIT;
	order_check_goes(WEB1);
}
END_TEST

START_TEST(delays_count_from_when_it_was_ready)
{
	order_await_db1(HA_READY_STARTED, DELAY);
	order_run_since(DB1, bent->now - DELAY + 1);
	order_check_waits(WEB1, "its ready-delay is not over yet");
	ck_assert_int_eq(bent->wake, bent->now + 1);
	bent->now++;
	order_check_goes(WEB1);
	/* or from its limit, if that was earlier */
	order_await_db1(HA_READY_GUEST, DELAY);
	order_run_since(DB1, bent->now - LIMIT - DELAY + 1);
	bent_soft(DB1)->owner.ready = HA_READY_BIT(HA_READY_GUEST);
	order_check_waits(WEB1, "its ready-delay");
	ck_assert_int_eq(bent->wake, bent->now + 1);
	bent->now++;
	order_check_goes(WEB1);
}
END_TEST

/* All that a dependency names, of all that it has. */
START_TEST(one_that_is_not_ready_is_enough)
{
	order_deps[0].ready = HA_READY_STARTED;
	order_deps[1].ready = HA_READY_STARTED;
	order_depend(0, WEB1, DB1);
	order_depend(0, WEB1, DB2);
	order_depend(1, WEB1, MAIL1);
	order_depend(1, WEB2, MAIL1);
	order_again();
	order_wait_for_place(WEB1, HA_WHY_ADMIN);
	order_wait_for_place(WEB2, HA_WHY_ADMIN);
	order_check_goes(WEB1);
	order_start(DB2);
	order_check_waits(WEB1, "waits for vm db2: ");
	ck_assert(!bent_soft(WEB2)->held);
	order_start(DB1);
	order_check_waits(WEB1, "waits for vm db1: ");
	order_again();
	order_wait_for_place(WEB1, HA_WHY_ADMIN);
	order_wait_for_place(WEB2, HA_WHY_ADMIN);
	order_start(MAIL1);
	order_check_waits(WEB1, "waits for vm mail1: ");
	ck_assert(bent_soft(WEB2)->held);
}
END_TEST

/* --- priorities --- */

START_TEST(a_tier_waits_for_those_before)
{
	bent_conf(WEB1)->restart.ready = HA_READY_STARTED;
	bent_conf(DB2)->restart.ready_delay = DELAY;
	order_again();
	order_run_since(DB2, LONG_AGO);
	for (uint32_t i = DB1; i < VMS; i++) {
		if (i != WEB1 && i != DB2) {
			order_wait_for_place(i, HA_WHY_LOST);
		}
	}
	order_check_goes(MAIL1);
	order_start(WEB1);
	order_check_waits(MAIL1, "waits for vm web1, of higher priority: it does not "
			   "run yet");
	ck_assert(bent_soft(BATCH1)->held);
	ck_assert(!bent_soft(WEB2)->held); /* the same tier */
	ck_assert(!bent_soft(DB1)->held);
	order_run_since(DB2, bent->now); /* the first one is told */
	order_check_waits(MAIL1, "waits for vm db2, of higher priority: its "
			   "ready-delay");
	ck_assert(bent_soft(WEB2)->held);
	/* by its condition, not by its delay, where it has both */
	order_run_since(DB2, LONG_AGO);
	bent_state(WEB2)->last_why = HA_WHY_ADMIN;
	order_depend(0, MAIL1, WEB2);
	order_again();
	order_run_since(DB2, LONG_AGO);
	order_start(WEB1);
	order_wait_for_place(WEB2, HA_WHY_LOST);
	order_wait_for_place(MAIL1, HA_WHY_LOST);
	order_check_waits(MAIL1, "waits for vm web2: it has not");
}
END_TEST

START_TEST(priorities_are_for_recoveries)
{
	static const bool waits[HA_WHY_COUNT] = {
		[HA_WHY_NONE] = true, [HA_WHY_LOST] = true,
		[HA_WHY_FAILED] = true, [HA_WHY_CLUSTER_STOP] = true,
		[HA_WHY_SETTLED] = true, [HA_WHY_PREEMPTED] = true,
	};

	bent_conf(DB1)->restart.ready = HA_READY_STARTED;
	order_again();
	order_start(DB1);
	for (unsigned why = 0; why < HA_WHY_COUNT; why++) {
		order_wait_for_place(WEB1, (enum ha_why)why);
		order_starts(bent);
		ck_assert_msg(bent_soft(WEB1)->held == waits[why], "%u", why);
	}
	order_wait_for_place(WEB1, HA_WHY_LEAVING);
	bent_conf(WEB1)->on_host_shutdown = HA_HOST_SHUTDOWN_STOP;
	order_check_waits(WEB1, "of higher priority");
	bent_conf(WEB1)->on_host_shutdown = HA_HOST_SHUTDOWN_MOVE;
	order_check_goes(WEB1);
	order_wait_for_place(WEB1, HA_WHY_LOST);
	bent_conf(WEB1)->priority = HA_PRIORITY_DISABLED;
	order_check_goes(WEB1);
	bent_conf(WEB1)->priority = HA_PRIORITY_MEDIUM;
}
END_TEST

/* Once, by the coordinator, however long it waits and for whom. */
START_TEST(a_wait_is_told_once)
{
	order_await_db1(HA_READY_STARTED, 0);
	order_start(DB1);
	order_check_waits(WEB1, "db1");
	ck_assert_uint_eq(bent_told(), 1);
	ck_assert_str_eq(bent_last_told(), "vm web1: runs nowhere, could be "
			 "started -> waits for vm db1: it does not run yet");
	order_check_waits(WEB1, "db1");
	ck_assert_uint_eq(bent_told(), 1);
	order_await_db1(HA_READY_STARTED, 0);
	order_start(DB1);
	bent->epoch.coordinator = 2;
	order_check_waits(WEB1, "db1");
	ck_assert_uint_eq(bent_told(), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("order");
	TCase *t = tcase_create("bent");

	tcase_add_checked_fixture(t, order_set_up, order_tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, tiers);
	tcase_add_test(t, nobody_goes_twice);
	tcase_add_test(t, no_order_while_vms_come_and_go);
	tcase_add_test(t, who_runs_nowhere_is_awaited);
	tcase_add_test(t, who_has_an_owner_is_awaited);
	tcase_add_test(t, guests_and_applications_are_awaited);
	tcase_add_test(t, a_wait_has_a_limit);
	tcase_add_test(t, delays_count_from_when_it_was_ready);
	tcase_add_test(t, one_that_is_not_ready_is_enough);
	tcase_add_test(t, a_tier_waits_for_those_before);
	tcase_add_test(t, priorities_are_for_recoveries);
	tcase_add_test(t, a_wait_is_told_once);
	suite_add_tcase(s, t);
	return test_main(s);
}
