/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which crashes count, and what follows for the VM: each case by itself, on a
 * core that is bent by hand.
 */
#include "tests/unit/bent-core.h"

#include <check.h>
#include <string.h>

#include "base/err.h"
#include "core/aside.h"
#include "core/pool.h"
#include "core/state_apply.h"
#include "tests/unit/suite.h"

static uint32_t at;           /* a VM that this host owns */
static struct ha_vm_state *v; /* it, committed */
static struct vm_soft *s;     /* and as it is known here */

static void set_up(void)
{
	at = bent_set_up_vm(&v, &s);
}

static struct ha_crash crashes(uint32_t count)
{
	return (struct ha_crash){ .vm = v->uuid, .index = bent->state->index,
				  .count = count };
}

static void crashed_here(uint32_t count)
{
	bent->crash = crashes(count);
	bent->crash_until = bent->now + 1;
}

static void crashed_on(ha_hostid host, uint32_t count)
{
	bent->hosts[host - 1].crash = crashes(count);
	bent->crashed |= ha_host_bit(host);
}

/* Is it left alone; and is it set aside with the next decision? */
static void check(bool left, bool set)
{
	size_t before = bent->batch.count;

	ck_assert_int_eq(aside_leaves(bent, at), left);
	ck_assert_int_eq(ha_core_decides(bent, &v->uuid), !left);
	bent_listen();
	vm_decide(bent);
	ck_assert_int_eq(s->pending > 0, set);
	if (set) {
		ck_assert_uint_eq(bent->batch.count, before + 1);
		ck_assert_ptr_nonnull(strstr(bent_last_told(), "set aside"));
	}
	bent_restore();
}

START_TEST(which_crashes_count)
{
	check(false, false);
	crashed_here(1);
	check(false, false); /* all are heard: it is tried again */
	crashed_here(1);
	bent->hosts[1].heard = false;
	check(true, false);
	crashed_here(2);
	bent->hosts[1].heard = false;
	check(true, true);
	crashed_here(2);
	bent->crash_until = bent->now; /* long ago */
	check(false, false);
	crashed_here(2);
	v->reset_at = bent->state->index;
	check(true, true);
	crashed_here(2);
	v->reset_at = bent->state->index + 1;
	check(false, false);
	crashed_here(2);
	bent->crash.vm.b[0] ^= 1; /* over another VM */
	check(false, false);
	crashed_here(2);
	v->aside = ha_host_bit(2); /* it is already */
	check(true, false);
}
END_TEST

/* The same of a host; and what is told of it. */
static void check_host(bool left, bool told)
{
	bent_listen();
	ck_assert_int_eq(aside_leaves_host(bent, 3), left);
	ck_assert_int_eq(ha_core_decides_host(bent, 3), !left);
	ck_assert_int_eq(aside_decides_host(bent, 3), !left);
	ck_assert_int_eq(strstr(bent_last_told(), "left alone") != NULL, told);
	ck_assert(aside_decides_host(bent, 2));
}

static void over_host(struct ha_crash *crash)
{
	memset(&crash->vm, 0, sizeof(crash->vm));
	crash->host = 3;
}

START_TEST(a_host_is_left_alone_for_a_while)
{
	check_host(false, false);
	crashed_here(1);
	over_host(&bent->crash);
	check_host(false, false); /* all are heard: it is tried again */
	bent->hosts[1].heard = false;
	check_host(true, false);
	bent->hosts[1].heard = true;
	crashed_on(2, 1);
	check_host(false, false); /* that was over the VM */
	over_host(&bent->hosts[1].crash);
	check_host(true, true);
	check_host(true, false); /* once */
	bent->now = bent->crash_until;
	aside_run(bent);
	ck_assert(bent->want_host_msg); /* the others are to know it, too */
	check_host(false, false);
	crashed_on(2, 2);
	over_host(&bent->hosts[1].crash);
	check_host(true, false);
	bent->now += HA_S(HA_CRASH_WINDOW_S);
	check_host(true, true); /* once more */
	bent_restore();
}
END_TEST

START_TEST(and_those_of_others)
{
	crashed_on(2, 1);
	check(false, false);
	crashed_on(2, 1);
	crashed_here(1);
	check(true, true);
	crashed_on(2, 1);
	crashed_on(3, 1);
	check(true, true);
	crashed_on(2, 1);
	bent->hosts[2].heard = false;
	check(true, false);
	crashed_on(2, UINT32_MAX); /* whatever a peer says */
	crashed_on(3, UINT32_MAX);
	check(true, true);
	crashed_on(1, 2); /* its own word that came back, and is over by now */
	check(false, false);
	crashed_on(2, 2);
	bent->epoch.coordinator = 2; /* which sees to it */
	check(true, false);
}
END_TEST

static const struct ha_trace *last_trace(void)
{
	const struct ha_trace *t = NULL;

	for (size_t i = 0; i < bent->action_count; i++) {
		if (bent->actions[i].kind == HA_ACT_TRACE) {
			t = &bent->actions[i].trace;
		}
	}
	ck_assert_ptr_nonnull(t);
	return t;
}

/* Those alone whose hacd crashed over it. */
START_TEST(people_are_told_where)
{
	struct ha_fact f;

	crashed_here(1);
	crashed_on(2, 1);
	crashed_on(3, 1);
	bent->hosts[2].crash.vm.b[0] ^= 1; /* over another VM */
	bent_listen();
	vm_decide(bent);
	ck_assert_ptr_nonnull(strstr(bent_last_told(), "hacd crashed over it "
				     "on h1 and h2, more than once"));
	ck_assert_ptr_nonnull(strstr(s->why, "over it on h1 and h2; it is "
				     "about to be set aside"));
	ck_assert_uint_eq(last_trace()->fact, HA_FACT_VM_ASIDE);
	ck_assert_str_eq(last_trace()->note, "h1 and h2");
	f = ha_entry_fact(&bent->batch.entries[bent->batch.count - 1]);
	ck_assert_uint_eq(f.kind, HA_FACT_VM_ASIDE);
	ck_assert_uint_eq(f.number, ha_host_bit(1) | ha_host_bit(2));
	bent_restore();
	crashed_here(1);
	bent->hosts[1].heard = false;
	vm_decide(bent);
	ck_assert_ptr_nonnull(strstr(s->why, "over it on h1; the others are to "
				     "say"));
	bent_restore();
}
END_TEST

static void check_command(enum ha_verb verb, int code)
{
	const struct ha_command cmd = { .verb = verb, .id = 77, .origin = 2,
					.vm = v->uuid, .host = 2 };
	size_t before = bent->batch.count;

	bent_listen();
	command_request(bent, &cmd);
	if (code == 0) {
		ck_assert_ptr_null(bent_answer());
		ck_assert_uint_eq(bent->batch.count,
				  before + (verb == HA_CMD_VM_RESET));
	} else {
		ck_assert_ptr_nonnull(bent_answer());
		ck_assert_int_eq(bent_answer()->code, code);
		ck_assert_ptr_nonnull(strstr(bent_answer()->text,
					     "crashed over it"));
	}
	bent_restore();
}

START_TEST(only_its_reset_is_taken)
{
	static const enum ha_verb verbs[] = {
		HA_CMD_VM_START, HA_CMD_VM_STOP, HA_CMD_VM_RESTART,
		HA_CMD_VM_MOVE, HA_CMD_VM_SETTLE_STOPPED, HA_CMD_VM_SETTLE_RUNS,
	};

	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		v->aside = ha_host_bit(2);
		check_command(verbs[i], HA_E_REFUSED);
		crashed_here(2);
		check_command(verbs[i], HA_E_BUSY);
	}
	v->aside = ha_host_bit(2);
	check_command(HA_CMD_VM_RESET, 0);
	crashed_here(2);
	check_command(HA_CMD_VM_RESET, 0);
}
END_TEST

START_TEST(nothing_is_done_about_it)
{
	v->aside = ha_host_bit(1);
	s->seen = HA_SEEN_ABSENT; /* it ended */
	bent_listen();
	local_run(bent);
	ck_assert_uint_eq(bent->action_count, 0);
	ck_assert_uint_eq(s->op, OP_NONE);
	bent_restore();
	v->aside = ha_host_bit(1);
	v->stop = HA_WHY_ADMIN;
	bent_listen();
	local_run(bent);
	ck_assert_uint_eq(bent->action_count, 0);
	bent_restore();
	/* nor does it make room, or take the turn of one that starts */
	v->aside = ha_host_bit(1);
	memset(&s->owner, 0, sizeof(s->owner));
	pool_fill(bent);
	ck_assert_uint_eq(bent->pool_vms[at].host, 1);
	ck_assert_uint_eq(bent->pool_vms[at].priority, HA_PRIORITY_HIGHEST);
	ck_assert_uint_eq(pool_host(bent, 1)->starting, 0);
	bent_restore();
}
END_TEST

START_TEST(what_keeps_its_host)
{
	v->aside = ha_host_bit(2);
	ck_assert_ptr_null(aside_keeps(bent, 1)); /* others run there */
	for (uint32_t i = 0; i < bent->vm_count; i++) {
		if (i != at && bent->state->vms[i].owner == 1) {
			bent->state->vms[i].owner = HA_HOST_NONE;
			bent->vms[i].running = 0;
		}
	}
	ck_assert_ptr_eq(aside_keeps(bent, 1), s);
	s->running = 0;
	s->unknown = ha_host_bit(1);
	ck_assert_ptr_eq(aside_keeps(bent, 1), s);
	s->unknown = 0;
	ck_assert_ptr_null(aside_keeps(bent, 1)); /* it ended */
	bent_restore();
}
END_TEST

START_TEST(people_are_told)
{
	struct ha_vm_view view;

	v->aside = ha_host_bit(1) | ha_host_bit(3);
	ha_core_view_vm(bent, &v->uuid, &view);
	ck_assert_str_eq(ha_vm_shown_name(view.shown), "aside");
	ck_assert_ptr_nonnull(strstr(view.why, "crashed over it on h1 and h3"));
	ck_assert_ptr_nonnull(strstr(view.todo, "hactl vm reset"));
	bent_restore();
}
END_TEST

START_TEST(what_a_signal_handler_reads)
{
	struct ha_crash crash;

	ck_assert(!ha_core_deciding(bent, &crash));
	aside_begin(bent, at);
	ck_assert(ha_core_deciding(bent, &crash));
	ck_assert_uint_eq(crash.count, 1);
	ck_assert_uint_eq(crash.index, bent->state->index);
	ck_assert(ha_uuid_cmp(&crash.vm, &v->uuid) == 0);
	aside_end(bent);
	ck_assert(!ha_core_deciding(bent, &crash));
	bent->deciding = UINT32_MAX; /* its memory is what killed it */
	ck_assert(!ha_core_deciding(bent, &crash));
	bent_restore();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("aside");
	TCase *t = tcase_create("bent");

	tcase_add_checked_fixture(t, set_up, bent_tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, which_crashes_count);
	tcase_add_test(t, and_those_of_others);
	tcase_add_test(t, a_host_is_left_alone_for_a_while);
	tcase_add_test(t, people_are_told_where);
	tcase_add_test(t, only_its_reset_is_taken);
	tcase_add_test(t, nothing_is_done_about_it);
	tcase_add_test(t, what_keeps_its_host);
	tcase_add_test(t, people_are_told);
	tcase_add_test(t, what_a_signal_handler_reads);
	suite_add_tcase(suite, t);
	return test_main(suite);
}
