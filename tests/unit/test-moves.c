/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The moves that the cluster makes by its own will, case by case: a VM that is
 * away goes home, one that breaks a rule goes where it breaks none; one at a
 * time, when all is quiet.
 */
#include "tests/unit/bent-order.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "core/pool.h"
#include "core/state_apply.h"
#include "tests/unit/bent-core.h"
#include "tests/unit/suite.h"

#define HOME 2 /* of DB1 here, which runs on host 1 */
#define AFTER HA_S(300)
#define QUIET HA_S(30)

static uint32_t of_rules[] = { DB1, WEB1 };
static struct ha_vm_host_rule host_rules[2];
static struct ha_vm_vm_rule vm_rules[2];

static void run_on(uint32_t i, ha_hostid host)
{
	bent_state(i)->owner = host;
	bent_soft(i)->heading_for = HA_HOST_NONE;
}

/* All run, and nothing has happened for long; DB1 and DB2 on the first host,
 * the others on the last. */
static void set_up(void)
{
	order_set_up();
	for (uint32_t i = 0; i < VMS; i++) {
		run_on(i, i <= DB2 ? 1 : 3);
		bent_conf(i)->restart.fail_back = HA_FAIL_BACK_AFTER;
		bent_conf(i)->restart.fail_back_after = AFTER;
	}
	bent->now += AFTER;
	bent->wake = HA_TIME_NEVER;
}

/* It is away from home, and that is back since then. */
static void send_away(uint32_t i, ha_time since)
{
	bent_state(i)->home = HOME;
	bent->hosts[HOME - 1].usable_from = since;
}

typedef void (*mover_fn)(struct ha_core *c);

static void check_stays(mover_fn fn, const char *because)
{
	size_t before = bent->batch.count;

	pool_fill(bent);
	bent_listen();
	fn(bent);
	ck_assert_msg(bent->batch.count == before, "%s: it moves", because);
	ck_assert_msg(bent_told() == 0, "%s: '%s'", because, bent_last_told());
}

/* And the decision is told as it is, so that it can be explained. */
static void check_moves(mover_fn fn, uint32_t i, ha_hostid to, const char *why)
{
	size_t before = bent->batch.count;
	const struct ha_trace *t;
	struct ha_fact f;

	pool_fill(bent);
	bent_listen();
	fn(bent);
	ck_assert_msg(bent->batch.count == before + 1, "%s: it stays", why);
	f = ha_entry_fact(&bent->batch.entries[before]);
	ck_assert_int_eq(f.kind, HA_FACT_VM_MOVE);
	ck_assert_int_eq(ha_uuid_cmp(&f.vm, &bent_state(i)->uuid), 0);
	ck_assert_uint_eq(f.host, to);
	ck_assert_str_eq(f.text, why);
	ck_assert_uint_eq(bent_told(), 1);
	t = bent_last_trace();
	ck_assert_int_eq(t->topic, HA_TOPIC_VM);
	ck_assert_int_eq(t->level, HA_TRACE_NOTICE);
	ck_assert_int_eq(ha_uuid_cmp(&t->vm, &f.vm), 0);
	ck_assert_int_eq(t->fact, HA_FACT_VM_MOVE);
	ck_assert_uint_eq(t->on, to);
	ck_assert_str_eq(t->note, why);
}

/* What was decided is done. */
static void arrive(uint32_t i, ha_hostid host)
{
	run_on(i, host);
	bent_state(i)->home = HA_HOST_NONE;
	bent_soft(i)->pending = 0;
}

/* --- home */

START_TEST(a_host_is_usable_since_it_came_back)
{
	struct host_soft *h = &bent->hosts[HOME - 1];
	ha_time back;

	pool_fill(bent);
	pool_host(bent, HOME)->usable = false;
	home_note_usable(bent);
	ck_assert_int_eq(h->usable_from, 0);
	bent->now++;
	back = bent->now;
	pool_fill(bent);
	home_note_usable(bent);
	ck_assert_int_eq(h->usable_from, back);
	bent->now++;
	home_note_usable(bent);
	ck_assert_int_eq(h->usable_from, back);
}
END_TEST

START_TEST(goes_home_after_a_while)
{
	send_away(DB1, bent->now - AFTER + 1);
	check_stays(home_fail_back, "not for long enough");
	ck_assert_int_eq(bent->wake, bent->now + 1);
	send_away(DB1, bent->now - AFTER);
	check_moves(home_fail_back, DB1, HOME, "fail-back");
}
END_TEST

START_TEST(goes_home_in_its_window)
{
	struct ha_vm_restart *r = &bent_conf(DB1)->restart;

	r->fail_back = HA_FAIL_BACK_WINDOW;
	r->windows[0] = (struct ha_window){ 120, 180 };
	r->windows[1] = (struct ha_window){ 600, 601 };
	send_away(DB1, bent->now);
	bent->minute = 119;
	check_stays(home_fail_back, "before it");
	ck_assert_int_eq(bent->wake, bent->now + HA_S(60));
	bent->minute = 180;
	check_stays(home_fail_back, "after it");
	bent->minute = 120;
	check_moves(home_fail_back, DB1, HOME, "fail-back");
	arrive(DB1, 1);
	bent->now += QUIET;
	send_away(DB1, bent->now);
	bent->minute = 600;
	check_moves(home_fail_back, DB1, HOME, "fail-back");
}
END_TEST

START_TEST(nobody_asks_for_the_time_while_home_is_away)
{
	bent_conf(DB1)->restart.fail_back = HA_FAIL_BACK_WINDOW;
	send_away(DB1, 0);
	check_stays(home_fail_back, "its home is away");
	ck_assert_int_eq(bent->wake, HA_TIME_NEVER);
}
END_TEST

START_TEST(who_does_not_go_home)
{
	const struct ha_vm_conf *conf = bent_soft(DB1)->conf;

	check_stays(home_fail_back, "it is home");
	send_away(DB1, HA_S(1));
	bent_soft(DB1)->conf = NULL;
	check_stays(home_fail_back, "not configured");
	bent_soft(DB1)->conf = conf;
	bent_state(DB1)->next = 3;
	check_stays(home_fail_back, "an admin moves it");
	bent_state(DB1)->next = HA_HOST_NONE;
	bent_state(DB1)->owner = HA_HOST_NONE;
	bent_state(DB1)->wanted = HA_WANTED_STOPPED;
	check_stays(home_fail_back, "it is stopped");
	run_on(DB1, 1);
	bent_state(DB1)->wanted = HA_WANTED_RUNNING;
	bent_state(DB1)->aside = ha_host_bit(1);
	check_stays(home_fail_back, "it is set aside");
	bent_state(DB1)->aside = 0;
	bent_conf(DB1)->restart.fail_back = HA_FAIL_BACK_NEVER;
	check_stays(home_fail_back, "it is never to");
	bent_conf(DB1)->restart.fail_back = HA_FAIL_BACK_AFTER;
	bent_soft(WEB2)->owner.seen = HA_SEEN_ABSENT;
	check_stays(home_fail_back, "another is being started");
	bent_soft(WEB2)->owner.seen = HA_SEEN_RUNNING;
	bent->epoch.coordinator = 2;
	check_stays(home_fail_back, "another host decides");
	bent->epoch.coordinator = 1;
	check_moves(home_fail_back, DB1, HOME, "fail-back");
}
END_TEST

START_TEST(goes_home_only_where_there_is_room)
{
	send_away(DB1, HA_S(1));
	bent_conf(DB1)->memory_kib = 5 << 20;
	run_on(WEB1, HOME);
	bent_conf(WEB1)->memory_kib = 5 << 20;
	check_stays(home_fail_back, "its home is full, others are not");
	run_on(WEB1, 3);
	check_moves(home_fail_back, DB1, HOME, "fail-back");
}
END_TEST

START_TEST(one_after_the_other)
{
	send_away(DB1, HA_S(1));
	send_away(WEB1, HA_S(1));
	check_moves(home_fail_back, DB1, HOME, "fail-back");
	check_stays(home_fail_back, "DB1 is under way");
	arrive(DB1, HOME);
	bent->now += QUIET - 1;
	check_stays(home_fail_back, "the cluster was not quiet for long");
	ck_assert_int_eq(bent->wake, bent->now + 1);
	bent->now++;
	check_moves(home_fail_back, WEB1, HOME, "fail-back");
}
END_TEST

START_TEST(what_is_not_taken_is_not_told)
{
	send_away(DB1, HA_S(1));
	bent_fill();
	pool_fill(bent);
	home_fail_back(bent);
	ck_assert_uint_eq(bent_told(), 0);
	ck_assert(correct_may_begin(bent)); /* it was no move */
}
END_TEST

/* --- rules */

static struct ha_vm_list list_of(uint32_t *vms, size_t count)
{
	return (struct ha_vm_list){ vms, count };
}

/* Two rules between VMs and hosts; DB1 breaks the second. */
static void keep_off_host_1(bool restart)
{
	struct ha_config *config = bent_config();

	host_rules[0] = (struct ha_vm_host_rule){
		.name = "kept", .strength = HA_RULE_MUST,
		.members = list_of(of_rules, 2), .keep_off = ha_host_bit(2),
		.restart = true };
	host_rules[1] = (struct ha_vm_host_rule){
		.name = "off", .strength = HA_RULE_MUST,
		.members = list_of(of_rules, 1), .keep_off = ha_host_bit(1),
		.restart = restart };
	config->vm_host_rules = host_rules;
	config->vm_host_rule_count = 2;
	bent_conf(DB1)->placement.forbidden = ha_host_bit(1) | ha_host_bit(2);
	bent_conf(WEB1)->placement.forbidden = ha_host_bit(2);
}

/* Two between VMs: DB1 and WEB1 break the second, since they run apart. */
static void keep_together(enum ha_rule_strength strength, bool restart)
{
	struct ha_config *config = bent_config();

	vm_rules[0] = (struct ha_vm_vm_rule){
		.name = "few", .kind = HA_GROUP_APART, .most = 2 };
	vm_rules[1] = (struct ha_vm_vm_rule){
		.name = "pair", .kind = HA_GROUP_TOGETHER, .strength = strength,
		.members = list_of(of_rules, 2), .restart = restart };
	config->vm_vm_rules = vm_rules;
	config->vm_vm_rule_count = 2;
	for (size_t i = 0; i < ARRAY_SIZE(of_rules); i++) {
		struct ha_vm_placement *p = &bent_conf(of_rules[i])->placement;

		p->groups[0] = 0;
		p->groups[1] = 1;
		p->group_count = 2;
	}
}

START_TEST(a_rule_between_vms_and_hosts_is_mended)
{
	keep_off_host_1(true);
	check_moves(correct_rules, DB1, 3, "rule off");
}
END_TEST

START_TEST(only_what_its_rule_lets_restart_is_moved)
{
	keep_off_host_1(false);
	host_rules[0].members.count = 0;
	check_stays(correct_rules, "it is told only");
	host_rules[0].restart = false;
	check_stays(correct_rules, "no rule moves anything");
	/* nobody else is moved for it either */
	keep_together(HA_RULE_MUST, true);
	vm_rules[1].members.count = 0;
	check_stays(correct_rules, "it is not of that rule");
}
END_TEST

START_TEST(a_must_rule_between_vms_is_mended)
{
	keep_together(HA_RULE_MUST, true);
	check_moves(correct_rules, DB1, 3, "rule pair");
	bent_restore();
}
END_TEST

START_TEST(a_should_rule_between_vms_is_mended)
{
	keep_together(HA_RULE_SHOULD, true);
	check_moves(correct_rules, DB1, 3, "rule pair");
}
END_TEST

START_TEST(what_is_set_aside_is_not_corrected)
{
	keep_off_host_1(true);
	bent_state(DB1)->aside = ha_host_bit(1);
	check_stays(correct_rules, "it is set aside");
}
END_TEST

START_TEST(one_correction_after_the_other)
{
	keep_off_host_1(true);
	bent_fill();
	check_stays(correct_rules, "no fact is taken any more");
	bent->fact_count = 0;
	check_moves(correct_rules, DB1, 3, "rule off");
	check_stays(correct_rules, "it is under way");
	arrive(DB1, 1); /* for whatever reason */
	check_stays(correct_rules, "the cluster was not quiet for long");
	bent->now += QUIET;
	check_moves(correct_rules, DB1, 3, "rule off");
}
END_TEST

/* --- when */

static void check_waits(const char *why)
{
	char text[HA_TEXT_MAX + 1];

	ck_assert_int_eq(correct_waits(bent, text), HA_TIME_NEVER);
	ck_assert_str_eq(text, why);
}

static void check_may(void)
{
	char text[HA_TEXT_MAX + 1] = "x";

	ck_assert_int_eq(correct_waits(bent, text), 0);
	ck_assert_str_eq(text, "");
}

START_TEST(what_keeps_all_where_it_is)
{
	check_may();
	bent->state->disarmed = true;
	check_waits("the cluster is disarmed");
	bent->state->disarmed = false;
	bent->state->stopped = true;
	check_waits("the cluster is stopped");
	bent->state->stopped = false;
	bent->awaited = true;
	check_waits("a host is being admitted");
	bent->awaited = false;
	bent->joiner = 3;
	check_waits("a host is being admitted");
	bent->joiner = HA_HOST_NONE;
	bent->waiting = 1;
	check_waits("VMs wait for a place");
	/* the coordinator alone knows of that; of what it has said last, when
	 * it was this host, nothing is left */
	bent->epoch.coordinator = 2;
	bent->joiner = 3;
	check_may();
}
END_TEST

START_TEST(one_that_does_not_run_as_wanted_keeps_all)
{
	static const char why[] = "vm web1 does not run as wanted yet";
	const struct ha_vm_conf *conf = bent_soft(WEB1)->conf;
	struct ha_vm_state *v = bent_state(WEB1);
	struct vm_soft *s = bent_soft(WEB1);

	s->pending = 1;
	check_waits(why);
	s->pending = 0;
	v->stop = HA_WHY_ADMIN;
	check_waits(why);
	v->stop = HA_WHY_NONE;
	s->owner.gen--;
	check_waits(why);
	s->owner.gen++;
	s->owner.seen = HA_SEEN_PAUSED;
	check_waits(why);
	v->aside = ha_host_bit(3);
	check_may();
	v->aside = 0;
	s->conf = NULL;
	check_may();
	s->conf = conf;
	v->owner = HA_HOST_NONE;
	check_waits(why);
	v->wanted = HA_WANTED_STOPPED;
	check_may();
}
END_TEST

START_TEST(a_while_after_the_epoch_opened)
{
	char text[HA_TEXT_MAX + 1];

	bent->opened_at = bent->now - QUIET + 1;
	ck_assert_int_eq(correct_waits(bent, text), bent->now + 1);
	ck_assert_str_eq(text, "the cluster has to be quiet for 30 s first");
	ck_assert(!correct_may_begin(bent));
	ck_assert_int_eq(bent->wake, bent->now + 1);
	bent->opened_at--;
	bent->wake = HA_TIME_NEVER;
	check_may();
	ck_assert(correct_may_begin(bent));
	ck_assert_int_eq(bent->wake, HA_TIME_NEVER);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("moves");
	TCase *t = tcase_create("bent");

	tcase_add_checked_fixture(t, set_up, order_tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_host_is_usable_since_it_came_back);
	tcase_add_test(t, goes_home_after_a_while);
	tcase_add_test(t, goes_home_in_its_window);
	tcase_add_test(t, nobody_asks_for_the_time_while_home_is_away);
	tcase_add_test(t, who_does_not_go_home);
	tcase_add_test(t, goes_home_only_where_there_is_room);
	tcase_add_test(t, one_after_the_other);
	tcase_add_test(t, what_is_not_taken_is_not_told);
	tcase_add_test(t, a_rule_between_vms_and_hosts_is_mended);
	tcase_add_test(t, only_what_its_rule_lets_restart_is_moved);
	tcase_add_test(t, a_must_rule_between_vms_is_mended);
	tcase_add_test(t, a_should_rule_between_vms_is_mended);
	tcase_add_test(t, what_is_set_aside_is_not_corrected);
	tcase_add_test(t, one_correction_after_the_other);
	tcase_add_test(t, what_keeps_all_where_it_is);
	tcase_add_test(t, one_that_does_not_run_as_wanted_keeps_all);
	tcase_add_test(t, a_while_after_the_epoch_opened);
	suite_add_tcase(s, t);
	return test_main(s);
}
