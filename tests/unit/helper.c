/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "helper.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "wire/agent.h"

char test_folder[64];
static bool syncs_free;

void test_syncs_are_free(void)
{
	syncs_free = true;
}

void test_folder_make(void)
{
	snprintf(test_folder, sizeof(test_folder), "%s/hac-test-XXXXXX",
		 syncs_free && access("/dev/shm", W_OK) == 0 ? "/dev/shm"
							     : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(test_folder));
}

void test_folder_remove(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execlp("rm", "rm", "-rf", test_folder, (char *)NULL);
		_exit(127);
	}
	ck_assert_int_eq(test_wait(pid), 0);
}

static int open_file(const char *folder, const char *name, int flags)
{
	char path[TEST_PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder ? folder : test_folder,
		 name);
	return open(path, flags | O_CLOEXEC, 0644);
}

void test_file_write(const char *folder, const char *name, const void *data,
		     size_t len)
{
	int fd = open_file(folder, name, O_WRONLY | O_CREAT | O_TRUNC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ha_fd_write_all(fd, data, len), 0);
	ck_assert_int_eq(close(fd), 0);
}

bool test_file_read(const char *folder, const char *name, struct ha_buf *buf)
{
	int fd = open_file(folder, name, O_RDONLY);

	if (fd < 0) {
		return false;
	}
	ck_assert_int_eq(ha_buf_read_fd(buf, fd, 64u << 20), 0);
	close(fd);
	return true;
}

pid_t test_agent_start(const char *const argv[], int *ret_fd)
{
	int pair[2];
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				    pair), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		if (pair[1] == HA_AGENT_FD) {
			fcntl(HA_AGENT_FD, F_SETFD, 0);
		} else {
			dup2(pair[1], HA_AGENT_FD);
		}
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	close(pair[1]);
	*ret_fd = pair[0];
	return pid;
}

int test_wait(pid_t pid)
{
	int status = -1;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
