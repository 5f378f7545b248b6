/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scripted schedules for lib/replica: a handful of hosts, views given by hand,
 * disks that are quick unless held.
 */
#include <check.h>
#include <stdlib.h>

#include "base/err.h"
#include "replica/replica.h"

#define N 5
#define QUEUE 4096

struct host {
	bool up;
	void *mem;
	struct ha_replica *r;
	ha_bootid boot;
	struct ha_replica_base base;
	struct ha_replica_meta meta;
	struct ha_entry entries[512];
	size_t count;
	bool disk_held; /* nothing gets to the disk, no result comes */
	bool disk_bad;
	bool deaf;      /* hears nothing more of this view */
	bool bodies;    /* has every body it asks for */
	uint64_t asked; /* bodies asked for */
	uint64_t values[512]; /* committed, by index */
	uint64_t index;
	uint64_t state[512]; /* of the last SNAPSHOT received */
	uint64_t state_index;
	bool open;
};

static struct world {
	struct host host[N + 1];
	ha_time now;
	uint64_t view;
	ha_bootid boots;
	struct ha_rmsg queue[QUEUE];
	struct ha_entry *bodies[QUEUE];
	struct { uint64_t values[512]; } *states[QUEUE];
	size_t head, tail;
	uint64_t view_of[N + 1];
} *w;

static void step(ha_hostid id, struct ha_rev *ev);

static ha_hostset set_of(const char *ids)
{
	ha_hostset set = 0;

	for (; *ids != '\0'; ids++) {
		set |= ha_host_bit((ha_hostid)(*ids - '0'));
	}
	return set;
}

static void write_disk(struct host *h, const struct ha_persist *p)
{
	h->meta = p->meta;
	if (p->kind == HA_PERSIST_STATE) {
		size_t gone = p->received ? h->count :
			      (size_t)(p->base.index - h->base.index);

		memmove(h->entries, h->entries + gone,
			(h->count - gone) * sizeof(h->entries[0]));
		h->count -= gone;
		h->base = p->base;
	} else if (p->kind == HA_PERSIST_ENTRIES) {
		h->count = p->entries[0].index - h->base.index - 1;
		memcpy(h->entries + h->count, p->entries,
		       p->entry_count * sizeof(h->entries[0]));
		h->count += p->entry_count;
	}
}

static void send(ha_hostid id, const struct ha_rmsg *m, bool state)
{
	size_t i = w->tail++;

	ck_assert_uint_lt(i, QUEUE);
	w->queue[i] = *m;
	free(w->bodies[i]);
	w->bodies[i] = NULL;
	if (m->entry_count > 0) {
		w->bodies[i] = calloc(m->entry_count, sizeof(*m->entries));
		memcpy(w->bodies[i], m->entries,
		       m->entry_count * sizeof(*m->entries));
		w->queue[i].entries = w->bodies[i];
	}
	if (state) {
		free(w->states[i]);
		w->states[i] = calloc(1, sizeof(*w->states[i]));
		memcpy(w->states[i], w->host[id].values,
		       sizeof(w->host[id].values));
	}
}

static void act(ha_hostid id, const struct ha_rout *o, uint64_t done[16],
		size_t *count)
{
	struct host *h = &w->host[id];

	switch (o->kind) {
	case HA_ROUT_SEND:
	case HA_ROUT_SEND_STATE:
		send(id, o->msg, o->kind == HA_ROUT_SEND_STATE);
		return;
	case HA_ROUT_PERSIST:
		if (!h->disk_held) {
			if (!h->disk_bad) {
				write_disk(h, o->persist);
			}
			ck_assert_uint_lt(*count, 16);
			done[(*count)++] = o->persist->seq;
		}
		return;
	case HA_ROUT_COMMIT:
		ck_assert_uint_eq(o->entry->index, h->index + 1);
		h->index++;
		memcpy(&h->values[h->index], o->entry->data, 8);
		return;
	case HA_ROUT_INSTALL:
		memcpy(h->values, h->state, sizeof(h->values));
		h->index = h->state_index;
		return;
	case HA_ROUT_WANT_BODY:
		h->asked++;
		return;
	case HA_ROUT_OPEN:
	case HA_ROUT_CLOSED:
		h->open = o->kind == HA_ROUT_OPEN;
		return;
	case HA_ROUT_NOTE:
		return;
	}
}

static void drain(ha_hostid id)
{
	struct host *h = &w->host[id];
	const struct ha_rout *o;
	uint64_t done[16], asked = h->asked;
	struct ha_hash want = { { 0 } };
	size_t count = 0;

	while ((o = ha_replica_next(h->r)) != NULL) {
		if (o->kind == HA_ROUT_WANT_BODY) {
			want = o->body;
		}
		act(id, o, done, &count);
	}
	ck_assert_pstr_eq(ha_replica_check(h->r), NULL);
	for (size_t i = 0; i < count; i++) {
		struct ha_rev ev = { .kind = HA_REV_PERSISTED };

		ev.persisted.seq = done[i];
		ev.persisted.ok = !h->disk_bad;
		step(id, &ev);
	}
	if (h->bodies && h->asked != asked) {
		struct ha_rev ev = { .kind = HA_REV_BODY, .body = want };

		step(id, &ev);
	}
}

static void step(ha_hostid id, struct ha_rev *ev)
{
	ev->now = w->now;
	ha_replica_step(w->host[id].r, ev);
	drain(id);
}

static void boot(const char *ids)
{
	for (; *ids != '\0'; ids++) {
		ha_hostid id = (ha_hostid)(*ids - '0');
		struct host *h = &w->host[id];
		struct ha_replica_params p = { .self = id, .token = HA_S(1),
					       .boot = h->boot };
		struct ha_rev ev = { .kind = HA_REV_LOADED };

		if (p.boot == 0) {
			p.boot = h->boot = ++w->boots;
		}
		h->up = true;
		h->index = h->base.index;
		memset(h->mem, 0, ha_replica_size());
		h->r = ha_replica_init(h->mem, &p);
		ev.loaded.base = h->base;
		ev.loaded.meta = h->meta;
		ev.loaded.entries = h->entries;
		ev.loaded.entry_count = h->count;
		step(id, &ev);
	}
}

static void power_off(const char *ids)
{
	for (; *ids != '\0'; ids++) {
		struct host *h = &w->host[*ids - '0'];

		h->up = h->open = h->disk_held = h->deaf = false;
		h->boot = 0;
		w->view_of[*ids - '0'] = 0;
	}
}

/* These have a view of their own from now on. */
static void view(const char *ids)
{
	ha_hostset set = set_of(ids);

	w->view++;
	for (; *ids != '\0'; ids++) {
		ha_hostid id = (ha_hostid)(*ids - '0');
		struct ha_rev ev = { .kind = HA_REV_VIEW };

		ev.view.id = w->view;
		ev.view.members = set;
		w->host[id].deaf = false;
		w->view_of[id] = w->view;
		step(id, &ev);
	}
}

static void no_quorum(const char *ids)
{
	for (; *ids != '\0'; ids++) {
		struct ha_rev ev = { .kind = HA_REV_VIEW };

		ev.view.id = ++w->view;
		w->view_of[*ids - '0'] = w->view;
		step((ha_hostid)(*ids - '0'), &ev);
	}
}

static void deliver(const struct ha_rmsg *m, size_t slot)
{
	for (ha_hostid id = 1; id <= N; id++) {
		struct host *h = &w->host[id];
		struct ha_rev ev = { .kind = HA_REV_MESSAGE, .message = m };

		if (!h->up || h->deaf || w->view_of[id] != m->view) {
			continue;
		}
		if (m->kind == HA_RMSG_SNAPSHOT && ha_host_in(m->to, id)) {
			memcpy(h->state, w->states[slot], sizeof(h->state));
			h->state_index = m->base.index;
		}
		step(id, &ev);
	}
}

static void flush(void)
{
	while (w->head < w->tail) {
		deliver(&w->queue[w->head], w->head);
		w->head++;
	}
	w->head = w->tail = 0;
}

static void run_ms(int ms)
{
	for (; ms > 0; ms -= 50) {
		w->now += HA_MS(50);
		for (ha_hostid id = 1; id <= N; id++) {
			struct ha_rev ev = { .kind = HA_REV_TICK };

			if (w->host[id].up && !w->host[id].deaf) {
				step(id, &ev);
			}
		}
		flush();
	}
}

static ha_hostid coordinator(void)
{
	for (ha_hostid id = 1; id <= N; id++) {
		if (w->host[id].up && !w->host[id].deaf &&
		    ha_replica_is_coordinator(w->host[id].r)) {
			return id;
		}
	}
	return HA_HOST_NONE;
}

static struct ha_entry fact(uint32_t effect, ha_hostid host, uint64_t value)
{
	struct ha_entry e;

	memset(&e, 0, sizeof(e));
	e.kind = HA_ENTRY_FACT;
	e.effect = effect;
	e.host = host;
	e.len = 8;
	memcpy(e.data, &value, 8);
	return e;
}

static int propose(uint32_t effect, ha_hostid host, uint64_t value)
{
	struct ha_entry e = fact(effect, host, value);
	ha_hostid c = coordinator();
	int err;

	ck_assert_uint_ne(c, HA_HOST_NONE);
	err = ha_replica_propose(w->host[c].r, &e, 1);
	drain(c);
	return err;
}

static void admit(const char *ids)
{
	for (; *ids != '\0'; ids++) {
		ck_assert_int_eq(propose(HA_EFFECT_ADMIT,
					 (ha_hostid)(*ids - '0'), 0), 0);
		run_ms(100);
	}
}

static bool has(ha_hostid id, uint64_t value)
{
	for (uint64_t i = 1; i <= w->host[id].index; i++) {
		if (w->host[id].values[i] == value) {
			return true;
		}
	}
	return false;
}

/* A running cluster of these, host 1 first; value 1 is committed. */
static void make_cluster(const char *ids)
{
	static const uint8_t cluster[16] = { 7 };
	static const struct ha_hash none;

	boot(ids);
	ck_assert_int_eq(ha_replica_found(w->host[1].r, cluster, &none), 0);
	drain(1);
	view(ids);
	run_ms(3000);
	ck_assert_uint_eq(coordinator(), 1);
	admit(ids);
	ck_assert_int_eq(propose(0, 0, 1), 0);
	run_ms(500);
	for (; *ids != '\0'; ids++) {
		ck_assert(has((ha_hostid)(*ids - '0'), 1));
	}
}

static void setup(void)
{
	w = calloc(1, sizeof(*w));
	w->now = HA_S(100);
	for (unsigned i = 1; i <= N; i++) {
		w->host[i].mem = aligned_alloc(16,
				(ha_replica_size() + 15) / 16 * 16);
		w->host[i].bodies = true;
	}
}

static void teardown(void)
{
	for (unsigned i = 1; i <= N; i++) {
		free(w->host[i].mem);
	}
	for (unsigned i = 0; i < QUEUE; i++) {
		free(w->bodies[i]);
		free(w->states[i]);
	}
	free(w);
}

START_TEST(test_restart)
{
	make_cluster("123");
	power_off("123");
	boot("123");
	view("123");
	run_ms(3000);
	ck_assert_uint_eq(coordinator(), 1);
	ck_assert(has(1, 1) && has(2, 1) && has(3, 1));
}
END_TEST

START_TEST(test_empty_stores_never_form_a_cluster)
{
	boot("123");
	view("123");
	run_ms(10000);
	ck_assert_uint_eq(coordinator(), HA_HOST_NONE);
}
END_TEST

/* The coordinator acknowledges and dies before the others heard of it. */
START_TEST(test_coordinator_acknowledges_and_dies)
{
	make_cluster("123");
	w->host[3].disk_held = true;
	ck_assert_int_eq(propose(0, 0, 42), 0);
	flush();
	ck_assert(has(1, 42));
	power_off("1");
	w->host[3].disk_held = false;
	power_off("3");
	boot("3");
	view("23");
	run_ms(3000);
	ck_assert_uint_ne(coordinator(), HA_HOST_NONE);
	ck_assert(has(2, 42) && has(3, 42));
}
END_TEST

/* A host frozen for long gives orders of an epoch that is over. */
START_TEST(test_frozen_hosts_old_orders)
{
	struct ha_entry entry;
	struct ha_rmsg old;

	make_cluster("123");
	ck_assert_int_eq(propose(0, 0, 50), 0);
	old = w->queue[0];
	ck_assert_uint_eq(old.entry_count, 1);
	entry = old.entries[0];
	old.entries = &entry;
	w->tail = w->head = 0; /* nobody heard */
	ck_assert_uint_eq(old.kind, HA_RMSG_APPEND);
	w->host[1].deaf = true;
	view("23");
	run_ms(3000);
	ck_assert_uint_eq(coordinator(), 2);
	deliver(&old, 0);
	old.view = w->view; /* even so: its epoch is over */
	deliver(&old, 0);
	run_ms(500);
	ck_assert(!has(2, 50) && !has(3, 50));
	ck_assert_int_eq(propose(0, 0, 51), 0);
	run_ms(500);
	ck_assert(has(2, 51) && has(3, 51));
	w->host[1].deaf = false;
	view("123");
	run_ms(3000);
	ck_assert(has(1, 51) && !has(1, 50));
	ck_assert_uint_eq(coordinator(), 2); /* 1 is the youngest now */
}
END_TEST

/* Two of four, by the tie-breaker, prove the others down and go on. */
static void two_of_four(void)
{
	make_cluster("1234");
	power_off("34");
	view("12");
	run_ms(3000);
	ck_assert_uint_eq(ha_replica_unproven(w->host[1].r), set_of("34"));
	ck_assert_int_eq(propose(0, 0, 60), 0);
	run_ms(1000);
	ck_assert(!has(1, 60)); /* not before the proofs */
	ck_assert_int_eq(propose(HA_EFFECT_DOWN, 3, 0), 0);
	run_ms(500);
	ck_assert(!has(1, 60));
	ck_assert_int_eq(propose(HA_EFFECT_DOWN, 4, 0), 0);
	run_ms(2000);
	ck_assert(has(1, 60) && has(2, 60));
	power_off("12");
}

START_TEST(test_two_of_four_boot_first)
{
	two_of_four();
	boot("12");
	view("12");
	run_ms(3000);
	ck_assert(has(1, 60) && has(2, 60));
	boot("34");
	view("1234");
	run_ms(3000);
	ck_assert(has(3, 60) && has(4, 60));
}
END_TEST

START_TEST(test_the_other_two_boot_first)
{
	two_of_four();
	boot("34");
	view("34");
	run_ms(10000);
	ck_assert_uint_eq(coordinator(), HA_HOST_NONE);
	ck_assert_uint_gt(strlen(ha_replica_why(w->host[3].r)), 0);
	boot("1");
	view("134");
	run_ms(3000);
	ck_assert(has(3, 60) && has(4, 60));
}
END_TEST

/* A half that opened unheard must not outnumber the half that went on. */
START_TEST(test_unproven_half_loses)
{
	make_cluster("1234");
	no_quorum("12");
	view("34");
	run_ms(3000);
	for (int i = 0; i < 3; i++) {
		view("34");
		run_ms(3000);
	}
	ck_assert_int_eq(propose(0, 0, 70), 0);
	run_ms(500);
	power_off("34");
	view("12");
	run_ms(3000);
	ck_assert_int_eq(propose(HA_EFFECT_DOWN, 3, 0), 0);
	ck_assert_int_eq(propose(HA_EFFECT_DOWN, 4, 0), 0);
	run_ms(2000);
	ck_assert_int_eq(propose(0, 0, 71), 0);
	run_ms(1000);
	ck_assert(has(1, 71));
	boot("34");
	view("1234");
	run_ms(3000);
	ck_assert(has(3, 71) && !has(3, 70));
}
END_TEST

static void leave(ha_hostid h)
{
	while (!ha_replica_leaving(w->host[h].r)) {
		drain(h);
		run_ms(100);
	}
	ck_assert_int_eq(propose(HA_EFFECT_BREAK, h, 0), 0);
	run_ms(500);
}

/* The half that has left can do nothing: the other needs no proof of it. */
START_TEST(test_left_half)
{
	make_cluster("12");
	leave(2);
	no_quorum("1");
	view("2");
	run_ms(5000);
	ck_assert_uint_eq(coordinator(), HA_HOST_NONE);
	no_quorum("2");
	view("1");
	run_ms(5000);
	ck_assert_uint_eq(ha_replica_unproven(w->host[1].r), 0);
	ck_assert_int_eq(propose(0, 0, 75), 0);
	run_ms(500);
	ck_assert(has(1, 75));
	power_off("1"); /* what it knows of the other outlives its boot */
	boot("1");
	view("1");
	run_ms(5000);
	ck_assert_int_eq(propose(0, 0, 76), 0);
	run_ms(500);
	ck_assert(has(1, 76));
}
END_TEST

START_TEST(test_both_halves_left)
{
	make_cluster("12");
	leave(2);
	leave(1);
	view("1");
	view("2");
	run_ms(5000);
	ck_assert_uint_eq(coordinator(), HA_HOST_NONE);
	view("12");
	run_ms(5000);
	ck_assert_int_eq(propose(0, 0, 77), 0);
	run_ms(500);
	ck_assert(has(1, 77) && has(2, 77));
}
END_TEST

START_TEST(test_reinstalled_host)
{
	make_cluster("123");
	power_off("123");
	memset(&w->host[2].base, 0, sizeof(w->host[2].base));
	memset(&w->host[2].meta, 0, sizeof(w->host[2].meta));
	w->host[2].count = 0;
	boot("12");
	view("12");
	run_ms(5000); /* the one that counts is no majority */
	ck_assert_uint_eq(coordinator(), HA_HOST_NONE);
	boot("3");
	view("123");
	run_ms(5000);
	ck_assert(has(1, 1) && has(2, 1) && has(3, 1));
}
END_TEST

START_TEST(test_first_three_of_five)
{
	make_cluster("12345");
	w->host[4].disk_held = w->host[5].disk_held = true;
	ck_assert_int_eq(propose(0, 0, 80), 0);
	run_ms(500);
	power_off("12345");
	boot("45");
	view("45");
	run_ms(3000);
	ck_assert_uint_eq(coordinator(), HA_HOST_NONE);
	boot("2");
	view("245");
	run_ms(5000);
	ck_assert(has(2, 80) && has(4, 80) && has(5, 80));
}
END_TEST

START_TEST(test_hung_coordinator)
{
	make_cluster("123");
	w->host[1].deaf = true;
	run_ms(600);
	ck_assert(!ha_replica_is_coordinator(w->host[2].r));
	run_ms(900);
	ck_assert_str_eq(ha_replica_why(w->host[2].r), "");
	ck_assert(ha_replica_is_coordinator(w->host[2].r));
	ck_assert_uint_eq(ha_replica_epoch(w->host[2].r)->members,
			  set_of("23"));
}
END_TEST

START_TEST(test_failed_disk)
{
	make_cluster("123");
	w->host[2].disk_bad = true;
	ck_assert_int_eq(propose(0, 0, 90), 0);
	run_ms(3000);
	ck_assert(has(1, 90) && has(3, 90));
	ck_assert(ha_replica_epoch(w->host[2].r) == NULL);
	w->host[3].disk_held = true;
	ck_assert_int_eq(propose(0, 0, 91), 0);
	run_ms(500);
	ck_assert(!has(1, 91)); /* one of three is no majority */
}
END_TEST

/* Whoever is left alone with a good disk does not take the epoch for open. */
START_TEST(test_failed_disks_of_most)
{
	make_cluster("123");
	w->host[1].disk_bad = w->host[2].disk_bad = true;
	ck_assert_int_eq(propose(0, 0, 92), 0);
	run_ms(3000);
	for (ha_hostid h = 1; h <= 3; h++) {
		ck_assert(ha_replica_epoch(w->host[h].r) == NULL);
	}
}
END_TEST

START_TEST(test_body_first)
{
	struct ha_entry e = fact(0, 0, 95);

	make_cluster("123");
	w->host[2].bodies = w->host[3].bodies = false;
	e.body.b[0] = 9;
	ck_assert_int_eq(ha_replica_propose(w->host[1].r, &e, 1), 0);
	drain(1);
	run_ms(3000);
	ck_assert(!has(1, 95));
	ck_assert_uint_ge(w->host[2].asked, 3); /* again and again */
	w->host[2].bodies = true;
	run_ms(2000);
	ck_assert(has(1, 95) && has(2, 95));
}
END_TEST

START_TEST(test_one_change_of_voters_at_a_time)
{
	make_cluster("123");
	ck_assert_int_eq(propose(HA_EFFECT_REMOVE, 3, 0), 0);
	ck_assert_int_eq(propose(HA_EFFECT_REMOVE, 2, 0), HA_E_BUSY);
	run_ms(500);
	ck_assert_int_eq(propose(HA_EFFECT_REMOVE, 2, 0), 0);
	ck_assert_int_eq(propose(HA_EFFECT_ADMIT, 5, 0), HA_E_REFUSED);
}
END_TEST

/* Not every store knows that the last change of voters was committed, and the
 * first to propose is one that does not. */
START_TEST(test_change_of_voters_known_to_some)
{
	make_cluster("12345");
	power_off("12345");
	for (ha_hostid h = 3; h <= 5; h++) {
		w->host[h].meta.commit = h == 3 ? 5 : 6; /* 6: admits host 5 */
	}
	boot("345");
	view("345");
	run_ms(3000);
	ck_assert_uint_eq(coordinator(), 3);
	ck_assert(has(3, 1) && has(4, 1) && has(5, 1));
}
END_TEST

START_TEST(test_accept_loss)
{
	static const uint8_t cluster[16] = { 8 };

	make_cluster("12345");
	power_off("345");
	view("12");
	run_ms(3000);
	ck_assert_uint_eq(coordinator(), HA_HOST_NONE);
	ck_assert_int_eq(ha_replica_accept_loss(w->host[2].r, set_of("34"),
						cluster), HA_E_REFUSED);
	ck_assert_int_eq(ha_replica_accept_loss(w->host[2].r, set_of("345"),
						cluster), 0);
	drain(2);
	run_ms(3000);
	ck_assert_uint_eq(coordinator(), 2);
	ck_assert_uint_eq(ha_replica_base(w->host[1].r)->voters,
			  set_of("12"));
	ck_assert_int_eq(propose(0, 0, 99), 0);
	run_ms(500);
	ck_assert(has(1, 99) && has(2, 99));
	boot("345"); /* the old id never counts again */
	view("12345");
	run_ms(5000);
	ck_assert(coordinator() == 1 || coordinator() == 2);
	ck_assert(!has(3, 99));
	for (ha_hostid h = 3; h <= 5; h++) {
		ck_assert(ha_replica_epoch(w->host[h].r) == NULL);
	}
	power_off("345");
	boot("345"); /* nor where those who went on are not here */
	view("345");
	run_ms(5000);
	ck_assert(ha_replica_epoch(w->host[3].r) == NULL);
}
END_TEST

/* Enough entries for snapshots; a host that slept through them follows. */
START_TEST(test_snapshot_for_a_laggard)
{
	make_cluster("12");
	boot("3");
	view("123");
	run_ms(3000);
	ck_assert(has(3, 1));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("replica");
	TCase *t = tcase_create("schedules");
	SRunner *sr;
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
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
	suite_add_tcase(s, t);
	sr = srunner_create(s);
	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed == 0 ? 0 : 1;
}
