/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Crashes of hacd: what real signals leave behind, and what the next life is
 * told of them. In each life a core is in the middle of a decision, or not.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "core/core_priv.h"
#include "crash.h"
#include "helper.h"

#define NOTHING UINT32_MAX
#define HOST_7 (NOTHING - 1)

static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

static struct ha_uuid uuid_of(uint32_t vm)
{
	struct ha_uuid uuid;

	memset(&uuid, 0, sizeof(uuid));
	uuid.b[15] = (uint8_t)(vm + 1);
	return uuid;
}

static struct ha_core *make_core(uint32_t vm, uint64_t index)
{
	static const struct ha_core_params params = { .self = 1, .boot = 1,
						      .token = HA_S(1),
						      .vms_max = 4 };
	struct ha_core *core = ha_core_init(calloc(1, ha_core_size(4)),
					    &params);

	for (uint32_t i = 0; i < 4; i++) {
		core->vms[i].uuid = uuid_of(i);
	}
	core->state->index = index;
	core->deciding = vm < HOST_7 ? vm + 1 : 0;
	core->deciding_host = vm == HOST_7 ? 7 : HA_HOST_NONE;
	return core;
}

/* Not by raise: as it really comes, on the stack that there is. */
static unsigned overflow(unsigned left)
{
	volatile char more[4096];

	more[0] = (char)left;
	return left == 0 ? 0 : overflow(left - 1) + (unsigned)more[0];
}

/* A life that a signal ends (0: its stack overflows), in a process of its own. */
static void die(int number, uint32_t vm, uint64_t index)
{
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		const struct rlimit no_core = { 0, 0 };
		const struct rlimit stack = { 1 << 20, 1 << 20 };
		struct ha_core *core = NULL;
		struct crash_end end;

		setrlimit(RLIMIT_CORE, &no_core);
		setrlimit(RLIMIT_STACK, &stack);
		crash_life_begin(test_folder, &end);
		crash_life_watch(test_folder, &core);
		core = make_core(vm, index);
		if (number != 0) {
			raise(number);
		}
		_exit(overflow(UINT32_MAX) == 0);
	}
	ck_assert_int_eq(test_wait(pid), 128 + (number ? number : SIGSEGV));
}

/* The next life: frozen or not, told of so many crashes over a VM. */
static void check_next(bool frozen, uint32_t count, uint32_t vm,
		       uint64_t index)
{
	struct ha_uuid uuid = uuid_of(vm);
	struct crash_end end;

	crash_life_begin(test_folder, &end);
	ck_assert_int_eq(end.freezes, frozen);
	ck_assert_uint_eq(end.over.count, count);
	if (count > 0) {
		ck_assert(ha_uuid_cmp(&end.over.vm, &uuid) == 0);
		ck_assert_uint_eq(end.over.index, index);
	}
	crash_life_end(test_folder);
}

START_TEST(signals_leave_a_note)
{
	die(signals[_i], 2, 77);
	check_next(false, 1, 2, 77);
	check_next(false, 1, 2, 77); /* it ended in good order */
	die(signals[_i], 2, 80);
	check_next(false, 2, 2, 80);
}
END_TEST

START_TEST(over_a_host_too)
{
	struct crash_end end;

	for (uint32_t i = 1; i <= 2; i++) {
		die(SIGSEGV, HOST_7, 60 + i);
		crash_life_begin(test_folder, &end);
		ck_assert_int_eq(end.freezes, false);
		ck_assert_uint_eq(end.over.count, i);
		ck_assert_uint_eq(end.over.host, 7);
		ck_assert_uint_eq(end.over.index, 60 + i);
		crash_life_end(test_folder);
	}
	die(SIGSEGV, 1, 70);
	check_next(false, 1, 1, 70);
}
END_TEST

START_TEST(even_without_stack)
{
	die(0, 1, 5);
	check_next(false, 1, 1, 5);
}
END_TEST

START_TEST(a_kill_leaves_none)
{
	die(SIGABRT, 2, 77);
	die(SIGKILL, 2, 78);
	check_next(false, 0, 0, 0); /* the note before it is not its own */
	die(SIGKILL, 2, 79);
	check_next(true, 0, 0, 0);
	crash_life_forgive(test_folder);
	crash_life_end(test_folder);
	check_next(false, 0, 0, 0);
}
END_TEST

START_TEST(nothing_in_particular_freezes)
{
	die(SIGABRT, NOTHING, 9);
	check_next(false, 0, 0, 0);
	die(SIGSEGV, 1, 9);
	check_next(false, 1, 1, 9);
	die(SIGSEGV, NOTHING, 9);
	check_next(true, 0, 0, 0);
}
END_TEST

START_TEST(too_many_freeze)
{
	for (uint32_t i = 1; i < HA_CRASHES_KEPT; i++) {
		die(SIGABRT, i % 2, 9 + i);
		check_next(false, (i + 1) / 2, i % 2, 9 + i);
	}
	die(SIGABRT, 3, 20);
	check_next(true, 1, 3, 20);
}
END_TEST

/* A life that others end as the watchdog does, once it has waited, or computed,
 * for so much processor time. */
static void be_ended_over(uint64_t period_ns, bool computes, uint32_t vm)
{
	int ready[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(ready), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		const struct rlimit no_core = { 0, 0 };
		struct ha_core *core = make_core(vm, 1);
		struct crash_end end;
		clock_t from = clock();

		setrlimit(RLIMIT_CORE, &no_core);
		crash_life_begin(test_folder, &end);
		crash_life_watch(test_folder, &core);
		crash_life_fed(period_ns);
		while (computes && (uint64_t)(clock() - from) * 1000 <
				   2 * period_ns) {
		}
		_exit(write(ready[1], "", 1) != 1 || pause());
	}
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	kill(pid, SIGABRT);
	ck_assert_int_eq(test_wait(pid), 128 + SIGABRT);
	close(ready[0]);
	close(ready[1]);
}

static void be_ended(uint64_t period_ns, bool computes)
{
	be_ended_over(period_ns, computes, NOTHING);
}

static void check_stalled(bool stalled, bool frozen)
{
	struct crash_end end;

	crash_life_begin(test_folder, &end);
	ck_assert_int_eq(end.stalled, stalled);
	ck_assert_int_eq(end.freezes, frozen);
	ck_assert_uint_eq(end.over.count, 0);
	crash_life_end(test_folder);
}

START_TEST(who_was_given_no_processor_has_not_crashed)
{
	for (int i = 1; i < HA_CRASHES_KEPT; i++) {
		be_ended(100000000000, false);
		check_stalled(true, false);
		check_stalled(false, false);
	}
	be_ended(100000000000, false);
	check_stalled(true, true); /* it cannot work like that */
}
END_TEST

START_TEST(who_computes_too_long_has_crashed)
{
	be_ended(10000000, true);
	check_stalled(false, false);
	be_ended(100000000000, false);
	check_stalled(true, false);
	be_ended(10000000, true);
	check_stalled(false, true);
}
END_TEST

START_TEST(who_hangs_over_a_vm_has_crashed_over_it)
{
	be_ended_over(10000000, true, 2);
	check_next(false, 1, 2, 1);
	be_ended_over(100000000000, false, 2);
	check_next(false, 2, 2, 1);
}
END_TEST

START_TEST(without_a_watchdog_nothing_is_a_stall)
{
	be_ended(0, false);
	check_stalled(false, false);
}
END_TEST

START_TEST(nonsense_is_as_good_as_nothing)
{
	static const char lives[] = "alive\n-5 x\nnonsense\n\n0 "
				    "00000000-0000-0000-0000-000000000001 7";

	test_file_write(NULL, "lives", lives, sizeof(lives) - 1);
	test_file_write(NULL, "deciding", "short", 5);
	check_next(false, 0, 0, 0); /* this one alone */
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("crash");
	Suite *s = suite_create("crash");

	tcase_add_checked_fixture(t, test_folder_make, test_folder_remove);
	tcase_add_loop_test(t, signals_leave_a_note, 0,
			    sizeof(signals) / sizeof(signals[0]));
	tcase_add_test(t, over_a_host_too);
	tcase_add_test(t, even_without_stack);
	tcase_add_test(t, a_kill_leaves_none);
	tcase_add_test(t, nothing_in_particular_freezes);
	tcase_add_test(t, too_many_freeze);
	tcase_add_test(t, who_was_given_no_processor_has_not_crashed);
	tcase_add_test(t, who_computes_too_long_has_crashed);
	tcase_add_test(t, who_hangs_over_a_vm_has_crashed_over_it);
	tcase_add_test(t, without_a_watchdog_nothing_is_a_stall);
	tcase_add_test(t, nonsense_is_as_good_as_nothing);
	suite_add_tcase(s, t);
	return test_main(s);
}
