/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who waits for whom, case by case: the VMs of a running cluster depend on each
 * other by hand, and are at once in every state that they come to.
 */
#include "core/order.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/pool.h"
#include "tests/unit/bent-core.h"

enum { DB1, DB2, WEB1, WEB2, MAIL1, BATCH1, VMS };

#define HOST 3 /* the one that is lost */
#define LIMIT HA_S(60)
#define DELAY HA_S(7)
#define LONG_AGO HA_S(1)

static struct ha_dependency deps[3];
static uint32_t lists[ARRAY_SIZE(deps)][2][3];
static uint16_t own_deps[VMS][ARRAY_SIZE(deps)];

static struct ha_config *config(void)
{
	return (struct ha_config *)bent->config;
}

static struct ha_vm_conf *conf(uint32_t i)
{
	return (struct ha_vm_conf *)bent->vms[i].conf;
}

static struct ha_vm_state *state(uint32_t i)
{
	return &bent->state->vms[i];
}

static struct vm_soft *soft(uint32_t i)
{
	return &bent->vms[i];
}

static void append(struct ha_vm_list *list, uint32_t *vms, uint32_t vm)
{
	if (list->count == 0 || vms[list->count - 1] != vm) {
		vms[list->count++] = vm;
	}
	list->vms = vms;
}

/* One more of them that waits, or is waited for, in that dependency. */
static void depend(size_t d, uint32_t member, uint32_t awaited)
{
	struct ha_vm_placement *p = &conf(member)->placement;

	if (p->dependency_count == 0 ||
	    own_deps[member][p->dependency_count - 1] != d) {
		own_deps[member][p->dependency_count++] = (uint16_t)d;
	}
	p->dependencies = own_deps[member];
	append(&deps[d].members, lists[d][0], member);
	append(&deps[d].awaited, lists[d][1], awaited);
	config()->dependencies = deps;
	config()->dependency_count = config()->dependency_count > d
					     ? config()->dependency_count
					     : d + 1;
}

static void depend_on_nothing(void)
{
	config()->dependencies = NULL;
	config()->dependency_count = 0;
	memset(deps, 0, sizeof(deps));
	for (uint32_t i = 0; i < VMS; i++) {
		conf(i)->placement.dependency_count = 0;
		conf(i)->restart.ready = HA_READY_PLACED;
		conf(i)->restart.ready_delay = 0;
		conf(i)->restart.ready_timeout = LIMIT;
	}
}

/* As it was, with this configuration; nothing is waited for yet. */
static void again(void)
{
	bent_restore();
	soft_set_config(bent);
	bent->wake = HA_TIME_NEVER;
}

static void set_up(void)
{
	bent_set_up();
	ck_assert_uint_eq(bent->vm_count, VMS);
	ck_assert_str_eq(conf(WEB1)->name, "web1");
	depend_on_nothing();
}

static void tear_down(void)
{
	bent_restore();
	depend_on_nothing();
	bent_tear_down();
}

static void lose(uint32_t i)
{
	state(i)->owner = HOST;
	bent->epoch.members &= ~ha_host_bit(HOST);
	bent->members &= ~ha_host_bit(HOST);
}

/* It runs nowhere, for that reason, and has a place. */
static void wait_for_place(uint32_t i, enum ha_why why)
{
	state(i)->owner = HA_HOST_NONE;
	state(i)->last_why = why;
	soft(i)->placed = true;
}

/* Its owner starts it. */
static void start(uint32_t i)
{
	soft(i)->owner.seen = HA_SEEN_ABSENT;
}

/* It runs since then, under its present owner. */
static void run_since(uint32_t i, ha_time t)
{
	soft(i)->met_gen = state(i)->gen;
	soft(i)->met_at[HA_READY_PLACED] = t;
	soft(i)->met_at[HA_READY_STARTED] = t;
	soft(i)->tried_at = t;
	soft(i)->tried = true;
}

static void check_waits(uint32_t i, const char *says)
{
	order_starts(bent);
	ck_assert_msg(soft(i)->held, "it does not wait: %s", says);
	ck_assert_msg(strstr(soft(i)->why, says) != NULL, "'%s' in '%s'", says,
		      soft(i)->why);
}

static void check_goes(uint32_t i)
{
	order_starts(bent);
	ck_assert_msg(!soft(i)->held, "%s", soft(i)->why);
}

/* --- by the configuration --- */

static void check_tiers(bool ordered, const char *tiers)
{
	again();
	ck_assert(bent->ordered == ordered);
	for (uint32_t i = 0; i < VMS; i++) {
		ck_assert_msg(bent->vms[i].tier == (unsigned)(tiers[i] - '0'),
			      "vm %u is in tier %d", i, bent->vms[i].tier);
	}
}

START_TEST(tiers)
{
	check_tiers(false, "012234");
	conf(WEB2)->restart.ready = HA_READY_STARTED;
	check_tiers(true, "012234");
	conf(WEB2)->restart.ready = HA_READY_PLACED;
	conf(WEB2)->restart.ready_delay = 1;
	check_tiers(true, "012234");
	conf(WEB2)->restart.ready_delay = 0;
	depend(0, WEB1, BATCH1);
	check_tiers(true, "012232");
	depend(1, BATCH1, MAIL1); /* and so on */
	check_tiers(true, "012222");
	depend(2, DB2, BATCH1); /* the highest of all */
	check_tiers(true, "012211");
	depend(2, DB2, DB1); /* has more already */
	check_tiers(true, "012211");
	conf(BATCH1)->priority = HA_PRIORITY_DISABLED;
	check_tiers(true, "012211");
	conf(DB2)->priority = conf(WEB1)->priority = HA_PRIORITY_DISABLED;
	check_tiers(true, "055235");
	conf(DB2)->priority = HA_PRIORITY_HIGH;
	conf(WEB1)->priority = HA_PRIORITY_MEDIUM;
	conf(BATCH1)->priority = HA_PRIORITY_LOWEST;
}
END_TEST

/* VMs are named by their index: only where the tables are the same. */
START_TEST(no_order_while_vms_come_and_go)
{
	size_t count = config()->vm_count;

	depend(0, WEB1, BATCH1);
	again();
	ck_assert(bent->ordered);
	soft(WEB1)->held = true;
	soft(WEB1)->awaited = BATCH1 + 1;
	order_set_config(bent);
	ck_assert(soft(WEB1)->held);
	ck_assert_uint_eq(soft(WEB1)->awaited, BATCH1 + 1);
	soft(MAIL1)->conf = NULL;
	order_set_config(bent);
	ck_assert(!bent->ordered);
	ck_assert(!soft(WEB1)->held);
	ck_assert_uint_eq(soft(WEB1)->awaited, 0);
	ck_assert_uint_eq(soft(MAIL1)->tier, HA_PRIORITY_DISABLED);
	ck_assert_uint_eq(soft(BATCH1)->tier, HA_PRIORITY_LOWEST);
	again();
	config()->vm_count--;
	order_set_config(bent);
	config()->vm_count = count;
	ck_assert(!bent->ordered);
	soft(WEB1)->held = true;
	order_starts(bent); /* nothing is followed then */
	ck_assert(soft(WEB1)->held);
	ck_assert_int_eq(soft(DB1)->met_at[HA_READY_STARTED], 0);
	bent->config = NULL;
	order_set_config(bent);
	ck_assert(!bent->ordered);
}
END_TEST

/* --- until when a VM is waited for --- */

static void await_db1(enum ha_ready ready, ha_dur delay)
{
	deps[0].ready = ready;
	deps[0].ready_delay = delay;
	depend(0, WEB1, DB1);
	again();
	wait_for_place(WEB1, HA_WHY_ADMIN); /* tiers do not matter then */
}

START_TEST(who_runs_nowhere_is_awaited)
{
	const char *says = "waits for vm db1: it has not been started yet";

	await_db1(HA_READY_PLACED, 0);
	wait_for_place(DB1, HA_WHY_LOST);
	check_waits(WEB1, says);
	ck_assert_uint_eq(soft(WEB1)->awaited, DB1 + 1);
	state(DB1)->failures = 2;
	check_waits(WEB1, says);
	state(DB1)->failures = 3; /* on all hosts */
	check_goes(WEB1);
	state(DB1)->failures = 0;
	state(DB1)->wanted = HA_WANTED_STOPPED;
	check_goes(WEB1);
	state(DB1)->wanted = HA_WANTED_RUNNING;
	soft(DB1)->placed = false;
	check_goes(WEB1);
	soft(DB1)->pending = 1;
	check_waits(WEB1, says);
	soft(DB1)->pending = 0;
	soft(DB1)->retry_at = bent->now + 1;
	check_goes(WEB1);
	state(DB1)->failures = 1;
	check_waits(WEB1, says);
	soft(DB1)->retry_at = bent->now;
	check_goes(WEB1);
	/* only who has a place can wait */
	wait_for_place(DB1, HA_WHY_LOST);
	soft(DB1)->tried_at = 0;
	check_waits(WEB1, says);
	soft(WEB1)->placed = false;
	check_goes(WEB1);
}
END_TEST

START_TEST(who_has_an_owner_is_awaited)
{
	await_db1(HA_READY_PLACED, 0);
	start(DB1);
	check_goes(WEB1);
	await_db1(HA_READY_STARTED, 0);
	check_goes(WEB1);
	await_db1(HA_READY_STARTED, 0);
	start(DB1);
	check_waits(WEB1, "waits for vm db1: it does not run yet");
	state(DB1)->failures = 2;
	check_waits(WEB1, "does not run yet");
	state(DB1)->failures = 3;
	check_goes(WEB1);
	await_db1(HA_READY_STARTED, 0);
	state(DB1)->stop = HA_WHY_MOVE;
	check_waits(WEB1, "about to start on another host");
	await_db1(HA_READY_STARTED, 0);
	start(DB1);
	lose(DB1);
	check_goes(WEB1);
}
END_TEST

START_TEST(guests_and_applications_are_awaited)
{
	await_db1(HA_READY_GUEST, 0);
	check_waits(WEB1, "its guest agent has not answered yet");
	state(DB1)->failures = 3; /* before it ran */
	check_waits(WEB1, "its guest agent");
	soft(DB1)->owner.unready = HA_READY_BIT(HA_READY_APP);
	check_waits(WEB1, "its guest agent");
	soft(DB1)->owner.unready = HA_READY_BIT(HA_READY_GUEST);
	check_goes(WEB1);
	soft(DB1)->owner.gen--; /* that was another run */
	check_waits(WEB1, "its guest agent");
	soft(DB1)->owner.gen++;
	soft(DB1)->owner.unready = 0;
	soft(DB1)->owner.ready = HA_READY_BIT(HA_READY_APP);
	check_waits(WEB1, "its guest agent");
	soft(DB1)->owner.ready = HA_READY_BIT(HA_READY_GUEST);
	check_goes(WEB1);
	await_db1(HA_READY_APP, 0);
	conf(DB1)->restart.ready_port = 5432;
	check_waits(WEB1, "its port 5432 has not answered yet");
	conf(DB1)->restart.ready_port = 0;
	check_waits(WEB1, "its ready-command has not succeeded yet");
	soft(DB1)->owner.ready = HA_READY_BIT(HA_READY_GUEST);
	check_waits(WEB1, "its ready-command");
	soft(DB1)->owner.ready = HA_READY_BIT(HA_READY_APP);
	check_goes(WEB1);
	start(DB1);
	check_waits(WEB1, "does not run yet");
}
END_TEST

START_TEST(a_wait_has_a_limit)
{
	await_db1(HA_READY_GUEST, 0);
	run_since(DB1, bent->now - LIMIT + 1);
	check_waits(WEB1, "its guest agent");
	ck_assert_int_eq(bent->wake, bent->now + 1);
	bent->now++;
	check_goes(WEB1);
	/* one that has no place any more has no turn, either */
	await_db1(HA_READY_PLACED, 0);
	wait_for_place(DB1, HA_WHY_LOST);
	soft(DB1)->tried_at = bent->now - LIMIT + 1;
	check_waits(WEB1, "has not been started");
	ck_assert_int_eq(bent->wake, bent->now + 1);
	bent->now++;
	check_goes(WEB1);
	/* a move, too */
	await_db1(HA_READY_STARTED, 0);
	state(DB1)->stop = HA_WHY_MOVE;
	soft(DB1)->tried_at = bent->now - LIMIT;
	check_goes(WEB1);
}
END_TEST

START_TEST(delays_count_from_when_it_was_ready)
{
	await_db1(HA_READY_STARTED, DELAY);
	run_since(DB1, bent->now - DELAY + 1);
	check_waits(WEB1, "its ready-delay is not over yet");
	ck_assert_int_eq(bent->wake, bent->now + 1);
	bent->now++;
	check_goes(WEB1);
	/* or from its limit, if that was earlier */
	await_db1(HA_READY_GUEST, DELAY);
	run_since(DB1, bent->now - LIMIT - DELAY + 1);
	soft(DB1)->owner.ready = HA_READY_BIT(HA_READY_GUEST);
	check_waits(WEB1, "its ready-delay");
	ck_assert_int_eq(bent->wake, bent->now + 1);
	bent->now++;
	check_goes(WEB1);
}
END_TEST

/* All that a dependency names, of all that it has. */
START_TEST(one_that_is_not_ready_is_enough)
{
	deps[0].ready = HA_READY_STARTED;
	deps[1].ready = HA_READY_STARTED;
	depend(0, WEB1, DB1);
	depend(0, WEB1, DB2);
	depend(1, WEB1, MAIL1);
	depend(1, WEB2, MAIL1);
	again();
	wait_for_place(WEB1, HA_WHY_ADMIN);
	wait_for_place(WEB2, HA_WHY_ADMIN);
	check_goes(WEB1);
	start(DB2);
	check_waits(WEB1, "waits for vm db2: ");
	ck_assert(!soft(WEB2)->held);
	start(DB1);
	check_waits(WEB1, "waits for vm db1: ");
	again();
	wait_for_place(WEB1, HA_WHY_ADMIN);
	wait_for_place(WEB2, HA_WHY_ADMIN);
	start(MAIL1);
	check_waits(WEB1, "waits for vm mail1: ");
	ck_assert(soft(WEB2)->held);
}
END_TEST

/* --- priorities --- */

START_TEST(a_tier_waits_for_those_before)
{
	conf(WEB1)->restart.ready = HA_READY_STARTED;
	conf(DB2)->restart.ready_delay = DELAY;
	again();
	run_since(DB2, LONG_AGO);
	for (uint32_t i = DB1; i < VMS; i++) {
		if (i != WEB1 && i != DB2) {
			wait_for_place(i, HA_WHY_LOST);
		}
	}
	check_goes(MAIL1);
	start(WEB1);
	check_waits(MAIL1, "waits for vm web1, of higher priority: it does not "
			   "run yet");
	ck_assert(soft(BATCH1)->held);
	ck_assert(!soft(WEB2)->held); /* the same tier */
	ck_assert(!soft(DB1)->held);
	run_since(DB2, bent->now); /* the first one is told */
	check_waits(MAIL1, "waits for vm db2, of higher priority: its "
			   "ready-delay");
	ck_assert(soft(WEB2)->held);
	/* by its condition, not by its delay, where it has both */
	run_since(DB2, LONG_AGO);
	state(WEB2)->last_why = HA_WHY_ADMIN;
	depend(0, MAIL1, WEB2);
	again();
	run_since(DB2, LONG_AGO);
	start(WEB1);
	wait_for_place(WEB2, HA_WHY_LOST);
	wait_for_place(MAIL1, HA_WHY_LOST);
	check_waits(MAIL1, "waits for vm web2: it has not");
}
END_TEST

START_TEST(priorities_are_for_recoveries)
{
	static const bool waits[HA_WHY_COUNT] = {
		[HA_WHY_NONE] = true, [HA_WHY_LOST] = true,
		[HA_WHY_FAILED] = true, [HA_WHY_CLUSTER_STOP] = true,
		[HA_WHY_SETTLED] = true, [HA_WHY_PREEMPTED] = true,
	};

	conf(DB1)->restart.ready = HA_READY_STARTED;
	again();
	start(DB1);
	for (unsigned why = 0; why < HA_WHY_COUNT; why++) {
		wait_for_place(WEB1, (enum ha_why)why);
		order_starts(bent);
		ck_assert_msg(soft(WEB1)->held == waits[why], "%u", why);
	}
	wait_for_place(WEB1, HA_WHY_LEAVING);
	conf(WEB1)->on_host_shutdown = HA_HOST_SHUTDOWN_STOP;
	check_waits(WEB1, "of higher priority");
	conf(WEB1)->on_host_shutdown = HA_HOST_SHUTDOWN_MOVE;
	check_goes(WEB1);
	wait_for_place(WEB1, HA_WHY_LOST);
	conf(WEB1)->priority = HA_PRIORITY_DISABLED;
	check_goes(WEB1);
	conf(WEB1)->priority = HA_PRIORITY_MEDIUM;
}
END_TEST

/* Once, by the coordinator, however long it waits and for whom. */
START_TEST(a_wait_is_told_once)
{
	await_db1(HA_READY_STARTED, 0);
	start(DB1);
	check_waits(WEB1, "db1");
	ck_assert_uint_eq(bent_told(), 1);
	ck_assert_str_eq(bent_last_told(), "vm web1: runs nowhere, could be "
			 "started -> waits for vm db1: it does not run yet");
	check_waits(WEB1, "db1");
	ck_assert_uint_eq(bent_told(), 1);
	await_db1(HA_READY_STARTED, 0);
	start(DB1);
	bent->epoch.coordinator = 2;
	check_waits(WEB1, "db1");
	ck_assert_uint_eq(bent_told(), 0);
}
END_TEST

/* --- what each VM has shown --- */

START_TEST(a_run_is_followed)
{
	const struct vm_soft *db1;
	ha_time then;

	await_db1(HA_READY_APP, 0);
	db1 = soft(DB1);
	then = bent->now;
	order_starts(bent);
	ck_assert_int_eq(db1->met_at[HA_READY_PLACED], then);
	ck_assert_int_eq(db1->met_at[HA_READY_STARTED], then);
	ck_assert_int_eq(db1->met_at[HA_READY_GUEST], 0);
	ck_assert_uint_eq(db1->met_gen, state(DB1)->gen);
	soft(DB1)->owner.seen = HA_SEEN_PAUSED; /* runs as well */
	soft(DB1)->owner.ready = HA_READY_BIT(HA_READY_GUEST);
	bent->now = then + 1;
	order_starts(bent);
	ck_assert_int_eq(db1->met_at[HA_READY_PLACED], then);
	ck_assert_int_eq(db1->met_at[HA_READY_STARTED], then);
	ck_assert_int_eq(db1->met_at[HA_READY_GUEST], then + 1);
	ck_assert_int_eq(db1->met_at[HA_READY_APP], 0);
	/* what is not known changes nothing */
	soft(DB1)->owner.seen = HA_SEEN_UNKNOWN;
	soft(DB1)->owner.ready = 0;
	order_starts(bent);
	ck_assert_int_eq(db1->met_at[HA_READY_GUEST], then + 1);
	soft(DB1)->owner.seen = HA_SEEN_RUNNING;
	soft(DB1)->owner.gen--;
	order_starts(bent);
	ck_assert_int_eq(db1->met_at[HA_READY_GUEST], then + 1);
	soft(DB1)->owner.gen++;
	soft(DB1)->owner.ready = HA_READY_BIT(HA_READY_APP);
	order_starts(bent);
	ck_assert_int_eq(db1->met_at[HA_READY_GUEST], 0);
	ck_assert_int_eq(db1->met_at[HA_READY_APP], then + 1);
	/* it ends, and is started again in place */
	start(DB1);
	order_starts(bent);
	ck_assert_int_eq(db1->met_at[HA_READY_PLACED], then);
	ck_assert_int_eq(db1->met_at[HA_READY_STARTED], 0);
	ck_assert_int_eq(db1->met_at[HA_READY_APP], 0);
}
END_TEST

static void check_over(void)
{
	order_starts(bent);
	for (size_t r = 0; r < HA_READY_COUNT; r++) {
		ck_assert_int_eq(soft(DB1)->met_at[r], 0);
	}
	ck_assert_uint_eq(soft(DB1)->met_gen, state(DB1)->gen);
}

static void run_db1(void)
{
	await_db1(HA_READY_APP, 0);
	soft(DB1)->owner.ready = HA_READY_BIT(HA_READY_GUEST) |
				 HA_READY_BIT(HA_READY_APP);
	order_starts(bent);
	ck_assert_int_ne(soft(DB1)->met_at[HA_READY_APP], 0);
}

START_TEST(a_run_ends)
{
	run_db1();
	state(DB1)->owner = HA_HOST_NONE;
	check_over();
	run_db1();
	state(DB1)->stop = HA_WHY_MOVE;
	check_over();
	run_db1();
	lose(DB1);
	check_over();
	/* another owner's begins before that one has said anything */
	run_db1();
	bent->now++;
	state(DB1)->gen++;
	order_starts(bent);
	ck_assert_int_eq(soft(DB1)->met_at[HA_READY_PLACED], bent->now);
	ck_assert_int_eq(soft(DB1)->met_at[HA_READY_STARTED], 0);
	ck_assert_uint_eq(soft(DB1)->met_gen, state(DB1)->gen);
}
END_TEST

/* The limit of one that is started again and again: from when? */
static void check_tried(uint32_t i, bool tried, ha_time at)
{
	order_starts(bent);
	ck_assert_int_eq(soft(i)->tried_at, at);
	ck_assert(soft(i)->tried == tried);
}

START_TEST(limits_count_from_the_first_start)
{
	await_db1(HA_READY_STARTED, 0);
	soft(WEB1)->placed = false;
	wait_for_place(DB1, HA_WHY_LOST);
	check_tried(DB1, false, bent->now); /* its turn has come */
	ck_assert_int_eq(bent->wake, bent->now + LIMIT);
	bent->now++;
	check_tried(DB1, false, bent->now - 1);
	state(DB1)->owner = 1;
	start(DB1);
	bent->wake = HA_TIME_NEVER;
	check_tried(DB1, true, bent->now); /* it is started */
	ck_assert_int_eq(bent->wake, bent->now + LIMIT);
	bent->now++;
	wait_for_place(DB1, HA_WHY_FAILED);
	check_tried(DB1, true, bent->now - 1);
	state(DB1)->owner = 1;
	check_tried(DB1, true, bent->now - 1);
	/* nobody has to wait for it, or it has to wait itself */
	soft(DB1)->awaited = WEB2 + 1;
	wait_for_place(DB1, HA_WHY_FAILED);
	check_tried(DB1, true, bent->now - 1);
	ck_assert_uint_eq(soft(DB1)->awaited, WEB2 + 1);
	soft(DB1)->placed = false;
	check_tried(DB1, false, 0);
	ck_assert_uint_eq(soft(DB1)->awaited, 0);
	wait_for_place(WEB1, HA_WHY_ADMIN);
	soft(WEB1)->tried_at = 1;
	soft(WEB1)->tried = true;
	start(DB1);
	state(DB1)->owner = 1;
	check_tried(WEB1, false, 0);
	ck_assert_uint_eq(soft(WEB1)->awaited, DB1 + 1);
	state(WEB1)->owner = 2;
	soft(WEB1)->placed = false;
	check_tried(WEB1, true, bent->now);
	ck_assert_uint_eq(soft(WEB1)->awaited, 0);
}
END_TEST

/* Its run of so long ends: does its limit begin anew? */
static void check_anew(bool anew, ha_dur started, ha_dur guest, ha_dur app)
{
	ha_time tried = bent->now - started - 1;

	run_since(DB1, tried);
	soft(DB1)->met_at[HA_READY_STARTED] = bent->now - started;
	soft(DB1)->met_at[HA_READY_GUEST] = guest < 0 ? 0 : bent->now - guest;
	soft(DB1)->met_at[HA_READY_APP] = app < 0 ? 0 : bent->now - app;
	start(DB1);
	check_tried(DB1, true, anew ? bent->now : tried);
}

START_TEST(limits_begin_anew_once_it_was_ready)
{
	await_db1(HA_READY_STARTED, 0);
	check_anew(true, 0, -1, -1);
	await_db1(HA_READY_STARTED, DELAY);
	check_anew(false, DELAY - 1, -1, -1);
	check_anew(true, DELAY, -1, -1);
	await_db1(HA_READY_GUEST, DELAY);
	check_anew(false, DELAY, -1, 2 * DELAY);
	check_anew(false, 2 * DELAY, DELAY - 1, -1);
	check_anew(true, 2 * DELAY, DELAY, -1);
	/* or its limit was over */
	check_anew(false, LIMIT + DELAY - 2, -1, -1);
	check_anew(true, LIMIT + DELAY - 1, -1, -1);
	deps[1].ready = HA_READY_APP;
	depend(1, WEB2, DB1); /* both are asked for */
	await_db1(HA_READY_GUEST, 0);
	check_anew(false, DELAY, 1, -1);
	check_anew(true, DELAY, 1, 0);
	/* it never ran */
	again();
	run_since(DB1, bent->now - LIMIT - 1);
	soft(DB1)->met_at[HA_READY_STARTED] = 0;
	start(DB1);
	check_tried(DB1, true, bent->now - LIMIT - 1);
	/* nor has one a limit that had no turn yet */
	again();
	soft(DB1)->met_at[HA_READY_STARTED] = 1;
	soft(DB1)->met_gen = state(DB1)->gen;
	start(DB1);
	state(DB1)->wanted = HA_WANTED_STOPPED;
	check_tried(DB1, false, 0);
}
END_TEST

/* --- the start of one that waited --- */

static void check_passed(const char *says)
{
	struct vm web1 = vm_at(bent, WEB1);

	bent_listen();
	order_say_passed(bent, &web1);
	if (!says) {
		ck_assert_uint_eq(bent_told(), 0);
		return;
	}
	ck_assert_msg(strstr(bent_last_told(), says) != NULL, "'%s' in '%s'",
		      says, bent_last_told());
}

START_TEST(what_was_not_awaited_is_told)
{
	await_db1(HA_READY_STARTED, 0);
	order_starts(bent);
	check_passed(NULL);
	deps[0].ready = HA_READY_GUEST;
	check_passed("vm web1: is to wait for vm db1, which was not ready in "
		     "time -> does not wait for it");
	soft(DB1)->met_at[HA_READY_STARTED] = 0;
	check_passed("vm db1, which does not start ->");
	lose(DB1);
	check_passed("vm db1, which is on a host that is lost ->");
	state(DB1)->owner = HA_HOST_NONE;
	check_passed("vm db1, which cannot be started now ->");
	state(DB1)->wanted = HA_WANTED_STOPPED;
	check_passed("vm db1, which is not to run ->");
	bent->ordered = false;
	check_passed(NULL);
	bent->ordered = true;
	soft(DB1)->met_at[HA_READY_GUEST] = 1;
	check_passed(NULL);
	depend(0, WEB1, DB2); /* the next one that it names */
	check_passed("vm db2, which was not ready in time ->");
}
END_TEST

START_TEST(the_last_of_a_tier_is_told)
{
	struct vm_soft *web1;

	conf(MAIL1)->restart.ready = HA_READY_STARTED;
	again();
	web1 = soft(WEB1);
	order_starts(bent);
	ck_assert_ptr_null(order_awaited(bent, web1));
	web1->awaited = MAIL1 + 1;
	ck_assert_ptr_eq(order_awaited(bent, web1), soft(MAIL1));
	check_passed(NULL);
	soft(MAIL1)->met_at[HA_READY_STARTED] = 0;
	check_passed("vm mail1, which does not start ->");
	web1->awaited = BATCH1 + 1; /* that keeps nobody waiting by now */
	soft(BATCH1)->met_at[HA_READY_PLACED] = 0;
	check_passed(NULL);
}
END_TEST

/* --- the stop of the cluster --- */

static bool may_stop(uint32_t i)
{
	struct vm vm = vm_at(bent, i);

	return order_may_stop(bent, &vm);
}

static void stop_cluster(void)
{
	depend(0, WEB1, DB1);
	depend(0, WEB2, DB2);
	again();
	state(WEB1)->owner = HOST;
	state(WEB2)->owner = HOST;
	order_stops(bent);
}

START_TEST(who_is_depended_on_stops_last)
{
	stop_cluster();
	ck_assert(may_stop(WEB1));
	ck_assert(may_stop(MAIL1));
	ck_assert_uint_eq(bent_told(), 0);
	ck_assert(!may_stop(DB1));
	ck_assert_str_eq(soft(DB1)->why,
			 "stops after vm web1, which depends on it");
	ck_assert_uint_eq(bent_told(), 1);
	ck_assert_ptr_nonnull(strstr(bent_last_told(), "-> stops after vm"));
	order_stops(bent);
	ck_assert(!may_stop(DB1));
	ck_assert_uint_eq(bent_told(), 1); /* once */
	ck_assert(!may_stop(DB2));
	ck_assert_uint_eq(bent_told(), 2);
	state(DB1)->owner = HA_HOST_NONE;
	order_stops(bent);
	ck_assert(!soft(DB1)->stops_later);
	bent->ordered = false;
	ck_assert(may_stop(DB2));
	stop_cluster();
	bent->epoch.coordinator = 2;
	ck_assert(!may_stop(DB1));
	ck_assert_uint_eq(bent_told(), 0);
	/* both have stopped; or the first one has */
	state(WEB1)->owner = HA_HOST_NONE;
	order_stops(bent);
	ck_assert(!may_stop(DB1));
	ck_assert_str_eq(soft(DB1)->why,
			 "stops after vm web2, which depends on it");
	state(WEB2)->owner = HA_HOST_NONE;
	order_stops(bent);
	ck_assert(may_stop(DB1));
}
END_TEST

START_TEST(who_cannot_stop_keeps_nobody)
{
	ha_time until;

	stop_cluster();
	bent->epoch.members &= ~ha_host_bit(HOST);
	order_stops(bent);
	ck_assert(may_stop(DB1));
	stop_cluster();
	bent->hosts[HOST - 1].reported = false;
	order_stops(bent);
	ck_assert(may_stop(DB1));
	stop_cluster();
	state(WEB1)->stop = HA_WHY_CLUSTER_STOP;
	state(WEB2)->owner = HA_HOST_NONE;
	bent->wake = HA_TIME_NEVER;
	order_stops(bent);
	ck_assert(!may_stop(DB1));
	until = bent->now + conf(WEB1)->stop_timeout + HA_S(60);
	ck_assert_int_eq(soft(WEB1)->stop_by, until);
	ck_assert_int_eq(bent->wake, until);
	bent->now = until - 1;
	order_stops(bent);
	ck_assert(!may_stop(DB1));
	bent->now = until;
	order_stops(bent);
	ck_assert(may_stop(DB1));
	ck_assert_int_eq(soft(WEB1)->stop_by, until);
	state(WEB1)->stop = HA_WHY_NONE; /* it runs anew */
	order_stops(bent);
	ck_assert_int_eq(soft(WEB1)->stop_by, 0);
	ck_assert(!may_stop(DB1));
	bent->ordered = false;
	soft(WEB1)->stop_by = 1;
	order_stops(bent);
	ck_assert_int_eq(soft(WEB1)->stop_by, 1);
}
END_TEST

/* --- for people --- */

static void check_unready(uint32_t ready, uint32_t unready, const char *says)
{
	char text[HA_TEXT_MAX + 1];

	soft(DB1)->owner.ready = ready;
	soft(DB1)->owner.unready = unready;
	order_say_unready(soft(DB1), text, sizeof(text));
	ck_assert_str_eq(text, says);
}

START_TEST(what_a_vm_has_not_shown_is_said)
{
	const uint32_t guest = HA_READY_BIT(HA_READY_GUEST);
	const uint32_t app = HA_READY_BIT(HA_READY_APP);

	await_db1(HA_READY_GUEST, 0);
	check_unready(0, 0, "its guest agent has not answered yet");
	check_unready(0, guest, "it was not ready in time: its guest agent has "
				"not answered");
	check_unready(guest, 0, "");
	check_unready(guest, app, "");
	await_db1(HA_READY_APP, 0);
	check_unready(guest, guest, "its ready-command has not succeeded yet");
	check_unready(0, app, "it was not ready in time: its application has "
			      "not answered");
	check_unready(app, 0, "");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("order");
	TCase *t = tcase_create("bent");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, tiers);
	tcase_add_test(t, no_order_while_vms_come_and_go);
	tcase_add_test(t, who_runs_nowhere_is_awaited);
	tcase_add_test(t, who_has_an_owner_is_awaited);
	tcase_add_test(t, guests_and_applications_are_awaited);
	tcase_add_test(t, a_wait_has_a_limit);
	tcase_add_test(t, delays_count_from_when_it_was_ready);
	tcase_add_test(t, one_that_is_not_ready_is_enough);
	tcase_add_test(t, a_tier_waits_for_those_before);
	tcase_add_test(t, priorities_are_for_recoveries);
	tcase_add_test(t, a_wait_is_told_once);
	tcase_add_test(t, a_run_is_followed);
	tcase_add_test(t, a_run_ends);
	tcase_add_test(t, limits_count_from_the_first_start);
	tcase_add_test(t, limits_begin_anew_once_it_was_ready);
	tcase_add_test(t, what_was_not_awaited_is_told);
	tcase_add_test(t, the_last_of_a_tier_is_told);
	tcase_add_test(t, who_is_depended_on_stops_last);
	tcase_add_test(t, who_cannot_stop_keeps_nobody);
	tcase_add_test(t, what_a_vm_has_not_shown_is_said);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
