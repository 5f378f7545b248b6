/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host says again to those who came late into its epoch, and when. */
#include "core/report.h"

#include <check.h>

#include "core/rules.h"
#include "tests/unit/bent-core.h"
#include "tests/unit/suite.h"

#define ALL_OF_IT 2 /* of the host, and of its VMs */

static void said(size_t messages)
{
	bent_listen();
	report_send(bent);
	ck_assert_uint_eq(bent->msg_count, messages);
	if (messages == ALL_OF_IT) {
		ck_assert_int_eq(bent->msgs[0].kind, HA_MSG_HOST);
		ck_assert_int_eq(bent->msgs[1].kind, HA_MSG_REPORTS);
		ck_assert(bent->msgs[1].reports.full);
	}
}

START_TEST(who_comes_late_together_is_answered_together)
{
	const ha_time asked = bent->now;

	said(0);
	report_asked(bent, 2);
	bent->wake = HA_TIME_NEVER;
	said(0);
	ck_assert_int_gt(bent->wake, asked);
	ck_assert_int_le(bent->wake, asked + HA_MS(200));
	bent->now = bent->wake - 1;
	report_asked(bent, 3);
	said(0); /* and the first does not wait for longer */
	bent->now++;
	said(ALL_OF_IT);
	said(0);
}
END_TEST

START_TEST(the_coordinator_is_answered_at_once)
{
	report_asked(bent, 2);
	bent->epoch.coordinator = 3;
	report_asked(bent, 3);
	said(ALL_OF_IT);
	said(0);
}
END_TEST

START_TEST(in_a_new_epoch_all_is_said_anyway)
{
	report_asked(bent, 2);
	soft_new_epoch(bent);
	said(ALL_OF_IT);
	bent->now += HA_S(1);
	said(0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("report");
	TCase *t = tcase_create("bent");

	tcase_add_checked_fixture(t, bent_set_up, bent_tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, who_comes_late_together_is_answered_together);
	tcase_add_test(t, the_coordinator_is_answered_at_once);
	tcase_add_test(t, in_a_new_epoch_all_is_said_anyway);
	suite_add_tcase(s, t);
	return test_main(s);
}
