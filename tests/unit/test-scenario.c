/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "sim/scenario.h"
#include "tests/unit/suite.h"

#define HEAD "# A title.\ncluster three.xml\n"

static void must_parse(const char *text, struct ha_scenario *ret_sc)
{
	struct ha_buf error = { 0 };
	int err = ha_scenario_parse("dir/a.scn", text, ret_sc, &error);

	ck_assert_msg(err == 0, "%s", error.data);
	ha_buf_fini(&error);
}

static void must_fail(const char *text, const char *expected)
{
	struct ha_scenario sc;
	struct ha_buf error = { 0 };

	ck_assert_int_eq(ha_scenario_parse("a.scn", text, &sc, &error),
			 HA_E_SYNTAX);
	ck_assert_msg(strstr(error.data, expected) != NULL,
		      "'%s' is not in '%s'", expected, error.data);
	ha_buf_fini(&error);
}

START_TEST(test_head)
{
	struct ha_scenario sc;

	must_parse("# A title.\ncluster three.xml\ncorosync two_node token 500ms\n"
		   "spare h4,h5\nstart\n", &sc);
	ck_assert_str_eq(sc.title, "A title.");
	ck_assert_str_eq(sc.cluster, "dir/three.xml");
	ck_assert(sc.two_node && !sc.wait_for_all);
	ck_assert_int_eq(sc.token, HA_MS(500));
	ck_assert_uint_eq(sc.spares.count, 2);
	ck_assert_uint_eq(sc.step_count, 1);
	ck_assert_uint_eq(sc.steps[0].line, 5);
	ha_scenario_fini(&sc);
}
END_TEST

START_TEST(test_no_cluster)
{
	struct ha_buf error = { 0 };
	struct ha_scenario sc;

	must_parse("corosync two_node\nkill h1\n", &sc);
	ck_assert(!ha_scenario_names_cluster(&sc, &error));
	ck_assert_str_eq(error.data, "  dir/a.scn:2: 'cluster FILE' must come "
			 "before the first step\n");
	ha_buf_fini(&error);
	ha_scenario_fini(&sc);
	must_parse("cluster three.xml\nstart\n", &sc);
	ck_assert(ha_scenario_names_cluster(&sc, &error));
	ha_scenario_fini(&sc);
}
END_TEST

START_TEST(test_steps)
{
	struct ha_scenario sc;

	must_parse(HEAD "hang h1 for 20s\nhang libvirt h2\ncrash vm db1\n"
		   "crash hacd h1\npartition h1,h2 | h3\n"
		   "on h2 refused hactl vm start db1 # not here\n"
		   "break vm db1 start on h1,h2 times 3\nboot h1 taking 2m\n"
		   "crash hacd h1 after send for 2s\n"
		   "crash hacd h1 after action 7\n", &sc);
	ck_assert_uint_eq(sc.steps[0].verb, HA_SCN_HANG);
	ck_assert_int_eq(sc.steps[0].time, HA_S(20));
	ck_assert_uint_eq(sc.steps[1].verb, HA_SCN_HANG_PROGRAM);
	ck_assert_uint_eq(sc.steps[1].program, HA_SCN_PROGRAM_LIBVIRT);
	ck_assert_uint_eq(sc.steps[2].verb, HA_SCN_CRASH_VM);
	ck_assert_uint_eq(sc.steps[3].verb, HA_SCN_CRASH);
	ck_assert_uint_eq(sc.steps[4].group_count, 2);
	ck_assert_uint_eq(sc.steps[5].verb, HA_SCN_REFUSED);
	ck_assert_str_eq(sc.steps[5].hosts.names[0], "h2");
	ck_assert_uint_eq(sc.steps[5].argc, 3);
	ck_assert_str_eq(sc.steps[5].argv[2], "db1");
	ck_assert_uint_eq(sc.steps[6].number, 3);
	ck_assert_uint_eq(sc.steps[6].hosts.count, 2);
	ck_assert_int_eq(sc.steps[7].time, HA_S(120));
	ck_assert_uint_eq(sc.steps[8].mode, HA_SCN_MODE_SEND);
	ck_assert_uint_eq(sc.steps[8].number, 1);
	ck_assert_int_eq(sc.steps[8].time, HA_S(2));
	ck_assert_uint_eq(sc.steps[9].mode, HA_SCN_MODE_ACTION);
	ck_assert_uint_eq(sc.steps[9].number, 7);
	ha_scenario_fini(&sc);
}
END_TEST

START_TEST(test_swarm_words)
{
	struct ha_scenario sc;

	must_parse("# A title.\ncluster three.xml\nsimulator seed 12 disk 5ms "
		   "network 300us never-freezes\n"
		   "try on h2 hactl vm stop db1\ntry crash vm db1\nheal\n"
		   "heal h1,h2\nheal all within 25m\ndisk h1 failing\n", &sc);
	ck_assert_uint_eq(sc.seed, 12);
	ck_assert_int_eq(sc.disk, HA_MS(5));
	ck_assert_int_eq(sc.network, 300);
	ck_assert(sc.never_freezes);
	ck_assert(sc.steps[0].tried && sc.steps[0].verb == HA_SCN_HACTL);
	ck_assert_str_eq(sc.steps[0].hosts.names[0], "h2");
	ck_assert(sc.steps[1].tried && sc.steps[1].verb == HA_SCN_CRASH_VM);
	ck_assert(!sc.steps[2].tried && sc.steps[2].hosts.count == 0);
	ck_assert_uint_eq(sc.steps[3].hosts.count, 2);
	ck_assert_str_eq(sc.steps[4].hosts.names[0], "all");
	ck_assert_int_eq(sc.steps[4].time, HA_S(1500));
	ck_assert_uint_eq(sc.steps[5].mode, HA_SCN_MODE_FAILING);
	ha_scenario_fini(&sc);
	must_fail(HEAD "try expect settled\n", "a deed is expected after 'try'");
	must_fail(HEAD "disk h1 torn\n", "'torn' is not expected here");
	must_fail("cluster x\nsimulator fast\nstart\n", "one of seed NUMBER");
}
END_TEST

START_TEST(test_world_words)
{
	struct ha_scenario sc;

	must_parse("# A title.\ncluster three.xml\n"
		   "corosync token_coefficient 0s qdevice lms\n"
		   "cut h1 h2 link 1\npartition h1 | h2 link 0\n"
		   "link h1 1 loss 30\nlink h1 0 delay 5ms\nqdevice lost h1\n"
		   "bmc h1 wrong-password\ndisk h2 full\nlibvirt h3 lying\n"
		   "clock h1 drift -200\ncrash libvirt h1 for 30s\n", &sc);
	ck_assert(sc.has_coefficient && sc.token_coefficient == 0);
	ck_assert_int_eq(sc.qdevice, SIM_QDEVICE_LMS);
	ck_assert(sc.steps[0].has_number && sc.steps[0].number == 1);
	ck_assert(sc.steps[1].has_number && sc.steps[1].number == 0);
	ck_assert_uint_eq(sc.steps[2].percent, 30);
	ck_assert_int_eq(sc.steps[3].time, HA_MS(5));
	ck_assert_uint_eq(sc.steps[4].mode, HA_SCN_MODE_LOST);
	ck_assert_uint_eq(sc.steps[5].mode, HA_SCN_MODE_PASSWORD);
	ck_assert_uint_eq(sc.steps[6].mode, HA_SCN_MODE_FULL);
	ck_assert_uint_eq(sc.steps[7].mode, HA_SCN_MODE_LYING);
	ck_assert_int_eq(sc.steps[8].drift, -200);
	ck_assert_int_eq(sc.steps[9].time, HA_S(30));
	ha_scenario_fini(&sc);
	must_fail(HEAD "bmc h1 full\n", "'full' is not expected here");
	must_fail(HEAD "link h1 0 loss 101\n", "101 where so many of 100");
	must_fail(HEAD "clock h1 drift fast\n", "where a drift is expected");
	must_fail("cluster x\ncorosync qdevice\nstart\n", "ffsplit or lms");
}
END_TEST

START_TEST(test_conditions)
{
	static const char *const texts[] = {
		"vm db1 running on h1,h3", "no vm db1 running",
		"host h2 fenced", "host h2 fenced 2 times", "coordinator h1",
		"quorate", "quorate on h3", "order db1 web1", "vm db1 starts 2",
		"trace \"a: b -> c\"", "settled", "host h3 off",
		"rule front broken", "no rule front broken no-room",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ha_scenario sc;
		struct ha_buf text = { 0 };
		struct ha_buf shown = { 0 };

		ha_buf_printf(&text, HEAD "expect %s within 5s\n", texts[i]);
		must_parse(text.data, &sc);
		ck_assert_int_eq(sc.steps[0].time, HA_S(5));
		ha_scn_cond_print(&sc.steps[0].cond, &shown);
		ck_assert_str_eq(shown.data, texts[i]);
		ha_scenario_fini(&sc);
		ha_buf_fini(&text);
		ha_buf_fini(&shown);
	}
}
END_TEST

START_TEST(test_refused)
{
	must_fail("", "  a.scn: it has no step; add one");
	must_fail("# nothing yet\n", "  a.scn: it has no step; add one");
	must_fail(HEAD, "  a.scn: it has no step; add one");
	must_fail(HEAD "strat\n", "a.scn:3: 'strat' is not a step");
	must_fail(HEAD "kill\n", "the line ends where hosts");
	must_fail(HEAD "kill h1 h2\n", "'h2' where the line should end");
	must_fail(HEAD "wait 5\n", "a number and us, ms, s, m or h");
	must_fail(HEAD "wait -5s\n", "where a time is expected");
	must_fail(HEAD "hang h1,h2\n", "one host is expected");
	must_fail(HEAD "bmc h1 tired\n", "dead|failing|wrong-password|lying|slow|shared|ok");
	must_fail(HEAD "crash h1\n", "where a program is expected");
	must_fail(HEAD "crash hacd h1 after start\n", "is not expected here");
	must_fail(HEAD "crash hacd h1 after send 0\n", "counted from 1");
	must_fail(HEAD "crash corosync h1 after send\n", "only hacd");
	must_fail(HEAD "expect vm a flying\n", "where a VM's state is expected");
	must_fail(HEAD "expect host a flying\n", "where a host's state");
	must_fail(HEAD "expect rain\n", "where a condition is expected");
	must_fail(HEAD "hold vm a running\n", "'for TIME' is expected");
	must_fail(HEAD "partition h1,h2\n", "two or more sides");
	must_fail(HEAD "expect trace \"a\n", "a quote without its end");
	must_fail(HEAD "expect trace a\"b\n", "a quote within a word");
	must_fail(HEAD "start\nspare h4\n", "before the first step");
	must_fail(HEAD "kill h1,,h2\n", "where hosts");
	must_fail(HEAD "hactl\n", "arguments of hactl");
	must_fail(HEAD "on h1 kill h2\n", "'refused hactl' is expected after");
}
END_TEST

START_TEST(test_all_errors)
{
	struct ha_buf text = { 0 };

	must_fail(HEAD "strat\nstart\nkill\n", "a.scn:3: 'strat'");
	must_fail(HEAD "strat\nstart\nkill\n", "a.scn:5: the line ends");
	ha_buf_puts(&text, HEAD);
	for (int i = 0; i < 1000; i++) {
		ha_buf_puts(&text, "strat\n");
	}
	must_fail(text.data, "a.scn:22: 'strat'");
	must_fail(text.data, "and perhaps more");
	ha_buf_fini(&text);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("scenario");
	TCase *tc = tcase_create("parse");

	tcase_add_test(tc, test_head);
	tcase_add_test(tc, test_no_cluster);
	tcase_add_test(tc, test_steps);
	tcase_add_test(tc, test_swarm_words);
	tcase_add_test(tc, test_world_words);
	tcase_add_test(tc, test_conditions);
	tcase_add_test(tc, test_refused);
	tcase_add_test(tc, test_all_errors);
	suite_add_tcase(s, tc);
	return test_main(s);
}
