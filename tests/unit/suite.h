/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * suite.h - the end of a unit test's main(). Inline, since most of them link
 * nothing but what they test.
 */
#ifndef HA_TESTS_SUITE_H
#define HA_TESTS_SUITE_H

#include <check.h>
#include <stdlib.h>

/* Runs them, and frees them: what main() returns. */
static inline int test_main(Suite *s)
{
	SRunner *r = srunner_create(s);
	int failed;

	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
