/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flight records: every story is played with all hacds recorded, and each
 * record gives the same trace once more. With a large bound from the
 * beginning of hacd; with a small one from what it remembered in the middle.
 */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "sim/replay.h"
#include "sim/run.h"
#include "wire/record_event.h"

#define LARGE (64u << 20)
#define SMALL (24u << 10)

struct heard { /* of one run */
	const char *story;
	struct ha_buf *live;     /* per record: the lines of that host */
	size_t masked, records, events, decisions, parts;
	size_t bytes;            /* of events and images */
	struct ha_buf kept;      /* one record, for the tests of bad ones */
};

static void replay(const char *host, const struct ha_buf *record, void *arg)
{
	struct ha_replay_options o = { 0 };
	struct heard *h = arg;
	struct ha_buf why = { 0 };
	struct ha_record_bytes data = { record->data, record->len };
	struct ha_replay p;
	enum ha_replay_result result = ha_replay_run(&data, &o, &p, &why);

	ck_assert_msg(result == HA_REPLAY_SAME, "%s, %s: %s", h->story, host,
		      why.data ? why.data : "");
	ck_assert_msg(!memmem(record->data, record->len, "not-to-be-shown",
			      strlen("not-to-be-shown")),
		      "%s, %s: a secret is in the record", h->story, host);
	h->masked += memmem(record->data, record->len, "\"***\"", 5) != NULL;
	h->records++;
	h->events += p.events;
	h->decisions += p.decisions;
	h->bytes += record->len;
	h->parts += p.record.part_count;
	if (p.record.part_count == 2 && p.events > 50) {
		ha_buf_clear(&h->kept);
		ha_buf_append(&h->kept, record->data, record->len);
	}
	ha_replay_fini(&p);
	ha_buf_fini(&why);
}

static void play(const char *path, size_t bytes, struct heard *h)
{
	struct ha_sim_options o = { .seed = 1, .record = replay,
				    .record_arg = h, .record_bytes = bytes };
	struct ha_buf out = { 0 };
	struct ha_scenario sc;

	h->story = path;
	ck_assert_int_eq(ha_scenario_read(path, &sc, &out), 0);
	ck_assert_msg(ha_sim_run(&sc, &o, &out) == HA_SIM_HELD, "%s: %s", path,
		      out.data);
	ha_scenario_fini(&sc);
	ha_buf_fini(&out);
}

static void name_story(const char *name, char ret_path[512])
{
	const char *src = getenv("srcdir");

	(void)snprintf(ret_path, 512, "%s/tests/scenario/%s", src ? src : ".",
		       name);
}

static int is_story(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return len > 9 && strcmp(d->d_name + len - 9, ".scenario") == 0;
}

static void play_all(size_t bytes, struct heard *h)
{
	struct dirent **list = NULL;
	char dir[512], path[512];
	int n;

	name_story("", dir);
	n = scandir(dir, &list, is_story, alphasort);
	ck_assert_int_gt(n, 30);
	for (int i = 0; i < n; i++) {
		name_story(list[i]->d_name, path);
		play(path, bytes, h);
		free(list[i]);
	}
	free(list);
}

START_TEST(from_the_beginning)
{
	struct heard h = { 0 };

	play_all(LARGE, &h);
	ck_assert_uint_eq(h.parts, h.records);
	ck_assert_uint_gt(h.decisions, 1000);
	ck_assert_uint_gt(h.masked, 20);
	printf("%zu records, %zu events, %zu decisions, %zu bytes\n",
	       h.records, h.events, h.decisions, h.bytes);
	ha_buf_fini(&h.kept);
}
END_TEST

START_TEST(from_the_middle)
{
	struct heard h = { 0 };

	play_all(SMALL, &h);
	ck_assert_uint_gt(h.parts, h.records);
	ha_buf_fini(&h.kept);
}
END_TEST

Suite *suite(void);

Suite *suite(void)
{
	Suite *s = suite_create("record");
	TCase *t = tcase_create("record");

	tcase_set_timeout(t, 300);
	tcase_add_test(t, from_the_beginning);
	tcase_add_test(t, from_the_middle);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	SRunner *r = srunner_create(suite());
	int failed;

	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed > 0 ? 1 : 0;
}
