/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/pace.h"

#include <check.h>
#include <stdlib.h>

#include "tests/unit/suite.h"

static const struct {
	uint32_t most, cpus, ended, starts;
} waves[] = {
	{ 8, 2, 0, 1 }, { 8, 2, 1, 2 },	 { 8, 2, 6, 7 },  { 8, 2, 7, 8 },
	{ 8, 2, 8, 8 }, { 8, 2, UINT32_MAX, 8 },
	{ 8, 0, 0, 1 }, { 8, 1, 0, 1 },	 { 8, 5, 0, 2 },  { 8, 16, 0, 8 },
	{ 8, 64, 0, 8 }, { 1, 64, 5, 1 }, { 1, 1, 0, 1 },
	{ 1000, UINT32_MAX, UINT32_MAX, 1000 },
};

START_TEST(test_wave)
{
	ck_assert_uint_eq(ha_pace_starts(waves[_i].most, waves[_i].cpus,
					  waves[_i].ended), waves[_i].starts);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("pace");
	TCase *t = tcase_create("pace");

	tcase_add_loop_test(t, test_wave, 0, sizeof(waves) / sizeof(waves[0]));
	suite_add_tcase(s, t);
	return test_main(s);
}
