/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log: cut and escaped lines; a reader that hangs does not hang us. */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/unit/suite.h"

static int ends[2];
static int saved;

static void set_up(void)
{
	ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
	saved = dup(STDERR_FILENO);
	ck_assert_int_eq(dup2(ends[1], STDERR_FILENO), STDERR_FILENO);
	/* only the reader's end: ours is what a daemon has */
	ck_assert_int_eq(fcntl(STDERR_FILENO, F_SETFL, 0), 0);
	unsetenv("JOURNAL_STREAM");
	ha_log_open("test", HA_LOG_INFO);
}

static void tear_down(void)
{
	ck_assert_int_eq(dup2(saved, STDERR_FILENO), STDERR_FILENO);
	close(saved);
	close(ends[0]);
	close(ends[1]);
}

static size_t read_all(char *text, size_t size)
{
	ssize_t n = read(ends[0], text, size - 1);

	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

START_TEST(test_line)
{
	static char text[4096];
	char large[3000];

	ha_log(HA_LOG_INFO, "a %d\033[1m", 1);
	ha_log(HA_LOG_DEBUG, "not asked for");
	(void)read_all(text, sizeof(text));
	ck_assert_str_eq(text, "test: a 1?[1m\n");
	memset(large, 'x', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	ha_log(HA_LOG_ERR, "%s", large);
	ck_assert_uint_eq(read_all(text, sizeof(text)),
			  strlen("test: ") + 1023 + 1);
}
END_TEST

START_TEST(test_reader_hangs)
{
	static char text[1 << 20];

	/* far more than a pipe holds: it would block for ever */
	for (int i = 0; i < 100000; i++) {
		ha_log(HA_LOG_INFO, "line %d", i);
	}
	while (read_all(text, sizeof(text)) > 0) {
	}
	ha_log(HA_LOG_INFO, "the last");
	(void)read_all(text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, "lines before this were lost"));
	ck_assert_ptr_nonnull(strstr(text, "test: the last\n"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("log");
	TCase *tc = tcase_create("log");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_line);
	tcase_add_test(tc, test_reader_hangs);
	return test_main(suite);
}
