/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-disk-agent - hac-agent-disk itself, over its socket and on real files:
 * what it acknowledged is there after any end, and what fails is told.
 */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "helper.h"
#include "wire/agent.h"

static char state_dir[TEST_PATH_MAX], events_dir[TEST_PATH_MAX];
static int fd = -1;
static pid_t agent;
static struct ha_am got; /* the last message received */
static struct ha_buf events; /* lines that came since the last load */

static pid_t start_agent(int *ret_fd)
{
	const char *argv[] = { "./hac-agent-disk", "--state", state_dir,
			       "--events", events_dir, NULL };

	return test_agent_start(argv, ret_fd);
}

static void setup(void)
{
	test_folder_make();
	snprintf(state_dir, sizeof(state_dir), "%s/state", test_folder);
	snprintf(events_dir, sizeof(events_dir), "%s/events/of", test_folder);
	agent = start_agent(&fd);
}

static void end_agent(void)
{
	close(fd);
	fd = -1;
	ck_assert_int_eq(test_wait(agent), 0);
}

static void kill_agent(void)
{
	kill(agent, SIGKILL);
	ck_assert_int_eq(test_wait(agent), 128 + SIGKILL);
	close(fd);
	fd = -1;
}

static void teardown(void)
{
	ha_am_fini(&got);
	ha_buf_fini(&events);
	if (fd >= 0) {
		end_agent();
	}
	test_folder_remove();
}

static void restart(void)
{
	if (fd >= 0) {
		end_agent();
	}
	agent = start_agent(&fd);
}

static void send_message(const struct ha_am *m)
{
	ck_assert_int_eq(ha_am_send(fd, m), 0);
}

/* The next message but events lines, which are gathered. */
static void receive(enum ha_am_kind kind)
{
	for (;;) {
		ha_am_fini(&got);
		ck_assert_int_eq(ha_am_recv(fd, &got), 0);
		if (got.kind == kind) {
			return;
		}
		ck_assert_int_eq(got.kind, HA_AM_EVENT);
		ha_buf_printf(&events, "%s\n", got.text);
	}
}

static void load(bool set_aside)
{
	const struct ha_am m = { .kind = HA_AM_LOAD, .flag = set_aside };

	send_message(&m);
	receive(HA_AM_LOADED);
}

/* "snapshot|record|..." as it was loaded. */
static const char *loaded(void)
{
	static char text[400];
	size_t at = 0;

	load(false);
	if (got.flag) {
		return "damaged";
	}
	at = (size_t)snprintf(text, sizeof(text), "%.*s", (int)got.data.len,
			      (const char *)got.data.data);
	for (size_t i = 0; i < got.record_count; i++) {
		at += (size_t)snprintf(text + at, sizeof(text) - at, "|%.*s",
				       (int)got.records[i].len,
				       (const char *)got.records[i].data);
	}
	return text;
}

static void ask_persist(uint64_t index, const char *text)
{
	const struct ha_am m = { .kind = HA_AM_PERSIST, .id = index,
				 .first = index, .last = index,
				 .data = { text, strlen(text) } };

	send_message(&m);
}

static void expect_result(uint64_t id, uint32_t code)
{
	receive(HA_AM_RESULT);
	ck_assert_uint_eq(got.id, id);
	ck_assert_uint_eq(got.code, code);
}

static void put_body(uint8_t which, const char *text, size_t len)
{
	struct ha_am m = { .kind = HA_AM_BODY_PUT, .id = 70u + which,
			   .data = { text, len } };

	memset(m.hash.b, which, sizeof(m.hash.b));
	send_message(&m);
	expect_result(70u + which, HA_OP_OK);
}

static void note_held(uint64_t version, uint8_t which)
{
	struct ha_am_held held = { .version = version, .wall_s = 1700000000,
				   .by = 3, .who = 1001 };
	struct ha_am m = { .kind = HA_AM_HELD, .held = &held, .held_count = 1 };

	memset(held.hash.b, which, sizeof(held.hash.b));
	send_message(&m);
}

static void get_body(uint8_t which, const char *text, size_t len)
{
	struct ha_am m = { .kind = HA_AM_BODY_GET, .id = 5 };

	memset(m.hash.b, which, sizeof(m.hash.b));
	send_message(&m);
	if (!text) {
		expect_result(5, HA_OP_FAILED);
		return;
	}
	receive(HA_AM_BODY);
	ck_assert(memcmp(got.hash.b, m.hash.b, sizeof(m.hash.b)) == 0);
	ck_assert_uint_eq(got.data.len, len);
	ck_assert(memcmp(got.data.data, text, len) == 0);
}

START_TEST(what_is_acknowledged_is_loaded_again)
{
	const struct ha_am snap = { .kind = HA_AM_SNAPSHOT, .id = 300,
				    .first = 200, .data = { "SNAP", 4 } };

	ck_assert_str_eq(loaded(), "");
	ck_assert_str_eq(got.text, "");
	for (uint64_t i = 1; i <= 200; i++) { /* more than fit into a batch */
		ask_persist(i, "x");
	}
	for (uint64_t i = 1; i <= 200; i++) {
		expect_result(i, HA_OP_OK);
	}
	ask_persist(201, "y");
	send_message(&snap);
	ask_persist(202, "z");
	expect_result(201, HA_OP_OK);
	expect_result(300, HA_OP_OK);
	expect_result(202, HA_OP_OK);
	kill_agent();
	restart();
	ck_assert_str_eq(loaded(), "SNAP|y|z");
	ck_assert_uint_eq(got.code, 0);
	restart();
	ck_assert_str_eq(loaded(), "SNAP|y|z");
}
END_TEST

START_TEST(killed_while_it_writes_it_keeps_all_it_acknowledged)
{
	static char text[6000]; /* the log grows by pages */
	uint64_t done = 0;

	memset(text, 't', sizeof(text) - 1);
	(void)loaded();
	for (int round = 0; round < 15; round++) {
		for (uint64_t i = done + 1; i <= done + 40; i++) {
			ask_persist(i, text);
		}
		for (int i = 0; i <= round; i++) {
			expect_result(++done, HA_OP_OK);
		}
		kill(agent, SIGKILL);
		ck_assert_int_eq(test_wait(agent), 128 + SIGKILL);
		ha_am_fini(&got);
		while (ha_am_recv(fd, &got) == 0) { /* was on its way */
			ck_assert_uint_eq(got.code, HA_OP_OK);
			ck_assert_uint_eq(got.id, ++done);
			ha_am_fini(&got);
		}
		close(fd);
		fd = -1;
		restart();
		load(false);
		ck_assert(!got.flag);
		ck_assert_uint_ge(got.record_count, done);
		done = got.record_count;
	}
}
END_TEST

START_TEST(records_without_sense_are_set_aside)
{
	ck_assert_str_eq(loaded(), "");
	ask_persist(1, "x");
	expect_result(1, HA_OP_OK);
	load(true);
	ck_assert(got.flag);
	ck_assert_str_ne(got.text, "");
	ck_assert_uint_eq(got.record_count, 0);
	restart();
	ck_assert_str_eq(loaded(), "damaged");
}
END_TEST

START_TEST(bodies_are_kept_with_their_history)
{
	size_t large = 20u << 20;
	char *text = malloc(large);

	ck_assert_ptr_nonnull(text);
	memset(text, 'b', large);
	load(false);
	ck_assert_uint_eq(got.held_count, 0);
	get_body(1, NULL, 0);
	put_body(1, "one", 3);
	put_body(2, text, large);
	get_body(1, "one", 3);
	note_held(1, 1);
	note_held(2, 2);
	note_held(2, 2); /* said twice */
	get_body(2, text, large);
	restart();
	load(false);
	ck_assert_uint_eq(got.held_count, 2);
	ck_assert_uint_eq(got.held[0].version, 1);
	ck_assert_uint_eq(got.held[1].version, 2);
	ck_assert_uint_eq(got.held[1].hash.b[31], 2);
	ck_assert_int_eq(got.held[1].wall_s, 1700000000);
	ck_assert_uint_eq(got.held[1].by, 3);
	ck_assert_uint_eq(got.held[1].who, 1001);
	/* the oldest go, but not one that is held under a later version too */
	for (uint64_t v = 3; v <= 66; v++) {
		note_held(v, v % 2 ? 2 : 3);
	}
	get_body(1, NULL, 0);
	get_body(2, text, large);
	restart();
	load(false);
	ck_assert_uint_eq(got.held_count, 64);
	ck_assert_uint_eq(got.held[63].version, 66);
	free(text);
}
END_TEST

START_TEST(a_bad_history_and_leftovers_do_no_harm)
{
	static const char bad[] = "1 zz 3\n\n2 ab 1\nnonsense\n7";
	char bodies[TEST_PATH_MAX + 8];
	struct ha_buf buf = { 0 };

	put_body(4, "four", 4);
	end_agent();
	test_file_write(state_dir, "history", bad, sizeof(bad));
	snprintf(bodies, sizeof(bodies), "%s/bodies", state_dir);
	test_file_write(bodies, "abc.new", "half", 4);
	restart();
	load(false);
	ck_assert_uint_eq(got.held_count, 0);
	get_body(4, "four", 4);
	ck_assert(!test_file_read(bodies, "abc.new", &buf));
}
END_TEST

static void add_event(const char *text)
{
	const struct ha_am m = { .kind = HA_AM_EVENT, .text = text };

	send_message(&m);
}

START_TEST(events_are_kept_and_told_again)
{
	static char line[20000];
	struct ha_buf file = { 0 };

	memset(line, 'e', sizeof(line) - 1);
	add_event("first");
	add_event("second");
	restart();
	load(false);
	get_body(9, NULL, 0); /* after the events */
	ck_assert_str_eq(events.data, "first\nsecond\n");
	/* a torn line, as a power cut leaves it */
	end_agent();
	test_file_write(events_dir, "events", "whole\nhal", 9);
	ha_buf_clear(&events);
	restart();
	load(false);
	get_body(9, NULL, 0);
	ck_assert_str_eq(events.data, "whole\n");
	/* 400 times 20 kB: all files that are kept are full */
	for (int i = 0; i < 400; i++) {
		add_event(line);
	}
	add_event("last");
	ha_buf_clear(&events);
	restart();
	load(false);
	get_body(9, NULL, 0);
	ck_assert_uint_lt(events.len, 97u << 10);
	ck_assert_uint_eq(events.len % sizeof(line), 5); /* whole lines */
	ck_assert_str_eq(events.data + events.len - 5, "last\n");
	ck_assert(test_file_read(events_dir, "events.5", &file));
	ck_assert(!test_file_read(events_dir, "events.6", &file));
	ck_assert_uint_le(file.len, (1u << 20) + sizeof(line));
	ha_buf_fini(&file);
}
END_TEST

START_TEST(nonsense_does_not_end_it)
{
	static const char noise[300] = { 7, 7, 7 };
	const struct ha_am start = { .kind = HA_AM_VM_START, .id = 1,
				     .text = "<domain/>" };

	ck_assert_int_eq(send(fd, noise, sizeof(noise), 0), sizeof(noise));
	ck_assert_int_eq(send(fd, "", 1, 0), 1);
	send_message(&start);
	ck_assert_str_eq(loaded(), "");
}
END_TEST

START_TEST(a_second_one_waits_for_the_first)
{
	const struct ha_am m = { .kind = HA_AM_LOAD };
	struct pollfd p;
	int first = fd, second;
	pid_t pid;

	ck_assert_str_eq(loaded(), "");
	pid = start_agent(&second);
	p = (struct pollfd){ second, POLLIN, 0 };
	ck_assert_int_eq(ha_am_send(second, &m), 0);
	/* the first goes on meanwhile */
	for (uint64_t i = 1; i <= 50; i++) {
		ask_persist(i, "x");
		expect_result(i, HA_OP_OK);
		ck_assert_int_eq(poll(&p, 1, 0), 0);
	}
	close(first);
	ck_assert_int_eq(test_wait(agent), 0);
	fd = second;
	agent = pid;
	receive(HA_AM_LOADED);
	ck_assert_uint_eq(got.record_count, 50);
}
END_TEST

/* Mounts in a world of our own; false: this user may not. */
static bool may_mount(const char *options, unsigned long flags)
{
	mkdir(state_dir, 0755);
	if (unshare(CLONE_NEWNS | (geteuid() ? CLONE_NEWUSER : 0)) != 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("t", state_dir, "tmpfs", flags, options) != 0) {
		fprintf(stderr, "mounting is not allowed here: not tried\n");
		return false;
	}
	return true;
}

START_TEST(a_full_disk_is_told)
{
	static char text[40000];

	memset(text, 't', sizeof(text) - 1);
	end_agent();
	if (!may_mount("size=80k", 0)) {
		return;
	}
	restart();
	ck_assert_str_eq(loaded(), "");
	ask_persist(1, "x");
	expect_result(1, HA_OP_OK);
	ask_persist(2, text);
	expect_result(2, HA_OP_OK);
	ask_persist(3, text); /* there is room for half of it */
	expect_result(3, HA_OP_FAILED);
	ck_assert_ptr_nonnull(strstr(got.text, "No space left"));
	receive(HA_AM_NOTE);
	ck_assert_uint_eq(got.code, HA_LOG_ERR);
	ck_assert_ptr_nonnull(strstr(got.text, state_dir));
	kill_agent();
	restart();
	load(false);
	ck_assert(!got.flag);
	ck_assert_uint_eq(got.record_count, 2);
	end_agent();
	ck_assert_int_eq(umount2(state_dir, MNT_DETACH), 0);
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_ends_it)
{
	end_agent();
	if (!may_mount("size=80k", MS_RDONLY)) {
		return;
	}
	agent = start_agent(&fd);
	ck_assert_int_eq(test_wait(agent), 1);
	close(fd);
	fd = -1;
	ck_assert_int_eq(umount2(state_dir, MNT_DETACH), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("disk-agent");
	TCase *c = tcase_create("agent");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, what_is_acknowledged_is_loaded_again);
	tcase_add_test(c, killed_while_it_writes_it_keeps_all_it_acknowledged);
	tcase_add_test(c, records_without_sense_are_set_aside);
	tcase_add_test(c, bodies_are_kept_with_their_history);
	tcase_add_test(c, a_bad_history_and_leftovers_do_no_harm);
	tcase_add_test(c, events_are_kept_and_told_again);
	tcase_add_test(c, nonsense_does_not_end_it);
	tcase_add_test(c, a_second_one_waits_for_the_first);
	tcase_add_test(c, a_full_disk_is_told);
	tcase_add_test(c, a_folder_that_cannot_be_written_ends_it);
	suite_add_tcase(s, c);
	return test_main(s);
}
