/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a VM that runs here is asked, so that those that wait for it know, and
 * what comes of it: each case by itself, on a core that is bent by hand.
 */
#include "tests/unit/bent-order.h"

#include <check.h>
#include <string.h>

#include "tests/unit/bent-core.h"
#include "tests/unit/suite.h"

#define GUEST HA_READY_BIT(HA_READY_GUEST)
#define APP HA_READY_BIT(HA_READY_APP)

static uint32_t at; /* a VM that this host owns, and that runs */
static struct vm_soft *s;
static struct ha_vm_state *v;

static void set_up(void)
{
	order_set_up();
	at = bent_vm_of(1);
}

/* As it was; others may wait for its guest agent, its application, or both. */
static void await(uint32_t bits)
{
	bent_restore();
	order_depend_on_nothing();
	if ((bits & GUEST) != 0) {
		bent_conf(at)->restart.ready = HA_READY_GUEST;
	}
	if ((bits & APP) != 0) {
		order_deps[0].ready = HA_READY_APP;
		order_depend(0, at == MAIL1 ? BATCH1 : MAIL1, at);
	}
	order_again();
	s = bent_soft(at);
	v = bent_state(at);
	s->ready_from = 0; /* its run begins */
	ck_assert_uint_eq(s->ready_wanted, bits);
	ck_assert_uint_eq(s->seen, HA_SEEN_RUNNING);
}

/* The next step: which it is asked now, HA_READY_BITs. */
static uint32_t run(void)
{
	uint32_t asked = 0;

	bent_listen();
	bent->wake = HA_TIME_NEVER;
	ready_run(bent);
	for (size_t i = 0; i < bent->action_count; i++) {
		const struct ha_action *a = &bent->actions[i];
		bool app = a->vm.op == HA_VM_AWAIT_APP;

		if (a->kind != HA_ACT_VM) {
			continue;
		}
		ck_assert(app || a->vm.op == HA_VM_AWAIT_GUEST);
		ck_assert_ptr_eq(a->vm.vm, s->conf);
		ck_assert_int_eq(ha_uuid_cmp(&a->vm.uuid, &s->uuid), 0);
		ck_assert_uint_ne(a->vm.id, 0);
		ck_assert_uint_eq(a->vm.id, s->ready_op[app]);
		ck_assert_int_eq(a->vm.timeout,
				 s->ready_from + LIMIT - bent->now);
		asked |= app ? APP : GUEST;
	}
	return asked;
}

static size_t cancelled(void)
{
	size_t n = 0;

	for (size_t i = 0; i < bent->action_count; i++) {
		n += bent->actions[i].kind == HA_ACT_CANCEL;
	}
	return n;
}

/* The answer to what is asked of it; is it one that is waited for? */
static bool answer(uint32_t bit, enum ha_op_code code, const char *text)
{
	struct ha_event ev = { .kind = HA_EV_RESULT };

	ev.result.id = s->ready_op[bit == APP];
	ev.result.code = code;
	memcpy(ev.result.text, text, strlen(text) + 1);
	bent_listen();
	return ready_result(bent, &ev);
}

static void check_told(const char *says)
{
	ck_assert_uint_eq(bent_told(), 1);
	ck_assert_msg(strstr(bent_last_told(), says) != NULL, "'%s' in '%s'",
		      says, bent_last_told());
}

/* --- what it is asked --- */

START_TEST(only_what_others_may_wait_for_is_asked)
{
	await(0);
	ck_assert_uint_eq(run(), 0);
	await(GUEST);
	ck_assert_uint_eq(run(), GUEST);
	await(APP);
	ck_assert_uint_eq(run(), APP);
	await(GUEST | APP);
	ck_assert_uint_eq(run(), GUEST | APP);
	ck_assert_uint_ne(s->ready_op[0], s->ready_op[1]);
	ck_assert_uint_eq(run(), 0); /* once */
	/* one of them is not waited for any longer; then nothing is */
	bent_conf(at)->restart.ready = HA_READY_STARTED;
	soft_set_config(bent);
	ck_assert_uint_eq(run(), 0);
	ck_assert_uint_eq(cancelled(), 1);
	ck_assert_uint_eq(s->ready_op[0], 0);
	ck_assert_uint_ne(s->ready_op[1], 0);
	order_depend_on_nothing();
	soft_set_config(bent);
	ck_assert_uint_eq(run(), 0);
	ck_assert_uint_eq(cancelled(), 1);
	ck_assert_uint_eq(s->ready_op[1], 0);
	ck_assert_uint_eq(run(), 0);
	ck_assert_uint_eq(cancelled(), 0);
	/* where nobody waits for long, nothing is asked */
	bent_conf(at)->restart.ready = HA_READY_GUEST;
	bent_conf(at)->restart.ready_timeout = 0;
	order_again();
	ck_assert_uint_eq(run(), 0);
	ck_assert_uint_eq(bent_told(), 0);
}
END_TEST

/* Who waits longest counts; of those that wait by the present configuration. */
START_TEST(its_delay_is_the_longest)
{
	await(APP);
	bent_conf(at)->restart.ready_delay = DELAY;
	soft_set_config(bent);
	ck_assert_int_eq(s->ready_delay, DELAY);
	order_deps[0].ready_delay = DELAY + 1;
	soft_set_config(bent);
	ck_assert_int_eq(s->ready_delay, DELAY + 1);
	order_deps[0].ready_delay = DELAY - 1;
	soft_set_config(bent);
	ck_assert_int_eq(s->ready_delay, DELAY);
	bent_conf(at)->restart.ready_delay = 0;
	soft_set_config(bent);
	ck_assert_int_eq(s->ready_delay, DELAY - 1);
}
END_TEST

START_TEST(who_does_not_run_is_not_asked)
{
	await(GUEST);
	s->seen = HA_SEEN_PAUSED;
	ck_assert_uint_eq(run(), 0);
	ck_assert_int_eq(s->ready_from, 0);
	s->seen = HA_SEEN_UNKNOWN;
	ck_assert_uint_eq(run(), 0);
	s->seen = HA_SEEN_RUNNING;
	v->aside = ha_host_bit(2); /* nothing is done about it */
	ck_assert_uint_eq(run(), 0);
	v->aside = 0;
	bent->now++;
	ck_assert_uint_eq(run(), GUEST);
	ck_assert_int_eq(s->ready_from, bent->now);
	/* what it is asked stands while it is paused, or not known */
	s->seen = HA_SEEN_PAUSED;
	ck_assert_uint_eq(run(), 0);
	s->seen = HA_SEEN_UNKNOWN;
	ck_assert_uint_eq(run(), 0);
	ck_assert_uint_eq(cancelled(), 0);
	ck_assert_int_eq(s->ready_from, bent->now);
}
END_TEST

/* --- what comes of it --- */

START_TEST(it_answers)
{
	await(GUEST | APP);
	ck_assert_uint_eq(run(), GUEST | APP);
	ck_assert(answer(GUEST, HA_OP_OK, ""));
	check_told("its guest agent answers -> ready");
	ck_assert_uint_eq(s->ready, GUEST);
	ck_assert(!answer(GUEST, HA_OP_OK, "")); /* it was all that was asked */
	ck_assert_uint_eq(run(), 0);
	ck_assert(answer(APP, HA_OP_OK, ""));
	check_told("its application answers -> ready");
	ck_assert_uint_eq(s->ready, GUEST | APP);
	ck_assert_uint_eq(s->unready, 0);
	ck_assert_uint_eq(run(), 0);
}
END_TEST

START_TEST(it_does_not_answer)
{
	await(GUEST | APP);
	ck_assert_uint_eq(run(), GUEST | APP);
	ck_assert(answer(APP, HA_OP_FAILED, "port 80 is closed"));
	check_told("is not ready: port 80 is closed -> it is not waited for "
		   "any longer");
	ck_assert_uint_eq(s->ready, 0);
	ck_assert_uint_eq(s->unready, APP);
	ck_assert_int_eq(s->ready_again, 0);
	ck_assert_uint_eq(run(), 0); /* for good */
	ck_assert(answer(GUEST, HA_OP_OK, "")); /* that one all the same */
	ck_assert_uint_eq(s->ready, GUEST);
	ck_assert_uint_eq(s->unready, APP);
}
END_TEST

/* The agent was lost: it is asked anew, for as long as there is left. */
START_TEST(what_is_not_known_is_asked_again)
{
	ha_time from;

	await(GUEST);
	ck_assert_uint_eq(run(), GUEST);
	from = bent->now;
	ck_assert(answer(GUEST, HA_OP_UNKNOWN, ""));
	ck_assert_uint_eq(bent_told(), 0);
	bent->now += HA_S(2) - 1;
	ck_assert_uint_eq(run(), 0);
	ck_assert_int_eq(bent->wake, from + HA_S(2));
	bent->now++;
	ck_assert_uint_eq(run(), GUEST);
	ck_assert_uint_eq(run(), 0);
	ck_assert_int_eq(bent->wake, HA_TIME_NEVER); /* the agent answers */
	ck_assert_int_eq(s->ready_from, from);
	ck_assert(answer(GUEST, HA_OP_UNKNOWN, ""));
	bent->now = from + LIMIT - 1;
	ck_assert_uint_eq(run(), GUEST);
	ck_assert(answer(GUEST, HA_OP_UNKNOWN, ""));
	bent->now += HA_S(2);
	ck_assert_uint_eq(run(), 0);
	check_told("is not ready: its time limit is over ->");
	ck_assert_uint_eq(s->unready, GUEST);
	ck_assert_uint_eq(run(), 0);
	ck_assert_uint_eq(bent_told(), 0);
	/* to the moment */
	await(GUEST);
	s->ready_from = bent->now - LIMIT;
	ck_assert_uint_eq(run(), 0);
	ck_assert_uint_eq(s->unready, GUEST);
}
END_TEST

START_TEST(who_is_not_configured_is_not_told_of)
{
	await(GUEST);
	ck_assert_uint_eq(run(), GUEST);
	s->conf = NULL;
	ck_assert(answer(GUEST, HA_OP_OK, ""));
	ck_assert_uint_eq(bent_told(), 0);
	ck_assert_uint_eq(s->ready, 0);
	ck_assert_uint_eq(s->ready_op[0], 0);
}
END_TEST

/* --- its run ends --- */

static void run_well(void)
{
	await(GUEST | APP);
	ck_assert_uint_eq(run(), GUEST | APP);
	s->ready = GUEST;
	s->unready = APP;
	s->ready_again = bent->now + 1;
	bent->now++;
}

/* All that it has shown; what is asked still is not waited for. */
static void check_forgotten(void)
{
	ck_assert_uint_eq(run(), 0);
	ck_assert_uint_eq(cancelled(), READY_OPS);
	ck_assert_uint_eq(s->ready | s->unready, 0);
	ck_assert_uint_eq(s->ready_op[0] | s->ready_op[1], 0);
	ck_assert_int_eq(s->ready_from, 0);
	ck_assert_int_eq(s->ready_again, 0);
	ck_assert_uint_eq(run(), 0);
	ck_assert_uint_eq(cancelled(), 0);
}

START_TEST(what_it_showed_goes_with_its_run)
{
	run_well();
	s->seen = HA_SEEN_ABSENT;
	check_forgotten();
	s->seen = HA_SEEN_RUNNING; /* and another one begins */
	ck_assert_uint_eq(run(), GUEST | APP);
	ck_assert_int_eq(s->ready_from, bent->now);
	run_well();
	s->conf = NULL;
	check_forgotten();
	run_well();
	v->owner = 2;
	check_forgotten();
	run_well();
	v->stop = HA_WHY_MOVE;
	check_forgotten();
	run_well();
	v->gen++; /* owned anew, of which this host does not act yet */
	check_forgotten();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ready");
	TCase *t = tcase_create("bent");

	tcase_add_checked_fixture(t, set_up, order_tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, only_what_others_may_wait_for_is_asked);
	tcase_add_test(t, its_delay_is_the_longest);
	tcase_add_test(t, who_does_not_run_is_not_asked);
	tcase_add_test(t, it_answers);
	tcase_add_test(t, it_does_not_answer);
	tcase_add_test(t, what_is_not_known_is_asked_again);
	tcase_add_test(t, who_is_not_configured_is_not_told_of);
	tcase_add_test(t, what_it_showed_goes_with_its_run);
	suite_add_tcase(suite, t);
	return test_main(suite);
}
