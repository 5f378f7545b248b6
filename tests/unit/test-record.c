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
#include "core/view.h"
#include "sim/replay.h"
#include "sim/run.h"
#include "tests/unit/suite.h"
#include "wire/record_event.h"

#define LARGE (64u << 20)
#define SMALL (24u << 10)

struct heard { /* of one run */
	const char *story;
	struct ha_buf *live;     /* per record: the lines of that host */
	size_t stories, each;    /* of so many, one in each is played */
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

static int is_seen(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

/* Of a folder and of the folders in it; how many. */
static unsigned play_folder(const char *dir, size_t bytes, struct heard *h)
{
	struct dirent **list = NULL;
	unsigned count = 0;
	int n = scandir(dir, &list, is_seen, alphasort);

	for (int i = 0; i < n; i++) {
		size_t len = strlen(list[i]->d_name);
		char path[1024];

		(void)snprintf(path, sizeof(path), "%s/%s", dir,
			       list[i]->d_name);
		if (list[i]->d_type == DT_DIR) {
			count += play_folder(path, bytes, h);
		} else if (len > 9 && strcmp(list[i]->d_name + len - 9,
					     ".scenario") == 0 &&
			   h->stories++ % h->each == 0) {
			play(path, bytes, h);
			count++;
		}
		free(list[i]);
	}
	free(list);
	return count;
}

static void play_all(size_t bytes, struct heard *h)
{
	char dir[512];

	name_story("", dir);
	ck_assert_uint_gt(play_folder(dir, bytes, h), 30);
}

/* --- what can be done with one --- */

static const char then_story[] = "recovery/priority-order.scenario";

static void go_on(const char *host, const struct ha_buf *record, void *arg)
{
	struct ha_record_bytes data = { record->data, record->len };
	struct ha_replay_options o = { 0 };
	struct ha_sim_begin begin = { 0 };
	struct ha_sim_options run = { .seed = 1, .begin = &begin };
	struct ha_buf out = { 0 };
	struct ha_scenario sc;
	struct ha_replay p;
	char path[512], *text;

	if (ha_replay_run(&data, &o, &p, &out) == HA_REPLAY_SAME) {
		begin.core = p.core;
		begin.hash = ha_core_state(p.core)->config;
		text = ha_replay_text(&p, &begin.hash);
		ck_assert_ptr_nonnull(text);
		begin.text = text;
		name_story(then_story, path);
		ck_assert_int_eq(ha_scenario_read(path, &sc, &out), 0);
		ck_assert_msg(ha_sim_run(&sc, &run, &out) == HA_SIM_HELD,
			      "after the record of %s: %s", host, out.data);
		ha_scenario_fini(&sc);
		free(text);
		++*(size_t *)arg;
	}
	ha_replay_fini(&p);
	ha_buf_fini(&out);
}

/* A story goes on where another has ended, on each host's record. */
START_TEST(then_a_scenario)
{
	size_t done = 0;
	struct ha_sim_options o = { .seed = 1, .record = go_on,
				    .record_arg = &done,
				    .record_bytes = LARGE };
	struct ha_buf out = { 0 };
	struct ha_scenario sc;
	char path[512];

	name_story("admin/maintenance.scenario", path);
	ck_assert_int_eq(ha_scenario_read(path, &sc, &out), 0);
	ck_assert_int_eq(ha_sim_run(&sc, &o, &out), HA_SIM_HELD);
	ck_assert_uint_eq(done, 3);
	ha_scenario_fini(&sc);
	ha_buf_fini(&out);
}
END_TEST

/* Of all stories; where each takes ten times as long, ./check wants fewer. */
START_TEST(from_the_beginning)
{
	struct heard h = { .each = getenv("HA_CHECK_SAMPLE") ? 4 : 1 };

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
	struct heard h = { .each = 4 }; /* takes long */

	play_all(SMALL, &h);
	ck_assert_uint_gt(h.parts, h.records);
	ha_buf_fini(&h.kept);
}
END_TEST

/* --- bad ones --- */

static enum ha_replay_result try_bytes(const void *data, size_t len,
				       struct ha_buf *why)
{
	struct ha_replay_options o = { 0 };
	struct ha_replay p;
	enum ha_replay_result result;

	ha_buf_clear(why);
	result = ha_replay_run(&(struct ha_record_bytes){ data, len }, &o, &p,
			       why);
	ha_replay_fini(&p);
	return result;
}

static void record_one(struct heard *h, size_t bytes)
{
	char path[512];

	memset(h, 0, sizeof(*h));
	name_story("recovery/priority-order.scenario", path);
	play(path, bytes, h);
	ck_assert_uint_gt(h->kept.len, 1000);
}

static void refused(const struct ha_buf *b, const char *says)
{
	struct ha_buf why = { 0 };

	ck_assert_int_eq(try_bytes(b->data, b->len, &why),
			 HA_REPLAY_UNREADABLE);
	ck_assert_msg(why.data && strstr(why.data, says), "%s, not %s",
		      why.data, says);
	ck_assert_ptr_null(strchr(why.data, '\n')); /* one sentence */
	ha_buf_fini(&why);
}

START_TEST(unreadable)
{
	struct heard h;
	struct ha_buf b = { 0 };

	record_one(&h, SMALL / 3);
	ha_buf_puts(&b, "hello\n");
	refused(&b, "not a flight record");
	ha_buf_clear(&b);
	refused(&b, "not a flight record");
	ha_buf_append(&b, h.kept.data, h.kept.len - 1);
	refused(&b, "cut off or damaged");
	ha_buf_clear(&b);
	ha_buf_append(&b, h.kept.data, h.kept.len);
	b.data[b.len / 2] ^= 1;
	refused(&b, "cut off or damaged");
	ha_buf_fini(&b);
	ha_buf_fini(&h.kept);
}
END_TEST

/* The record as it is, but for one event of its last part. */
static void repack(const struct ha_record *r, size_t skip, struct ha_buf *out)
{
	struct ha_buf parts[8] = { 0 };
	struct ha_record_bytes packed[8];

	for (size_t i = 0; i < r->part_count; i++) {
		const struct ha_record_part *p = &r->parts[i];

		ck_assert_int_eq(ha_record_pack_part(p, &parts[i]), 0);
		for (size_t k = 0; k < p->event_count; k++) {
			if (i != r->part_count - 1 || k != skip) {
				ck_assert_int_eq(ha_record_pack_element(
					&p->events[k], &parts[i]), 0);
			}
		}
		packed[i] = (struct ha_record_bytes){ parts[i].data,
						      parts[i].len };
	}
	ck_assert_int_eq(ha_record_pack(r, packed, out), 0);
	for (size_t i = 0; i < r->part_count; i++) {
		ha_buf_fini(&parts[i]);
	}
}

/* One whose last part has a few events: where a part ends depends on how many
 * bytes each of them takes. */
static void record_to_spare(struct heard *h, struct ha_record *ret_record)
{
	for (size_t bytes = SMALL / 3;; bytes += SMALL / 16) {
		ck_assert_uint_lt(bytes, SMALL);
		record_one(h, bytes);
		ck_assert_int_eq(ha_record_unpack(h->kept.data, h->kept.len,
						  ret_record), 0);
		if (ret_record->parts[ret_record->part_count - 1].event_count >
		    10) {
			return;
		}
		ha_record_fini(ret_record);
		ha_buf_fini(&h->kept);
	}
}

/* One event less, and the core does something else; it is said where. */
START_TEST(divergence)
{
	struct heard h;
	struct ha_buf b = { 0 }, why = { 0 };
	struct ha_record r;

	record_to_spare(&h, &r);
	repack(&r, SIZE_MAX, &b);
	ck_assert_uint_eq(b.len, h.kept.len);
	ck_assert_int_eq(memcmp(b.data, h.kept.data, b.len), 0);
	for (size_t skip = 0; skip < 8; skip++) {
		ha_buf_clear(&b);
		repack(&r, skip, &b);
		if (try_bytes(b.data, b.len, &why) != HA_REPLAY_SAME) {
			break;
		}
	}
	ck_assert_msg(why.data && strstr(why.data, "something else than"),
		      "%s", why.data);
	ha_record_fini(&r);
	ha_buf_fini(&b);
	ha_buf_fini(&why);
	ha_buf_fini(&h.kept);
}
END_TEST

static uint32_t crc32_of(const char *data, size_t len)
{
	uint32_t crc = ~(uint32_t)0;

	for (size_t i = 0; i < len; i++) {
		crc ^= (uint8_t)data[i];
		for (int k = 0; k < 8; k++) {
			crc = crc >> 1 ^ (0xedb88320u & -(crc & 1));
		}
	}
	return ~crc;
}

/* The same bytes, but another build's name in them. */
START_TEST(of_another_build)
{
	struct heard h;
	struct ha_buf b = { 0 };
	char line[64], *at;
	const char *body;
	size_t len;

	record_one(&h, SMALL / 3);
	at = memmem(h.kept.data, h.kept.len, ha_record_build(),
		    strlen(ha_record_build()));
	ck_assert_ptr_nonnull(at);
	*at = *at == 'x' ? 'y' : 'x';
	body = strchr(h.kept.data, '\n') + 1;
	len = h.kept.len - (size_t)(body - h.kept.data);
	(void)snprintf(line, sizeof(line), "hac flight record %08x %zu\n",
		       crc32_of(body, len), len);
	ha_buf_puts(&b, line);
	ha_buf_append(&b, body, len);
	refused(&b, "only the hacsim of that build can replay it");
	ha_buf_fini(&b);
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
	tcase_add_test(t, then_a_scenario);
	tcase_add_test(t, unreadable);
	tcase_add_test(t, divergence);
	tcase_add_test(t, of_another_build);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return test_main(suite());
}
