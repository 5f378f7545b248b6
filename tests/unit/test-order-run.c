/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the runs of VMs have shown to those that wait for them, and what follows
 * for their starts and for the stop of the cluster, case by case.
 */
#include "tests/unit/bent-order.h"

#include <check.h>
#include <string.h>

#include "core/pool.h"
#include "tests/unit/bent-core.h"
#include "tests/unit/suite.h"

/* --- what each VM has shown --- */

START_TEST(a_run_is_followed)
{
	const struct vm_soft *db1;
	ha_time then;

	order_await_db1(HA_READY_APP, 0);
	db1 = bent_soft(DB1);
	then = bent->now;
	order_starts(bent);
	ck_assert_int_eq(db1->met_at[HA_READY_PLACED], then);
	ck_assert_int_eq(db1->met_at[HA_READY_STARTED], then);
	ck_assert_int_eq(db1->met_at[HA_READY_GUEST], 0);
	ck_assert_uint_eq(db1->met_gen, bent_state(DB1)->gen);
	bent_soft(DB1)->owner.seen = HA_SEEN_PAUSED; /* runs as well */
	bent_soft(DB1)->owner.ready = HA_READY_BIT(HA_READY_GUEST);
	bent->now = then + 1;
	order_starts(bent);
	ck_assert_int_eq(db1->met_at[HA_READY_PLACED], then);
	ck_assert_int_eq(db1->met_at[HA_READY_STARTED], then);
	ck_assert_int_eq(db1->met_at[HA_READY_GUEST], then + 1);
	ck_assert_int_eq(db1->met_at[HA_READY_APP], 0);
	/* what is not known changes nothing */
	bent_soft(DB1)->owner.seen = HA_SEEN_UNKNOWN;
	bent_soft(DB1)->owner.ready = 0;
	order_starts(bent);
	ck_assert_int_eq(db1->met_at[HA_READY_GUEST], then + 1);
	bent_soft(DB1)->owner.seen = HA_SEEN_RUNNING;
	bent_soft(DB1)->owner.gen--;
	order_starts(bent);
	ck_assert_int_eq(db1->met_at[HA_READY_GUEST], then + 1);
	bent_soft(DB1)->owner.gen++;
	bent_soft(DB1)->owner.ready = HA_READY_BIT(HA_READY_APP);
	order_starts(bent);
	ck_assert_int_eq(db1->met_at[HA_READY_GUEST], 0);
	ck_assert_int_eq(db1->met_at[HA_READY_APP], then + 1);
	/* it ends, and is started again in place */
	order_start(DB1);
	order_starts(bent);
	ck_assert_int_eq(db1->met_at[HA_READY_PLACED], then);
	ck_assert_int_eq(db1->met_at[HA_READY_STARTED], 0);
	ck_assert_int_eq(db1->met_at[HA_READY_APP], 0);
}
END_TEST

static void check_over(void)
{
	order_starts(bent);
	for (size_t r = 0; r < HA_READY_COUNT; r++) {
		ck_assert_int_eq(bent_soft(DB1)->met_at[r], 0);
	}
	ck_assert_uint_eq(bent_soft(DB1)->met_gen, bent_state(DB1)->gen);
}

static void run_db1(void)
{
	order_await_db1(HA_READY_APP, 0);
	bent_soft(DB1)->owner.ready = HA_READY_BIT(HA_READY_GUEST) |
				 HA_READY_BIT(HA_READY_APP);
	order_starts(bent);
	ck_assert_int_ne(bent_soft(DB1)->met_at[HA_READY_APP], 0);
}

START_TEST(a_run_ends)
{
	run_db1();
	bent_state(DB1)->owner = HA_HOST_NONE;
	check_over();
	run_db1();
	bent_state(DB1)->stop = HA_WHY_MOVE;
	check_over();
	run_db1();
	order_lose(DB1);
	check_over();
	/* another owner's begins before that one has said anything */
	run_db1();
	bent->now++;
	bent_state(DB1)->gen++;
	order_starts(bent);
	ck_assert_int_eq(bent_soft(DB1)->met_at[HA_READY_PLACED], bent->now);
	ck_assert_int_eq(bent_soft(DB1)->met_at[HA_READY_STARTED], 0);
	ck_assert_uint_eq(bent_soft(DB1)->met_gen, bent_state(DB1)->gen);
}
END_TEST

/* The limit of one that is started again and again: from when? */
static void check_tried(uint32_t i, bool tried, ha_time at)
{
	order_starts(bent);
	ck_assert_int_eq(bent_soft(i)->tried_at, at);
	ck_assert(bent_soft(i)->tried == tried);
}

START_TEST(limits_count_from_the_first_start)
{
	order_await_db1(HA_READY_STARTED, 0);
	bent_soft(WEB1)->placed = false;
	order_wait_for_place(DB1, HA_WHY_LOST);
	check_tried(DB1, false, bent->now); /* its turn has come */
	ck_assert_int_eq(bent->wake, bent->now + LIMIT);
	bent->now++;
	check_tried(DB1, false, bent->now - 1);
	bent_state(DB1)->owner = 1;
	order_start(DB1);
	bent->wake = HA_TIME_NEVER;
	check_tried(DB1, true, bent->now); /* it is started */
	ck_assert_int_eq(bent->wake, bent->now + LIMIT);
	bent->now++;
	order_wait_for_place(DB1, HA_WHY_FAILED);
	check_tried(DB1, true, bent->now - 1);
	bent_state(DB1)->owner = 1;
	check_tried(DB1, true, bent->now - 1);
	/* nobody has to wait for it, or it has to wait itself */
	bent_soft(DB1)->awaited = WEB2 + 1;
	order_wait_for_place(DB1, HA_WHY_FAILED);
	check_tried(DB1, true, bent->now - 1);
	ck_assert_uint_eq(bent_soft(DB1)->awaited, WEB2 + 1);
	bent_soft(DB1)->placed = false;
	check_tried(DB1, false, 0);
	ck_assert_uint_eq(bent_soft(DB1)->awaited, 0);
	order_wait_for_place(WEB1, HA_WHY_ADMIN);
	bent_soft(WEB1)->tried_at = 1;
	bent_soft(WEB1)->tried = true;
	order_start(DB1);
	bent_state(DB1)->owner = 1;
	check_tried(WEB1, false, 0);
	ck_assert_uint_eq(bent_soft(WEB1)->awaited, DB1 + 1);
	bent_state(WEB1)->owner = 2;
	bent_soft(WEB1)->placed = false;
	check_tried(WEB1, true, bent->now);
	ck_assert_uint_eq(bent_soft(WEB1)->awaited, 0);
}
END_TEST

/* Its run of so long ends: does its limit begin anew? */
static void check_anew(bool anew, ha_dur started, ha_dur guest, ha_dur app)
{
	ha_time tried = bent->now - started - 1;

	order_run_since(DB1, tried);
	bent_soft(DB1)->met_at[HA_READY_STARTED] = bent->now - started;
	bent_soft(DB1)->met_at[HA_READY_GUEST] = guest < 0 ? 0 : bent->now - guest;
	bent_soft(DB1)->met_at[HA_READY_APP] = app < 0 ? 0 : bent->now - app;
	order_start(DB1);
	check_tried(DB1, true, anew ? bent->now : tried);
}

START_TEST(limits_begin_anew_once_it_was_ready)
{
	order_await_db1(HA_READY_STARTED, 0);
	check_anew(true, 0, -1, -1);
	order_await_db1(HA_READY_STARTED, DELAY);
	check_anew(false, DELAY - 1, -1, -1);
	check_anew(true, DELAY, -1, -1);
	order_await_db1(HA_READY_GUEST, DELAY);
	check_anew(false, DELAY, -1, 2 * DELAY);
	check_anew(false, 2 * DELAY, DELAY - 1, -1);
	check_anew(true, 2 * DELAY, DELAY, -1);
	/* or its limit was over */
	check_anew(false, LIMIT + DELAY - 2, -1, -1);
	check_anew(true, LIMIT + DELAY - 1, -1, -1);
	order_deps[1].ready = HA_READY_APP;
	order_depend(1, WEB2, DB1); /* both are asked for */
	order_await_db1(HA_READY_GUEST, 0);
	check_anew(false, DELAY, 1, -1);
	check_anew(true, DELAY, 1, 0);
	/* it never ran */
	order_again();
	order_run_since(DB1, bent->now - LIMIT - 1);
	bent_soft(DB1)->met_at[HA_READY_STARTED] = 0;
	order_start(DB1);
	check_tried(DB1, true, bent->now - LIMIT - 1);
	/* nor has one a limit that had no turn yet */
	order_again();
	bent_soft(DB1)->met_at[HA_READY_STARTED] = 1;
	bent_soft(DB1)->met_gen = bent_state(DB1)->gen;
	order_start(DB1);
	bent_state(DB1)->wanted = HA_WANTED_STOPPED;
	check_tried(DB1, false, 0);
}
END_TEST

/* Also where it is to be started on another host then. */
START_TEST(limits_begin_anew_wherever_it_goes)
{
	order_await_db1(HA_READY_STARTED, 0);
	order_run_since(DB1, bent->now - LIMIT - 1);
	order_wait_for_place(DB1, HA_WHY_LOST);
	order_check_waits(WEB1, "waits for vm db1: it has not been started yet");
	check_tried(DB1, false, bent->now);
	bent->now += LIMIT - 1;
	order_check_waits(WEB1, "has not been started yet");
	bent->now++;
	order_check_goes(WEB1);
}
END_TEST

/* --- the start of one that waited --- */

static void check_passed(const char *says)
{
	struct vm web1 = vm_at(bent, WEB1);

	bent_listen();
	order_say_passed(bent, &web1);
	if (!says) {
		ck_assert_uint_eq(bent_told(), 0);
		return;
	}
	ck_assert_msg(strstr(bent_last_told(), says) != NULL, "'%s' in '%s'",
		      says, bent_last_told());
}

START_TEST(what_was_not_awaited_is_told)
{
	order_await_db1(HA_READY_STARTED, 0);
	order_starts(bent);
	check_passed(NULL);
	order_deps[0].ready = HA_READY_GUEST;
	check_passed("vm web1: is to wait for vm db1, which was not ready in "
		     "time -> does not wait for it");
	bent_soft(DB1)->met_at[HA_READY_STARTED] = 0;
	check_passed("vm db1, which does not start ->");
	bent_state(DB1)->aside = ha_host_bit(2);
	check_passed("vm db1, which is set aside ->");
	bent_state(DB1)->aside = 0;
	order_lose(DB1);
	check_passed("vm db1, which is on a host that is lost ->");
	bent_state(DB1)->owner = HA_HOST_NONE;
	check_passed("vm db1, which cannot be started now ->");
	bent_state(DB1)->wanted = HA_WANTED_STOPPED;
	check_passed("vm db1, which is not to run ->");
	bent->ordered = false;
	check_passed(NULL);
	bent->ordered = true;
	bent_soft(DB1)->met_at[HA_READY_GUEST] = 1;
	check_passed(NULL);
	order_depend(0, WEB1, DB2); /* the next one that it names */
	check_passed("vm db2, which was not ready in time ->");
}
END_TEST

START_TEST(the_last_of_a_tier_is_told)
{
	struct vm_soft *web1;

	bent_conf(MAIL1)->restart.ready = HA_READY_STARTED;
	order_again();
	web1 = bent_soft(WEB1);
	order_starts(bent);
	ck_assert_ptr_null(order_awaited(bent, web1));
	web1->awaited = MAIL1 + 1;
	ck_assert_ptr_eq(order_awaited(bent, web1), bent_soft(MAIL1));
	check_passed(NULL);
	bent_soft(MAIL1)->met_at[HA_READY_STARTED] = 0;
	check_passed("vm mail1, which does not start ->");
	web1->awaited = BATCH1 + 1; /* that keeps nobody waiting by now */
	bent_soft(BATCH1)->met_at[HA_READY_PLACED] = 0;
	check_passed(NULL);
}
END_TEST

/* --- the stop of the cluster --- */

static bool may_stop(uint32_t i)
{
	struct vm vm = vm_at(bent, i);

	return order_may_stop(bent, &vm);
}

static void stop_cluster(void)
{
	order_depend(0, WEB1, DB1);
	order_depend(0, WEB2, DB2);
	order_again();
	bent_state(WEB1)->owner = HOST;
	bent_state(WEB2)->owner = HOST;
	order_stops(bent);
}

START_TEST(who_is_depended_on_stops_last)
{
	stop_cluster();
	ck_assert(may_stop(WEB1));
	ck_assert(may_stop(MAIL1));
	ck_assert_uint_eq(bent_told(), 0);
	ck_assert(!may_stop(DB1));
	ck_assert_str_eq(bent_soft(DB1)->why,
			 "stops after vm web1, which depends on it");
	ck_assert_uint_eq(bent_told(), 1);
	ck_assert_ptr_nonnull(strstr(bent_last_told(), "-> stops after vm"));
	order_stops(bent);
	ck_assert(!may_stop(DB1));
	ck_assert_uint_eq(bent_told(), 1); /* once */
	ck_assert(!may_stop(DB2));
	ck_assert_uint_eq(bent_told(), 2);
	bent_state(DB1)->owner = HA_HOST_NONE;
	order_stops(bent);
	ck_assert(!bent_soft(DB1)->stops_later);
	bent->ordered = false;
	ck_assert(may_stop(DB2));
	stop_cluster();
	bent->epoch.coordinator = 2;
	ck_assert(!may_stop(DB1));
	ck_assert_uint_eq(bent_told(), 0);
	/* both have stopped; or the first one has */
	bent_state(WEB1)->owner = HA_HOST_NONE;
	order_stops(bent);
	ck_assert(!may_stop(DB1));
	ck_assert_str_eq(bent_soft(DB1)->why,
			 "stops after vm web2, which depends on it");
	bent_state(WEB2)->owner = HA_HOST_NONE;
	order_stops(bent);
	ck_assert(may_stop(DB1));
}
END_TEST

START_TEST(who_cannot_stop_keeps_nobody)
{
	ha_time until;

	stop_cluster();
	bent->epoch.members &= ~ha_host_bit(HOST);
	order_stops(bent);
	ck_assert(may_stop(DB1));
	stop_cluster();
	bent->hosts[HOST - 1].reported = false;
	order_stops(bent);
	ck_assert(may_stop(DB1));
	stop_cluster();
	bent_state(WEB1)->stop = HA_WHY_CLUSTER_STOP;
	bent_state(WEB2)->owner = HA_HOST_NONE;
	bent->wake = HA_TIME_NEVER;
	order_stops(bent);
	ck_assert(!may_stop(DB1));
	until = bent->now + bent_conf(WEB1)->stop_timeout + HA_S(60);
	ck_assert_int_eq(bent_soft(WEB1)->stop_by, until);
	ck_assert_int_eq(bent->wake, until);
	bent->now = until - 1;
	order_stops(bent);
	ck_assert(!may_stop(DB1));
	bent->now = until;
	order_stops(bent);
	ck_assert(may_stop(DB1));
	ck_assert_int_eq(bent_soft(WEB1)->stop_by, until);
	bent_state(WEB1)->stop = HA_WHY_NONE; /* it runs anew */
	order_stops(bent);
	ck_assert_int_eq(bent_soft(WEB1)->stop_by, 0);
	ck_assert(!may_stop(DB1));
	bent->ordered = false;
	bent_soft(WEB1)->stop_by = 1;
	order_stops(bent);
	ck_assert_int_eq(bent_soft(WEB1)->stop_by, 1);
}
END_TEST

/* --- for people --- */

static void check_unready(uint32_t ready, uint32_t unready, const char *says)
{
	char text[HA_TEXT_MAX + 1];

	bent_soft(DB1)->owner.ready = ready;
	bent_soft(DB1)->owner.unready = unready;
	order_say_unready(bent_soft(DB1), text, sizeof(text));
	ck_assert_str_eq(text, says);
}

START_TEST(what_a_vm_has_not_shown_is_said)
{
	const uint32_t guest = HA_READY_BIT(HA_READY_GUEST);
	const uint32_t app = HA_READY_BIT(HA_READY_APP);

	order_await_db1(HA_READY_GUEST, 0);
	check_unready(0, 0, "its guest agent has not answered yet");
	check_unready(0, guest, "it was not ready in time: its guest agent has "
				"not answered");
	check_unready(guest, 0, "");
	check_unready(guest, app, "");
	order_await_db1(HA_READY_APP, 0);
	check_unready(guest, guest, "its ready-command has not succeeded yet");
	check_unready(0, app, "it was not ready in time: its application has "
			      "not answered");
	check_unready(app, 0, "");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("order-run");
	TCase *t = tcase_create("bent");

	tcase_add_checked_fixture(t, order_set_up, order_tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_run_is_followed);
	tcase_add_test(t, a_run_ends);
	tcase_add_test(t, limits_count_from_the_first_start);
	tcase_add_test(t, limits_begin_anew_once_it_was_ready);
	tcase_add_test(t, limits_begin_anew_wherever_it_goes);
	tcase_add_test(t, what_was_not_awaited_is_told);
	tcase_add_test(t, the_last_of_a_tier_is_told);
	tcase_add_test(t, who_is_depended_on_stops_last);
	tcase_add_test(t, who_cannot_stop_keeps_nobody);
	tcase_add_test(t, what_a_vm_has_not_shown_is_said);
	suite_add_tcase(s, t);
	return test_main(s);
}
