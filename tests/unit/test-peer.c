/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Round trips of what hosts say to each other, and what is refused of it. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "core/event.h"
#include "model/restart.h"
#include "tests/unit/suite.h"
#include "tests/unit/wire-sample.h"
#include "wire/peer.h"

static void pass_peer(const struct ha_msg *m, struct ha_peer_msg *ret_msg)
{
	struct ha_buf buf = { 0 };

	ck_assert_int_eq(ha_peer_pack(m, &buf), 0);
	ck_assert_int_eq(ha_peer_unpack(buf.data, buf.len, ret_msg), 0);
	ck_assert_int_eq(ret_msg->msg.kind, m->kind);
	ck_assert_uint_eq(ret_msg->msg.from, m->from);
	ck_assert_uint_eq(ret_msg->msg.epoch, m->epoch);
	ha_buf_fini(&buf);
}

static void fill_rmsg(struct ha_rmsg *r, enum ha_rmsg_kind kind)
{
	memset(r, 0, sizeof(*r));
	r->kind = kind;
	r->from = 7;
	r->view = 1;
	r->epoch = 2;
	r->last_epoch = 3;
	r->last_index = 4;
	r->commit = 5;
	r->to = 6;
	r->members = UINT64_MAX;
	r->boot = 8;
	r->empty = true;
	r->unbroken = true;
	r->passive = true;
	r->mute = true;
	r->promised = 9;
}

START_TEST(test_replica_messages)
{
	struct ha_entry entries[2];
	struct ha_msg m;
	struct ha_peer_msg p;

	sample_epoch_entry(&entries[0], 11);
	sample_fact_entry(&entries[1], 12);
	for (int kind = HA_RMSG_HELLO; kind <= HA_RMSG_FETCH; kind++) {
		bool told = kind == HA_RMSG_HELLO || kind == HA_RMSG_PROMISE ||
			    kind == HA_RMSG_PROPOSE;

		if (kind == HA_RMSG_SNAPSHOT) {
			continue; /* travels with the state */
		}
		memset(&m, 0, sizeof(m));
		m.kind = HA_MSG_REPLICA;
		m.from = 7;
		m.epoch = 130;
		fill_rmsg(&m.replica, (enum ha_rmsg_kind)kind);
		if (told) {
			sample_base(&m.replica.base);
			sample_meta(&m.replica.meta);
		}
		if (kind == HA_RMSG_APPEND) {
			m.replica.entries = entries;
			m.replica.entry_count = 2;
		}
		pass_peer(&m, &p);
		if (kind == HA_RMSG_APPEND) {
			ck_assert_mem_eq(p.msg.replica.entries, entries,
					 sizeof(entries));
			p.msg.replica.entries = entries;
		}
		ck_assert_mem_eq(&p.msg.replica, &m.replica,
				 sizeof(m.replica));
		ha_peer_fini(&p);
	}
}
END_TEST

START_TEST(test_state_message)
{
	struct ha_state *s = sample_state(300);
	struct ha_msg m;
	struct ha_peer_msg p;

	memset(&m, 0, sizeof(m));
	m.kind = HA_MSG_STATE;
	m.from = 7;
	fill_rmsg(&m.state.header, HA_RMSG_SNAPSHOT);
	sample_base(&m.state.header.base);
	sample_meta(&m.state.header.meta);
	m.state.state = s;
	pass_peer(&m, &p);
	ck_assert_mem_eq(&p.msg.state.header, &m.state.header,
			 sizeof(m.state.header));
	sample_check_state(s, p.msg.state.state);
	ha_peer_fini(&p);
	free(s);
}
END_TEST

START_TEST(test_largest_state)
{
	struct ha_state *s = sample_state(HA_VMS_MAX);
	struct ha_msg m;
	struct ha_peer_msg p;

	memset(&m, 0, sizeof(m));
	m.kind = HA_MSG_STATE;
	m.from = 7;
	m.state.header.kind = HA_RMSG_SNAPSHOT;
	m.state.state = s;
	pass_peer(&m, &p);
	sample_check_state(s, p.msg.state.state);
	ha_peer_fini(&p);
	free(s);
}
END_TEST

START_TEST(test_soft_messages)
{
	struct ha_report reports[2];
	struct ha_msg m;
	struct ha_peer_msg p;

	memset(&m, 0, sizeof(m));
	m.kind = HA_MSG_HOST;
	m.from = 1;
	m.host.boot = 5;
	m.host.memory_kib = 1u << 30;
	m.host.cpus = 8;
	m.host.cpu_mhz = 2600;
	m.host.vm_agent = m.host.fence_agent = m.host.frozen = true;
	m.host.stays_out = true;
	sample_fill(&m.host.crash.vm, sizeof(m.host.crash.vm), 5);
	m.host.crash.index = 77;
	m.host.crash.count = 2;
	pass_peer(&m, &p);
	ck_assert_mem_eq(&p.msg.host, &m.host, sizeof(m.host));
	ha_peer_fini(&p);
	memset(&m.host.crash.vm, 0, sizeof(m.host.crash.vm));
	m.host.crash.host = HA_HOSTS_MAX;
	pass_peer(&m, &p);
	ck_assert_mem_eq(&p.msg.host, &m.host, sizeof(m.host));
	ha_peer_fini(&p);

	memset(reports, 0, sizeof(reports));
	memset(&m, 0, sizeof(m));
	m.kind = HA_MSG_REPORTS;
	m.from = 64;
	reports[0].seen = HA_SEEN_UNKNOWN;
	reports[1].ended = HA_WHY_FAILED;
	reports[1].gen = 4;
	reports[1].ready = HA_READY_BIT(HA_READY_GUEST);
	reports[1].unready = HA_READY_BIT(HA_READY_APP);
	sample_fill(&reports[1].vm, sizeof(reports[1].vm), 1);
	memset(reports[1].text, 'x', sizeof(reports[1].text) - 1);
	m.reports.full = true;
	m.reports.index = 55;
	m.reports.reports = reports;
	m.reports.count = 2;
	pass_peer(&m, &p);
	ck_assert(p.msg.reports.full);
	ck_assert_uint_eq(p.msg.reports.index, 55);
	ck_assert_uint_eq(p.msg.reports.count, 2);
	ck_assert_mem_eq(p.msg.reports.reports, reports, sizeof(reports));
	ha_peer_fini(&p);

	memset(&m, 0, sizeof(m));
	m.kind = HA_MSG_FENCED;
	m.from = 2;
	m.fenced.host = 3;
	m.fenced.number = 4;
	m.fenced.code = HA_FENCE_FAILED;
	memcpy(m.fenced.text, "no answer", 10);
	pass_peer(&m, &p);
	ck_assert_mem_eq(&p.msg.fenced, &m.fenced, sizeof(m.fenced));
	ha_peer_fini(&p);
}
END_TEST

START_TEST(test_command_messages)
{
	struct ha_msg m;
	struct ha_peer_msg p;

	memset(&m, 0, sizeof(m));
	m.kind = HA_MSG_REQUEST;
	m.from = 3;
	sample_command(&m.request);
	pass_peer(&m, &p);
	ck_assert_mem_eq(&p.msg.request, &m.request, sizeof(m.request));
	ha_peer_fini(&p);

	memset(&m, 0, sizeof(m));
	m.kind = HA_MSG_ANSWER;
	m.from = 3;
	m.answer.id = 5;
	m.answer.origin = 2;
	m.answer.code = HA_E_STALE;
	memset(m.answer.text, 'y', HA_TEXT_MAX);
	pass_peer(&m, &p);
	ck_assert_mem_eq(&p.msg.answer, &m.answer, sizeof(m.answer));
	ha_peer_fini(&p);

	memset(&m, 0, sizeof(m));
	m.kind = HA_MSG_WANT_BODY;
	m.from = 3;
	sample_fill(&m.body, sizeof(m.body), 9);
	pass_peer(&m, &p);
	ck_assert_mem_eq(&p.msg.body, &m.body, sizeof(m.body));
	ha_peer_fini(&p);
}
END_TEST

static void ck_refused(const struct ha_msg *m)
{
	struct ha_buf buf = { 0 };
	struct ha_peer_msg p;

	ck_assert_int_eq(ha_peer_pack(m, &buf), 0);
	ck_assert_int_lt(ha_peer_unpack(buf.data, buf.len, &p), 0);
	ha_buf_fini(&buf);
}

START_TEST(test_values_out_of_range)
{
	struct ha_report r = { .seen = HA_SEEN_COUNT };
	struct ha_entry e[2];
	struct ha_fact *f = (struct ha_fact *)e[0].data;
	struct ha_msg m = { .kind = HA_MSG_HOST, .from = 65 };

	ck_refused(&m); /* no such host id */
	m.from = 0;
	ck_refused(&m);
	m.from = 1;
	m.kind = HA_MSG_REPORTS;
	m.reports.reports = &r;
	m.reports.count = 1;
	ck_refused(&m);
	r.seen = HA_SEEN_RUNNING;
	r.ended = HA_WHY_COUNT;
	ck_refused(&m);
	r.ended = HA_WHY_NONE;
	r.ready = HA_READY_BIT(HA_READY_COUNT);
	ck_refused(&m);
	r.ready = 0;
	r.unready = HA_READY_BIT(HA_READY_STARTED);
	ck_refused(&m);

	memset(&m, 0, sizeof(m));
	m.kind = HA_MSG_REPLICA;
	m.from = 1;
	m.replica.kind = HA_RMSG_APPEND;
	m.replica.entries = e;
	m.replica.entry_count = 2;
	sample_fact_entry(&e[0], 1);
	sample_fact_entry(&e[1], 3); /* a gap */
	ck_refused(&m);
	m.replica.entry_count = 1;
	e[0].kind = 3;
	ck_refused(&m);
	e[0].kind = HA_ENTRY_FACT;
	e[0].effect = 9;
	ck_refused(&m);
	e[0].effect = HA_EFFECT_DOWN;
	e[0].host = 0;
	ck_refused(&m);
	e[0].host = 1;
	f->kind = HA_FACT_COUNT;
	ck_refused(&m);
	f->kind = HA_FACT_PROOF;
	f->by = 65;
	ck_refused(&m);
	f->by = 0;
	e[0].len = 7; /* half a fact */
	ck_refused(&m);
	m.replica.kind = HA_RMSG_ACK; /* no entries there */
	e[0].len = sizeof(*f);
	ck_refused(&m);
}
END_TEST

START_TEST(test_unsorted_state)
{
	struct ha_state *s = sample_state(3);
	struct ha_msg m = { .kind = HA_MSG_STATE, .from = 1 };

	m.state.header.kind = HA_RMSG_SNAPSHOT;
	m.state.state = s;
	s->vms[2].uuid = s->vms[1].uuid;
	ck_refused(&m);
	memset(&s->vms[2].uuid, 0, sizeof(struct ha_uuid));
	ck_refused(&m);
	free(s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("peer");
	TCase *t = tcase_create("peer");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_replica_messages);
	tcase_add_test(t, test_state_message);
	tcase_add_test(t, test_largest_state);
	tcase_add_test(t, test_soft_messages);
	tcase_add_test(t, test_command_messages);
	tcase_add_test(t, test_values_out_of_range);
	tcase_add_test(t, test_unsorted_state);
	suite_add_tcase(s, t);
	return test_main(s);
}
