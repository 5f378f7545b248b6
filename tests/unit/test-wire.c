/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Round trips of the formats beside those between hosts: see test-peer.c. And
 * what hostile bytes must not do to any.
 */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/rand.h"
#include "tests/unit/suite.h"
#include "tests/unit/wire-sample.h"
#include "wire/agent.h"
#include "wire/disk.h"
#include "wire/ipc.h"
#include "wire/peer.h"

START_TEST(test_garbage)
{
	struct ha_rand r = { 42 };
	uint8_t bytes[300];

	for (int i = 0; i < 20000; i++) {
		size_t len = ha_rand_below(&r, sizeof(bytes));
		struct ha_peer_msg p;
		struct ha_request q;
		struct ha_am a;

		for (size_t k = 0; k < len; k++) {
			bytes[k] = (uint8_t)ha_rand_u64(&r);
		}
		if (ha_peer_unpack(bytes, len, &p) == 0) {
			ha_peer_fini(&p);
		}
		if (ha_request_unpack(bytes, len, &q) == 0) {
			ha_request_fini(&q);
		}
		if (ha_am_unpack(bytes, len, &a) == 0) {
			ha_am_fini(&a);
		}
	}
}
END_TEST

/* Two bytes for each part, a hundred in memory: it must be refused early. */
START_TEST(test_amplification)
{
	size_t len = 8u << 20;
	uint8_t *bytes = malloc(len);
	struct ha_am a;

	ck_assert_ptr_nonnull(bytes);
	for (size_t i = 0; i < len; i += 2) {
		bytes[i] = 11 << 3 | 2; /* domains, */
		bytes[i + 1] = 0;       /* empty */
	}
	ck_assert_int_lt(ha_am_unpack(bytes, len, &a), 0);
	free(bytes);
}
END_TEST

START_TEST(test_request_and_reply)
{
	struct ha_arg args[] = { { "vm", "web1" }, { "follow", "" } };
	struct ha_request q = { .id = 7, .name = "events", .args = args,
				.arg_count = 2, .text = "<x/>", .text_len = 4 };
	struct ha_reply a = { .id = 9, .code = HA_E_REFUSED, .text = "no",
			      .json = "{\"x\":1}", .more = true,
			      .data = "a\0b", .data_len = 3 };
	struct ha_request q2;
	struct ha_reply a2;
	struct ha_buf buf = { 0 };

	sample_command(&q.command);
	ck_assert_int_eq(ha_request_pack(&q, &buf), 0);
	ck_assert_int_eq(ha_request_unpack(buf.data, buf.len, &q2), 0);
	ck_assert_uint_eq(q2.id, 7);
	ck_assert_str_eq(q2.name, "events");
	ck_assert_str_eq(ha_request_arg(&q2, "vm"), "web1");
	ck_assert_str_eq(ha_request_arg(&q2, "follow"), "");
	ck_assert_ptr_null(ha_request_arg(&q2, "host"));
	ck_assert_mem_eq(&q2.command, &q.command, sizeof(q.command));
	ck_assert_str_eq(q2.text, "<x/>");
	ha_request_fini(&q2);
	ha_buf_clear(&buf);
	ck_assert_int_eq(ha_reply_pack(&a, &buf), 0);
	ck_assert_int_eq(ha_reply_unpack(buf.data, buf.len, &a2), 0);
	ck_assert_uint_eq(a2.id, 9);
	ck_assert_int_eq(a2.code, HA_E_REFUSED);
	ck_assert_str_eq(a2.text, "no");
	ck_assert_str_eq(a2.json, "{\"x\":1}");
	ck_assert(a2.more);
	ck_assert_uint_eq(a2.data_len, 3);
	ck_assert_mem_eq(a2.data, "a\0b", 3);
	ha_reply_fini(&a2);
	ha_buf_fini(&buf);
}
END_TEST

START_TEST(test_frames)
{
	struct {
		struct ha_ipc_frame h;
		char data[16];
	} f = { .h = { .total = 5, .offset = 0 } };
	struct ha_buf msg = { 0 };

	memcpy(f.data, "abc", 3);
	ck_assert_int_eq(ha_ipc_frame_add(&msg, &f, sizeof(f.h) - 1),
			 HA_E_SYNTAX);
	ck_assert_int_eq(ha_ipc_frame_add(&msg, &f, sizeof(f.h) + 3), 0);
	f.h.offset = 4; /* a hole */
	ck_assert_int_eq(ha_ipc_frame_add(&msg, &f, sizeof(f.h) + 1),
			 HA_E_SYNTAX);
	f.h.offset = 3;
	ck_assert_int_eq(ha_ipc_frame_add(&msg, &f, sizeof(f.h) + 3),
			 HA_E_SYNTAX); /* more than said */
	memcpy(f.data, "de", 2);
	ck_assert_int_eq(ha_ipc_frame_add(&msg, &f, sizeof(f.h) + 2), 1);
	ck_assert_str_eq(msg.data, "abcde");
	f.h.offset = 0;
	f.h.total = HA_IPC_MESSAGE_MAX + 1;
	ck_assert_int_eq(ha_ipc_frame_add(&msg, &f, sizeof(f.h) + 2),
			 HA_E_LIMIT);
	ha_buf_fini(&msg);
}
END_TEST

START_TEST(test_agent_messages)
{
	struct ha_param params[] = { { "ip", "10.0.0.1", NULL, 0 },
				     { "password", NULL, "/etc/p", 0 } };
	struct ha_am_step step = { .device = "ipmi", .agent = "fence_ipmilan",
				   .params = params, .param_count = 2,
				   .timeout_ms = 20000, .retries = 1 };
	struct ha_am_domain d = { .name = "web1", .autostart = true };
	struct ha_am m = { .kind = HA_AM_FENCE, .id = 3, .op = 1, .name = "h2",
			   .steps = &step, .step_count = 1,
			   .timeout_ms = 60000 };
	struct ha_am r;
	int fd[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
				    fd), 0);
	ck_assert_int_eq(ha_am_recv(fd[1], &r), -EAGAIN);
	ck_assert_int_eq(ha_am_send(fd[0], &m), 0);
	ck_assert_int_eq(ha_am_recv(fd[1], &r), 0);
	ck_assert_str_eq(r.name, "h2");
	ck_assert_uint_eq(r.step_count, 1);
	ck_assert_str_eq(r.steps[0].agent, "fence_ipmilan");
	ck_assert_str_eq(r.steps[0].params[0].value, "10.0.0.1");
	ck_assert_ptr_null(r.steps[0].params[0].file);
	ck_assert_ptr_null(r.steps[0].params[1].value);
	ck_assert_str_eq(r.steps[0].params[1].file, "/etc/p");
	ha_am_fini(&r);

	m = (struct ha_am){ .kind = HA_AM_DOMAIN, .domains = &d,
			    .domain_count = 1 };
	sample_fill(&d.domain.vm, sizeof(d.domain.vm), 1);
	d.domain.seen = HA_SEEN_RUNNING;
	d.domain.instance = 5;
	ck_assert_int_eq(ha_am_send(fd[0], &m), 0);
	ck_assert_int_eq(ha_am_recv(fd[1], &r), 0);
	ck_assert_mem_eq(&r.domains[0].domain, &d.domain, sizeof(d.domain));
	ck_assert_str_eq(r.domains[0].name, "web1");
	ck_assert(r.domains[0].autostart);
	ha_am_fini(&r);

	ck_assert_int_eq(send(fd[0], "nonsense", 8, 0), 8);
	ck_assert_int_lt(ha_am_recv(fd[1], &r), 0);
	close(fd[0]);
	ck_assert_int_eq(ha_am_recv(fd[1], &r), HA_E_GONE);
	ck_assert_int_eq(ha_am_send(fd[1], &m), HA_E_GONE);
	close(fd[1]);
}
END_TEST

START_TEST(test_large_agent_message)
{
	size_t len = 8u << 20;
	char *big = malloc(len);
	struct ha_am m = { .kind = HA_AM_BODY_PUT, .data = { big, len } };
	struct ha_am r;
	int fd[2];

	ck_assert_ptr_nonnull(big);
	sample_fill(big, len, 3);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);
	ck_assert_int_eq(ha_am_send(fd[0], &m), 0);
	ck_assert_int_eq(ha_am_recv(fd[1], &r), 0);
	ck_assert_uint_eq(r.data.len, len);
	ck_assert_mem_eq(r.data.data, big, len);
	ha_am_fini(&r);
	close(fd[0]);
	close(fd[1]);
	free(big);
}
END_TEST

static void pack_entries(struct ha_buf *buf, const struct ha_entry *e,
			 size_t count, uint64_t promised)
{
	struct ha_persist op = { .kind = HA_PERSIST_ENTRIES, .entries = e,
				 .entry_count = count };

	op.meta.promised = promised;
	ck_assert_int_eq(ha_disk_pack_record(&op, buf), 0);
}

START_TEST(test_store)
{
	struct ha_state *s = sample_state(2);
	struct ha_persist op = { .kind = HA_PERSIST_STATE };
	struct ha_buf snap = { 0 }, rec[3] = { { 0 } };
	struct ha_disk_bytes b[3];
	struct ha_disk_raw raw = { .records = b, .record_count = 3 };
	struct ha_disk_store st;
	struct ha_entry e[4];

	sample_base(&op.base); /* index 10 */
	sample_meta(&op.meta);
	ck_assert_int_eq(ha_disk_pack_snapshot(&op, s, &snap), 0);
	for (uint64_t i = 0; i < 4; i++) {
		sample_fact_entry(&e[i], 9 + i);
	}
	pack_entries(&rec[0], e, 4, 300);     /* 9 10 11 12 */
	e[2].epoch = 140;
	pack_entries(&rec[1], &e[2], 1, 301); /* 11 in place of 11 12 */
	op.kind = HA_PERSIST_META;
	op.meta.promised = 302;
	ck_assert_int_eq(ha_disk_pack_record(&op, &rec[2]), 0);
	for (int i = 0; i < 3; i++) {
		b[i] = (struct ha_disk_bytes){ rec[i].data, rec[i].len };
	}
	raw.snapshot = (struct ha_disk_bytes){ snap.data, snap.len };
	ck_assert_int_eq(ha_disk_unpack(&raw, &st), 0);
	ck_assert_uint_eq(st.meta.promised, 302);
	ck_assert_mem_eq(&st.base, &op.base, sizeof(op.base));
	sample_check_state(s, st.state);
	ck_assert_uint_eq(st.entry_count, 1);
	ck_assert_mem_eq(&st.entries[0], &e[2], sizeof(e[2]));
	ha_disk_store_fini(&st);

	raw.snapshot_newest = true;
	ck_assert_int_eq(ha_disk_unpack(&raw, &st), 0);
	ck_assert_uint_eq(st.meta.promised, 200);
	ha_disk_store_fini(&st);

	raw.snapshot.len = 0; /* entries from 9 on top of nothing */
	ck_assert_int_eq(ha_disk_unpack(&raw, &st), HA_E_DAMAGED);
	raw.record_count = 0;
	ck_assert_int_eq(ha_disk_unpack(&raw, &st), 0);
	ck_assert_ptr_null(st.state);
	ha_disk_store_fini(&st);
	b[0] = (struct ha_disk_bytes){ "\xff\xff\xff", 3 };
	raw.record_count = 1;
	ck_assert_int_eq(ha_disk_unpack(&raw, &st), HA_E_DAMAGED);
	for (int i = 0; i < 3; i++) {
		ha_buf_fini(&rec[i]);
	}
	ha_buf_fini(&snap);
	free(s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wire");
	TCase *t = tcase_create("wire");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_garbage);
	tcase_add_test(t, test_amplification);
	tcase_add_test(t, test_request_and_reply);
	tcase_add_test(t, test_frames);
	tcase_add_test(t, test_agent_messages);
	tcase_add_test(t, test_large_agent_message);
	tcase_add_test(t, test_store);
	suite_add_tcase(s, t);
	return test_main(s);
}
