/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-ports - hacd's ports to its agents: the real hac-agent-disk and
 * hac-agent-fence, and programs that talk nonsense, hang and die.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../daemons/hacd/port-agents.h"
#include "../../daemons/hacd/port-disk.h"
#include "base/err.h"
#include "base/time.h"
#include "helper.h"
#include "wire/agent.h"

#define BODY_BYTES (20u << 20)

static qb_loop_t *loop;
static char state_dir[TEST_PATH_MAX], events_dir[TEST_PATH_MAX];
static struct port_disk *disk;

static struct {
	unsigned loaded, gone, bodies, puts, notes;
	bool damaged;
	struct ha_replica_meta meta;
	struct ha_replica_base base;
	uint64_t first, last; /* of the entries loaded */
	uint64_t done;        /* the last operation that has a result */
	uint64_t failed;
	size_t body_len;
	size_t held_count;
	uint64_t held_version;
	char events[100];
} got;

/* ---- what hacd would do */

static void on_loaded(const struct ha_disk_store *store, bool damaged,
		      const char *text, void *arg)
{
	(void)arg;
	struct ha_disk_store taken = *store;

	(void)text;
	got.loaded++;
	got.damaged = damaged;
	got.meta = store->meta;
	got.base = store->base;
	if (store->entry_count > 0) {
		got.first = store->entries[0].index;
		got.last = store->entries[store->entry_count - 1].index;
	}
	ha_disk_store_fini(&taken);
}

static void on_held(const struct ha_am_held *held, size_t count, void *arg)
{
	(void)arg;
	ck_assert_uint_eq(got.loaded, 0);
	got.held_count = count;
	if (count > 0) {
		got.held_version = held[count - 1].version;
	}
}

static void on_persisted(uint64_t seq, bool ok, void *arg)
{
	(void)arg;
	ck_assert_uint_eq(seq, got.done + 1);
	got.done = seq;
	got.failed += !ok;
}

static void on_body(const struct ha_hash *hash, const void *data, size_t len,
		    void *arg)
{
	(void)hash;
	(void)arg;
	got.bodies++;
	got.body_len = data ? len : 0;
}

static void on_body_put(const struct ha_hash *hash, bool ok, void *arg)
{
	(void)hash;
	(void)arg;
	got.puts += ok;
}

static void on_note(enum ha_log_level level, const char *text, void *arg)
{
	(void)level;
	(void)text;
	(void)arg;
	got.notes++;
}

static void on_event(const char *line, void *arg)
{
	size_t at = strlen(got.events);

	(void)arg;
	ck_assert_uint_eq(got.loaded, 1);
	snprintf(got.events + at, sizeof(got.events) - at, "%s;", line);
}

static void on_gone(void *arg)
{
	(void)arg;
	got.gone++;
	qb_loop_stop(loop);
}

/* ---- shorthands */

static bool (*wanted)(void);
static uint64_t want;

static void look(void *arg)
{
	qb_loop_timer_handle timer;

	(void)arg;
	if (wanted()) {
		qb_loop_stop(loop);
		return;
	}
	qb_loop_timer_add(loop, QB_LOOP_LOW, 1000000, NULL, look, &timer);
}

static bool is_loaded(void) { return got.loaded > 0; }
static bool is_gone(void) { return got.gone > 0; }
static bool is_done(void) { return got.done >= want; }
static bool has_body(void) { return got.bodies >= want; }
static bool is_put(void) { return got.puts >= want; }

/* Runs the loop until fn says so; Check's time limit is the only one. */
static void run_until(bool (*fn)(void))
{
	wanted = fn;
	while (!fn()) {
		ck_assert_msg(got.gone == 0, "the agent is gone");
		look(NULL);
		qb_loop_run(loop);
	}
}

static void start_disk(const char *agents_dir)
{
	const struct port_disk_options options = { agents_dir, state_dir,
						   events_dir };
	const struct port_disk_user user = {
		.loaded = on_loaded, .held = on_held,
		.persisted = on_persisted, .body = on_body,
		.body_put = on_body_put, .note = on_note, .event = on_event,
		.gone = on_gone,
	};

	memset(&got, 0, sizeof(got));
	ck_assert_int_eq(port_disk_create(loop, &options, &user, &disk), 0);
}

static void restart_disk(void)
{
	port_disk_destroy(disk);
	start_disk(".");
	run_until(is_loaded);
}

static void setup(void)
{
	const struct sigaction reap = { .sa_handler = SIG_DFL,
					.sa_flags = SA_NOCLDWAIT };

	test_folder_make();
	snprintf(state_dir, sizeof(state_dir), "%s/state", test_folder);
	snprintf(events_dir, sizeof(events_dir), "%s/events", test_folder);
	loop = qb_loop_create();
	(void)sigaction(SIGCHLD, &reap, NULL); /* as hacd does */
	start_disk(".");
	run_until(is_loaded);
	ck_assert(!got.damaged);
	ck_assert_uint_eq(got.base.index, 0);
}

/* No handler of hacd's may be called any more. */
static void teardown(void)
{
	const struct sigaction dfl = { .sa_handler = SIG_DFL };

	port_disk_destroy(disk);
	qb_loop_destroy(loop);
	(void)sigaction(SIGCHLD, &dfl, NULL);
	test_folder_remove();
}

/* The one child that we have, once others have ended. */
static pid_t find_child(void)
{
	struct ha_buf buf = { 0 };
	char *end = NULL;
	pid_t pid;

	do {
		ha_buf_clear(&buf);
		ck_assert(test_file_read("/proc/thread-self", "children",
					 &buf));
		ck_assert_ptr_nonnull(buf.data);
		pid = (pid_t)strtol(buf.data, &end, 10);
	} while (pid <= 0 || strtol(end, NULL, 10) > 0);
	ha_buf_fini(&buf);
	return pid;
}

static void persist_entry(uint64_t index)
{
	struct ha_entry e = { .epoch = 7, .index = index,
			      .kind = HA_ENTRY_EPOCH, .host = 1,
			      .members = 1 };
	struct ha_persist op = { .seq = ++want, .kind = HA_PERSIST_ENTRIES,
				 .entries = &e, .entry_count = 1 };

	op.meta.promised = 100 + index;
	port_disk_persist(disk, &op, NULL);
}

/* ---- the disk */

START_TEST(what_is_persisted_is_loaded)
{
	struct ha_persist meta = { .seq = 3, .kind = HA_PERSIST_META };
	struct ha_persist snap = { .seq = 4, .kind = HA_PERSIST_STATE };

	want = 0;
	persist_entry(1);
	persist_entry(2);
	meta.meta.promised = 500;
	port_disk_persist(disk, &meta, NULL);
	want = 3;
	run_until(is_done);
	ck_assert_uint_eq(got.failed, 0);
	restart_disk();
	ck_assert_uint_eq(got.first, 1);
	ck_assert_uint_eq(got.last, 2);
	ck_assert_uint_eq(got.meta.promised, 500);
	got.done = 3;
	snap.meta.promised = 600;
	snap.base.index = 1;
	snap.base.epoch = 7;
	port_disk_persist(disk, &snap, NULL);
	want = 4;
	persist_entry(3);
	run_until(is_done);
	restart_disk();
	ck_assert_uint_eq(got.base.index, 1);
	ck_assert_uint_eq(got.first, 2);
	ck_assert_uint_eq(got.last, 3);
	ck_assert_uint_eq(got.meta.promised, 103);
}
END_TEST

START_TEST(bodies_and_events_come_back)
{
	struct ha_am_held held = { .version = 12, .hash = { { 1 } } };
	char *text = calloc(1, BODY_BYTES);
	const struct ha_hash other = { { 2 } };

	ck_assert_ptr_nonnull(text);
	port_disk_put_body(disk, &held.hash, text, BODY_BYTES);
	port_disk_note_held(disk, &held);
	port_disk_get_body(disk, &held.hash);
	want = 1;
	run_until(has_body);
	ck_assert_uint_eq(got.puts, 1);
	ck_assert_uint_eq(got.body_len, BODY_BYTES);
	port_disk_get_body(disk, &other);
	want = 2;
	run_until(has_body);
	ck_assert_uint_eq(got.body_len, 0);
	port_disk_add_event(disk, "one");
	port_disk_add_event(disk, "two"); /* and off: it is written still */
	restart_disk();
	ck_assert_uint_eq(got.held_count, 1);
	ck_assert_uint_eq(got.held_version, 12);
	port_disk_put_body(disk, &other, "x", 1); /* after the events */
	want = 1;
	run_until(is_put);
	ck_assert_str_eq(got.events, "one;two;");
	free(text);
}
END_TEST

START_TEST(a_stopped_agent_holds_up_nothing_but_its_results)
{
	char *text = calloc(1, 1u << 20);
	const struct ha_hash hash = { { 3 } };
	pid_t pid = find_child();

	ck_assert_ptr_nonnull(text);
	kill(pid, SIGSTOP);
	want = 0;
	for (uint64_t i = 1; i <= 2000; i++) {
		persist_entry(i);
	}
	for (int i = 0; i < 40; i++) {
		port_disk_put_body(disk, &hash, text, 1u << 20);
	}
	ck_assert_uint_eq(got.gone, 0);
	ck_assert_uint_eq(got.done, 0);
	kill(pid, SIGCONT);
	run_until(is_done);
	want = 40;
	run_until(is_put);
	ck_assert_uint_eq(got.failed, 0);
	free(text);
}
END_TEST

START_TEST(an_agent_that_dies_is_told_once)
{
	const struct ha_hash hash = { { 4 } };

	want = 0;
	persist_entry(1);
	run_until(is_done);
	kill(find_child(), SIGKILL);
	persist_entry(2);
	run_until(is_gone);
	persist_entry(3);
	port_disk_put_body(disk, &hash, "x", 1);
	port_disk_get_body(disk, &hash);
	port_disk_add_event(disk, "x");
	ck_assert_uint_eq(got.gone, 1);
	restart_disk();
	ck_assert_uint_ge(got.last, 1);
	ck_assert_uint_le(got.last, 2);
}
END_TEST

/* A whole record, whose body is nonsense. */
START_TEST(records_without_sense_are_damage)
{
	const char *argv[] = { "./hac-agent-disk", "--state", state_dir,
			       "--events", events_dir, NULL };
	const struct ha_am load = { .kind = HA_AM_LOAD };
	const struct ha_am bad = { .kind = HA_AM_PERSIST, .id = 1, .first = 1,
				   .last = 1, .data = { "\xff\xff\xff", 3 } };
	struct ha_am m;
	int fd;

	port_disk_destroy(disk);
	(void)test_agent_start(argv, &fd);
	ck_assert_int_eq(ha_am_send(fd, &load), 0);
	ck_assert_int_eq(ha_am_recv(fd, &m), 0);
	ha_am_fini(&m);
	ck_assert_int_eq(ha_am_send(fd, &bad), 0);
	ck_assert_int_eq(ha_am_recv(fd, &m), 0);
	ck_assert_uint_eq(m.code, HA_OP_OK);
	ha_am_fini(&m);
	close(fd);
	start_disk(".");
	run_until(is_loaded);
	ck_assert(got.damaged);
	ck_assert_uint_eq(got.loaded, 1);
}
END_TEST

/* In the place of the agent. */
static void write_program(const char *name, const char *text)
{
	char path[TEST_PATH_MAX];

	test_file_write(NULL, name, text, strlen(text));
	snprintf(path, sizeof(path), "%s/%s", test_folder, name);
	ck_assert_int_eq(chmod(path, 0755), 0);
}

START_TEST(an_agent_that_writes_nonsense_does_no_harm)
{
	port_disk_destroy(disk);
	write_program("hac-agent-disk", "#!/bin/sh\n"
		      "for i in 1 2 3 4 5; do echo nonsense >&3; done\n"
		      "head -c 60000 /dev/urandom >&3\n");
	start_disk(test_folder);
	run_until(is_gone);
	ck_assert_uint_eq(got.loaded, 0);
	port_disk_destroy(disk);
	start_disk("/nowhere");
	run_until(is_gone);
}
END_TEST

/* ---- the others */

static struct {
	unsigned ups, results, gone;
} agent;

static void on_message(const struct ha_am *m, void *arg)
{
	(void)arg;
	agent.ups += m->kind == HA_AM_UP;
	agent.results += m->kind == HA_AM_RESULT;
}

static void on_agent_gone(void *arg)
{
	(void)arg;
	agent.gone++;
}

static bool is_up(void) { return agent.ups >= want; }
static bool has_result(void) { return agent.results >= want; }

static struct port_agent *start_agent(const char *dir)
{
	static struct port_agent_program program = { .name = "hac-agent-fence" };
	const struct port_agent_user user = { .message = on_message,
					      .gone = on_agent_gone };
	struct port_agent *a;

	port_disk_destroy(disk);
	disk = NULL;
	memset(&agent, 0, sizeof(agent));
	program.dir = dir;
	a = port_agent_create(loop, &program, &user);
	ck_assert_ptr_nonnull(a);
	return a;
}

START_TEST(an_agent_that_dies_is_started_again)
{
	const struct ha_am check = { .kind = HA_AM_FENCE, .id = 1, .name = "h1",
				     .op = HA_FENCE_OP_CHECK,
				     .timeout_ms = 5000 };
	struct port_agent *a = start_agent(".");

	for (want = 1; want <= 4; want++) {
		run_until(is_up);
		ck_assert_uint_eq(agent.gone, want - 1);
		ck_assert_int_eq(port_agent_send(a, &check), 0);
		run_until(has_result);
		kill(find_child(), SIGKILL);
	}
	run_until(is_up);
	port_agent_destroy(a);
}
END_TEST

START_TEST(one_that_cannot_start_is_told_once_and_tried_on)
{
	struct port_agent *a = start_agent(test_folder);
	const struct ha_am m = { .kind = HA_AM_CANCEL };
	ha_time begin = ha_time_now();

	write_program("hac-agent-fence", "#!/bin/sh\n"
		      "echo x >>\"${0%/*}/tries\"\n"
		      "[ $(wc -l <\"${0%/*}/tries\") -lt 3 ] && exit 1\n"
		      "exec ./hac-agent-fence\n");
	want = 1;
	run_until(is_up);
	ck_assert_uint_eq(agent.gone, 1);
	ck_assert_int_gt(ha_time_now() - begin, HA_MS(200)); /* not at once */
	ck_assert_int_eq(port_agent_send(a, &m), 0);
	port_agent_destroy(a);
}
END_TEST

START_TEST(a_stopped_one_blocks_nothing_and_dies_with_its_port)
{
	char *text = calloc(1, 100000);
	struct port_agent *a = start_agent(".");
	const struct ha_am m = { .kind = HA_AM_CANCEL, .text = text };
	pid_t pid;
	int rc = 0;

	ck_assert_ptr_nonnull(text);
	memset(text, 't', 99999);
	want = 1;
	run_until(is_up);
	pid = find_child();
	kill(pid, SIGSTOP);
	for (int i = 0; i < 2000 && rc == 0; i++) {
		rc = port_agent_send(a, &m);
	}
	ck_assert_int_eq(rc, HA_E_BUSY);
	ck_assert_uint_eq(agent.gone, 0);
	port_agent_destroy(a);
	while (kill(pid, 0) == 0) { /* until it is reaped */
	}
	free(text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ports");
	TCase *t = tcase_create("ports");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, what_is_persisted_is_loaded);
	tcase_add_test(t, bodies_and_events_come_back);
	tcase_add_test(t, a_stopped_agent_holds_up_nothing_but_its_results);
	tcase_add_test(t, an_agent_that_dies_is_told_once);
	tcase_add_test(t, records_without_sense_are_damage);
	tcase_add_test(t, an_agent_that_writes_nonsense_does_no_harm);
	tcase_add_test(t, an_agent_that_dies_is_started_again);
	tcase_add_test(t, one_that_cannot_start_is_told_once_and_tried_on);
	tcase_add_test(t, a_stopped_one_blocks_nothing_and_dies_with_its_port);
	suite_add_tcase(s, t);
	return test_main(s);
}
