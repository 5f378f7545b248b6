/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which crashes of a hacd count, and what follows for its next life. */
#include "core/crash.h"

#include <check.h>
#include <string.h>

#include "tests/unit/suite.h"

#define LATER HA_CRASH_WINDOW_S

static struct ha_crashes crashes;

static void set_up(void)
{
	memset(&crashes, 0, sizeof(crashes));
}

static struct ha_uuid uuid_of(uint8_t vm)
{
	struct ha_uuid uuid = { .b = { vm } };

	return uuid;
}

/* vm 0: over nothing in particular. */
static void crash(int64_t at_s, uint8_t vm)
{
	const struct ha_crash over = { .vm = uuid_of(vm > 0 ? vm : 99),
				       .index = 70u + vm, .count = vm > 0 };

	ha_crashes_add(&crashes, at_s, &over);
}

/* What is told to the core: the last one was over that VM. */
static void check_over(int64_t now_s, uint32_t count, uint8_t vm)
{
	const struct ha_crash over = ha_crashes_over(&crashes, now_s);
	const struct ha_uuid uuid = uuid_of(vm);

	ck_assert_uint_eq(over.count, count);
	if (count > 0) {
		ck_assert_int_eq(ha_uuid_cmp(&over.vm, &uuid), 0);
		ck_assert_uint_eq(over.index, 70u + vm);
	}
}

START_TEST(those_over_the_same_vm_count)
{
	check_over(1, 0, 0);
	crash(0, 1); /* in the first second of the boot */
	check_over(0, 1, 1);
	crash(2, 2);
	check_over(2, 1, 2);
	crash(3, 1);
	check_over(3, 2, 1);
	crash(4, 0); /* the last one was over nothing */
	check_over(4, 0, 0);
	crash(5, 1);
	check_over(5, 3, 1);
	ck_assert(!ha_crashes_freeze(&crashes, 5));
}
END_TEST

START_TEST(those_over_the_same_host_count)
{
	struct ha_crash over = { .host = 3, .index = 7, .count = 1 };

	crash(1, 1);
	crash(2, 0);
	ha_crashes_add(&crashes, 3, &over);
	ck_assert_uint_eq(ha_crashes_over(&crashes, 3).count, 1);
	over.host = 4;
	ha_crashes_add(&crashes, 4, &over);
	ck_assert_uint_eq(ha_crashes_over(&crashes, 4).count, 1);
	over.host = 3;
	over.index = 8;
	ha_crashes_add(&crashes, 5, &over);
	over = ha_crashes_over(&crashes, 5);
	ck_assert_uint_eq(over.count, 2);
	ck_assert_uint_eq(over.host, 3);
	ck_assert_uint_eq(over.index, 8);
	ck_assert(!ha_crashes_freeze(&crashes, 5)); /* not over nothing */
}
END_TEST

START_TEST(old_ones_do_not_count)
{
	crash(10, 1);
	crash(20, 1);
	check_over(10 + LATER, 2, 1);
	check_over(11 + LATER, 1, 1);
	check_over(20 + LATER, 1, 1);
	check_over(21 + LATER, 0, 1);
	crash(1000, 0);
	crash(1000 + LATER, 0);
	ck_assert(ha_crashes_freeze(&crashes, 1000 + LATER));
	ck_assert(!ha_crashes_freeze(&crashes, 1001 + LATER));
}
END_TEST

START_TEST(two_over_nothing_freeze)
{
	crash(10, 0);
	ck_assert(!ha_crashes_freeze(&crashes, 10));
	crash(11, 1);
	ck_assert(!ha_crashes_freeze(&crashes, 11));
	crash(12, 0);
	ck_assert(ha_crashes_freeze(&crashes, 12));
}
END_TEST

/* However many VMs they were over; and only the newest ones are kept. */
START_TEST(too_many_of_any_kind_freeze)
{
	for (uint8_t i = 1; i < HA_CRASHES_KEPT; i++) {
		crash(i, i);
		ck_assert(!ha_crashes_freeze(&crashes, i));
	}
	crash(10, 1);
	ck_assert(ha_crashes_freeze(&crashes, 10));
	check_over(10, 2, 1);
	crash(11, 2);
	check_over(11, 2, 2);
	crash(12, 1);
	check_over(12, 2, 1); /* its first one is forgotten */
}
END_TEST

/* A stall of the host is not its doing; but it cannot work like that. */
START_TEST(stalls_count_only_among_many)
{
	crash(1, 0);
	for (int i = 2; i < HA_CRASHES_KEPT; i++) {
		ha_crashes_add_stall(&crashes, i);
		check_over(i, 0, 0);
		ck_assert(!ha_crashes_freeze(&crashes, i));
	}
	crash(HA_CRASHES_KEPT, 1);
	ck_assert(!ha_crashes_freeze(&crashes, 1 + LATER + 1));
	ck_assert(ha_crashes_freeze(&crashes, 1 + LATER));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("crashes");
	TCase *t = tcase_create("crashes");

	tcase_add_checked_fixture(t, set_up, NULL);
	tcase_add_test(t, those_over_the_same_vm_count);
	tcase_add_test(t, those_over_the_same_host_count);
	tcase_add_test(t, old_ones_do_not_count);
	tcase_add_test(t, two_over_nothing_freeze);
	tcase_add_test(t, too_many_of_any_kind_freeze);
	tcase_add_test(t, stalls_count_only_among_many);
	suite_add_tcase(s, t);
	return test_main(s);
}
