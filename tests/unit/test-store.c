/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test-store - the files of hac-agent-disk: what was acknowledged is there
 * again, or its loss is said. Real files; the disk fails where a test says so.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../../agents/disk/files.h"
#include "../../agents/disk/record.h"
#include "../../agents/disk/store.h"
#include "base/err.h"
#include "base/rand.h"
#include "helper.h"

static struct ha_store store;
static struct ha_store_content content;

/* ---- a disk that fails: the linker puts these in the place of libc's */

static int fdatasyncs_fail, fsyncs_fail, fsyncs_before, reads_fail;

int __real_fdatasync(int fd);
int __real_fsync(int fd);
int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);
ssize_t __real_read(int fd, void *data, size_t len);
ssize_t __wrap_read(int fd, void *data, size_t len);

ssize_t __wrap_read(int fd, void *data, size_t len)
{
	if (reads_fail > 0 && --reads_fail == 0) {
		errno = EIO;
		return -1;
	}
	return __real_read(fd, data, len);
}

int __wrap_fdatasync(int fd)
{
	if (fdatasyncs_fail > 0) {
		fdatasyncs_fail--;
		errno = EIO;
		return -1;
	}
	return __real_fdatasync(fd);
}

int __wrap_fsync(int fd)
{
	if (fsyncs_fail > 0 && fsyncs_before-- <= 0) {
		fsyncs_fail--;
		errno = EIO;
		return -1;
	}
	return __real_fsync(fd);
}

/* The disk fails the sync after so many more. */
static void fail_fsync(int before)
{
	fsyncs_before = before;
	fsyncs_fail = 1;
}

/* ---- shorthands */

static void load(void)
{
	ha_store_open(&store, ha_folder_open(test_folder));
	ck_assert_int_eq(ha_store_load(&store, &content), 0);
}

static void unload(void)
{
	ha_store_content_fini(&content);
	ha_store_close(&store);
}

static int append(uint64_t first, uint64_t last, const char *text)
{
	struct ha_store_append a = { first, last, text, strlen(text) };

	return ha_store_append(&store, &a, 1);
}

static int snapshot(uint64_t index, const char *text, bool drop_all)
{
	struct ha_store_append a = { .first = index, .data = text,
				     .len = strlen(text) };

	return ha_store_snapshot(&store, &a, drop_all);
}

/* "snapshot|record|record..." of what was loaded; "damaged" if it is. */
static const char *told(void)
{
	static struct ha_buf out;

	ha_buf_clear(&out);
	if (content.damaged) {
		ck_assert_str_ne(content.text, "");
		return "damaged";
	}
	ha_buf_append(&out, content.snapshot.data, content.snapshot.len);
	for (size_t i = 0; i < content.body_count; i++) {
		ha_buf_puts(&out, "|");
		ha_buf_append(&out, content.log.data + content.bodies[2 * i],
			      content.bodies[2 * i + 1]);
	}
	ha_buf_puts(&out, content.snapshot_newest ? "|newest" : "");
	return out.data ? out.data : "";
}

/* Loads, and gives back what was told; nothing is kept open. */
static const char *reload(void)
{
	const char *text;

	load();
	text = told();
	unload();
	return text;
}

static struct ha_buf saved[3];
static const char *const names[3] = { "log", "snapshot", "mark" };

static void save_files(void)
{
	for (size_t i = 0; i < 3; i++) {
		ha_buf_fini(&saved[i]);
		(void)test_file_read(NULL, names[i], &saved[i]);
	}
}

static void remove_file(const char *name)
{
	char path[TEST_PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", test_folder, name);
	(void)unlink(path);
}

/* As saved; nothing was set aside. */
static void restore_files(void)
{
	for (size_t i = 0; i < 3; i++) {
		if (saved[i].len > 0) {
			test_file_write(NULL, names[i], saved[i].data,
					saved[i].len);
		} else {
			remove_file(names[i]);
		}
	}
	remove_file("damaged");
}

/* A snapshot at 2, then three records, the last two in one batch. */
static void fill_store(void)
{
	const struct ha_store_append batch[2] = { { 4, 5, "cc", 2 },
						  { 0, 0, "dd", 2 } };

	load();
	ck_assert_int_eq(append(1, 2, "aa"), 0);
	ck_assert_int_eq(snapshot(2, "S", false), 0);
	ck_assert_int_eq(append(3, 3, "bb"), 0);
	ck_assert_int_eq(ha_store_append(&store, batch, 2), 0);
	unload();
	ck_assert_str_eq(reload(), "S|bb|cc|dd"); /* written anew by it */
	save_files();
}

/* ---- what is written is there again */

START_TEST(an_empty_folder_is_an_empty_store)
{
	ck_assert_str_eq(reload(), "");
	ck_assert_str_eq(reload(), "");
	load();
	ck_assert_str_eq(content.text, "");
	unload();
}
END_TEST

START_TEST(records_come_back_in_their_order)
{
	fill_store();
	load();
	ck_assert_uint_eq(store.last, 5);
	ck_assert_uint_eq(store.base, 2);
	/* replaces 4 and 5 */
	ck_assert_int_eq(append(4, 4, "ee"), 0);
	/* a gap */
	ck_assert_int_eq(append(6, 6, "no"), HA_E_REFUSED);
	unload();
	/* dd only told of the meta, cc of what was replaced */
	ck_assert_str_eq(reload(), "S|bb|ee");
}
END_TEST

START_TEST(a_snapshot_takes_the_place_of_records)
{
	fill_store();
	load();
	ck_assert_int_eq(snapshot(4, "T", false), 0);
	unload();
	ck_assert_str_eq(reload(), "T|cc|newest"); /* 5 is in cc */
	load();
	ck_assert_int_eq(append(0, 0, "m"), 0);
	unload();
	ck_assert_str_eq(reload(), "T|cc|m");
	load();
	ck_assert_int_eq(snapshot(9, "U", true), 0);
	ck_assert_int_eq(append(10, 10, "x"), 0);
	unload();
	ck_assert_str_eq(reload(), "U|x");
}
END_TEST

START_TEST(a_crash_within_a_snapshot_does_no_harm)
{
	fill_store();
	load();
	ck_assert_int_eq(snapshot(9, "U", true), 0);
	unload();
	/* the log was not replaced yet, nor were the new files renamed */
	test_file_write(NULL, "log", saved[0].data, saved[0].len);
	test_file_write(NULL, "log.new", "half", 4);
	test_file_write(NULL, "snapshot.new", "half", 4);
	ck_assert_str_eq(reload(), "U|newest");
	load();
	ck_assert_int_eq(append(10, 10, "x"), 0);
	unload();
	ck_assert_str_eq(reload(), "U|x");
}
END_TEST

/* ---- crashes and damage */

START_TEST(a_record_torn_at_any_byte_is_cut)
{
	static const char *const whole[] = { "S|bb|cc|dd", "S|bb|cc|ee",
					     "S|bb|cc|ee|ff" };
	const struct ha_store_append batch[2] = { { 6, 6, "ee", 2 },
						  { 7, 7, "ff", 2 } };
	struct ha_buf log = { 0 };
	size_t before;

	fill_store();
	before = saved[0].len;
	load();
	ck_assert_int_eq(ha_store_append(&store, batch, 2), 0);
	unload();
	ck_assert(test_file_read(NULL, "log", &log));
	for (size_t len = before; len <= log.len; len++) {
		size_t n = (len - before) / (sizeof(struct ha_record_head) + 2);

		restore_files(); /* with the mark of before */
		test_file_write(NULL, "log", log.data, len);
		load();
		ck_assert_str_eq(told(), whole[n]);
		ck_assert_int_eq(content.text[0] != '\0',
				 (len - before) % 50 != 0);
		ck_assert_int_eq(append(store.last + 1, store.last + 1, "z"),
				 0);
		unload();
		ck_assert_ptr_nonnull(strstr(reload(), "|z"));
	}
	/* once acknowledged it is missed */
	for (size_t len = 0; len < log.len; len++) {
		restore_files();
		test_file_write(NULL, "log", log.data, before);
		load();
		ck_assert_int_eq(ha_store_append(&store, batch, 2), 0);
		unload();
		test_file_write(NULL, "log", log.data, len);
		ck_assert_str_eq(reload(), "damaged");
	}
	ha_buf_fini(&log);
}
END_TEST

static void flip_each_byte(size_t which, const char *text)
{
	for (size_t i = 0; i < saved[which].len; i++) {
		restore_files();
		saved[which].data[i] ^= 0x10;
		test_file_write(NULL, names[which], saved[which].data,
				saved[which].len);
		saved[which].data[i] ^= 0x10;
		ck_assert_str_eq(reload(), text);
		ck_assert_str_eq(reload(), text); /* also the next time */
	}
}

START_TEST(a_flipped_byte_is_noticed)
{
	fill_store();
	flip_each_byte(0, "damaged");
	flip_each_byte(1, "damaged");
	flip_each_byte(2, "S|bb|cc|dd"); /* the mark is a help only */
	/* without it, only the last batch can be taken for torn */
	load();
	ck_assert_int_eq(append(6, 6, "ee"), 0);
	unload();
	save_files();
	ha_buf_fini(&saved[2]);
	for (size_t i = 0; i < saved[0].len - 50; i++) {
		restore_files();
		saved[0].data[i] ^= 0x20;
		test_file_write(NULL, "log", saved[0].data, saved[0].len);
		saved[0].data[i] ^= 0x20;
		ck_assert_str_eq(reload(), "damaged");
	}
}
END_TEST

START_TEST(a_number_that_no_store_reaches_is_damage)
{
	struct ha_record_head h;

	for (size_t which = 0; which < 2; which++) {
		char *data;

		fill_store();
		data = saved[which].data;
		memcpy(&h, data, sizeof(h));
		h.op = UINT64_MAX; /* what comes after it would be 0 */
		ha_record_seal(&h, h.magic, data + sizeof(h), h.len);
		memcpy(data, &h, sizeof(h));
		restore_files();
		ck_assert_str_eq(reload(), "damaged");
		test_folder_remove();
		test_folder_make();
	}
}
END_TEST

START_TEST(a_sector_that_cannot_be_read_is_damage)
{
	/* of the snapshot; its end; of the log; its end */
	for (int which = 1; which <= 4; which++) {
		fill_store();
		reads_fail = which;
		load();
		ck_assert_str_eq(told(), "damaged");
		unload();
		ck_assert_int_eq(reads_fail, 0);
		test_folder_remove();
		test_folder_make();
	}
}
END_TEST

START_TEST(files_that_are_gone_or_old_are_missed)
{
	struct ha_buf old[3];

	fill_store();
	for (size_t i = 0; i < 2; i++) {
		restore_files();
		remove_file(names[i]);
		ck_assert_str_eq(reload(), "damaged");
	}
	restore_files();
	remove_file("log");
	remove_file("snapshot");
	ck_assert_str_eq(reload(), "damaged");
	remove_file("mark");
	remove_file("damaged");
	ck_assert_str_eq(reload(), ""); /* a host that was set up anew */

	restore_files();
	memcpy(old, saved, sizeof(old));
	memset(saved, 0, sizeof(saved));
	load();
	ck_assert_int_eq(append(6, 6, "ee"), 0);
	ck_assert_int_eq(snapshot(6, "V", false), 0);
	unload();
	save_files();
	for (size_t i = 0; i < 2; i++) {
		restore_files();
		test_file_write(NULL, names[i], old[i].data, old[i].len);
		if (i == 0) { /* nothing that V does not hold */
			ck_assert_str_eq(reload(), "V|newest");
		} else {
			ck_assert_str_eq(reload(), "damaged");
		}
	}
	for (size_t i = 0; i < 3; i++) {
		ha_buf_fini(&old[i]);
	}
}
END_TEST

START_TEST(damage_lasts_until_a_snapshot_replaces_it)
{
	struct ha_buf aside = { 0 };

	fill_store();
	test_file_write(NULL, "snapshot", "nonsense", 8);
	ck_assert_str_eq(reload(), "damaged");
	ck_assert(test_file_read(NULL, "log.damaged", &aside));
	ck_assert_uint_eq(aside.len, saved[0].len);
	ha_buf_fini(&aside);
	load();
	ck_assert_str_eq(told(), "damaged");
	ck_assert_int_eq(append(0, 0, "m"), 0);
	unload();
	ck_assert_str_eq(reload(), "damaged");
	load();
	ck_assert_int_eq(snapshot(30, "W", true), 0);
	ck_assert_int_eq(append(31, 31, "w"), 0);
	unload();
	ck_assert_str_eq(reload(), "W|w");
	load();
	ck_assert_int_eq(ha_store_set_aside(&store, "no sense"), 0);
	unload();
	load();
	ck_assert_str_eq(told(), "damaged");
	ck_assert_str_eq(content.text, "no sense");
	unload();
}
END_TEST

/* Entry n holds the text "n"; says each n through fd once it is durable. */
static void write_for_ever(int fd)
{
	char text[24];

	load();
	for (uint64_t n = store.last + 1;; n++) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)n);
		if (append(n, n, text) != 0 ||
		    (n % 7 == 0 && snapshot(n - n % 3, text, n % 3 == 0) != 0) ||
		    write(fd, &n, sizeof(n)) != (ssize_t)sizeof(n)) {
			_exit(1);
		}
	}
}

/* The newest entry that is there, each before it as well. */
static uint64_t newest_entry(void)
{
	uint64_t newest = store.base;

	for (size_t i = 0; i < content.body_count; i++) {
		char text[24] = "";
		uint64_t n;

		ck_assert_uint_lt(content.bodies[2 * i + 1], sizeof(text));
		memcpy(text, content.log.data + content.bodies[2 * i],
		       content.bodies[2 * i + 1]);
		n = strtoull(text, NULL, 10);
		ck_assert_uint_le(n, newest + 1);
		newest = n > newest ? n : newest;
	}
	return newest;
}

START_TEST(killed_at_any_moment_it_keeps_what_it_acknowledged)
{
	struct ha_rand rand = { .state = 4711 };
	uint64_t acknowledged = 0, n;

	for (int round = 0; round < 60; round++) {
		uint64_t until = acknowledged + ha_rand_below(&rand, 20) + 1;
		int fds[2];
		pid_t pid;

		ck_assert_int_eq(pipe(fds), 0);
		pid = fork();
		if (pid == 0) {
			close(fds[0]);
			write_for_ever(fds[1]);
		}
		close(fds[1]);
		while (acknowledged < until &&
		       read(fds[0], &n, sizeof(n)) == (ssize_t)sizeof(n)) {
			acknowledged = n;
		}
		/* somewhere within the next operation */
		for (uint64_t i = ha_rand_below(&rand, 60000); i > 0; i--) {
			__asm__ volatile("");
		}
		ck_assert_int_eq(kill(pid, SIGKILL), 0);
		ck_assert_int_eq(test_wait(pid), 128 + SIGKILL);
		while (read(fds[0], &n, sizeof(n)) == (ssize_t)sizeof(n)) {
			acknowledged = n;
		}
		close(fds[0]);
		load();
		ck_assert(!content.damaged);
		ck_assert_uint_ge(newest_entry(), acknowledged);
		ck_assert_uint_le(newest_entry(), acknowledged + 1);
		unload();
	}
}
END_TEST

/* ---- a disk that is full, fails, or cannot be written */

START_TEST(no_room_refuses_and_harms_nothing)
{
	const struct rlimit little = { 400, RLIM_INFINITY };
	const struct rlimit plenty = { RLIM_INFINITY, RLIM_INFINITY };
	char large[300];

	memset(large, 'x', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	fill_store();
	signal(SIGXFSZ, SIG_IGN);
	load();
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &little), 0);
	ck_assert_int_eq(append(6, 6, large), -EFBIG); /* half of it fits */
	ck_assert_int_eq(append(6, 6, "ee"), 0);
	large[299 - 1] = '\0';
	ck_assert_int_eq(append(7, 7, large), -EFBIG);
	unload();
	ck_assert_str_eq(reload(), "S|bb|cc|ee");
	load();
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &plenty), 0);
	ck_assert_int_eq(append(7, 7, "ff"), 0);
	ck_assert_int_eq(snapshot(5, "X", false), 0);
	unload();
	ck_assert_str_eq(reload(), "X|ee|ff|newest");
}
END_TEST

START_TEST(no_room_for_a_snapshot_leaves_the_old_one)
{
	const struct rlimit little = { 300, RLIM_INFINITY };
	char large[400];

	memset(large, 'x', sizeof(large));
	large[sizeof(large) - 1] = '\0';
	fill_store();
	signal(SIGXFSZ, SIG_IGN);
	load();
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &little), 0);
	ck_assert_int_eq(snapshot(5, large, true), -EFBIG);
	ck_assert_int_eq(append(6, 6, "ee"), 0);
	unload();
	ck_assert_str_eq(reload(), "S|bb|cc|ee");
}
END_TEST

START_TEST(after_a_failed_sync_nothing_is_acknowledged)
{
	fill_store();
	load();
	fdatasyncs_fail = 1;
	ck_assert_int_eq(append(6, 6, "ee"), -EIO);
	ck_assert_int_eq(append(6, 6, "ff"), -EIO);
	ck_assert_int_eq(snapshot(5, "X", false), -EIO);
	unload();
	ck_assert_str_eq(reload(), "S|bb|cc|ee"); /* it may be there */
}
END_TEST

START_TEST(a_snapshot_in_doubt_stops_all_writing)
{
	/* the file's own sync, then the folder's after the rename */
	for (int before = 0; before < 2; before++) {
		fill_store();
		load();
		fail_fsync(before);
		ck_assert_int_eq(snapshot(8, "X", true), before == 0 ?
				 -EIO : HA_E_UNKNOWN_RESULT);
		ck_assert_int_eq(append(6, 6, "ee"), before == 0 ? 0 : -EIO);
		unload();
		ck_assert_str_eq(reload(), before == 0 ? "S|bb|cc|ee" :
				 "X|newest");
		test_folder_remove();
		test_folder_make();
	}
	/* the log that is written anew after the snapshot */
	for (int before = 2; before < 4; before++) {
		fill_store();
		load();
		fail_fsync(before);
		ck_assert_int_eq(snapshot(3, "X", false), 0);
		ck_assert_int_eq(append(6, 6, "ee"), before == 2 ? 0 : -EIO);
		unload();
		ck_assert_str_eq(reload(), before == 2 ? "X|cc|ee" :
				 "X|cc|newest");
		test_folder_remove();
		test_folder_make();
	}
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_is_an_error)
{
	struct ha_store_content c;

	fill_store();
	ha_store_open(&store, ha_folder_open("/proc/self"));
	ck_assert_int_lt(ha_store_load(&store, &c), 0);
	ha_store_close(&store);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("store");
	TCase *c = tcase_create("store");

	test_syncs_are_free();
	tcase_add_checked_fixture(c, test_folder_make, test_folder_remove);
	tcase_set_timeout(c, 60);
	tcase_add_test(c, an_empty_folder_is_an_empty_store);
	tcase_add_test(c, records_come_back_in_their_order);
	tcase_add_test(c, a_snapshot_takes_the_place_of_records);
	tcase_add_test(c, a_crash_within_a_snapshot_does_no_harm);
	tcase_add_test(c, a_record_torn_at_any_byte_is_cut);
	tcase_add_test(c, a_flipped_byte_is_noticed);
	tcase_add_test(c, a_number_that_no_store_reaches_is_damage);
	tcase_add_test(c, a_sector_that_cannot_be_read_is_damage);
	tcase_add_test(c, files_that_are_gone_or_old_are_missed);
	tcase_add_test(c, damage_lasts_until_a_snapshot_replaces_it);
	tcase_add_test(c, killed_at_any_moment_it_keeps_what_it_acknowledged);
	tcase_add_test(c, no_room_refuses_and_harms_nothing);
	tcase_add_test(c, no_room_for_a_snapshot_leaves_the_old_one);
	tcase_add_test(c, after_a_failed_sync_nothing_is_acknowledged);
	tcase_add_test(c, a_snapshot_in_doubt_stops_all_writing);
	tcase_add_test(c, a_folder_that_cannot_be_written_is_an_error);
	suite_add_tcase(s, c);
	return test_main(s);
}
