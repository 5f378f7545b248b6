/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A core alone with its shell, that is this test: it reads a store, corosync
 * says what it will, messages come back, writes succeed. What the store lacks.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "core/placement.h"
#include "core/view.h"
#include "tests/unit/suite.h"

#define VMS 4
#define QUEUE 64

static void *mem;
static struct ha_core *core;
static struct ha_config config;
static struct ha_host_conf hosts[3];
static struct ha_vm_conf vm;
static struct ha_state *state;
static ha_time now;
static struct ha_answer answer; /* the last one */
static unsigned answers;

static struct ha_event queue[QUEUE]; /* what comes back */
static struct ha_msg msgs[QUEUE];
static struct ha_entry entries[QUEUE][8];
static size_t head, tail;

static void take_msg(const struct ha_msg *m)
{
	struct ha_msg *copy = &msgs[tail % QUEUE];

	*copy = *m;
	if (m->kind == HA_MSG_REPLICA && m->replica.entry_count > 0) {
		ck_assert_uint_le(m->replica.entry_count, 8);
		memcpy(entries[tail % QUEUE], m->replica.entries,
		       m->replica.entry_count * sizeof(struct ha_entry));
		copy->replica.entries = entries[tail % QUEUE];
	}
	if (m->kind == HA_MSG_REPORTS) {
		copy->reports.count = 0; /* of no VM that anybody knows */
	}
	queue[tail % QUEUE] = (struct ha_event){ .kind = HA_EV_MESSAGE,
						 .message = copy };
	tail++;
}

static void take(const struct ha_action *a)
{
	if (a->kind == HA_ACT_ANSWER) {
		answer = a->answer;
		answers++;
	} else if (a->kind == HA_ACT_SEND) {
		take_msg(a->msg);
	} else if (a->kind == HA_ACT_PERSIST) {
		queue[tail % QUEUE] = (struct ha_event){
			.kind = HA_EV_PERSISTED };
		queue[tail % QUEUE].persisted.seq = a->persist.op->seq;
		queue[tail % QUEUE].persisted.ok = true;
		tail++;
	}
	ck_assert_uint_lt(tail - head, QUEUE);
}

static void step(struct ha_event *ev)
{
	struct ha_actions acts;

	ev->now = now;
	acts = ha_core_step(core, ev);
	ck_assert_pstr_eq(acts.broken, NULL);
	for (size_t i = 0; i < acts.count; i++) {
		take(&acts.list[i]);
	}
}

static void run(ha_dur time)
{
	const ha_time end = now + time;

	while (now < end) {
		struct ha_event tick = { .kind = HA_EV_TICK };

		while (head < tail) {
			struct ha_event ev = queue[head++ % QUEUE];

			step(&ev);
		}
		now += HA_MS(50);
		step(&tick);
	}
}

static void command(enum ha_verb verb, uint64_t id, ha_hostset lost)
{
	struct ha_event ev = { .kind = HA_EV_COMMAND };

	ev.command.verb = verb;
	ev.command.id = id;
	ev.command.hash = config.hash;
	ev.command.hosts = lost;
	ev.command.cluster[0] = 2;
	step(&ev);
}

static void check_answer(uint64_t id, int code, const char *says)
{
	ck_assert_uint_eq(answer.id, id);
	ck_assert_msg(answer.code == code, "%d: %s", answer.code, answer.text);
	ck_assert_msg(strstr(answer.text, says) != NULL, "%s", answer.text);
}

static void view(bool quorate, ha_hostset members, ha_hostset hacds)
{
	static uint64_t id;
	struct ha_event ev = { .kind = HA_EV_VIEW };

	ev.view.id = ++id;
	ev.view.quorate = quorate;
	ev.view.members = members;
	ev.view.hacds = hacds;
	step(&ev);
}

static void have_config(void)
{
	struct ha_event ev = { .kind = HA_EV_CONFIG, .config = &config };

	step(&ev);
}

/* A store of a cluster of these voters, whose configuration is version 1. */
static void load(ha_hostset voters, bool damaged)
{
	struct ha_event ev = { .kind = HA_EV_LOADED };

	state->index = 1;
	state->epoch = 64;
	state->config = config.hash;
	state->config_version = 1;
	state->vm_count = 1;
	state->vms[0].uuid = vm.uuid;
	ev.loaded.damaged = damaged;
	ev.loaded.state = state;
	ev.loaded.base.cluster[0] = 1;
	ev.loaded.base.voters = voters;
	ev.loaded.base.index = 1;
	ev.loaded.base.epoch = 64;
	ev.loaded.base.body = config.hash;
	ev.loaded.meta.promised = 64;
	ev.loaded.meta.commit = 1;
	step(&ev);
}

static void set_up(void)
{
	const struct ha_core_params params = { .self = 1, .boot = 7, .seed = 1,
					       .token = HA_S(1),
					       .vms_max = VMS };
	const size_t size = (ha_core_size(VMS) + 15) / 16 * 16;

	memset(&config, 0, sizeof(config));
	memset(hosts, 0, sizeof(hosts));
	for (uint8_t i = 0; i < 3; i++) {
		hosts[i].id = (ha_hostid)(i + 1);
		hosts[i].name = "h";
	}
	memset(&vm, 0, sizeof(vm));
	vm.name = "vm";
	vm.uuid.b[0] = 1;
	config.hosts = hosts;
	config.host_count = 1;
	config.vms = &vm;
	config.vm_count = 1;
	config.hash.b[0] = 1;
	state = calloc(1, ha_state_size(VMS));
	mem = aligned_alloc(16, size);
	ck_assert_ptr_nonnull(state);
	ck_assert_ptr_nonnull(mem);
	memset(mem, 0, size);
	state->vm_max = VMS;
	core = ha_core_init(mem, &params);
	now = HA_S(1);
	head = tail = answers = 0;
}

static void tear_down(void)
{
	free(mem);
	free(state);
}

static struct ha_cluster_view cluster(void)
{
	struct ha_cluster_view v;

	ha_core_view_cluster(core, &v);
	return v;
}

/* The store names a configuration that it does not hold: the epoch opens, for
 * order needs none, and nothing is decided until it has come. */
START_TEST(configuration_that_is_not_at_hand)
{
	struct ha_placement_view placement;
	struct ha_event ev = { .kind = HA_EV_MESSAGE };
	struct ha_msg request;

	load(ha_host_bit(1), false);
	command(HA_CMD_ACCEPT_LOSS, 1, ha_host_bit(2)); /* nobody is a member */
	run(HA_S(1));
	view(true, ha_host_bit(1), ha_host_bit(1));
	run(HA_S(5));
	ck_assert(cluster().quorate);
	ck_assert(!cluster().settled);
	ck_assert_ptr_null(ha_core_config(core));
	ck_assert(!ha_core_view_placement(core, &vm.uuid, &placement));
	memset(&request, 0, sizeof(request));
	request.kind = HA_MSG_REQUEST;
	request.from = 1;
	request.epoch = cluster().epoch;
	request.request.verb = HA_CMD_DISARM;
	ev.message = &request;
	step(&ev);
	answers = 0;
	command(HA_CMD_DISARM, 2, 0);
	run(HA_S(1));
	ck_assert(!cluster().disarmed);
	have_config();
	command(HA_CMD_DISARM, 3, 0);
	run(HA_S(3));
	check_answer(3, 0, "");
	ck_assert(cluster().disarmed);
	ck_assert_ptr_eq(ha_core_config(core), &config);
}
END_TEST

START_TEST(damaged_store_creates_nothing)
{
	have_config();
	load(ha_host_bit(1), true);
	ck_assert(cluster().empty);
	command(HA_CMD_CLUSTER_CREATE, 4, 0);
	check_answer(4, HA_E_DAMAGED, "cannot be created now");
}
END_TEST

START_TEST(created_from_what_is_at_hand)
{
	struct ha_event ev = { .kind = HA_EV_LOADED };

	step(&ev);
	command(HA_CMD_CLUSTER_CREATE, 5, 0);
	check_answer(5, HA_E_REFUSED, "does not name this host");
	have_config();
	command(HA_CMD_CLUSTER_CREATE, 6, 0);
	view(true, ha_host_bit(1), ha_host_bit(1));
	run(HA_S(5));
	check_answer(6, 0, "the cluster runs");
}
END_TEST

/* Corosync is quorate, but one of those who are left has no hacd. */
START_TEST(loss_without_all_who_are_left)
{
	config.host_count = 3;
	have_config();
	load(ha_host_bit(1) | ha_host_bit(2) | ha_host_bit(3), false);
	view(true, ha_host_bit(1) | ha_host_bit(2), ha_host_bit(1));
	run(HA_S(3));
	command(HA_CMD_ACCEPT_LOSS, 7, ha_host_bit(3));
	run(HA_S(1));
	check_answer(7, HA_E_REFUSED, "the loss cannot be accepted");
}
END_TEST

/* --- what a core remembers between two steps --- */

static const struct ha_config *find_config(const struct ha_hash *hash,
					   void *arg)
{
	const struct ha_config *at_hand = arg;

	return at_hand && ha_hash_equal(hash, &at_hand->hash) ? at_hand : NULL;
}

static bool can_restore(const void *data, size_t len,
			const struct ha_config *at_hand)
{
	const struct ha_core_params params = { .self = 1, .boot = 7, .seed = 1,
					       .token = HA_S(1),
					       .vms_max = VMS };
	const struct ha_core_image image = { .data = data, .len = len,
					     .find = find_config,
					     .arg = (void *)at_hand };
	void *other = calloc(1, ha_core_size(VMS));
	bool can;

	ck_assert_ptr_nonnull(other);
	can = ha_core_restore(other, &params, &image) != NULL;
	free(other);
	return can;
}

/* With a domain that is not ours, a configuration, a VM. */
static struct ha_buf image_of_one_that_runs(void)
{
	struct ha_domain foreign = { .seen = HA_SEEN_RUNNING, .instance = 9 };
	struct ha_event ev = { .kind = HA_EV_INVENTORY };
	struct ha_buf image = { 0 };

	have_config();
	load(ha_host_bit(1), false);
	view(true, ha_host_bit(1), ha_host_bit(1));
	run(HA_S(5));
	foreign.vm.b[0] = 5;
	ev.inventory.domains = &foreign;
	ev.inventory.count = 1;
	ev.inventory.memory_kib = 1 << 20;
	ev.inventory.cpus = 1;
	step(&ev);
	ha_core_save(core, &image);
	return image;
}

START_TEST(image_is_whole_or_nothing)
{
	struct ha_buf image = image_of_one_that_runs();
	struct ha_config large = config;

	ck_assert(can_restore(image.data, image.len, &config));
	/* the tables of VMs are at its end */
	for (size_t len = 0; len < image.len;
	     len += len + 2000 < image.len ? 97 : 3) {
		ck_assert_msg(!can_restore(image.data, len, &config),
			      "%zu of %zu bytes", len, image.len);
	}
	ck_assert(!can_restore(image.data, image.len, NULL));
	large.vm_count = VMS + 1;
	ck_assert(!can_restore(image.data, image.len, &large));
	ha_buf_append(&image, "", 1);
	ck_assert(!can_restore(image.data, image.len, &config));
	ha_buf_fini(&image);
}
END_TEST

/* One that has not read its store is none. */
START_TEST(image_of_nothing_loaded)
{
	struct ha_buf image = { 0 };

	ha_core_save(core, &image);
	ck_assert(!can_restore(image.data, image.len, &config));
	ha_buf_fini(&image);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("shell");
	TCase *t = tcase_create("alone");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, configuration_that_is_not_at_hand);
	tcase_add_test(t, damaged_store_creates_nothing);
	tcase_add_test(t, created_from_what_is_at_hand);
	tcase_add_test(t, loss_without_all_who_are_left);
	tcase_add_test(t, image_is_whole_or_nothing);
	tcase_add_test(t, image_of_nothing_loaded);
	suite_add_tcase(s, t);
	return test_main(s);
}
