/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Scripted schedules for lib/replica. */
#include "tests/unit/small-ring.h"

#include <stdlib.h>

#include "base/err.h"
#include "tests/unit/suite.h"

START_TEST(test_restart)
{
	ring_make_cluster("123");
	ring_power_off("123");
	ring_boot("123");
	ring_view("123");
	ring_run_ms(3000);
	ck_assert_uint_eq(ring_coordinator(), 1);
	ck_assert(ring_has(1, 1) && ring_has(2, 1) && ring_has(3, 1));
}
END_TEST

START_TEST(test_empty_stores_never_form_a_cluster)
{
	ring_boot("123");
	ring_view("123");
	ring_run_ms(10000);
	ck_assert_uint_eq(ring_coordinator(), HA_HOST_NONE);
}
END_TEST

/* The coordinator acknowledges and dies before the others heard of it. */
START_TEST(test_coordinator_acknowledges_and_dies)
{
	ring_make_cluster("123");
	ring->host[3].disk_held = true;
	ck_assert_int_eq(ring_propose(0, 0, 42), 0);
	ring_flush();
	ck_assert(ring_has(1, 42));
	ring_power_off("1");
	ring->host[3].disk_held = false;
	ring_power_off("3");
	ring_boot("3");
	ring_view("23");
	ring_run_ms(3000);
	ck_assert_uint_ne(ring_coordinator(), HA_HOST_NONE);
	ck_assert(ring_has(2, 42) && ring_has(3, 42));
}
END_TEST

/* A host frozen for long gives orders of an epoch that is over. */
START_TEST(test_frozen_hosts_old_orders)
{
	struct ha_entry entry;
	struct ha_rmsg old;

	ring_make_cluster("123");
	ck_assert_int_eq(ring_propose(0, 0, 50), 0);
	old = ring->queue[0];
	ck_assert_uint_eq(old.entry_count, 1);
	entry = old.entries[0];
	old.entries = &entry;
	ring->tail = ring->head = 0; /* nobody heard */
	ck_assert_uint_eq(old.kind, HA_RMSG_APPEND);
	ring->host[1].deaf = true;
	ring_view("23");
	ring_run_ms(3000);
	ck_assert_uint_eq(ring_coordinator(), 2);
	ring_deliver(&old, 0);
	old.view = ring->view; /* even so: its epoch is over */
	ring_deliver(&old, 0);
	ring_run_ms(500);
	ck_assert(!ring_has(2, 50) && !ring_has(3, 50));
	ck_assert_int_eq(ring_propose(0, 0, 51), 0);
	ring_run_ms(500);
	ck_assert(ring_has(2, 51) && ring_has(3, 51));
	ring->host[1].deaf = false;
	ring_view("123");
	ring_run_ms(3000);
	ck_assert(ring_has(1, 51) && !ring_has(1, 50));
	ck_assert_uint_eq(ring_coordinator(), 2); /* 1 is the youngest now */
}
END_TEST

/* Two of four, by the tie-breaker, prove the others down and go on. */
static void two_of_four(void)
{
	ring_make_cluster("1234");
	ring_power_off("34");
	ring_view("12");
	ring_run_ms(3000);
	ck_assert_uint_eq(ha_replica_unproven(ring->host[1].r),
			  ring_set_of("34"));
	ck_assert_int_eq(ring_propose(0, 0, 60), 0);
	ring_run_ms(1000);
	ck_assert(!ring_has(1, 60)); /* not before the proofs */
	ck_assert_int_eq(ring_propose(HA_EFFECT_DOWN, 3, 0), 0);
	ring_run_ms(500);
	ck_assert(!ring_has(1, 60));
	ck_assert_int_eq(ring_propose(HA_EFFECT_DOWN, 4, 0), 0);
	ring_run_ms(2000);
	ck_assert(ring_has(1, 60) && ring_has(2, 60));
	ring_power_off("12");
}

START_TEST(test_two_of_four_boot_first)
{
	two_of_four();
	ring_boot("12");
	ring_view("12");
	ring_run_ms(3000);
	ck_assert(ring_has(1, 60) && ring_has(2, 60));
	ring_boot("34");
	ring_view("1234");
	ring_run_ms(3000);
	ck_assert(ring_has(3, 60) && ring_has(4, 60));
}
END_TEST

START_TEST(test_the_other_two_boot_first)
{
	two_of_four();
	ring_boot("34");
	ring_view("34");
	ring_run_ms(10000);
	ck_assert_uint_eq(ring_coordinator(), HA_HOST_NONE);
	ck_assert_uint_gt(strlen(ha_replica_why(ring->host[3].r)), 0);
	ring_boot("1");
	ring_view("134");
	ring_run_ms(3000);
	ck_assert(ring_has(3, 60) && ring_has(4, 60));
}
END_TEST

/* A half that opened unheard must not outnumber the half that went on. */
START_TEST(test_unproven_half_loses)
{
	ring_make_cluster("1234");
	ring_no_quorum("12");
	ring_view("34");
	ring_run_ms(3000);
	for (int i = 0; i < 3; i++) {
		ring_view("34");
		ring_run_ms(3000);
	}
	ck_assert_int_eq(ring_propose(0, 0, 70), 0);
	ring_run_ms(500);
	ring_power_off("34");
	ring_view("12");
	ring_run_ms(3000);
	ck_assert_int_eq(ring_propose(HA_EFFECT_DOWN, 3, 0), 0);
	ck_assert_int_eq(ring_propose(HA_EFFECT_DOWN, 4, 0), 0);
	ring_run_ms(2000);
	ck_assert_int_eq(ring_propose(0, 0, 71), 0);
	ring_run_ms(1000);
	ck_assert(ring_has(1, 71));
	ring_boot("34");
	ring_view("1234");
	ring_run_ms(3000);
	ck_assert(ring_has(3, 71) && !ring_has(3, 70));
}
END_TEST

static void leave(ha_hostid h)
{
	while (!ha_replica_leaving(ring->host[h].r)) {
		ring_drain(h);
		ring_run_ms(100);
	}
	ck_assert_int_eq(ring_propose(HA_EFFECT_BREAK, h, 0), 0);
	ring_run_ms(500);
}

/* The half that has left can do nothing: the other needs no proof of it. */
START_TEST(test_left_half)
{
	ring_make_cluster("12");
	leave(2);
	ring_no_quorum("1");
	ring_view("2");
	ring_run_ms(5000);
	ck_assert_uint_eq(ring_coordinator(), HA_HOST_NONE);
	ring_no_quorum("2");
	ring_view("1");
	ring_run_ms(5000);
	ck_assert_uint_eq(ha_replica_unproven(ring->host[1].r), 0);
	ck_assert_int_eq(ring_propose(0, 0, 75), 0);
	ring_run_ms(500);
	ck_assert(ring_has(1, 75));
	ring_power_off("1"); /* what it knows of the other outlives its boot */
	ring_boot("1");
	ring_view("1");
	ring_run_ms(5000);
	ck_assert_int_eq(ring_propose(0, 0, 76), 0);
	ring_run_ms(500);
	ck_assert(ring_has(1, 76));
}
END_TEST

START_TEST(test_both_halves_left)
{
	ring_make_cluster("12");
	leave(2);
	leave(1);
	ring_view("1");
	ring_view("2");
	ring_run_ms(5000);
	ck_assert_uint_eq(ring_coordinator(), HA_HOST_NONE);
	ring_view("12");
	ring_run_ms(5000);
	ck_assert_int_eq(ring_propose(0, 0, 77), 0);
	ring_run_ms(500);
	ck_assert(ring_has(1, 77) && ring_has(2, 77));
}
END_TEST

START_TEST(test_reinstalled_host)
{
	ring_make_cluster("123");
	ring_power_off("123");
	memset(&ring->host[2].base, 0, sizeof(ring->host[2].base));
	memset(&ring->host[2].meta, 0, sizeof(ring->host[2].meta));
	ring->host[2].count = 0;
	ring_boot("12");
	ring_view("12");
	ring_run_ms(5000); /* the one that counts is no majority */
	ck_assert_uint_eq(ring_coordinator(), HA_HOST_NONE);
	ring_boot("3");
	ring_view("123");
	ring_run_ms(5000);
	ck_assert(ring_has(1, 1) && ring_has(2, 1) && ring_has(3, 1));
}
END_TEST

START_TEST(test_first_three_of_five)
{
	ring_make_cluster("12345");
	ring->host[4].disk_held = ring->host[5].disk_held = true;
	ck_assert_int_eq(ring_propose(0, 0, 80), 0);
	ring_run_ms(500);
	ring_power_off("12345");
	ring_boot("45");
	ring_view("45");
	ring_run_ms(3000);
	ck_assert_uint_eq(ring_coordinator(), HA_HOST_NONE);
	ring_boot("2");
	ring_view("245");
	ring_run_ms(5000);
	ck_assert(ring_has(2, 80) && ring_has(4, 80) && ring_has(5, 80));
}
END_TEST

START_TEST(test_hung_coordinator)
{
	ring_make_cluster("123");
	ring->host[1].deaf = true;
	ring_run_ms(600);
	ck_assert(!ha_replica_is_coordinator(ring->host[2].r));
	ring_run_ms(900);
	ck_assert_str_eq(ha_replica_why(ring->host[2].r), "");
	ck_assert(ha_replica_is_coordinator(ring->host[2].r));
	ck_assert_uint_eq(ha_replica_epoch(ring->host[2].r)->members,
			  ring_set_of("23"));
}
END_TEST

START_TEST(test_failed_disk)
{
	ring_make_cluster("123");
	ring->host[2].disk_bad = true;
	ck_assert_int_eq(ring_propose(0, 0, 90), 0);
	ring_run_ms(3000);
	ck_assert(ring_has(1, 90) && ring_has(3, 90));
	ck_assert(ha_replica_epoch(ring->host[2].r) == NULL);
	ring->host[3].disk_held = true;
	ck_assert_int_eq(ring_propose(0, 0, 91), 0);
	ring_run_ms(500);
	ck_assert(!ring_has(1, 91)); /* one of three is no majority */
}
END_TEST

/* Whoever is left alone with a good disk does not take the epoch for open. */
START_TEST(test_failed_disks_of_most)
{
	ring_make_cluster("123");
	ring->host[1].disk_bad = ring->host[2].disk_bad = true;
	ck_assert_int_eq(ring_propose(0, 0, 92), 0);
	ring_run_ms(3000);
	for (ha_hostid h = 1; h <= 3; h++) {
		ck_assert(ha_replica_epoch(ring->host[h].r) == NULL);
	}
}
END_TEST

START_TEST(test_body_first)
{
	struct ha_entry e = ring_fact(0, 0, 95);

	ring_make_cluster("123");
	ring->host[2].bodies = ring->host[3].bodies = false;
	e.body.b[0] = 9;
	ck_assert_int_eq(ha_replica_propose(ring->host[1].r, &e, 1), 0);
	ring_drain(1);
	ring_run_ms(3000);
	ck_assert(!ring_has(1, 95));
	ck_assert_uint_ge(ring->host[2].asked, 3); /* again and again */
	ring->host[2].bodies = true;
	ring_run_ms(2000);
	ck_assert(ring_has(1, 95) && ring_has(2, 95));
}
END_TEST

START_TEST(test_one_change_of_voters_at_a_time)
{
	ring_make_cluster("123");
	ck_assert_int_eq(ring_propose(HA_EFFECT_REMOVE, 3, 0), 0);
	ck_assert_int_eq(ring_propose(HA_EFFECT_REMOVE, 2, 0), HA_E_BUSY);
	ring_run_ms(500);
	ck_assert_int_eq(ring_propose(HA_EFFECT_REMOVE, 2, 0), 0);
	ck_assert_int_eq(ring_propose(HA_EFFECT_ADMIT, 5, 0), HA_E_REFUSED);
}
END_TEST

/* Not every store knows that the last change of voters was committed, and the
 * first to propose is one that does not. */
START_TEST(test_change_of_voters_known_to_some)
{
	ring_make_cluster("12345");
	ring_power_off("12345");
	for (ha_hostid h = 3; h <= 5; h++) {
		ring->host[h].meta.commit = h == 3 ? 5 : 6; /* 6: admits host 5 */
	}
	ring_boot("345");
	ring_view("345");
	ring_run_ms(3000);
	ck_assert_uint_eq(ring_coordinator(), 3);
	ck_assert(ring_has(3, 1) && ring_has(4, 1) && ring_has(5, 1));
}
END_TEST

START_TEST(test_accept_loss)
{
	static const uint8_t cluster[16] = { 8 };

	ring_make_cluster("12345");
	ring_power_off("345");
	ring_view("12");
	ring_run_ms(3000);
	ck_assert_uint_eq(ring_coordinator(), HA_HOST_NONE);
	ck_assert_int_eq(ha_replica_accept_loss(ring->host[2].r,
						ring_set_of("34"), cluster),
			 HA_E_REFUSED);
	ck_assert_int_eq(ha_replica_accept_loss(ring->host[2].r,
						ring_set_of("345"), cluster),
			 0);
	ring_drain(2);
	ring_run_ms(3000);
	ck_assert_uint_eq(ring_coordinator(), 2);
	ck_assert_uint_eq(ha_replica_base(ring->host[1].r)->voters,
			  ring_set_of("12"));
	ck_assert_int_eq(ring_propose(0, 0, 99), 0);
	ring_run_ms(500);
	ck_assert(ring_has(1, 99) && ring_has(2, 99));
	ring_boot("345"); /* the old id never counts again */
	ring_view("12345");
	ring_run_ms(5000);
	ck_assert(ring_coordinator() == 1 || ring_coordinator() == 2);
	ck_assert(!ring_has(3, 99));
	for (ha_hostid h = 3; h <= 5; h++) {
		ck_assert(ha_replica_epoch(ring->host[h].r) == NULL);
	}
	ring_power_off("345");
	ring_boot("345"); /* nor where those who went on are not here */
	ring_view("345");
	ring_run_ms(5000);
	ck_assert(ha_replica_epoch(ring->host[3].r) == NULL);
}
END_TEST

/* Enough entries for snapshots; a host that slept through them follows. */
START_TEST(test_snapshot_for_a_laggard)
{
	ring_make_cluster("12");
	ring_boot("3");
	ring_view("123");
	ring_run_ms(3000);
	ck_assert(ring_has(3, 1));
}
END_TEST

/* They get another version, one that speaks these levels. */
static void upgrade(const char *ids, uint32_t level_min, uint32_t level)
{
	ring_power_off(ids);
	for (const char *i = ids; *i != '\0'; i++) {
		ring->host[*i - '0'].level_min = level_min;
		ring->host[*i - '0'].level = level;
	}
	ring_boot(ids);
}

static uint32_t level_at(ha_hostid id)
{
	return ha_replica_base(ring->host[id].r)->level;
}

START_TEST(test_level_rises_with_the_last)
{
	ring_make_cluster("123");
	ck_assert_uint_eq(level_at(1), 1);
	upgrade("12", 1, 3);
	ring_view("123");
	ring_run_ms(3000);
	ck_assert_uint_eq(level_at(1), 1);
	upgrade("3", 1, 2);
	ring_view("123");
	ring_run_ms(3000);
	ck_assert_uint_eq(level_at(1), 2);
	ck_assert_uint_eq(level_at(3), 2);
	ck_assert_uint_ne(ring_coordinator(), HA_HOST_NONE);
}
END_TEST

/* One that is away, or is only to become a host, holds it back. */
START_TEST(test_level_waits_for_all_hosts)
{
	ring_make_cluster("123");
	upgrade("123", 1, 2);
	ring_view("12");
	ring_run_ms(3000);
	ck_assert_uint_eq(level_at(1), 1);
	for (ha_hostid id = 1; id <= 3; id++) {
		ha_replica_set_configured(ring->host[id].r, ring_set_of("1234"));
	}
	ring_view("123");
	ring_run_ms(3000);
	ck_assert_uint_eq(level_at(1), 1);
	upgrade("4", 1, 2);
	ring_view("1234");
	ring_run_ms(3000);
	ck_assert_uint_eq(level_at(1), 2);
}
END_TEST

/* Below the level in use, or above: its word counts for nothing, and it
 * persists nothing. */
static void try_misfit(uint32_t level_min, uint32_t level)
{
	uint64_t last;

	upgrade("3", level_min, level);
	ring_view("123");
	ring_run_ms(3000);
	ck_assert(ha_replica_shuts_out(ring->host[1].r, 3));
	ck_assert(ha_replica_shuts_out(ring->host[3].r, 3));
	ck_assert_ptr_nonnull(strstr(ha_replica_why(ring->host[3].r),
				     "speaks"));
	ck_assert(!ha_host_in(ha_replica_epoch(ring->host[1].r)->members, 3));
	last = ring->host[3].count;
	ck_assert_int_eq(ring_propose(0, 0, 90 + level), 0);
	ring_run_ms(1000);
	ck_assert(ring_has(2, 90 + level));
	ck_assert_uint_eq(ring->host[3].count, last);
	ring_power_off("2");
	ring_view("13");
	ring_run_ms(5000);
	ck_assert_uint_eq(ring_coordinator(), HA_HOST_NONE);
	ring_boot("2");
}

START_TEST(test_misfits_take_no_part)
{
	ring_make_cluster("123");
	upgrade("123", 1, 2);
	ring_view("123");
	ring_run_ms(3000);
	ck_assert_uint_eq(level_at(1), 2);
	try_misfit(1, 1);
	try_misfit(3, 4);
	upgrade("3", 2, 4);
	ring_view("123");
	ring_run_ms(5000);
	ck_assert(ring_has(3, 91) && ring_has(3, 94));
	ck_assert_uint_eq(level_at(3), 2);
}
END_TEST

/* An empty store that cannot read the state gets none. */
START_TEST(test_misfit_is_empty)
{
	ring_make_cluster("12");
	upgrade("12", 1, 2);
	ring_view("12");
	ring_run_ms(3000);
	ck_assert_uint_eq(level_at(1), 2);
	ring_boot("3");
	ring_view("123");
	ring_run_ms(3000);
	ck_assert_uint_eq(ring->host[3].index, 0);
	ck_assert_uint_ne(ring_coordinator(), HA_HOST_NONE);
	upgrade("3", 1, 2);
	ring_view("123");
	ring_run_ms(3000);
	ck_assert(ring_has(3, 1));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("replica");
	TCase *t = tcase_create("schedules");

	tcase_add_checked_fixture(t, ring_setup, ring_teardown);
	tcase_add_test(t, test_restart);
	tcase_add_test(t, test_empty_stores_never_form_a_cluster);
	tcase_add_test(t, test_coordinator_acknowledges_and_dies);
	tcase_add_test(t, test_frozen_hosts_old_orders);
	tcase_add_test(t, test_two_of_four_boot_first);
	tcase_add_test(t, test_the_other_two_boot_first);
	tcase_add_test(t, test_unproven_half_loses);
	tcase_add_test(t, test_left_half);
	tcase_add_test(t, test_both_halves_left);
	tcase_add_test(t, test_reinstalled_host);
	tcase_add_test(t, test_first_three_of_five);
	tcase_add_test(t, test_hung_coordinator);
	tcase_add_test(t, test_failed_disk);
	tcase_add_test(t, test_failed_disks_of_most);
	tcase_add_test(t, test_body_first);
	tcase_add_test(t, test_one_change_of_voters_at_a_time);
	tcase_add_test(t, test_change_of_voters_known_to_some);
	tcase_add_test(t, test_accept_loss);
	tcase_add_test(t, test_snapshot_for_a_laggard);
	tcase_add_test(t, test_level_rises_with_the_last);
	tcase_add_test(t, test_level_waits_for_all_hosts);
	tcase_add_test(t, test_misfits_take_no_part);
	tcase_add_test(t, test_misfit_is_empty);
	suite_add_tcase(s, t);
	return test_main(s);
}
