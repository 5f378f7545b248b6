/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/peer.h"

#include <string.h>

#include "core/event.h"
#include "wire/codec.h"

#define REPORTS_MAX (HA_VMS_MAX * 2u) /* ours, and foreign copies of ours */

Pb__Crash *ha_put_crash(struct ha_codec *c, const struct ha_crash *crash)
{
	Pb__Crash *out = NULL;

	if (crash->count > 0) {
		out = ha_codec_array(c, 1, sizeof(*out), 1);
	}
	if (out) {
		pb__crash__init(out);
		out->vm = ha_put_bytes(&crash->vm, sizeof(crash->vm));
		out->index = crash->index;
		out->count = crash->count;
		out->host = crash->host;
	}
	return out;
}

void ha_pull_crash(struct ha_codec *c, const Pb__Crash *in,
		   struct ha_crash *crash)
{
	memset(crash, 0, sizeof(*crash));
	if (!in) {
		return;
	}
	ha_pull_id(c, in->vm, &crash->vm, sizeof(crash->vm));
	crash->index = in->index;
	crash->count = in->count;
	crash->host = ha_pull_host_or_none(c, in->host);
}

static Pb__HostInfo *put_host(struct ha_codec *c, const struct ha_msg *m)
{
	Pb__HostInfo *out = ha_codec_array(c, 1, sizeof(*out), 1);

	if (!out) {
		return NULL;
	}
	pb__host_info__init(out);
	out->boot = m->host.boot;
	out->memory_kib = m->host.memory_kib;
	out->cpus = m->host.cpus;
	out->cpu_mhz = m->host.cpu_mhz;
	out->vm_agent = m->host.vm_agent;
	out->fence_agent = m->host.fence_agent;
	out->frozen = m->host.frozen;
	out->stays_out = m->host.stays_out;
	out->ask = m->host.ask;
	out->crash = ha_put_crash(c, &m->host.crash);
	return out;
}

static void pull_host(struct ha_codec *c, const Pb__HostInfo *in,
		      struct ha_msg *m)
{
	m->host.boot = in->boot;
	m->host.memory_kib = in->memory_kib;
	m->host.cpus = in->cpus;
	m->host.cpu_mhz = in->cpu_mhz;
	m->host.vm_agent = in->vm_agent;
	m->host.fence_agent = in->fence_agent;
	m->host.frozen = in->frozen;
	m->host.stays_out = in->stays_out;
	m->host.ask = in->ask;
	ha_pull_crash(c, in->crash, &m->host.crash);
}

static Pb__Reports *put_reports(struct ha_codec *c, const struct ha_msg *m)
{
	uint32_t n = m->reports.count;
	Pb__Reports *out = ha_codec_array(c, 1, sizeof(*out), 1);
	Pb__Report *r = ha_codec_array(c, n, sizeof(*r), REPORTS_MAX);

	if (!out) {
		return NULL;
	}
	pb__reports__init(out);
	out->full = m->reports.full;
	out->index = m->reports.index;
	out->reports = ha_codec_array(c, n, sizeof(r), REPORTS_MAX);
	for (uint32_t i = 0; !c->err && i < n; i++) {
		const struct ha_report *in = &m->reports.reports[i];

		pb__report__init(&r[i]);
		r[i].vm = ha_put_id(&in->vm, sizeof(in->vm));
		r[i].seen = in->seen;
		r[i].ended = in->ended;
		r[i].gen = in->gen;
		r[i].ready = in->ready;
		r[i].unready = in->unready;
		r[i].text = ha_put_text(in->text);
		out->reports[out->n_reports++] = &r[i];
	}
	return out;
}

static uint32_t pull_ready(struct ha_codec *c, uint32_t bits)
{
	if ((bits & ~HA_READY_ASKED) != 0) {
		ha_codec_fail(c, HA_E_SYNTAX);
	}
	return bits;
}

static void pull_reports(struct ha_codec *c, const Pb__Reports *in,
			 struct ha_msg *m)
{
	struct ha_report *r;

	m->reports.full = in->full;
	m->reports.index = in->index;
	r = ha_codec_array(c, in->n_reports, sizeof(*r), REPORTS_MAX);
	for (size_t i = 0; r && i < in->n_reports; i++) {
		const Pb__Report *p = in->reports[i];

		ha_pull_id(c, p->vm, &r[i].vm, sizeof(r[i].vm));
		r[i].seen = ha_pull_enum(c, p->seen, 0, HA_SEEN_COUNT);
		r[i].ended = ha_pull_enum(c, p->ended, 0, HA_WHY_COUNT);
		r[i].gen = p->gen;
		r[i].ready = pull_ready(c, p->ready);
		r[i].unready = pull_ready(c, p->unready);
		ha_pull_text(c, p->text, r[i].text, sizeof(r[i].text));
	}
	m->reports.reports = r;
	m->reports.count = r ? (uint32_t)in->n_reports : 0;
}

static Pb__Fenced *put_fenced(struct ha_codec *c, const struct ha_msg *m)
{
	Pb__Fenced *out = ha_codec_array(c, 1, sizeof(*out), 1);

	if (!out) {
		return NULL;
	}
	pb__fenced__init(out);
	out->host = m->fenced.host;
	out->number = m->fenced.number;
	out->code = m->fenced.code;
	out->text = ha_put_text(m->fenced.text);
	return out;
}

static void pull_fenced(struct ha_codec *c, const Pb__Fenced *in,
			struct ha_msg *m)
{
	m->fenced.host = ha_pull_host(c, in->host);
	m->fenced.number = in->number;
	m->fenced.code = ha_pull_enum(c, in->code, 0, HA_FENCE_FAILED + 1);
	ha_pull_text(c, in->text, m->fenced.text, sizeof(m->fenced.text));
}

static void put_content(struct ha_codec *c, const struct ha_msg *m,
			Pb__Msg *out)
{
	switch (m->kind) {
	case HA_MSG_REPLICA:
		out->replica = ha_put_rmsg(c, &m->replica);
		return;
	case HA_MSG_HOST:
		out->host = put_host(c, m);
		return;
	case HA_MSG_REPORTS:
		out->reports = put_reports(c, m);
		return;
	case HA_MSG_REQUEST:
		out->request = ha_put_command(c, &m->request);
		return;
	case HA_MSG_ANSWER:
		out->answer = ha_put_answer(c, &m->answer);
		return;
	case HA_MSG_FENCED:
		out->fenced = put_fenced(c, m);
		return;
	case HA_MSG_WANT_BODY:
		out->body = ha_put_id(&m->body, sizeof(m->body));
		return;
	case HA_MSG_STATE:
		out->replica = ha_put_rmsg(c, &m->state.header);
		out->state = ha_put_state(c, m->state.state);
		return;
	}
	ha_codec_fail(c, HA_E_SYNTAX);
}

int ha_peer_pack(const struct ha_msg *msg, struct ha_buf *ret_buf)
{
	struct ha_wire_arena arena;
	struct ha_codec c = { &arena, 0 };
	Pb__Msg out = PB__MSG__INIT;
	int rc;

	ha_wire_arena_init(&arena, HA_PEER_MESSAGE_MAX);
	out.kind = msg->kind;
	out.from = msg->from;
	out.epoch = msg->epoch;
	put_content(&c, msg, &out);
	rc = ha_codec_pack(&c, &out.base, HA_PEER_MESSAGE_MAX, ret_buf);
	ha_wire_arena_fini(&arena);
	return rc;
}

/* Is the part there that goes with the kind? */
static bool has_content(const Pb__Msg *in)
{
	switch ((enum ha_msg_kind)in->kind) {
	case HA_MSG_REPLICA:
		return in->replica != NULL;
	case HA_MSG_HOST:
		return in->host != NULL;
	case HA_MSG_REPORTS:
		return in->reports != NULL;
	case HA_MSG_REQUEST:
		return in->request != NULL;
	case HA_MSG_ANSWER:
		return in->answer != NULL;
	case HA_MSG_FENCED:
		return in->fenced != NULL;
	case HA_MSG_WANT_BODY:
		return in->body.len == sizeof(struct ha_hash);
	case HA_MSG_STATE:
		return in->replica != NULL && in->state != NULL;
	}
	return false;
}

static void pull_request(struct ha_codec *c, const Pb__Msg *in,
			 struct ha_msg *m)
{
	ha_pull_command(c, in->request, &m->request);
	if (m->request.verb == HA_CMD_NONE || m->request.origin == 0) {
		ha_codec_fail(c, HA_E_SYNTAX);
	}
}

static void pull_state(struct ha_codec *c, const Pb__Msg *in, struct ha_msg *m)
{
	ha_pull_rmsg(c, in->replica, &m->state.header);
	m->state.header.from = m->from;
	m->state.state = ha_pull_state(c, in->state);
	if (m->state.header.kind != HA_RMSG_SNAPSHOT) {
		ha_codec_fail(c, HA_E_SYNTAX);
	}
}

static void pull_content(struct ha_codec *c, const Pb__Msg *in,
			 struct ha_msg *m)
{
	switch (m->kind) {
	case HA_MSG_REPLICA:
		ha_pull_rmsg(c, in->replica, &m->replica);
		m->replica.from = m->from;
		return;
	case HA_MSG_HOST:
		pull_host(c, in->host, m);
		return;
	case HA_MSG_REPORTS:
		pull_reports(c, in->reports, m);
		return;
	case HA_MSG_REQUEST:
		pull_request(c, in, m);
		return;
	case HA_MSG_ANSWER:
		ha_pull_answer(c, in->answer, &m->answer);
		return;
	case HA_MSG_FENCED:
		pull_fenced(c, in->fenced, m);
		return;
	case HA_MSG_WANT_BODY:
		ha_pull_id(c, in->body, &m->body, sizeof(m->body));
		return;
	case HA_MSG_STATE:
		pull_state(c, in, m);
		return;
	}
}

int ha_peer_unpack(const void *data, size_t len, struct ha_peer_msg *ret_msg)
{
	struct ha_peer_msg p;
	struct ha_codec c = { &p.arena, 0 };
	Pb__Msg *in;

	if (len > HA_PEER_MESSAGE_MAX) {
		return HA_E_LIMIT;
	}
	memset(&p, 0, sizeof(p));
	ha_wire_arena_init(&p.arena, ha_codec_budget(len));
	in = ha_codec_unpack(&c, &pb__msg__descriptor, data, len);
	if (in && has_content(in)) {
		p.msg.kind = (enum ha_msg_kind)in->kind;
		p.msg.from = ha_pull_host(&c, in->from);
		p.msg.epoch = in->epoch;
		pull_content(&c, in, &p.msg);
	} else {
		ha_codec_fail(&c, HA_E_SYNTAX);
	}
	if (c.err) {
		ha_wire_arena_fini(&p.arena);
		return c.err;
	}
	*ret_msg = p;
	return 0;
}

void ha_peer_fini(struct ha_peer_msg *msg)
{
	ha_wire_arena_fini(&msg->arena);
	memset(msg, 0, sizeof(*msg));
}
