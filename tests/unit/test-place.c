/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/place.h"

#include <check.h>
#include <stdlib.h>

#define GIB(x) ((uint64_t)(x) << 20)

struct place_case {
	const char *name;
	struct ha_place_host hosts[4];
	size_t count;
	struct ha_place_need need;
	enum ha_place_result result;
	ha_hostid host;  /* for OK */
	const char *why; /* part of it, for NO_ROOM */
};

/* id, usable, free, all, vcpus free, vms, starting, starts_max */
#define HOST(...) { __VA_ARGS__ }

static const struct place_case cases[] = {
	{ .name = "no hosts", .need = { GIB(1), 1, 0, 0 },
	  .result = HA_PLACE_NO_ROOM, .why = "no host can own VMs now" },
	{ .name = "the largest free share wins, not the most memory",
	  .hosts = { HOST(1, true, GIB(8), GIB(32), 8, 0, 0, 8),
		     HOST(2, true, GIB(6), GIB(8), 8, 5, 0, 8) },
	  .count = 2, .need = { GIB(1), 1, 0, 0 }, .host = 2 },
	{ .name = "equal shares: fewest VMs",
	  .hosts = { HOST(1, true, GIB(4), GIB(8), 8, 3, 0, 8),
		     HOST(2, true, GIB(8), GIB(16), 8, 2, 0, 8) },
	  .count = 2, .need = { GIB(1), 1, 0, 0 }, .host = 2 },
	{ .name = "a full tie: lowest id",
	  .hosts = { HOST(3, true, GIB(8), GIB(8), 8, 0, 0, 8),
		     HOST(4, true, GIB(8), GIB(8), 8, 0, 0, 8) },
	  .count = 2, .need = { GIB(1), 1, 0, 0 }, .host = 3 },
	{ .name = "an unusable host is never chosen",
	  .hosts = { HOST(1, false, GIB(8), GIB(8), 8, 0, 0, 8),
		     HOST(2, true, GIB(2), GIB(8), 8, 0, 0, 8) },
	  .count = 2, .need = { GIB(1), 1, 0, 0 }, .host = 2 },
	{ .name = "memory must fit, exactly is enough",
	  .hosts = { HOST(1, true, GIB(4) - 1, GIB(4), 8, 0, 0, 8),
		     HOST(2, true, GIB(4), GIB(64), 8, 0, 0, 8) },
	  .count = 2, .need = { GIB(4), 1, 0, 0 }, .host = 2 },
	{ .name = "vcpus must fit",
	  .hosts = { HOST(1, true, GIB(8), GIB(8), 3, 0, 0, 8),
		     HOST(2, true, GIB(4), GIB(8), 4, 0, 0, 8) },
	  .count = 2, .need = { GIB(1), 4, 0, 0 }, .host = 2 },
	{ .name = "a busy host is passed by",
	  .hosts = { HOST(1, true, GIB(8), GIB(8), 8, 0, 8, 8),
		     HOST(2, true, GIB(2), GIB(8), 8, 0, 7, 8) },
	  .count = 2, .need = { GIB(1), 1, 0, 0 }, .host = 2 },
	{ .name = "all that fit are busy",
	  .hosts = { HOST(1, true, GIB(8), GIB(8), 8, 0, 8, 8),
		     HOST(2, true, GIB(0), GIB(8), 8, 0, 0, 8) },
	  .count = 2, .need = { GIB(1), 1, 0, 0 },
	  .result = HA_PLACE_BUSY },
	{ .name = "an avoided host only if nothing else fits",
	  .hosts = { HOST(1, true, GIB(8), GIB(8), 8, 0, 0, 8),
		     HOST(2, true, GIB(2), GIB(8), 8, 0, 0, 8) },
	  .count = 2, .need = { GIB(1), 1, 1, 0 }, .host = 2 },
	{ .name = "then the avoided host it is",
	  .hosts = { HOST(1, true, GIB(8), GIB(8), 8, 0, 0, 8),
		     HOST(2, true, GIB(2), GIB(8), 8, 0, 0, 8) },
	  .count = 2, .need = { GIB(4), 1, 1, 0 }, .host = 1 },
	{ .name = "rather wait for a busy host than use an avoided one",
	  .hosts = { HOST(1, true, GIB(8), GIB(8), 8, 0, 0, 8),
		     HOST(2, true, GIB(2), GIB(8), 8, 0, 8, 8) },
	  .count = 2, .need = { GIB(1), 1, 1, 0 },
	  .result = HA_PLACE_BUSY },
	{ .name = "only that host",
	  .hosts = { HOST(1, true, GIB(8), GIB(8), 8, 0, 0, 8),
		     HOST(2, true, GIB(2), GIB(8), 8, 0, 0, 8) },
	  .count = 2, .need = { GIB(1), 1, 0, 2 }, .host = 2 },
	{ .name = "only that host, also when avoided",
	  .hosts = { HOST(1, true, GIB(8), GIB(8), 8, 0, 0, 8),
		     HOST(2, true, GIB(2), GIB(8), 8, 0, 0, 8) },
	  .count = 2, .need = { GIB(1), 1, 2, 2 }, .host = 2 },
	{ .name = "only that host, which cannot",
	  .hosts = { HOST(1, true, GIB(8), GIB(8), 8, 0, 0, 8),
		     HOST(2, false, GIB(8), GIB(8), 8, 0, 0, 8) },
	  .count = 2, .need = { GIB(1), 1, 0, 2 },
	  .result = HA_PLACE_NO_ROOM, .why = "host 2 cannot own VMs now" },
	{ .name = "what memory is missing",
	  .hosts = { HOST(1, true, GIB(1), GIB(8), 8, 0, 0, 8),
		     HOST(2, true, GIB(2), GIB(8), 8, 0, 0, 8) },
	  .count = 2, .need = { GIB(4), 1, 0, 0 },
	  .result = HA_PLACE_NO_ROOM,
	  .why = "needs 4096 MiB of memory, at most 2048 MiB are free" },
	{ .name = "what vcpus are missing",
	  .hosts = { HOST(1, true, GIB(8), GIB(8), 8, 0, 0, 8) },
	  .count = 1, .need = { GIB(4), 16, 0, 0 },
	  .result = HA_PLACE_NO_ROOM,
	  .why = "needs 16 vcpus, at most 8 are free" },
	{ .name = "memory here, vcpus there",
	  .hosts = { HOST(1, true, GIB(8), GIB(8), 1, 0, 0, 8),
		     HOST(2, true, GIB(1), GIB(8), 8, 0, 0, 8) },
	  .count = 2, .need = { GIB(4), 4, 0, 0 },
	  .result = HA_PLACE_NO_ROOM, .why = "no host has both free" },
	{ .name = "shares beyond 64 bits",
	  .hosts = { HOST(1, true, UINT64_MAX / 2, UINT64_MAX, 8, 0, 0, 8),
		     HOST(2, true, UINT64_MAX - 1, UINT64_MAX, 8, 0, 0, 8) },
	  .count = 2, .need = { GIB(4), 4, 0, 0 }, .host = 2 },
};

START_TEST(test_case)
{
	const struct place_case *c = &cases[_i];
	ha_hostid host = 99;
	char why[HA_TEXT_MAX + 1] = "";
	enum ha_place_result r;

	r = ha_place(c->hosts, c->count, &c->need, &host, why);
	ck_assert_msg(r == c->result, "%s: result %d", c->name, (int)r);
	if (r == HA_PLACE_OK) {
		ck_assert_msg(host == c->host, "%s: on %u", c->name, host);
	} else {
		ck_assert_msg(host == 99, "%s: host was touched", c->name);
	}
	if (c->why) {
		ck_assert_msg(strstr(why, c->why) != NULL, "%s: '%s'", c->name,
			      why);
	}
}
END_TEST

/* Placing many equal VMs on equal hosts leaves the counts one apart. */
START_TEST(test_spread)
{
	struct ha_place_host hosts[3];
	struct ha_place_need need = { GIB(1), 1, 0, 0 };
	char why[HA_TEXT_MAX + 1];
	ha_hostid host;

	for (uint32_t i = 0; i < 3; i++) {
		hosts[i] = (struct ha_place_host){
			i + 1, true, GIB(64), GIB(64), 256, 0, 0, 100
		};
	}
	for (uint32_t n = 0; n < 100; n++) {
		ck_assert_int_eq(ha_place(hosts, 3, &need, &host, why),
				 HA_PLACE_OK);
		ck_assert_uint_eq(host, n % 3 + 1);
		hosts[host - 1].memory_free_kib -= need.memory_kib;
		hosts[host - 1].vms++;
	}
}
END_TEST

struct why_case {
	struct ha_place_host hosts[3];
	size_t count;
	struct ha_place_need need;
	ha_hostid host;
	enum ha_place_reason why;
};

static const struct why_case whys[] = {
	{ .hosts = { HOST(1, true, GIB(8), GIB(8), 8, 0, 0, 2),
		     HOST(2, true, GIB(4), GIB(8), 8, 0, 0, 2) },
	  .count = 2, .need = { GIB(1), 1, 0, 0 }, .host = 1,
	  .why = HA_PLACE_LARGEST },
	{ .hosts = { HOST(1, true, GIB(8), GIB(8), 8, 0, 2, 2),
		     HOST(2, true, GIB(4), GIB(8), 8, 0, 0, 2) },
	  .count = 2, .need = { GIB(1), 1, 0, 0 }, .host = 2,
	  .why = HA_PLACE_IN_TURN },
	{ .hosts = { HOST(1, true, GIB(1), GIB(8), 8, 0, 0, 2),
		     HOST(2, true, GIB(4), GIB(8), 8, 0, 0, 2),
		     HOST(3, false, GIB(8), GIB(8), 8, 0, 0, 2) },
	  .count = 3, .need = { GIB(2), 1, 0, 0 }, .host = 2,
	  .why = HA_PLACE_ALONE },
	{ .hosts = { HOST(1, true, GIB(8), GIB(8), 8, 0, 0, 2),
		     HOST(2, true, GIB(4), GIB(8), 8, 0, 0, 2) },
	  .count = 2, .need = { GIB(1), 1, 1, 0 }, .host = 2,
	  .why = HA_PLACE_ALONE },
	{ .hosts = { HOST(1, true, GIB(8), GIB(8), 8, 0, 0, 2),
		     HOST(2, true, GIB(4), GIB(8), 8, 0, 0, 2) },
	  .count = 2, .need = { GIB(1), 1, 0, 2 }, .host = 2,
	  .why = HA_PLACE_ONLY },
};

START_TEST(test_why)
{
	const struct why_case *w = &whys[_i];

	ck_assert_int_eq(ha_place_reason(w->hosts, w->count, &w->need, w->host),
			 w->why);
}
END_TEST

static const struct {
	uint32_t most, cpus, ended, starts;
} waves[] = {
	{ 8, 2, 0, 1 }, { 8, 2, 1, 2 },	 { 8, 2, 6, 7 },  { 8, 2, 7, 8 },
	{ 8, 2, 8, 8 }, { 8, 2, UINT32_MAX, 8 },
	{ 8, 0, 0, 1 }, { 8, 1, 0, 1 },	 { 8, 5, 0, 2 },  { 8, 16, 0, 8 },
	{ 8, 64, 0, 8 }, { 1, 64, 5, 1 }, { 1, 1, 0, 1 },
	{ 1000, UINT32_MAX, UINT32_MAX, 1000 },
};

START_TEST(test_wave)
{
	ck_assert_uint_eq(ha_place_starts(waves[_i].most, waves[_i].cpus,
					  waves[_i].ended), waves[_i].starts);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("place");
	TCase *t = tcase_create("place");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, test_case, 0,
			    (int)(sizeof(cases) / sizeof(cases[0])));
	tcase_add_test(t, test_spread);
	tcase_add_loop_test(t, test_why, 0, sizeof(whys) / sizeof(whys[0]));
	tcase_add_loop_test(t, test_wave, 0, sizeof(waves) / sizeof(waves[0]));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
