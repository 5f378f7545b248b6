/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-fence-agent - hac-agent-fence against fence agents that lie, hang, die
 * and talk nonsense: real processes, in a temporary directory.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/time.h"
#include "helper.h"
#include "wire/agent.h"

static int fd = -1;
static pid_t agent;
static uint64_t next_id;
static char result[HA_TEXT_MAX + 1];

static void write_file(const char *name, mode_t mode, const char *text)
{
	char path[160];

	test_file_write(NULL, name, text, strlen(text));
	snprintf(path, sizeof(path), "%s/%s", test_folder, name);
	ck_assert_int_eq(chmod(path, mode), 0);
}

/* Reads its input into $action and the file "seen"; power is a file. */
#define PROLOGUE "#!/bin/sh\ncd \"${0%/*}\"\nwhile read -r l; do\n" \
	"echo \"$l\" >> seen\ncase $l in action=*) a=${l#action=};; esac\n" \
	"done\necho \"$a\" >> actions\n"

static void write_agents(void)
{
	write_file("fence_good", 0755, PROLOGUE
		   "case $a in off) echo off > power;; on) rm -f power;; "
		   "status) test -e power && exit 2; exit 0;; esac\n");
	write_file("fence_slow", 0755, PROLOGUE /* off only at the third look */
		   "case $a in status) echo x >> looks; "
		   "test \"$(wc -l < looks)\" -ge 3 && exit 2; exit 0;; esac\n");
	write_file("fence_liar", 0755, PROLOGUE "exit 0\n");
	write_file("fence_hang", 0755, PROLOGUE
		   "sleep 987 & echo $! > left; wait\n");
	write_file("fence_fail", 0755, PROLOGUE
		   "printf 'first\\nBMC \\033[31m says secret42 no\\n' >&2; "
		   "exit 1\n");
	write_file("fence_garbage", 0755, PROLOGUE
		   "test $a = off && head -c 3000000 /dev/urandom >&2\n"
		   "exit 2\n");
	write_file("fence_flaky", 0755, PROLOGUE
		   "case $a in off) echo x >> tries; test \"$(wc -l < tries)\" "
		   "-ge 2 || exit 1; echo off > flaky;; "
		   "status) test -e flaky && exit 2; exit 0;; esac\n");
	write_file("fence_silent", 0755, PROLOGUE "kill -9 $$\n");
	write_file("fence_done", 0755, PROLOGUE /* refuses, yet is off */
		   "test $a = off && exit 1; exit 2\n");
	write_file("other", 0755, "#!/bin/sh\nexit 2\n");
}

static void setup(void)
{
	const char *argv[] = { "./hac-agent-fence", "--agents-path",
			       test_folder, NULL };

	test_folder_make();
	write_agents();
	agent = test_agent_start(argv, &fd);
}

static void teardown(void)
{
	if (fd >= 0) {
		close(fd);
		fd = -1;
	}
	ck_assert_int_eq(test_wait(agent), 0);
	test_folder_remove();
}

struct request {
	uint32_t op;
	const char *agents[3];
	uint32_t timeout_ms; /* of the operation */
	uint32_t run_ms;
	uint32_t retries;
	struct ha_param param;
};

static uint64_t ask(const struct request *r)
{
	static const struct ha_param plug = { .name = "plug", .value = "7" };
	struct ha_param params[2] = { plug, r->param };
	struct ha_am_step steps[3] = { { 0 } };
	struct ha_am msg = { .kind = HA_AM_FENCE, .id = ++next_id, .op = r->op,
			     .name = "h1", .steps = steps,
			     .timeout_ms = r->timeout_ms };

	while (msg.step_count < 3 && r->agents[msg.step_count]) {
		steps[msg.step_count] = (struct ha_am_step){
			.device = "bmc1", .agent = r->agents[msg.step_count],
			.params = params, .param_count = r->param.name ? 2 : 1,
			.timeout_ms = r->run_ms ? r->run_ms : 5000,
			.retries = r->retries };
		msg.step_count++;
	}
	ck_assert_int_eq(ha_am_send(fd, &msg), 0);
	return msg.id;
}

/* The next result, whosever it is. */
static uint32_t next_result(uint64_t *ret_id)
{
	for (;;) {
		struct ha_am msg;
		uint32_t code;
		int rc;

		rc = ha_am_recv(fd, &msg);
		ck_assert_int_eq(rc, 0);
		code = msg.code;
		*ret_id = msg.id;
		snprintf(result, sizeof(result), "%s", msg.text);
		rc = (int)msg.kind;
		ha_am_fini(&msg);
		if (rc == HA_AM_RESULT) {
			return code;
		}
	}
}

static uint32_t ask_wait(const struct request *r)
{
	uint64_t id = ask(r), got;
	uint32_t code = next_result(&got);

	ck_assert_uint_eq(got, id);
	return code;
}

static void read_back(const char *name, char text[4096])
{
	char path[160];
	int f;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", test_folder, name);
	f = open(path, O_RDONLY | O_CLOEXEC);
	ck_assert_int_ge(f, 0);
	n = read(f, text, 4095);
	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	close(f);
}

/* Neither gone nor a zombie: it has a command line. */
static bool is_alive(long pid)
{
	char path[64], byte;
	ssize_t n = 0;
	int f;

	snprintf(path, sizeof(path), "/proc/%ld/cmdline", pid);
	f = open(path, O_RDONLY | O_CLOEXEC);
	if (f >= 0) {
		n = read(f, &byte, 1);
		close(f);
	}
	return n > 0;
}

START_TEST(off_is_told_when_status_reads_off)
{
	struct request r = { .op = HA_FENCE_OP_OFF, .agents = { "fence_good" } };
	char text[4096];

	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_OFF);
	read_back("actions", text);
	ck_assert_str_eq(text, "off\nstatus\n");
	read_back("seen", text);
	ck_assert_ptr_nonnull(strstr(text, "plug=7\naction=off\n"));
	r.op = HA_FENCE_OP_STATUS;
	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_OFF);
	r.op = HA_FENCE_OP_POWER_ON;
	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_ON);
	r.op = HA_FENCE_OP_STATUS;
	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_ON);
}
END_TEST

START_TEST(status_is_asked_until_off)
{
	struct request r = { .op = HA_FENCE_OP_OFF, .agents = { "fence_slow" } };

	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_OFF);
}
END_TEST

START_TEST(a_liar_is_not_believed)
{
	struct request r = { .op = HA_FENCE_OP_OFF, .agents = { "fence_liar" },
			     .run_ms = 400, .retries = 1 };

	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_FAILED);
	ck_assert_ptr_nonnull(strstr(result, "still reads on"));
}
END_TEST

START_TEST(a_hanging_agent_is_killed_with_its_group)
{
	struct request r = { .op = HA_FENCE_OP_OFF, .agents = { "fence_hang" },
			     .run_ms = 500 };
	ha_time begin = ha_time_now();
	char text[4096];

	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_FAILED);
	ck_assert_int_lt(ha_time_now() - begin, HA_S(4));
	ck_assert_ptr_nonnull(strstr(result, "was killed"));
	read_back("left", text);
	/* What it left was killed as well, and dies when it gets the CPU. */
	for (int i = 0; i < 200 && is_alive(strtol(text, NULL, 10)); i++) {
		(void)poll(NULL, 0, 20);
	}
	ck_assert(!is_alive(strtol(text, NULL, 10)));
}
END_TEST

START_TEST(the_whole_has_a_time_limit)
{
	struct request r = { .op = HA_FENCE_OP_OFF, .agents = { "fence_hang" },
			     .run_ms = 60000, .timeout_ms = 300 };

	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_FAILED);
	ck_assert_ptr_nonnull(strstr(result, "time limit"));
}
END_TEST

START_TEST(the_reason_is_clean_and_without_secrets)
{
	struct request r = { .op = HA_FENCE_OP_STATUS,
			     .agents = { "fence_fail" },
			     .param = { .name = "password",
					.value = "secret42" } };

	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_FAILED);
	ck_assert_ptr_nonnull(strstr(result, "bmc1"));
	ck_assert_ptr_nonnull(strstr(result, "says ******** no"));
	ck_assert_ptr_null(strchr(result, '\033'));
	ck_assert_ptr_null(strstr(result, "first"));
}
END_TEST

START_TEST(garbage_and_death_do_no_harm)
{
	struct request r = { .op = HA_FENCE_OP_OFF,
			     .agents = { "fence_garbage" } };

	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_OFF);
	r.agents[0] = "fence_silent";
	r.run_ms = 200;
	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_FAILED);
	ck_assert_ptr_nonnull(strstr(result, "died"));
	r.agents[0] = "fence_done";
	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_OFF);
}
END_TEST

START_TEST(a_failed_try_is_tried_again)
{
	struct request r = { .op = HA_FENCE_OP_OFF, .agents = { "fence_flaky" },
			     .retries = 2 };

	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_OFF);
}
END_TEST

START_TEST(all_steps_of_a_level_must_succeed)
{
	struct request r = { .op = HA_FENCE_OP_OFF, .run_ms = 300,
			     .agents = { "fence_good", "fence_done" } };

	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_OFF);
	r.agents[1] = "fence_liar";
	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_FAILED);
	r.op = HA_FENCE_OP_STATUS; /* one reads on: it is not off */
	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_ON);
	r.op = HA_FENCE_OP_OFF;
	r.agents[0] = NULL;
	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_FAILED);
}
END_TEST

START_TEST(secrets_come_from_safe_files_only)
{
	char path[160], text[4096];
	struct request r = { .op = HA_FENCE_OP_CHECK,
			     .agents = { "fence_good" },
			     .param = { .name = "password", .file = path } };

	snprintf(path, sizeof(path), "%s/secret", test_folder);
	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_FAILED);
	ck_assert_ptr_nonnull(strstr(result, path));
	ck_assert_ptr_nonnull(strstr(result, "does not exist"));
	write_file("secret", 0644, "hidden\nnot this\n");
	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_FAILED);
	ck_assert_ptr_nonnull(strstr(result, "0600"));
	ck_assert_ptr_null(strstr(result, "hidden"));
	write_file("secret", 0600, "");
	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_FAILED);
	write_file("secret", 0640, "hidden\nnot this\n");
	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_ON);
	r.op = HA_FENCE_OP_OFF;
	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_OFF);
	read_back("seen", text);
	ck_assert_ptr_nonnull(strstr(text, "password=hidden\n"));
	ck_assert_ptr_null(strstr(text, "not this"));
}
END_TEST

START_TEST(strange_requests_are_refused)
{
	static const char *const names[] = { "other", "fence_none", "fence_",
					     "../fence_good", "fence_GOOD",
					     "fence_x/../other" };
	struct request r = { .op = HA_FENCE_OP_OFF };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		r.agents[0] = names[i];
		ck_assert_uint_eq(ask_wait(&r), HA_FENCE_FAILED);
	}
	r.agents[0] = "fence_good";
	r.param = (struct ha_param){ .name = "action", .value = "on" };
	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_FAILED);
	r.param = (struct ha_param){ .name = "x", .value = "a\naction=on" };
	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_FAILED);
	r.param = (struct ha_param){ .name = "x\naction", .value = "on" };
	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_FAILED);
	ck_assert_int_eq((int)send(fd, "nonsense", 8, 0), 8);
	r.param = (struct ha_param){ 0 };
	ck_assert_uint_eq(ask_wait(&r), HA_FENCE_OFF);
}
END_TEST

START_TEST(one_that_hangs_does_not_hold_up_others)
{
	struct request hang = { .op = HA_FENCE_OP_OFF, .run_ms = 60000,
				.agents = { "fence_hang" } };
	struct request good = { .op = HA_FENCE_OP_OFF,
				.agents = { "fence_good" } };
	uint64_t id;

	for (int i = 0; i < 3; i++) {
		ask(&hang);
	}
	ck_assert_uint_eq(ask_wait(&good), HA_FENCE_OFF);
	for (id = 1; id <= 2; id++) { /* one is left for the end */
		struct ha_am cancel = { .kind = HA_AM_CANCEL,
					.id = next_id - id };

		ck_assert_int_eq(ha_am_send(fd, &cancel), 0);
	}
	ck_assert_uint_eq(ask_wait(&good), HA_FENCE_OFF);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fence-agent");
	TCase *c = tcase_create("agent");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, off_is_told_when_status_reads_off);
	tcase_add_test(c, status_is_asked_until_off);
	tcase_add_test(c, a_liar_is_not_believed);
	tcase_add_test(c, a_hanging_agent_is_killed_with_its_group);
	tcase_add_test(c, the_whole_has_a_time_limit);
	tcase_add_test(c, the_reason_is_clean_and_without_secrets);
	tcase_add_test(c, garbage_and_death_do_no_harm);
	tcase_add_test(c, a_failed_try_is_tried_again);
	tcase_add_test(c, all_steps_of_a_level_must_succeed);
	tcase_add_test(c, secrets_come_from_safe_files_only);
	tcase_add_test(c, strange_requests_are_refused);
	tcase_add_test(c, one_that_hangs_does_not_hold_up_others);
	suite_add_tcase(s, c);
	return test_main(s);
}
