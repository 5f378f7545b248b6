/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cluster as lib/policy sees it, case by case: what counts where, what
 * waits, and which hosts are open to a VM.
 */
#include "tests/unit/bent-order.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "core/placement.h"
#include "core/pool.h"
#include "tests/unit/bent-core.h"
#include "tests/unit/suite.h"

#define ALL_HOSTS 3
#define GIB ((uint64_t)1 << 20)

static struct ha_host_conf *host_conf(ha_hostid host)
{
	return (struct ha_host_conf *)ha_config_host(bent_config(), host);
}

/* All VMs run on the first host. */
static void set_up(void)
{
	order_set_up();
	for (uint32_t i = 0; i < VMS; i++) {
		bent_state(i)->owner = 1;
		bent_state(i)->last_why = HA_WHY_NONE;
	}
}

static void end(uint32_t i, enum ha_why why)
{
	bent_state(i)->owner = HA_HOST_NONE;
	bent_state(i)->last_why = why;
	bent_soft(i)->heading_for = HA_HOST_NONE;
}

static const struct ha_pool_vm *see(uint32_t i)
{
	pool_fill(bent);
	return &bent->pool_vms[i];
}

static struct ha_placement_view view(uint32_t i)
{
	struct ha_placement_view v;

	memset(&v, 0xee, sizeof(v));
	ck_assert(ha_core_view_placement(bent, &bent_state(i)->uuid, &v));
	ck_assert_uint_eq(v.host_count, ALL_HOSTS);
	return v;
}

static ha_hostid chosen(const struct ha_placement_view *v)
{
	for (size_t i = 0; i < v->host_count; i++) {
		if (v->hosts[i].verdict == HA_VERDICT_CHOSEN) {
			return v->hosts[i].host;
		}
	}
	return HA_HOST_NONE;
}

static void check_chosen(uint32_t i, ha_hostid host)
{
	const struct ha_placement_view v = view(i);

	ck_assert_uint_eq(chosen(&v), host);
}

/* --- where one VM could run */

START_TEST(a_placement_is_of_this_moment)
{
	struct ha_placement_view v;
	struct ha_uuid nobody;

	ck_assert_uint_eq(view(DB1).owner, 1);
	check_chosen(DB1, 2); /* as empty as 3, and before it */
	bent_state(DB2)->owner = 2;
	bent_state(DB1)->owner = 3;
	ck_assert_uint_eq(view(DB1).owner, 3);
	check_chosen(DB1, 3);
	memset(&nobody, 0xee, sizeof(nobody));
	memset(&v, 0xee, sizeof(v));
	ck_assert(!ha_core_view_placement(bent, &nobody, &v));
	ck_assert_uint_eq(v.host_count, 0);
	ck_assert_uint_eq(v.owner, HA_HOST_NONE);
}
END_TEST

START_TEST(a_placement_is_scored_as_configured)
{
	bent_config()->placement = HA_SCORE_PACK;
	check_chosen(DB1, 1);
	bent_config()->placement = HA_SCORE_SPREAD;
	check_chosen(DB1, 2);
}
END_TEST

START_TEST(failover_hosts_take_what_was_lost)
{
	host_conf(2)->failover = true;
	check_chosen(DB1, 3);
	ck_assert_int_eq(view(DB1).hosts[1].verdict, HA_VERDICT_SPARE);
	end(DB1, HA_WHY_LOST);
	check_chosen(DB1, 2);
	ck_assert(ha_host_in(see(DB1)->allowed, 2));
	end(DB1, HA_WHY_ADMIN);
	check_chosen(DB1, 3);
	/* nor does a plan, to which all that waits is alike */
	ck_assert(!ha_host_in(see(DB1)->allowed, 2));
	ck_assert(ha_host_in(see(DB1)->allowed, 3));
}
END_TEST

START_TEST(hosts_where_it_failed_are_avoided)
{
	end(DB1, HA_WHY_FAILED);
	check_chosen(DB1, 2);
	bent_state(DB1)->avoid = ha_host_bit(2);
	check_chosen(DB1, 3);
	bent_conf(DB1)->placement.avoided = ha_host_bit(3); /* by a rule */
	check_chosen(DB1, 1);
}
END_TEST

START_TEST(an_admins_wish_comes_before_the_rules_own)
{
	bent_conf(DB1)->placement.preferred[0] = ha_host_bit(3);
	end(DB1, HA_WHY_MOVE);
	check_chosen(DB1, 3);
	bent_state(DB1)->next = 1;
	check_chosen(DB1, 1);
	ck_assert_uint_eq(view(DB1).hosts[2].level, 1); /* then that */
	/* a host that takes nothing is not wished for */
	bent->state->hosts[0].maintenance = true;
	check_chosen(DB1, 3);
	ck_assert_uint_eq(view(DB1).hosts[2].level, 0);
}
END_TEST

/* --- which VMs count where */

START_TEST(a_vm_counts_where_it_runs_or_is_about_to)
{
	ck_assert_uint_eq(see(DB1)->host, 1);
	end(DB1, HA_WHY_LOST);
	ck_assert_uint_eq(see(DB1)->host, HA_HOST_NONE);
	bent_soft(DB1)->heading_for = 2; /* before: that was not committed */
	ck_assert_uint_eq(see(DB1)->host, HA_HOST_NONE);
	ck_assert(!see(DB1)->wanted); /* start.c says that */
	bent_soft(DB1)->pending = 1;
	ck_assert_uint_eq(see(DB1)->host, 2);
	bent_soft(DB1)->conf = NULL;
	ck_assert_uint_eq(see(DB1)->host, HA_HOST_NONE);
	ck_assert_uint_eq(see(DB1)->memory_kib, 0);
	ck_assert_int_eq(see(DB1)->priority, HA_PRIORITY_DISABLED);
}
END_TEST

START_TEST(what_makes_room_waits_like_others)
{
	bent_state(DB1)->avoid = ha_host_bit(1);
	bent_state(DB1)->stop = HA_WHY_MOVE;
	ck_assert_uint_eq(see(DB1)->host, 1);
	ck_assert_uint_eq(see(DB1)->avoided, 0);
	bent_state(DB1)->stop = HA_WHY_PREEMPTED;
	ck_assert_uint_eq(see(DB1)->host, HA_HOST_NONE);
	ck_assert(see(DB1)->wanted);
	ck_assert_uint_eq(see(DB1)->avoided, ha_host_bit(1));
}
END_TEST

START_TEST(what_is_set_aside_stays_and_makes_no_room)
{
	bent_state(BATCH1)->aside = ha_host_bit(1);
	ck_assert_uint_eq(see(BATCH1)->host, 1);
	ck_assert_int_eq(see(BATCH1)->priority, HA_PRIORITY_HIGHEST);
	bent_state(BATCH1)->stop = HA_WHY_PREEMPTED;
	ck_assert_uint_eq(see(BATCH1)->host, 1);
	end(BATCH1, HA_WHY_LOST);
	ck_assert_uint_eq(see(BATCH1)->host, HA_HOST_NONE);
	ck_assert(!see(BATCH1)->wanted);
}
END_TEST

START_TEST(its_priority_is_that_of_who_depends_on_it)
{
	ck_assert_int_eq(see(BATCH1)->priority, HA_PRIORITY_LOWEST);
	order_depend(0, DB1, BATCH1);
	order_again();
	bent_state(BATCH1)->owner = 1;
	ck_assert_int_eq(see(BATCH1)->priority, HA_PRIORITY_HIGHEST);
	end(BATCH1, HA_WHY_LOST);
	ck_assert_int_eq(see(BATCH1)->priority, HA_PRIORITY_HIGHEST);
	/* what is never recovered counts, and makes room for nobody; if an
	 * admin starts it, it comes last */
	bent_conf(DB2)->priority = HA_PRIORITY_DISABLED;
	bent_soft(DB2)->tier = HA_PRIORITY_MEDIUM;
	bent_state(DB2)->owner = 1;
	ck_assert_int_eq(see(DB2)->priority, HA_PRIORITY_DISABLED);
	end(DB2, HA_WHY_ADMIN);
	ck_assert_int_eq(see(DB2)->priority, HA_PRIORITY_LOWEST);
}
END_TEST

START_TEST(a_plan_goes_on_as_the_last_one)
{
	end(DB1, HA_WHY_LOST);
	bent_soft(DB1)->planned = 3;
	ck_assert_uint_eq(see(DB1)->planned, 3);
}
END_TEST

/* --- what starts */

static void check_starting(uint32_t count)
{
	pool_fill(bent);
	ck_assert_uint_eq(pool_host(bent, 1)->starting, count);
	ck_assert_uint_eq(pool_host(bent, 2)->starting, 0);
	ck_assert_uint_eq(bent->store_starts[0], 0);
	ck_assert_uint_eq(bent->store_starts[1], count);
}

START_TEST(a_start_counts_until_its_end_is_known)
{
	struct vm_soft *s = bent_soft(DB1);

	bent_config()->datastore_count = 2; /* of which it uses the second */
	bent_conf(DB1)->placement.datastores = 2;
	check_starting(0);
	s->owner.seen = HA_SEEN_ABSENT;
	check_starting(1);
	check_starting(1); /* counted anew */
	bent_state(DB1)->stop = HA_WHY_ADMIN;
	check_starting(0);
	bent_state(DB1)->stop = HA_WHY_NONE;
	s->owner.seen = HA_SEEN_PAUSED;
	check_starting(0);
	s->owner.seen = HA_SEEN_RUNNING;
	s->owner.gen--; /* it said so before it owned it again */
	check_starting(1);
	s->owner.gen++;
	s->owner.seen = HA_SEEN_ABSENT;
	s->owner.ended = HA_WHY_FAILED;
	check_starting(0);
}
END_TEST

/* --- what it all is with rules */

static uint32_t pair[] = { DB1, WEB1 };
static struct ha_vm_vm_rule rules[] = {
	{ .name = "of others", .kind = HA_GROUP_APART, .most = 1 },
	{ .name = "pair", .kind = HA_GROUP_TOGETHER, .members = { pair, 2 } },
};

START_TEST(rules_between_vms_have_their_strength)
{
	bent_config()->vm_vm_rules = rules;
	bent_config()->vm_vm_rule_count = ARRAY_SIZE(rules);
	for (size_t i = 0; i < ARRAY_SIZE(pair); i++) {
		bent_conf(pair[i])->placement.groups[0] = 1;
		bent_conf(pair[i])->placement.group_count = 1;
	}
	check_chosen(DB1, 1); /* where WEB1 is */
	ck_assert_int_eq(view(DB1).hosts[1].verdict, HA_VERDICT_FITS);
	rules[1].strength = HA_RULE_MUST;
	check_chosen(DB1, 1);
	ck_assert_int_eq(view(DB1).hosts[1].verdict, HA_VERDICT_GROUP);
	ck_assert_uint_eq(view(DB1).hosts[1].group, 1);
}
END_TEST

/* --- why there is no place */

static void check_missing(const char *says)
{
	static const struct ha_choose_how how = { .recovery = true };
	char text[HA_TEXT_MAX + 1] = "";

	pool_fill(bent);
	ck_assert_uint_eq(pool_find(bent, DB1, &how, text), HA_HOST_NONE);
	ck_assert_str_eq(text, says);
}

START_TEST(the_host_that_is_nearest_to_it_is_named)
{
	static const struct ha_choose_how how = { .recovery = true };
	char text[HA_TEXT_MAX + 1] = "";

	bent_conf(DB1)->memory_kib = 10 * GIB;
	/* 2 and 3 are empty, alike */
	check_missing("needs 10240 MiB of memory, host h2 has 2048 MiB too "
		      "little free");
	bent_state(DB2)->owner = 2;
	check_missing("needs 10240 MiB of memory, host h3 has 2048 MiB too "
		      "little free");
	/* a rule closes it more than the lack of room */
	bent_conf(DB1)->placement.forbidden = ha_host_bit(2) | ha_host_bit(3);
	check_missing("needs 10240 MiB of memory, host h1 has 2816 MiB too "
		      "little free");
	bent_conf(DB1)->placement.forbidden |= ha_host_bit(1);
	check_missing("its rules allow no host that can own VMs now");
	bent_conf(DB1)->placement.forbidden = 0;
	bent_conf(DB1)->memory_kib = GIB;
	ck_assert_uint_eq(pool_find(bent, DB1, &how, text), HA_HOST_NONE);
	pool_fill(bent);
	snprintf(text, sizeof(text), "as it was");
	ck_assert_uint_eq(pool_find(bent, DB1, &how, text), 3);
	ck_assert_str_eq(text, "as it was");
}
END_TEST

START_TEST(what_is_missing_is_that_of_its_verdict)
{
	struct ha_recovery_miss m = { .memory_missing_kib = 5,
				      .vcpus_missing = 3 };

	m.verdict = HA_VERDICT_MEMORY;
	ck_assert_uint_eq(pool_nearest(&m).missing, 5);
	m.verdict = HA_VERDICT_VCPUS;
	ck_assert_uint_eq(pool_nearest(&m).missing, 3);
}
END_TEST

/* --- as if a configuration were in force */

static const struct ha_pool_vm *see_as_wanted(uint32_t i)
{
	pool_fill_config(bent, bent->config);
	return &bent->pool_vms[i];
}

START_TEST(what_is_to_run_and_does_not_waits)
{
	ck_assert_uint_eq(see_as_wanted(DB1)->host, 1);
	ck_assert(!see_as_wanted(DB1)->wanted);
	end(DB1, HA_WHY_FAILED);
	bent_state(DB1)->avoid = ha_host_bit(1);
	ck_assert_uint_eq(see_as_wanted(DB1)->host, HA_HOST_NONE);
	ck_assert(see_as_wanted(DB1)->wanted);
	ck_assert_uint_eq(see_as_wanted(DB1)->avoided, ha_host_bit(1));
	bent_conf(DB1)->priority = HA_PRIORITY_DISABLED;
	ck_assert(see_as_wanted(DB1)->wanted); /* an admin wants it */
	bent_state(DB1)->wanted = HA_WANTED_STOPPED;
	ck_assert(!see_as_wanted(DB1)->wanted);
}
END_TEST

START_TEST(what_is_lost_with_its_host_waits)
{
	order_lose(DB1);
	ck_assert_uint_eq(see_as_wanted(DB1)->host, HA_HOST_NONE);
	ck_assert(see_as_wanted(DB1)->wanted);
	bent_conf(DB1)->priority = HA_PRIORITY_DISABLED;
	ck_assert(!see_as_wanted(DB1)->wanted); /* never recovered */
	/* and so does what runs on a host that is to be removed */
	bent_config()->host_count = 2;
	bent->members |= ha_host_bit(HOST);
	bent_state(DB2)->owner = HOST;
	ck_assert_uint_eq(see_as_wanted(DB2)->host, HA_HOST_NONE);
	ck_assert(see_as_wanted(DB2)->wanted);
}
END_TEST

START_TEST(a_vm_that_is_new_waits_if_it_is_to_run)
{
	bent_conf(BATCH1)->uuid.b[15] ^= 0xff; /* no state has that */
	ck_assert_uint_eq(see_as_wanted(BATCH1)->host, HA_HOST_NONE);
	ck_assert(see_as_wanted(BATCH1)->wanted);
	bent_conf(BATCH1)->priority = HA_PRIORITY_DISABLED;
	ck_assert(!see_as_wanted(BATCH1)->wanted);
	bent_conf(BATCH1)->priority = HA_PRIORITY_LOWEST;
	bent_conf(BATCH1)->wanted = HA_WANTED_STOPPED;
	ck_assert(!see_as_wanted(BATCH1)->wanted);
}
END_TEST

static TCase *of_vms(void)
{
	TCase *t = tcase_create("vms");

	tcase_add_checked_fixture(t, set_up, order_tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_vm_counts_where_it_runs_or_is_about_to);
	tcase_add_test(t, what_makes_room_waits_like_others);
	tcase_add_test(t, what_is_set_aside_stays_and_makes_no_room);
	tcase_add_test(t, its_priority_is_that_of_who_depends_on_it);
	tcase_add_test(t, a_plan_goes_on_as_the_last_one);
	tcase_add_test(t, a_start_counts_until_its_end_is_known);
	tcase_add_test(t, what_is_to_run_and_does_not_waits);
	tcase_add_test(t, what_is_lost_with_its_host_waits);
	tcase_add_test(t, a_vm_that_is_new_waits_if_it_is_to_run);
	return t;
}

static TCase *of_places(void)
{
	TCase *t = tcase_create("places");

	tcase_add_checked_fixture(t, set_up, order_tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_placement_is_of_this_moment);
	tcase_add_test(t, a_placement_is_scored_as_configured);
	tcase_add_test(t, failover_hosts_take_what_was_lost);
	tcase_add_test(t, hosts_where_it_failed_are_avoided);
	tcase_add_test(t, an_admins_wish_comes_before_the_rules_own);
	tcase_add_test(t, rules_between_vms_have_their_strength);
	tcase_add_test(t, the_host_that_is_nearest_to_it_is_named);
	tcase_add_test(t, what_is_missing_is_that_of_its_verdict);
	return t;
}

int main(void)
{
	Suite *s = suite_create("pool");

	suite_add_tcase(s, of_vms());
	suite_add_tcase(s, of_places());
	return test_main(s);
}
