/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test-procs - which QEMUs a process table shows: one made of files. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../agents/vm/procs.h"
#include "../../agents/vm/uuid.h"
#include "helper.h"

#define UUID_A "5ca1ab1e-0000-4000-8000-00000000000a"
#define UUID_B "5ca1ab1e-0000-4000-8000-00000000000b"

static void write_file(int pid, const char *name, const void *data, size_t len)
{
	char folder[160];

	snprintf(folder, sizeof(folder), "%s/%d", test_folder, pid);
	test_file_write(folder, name, data, len);
}

struct process {
	int pid;
	const char *arguments; /* separated by '|' */
	const char *name;
	char state;
	unsigned long flags;
	long threads;
	unsigned long long start;
};

static void add_process(const struct process *p)
{
	char text[512];
	size_t len = strlen(p->arguments);

	snprintf(text, sizeof(text), "%s/%d", test_folder, p->pid);
	ck_assert_int_eq(mkdir(text, 0755), 0);
	memcpy(text, p->arguments, len + 1);
	for (char *c = text; (c = strchr(c, '|')); c++) {
		*c = '\0';
	}
	write_file(p->pid, "cmdline", text, len ? len + 1 : 0);
	snprintf(text, sizeof(text), "%d (%s) %c 1 1 1 0 -1 %lu 1 2 3 4 5 6 7 8 "
		 "20 0 %ld 0 %llu 1000 200 300 400", p->pid, p->name, p->state,
		 p->flags, p->threads, p->start);
	write_file(p->pid, "stat", text, strlen(text));
}

static struct ha_uuid uuid(const char *text)
{
	struct ha_uuid u = { { 0 } };

	ck_assert(ha_uuid_read(text, &u));
	return u;
}

START_TEST(qemus_are_found_by_their_uuid)
{
	const struct process list[] = {
		{ 7, "/usr/bin/qemu-system-x86_64|-name|x|-uuid|" UUID_A "|-m",
		  "qemu-system-x86", 'S', 0, 4, 1234567 },
		{ 8, "/opt/kvm|-smbios|type=1,uuid=" UUID_B, "a) b (c", 'S', 0, 4,
		  99 },
		{ 9, "grep|uuid=" UUID_B, "grep", 'R', 0, 1, 100 },
	};
	struct ha_uuid a = uuid(UUID_A), b = uuid(UUID_B);
	struct ha_procs procs;

	for (size_t i = 0; i < 3; i++) {
		add_process(&list[i]);
	}
	ha_procs_scan(test_folder, &procs);
	ck_assert(procs.complete);
	ck_assert_uint_eq(procs.count, 2);
	ck_assert_int_eq(ha_procs_find(&procs, &a)->pid, 7);
	ck_assert_uint_eq(ha_procs_find(&procs, &a)->start, 1234567);
	ck_assert_int_eq(ha_procs_find(&procs, &b)->pid, 8);
	ck_assert_uint_eq(ha_procs_find(&procs, &b)->start, 99);
	ha_procs_fini(&procs);
}
END_TEST

START_TEST(one_that_is_dying_is_listed_without_a_name)
{
	const struct process list[] = {
		{ 1, "", "qemu-system-x86", 'D', 0, 3, 1 }, /* dying */
		{ 2, "", "qemu-system-x86", 'Z', 0, 1, 2 }, /* ended */
		{ 3, "", "qemu-system-x86", 'Z', 0, 2, 3 }, /* a thread lives */
		{ 4, "", "kvm-nx-lpage-re", 'S', 0x208040, 1, 4 }, /* kernel's */
		{ 5, "", "bash", 'D', 0, 1, 5 },
	};
	static const struct ha_uuid none;
	struct ha_procs procs;

	for (size_t i = 0; i < 5; i++) {
		add_process(&list[i]);
	}
	ha_procs_scan(test_folder, &procs);
	ck_assert(procs.complete);
	ck_assert_uint_eq(procs.count, 2);
	ck_assert_ptr_nonnull(ha_procs_find(&procs, &none));
	for (size_t i = 0; i < 2; i++) {
		ck_assert(procs.list[i].pid == 1 || procs.list[i].pid == 3);
	}
	ha_procs_fini(&procs);
}
END_TEST

START_TEST(what_cannot_be_read_is_not_absent)
{
	const struct process p = { 7, "/usr/bin/qemu-system-x86_64|-uuid|" UUID_A,
				   "qemu-system-x86", 'S', 0, 4, 1 };
	struct ha_procs procs;

	add_process(&p);
	write_file(7, "stat", "garbage", 7);
	ha_procs_scan(test_folder, &procs);
	ck_assert(!procs.complete);
	ha_procs_fini(&procs);
	ha_procs_scan("/nonexistent", &procs);
	ck_assert(!procs.complete);
	ha_procs_fini(&procs);
}
END_TEST

START_TEST(uuids_are_read_as_people_write_them)
{
	struct ha_uuid a = uuid(UUID_A), u;
	char text[HA_UUID_TEXT];

	ck_assert_str_eq(ha_uuid_write(&a, text), UUID_A);
	ck_assert(ha_uuid_read("5CA1AB1E000040008000" "00000000000A", &u));
	ck_assert_int_eq(ha_uuid_cmp(&a, &u), 0);
	ck_assert(ha_uuid_read(UUID_A "</uuid>", &u));
	ck_assert(!ha_uuid_read(UUID_A "0", &u));
	ck_assert(!ha_uuid_read("5ca1ab1e", &u));
	ck_assert(!ha_uuid_read("", &u));
	ck_assert(!ha_uuid_read("-" UUID_A, &u));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("procs");
	TCase *c = tcase_create("procs");

	tcase_add_checked_fixture(c, test_folder_make, test_folder_remove);
	tcase_add_test(c, qemus_are_found_by_their_uuid);
	tcase_add_test(c, one_that_is_dying_is_listed_without_a_name);
	tcase_add_test(c, what_cannot_be_read_is_not_absent);
	tcase_add_test(c, uuids_are_read_as_people_write_them);
	suite_add_tcase(s, c);
	return test_main(s);
}
