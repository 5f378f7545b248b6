/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Round trips of all formats, and what hostile bytes must not do. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/rand.h"
#include "core/fact.h"
#include "tests/unit/suite.h"
#include "wire/agent.h"
#include "wire/disk.h"
#include "wire/ipc.h"
#include "wire/peer.h"

/* A field was added? Then to the schema, the codec and this test too. */
_Static_assert(sizeof(struct ha_fact) == 128, "struct ha_fact changed");
_Static_assert(sizeof(struct ha_entry) == 304, "struct ha_entry changed");
_Static_assert(sizeof(struct ha_host_state) == 48, "ha_host_state changed");
_Static_assert(sizeof(struct ha_vm_state) == 120, "ha_vm_state changed");
_Static_assert(sizeof(struct ha_crash) == 32, "struct ha_crash changed");
_Static_assert(sizeof(struct ha_report) == 104, "struct ha_report changed");
_Static_assert(sizeof(struct ha_command) == 112, "struct ha_command changed");

static void fill(void *p, size_t len, unsigned seed)
{
	for (size_t i = 0; i < len; i++) {
		((uint8_t *)p)[i] = (uint8_t)(seed + i * 7 + 1);
	}
}

static void fill_fact_entry(struct ha_entry *e, uint64_t index)
{
	struct ha_fact f;

	memset(e, 0, sizeof(*e));
	memset(&f, 0, sizeof(f));
	f.kind = HA_FACT_VM_OWNER;
	f.code = 3;
	f.host = 2;
	f.by = 64;
	f.boot = UINT64_MAX;
	f.number = index * 1000;
	fill(&f.vm, sizeof(f.vm), 1);
	fill(&f.hash, sizeof(f.hash), 2);
	memcpy(f.text, "because", 8);
	e->epoch = 130;
	e->index = index;
	e->kind = HA_ENTRY_FACT;
	e->effect = HA_EFFECT_ADMIT;
	e->host = 3;
	e->len = sizeof(f);
	fill(&e->body, sizeof(e->body), 3);
	memcpy(e->data, &f, sizeof(f));
}

static void fill_epoch_entry(struct ha_entry *e, uint64_t index)
{
	memset(e, 0, sizeof(*e));
	e->epoch = 130;
	e->index = index;
	e->kind = HA_ENTRY_EPOCH;
	e->host = 64;
	e->members = 0x8000000000000003u;
	e->view = 77;
	e->len = 5;
	memcpy(e->data, "level", 5);
	e->effect = HA_EFFECT_LOSS;
	e->lost = 0x30;
	e->level = 3;
	fill(e->cluster, sizeof(e->cluster), 7);
}

static void fill_base(struct ha_replica_base *b)
{
	memset(b, 0, sizeof(*b));
	b->index = 10;
	b->epoch = 66;
	b->voters = 0xff;
	b->down = 0x10;
	b->standing[0] = 3;
	b->standing[63] = 9;
	fill(b->cluster, sizeof(b->cluster), 4);
	fill(&b->body, sizeof(b->body), 5);
	b->changed = 8;
	b->voters_before = 0x7f;
	fill(b->cluster_before, sizeof(b->cluster_before), 8);
	b->rest = 0x40;
	b->level = 2;
	b->broken = 0x20;
}

static void fill_meta(struct ha_replica_meta *m)
{
	memset(m, 0, sizeof(*m));
	m->promised = 200;
	m->commit = 12;
	m->acked_epoch[1] = 66;
	m->acked_index[1] = 9;
	m->acked_epoch[63] = 130;
	m->acked_index[63] = 11;
	m->boot = UINT64_MAX - 3;
	m->boot_index = 4;
	m->cut = 65;
	m->suspect = true;
}

static struct ha_state *make_state(uint32_t vms)
{
	size_t size = sizeof(struct ha_state) +
		      vms * sizeof(struct ha_vm_state);
	struct ha_state *s = calloc(1, size);

	ck_assert_ptr_nonnull(s);
	s->index = 10;
	s->epoch = 66;
	fill(&s->config, sizeof(s->config), 6);
	s->config_version = 4;
	s->config_by = 2;
	s->config_who = 1001;
	s->disarmed = true;
	s->stopped = true;
	s->fence_count = 8;
	s->hosts[0] = (struct ha_host_state){ .boot = 1, .admitted = 2,
		.proof = HA_PROOF_POWER, .fence_tries = 3, .fence_number = 4,
		.fence_by = 5, .leaving = 17, .left = true,
		.maintenance = true, .present = true };
	s->hosts[63].boot = 7;
	s->vm_count = s->vm_max = vms;
	for (uint32_t i = 0; i < vms; i++) {
		struct ha_vm_state *v = &s->vms[i];

		v->uuid.b[0] = (uint8_t)(i >> 8);
		v->uuid.b[1] = (uint8_t)i;
		v->uuid.b[15] = 1;
		v->owner = 1;
		v->holder = 2;
		v->owner_boot = 0x1122334455667788u;
		v->gen = i + 1;
		v->next = 3;
		v->waits_for = 4;
		v->avoid = 0xff00;
		v->wanted = 1;
		v->stop = HA_WHY_ADMIN;
		v->last_why = HA_WHY_MOVE;
		v->last_owner = 3;
		v->home = 2;
		v->copies = 5;
		v->aside = 6;
		v->reset_at = 11;
		v->failures = 2;
		v->starts = 9;
		v->surveyed = true;
	}
	return s;
}

static void ck_state_equal(const struct ha_state *a, const struct ha_state *b)
{
	ck_assert_mem_eq(a, b, sizeof(*a) + a->vm_count * sizeof(a->vms[0]));
}

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

	fill_epoch_entry(&entries[0], 11);
	fill_fact_entry(&entries[1], 12);
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
			fill_base(&m.replica.base);
			fill_meta(&m.replica.meta);
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
	struct ha_state *s = make_state(300);
	struct ha_msg m;
	struct ha_peer_msg p;

	memset(&m, 0, sizeof(m));
	m.kind = HA_MSG_STATE;
	m.from = 7;
	fill_rmsg(&m.state.header, HA_RMSG_SNAPSHOT);
	fill_base(&m.state.header.base);
	fill_meta(&m.state.header.meta);
	m.state.state = s;
	pass_peer(&m, &p);
	ck_assert_mem_eq(&p.msg.state.header, &m.state.header,
			 sizeof(m.state.header));
	ck_state_equal(s, p.msg.state.state);
	ha_peer_fini(&p);
	free(s);
}
END_TEST

START_TEST(test_largest_state)
{
	struct ha_state *s = make_state(HA_VMS_MAX);
	struct ha_msg m;
	struct ha_peer_msg p;

	memset(&m, 0, sizeof(m));
	m.kind = HA_MSG_STATE;
	m.from = 7;
	m.state.header.kind = HA_RMSG_SNAPSHOT;
	m.state.state = s;
	pass_peer(&m, &p);
	ck_state_equal(s, p.msg.state.state);
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
	fill(&m.host.crash.vm, sizeof(m.host.crash.vm), 5);
	m.host.crash.index = 77;
	m.host.crash.count = 2;
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
	fill(&reports[1].vm, sizeof(reports[1].vm), 1);
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

static void fill_command(struct ha_command *c)
{
	memset(c, 0, sizeof(*c));
	c->verb = HA_CMD_VM_MOVE;
	c->id = UINT64_MAX - 1;
	c->origin = 3;
	c->host = 4;
	c->hosts = 0xf0;
	fill(&c->vm, sizeof(c->vm), 1);
	fill(&c->hash, sizeof(c->hash), 2);
	c->base_version = 9;
	c->who = 1001;
	c->on = c->force = true;
	fill(c->cluster, sizeof(c->cluster), 3);
}

START_TEST(test_command_messages)
{
	struct ha_msg m;
	struct ha_peer_msg p;

	memset(&m, 0, sizeof(m));
	m.kind = HA_MSG_REQUEST;
	m.from = 3;
	fill_command(&m.request);
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
	fill(&m.body, sizeof(m.body), 9);
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
	fill_fact_entry(&e[0], 1);
	fill_fact_entry(&e[1], 3); /* a gap */
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
	struct ha_state *s = make_state(3);
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

	fill_command(&q.command);
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
	fill(&d.domain.vm, sizeof(d.domain.vm), 1);
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
	fill(big, len, 3);
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
	struct ha_state *s = make_state(2);
	struct ha_persist op = { .kind = HA_PERSIST_STATE };
	struct ha_buf snap = { 0 }, rec[3] = { { 0 } };
	struct ha_disk_bytes b[3];
	struct ha_disk_raw raw = { .records = b, .record_count = 3 };
	struct ha_disk_store st;
	struct ha_entry e[4];

	fill_base(&op.base); /* index 10 */
	fill_meta(&op.meta);
	ck_assert_int_eq(ha_disk_pack_snapshot(&op, s, &snap), 0);
	for (uint64_t i = 0; i < 4; i++) {
		fill_fact_entry(&e[i], 9 + i);
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
	ck_state_equal(s, st.state);
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
	tcase_add_test(t, test_replica_messages);
	tcase_add_test(t, test_state_message);
	tcase_add_test(t, test_largest_state);
	tcase_add_test(t, test_soft_messages);
	tcase_add_test(t, test_command_messages);
	tcase_add_test(t, test_values_out_of_range);
	tcase_add_test(t, test_unsorted_state);
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
