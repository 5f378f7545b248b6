/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a host does about a VM of its own, and what it makes of how that ended:
 * each case by itself, on a core that is bent by hand.
 */
#include "tests/unit/bent-core.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/suite.h"

static uint32_t at;           /* a VM that this host owns */
static struct ha_vm_state *v; /* it, committed */
static struct vm_soft *s;     /* and as it is known here */

static void set_up(void)
{
	at = bent_set_up_vm(&v, &s);
}

/* The operation asked for, 0: none. */
static int run(void)
{
	int op = 0;

	bent_listen();
	local_run(bent);
	for (size_t i = 0; i < bent->action_count; i++) {
		const struct ha_action *a = &bent->actions[i];

		if (a->kind == HA_ACT_VM) {
			ck_assert_int_eq(op, 0);
			ck_assert_int_eq(ha_uuid_cmp(&a->vm.uuid, &s->uuid), 0);
			ck_assert_uint_eq(a->vm.id, s->op_id);
			op = (int)a->vm.op;
		}
	}
	return op;
}

static void check_op(int op)
{
	ck_assert_int_eq(run(), op);
	bent_restore();
}

static bool end(uint64_t id, enum ha_op_code code, const char *text)
{
	struct ha_event ev = { .kind = HA_EV_RESULT };

	ev.result.id = id;
	ev.result.code = code;
	memcpy(ev.result.text, text, strlen(text) + 1);
	return local_result(bent, &ev);
}

/* --- may it act at all? --- */

START_TEST(what_it_needs_to_act)
{
	s->seen = HA_SEEN_ABSENT;
	check_op(HA_VM_START);
	s->seen = HA_SEEN_ABSENT;
	bent->open = false;
	check_op(0);
	s->seen = HA_SEEN_ABSENT;
	bent->own_agent_vm = false;
	check_op(0);
	s->seen = HA_SEEN_ABSENT;
	bent->own_inventory = false;
	check_op(0);
	s->seen = HA_SEEN_ABSENT;
	bent->config = NULL;
	check_op(0);
	s->seen = HA_SEEN_ABSENT;
	bent->frozen = true;
	check_op(0);
	s->seen = HA_SEEN_ABSENT;
	s->conf = NULL;
	check_op(0);
	check_op(0); /* it runs */
}
END_TEST

START_TEST(what_is_not_started)
{
	s->seen = HA_SEEN_ABSENT;
	bent->state->stopped = true;
	check_op(0);
	s->seen = HA_SEEN_ABSENT;
	v->wanted = HA_WANTED_STOPPED;
	check_op(0);
	s->seen = HA_SEEN_ABSENT;
	bent->state->disarmed = true;
	check_op(0);
	s->seen = HA_SEEN_ABSENT;
	v->copies = ha_host_bit(2);
	check_op(0);
	s->seen = HA_SEEN_ABSENT;
	v->owner = 2;
	check_op(0);
	s->seen = HA_SEEN_ABSENT;
	v->owner_boot++; /* of an earlier boot */
	check_op(0);
	s->seen = HA_SEEN_ABSENT;
	s->not_before = bent->now + HA_S(1);
	check_op(0);
	s->seen = HA_SEEN_ABSENT;
	s->ended = HA_WHY_FAILED;
	check_op(0);
}
END_TEST

START_TEST(what_ends_its_run)
{
	s->seen = HA_SEEN_ABSENT;
	s->end = HA_END_GUEST;
	ck_assert_int_eq(s->conf->on_guest_shutdown, HA_GUEST_SHUTDOWN_OFF);
	ck_assert_int_eq(run(), 0);
	ck_assert_int_eq(s->ended, HA_WHY_GUEST);
	bent_restore();
	s->seen = HA_SEEN_ABSENT;
	s->end = HA_END_CRASHED;
	check_op(HA_VM_START);
	s->seen = HA_SEEN_ABSENT;
	s->tries = 4;
	ck_assert_int_eq(run(), 0);
	ck_assert_int_eq(s->ended, HA_WHY_FAILED);
	ck_assert_str_eq(s->error, "it failed 4 times, or ended soon after");
	bent_restore();
	s->seen = HA_SEEN_ABSENT;
	v->stop = HA_WHY_MOVE;
	ck_assert_int_eq(run(), 0);
	ck_assert_int_eq(s->ended, HA_WHY_MOVE);
}
END_TEST

/* A fact about it may be about to be committed; one about others is no
 * reason to wait. */
START_TEST(what_is_not_decided_yet)
{
	s->seen = HA_SEEN_ABSENT;
	bent->state->epoch--;
	check_op(HA_VM_START);
	s->seen = HA_SEEN_ABSENT;
	bent->state->epoch--;
	ck_assert_ptr_nonnull(ha_replica_entry(bent->replica, v->gen));
	bent->state->index = v->gen - 1;
	check_op(0);
	s->seen = HA_SEEN_ABSENT;
	bent->state->index = v->gen - 1; /* but nothing is open about it */
	check_op(HA_VM_START);
}
END_TEST

/* --- how it stops --- */

START_TEST(asked_and_then_forced)
{
	v->stop = HA_WHY_ADMIN;
	ck_assert_int_eq(run(), HA_VM_SHUTDOWN);
	ck_assert_int_eq(s->kill_at, bent->now + s->conf->stop_timeout);
	ck_assert(end(s->op_id, HA_OP_OK, ""));
	ck_assert_int_eq(run(), 0); /* not asked again at once */
	ck_assert_int_le(bent->wake, s->not_before);
	bent->now = s->not_before;
	ck_assert_int_eq(run(), HA_VM_SHUTDOWN);
	ck_assert(end(s->op_id, HA_OP_OK, ""));
	bent->now = s->kill_at;
	s->not_before = bent->now + HA_S(1);
	ck_assert_int_eq(run(), HA_VM_DESTROY);
	ck_assert(end(s->op_id, HA_OP_FAILED, "")); /* it may still run */
	ck_assert_int_eq(s->seen, HA_SEEN_UNKNOWN);
	ck_assert_int_eq(run(), 0);
	bent->now = s->not_before;
	ck_assert_int_eq(run(), HA_VM_LOOK);
	ck_assert(end(s->op_id, HA_OP_FAILED, ""));
	ck_assert_int_gt(s->not_before, bent->now);
	bent->now = s->not_before;
	ck_assert_int_eq(run(), HA_VM_LOOK);
	s->seen = HA_SEEN_RUNNING; /* that is what it saw */
	ck_assert(end(s->op_id, HA_OP_OK, ""));
	ck_assert_int_eq(run(), HA_VM_DESTROY);
	ck_assert(end(s->op_id, HA_OP_OK, ""));
	ck_assert_int_eq(s->seen, HA_SEEN_ABSENT);
	ck_assert_int_eq(run(), 0);
	ck_assert_int_eq(s->ended, HA_WHY_ADMIN);
}
END_TEST

/* The guest was quicker than the result. */
START_TEST(gone_before_the_result)
{
	uint64_t id;

	v->stop = HA_WHY_ADMIN;
	ck_assert_int_eq(run(), HA_VM_SHUTDOWN);
	id = s->op_id;
	s->seen = HA_SEEN_ABSENT;
	ck_assert_int_eq(run(), 0);
	ck_assert_int_eq(s->ended, HA_WHY_ADMIN);
	ck_assert(!end(id, HA_OP_OK, ""));
}
END_TEST

/* --- how a start ends --- */

static void start(void)
{
	s->seen = HA_SEEN_ABSENT;
	ck_assert_int_eq(run(), HA_VM_START);
}

START_TEST(starts_that_end)
{
	start();
	ck_assert(!end(s->op_id + 1, HA_OP_OK, "")); /* another's */
	ck_assert(end(s->op_id, HA_OP_OK, ""));
	ck_assert_int_eq(s->seen, HA_SEEN_RUNNING);
	bent_restore();
	start();
	s->event_since_op = true; /* it ended at once, and that came first */
	ck_assert(end(s->op_id, HA_OP_OK, ""));
	ck_assert_int_eq(s->seen, HA_SEEN_ABSENT);
	bent_restore();
	start();
	ck_assert(end(s->op_id, HA_OP_UNKNOWN, ""));
	ck_assert_int_eq(s->seen, HA_SEEN_UNKNOWN);
	bent_restore();
	start();
	bent->now = s->op_deadline;
	ck_assert_int_eq(run(), HA_VM_LOOK); /* its result is lost */
	bent_restore();
	start();
	bent->now = s->op_deadline - 1;
	ck_assert_int_eq(run(), 0);
}
END_TEST

START_TEST(starts_that_fail)
{
	s->tries = 0;
	start();
	ck_assert(end(s->op_id, HA_OP_FAILED, "no such disk"));
	ck_assert_str_eq(s->error, "no such disk");
	ck_assert_int_eq(s->ended, HA_WHY_NONE);
	ck_assert_int_eq(run(), 0);
	bent->now = s->not_before;
	ck_assert_int_eq(run(), HA_VM_START);
	ck_assert(end(s->op_id, HA_OP_FAILED, "no such disk"));
	ck_assert_int_eq(s->ended, HA_WHY_FAILED); /* another host's turn */
}
END_TEST

/* --- a copy of another's --- */

START_TEST(copies_that_must_go)
{
	struct ha_host_state *self_state = &bent->state->hosts[0];

	v->owner = 2;
	self_state->present = false;
	check_op(HA_VM_DESTROY);
	v->owner = 2;
	check_op(0); /* a member does so only for the admin */
	v->owner = HA_HOST_NONE;
	self_state->present = false;
	check_op(0); /* it may be taken up again */
	v->owner = 2;
	v->holder = 1; /* it comes here */
	self_state->present = false;
	check_op(0);
	v->owner = 2;
	self_state->present = false;
	bent->state->epoch--; /* it may just be given back */
	check_op(0);
	v->owner = 2;
	self_state->present = false;
	s->seen = HA_SEEN_ABSENT;
	check_op(0);
	v->owner = 2;
	self_state->present = false;
	s->seen = HA_SEEN_UNKNOWN;
	check_op(HA_VM_LOOK);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("local");
	TCase *t = tcase_create("bent");

	tcase_add_checked_fixture(t, set_up, bent_tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, what_it_needs_to_act);
	tcase_add_test(t, what_is_not_started);
	tcase_add_test(t, what_ends_its_run);
	tcase_add_test(t, what_is_not_decided_yet);
	tcase_add_test(t, asked_and_then_forced);
	tcase_add_test(t, gone_before_the_result);
	tcase_add_test(t, starts_that_end);
	tcase_add_test(t, starts_that_fail);
	tcase_add_test(t, copies_that_must_go);
	suite_add_tcase(suite, t);
	return test_main(suite);
}
