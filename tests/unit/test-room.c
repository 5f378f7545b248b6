/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Little room: logs of a few entries, bodies that are more than are kept,
 * voters that go until one is left, a store that is no cluster's.
 */
#include "tests/unit/small-ring.h"

#include <stdlib.h>

#include "base/err.h"
#include "tests/unit/suite.h"

#define LITTLE 48

static const uint8_t cluster[16] = { 7 };
static const struct ha_hash none;

static void set_up(void)
{
	ring_setup();
	ring->log_max = LITTLE;
}

/* As many as there is room for: how many that were. */
static unsigned fill(uint64_t value)
{
	unsigned count = 0;

	while (ring_propose(0, 0, value + count) == 0) {
		count++;
	}
	ck_assert_int_eq(ring_propose(0, 0, value), HA_E_BUSY);
	return count;
}

START_TEST(log_is_full_until_the_next_snapshot)
{
	struct ring_host *h = &ring->host[1];
	unsigned count;

	ring_make_cluster("123");
	ring->host[2].disk_held = ring->host[3].disk_held = true;
	count = fill(100);
	ck_assert_uint_gt(count, 0);
	ck_assert_uint_lt(count, LITTLE);
	ck_assert_uint_eq(ha_replica_room(h->r), 0);
	ring_run_ms(500);
	ck_assert(!ring_has(1, 100));
	ring_power_off("23"); /* what their disks did not get is gone */
	ring_boot("23");
	ring_view("123");
	ring_run_ms(6000);
	for (unsigned i = 0; i < count; i++) {
		ck_assert(ring_has(1, 100 + i));
	}
	ck_assert_int_eq(ring_propose(0, 0, 99), 0);
	ring_run_ms(1000);
	ck_assert(ring_has(1, 99) && ring_has(2, 99) && ring_has(3, 99));
}
END_TEST

/* Snapshot after snapshot; one that was away for many of them gets the state,
 * one that was away for a few the entries. */
START_TEST(laggards_catch_up)
{
	ring_make_cluster("123");
	for (uint64_t round = 0; round < 6; round++) {
		ring_power_off("3");
		ring_view("12");
		ring_run_ms(3000);
		for (uint64_t i = 0; i < 5 + 20 * round; i++) {
			ck_assert_int_eq(ring_propose(0, 0, 1000 + i), 0);
			ring_run_ms(50);
		}
		ck_assert_int_eq(ring_propose(0, 0, 200 + round), 0);
		ring_run_ms(300);
		ck_assert(ring_has(1, 200 + round));
		ring_boot("3");
		ring_view("123");
		ring_run_ms(5000);
		ck_assert(ring_has(3, 200 + round));
		ck_assert_ptr_nonnull(ha_replica_epoch(ring->host[3].r));
	}
	ck_assert_uint_gt(ring->host[1].base.index, LITTLE);
}
END_TEST

/* Each entry needs a body, and few are kept: snapshots come early. */
START_TEST(more_bodies_than_are_kept)
{
	struct ha_entry e = ring_fact(0, 0, 300);

	ring_make_cluster("123");
	for (uint8_t i = 1; i <= 30; i++) {
		e.body.b[0] = i;
		ck_assert_int_eq(ha_replica_propose(ring->host[1].r, &e, 1),
				 0);
		ring_drain(1);
		ring_run_ms(2500);
	}
	ck_assert(ring_has(2, 300));
	ring_power_off("123");
	ring_boot("123");
	ring_view("123");
	ring_run_ms(8000);
	ck_assert_int_eq(ring_propose(0, 0, 301), 0);
	ring_run_ms(2000);
	ck_assert(ring_has(1, 301) && ring_has(2, 301) && ring_has(3, 301));
}
END_TEST

/* What is held is asked for no second time, also if several come at once. */
START_TEST(bodies_are_asked_for_once)
{
	struct ha_entry e[3] = { ring_fact(0, 0, 302), ring_fact(0, 0, 303),
				 ring_fact(0, 0, 304) };

	ring_make_cluster("123");
	for (uint8_t i = 0; i < 3; i++) {
		e[i].body.b[3] = (uint8_t)(i + 1);
		ring->host[i + 1].asked = 0;
	}
	ck_assert_int_eq(ha_replica_propose(ring->host[1].r, e, 3), 0);
	ring_drain(1);
	ring_run_ms(10000);
	for (ha_hostid h = 1; h <= 3; h++) {
		ck_assert(ring_has(h, 304));
		ck_assert_uint_eq(ring->host[h].asked, 3);
	}
}
END_TEST

/* Bodies that nobody can hand over: nothing is persisted on top of them. */
START_TEST(body_that_does_not_come)
{
	struct ha_entry e = ring_fact(0, 0, 310);

	ring_make_cluster("123");
	for (ha_hostid h = 1; h <= 3; h++) {
		ring->host[h].bodies = false;
	}
	e.body.b[5] = 1;
	ck_assert_int_eq(ha_replica_propose(ring->host[1].r, &e, 1), 0);
	ring_drain(1);
	ck_assert_int_eq(ring_propose(0, 0, 311), 0);
	ring_run_ms(3000);
	ck_assert(!ring_has(1, 310) && !ring_has(1, 311));
	ring_view("123"); /* what no disk has is forgotten with the epoch */
	ring_run_ms(5000);
	ck_assert_int_eq(ring_propose(0, 0, 312), 0);
	ring_run_ms(1000);
	ck_assert(ring_has(1, 312) && !ring_has(1, 310));
}
END_TEST

START_TEST(the_last_voter_stays)
{
	struct ha_entry both[2];

	ring_make_cluster("12");
	both[0] = ring_fact(HA_EFFECT_REMOVE, 1, 0);
	both[1] = ring_fact(HA_EFFECT_REMOVE, 2, 0);
	ck_assert_int_eq(ha_replica_propose(ring->host[1].r, both, 2),
			 HA_E_BUSY); /* one at a time */
	ck_assert_int_eq(ring_propose(HA_EFFECT_REMOVE, 2, 0), 0);
	ring_run_ms(500);
	ck_assert_uint_eq(ha_replica_base(ring->host[1].r)->voters,
			  ring_set_of("1"));
	ck_assert_int_eq(ring_propose(HA_EFFECT_REMOVE, 1, 0), HA_E_REFUSED);
	ck_assert_int_eq(ha_replica_propose(ring->host[2].r, both, 1),
			 HA_E_REFUSED); /* not the coordinator */
	/* neither a proof nor a leave of who has no vote means anything */
	ck_assert_int_eq(ring_propose(HA_EFFECT_DOWN, 2, 0), 0);
	ck_assert_int_eq(ring_propose(HA_EFFECT_BREAK, 2, 0), 0);
	ring_run_ms(500);
	ck_assert_uint_eq(ha_replica_base(ring->host[1].r)->down, 0);
	ck_assert_uint_eq(ha_replica_base(ring->host[1].r)->broken, 0);
}
END_TEST

/* --- founding */

START_TEST(founded_once)
{
	static const uint8_t nobody[16];
	const struct ha_replica_params p = { .self = 1, .boot = 1,
					     .token = HA_S(1) };
	struct ha_replica *r;

	memset(ring->host[1].mem, 0, ha_replica_size());
	r = ha_replica_init(ring->host[1].mem, &p);
	/* not before the store was read */
	ck_assert_int_eq(ha_replica_found(r, cluster, &none), HA_E_REFUSED);
	ring_boot("1");
	r = ring->host[1].r;
	ck_assert_int_eq(ha_replica_found(r, nobody, &none), HA_E_REFUSED);
	ck_assert_int_eq(ha_replica_found(r, cluster, &none), 0);
	ring_drain(1);
	ck_assert_int_eq(ha_replica_found(r, cluster, &none), HA_E_EXISTS);
}
END_TEST

START_TEST(not_founded_on_a_bad_disk)
{
	ring->host[1].disk_bad = true;
	ring_boot("1");
	ring_view("1");
	ck_assert_int_eq(ha_replica_found(ring->host[1].r, cluster, &none), 0);
	ring_drain(1);
	ring_run_ms(3000);
	ck_assert_uint_eq(ring_coordinator(), HA_HOST_NONE);
	ck_assert_int_eq(ha_replica_found(ring->host[1].r, cluster, &none),
			 HA_E_REFUSED);
}
END_TEST

/* While another cluster takes it in. */
START_TEST(not_founded_while_joining)
{
	ring_make_cluster("12");
	ring_boot("3");
	ring->host[3].disk_held = true;
	ring_view("123");
	ring_run_ms(200); /* the others wait for its promise */
	ck_assert_uint_eq(ring_coordinator(), HA_HOST_NONE);
	ck_assert_int_eq(ha_replica_found(ring->host[3].r, cluster, &none),
			 HA_E_EXISTS);
}
END_TEST

START_TEST(not_founded_on_a_damaged_store)
{
	ring_make_cluster("12");
	ring_power_off("2");
	ring->host[2].damaged = true;
	ring_boot("2");
	ck_assert_int_eq(ha_replica_found(ring->host[2].r, cluster, &none),
			 HA_E_DAMAGED);
	ring_view("12"); /* from the others it gets what it lost */
	ring_run_ms(8000);
	ck_assert_int_eq(ring_propose(0, 0, 320), 0);
	ring_run_ms(1000);
	ck_assert(ring_has(2, 320));
}
END_TEST

/* --- stores that are behind */

/* A disk image of before: the others remember that it had more, of the very
 * same epoch. */
START_TEST(image_of_before)
{
	static struct ring_host old;

	ring_make_cluster("12345");
	old = ring->host[2];
	ck_assert_int_eq(ring_propose(0, 0, 330), 0);
	ring_run_ms(500);
	ck_assert(ring_has(2, 330));
	ring_power_off("2");
	ring->host[2].base = old.base;
	ring->host[2].meta = old.meta;
	ring->host[2].count = old.count;
	ring_boot("2");
	ring_view("12345");
	ring_run_ms(200);
	ck_assert_msg(strstr(ring->host[2].note, "once acknowledged") != NULL,
		      "%s", ring->host[2].note);
	ring_run_ms(5000);
	ck_assert(ring_has(2, 330));
}
END_TEST

/* Ticks, and one message after the other, until one like this was heard. */
static void run_until_heard(enum ha_rmsg_kind kind, ha_hostid from)
{
	for (unsigned i = 0; i < 100; i++) {
		ring->now += HA_MS(50);
		for (ha_hostid h = 1; h <= RING_HOSTS; h++) {
			struct ha_rev ev = { .kind = HA_REV_TICK };

			if (ring->host[h].up && !ring->host[h].deaf) {
				ring_step(h, &ev);
			}
		}
		while (ring->head < ring->tail) {
			size_t at = ring->head++;

			ring_deliver(&ring->queue[at], at);
			if (ring->queue[at].kind == kind &&
			    ring->queue[at].from == from) {
				return;
			}
		}
		ring->head = ring->tail = 0;
	}
	ck_abort_msg("no message of kind %d by host %u", (int)kind, from);
}

/* A tail that nobody else had gives way to another: what takes its place is
 * acknowledged when it is on the disk, not because the old one was. */
START_TEST(replaced_tail_is_not_durable)
{
	ring_make_cluster("123");
	ck_assert_int_eq(ring_propose(0, 0, 335), 0);
	ring->head = ring->tail = 0; /* on its own disk alone */
	ring->host[1].deaf = true;
	ring_view("23");
	ring_run_ms(3000);
	ck_assert_uint_eq(ring_coordinator(), 2);
	ring_view("123");
	run_until_heard(HA_RMSG_PROMISE, 3);
	ring->host[1].disk_held = ring->host[3].disk_held = true;
	ring_run_ms(500);
	ck_assert_uint_eq(ring_coordinator(), HA_HOST_NONE);
	ring->host[1].disk_held = ring->host[3].disk_held = false;
	ring_power_off("13");
	ring_boot("13");
	ring_view("123");
	ring_run_ms(5000);
	ck_assert_int_eq(ring_propose(0, 0, 336), 0);
	ring_run_ms(1000);
	ck_assert(ring_has(1, 336) && !ring_has(1, 335));
}
END_TEST

/* A write that was torn: its meta speaks of what did not get to the disk. */
START_TEST(commit_beyond_the_log)
{
	ring_make_cluster("123");
	ring_power_off("123");
	ring->host[2].meta.commit = 1000;
	ring_boot("123");
	ring_view("123");
	ring_run_ms(4000);
	ck_assert_int_eq(ring_propose(0, 0, 340), 0);
	ring_run_ms(500);
	ck_assert(ring_has(1, 340) && ring_has(2, 340) && ring_has(3, 340));
}
END_TEST

/* Nobody knows whether the last change of voters was committed: both sets of
 * voters must be asked. */
START_TEST(change_of_voters_known_to_none)
{
	ring_make_cluster("12345");
	ring_power_off("12345");
	for (ha_hostid h = 1; h <= 5; h++) {
		ring->host[h].meta.commit = 5; /* 6 admits host 5 */
	}
	ring_boot("345");
	ring_view("345");
	ring_run_ms(5000);
	/* a majority of the five, but half of the four before */
	ck_assert_uint_eq(ring_coordinator(), HA_HOST_NONE);
	ring_boot("2");
	ring_view("2345");
	ring_run_ms(5000);
	ck_assert(ring_has(2, 1) && ring_has(5, 1));
}
END_TEST

/* --- who may coordinate */

START_TEST(frozen_hosts_never_coordinate)
{
	ring_make_cluster("123");
	ha_replica_set_passive(ring->host[2].r, true);
	ring_power_off("1");
	ring_view("23");
	ring_run_ms(5000);
	ck_assert_uint_eq(ring_coordinator(), 3);
	ha_replica_set_passive(ring->host[3].r, true);
	ring->host[3].deaf = true; /* it hangs, and the other may not */
	ring_run_ms(5000);
	ck_assert_uint_eq(ring_coordinator(), HA_HOST_NONE);
	ring_view("23");
	ring_run_ms(5000);
	ck_assert_uint_eq(ring_coordinator(), HA_HOST_NONE);
	ha_replica_set_passive(ring->host[3].r, false);
	ring_view("23");
	ring_run_ms(5000);
	ck_assert_uint_eq(ring_coordinator(), 3);
}
END_TEST

/* --- giving up hosts */

/* Exactly half of the hosts, by the admin's word that the others are gone. */
START_TEST(half_is_lost)
{
	static const uint8_t next[16] = { 8 };

	ring_make_cluster("1234");
	ring_power_off("1234");
	ring_boot("12");
	ring_view("12");
	ring_run_ms(3000);
	ck_assert_uint_eq(ring_coordinator(), HA_HOST_NONE);
	ck_assert_int_eq(ha_replica_accept_loss(ring->host[1].r,
						ring_set_of("34"), next), 0);
	ring_drain(1);
	ring_run_ms(3000);
	ck_assert_uint_eq(ha_replica_unproven(ring->host[1].r), 0);
	ck_assert_int_eq(ring_propose(0, 0, 350), 0);
	ring_run_ms(500);
	ck_assert(ring_has(1, 350) && ring_has(2, 350));
}
END_TEST

/* One that is named neither as lost nor says what it holds. */
START_TEST(loss_with_a_silent_host)
{
	static const uint8_t next[16] = { 8 };

	ring_make_cluster("12345");
	ring_power_off("12345");
	ring_boot("123");
	ring_view("123");
	ring->host[3].deaf = true; /* it hangs */
	ring->head = ring->tail = 0; /* before it has said anything */
	ring_run_ms(3000);
	ck_assert_int_eq(ha_replica_accept_loss(ring->host[1].r,
						ring_set_of("45"), next),
			 HA_E_REFUSED);
	ck_assert_msg(strstr(ha_replica_why(ring->host[1].r), "host 3") !=
		      NULL, "%s", ha_replica_why(ring->host[1].r));
}
END_TEST

START_TEST(loss_refused)
{
	static const uint8_t next[16] = { 8 };
	struct ha_replica *r;

	ring_make_cluster("12345");
	r = ring->host[1].r;
	ck_assert_int_eq(ha_replica_accept_loss(r, ring_set_of("5"), next),
			 HA_E_REFUSED); /* an epoch is open */
	ring_power_off("345");
	ring_no_quorum("1");
	ck_assert_int_eq(ha_replica_accept_loss(r, ring_set_of("345"), next),
			 HA_E_NO_QUORUM);
	ring_view("12");
	ring_run_ms(2000);
	ck_assert_int_eq(ha_replica_accept_loss(r, 0, next), HA_E_REFUSED);
	ck_assert_int_eq(ha_replica_accept_loss(r, ring_set_of("1345"), next),
			 HA_E_REFUSED); /* this host itself */
	ck_assert_int_eq(ha_replica_accept_loss(r, ha_host_bit(9), next),
			 HA_E_REFUSED); /* no voter */
	ck_assert_int_eq(ha_replica_accept_loss(r, ring_set_of("345"),
						cluster), HA_E_REFUSED);
	ck_assert_int_eq(ha_replica_accept_loss(r, ring_set_of("345"), next),
			 0);
	ring_drain(1);
	ring_run_ms(3000);
	ck_assert_uint_eq(ring_coordinator(), 1);
}
END_TEST

START_TEST(loss_refused_to_who_holds_nothing)
{
	static const uint8_t next[16] = { 8 };

	ring_boot("1");
	ring_view("1");
	ring_run_ms(1000);
	ck_assert_int_eq(ha_replica_accept_loss(ring->host[1].r,
						ring_set_of("2"), next),
			 HA_E_REFUSED);
}
END_TEST

static TCase *add(Suite *s, const char *name)
{
	TCase *t = tcase_create(name);

	tcase_add_checked_fixture(t, set_up, ring_teardown);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	return t;
}

int main(void)
{
	Suite *s = suite_create("room");
	TCase *t = add(s, "log");

	tcase_add_test(t, log_is_full_until_the_next_snapshot);
	tcase_add_test(t, laggards_catch_up);
	tcase_add_test(t, more_bodies_than_are_kept);
	tcase_add_test(t, bodies_are_asked_for_once);
	tcase_add_test(t, body_that_does_not_come);
	tcase_add_test(t, the_last_voter_stays);
	t = add(s, "found");
	tcase_add_test(t, founded_once);
	tcase_add_test(t, not_founded_on_a_bad_disk);
	tcase_add_test(t, not_founded_while_joining);
	tcase_add_test(t, not_founded_on_a_damaged_store);
	t = add(s, "behind");
	tcase_add_test(t, image_of_before);
	tcase_add_test(t, replaced_tail_is_not_durable);
	tcase_add_test(t, commit_beyond_the_log);
	tcase_add_test(t, change_of_voters_known_to_none);
	tcase_add_test(t, frozen_hosts_never_coordinate);
	t = add(s, "loss");
	tcase_add_test(t, loss_refused);
	tcase_add_test(t, loss_refused_to_who_holds_nothing);
	tcase_add_test(t, half_is_lost);
	tcase_add_test(t, loss_with_a_silent_host);
	return test_main(s);
}
