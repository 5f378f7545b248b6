/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostile-peer - a broken or hostile member of hacd's process group. Runs on a
 * lab host; the framing is that of daemons/hacd/port-corosync.c.
 *
 * Reads words from standard input, one a line, and prints "done WORD" after
 * each:
 *   record      listens until it has heard a good deal
 *   rejoin      leaves the group and joins it again
 *   garbage     bytes that mean nothing
 *   truncated   recorded pieces, cut anywhere
 *   oversize    pieces of messages that are larger than any limit
 *   wrong-from  recorded messages of other hosts
 *   replayed    everything recorded, as it was
 *   flipped     recorded pieces with a few bits turned
 *   twisted     recorded messages as this host's own, of now, with a field
 *               of theirs changed
 *   views       views with wild numbers and members
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <corosync/cpg.h>

#include "base/rand.h"
#include "wire/peer.h"

#define MAGIC 0x68616331u
#define PIECE_SYNC 1u
#define PIECE_DATA 2u
#define PIECE_BODY 3u
#define RECORDS_MAX 512
#define RECORDS_ENOUGH 60
#define TIMES 200

struct head {
	uint32_t magic;
	uint32_t kind;
	uint32_t total;
	uint32_t offset;
};

struct sync_body {
	uint64_t id;
	uint64_t hacds;
};

struct record {
	uint32_t from;
	size_t len;
	char *data;
};

static struct {
	cpg_handle_t cpg;
	uint32_t self;
	struct record records[RECORDS_MAX];
	size_t count;
	uint64_t heard;
	uint64_t view;
	uint64_t hacds;
	uint64_t epoch;
	struct ha_rand rand;
} t;

static uint32_t below(uint32_t n)
{
	return (uint32_t)ha_rand_below(&t.rand, n);
}

/* What is of now: the view, and the epoch. */
static void note_now(const char *data, size_t len)
{
	struct sync_body sync;
	struct ha_peer_msg m;
	struct head h;

	memcpy(&h, data, sizeof(h));
	if (ntohl(h.kind) == PIECE_SYNC && len == sizeof(h) + sizeof(sync)) {
		memcpy(&sync, data + sizeof(h), sizeof(sync));
		if (sync.id > t.view) {
			t.view = sync.id;
			t.hacds = sync.hacds;
		}
	} else if (ntohl(h.kind) == PIECE_DATA &&
		   ha_peer_unpack(data + sizeof(h), len - sizeof(h), &m) == 0) {
		t.epoch = m.msg.epoch > t.epoch ? m.msg.epoch : t.epoch;
		ha_peer_fini(&m);
	}
}

static void on_deliver(cpg_handle_t handle, const struct cpg_name *group,
		       uint32_t nodeid, uint32_t pid, void *msg, size_t len)
{
	struct record *r;

	(void)handle;
	(void)group;
	if (pid == (uint32_t)getpid() || len < sizeof(struct head)) {
		return;
	}
	note_now(msg, len);
	r = &t.records[t.heard++ % RECORDS_MAX];
	free(r->data);
	r->data = malloc(len);
	if (!r->data) {
		abort();
	}
	memcpy(r->data, msg, len);
	r->len = len;
	r->from = nodeid;
	t.count = t.heard < RECORDS_MAX ? t.heard : RECORDS_MAX;
}

static void on_confchg(cpg_handle_t handle, const struct cpg_name *group,
		       const struct cpg_address *list, size_t count,
		       const struct cpg_address *left, size_t left_count,
		       const struct cpg_address *joined, size_t joined_count)
{
	(void)handle;
	(void)group;
	(void)list;
	(void)count;
	(void)left;
	(void)left_count;
	(void)joined;
	(void)joined_count;
}

static void need(cs_error_t rc, const char *what)
{
	if (rc != CS_OK) {
		fprintf(stderr, "hostile-peer: %s: %d\n", what, (int)rc);
		exit(1);
	}
}

static void listen_a_while(int ms)
{
	struct pollfd p = { .events = POLLIN };

	need(cpg_fd_get(t.cpg, &p.fd), "fd");
	while (poll(&p, 1, ms) > 0) {
		need(cpg_dispatch(t.cpg, CS_DISPATCH_ALL), "dispatch");
		ms = 0;
	}
}

static void join(void)
{
	const struct cpg_name name = { .length = 3, .value = "hac" };
	cpg_model_v1_data_t model = {
		.model = CPG_MODEL_V1,
		.cpg_deliver_fn = on_deliver,
		.cpg_confchg_fn = on_confchg,
	};

	need(cpg_model_initialize(&t.cpg, CPG_MODEL_V1,
				  (cpg_model_data_t *)&model, NULL),
	     "connect");
	need(cpg_local_get(t.cpg, &t.self), "node id");
	need(cpg_join(t.cpg, &name), "join");
}

static void rejoin(void)
{
	need(cpg_finalize(t.cpg), "leave");
	join();
}

static void send_bytes(const void *data, size_t len)
{
	struct iovec iov = { (void *)(uintptr_t)data, len };
	cs_error_t rc;

	while ((rc = cpg_mcast_joined(t.cpg, CPG_TYPE_AGREED, &iov, 1)) ==
	       CS_ERR_TRY_AGAIN) {
		listen_a_while(10);
	}
	need(rc, "multicast");
	listen_a_while(0);
}

static void send_piece(struct head h, const void *data, size_t len)
{
	char *buf = malloc(sizeof(h) + len);

	if (!buf) {
		abort();
	}
	h.magic = htonl(MAGIC);
	h.kind = htonl(h.kind);
	h.total = htonl(h.total);
	h.offset = htonl(h.offset);
	memcpy(buf, &h, sizeof(h));
	memcpy(buf + sizeof(h), data, len);
	send_bytes(buf, sizeof(h) + len);
	free(buf);
}

static void record(void)
{
	uint64_t enough = t.heard + RECORDS_ENOUGH;

	while (t.heard < enough) {
		listen_a_while(1000);
	}
}

static void garbage(void)
{
	char buf[70000];

	for (size_t i = 0; i < sizeof(buf); i++) {
		buf[i] = (char)below(256);
	}
	for (int i = 0; i < TIMES; i++) {
		struct head h = { .total = below(100000),
				  .offset = below(1000) };

		send_bytes(buf, 1 + below(i % 8 ? 200 : sizeof(buf) - 1));
		h.kind = below(6);
		send_piece(h, buf, below(300));
	}
}

static void truncated(void)
{
	for (size_t i = 0; i < t.count; i++) {
		send_bytes(t.records[i].data, 1 + below((uint32_t)
							t.records[i].len));
	}
}

/* A message of the largest size is begun and never ended, too. */
static void oversize(void)
{
	static char zeros[60u << 10];
	struct head h = { .kind = PIECE_DATA, .total = UINT32_MAX };
	struct head begun = { .kind = PIECE_DATA,
			      .total = HA_PEER_MESSAGE_MAX };

	for (uint32_t i = 0; i < TIMES; i++) {
		h.kind = i % 2 ? PIECE_DATA : PIECE_BODY;
		h.offset = i % 3 ? 0 : UINT32_MAX - below(99999);
		send_piece(h, zeros, i % 5 ? 100 : sizeof(zeros));
		if (begun.offset < begun.total - sizeof(zeros)) {
			send_piece(begun, zeros, sizeof(zeros));
			begun.offset += (uint32_t)sizeof(zeros);
		}
	}
}

static void replay(bool of_others)
{
	for (size_t i = 0; i < t.count; i++) {
		if (!of_others || t.records[i].from != t.self) {
			send_bytes(t.records[i].data, t.records[i].len);
		}
	}
}

static void flipped(void)
{
	for (size_t i = 0; i < t.count; i++) {
		struct record *r = &t.records[i];
		uint32_t bit = below((uint32_t)r->len * 8);

		r->data[bit / 8] ^= (char)(1u << bit % 8);
		send_bytes(r->data, r->len);
		r->data[bit / 8] ^= (char)(1u << bit % 8);
	}
}

static uint64_t wild(uint64_t near)
{
	switch (below(8)) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX - below(3);
	case 2:
		return near + ((uint64_t)1 << below(40));
	case 3:
		return ha_rand_u64(&t.rand);
	default:
		return near + below(7) - 3;
	}
}

static void twist_replica(struct ha_rmsg *r)
{
	uint64_t *const fields[] = { &r->view, &r->epoch, &r->last_epoch,
				     &r->last_index, &r->commit, &r->to,
				     &r->members, &r->promised, &r->boot,
				     &r->base.index, &r->base.epoch,
				     &r->base.voters, &r->base.down,
				     &r->meta.promised, &r->meta.commit };
	uint64_t *f = fields[below(sizeof(fields) / sizeof(fields[0]))];

	r->view = t.view;
	if (below(4) == 0) {
		r->kind = (enum ha_rmsg_kind)(1 + below(8));
	}
	if (below(3) > 0) {
		*f = wild(*f);
	}
	switch (below(8)) {
	case 0:
		r->empty = !r->empty;
		break;
	case 1:
		r->unbroken = !r->unbroken;
		break;
	case 2:
		r->mute = !r->mute;
		break;
	case 3:
		r->entry_count = 0;
		break;
	}
}

static void twist(struct ha_msg *m)
{
	m->from = t.self;
	m->epoch = m->epoch ? t.epoch : 0;
	switch (m->kind) {
	case HA_MSG_REPLICA:
		twist_replica(&m->replica);
		break;
	case HA_MSG_STATE:
		twist_replica(&m->state.header);
		m->state.header.kind = HA_RMSG_SNAPSHOT;
		break;
	case HA_MSG_HOST:
		m->host.boot = wild(m->host.boot);
		m->host.memory_kib = wild(m->host.memory_kib);
		m->host.vm_agent = below(2);
		m->host.ask = below(2);
		break;
	case HA_MSG_REPORTS:
		m->reports.index = wild(m->reports.index);
		m->reports.full = below(2);
		break;
	case HA_MSG_ANSWER:
		m->answer.id = wild(m->answer.id);
		break;
	case HA_MSG_FENCED:
		m->fenced.number = wild(m->fenced.number);
		break;
	case HA_MSG_REQUEST:
	case HA_MSG_WANT_BODY:
		break;
	}
}

static void twisted(void)
{
	for (size_t i = 0; i < 4 * t.count; i++) {
		struct record *r = &t.records[below((uint32_t)t.count)];
		struct head h;
		struct ha_peer_msg m;
		struct ha_buf buf = { 0 };

		memcpy(&h, r->data, sizeof(h));
		if (ntohl(h.kind) != PIECE_DATA ||
		    ha_peer_unpack(r->data + sizeof(h), r->len - sizeof(h),
				   &m) != 0) {
			continue;
		}
		twist(&m.msg);
		if (ha_peer_pack(&m.msg, &buf) == 0 && buf.len < 60u << 10) {
			h.kind = PIECE_DATA;
			h.total = (uint32_t)buf.len;
			h.offset = 0;
			send_piece(h, buf.data, buf.len);
		}
		ha_buf_fini(&buf);
		ha_peer_fini(&m);
	}
}

static void views(void)
{
	for (int i = 0; i < TIMES; i++) {
		struct sync_body body = { wild(t.view), t.hacds };
		struct head h = { .kind = PIECE_SYNC, .total = sizeof(body) };

		if (i % 4 == 0) {
			body.hacds = wild(t.hacds);
		}
		send_piece(h, &body, i % 7 ? sizeof(body) : below(16));
	}
}

static void wrong_from(void)
{
	replay(true);
}

static void replayed(void)
{
	replay(false);
}

static bool obey(const char *word)
{
	static const struct {
		const char *word;
		void (*fn)(void);
	} words[] = {
		{ "record", record },       { "rejoin", rejoin },
		{ "garbage", garbage },     { "truncated", truncated },
		{ "oversize", oversize },   { "wrong-from", wrong_from },
		{ "replayed", replayed },   { "flipped", flipped },
		{ "twisted", twisted },     { "views", views },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i].word) == 0) {
			words[i].fn();
			return true;
		}
	}
	return false;
}

int main(void)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	char word[32];

	t.rand.state = 1;
	setvbuf(stdin, NULL, _IONBF, 0);
	join();
	for (;;) {
		listen_a_while(20);
		if (poll(&in, 1, 0) <= 0) {
			continue;
		}
		if (!fgets(word, sizeof(word), stdin)) {
			return 0;
		}
		word[strcspn(word, "\n")] = '\0';
		if (!obey(word)) {
			fprintf(stderr, "hostile-peer: '%s'?\n", word);
			return 2;
		}
		printf("done %s\n", word);
		fflush(stdout);
	}
}
