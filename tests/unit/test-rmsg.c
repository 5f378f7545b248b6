/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What replicas may be told: messages that come late, from nobody, about
 * nothing, or that contradict what is held. None of them changes anything.
 */
#include "tests/unit/small-ring.h"

#include <stdlib.h>

#include "base/err.h"
#include "tests/unit/suite.h"

static uint64_t epoch_number(void)
{
	return ha_replica_epoch(ring->host[1].r)->number;
}

/* One of the present view, as host 2 would send it. */
static struct ha_rmsg message(enum ha_rmsg_kind kind)
{
	struct ha_rmsg m;

	memset(&m, 0, sizeof(m));
	m.kind = kind;
	m.from = 2;
	m.view = ring->view;
	m.epoch = epoch_number();
	m.members = ring_set_of("123");
	m.base = *ha_replica_base(ring->host[2].r);
	m.promised = m.epoch;
	return m;
}

static void hear(const struct ha_rmsg *m)
{
	ring_deliver(m, 0);
}

/* The epoch of the fixture is open still, and goes on. */
static void check_goes_on(uint64_t number)
{
	static uint64_t value = 1000;

	ck_assert_uint_eq(ring_coordinator(), 1);
	ck_assert_uint_eq(epoch_number(), number);
	ck_assert_int_eq(ring_propose(0, 0, ++value), 0);
	ring_run_ms(1000);
	for (ha_hostid h = 1; h <= 3; h++) {
		ck_assert(ring_has(h, value));
	}
}

static void set_up(void)
{
	ring_setup();
	ring_make_cluster("123");
}

START_TEST(from_another_view_or_outside)
{
	struct ha_rmsg m = message(HA_RMSG_PROPOSE);

	struct ha_rev ev = { .kind = HA_REV_MESSAGE, .message = &m };

	m.epoch += 1000;
	m.view++;
	ring_step(1, &ev);
	m.view--;
	m.from = 4;
	hear(&m);
	check_goes_on(epoch_number());
}
END_TEST

START_TEST(proposals_that_nobody_takes)
{
	struct ha_rmsg good = message(HA_RMSG_PROPOSE), m;
	uint64_t number = good.epoch;

	m = good; /* older than the present one */
	hear(&m);
	good.epoch += 64;
	m = good; /* its sender is not to be in it */
	m.members = ring_set_of("13");
	hear(&m);
	m = good; /* made before the present one was heard */
	m.promised = number - 1;
	hear(&m);
	m = good; /* of no cluster, and of another one */
	memset(&m.base, 0, sizeof(m.base));
	hear(&m);
	m = good;
	m.base.cluster[0] ^= 1;
	hear(&m);
	check_goes_on(number);
}
END_TEST

START_TEST(promises_of_another_epoch)
{
	struct ha_rmsg m = message(HA_RMSG_PROMISE);
	uint64_t number = m.epoch;

	m.epoch++;
	hear(&m);
	m.epoch--;
	m.promised--;
	hear(&m);
	check_goes_on(number);
}
END_TEST

START_TEST(messages_and_events_of_no_kind)
{
	struct ha_rmsg m = message((enum ha_rmsg_kind)99);
	struct ha_rev ev = { .kind = (enum ha_rev_kind)99 };
	uint64_t number = m.epoch;

	hear(&m);
	ring_step(1, &ev);
	check_goes_on(number);
}
END_TEST

/* It says that it holds something, and names no cluster. */
START_TEST(hello_without_a_cluster)
{
	struct ha_rmsg m = message(HA_RMSG_HELLO);
	uint64_t number = m.epoch;

	memset(&m.base, 0, sizeof(m.base));
	m.last_index = 1000;
	m.last_epoch = number + 64;
	hear(&m);
	check_goes_on(number);
}
END_TEST

/* Proposed by who has not said what it holds, to who holds nothing. */
START_TEST(proposal_out_of_nowhere)
{
	struct ha_rmsg m = message(HA_RMSG_PROPOSE);

	ring_boot("4");
	ring->host[4].disk_held = true;
	ring_view("24");
	m.view = ring->view;
	m.epoch += 64;
	m.promised = 0;
	m.members = ring_set_of("24");
	ring_deliver(&m, 0);
	ring_run_ms(3000);
	ck_assert_ptr_null(ha_replica_epoch(ring->host[4].r));
}
END_TEST

/* By host 2, as if it were to bring host 3 up to date. */
static struct ha_rmsg handed_out(const struct ha_entry *e, size_t count)
{
	struct ha_rmsg m = message(HA_RMSG_APPEND);

	m.to = ring_set_of("3");
	m.last_index = e[0].index - 1;
	m.last_epoch = m.epoch;
	m.entries = e;
	m.entry_count = count;
	m.commit = UINT64_MAX;
	return m;
}

START_TEST(entries_that_do_not_fit)
{
	uint64_t last = ha_replica_base(ring->host[3].r)->index;
	uint64_t number = epoch_number();
	struct ha_entry e[2] = { ring_fact(0, 0, 66), ring_fact(0, 0, 67) };
	struct ha_rmsg m;

	e[0].index = last + 1;
	e[0].epoch = number + 1; /* of an epoch to come */
	m = handed_out(e, 1);
	hear(&m);
	e[0].epoch = 1; /* of one before the last */
	hear(&m);
	e[0].epoch = number;
	m.last_epoch = number - 64; /* on top of what is not here */
	hear(&m);
	m = handed_out(e, 1);
	m.last_index = last + 7;
	hear(&m);
	e[1].index = last + 5; /* with a gap */
	e[1].epoch = number;
	e[0].index = last + 2;
	m = handed_out(e, 2);
	m.last_index = last;
	hear(&m);
	m.epoch--;
	hear(&m);
	ck_assert_uint_eq(ha_replica_base(ring->host[3].r)->index, last);
	check_goes_on(number);
	ck_assert(!ring_has(3, 66) && !ring_has(3, 67));
}
END_TEST

START_TEST(entry_that_contradicts_a_committed_one)
{
	uint64_t last = ha_replica_base(ring->host[3].r)->index;
	struct ha_entry e = ring_fact(0, 0, 68);
	struct ha_rmsg m;

	e.index = last;
	e.epoch = 1;
	m = handed_out(&e, 1);
	hear(&m);
	ck_assert_msg(strstr(ring->host[3].note, "contradicts") != NULL, "%s",
		      ring->host[3].note);
	check_goes_on(epoch_number());
	ck_assert(!ring_has(3, 68));
}
END_TEST

/* Of a version to come: what it means is not known, who votes stays. */
START_TEST(effects_that_mean_nothing)
{
	uint64_t last = ha_replica_base(ring->host[3].r)->index;
	ha_hostset voters = ha_replica_base(ring->host[3].r)->voters;
	struct ha_entry e[3] = { ring_fact(99, 1, 66), ring_fact(0, 3, 67),
				 ring_fact(HA_EFFECT_LOSS, 1, 68) };
	struct ha_rmsg m;

	for (size_t i = 0; i < 3; i++) {
		e[i].index = last + 1 + i;
		e[i].epoch = epoch_number();
		e[i].lost = voters;
	}
	m = handed_out(e, 3);
	m.last_epoch = ha_replica_base(ring->host[3].r)->epoch;
	hear(&m);
	ck_assert_uint_eq(ha_replica_base(ring->host[3].r)->index, last + 3);
	ck_assert_uint_eq(ha_replica_base(ring->host[3].r)->voters, voters);
}
END_TEST

/* Only the coordinator multicasts; others hand out to those who ask. */
START_TEST(entries_of_another_host)
{
	uint64_t last = ha_replica_base(ring->host[3].r)->index;
	struct ha_entry e = ring_fact(0, 0, 69);
	struct ha_rmsg m;

	e.index = last + 1;
	e.epoch = epoch_number();
	m = handed_out(&e, 1);
	m.to = 0;
	hear(&m);
	m.to = ring_set_of("1");
	m.from = 1; /* one's own, as everybody hears it */
	hear(&m);
	ck_assert_uint_eq(ha_replica_base(ring->host[3].r)->index, last);
	check_goes_on(epoch_number());
}
END_TEST

START_TEST(acknowledgements_of_nothing)
{
	struct ha_rmsg m = message(HA_RMSG_ACK);
	uint64_t last = ha_replica_base(ring->host[1].r)->index;

	ring->host[2].disk_held = ring->host[3].disk_held = true;
	ck_assert_int_eq(ring_propose(0, 0, 70), 0);
	ring_flush();
	m.last_index = last + 9; /* more than there is */
	m.last_epoch = m.epoch;
	hear(&m);
	m.last_index = last + 1; /* what it holds is another entry */
	m.last_epoch = m.epoch - 64;
	hear(&m);
	m.last_epoch = m.epoch;
	m.epoch++;
	hear(&m);
	ring_run_ms(500);
	ck_assert(!ring_has(1, 70));
}
END_TEST

/* Who is not in the epoch has no say in what is committed. */
START_TEST(acknowledgement_from_outside_the_epoch)
{
	struct ha_rmsg m;

	ring_power_off("2");
	ring_view("123"); /* the hacd of 2 says nothing */
	ring_run_ms(4000);
	ck_assert_uint_eq(ring_coordinator(), 1);
	ck_assert_uint_eq(ha_replica_epoch(ring->host[1].r)->members,
			  ring_set_of("13"));
	ring->host[3].disk_held = true;
	ck_assert_int_eq(ring_propose(0, 0, 71), 0);
	ring_flush();
	m = message(HA_RMSG_ACK);
	m.last_index = ha_replica_base(ring->host[1].r)->index;
	m.last_epoch = m.epoch;
	hear(&m);
	ring_run_ms(500);
	ck_assert(!ring_has(1, 71));
}
END_TEST

START_TEST(states_that_nobody_needs)
{
	struct ha_rmsg m = message(HA_RMSG_SNAPSHOT);
	uint64_t number = m.epoch;

	m.to = ring_set_of("4"); /* for another */
	m.base.index += 5;
	hear(&m);
	m.to = ring_set_of("3");
	m.epoch--; /* of another epoch */
	hear(&m);
	m.epoch++;
	memset(&m.base, 0, sizeof(m.base)); /* of no cluster */
	hear(&m);
	m.base = *ha_replica_base(ring->host[2].r); /* older than its own */
	m.base.index = 1;
	hear(&m);
	check_goes_on(number);
}
END_TEST

START_TEST(fetches_that_are_not_answered)
{
	struct ha_rmsg m = message(HA_RMSG_FETCH);
	uint64_t number = m.epoch;

	m.to = ring_set_of("3");
	hear(&m); /* 2 is not the coordinator */
	m.from = 1;
	m.to = ring_set_of("1");
	hear(&m);
	m.to = ring_set_of("3");
	m.epoch++;
	hear(&m);
	ck_assert_uint_eq(ring->tail, 0);
	check_goes_on(number);
}
END_TEST

/* A beat of an epoch whose proposal was missed is asked about. */
START_TEST(beats_of_another_epoch)
{
	struct ha_rmsg m = message(HA_RMSG_BEAT);
	uint64_t number = m.epoch;

	ring_run_ms(1000);
	m.epoch += 64;
	hear(&m);
	ring_run_ms(100);
	m.epoch = number;
	hear(&m); /* the coordinator's, from another */
	check_goes_on(number);
}
END_TEST

/* The coordinator went on without this host: it is out until the next view. */
START_TEST(beat_that_leaves_one_out)
{
	struct ha_rmsg m = message(HA_RMSG_BEAT);

	m.from = 1;
	m.members = ring_set_of("12");
	m.last_index = 1;
	hear(&m);
	ck_assert_ptr_null(ha_replica_epoch(ring->host[3].r));
	hear(&m);
	ring_view("123");
	ring_run_ms(5000);
	ck_assert_ptr_nonnull(ha_replica_epoch(ring->host[3].r));
	check_goes_on(epoch_number());
}
END_TEST

/* Of two clusters in one network neither takes the other's word. */
START_TEST(hosts_of_another_cluster)
{
	static const uint8_t cluster[16] = { 9 };
	static const struct ha_hash none;
	struct ha_rmsg m;

	ring_boot("4");
	ck_assert_int_eq(ha_replica_found(ring->host[4].r, cluster, &none), 0);
	ring_drain(4);
	ring_boot("5"); /* an empty store joins neither of the two */
	ring_view("12345");
	ring_run_ms(5000);
	check_goes_on(epoch_number());
	ck_assert_uint_eq(ha_replica_epoch(ring->host[1].r)->members,
			  ring_set_of("123"));
	ck_assert_ptr_null(ha_replica_epoch(ring->host[5].r));
	ck_assert_msg(strstr(ring->host[1].note, "another cluster") != NULL,
		      "%s", ring->host[1].note);
	/* nor when it is asked */
	m = message(HA_RMSG_PROPOSE);
	m.epoch += 640;
	m.members = ring_set_of("1235");
	hear(&m);
	ring_run_ms(3000);
	ck_assert_ptr_null(ha_replica_epoch(ring->host[5].r));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("rmsg");
	TCase *t = tcase_create("cluster");

	tcase_add_checked_fixture(t, set_up, ring_teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, from_another_view_or_outside);
	tcase_add_test(t, proposals_that_nobody_takes);
	tcase_add_test(t, promises_of_another_epoch);
	tcase_add_test(t, messages_and_events_of_no_kind);
	tcase_add_test(t, hello_without_a_cluster);
	tcase_add_test(t, proposal_out_of_nowhere);
	tcase_add_test(t, effects_that_mean_nothing);
	tcase_add_test(t, entries_that_do_not_fit);
	tcase_add_test(t, entry_that_contradicts_a_committed_one);
	tcase_add_test(t, entries_of_another_host);
	tcase_add_test(t, acknowledgements_of_nothing);
	tcase_add_test(t, acknowledgement_from_outside_the_epoch);
	tcase_add_test(t, states_that_nobody_needs);
	tcase_add_test(t, fetches_that_are_not_answered);
	tcase_add_test(t, beats_of_another_epoch);
	tcase_add_test(t, beat_that_leaves_one_out);
	tcase_add_test(t, hosts_of_another_cluster);
	suite_add_tcase(s, t);
	return test_main(s);
}
