/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * helper.h - what unit tests share: a folder of their own, its files, an agent
 * on its socket. A failure fails the running test.
 */
#ifndef HA_TESTS_HELPER_H
#define HA_TESTS_HELPER_H

#include <check.h>
#include <sys/types.h>

#include "base/buf.h"
#include "tests/unit/suite.h"

#define TEST_PATH_MAX 512

extern char test_folder[64]; /* of the running test */

/* Fixtures: an empty test_folder; nothing is left of it. */
void test_folder_make(void);
void test_folder_remove(void);
/* From now on test_folder is in memory, if it can be; no program may run there. */
void test_syncs_are_free(void);
/* A file in a folder (NULL: in test_folder). */
void test_file_write(const char *folder, const char *name, const void *data,
		     size_t len);
/* Appends to buf; false: there is no such file. */
bool test_file_read(const char *folder, const char *name, struct ha_buf *buf);
/* Starts ./argv[0] as hacd does; the socket's other end comes back. */
pid_t test_agent_start(const char *const argv[], int *ret_fd);
/* Waits for its end and gives its exit status, or 128 + signal. */
int test_wait(pid_t pid);

#endif
