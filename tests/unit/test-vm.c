/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the coordinator makes of where a VM runs, case by case. */
#include "tests/unit/bent-order.h"

#include <check.h>
#include <string.h>

#include "core/pool.h"
#include "tests/unit/bent-core.h"
#include "tests/unit/suite.h"

/* A decision with these words, or NULL. */
static const struct ha_trace *told(const char *says)
{
	for (size_t i = 0; i < bent->action_count; i++) {
		const struct ha_action *a = &bent->actions[i];

		if (a->kind == HA_ACT_TRACE && strstr(a->trace.text, says)) {
			return &a->trace;
		}
	}
	return NULL;
}

static const struct ha_trace *decide(const char *says)
{
	bent_listen();
	vm_decide(bent);
	return told(says);
}

/* It was lost, and runs there all the same. */
static void survive(ha_hostset there, ha_hostset unknown)
{
	order_again();
	order_end(DB1);
	bent_state(DB1)->last_why = HA_WHY_LOST;
	bent_soft(DB1)->running = there;
	bent_soft(DB1)->unknown = unknown;
}

START_TEST(what_still_runs_is_taken_up_if_all_can_tell)
{
	survive(ha_host_bit(2), 0);
	ck_assert_ptr_nonnull(decide("db1: still runs on h2"));
	survive(ha_host_bit(2), ha_host_bit(3));
	ck_assert_ptr_null(decide("db1: still runs on"));
	survive(ha_host_bit(2) | ha_host_bit(3), 0);
	ck_assert_ptr_null(decide("db1: still runs on"));
	survive(ha_host_bit(2), 0);
	bent_state(DB1)->last_why = HA_WHY_ADMIN; /* it was told to stop */
	ck_assert_ptr_null(decide("db1: still runs on"));
}
END_TEST

/* What was committed before the epoch opened is not all known yet. */
START_TEST(nothing_is_decided_from_an_old_state)
{
	survive(ha_host_bit(2), 0);
	bent->state->epoch--;
	ck_assert_ptr_null(decide(""));
}
END_TEST

START_TEST(a_start_that_failed_is_a_warning)
{
	const struct ha_trace *t;

	order_again();
	order_run_on(DB1, 2);
	bent_state(DB1)->stop = HA_WHY_ADMIN;
	bent_soft(DB1)->owner.seen = HA_SEEN_ABSENT;
	bent_soft(DB1)->owner.ended = HA_WHY_ADMIN;
	bent_soft(DB1)->running = 0;
	t = decide("db1: stopped on h2");
	ck_assert_ptr_nonnull(t);
	ck_assert_int_ne(t->level, HA_TRACE_WARNING);
	bent_soft(DB1)->pending = 0;
	bent_soft(DB1)->owner.ended = HA_WHY_FAILED;
	t = decide("db1: start on h2 failed");
	ck_assert_ptr_nonnull(t);
	ck_assert_int_eq(t->level, HA_TRACE_WARNING);
}
END_TEST

/* Once each host has said; what it recorded explains it later. */
START_TEST(what_is_new_is_taken_into_care)
{
	const struct ha_trace *t;

	survive(ha_host_bit(2), 0);
	bent_state(DB1)->surveyed = false;
	bent_state(DB1)->last_why = HA_WHY_NONE;
	bent_state(DB1)->gen = 1; /* all reports are later */
	t = decide("db1: every host has said, it runs on h2");
	ck_assert_msg(t != NULL, "%s", bent_soft(DB1)->why);
	ck_assert_int_eq(t->fact, HA_FACT_VM_SURVEY);
	bent_soft(DB1)->pending = 0;
	bent->hosts[HOST - 1].reported = false;
	ck_assert_ptr_null(decide("db1: every host has said"));
	ck_assert_str_eq(bent_soft(DB1)->why, "host h3 has not said yet "
					      "whether it runs it");
}
END_TEST

/* Those that left with a cluster that was stopped come again as it starts; who
 * left by itself stays away, and who was here before has come already. */
static void check_awaited(ha_time started_at, const char *why)
{
	survive(0, 0);
	bent->opened_at = bent->now;
	bent->started_at = started_at;
	bent->state->hosts[HOST - 1].present = false;
	bent->hosts[HOST - 1].stays_out = true;
	bent->wake = HA_TIME_NEVER;
	(void)decide("");
	ck_assert_str_eq(bent_soft(DB1)->why, why);
	if (why[0] != '\0') { /* not for longer than that */
		ck_assert_int_le(bent->wake, bent->now + HA_S(1));
	}
}

START_TEST(who_left_is_awaited_as_the_cluster_starts)
{
	check_awaited(bent->now, "host h3 is about to join");
	check_awaited(bent->now - HA_S(9), "");
	check_awaited(0, "");
}
END_TEST

START_TEST(failed_starts_are_forgotten_in_time)
{
	const struct ha_trace *t;

	order_again();
	order_run_on(DB1, 2);
	bent_state(DB1)->failures = 1;
	bent_soft(DB1)->runs_gen = bent_state(DB1)->gen;
	bent_soft(DB1)->runs_from = bent->now;
	bent->wake = HA_TIME_NEVER;
	ck_assert_ptr_null(decide("failed starts are forgotten"));
	ck_assert_int_le(bent->wake, bent->now +
				     bent_conf(DB1)->restart.failure_expiry);
	bent->now += bent_conf(DB1)->restart.failure_expiry;
	t = decide("db1: ran for");
	ck_assert_ptr_nonnull(t);
	ck_assert_int_eq(t->topic, HA_TOPIC_VM);
	ck_assert(ha_uuid_cmp(&t->vm, &bent_soft(DB1)->uuid) == 0);
	bent_soft(DB1)->pending = 0;
	bent_soft(DB1)->runs_gen--; /* that was under an earlier owner */
	ck_assert_ptr_null(decide("db1: ran for"));
}
END_TEST

/* Of a live migration both run it; any third has a copy. */
START_TEST(who_holds_it_has_no_copy)
{
	order_again();
	order_run_on(DB1, 2);
	bent_state(DB1)->holder = 3;
	bent_soft(DB1)->running = ha_host_bit(2) | ha_host_bit(3);
	(void)decide("");
	ck_assert(!bent_soft(DB1)->incident);
	bent_soft(DB1)->running |= ha_host_bit(1);
	(void)decide("");
	ck_assert(bent_soft(DB1)->incident);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("vm");
	TCase *t = tcase_create("bent");

	tcase_add_checked_fixture(t, order_set_up, order_tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, what_still_runs_is_taken_up_if_all_can_tell);
	tcase_add_test(t, nothing_is_decided_from_an_old_state);
	tcase_add_test(t, a_start_that_failed_is_a_warning);
	tcase_add_test(t, what_is_new_is_taken_into_care);
	tcase_add_test(t, who_left_is_awaited_as_the_cluster_starts);
	tcase_add_test(t, failed_starts_are_forgotten_in_time);
	tcase_add_test(t, who_holds_it_has_no_copy);
	suite_add_tcase(s, t);
	return test_main(s);
}
