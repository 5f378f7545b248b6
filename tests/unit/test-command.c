/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How long an admin's command waits where no epoch opens. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "core/rules.h"
#include "tests/unit/suite.h"

#define VMS 4

static void *mem;
static struct ha_core *core;
static struct ha_config config;
static struct ha_host_conf hosts[3];
static ha_time now;

static struct ha_answer answer; /* the last one */
static unsigned int answers;

static void step(struct ha_event *ev)
{
	struct ha_actions acts;

	ev->now = now;
	acts = ha_core_step(core, ev);
	ck_assert_pstr_eq(acts.broken, NULL);
	for (size_t i = 0; i < acts.count; i++) {
		if (acts.list[i].kind == HA_ACT_ANSWER) {
			answer = acts.list[i].answer;
			answers++;
		}
	}
}

/* Time goes by, the core is called when it wants to be. */
static void until(ha_time end)
{
	while (now < end) {
		ha_time next = ha_core_deadline(core);
		struct ha_event ev = { .kind = HA_EV_TICK };

		ck_assert(next > now);
		now = next < end ? next : end;
		step(&ev);
	}
}

static void command(enum ha_verb verb, uint64_t id)
{
	struct ha_event ev = { .kind = HA_EV_COMMAND };

	ev.command.verb = verb;
	ev.command.id = id;
	ev.command.hash = config.hash;
	ev.command.cluster[0] = 1;
	step(&ev);
}

/* A host of a cluster of three, whose corosync never says a word. */
static void setup(void)
{
	struct ha_core_params params = { .self = 1, .boot = 7, .seed = 1,
					 .token = HA_S(1), .vms_max = VMS };
	struct ha_event ev = { .kind = HA_EV_CONFIG, .config = &config };
	size_t size = (ha_core_size(VMS) + 15) / 16 * 16;

	memset(hosts, 0, sizeof(hosts));
	memset(&config, 0, sizeof(config));
	for (uint8_t i = 0; i < 3; i++) {
		hosts[i].id = (ha_hostid)(i + 1);
		hosts[i].name = "h";
	}
	config.hosts = hosts;
	config.host_count = 3;
	config.hash.b[0] = 1;
	mem = aligned_alloc(16, size);
	ck_assert_ptr_nonnull(mem);
	memset(mem, 0, size);
	core = ha_core_init(mem, &params);
	now = HA_S(1);
	answers = 0;
	step(&ev);
	ev = (struct ha_event){ .kind = HA_EV_LOADED };
	step(&ev);
	command(HA_CMD_CLUSTER_CREATE, 1);
}

static void teardown(void)
{
	free(mem);
}

/* The epoch that answers the creation never opens. */
static void wait_long(void)
{
	until(HA_S(17));
	ck_assert_uint_eq(answers, 1);
	ck_assert_uint_eq(answer.id, 1);
	answers = 0;
}

START_TEST(waits_for_an_epoch_after_start)
{
	command(HA_CMD_DISARM, 2);
	until(HA_S(15));
	ck_assert_uint_eq(answers, 0);
	until(HA_S(17));
	ck_assert_uint_eq(answers, 2);
	ck_assert_uint_eq(answer.id, 2);
	ck_assert_int_eq(answer.code, HA_E_NO_QUORUM);
}
END_TEST

START_TEST(no_epoch_for_long_refuses_at_once)
{
	wait_long();
	command(HA_CMD_DISARM, 2);
	ck_assert_uint_eq(answers, 1);
	ck_assert_uint_eq(answer.id, 2);
	ck_assert_int_eq(answer.code, HA_E_NO_QUORUM);
}
END_TEST

START_TEST(forgotten_before_it_was_sent)
{
	struct ha_event ev = { .kind = HA_EV_FORGET, .forget = 2 };

	command(HA_CMD_DISARM, 2);
	step(&ev);
	wait_long();
}
END_TEST

/* What is durable already is not forgotten with its tool. */
START_TEST(creation_is_not_forgotten)
{
	struct ha_event ev = { .kind = HA_EV_FORGET, .forget = 1 };

	step(&ev);
	wait_long();
}
END_TEST

/* The replica speaks of hosts by their ids; people know their names. */
START_TEST(names_instead_of_ids)
{
	static const struct {
		const char *text, *want;
	} all[] = {
		{ "", "" },
		{ "waits for host 2, host 3", "waits for host h, host h" },
		{ "host 64 is no host here", "host 64 is no host here" },
		{ "host 0", "host ?" },
		{ "host 65", "host 65" },
		{ "host 1234", "host 1234" },
		{ "a host is silent, hosts are", "a host is silent, hosts are" },
		{ "host ", "host " },
		{ "host x", "host x" },
	};
	char ret[64], little[8];

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		name_hosts(core, all[i].text, ret, sizeof(ret));
		ck_assert_str_eq(ret, all[i].want);
		name_hosts(core, all[i].text, little, sizeof(little));
		ck_assert_uint_lt(strlen(little), sizeof(little));
		ck_assert_int_eq(strncmp(little, all[i].want, strlen(little)),
				 0);
	}
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("command");
	TCase *tc = tcase_create("no epoch");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, no_epoch_for_long_refuses_at_once);
	tcase_add_test(tc, waits_for_an_epoch_after_start);
	tcase_add_test(tc, forgotten_before_it_was_sent);
	tcase_add_test(tc, creation_is_not_forgotten);
	tcase_add_test(tc, names_instead_of_ids);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return test_main(suite());
}
