/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Of the VMs that may be started: which are now, where, what is said of it, and
 * who makes room for them; case by case.
 */
#include "tests/unit/bent-order.h"

#include <check.h>
#include <string.h>

#include "core/pool.h"
#include "tests/unit/bent-core.h"
#include "tests/unit/suite.h"

#define MIB(n) ((uint64_t)(n) * 1024)

static uint32_t pair[2];
static struct ha_vm_vm_rule apart = {
	.name = "pair", .kind = HA_GROUP_APART, .strength = HA_RULE_MUST,
	.most = 1, .members = { pair, 2 },
};
static struct ha_datastore_conf stores[] = {
	{ .name = "d1" }, { .name = "d2", .starts_max = 1 },
};

static void tear_down(void)
{
	bent_restore();
	for (uint32_t i = 0; i < VMS; i++) {
		bent_conf(i)->placement.group_count = 0;
	}
	bent_config()->vm_vm_rules = NULL;
	bent_config()->vm_vm_rule_count = 0;
	bent_config()->datastores = NULL;
	bent_config()->datastore_count = 0;
	order_tear_down();
}

static struct ha_host_conf *host_conf(ha_hostid host)
{
	return (struct ha_host_conf *)&bent_config()->hosts[host - 1];
}

static void keep_apart(uint32_t a, uint32_t b)
{
	pair[0] = a;
	pair[1] = b;
	bent_config()->vm_vm_rules = &apart;
	bent_config()->vm_vm_rule_count = 1;
	for (size_t k = 0; k < ARRAY_SIZE(pair); k++) {
		bent_conf(pair[k])->placement.groups[0] = 0;
		bent_conf(pair[k])->placement.group_count = 1;
	}
}

/* As it was, with this configuration; no VM runs nor is to, and only these
 * hosts take any. */
static void empty(ha_hostset hosts)
{
	order_again();
	for (uint32_t i = 0; i < VMS; i++) {
		order_end(i);
		bent_state(i)->wanted = HA_WANTED_STOPPED;
	}
	for (ha_hostid h = 1; h <= 3; h++) {
		bent->state->hosts[h - 1].maintenance = !ha_host_in(hosts, h);
	}
}

static void want(uint32_t i)
{
	bent_state(i)->wanted = HA_WANTED_RUNNING;
}

static void want_all(void)
{
	for (uint32_t i = 0; i < VMS; i++) {
		want(i);
	}
}

static void decide(void)
{
	bent_listen();
	vm_decide(bent);
}

/* What was decided is committed, and they begin to start. */
static void commit(void)
{
	for (uint32_t i = 0; i < VMS; i++) {
		if (bent_soft(i)->pending > 0 &&
		    bent_state(i)->owner == HA_HOST_NONE) {
			bent_state(i)->gen++;
			order_run_on(i, bent_soft(i)->heading_for);
			bent_soft(i)->running = 0;
			order_start(i);
		}
	}
}

static void run(uint32_t i)
{
	order_run_on(i, bent_state(i)->owner);
}

/* Who is started with this decision: "123": the first three. */
static void check_started(const char *vms)
{
	char started[VMS + 1] = "";

	for (uint32_t i = 0; i < VMS; i++) {
		if (bent_state(i)->owner == HA_HOST_NONE &&
		    bent_soft(i)->heading_for != HA_HOST_NONE) {
			started[strlen(started)] = (char)('1' + i);
		}
	}
	ck_assert_str_eq(started, vms);
}

static void check_says(uint32_t i, const char *says)
{
	ck_assert_msg(strstr(bent_soft(i)->why, says) != NULL, "'%s' in '%s'",
		      says, bent_soft(i)->why);
}

/* The decision that was told with this in its text. */
static const struct ha_trace *find_told(const char *says)
{
	for (size_t i = 0; i < bent->action_count; i++) {
		if (bent->actions[i].kind == HA_ACT_TRACE &&
		    strstr(bent->actions[i].trace.text, says)) {
			return &bent->actions[i].trace;
		}
	}
	ck_abort_msg("nobody told '%s', but '%s'", says, bent_last_told());
	return NULL;
}

/* --- how many at once --- */

static void begin_wave(void)
{
	empty(ha_host_bit(1));
	want_all();
	decide();
	check_started("12");
	check_says(WEB1, "its turn comes when a start before it has ended");
}

/* Half as many as there are cpus, and one more for each that has ended. */
START_TEST(a_wave_of_starts_grows)
{
	bent_config()->starts_per_host = 10;
	host_conf(1)->cpus = 4;
	begin_wave();
	commit();
	decide();
	check_started("");
	run(DB1);
	decide();
	check_started("34");
	commit();
	decide();
	check_started("");
	run(DB2);
	run(WEB1);
	decide();
	check_started("56");
	commit();
	/* all have ended: the next wave begins as the first one did */
	for (uint32_t i = 0; i < VMS; i++) {
		run(i);
	}
	decide();
	for (uint32_t i = 0; i < VMS; i++) {
		order_end(i);
	}
	decide();
	check_started("12");
}
END_TEST

START_TEST(no_more_than_a_host_may)
{
	bent_config()->starts_per_host = 2;
	begin_wave();
	commit();
	run(DB1);
	decide();
	check_started("3");
}
END_TEST

START_TEST(no_more_than_a_datastore_may)
{
	bent_config()->datastores = stores;
	bent_config()->datastore_count = ARRAY_SIZE(stores);
	bent_conf(DB1)->placement.datastores = 0x2;
	bent_conf(DB2)->placement.datastores = 0x2;
	bent_conf(WEB1)->placement.datastores = 0x1;
	empty(ha_host_bit(1) | ha_host_bit(2));
	want_all();
	decide();
	check_started("13456");
	check_says(DB2, "its turn comes when a start before it, on datastore "
		   "d2, has ended");
	commit();
	decide();
	check_started("");
	run(DB1);
	decide();
	check_started("2");
	for (uint32_t i = DB1; i <= WEB1; i++) {
		bent_conf(i)->placement.datastores = 0;
	}
}
END_TEST

/* --- where, and why there --- */

static void check_choice(ha_hostid host, const char *says)
{
	const struct ha_trace *t;

	decide();
	ck_assert_uint_eq(bent_soft(DB1)->heading_for, host);
	t = find_told("vm db1: runs nowhere, ");
	ck_assert_msg(strstr(t->text, says) != NULL, "'%s' in '%s'", says,
		      t->text);
	ck_assert_ptr_nonnull(strstr(t->note, says)); /* and is recorded */
	ck_assert_uint_eq(t->fact, HA_FACT_VM_OWNER);
	ck_assert_uint_eq(t->on, host);
}

START_TEST(its_host_is_explained)
{
	host_conf(2)->memory_kib *= 2;
	empty(~(ha_hostset)0);
	want(DB1);
	check_choice(2, "largest share free with it: 9");
	bent_config()->placement = HA_SCORE_PACK;
	empty(~(ha_hostset)0);
	want(DB1);
	check_choice(1, "smallest share free with it: 9");
	bent_config()->placement = HA_SCORE_SPREAD;
	empty(~(ha_hostset)0);
	want(DB1);
	bent_state(DB1)->next = 3;
	check_choice(3, "its next start is there");
	empty(~(ha_hostset)0);
	want(DB1);
	bent_conf(DB1)->placement.preferred[0] = ha_host_bit(3);
	check_choice(3, "its rules prefer it there");
	bent_conf(DB1)->placement.preferred[0] = 0;
	empty(ha_host_bit(3));
	want(DB1);
	check_choice(3, "no other can take it");
	empty(~(ha_hostset)0);
	want(DB1);
	bent_state(DB1)->avoid = ha_host_bit(1) | ha_host_bit(2);
	check_choice(3, "no other can take it, or it failed there");
	empty(~(ha_hostset)0);
	want(DB1);
	bent_state(DB1)->last_why = HA_WHY_LOST;
	host_conf(3)->failover = true;
	check_choice(3, "it is a failover host");
}
END_TEST

/* It would be best off where the other one has to go. */
START_TEST(who_goes_first_leaves_room)
{
	host_conf(1)->memory_kib = MIB(1024);
	host_conf(2)->memory_kib = MIB(600);
	bent_conf(DB1)->memory_kib = MIB(200);
	bent_conf(DB2)->memory_kib = MIB(900);
	empty(ha_host_bit(1) | ha_host_bit(2));
	want(DB1);
	want(DB2);
	check_choice(2, "so that all others find room as well");
	ck_assert_uint_eq(bent_soft(DB2)->heading_for, 1);
	find_told("no other can take it, or it failed there -> start on h1");
}
END_TEST

/* Who is started in the same round counts where it goes. */
START_TEST(those_before_it_count)
{
	keep_apart(DB1, WEB1);
	empty(ha_host_bit(1) | ha_host_bit(2));
	want(DB1);
	want(WEB1);
	check_choice(1, "largest share free with it: ");
	ck_assert_uint_eq(bent_soft(WEB1)->heading_for, 2);
	find_told("vm web1: runs nowhere, wanted running, no other can take it");
}
END_TEST

START_TEST(who_finds_no_room_is_told_why)
{
	host_conf(1)->memory_kib = MIB(1000);
	bent_conf(DB1)->memory_kib = MIB(600);
	bent_conf(DB2)->memory_kib = MIB(500);
	empty(ha_host_bit(1));
	want(DB1);
	want(DB2);
	decide();
	check_started("1");
	ck_assert_str_eq(bent_soft(DB2)->why, "needs 500 MiB of memory, host "
			 "h1 has 100 MiB too little free");
}
END_TEST

/* --- who makes room --- */

/* On host 1: how much there is, and how much each needs. */
struct sizes {
	uint32_t host, db1, db2, mail1, batch1;
};

static void set_sizes(const struct sizes *n, bool memory)
{
	const struct {
		uint32_t vm, size;
	} sizes[] = {
		{ DB1, n->db1 }, { DB2, n->db2 }, { MAIL1, n->mail1 },
		{ BATCH1, n->batch1 },
	};

	bent_config()->preemption = true;
	bent_config()->cpu_overcommit_percent = 100;
	host_conf(1)->memory_kib = MIB(memory ? n->host : 100000);
	host_conf(1)->cpus = memory ? 100000 : n->host;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		bent_conf(sizes[i].vm)->memory_kib =
			MIB(memory ? sizes[i].size : 1);
		bent_conf(sizes[i].vm)->vcpus = memory ? 1 : sizes[i].size;
	}
}

static void run_mail_and_batch(void)
{
	want(MAIL1);
	want(BATCH1);
	order_run_on(MAIL1, 1);
	order_run_on(BATCH1, 1);
}

/* What was decided about its stop is committed. */
static void begin_to_stop(uint32_t i)
{
	ck_assert_uint_eq(bent_soft(i)->pending, 1);
	bent_soft(i)->pending = 0;
	bent_state(i)->stop = HA_WHY_PREEMPTED;
}

static void stop(uint32_t i)
{
	order_end(i);
	bent_state(i)->stop = HA_WHY_NONE;
	bent_state(i)->last_why = HA_WHY_PREEMPTED;
}

static void check_room(bool memory)
{
	const char *waits = "VMs of lower priority make room for it on host h1";

	set_sizes(&(struct sizes){ 10, 6, 1, 4, 4 }, memory);
	host_conf(2)->memory_kib = MIB(5);
	host_conf(2)->cpus = 5;
	empty(ha_host_bit(1) | ha_host_bit(2));
	run_mail_and_batch();
	want(DB1);
	decide();
	check_started("");
	check_says(DB1, waits);
	find_told("vm batch1: runs on h1, ");
	ck_assert_uint_eq(bent_soft(MAIL1)->pending, 0);
	/* while it stops, and also has a place elsewhere */
	begin_to_stop(BATCH1);
	decide();
	check_started("");
	check_says(DB1, waits);
	ck_assert_uint_eq(bent_soft(BATCH1)->pending, 0);
	ck_assert_uint_eq(bent_soft(MAIL1)->pending, 0);
	/* to the last bit */
	stop(BATCH1);
	decide();
	check_started("16");
	ck_assert_uint_eq(bent_soft(DB1)->heading_for, 1);
	ck_assert_uint_eq(bent_soft(BATCH1)->heading_for, 2);
}

START_TEST(nobody_starts_before_there_is_room)
{
	check_room(true);
	check_room(false);
}
END_TEST

START_TEST(nobody_is_stopped_unless_it_may_be)
{
	set_sizes(&(struct sizes){ 10, 6, 1, 4, 4 }, true);
	empty(ha_host_bit(1));
	run_mail_and_batch();
	want(DB1);
	bent_soft(BATCH1)->pending = 1; /* another fact is on its way */
	decide();
	check_started("");
	ck_assert_uint_eq(bent_soft(BATCH1)->pending, 1);
	bent_config()->preemption = false;
	empty(ha_host_bit(1));
	run_mail_and_batch();
	want(DB1);
	decide();
	check_started("");
	check_says(DB1, "needs 6 MiB of memory, host h1 has 4 MiB too little");
	ck_assert_uint_eq(bent_soft(BATCH1)->pending, 0);
}
END_TEST

/* There is room for one of them at once. */
START_TEST(who_starts_now_takes_room)
{
	set_sizes(&(struct sizes){ 10, 4, 4, 1, 4 }, true);
	empty(ha_host_bit(1));
	want(BATCH1);
	order_run_on(BATCH1, 1);
	want(DB1);
	want(DB2);
	decide();
	check_started("1");
	check_says(DB2, "make room for it on host h1");
	ck_assert_uint_eq(bent_soft(BATCH1)->pending, 1);
}
END_TEST

/* One that makes room for another runs until it has stopped, and the must rules
 * hold with it until then, whatever room there is. */
START_TEST(must_rules_hold_with_who_makes_room)
{
	const char *waits = "rule pair lets it start on host h1 only once those "
			    "that make room there have stopped";

	set_sizes(&(struct sizes){ 10, 1, 8, 1, 4 }, true);
	bent_conf(WEB1)->memory_kib = MIB(1);
	keep_apart(WEB1, BATCH1);
	empty(ha_host_bit(1));
	want(BATCH1);
	order_run_on(BATCH1, 1);
	want(DB2);
	want(WEB1);
	decide();
	check_started("");
	check_says(WEB1, waits);
	begin_to_stop(BATCH1);
	decide();
	check_started("");
	check_says(WEB1, waits);
	check_says(DB2, "make room for it on host h1");
	stop(BATCH1);
	decide();
	check_started("23");
	check_says(BATCH1, "rule pair leaves it no host");
}
END_TEST

/* --- a plan for all --- */

/* Two that are lost with their host take all the room that there is: nobody
 * waits for them, if that leaves out others. */
START_TEST(who_is_lost_keeps_nobody_out)
{
	for (ha_hostid h = 1; h <= 2; h++) {
		host_conf(h)->memory_kib = MIB(1000);
	}
	bent_conf(DB1)->memory_kib = MIB(900);
	bent_conf(DB2)->memory_kib = MIB(900);
	bent_conf(BATCH1)->memory_kib = MIB(500);
	empty(~(ha_hostset)0);
	order_run_on(DB1, HOST);
	order_run_on(DB2, HOST);
	order_lose(DB1);
	order_lose(DB2);
	want(DB1);
	want(DB2);
	want(BATCH1);
	decide();
	ck_assert_uint_ne(bent_soft(BATCH1)->heading_for, HA_HOST_NONE);
}
END_TEST

/* Until a new plan, of all that wait then. */
START_TEST(a_plan_is_remembered)
{
	bent_config()->starts_per_host = 1;
	empty(ha_host_bit(1));
	want(DB1);
	want(DB2);
	decide();
	check_started("1");
	ck_assert_uint_eq(bent_soft(DB1)->planned, 1);
	ck_assert_uint_eq(bent_soft(DB2)->planned, 1);
	ck_assert_uint_eq(bent->waiting, 2);
	commit();
	decide();
	ck_assert_uint_eq(bent_soft(DB1)->planned, HA_HOST_NONE);
	ck_assert_uint_eq(bent_soft(DB2)->planned, 1);
	ck_assert_uint_eq(bent->waiting, 1);
	/* nobody waits now */
	bent->state->disarmed = true;
	decide();
	ck_assert_uint_eq(bent_soft(DB2)->planned, 1);
	ck_assert_uint_eq(bent->waiting, 0);
}
END_TEST

START_TEST(who_depends_on_another_starts_after_it)
{
	const struct ha_trace *t;

	order_deps[0].ready = HA_READY_STARTED;
	order_depend(0, WEB1, DB1);
	empty(~(ha_hostset)0);
	want(DB1);
	want(WEB1);
	decide();
	check_started("1");
	ck_assert_str_eq(bent_soft(WEB1)->why, "waits for vm db1: it has not been "
			 "started yet");
	commit();
	run(DB1);
	decide();
	check_started("3");
	t = find_told("vm web1: runs nowhere, wanted running, waited for vm "
		      "db1, ");
	ck_assert_int_eq(ha_uuid_cmp(&t->awaited, &bent_soft(DB1)->uuid), 0);
	/* in vain */
	empty(~(ha_hostset)0);
	want(WEB1);
	decide();
	check_started("3");
	find_told("vm web1: is to wait for vm db1, which is not to run -> does "
		  "not wait for it");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("start-plan");
	TCase *t = tcase_create("bent");

	tcase_add_checked_fixture(t, order_set_up, tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_wave_of_starts_grows);
	tcase_add_test(t, no_more_than_a_host_may);
	tcase_add_test(t, no_more_than_a_datastore_may);
	tcase_add_test(t, its_host_is_explained);
	tcase_add_test(t, who_goes_first_leaves_room);
	tcase_add_test(t, those_before_it_count);
	tcase_add_test(t, who_finds_no_room_is_told_why);
	tcase_add_test(t, nobody_starts_before_there_is_room);
	tcase_add_test(t, nobody_is_stopped_unless_it_may_be);
	tcase_add_test(t, who_starts_now_takes_room);
	tcase_add_test(t, must_rules_hold_with_who_makes_room);
	tcase_add_test(t, who_is_lost_keeps_nobody_out);
	tcase_add_test(t, a_plan_is_remembered);
	tcase_add_test(t, who_depends_on_another_starts_after_it);
	suite_add_tcase(s, t);
	return test_main(s);
}
