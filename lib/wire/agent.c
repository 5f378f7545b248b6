/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Agent messages as bytes; amsock.c moves them. */
#include "wire/agent.h"

#include <assert.h>
#include <string.h>

#include "core/event.h"
#include "wire/codec.h"

#define AGENT_STRING_MAX 4095
#define TEXT_MAX HA_DOMAIN_BYTES_MAX
#define DOMAINS_MAX (HA_VMS_MAX * 2u)
#define RECORDS_MAX (HA_LOG_ENTRIES_MAX * 16u)
#define HELD_MAX 1024u
#define PARAMS_MAX (HA_FENCE_PARAMS_MAX * 2u)
#define CODE_MAX 16u

void ha_put_domain(const struct ha_domain *d, Pb__Domain *out)
{
	pb__domain__init(out);
	out->uuid = ha_put_id(&d->vm, sizeof(d->vm));
	out->seen = d->seen;
	out->end = d->end;
	out->instance = d->instance;
}

void ha_pull_domain(struct ha_codec *c, const Pb__Domain *in,
		    struct ha_domain *ret_domain)
{
	ha_pull_id(c, in->uuid, &ret_domain->vm, sizeof(ret_domain->vm));
	if (in->uuid.len == 0) {
		ha_codec_fail(c, HA_E_SYNTAX);
	}
	ret_domain->seen = ha_pull_enum(c, in->seen, 0, HA_SEEN_COUNT);
	ret_domain->end = ha_pull_enum(c, in->end, 0, HA_END_MIGRATED + 1);
	ret_domain->instance = in->instance;
}

static void put_domains(struct ha_codec *c, const struct ha_am *m,
			Pb__Agent *out)
{
	size_t n = m->domain_count;
	Pb__Domain *d = ha_codec_array(c, n, sizeof(*d), DOMAINS_MAX);

	out->domains = ha_codec_array(c, n, sizeof(d), DOMAINS_MAX);
	for (size_t i = 0; !c->err && i < n; i++) {
		const struct ha_am_domain *in = &m->domains[i];

		ha_put_domain(&in->domain, &d[i]);
		d[i].name = ha_put_text(in->name);
		d[i].autostart = in->autostart;
		d[i].persistent = in->persistent;
		out->domains[out->n_domains++] = &d[i];
	}
}

static void pull_domains(struct ha_codec *c, const Pb__Agent *in,
			 struct ha_am *m)
{
	struct ha_am_domain *d;

	d = ha_codec_array(c, in->n_domains, sizeof(*d), DOMAINS_MAX);
	for (size_t i = 0; d && i < in->n_domains; i++) {
		const Pb__Domain *p = in->domains[i];

		ha_pull_domain(c, p, &d[i].domain);
		d[i].name = ha_pull_string(c, p->name, AGENT_STRING_MAX);
		d[i].autostart = p->autostart;
		d[i].persistent = p->persistent;
	}
	m->domains = d;
	m->domain_count = d ? in->n_domains : 0;
}

static void put_params(struct ha_codec *c, const struct ha_am_step *s,
		       Pb__Step *out)
{
	size_t n = s->param_count;
	Pb__Param *p = ha_codec_array(c, n, sizeof(*p), PARAMS_MAX);

	out->params = ha_codec_array(c, n, sizeof(p), PARAMS_MAX);
	for (size_t i = 0; !c->err && i < n; i++) {
		pb__param__init(&p[i]);
		p[i].name = ha_put_text(s->params[i].name);
		p[i].value = ha_put_text(s->params[i].value);
		p[i].file = ha_put_text(s->params[i].file);
		out->params[out->n_params++] = &p[i];
	}
}

static void put_steps(struct ha_codec *c, const struct ha_am *m,
		      Pb__Agent *out)
{
	size_t n = m->step_count;
	Pb__Step *s = ha_codec_array(c, n, sizeof(*s), HA_FENCE_STEPS_MAX);

	out->steps = ha_codec_array(c, n, sizeof(s), HA_FENCE_STEPS_MAX);
	for (size_t i = 0; !c->err && i < n; i++) {
		pb__step__init(&s[i]);
		s[i].device = ha_put_text(m->steps[i].device);
		s[i].agent = ha_put_text(m->steps[i].agent);
		s[i].timeout_ms = m->steps[i].timeout_ms;
		s[i].retries = m->steps[i].retries;
		put_params(c, &m->steps[i], &s[i]);
		out->steps[out->n_steps++] = &s[i];
	}
}

static void pull_params(struct ha_codec *c, const Pb__Step *in,
			struct ha_am_step *s)
{
	struct ha_param *p;

	p = ha_codec_array(c, in->n_params, sizeof(*p), PARAMS_MAX);
	for (size_t i = 0; p && i < in->n_params; i++) {
		const Pb__Param *q = in->params[i];

		p[i].name = ha_pull_string(c, q->name, HA_NAME_MAX);
		p[i].file = ha_pull_string(c, q->file, AGENT_STRING_MAX);
		p[i].value = ha_pull_string(c, q->value, AGENT_STRING_MAX);
		if (p[i].file[0]) {
			p[i].value = NULL;
		} else {
			p[i].file = NULL;
		}
	}
	s->params = p;
	s->param_count = p ? in->n_params : 0;
}

static void pull_steps(struct ha_codec *c, const Pb__Agent *in,
		       struct ha_am *m)
{
	struct ha_am_step *s;

	s = ha_codec_array(c, in->n_steps, sizeof(*s), HA_FENCE_STEPS_MAX);
	for (size_t i = 0; s && i < in->n_steps; i++) {
		const Pb__Step *p = in->steps[i];

		s[i].device = ha_pull_string(c, p->device, HA_NAME_MAX);
		s[i].agent = ha_pull_string(c, p->agent, HA_NAME_MAX);
		s[i].timeout_ms = p->timeout_ms;
		s[i].retries = p->retries;
		pull_params(c, p, &s[i]);
	}
	m->steps = s;
	m->step_count = s ? in->n_steps : 0;
}

static void put_store(struct ha_codec *c, const struct ha_am *m,
		      Pb__Agent *out)
{
	Pb__Held *h = ha_codec_array(c, m->held_count, sizeof(*h), HELD_MAX);

	out->records = ha_codec_array(c, m->record_count,
				      sizeof(out->records[0]), RECORDS_MAX);
	for (size_t i = 0; !c->err && i < m->record_count; i++) {
		out->records[out->n_records++] = ha_put_bytes(
			m->records[i].data, m->records[i].len);
	}
	out->held = ha_codec_array(c, m->held_count, sizeof(h), HELD_MAX);
	for (size_t i = 0; !c->err && i < m->held_count; i++) {
		pb__held__init(&h[i]);
		h[i].version = m->held[i].version;
		h[i].hash = ha_put_id(&m->held[i].hash,
				      sizeof(m->held[i].hash));
		h[i].wall_s = m->held[i].wall_s;
		h[i].by = m->held[i].by;
		h[i].who = m->held[i].who;
		out->held[out->n_held++] = &h[i];
	}
}

static void pull_store(struct ha_codec *c, const Pb__Agent *in,
		       struct ha_am *m)
{
	struct ha_am_bytes *b;
	struct ha_am_held *h;

	b = ha_codec_array(c, in->n_records, sizeof(*b), RECORDS_MAX);
	for (size_t i = 0; b && i < in->n_records; i++) {
		b[i].data = in->records[i].data;
		b[i].len = in->records[i].len;
	}
	m->records = b;
	m->record_count = b ? in->n_records : 0;
	h = ha_codec_array(c, in->n_held, sizeof(*h), HELD_MAX);
	for (size_t i = 0; h && i < in->n_held; i++) {
		h[i].version = in->held[i]->version;
		ha_pull_id(c, in->held[i]->hash, &h[i].hash,
			   sizeof(h[i].hash));
		h[i].wall_s = in->held[i]->wall_s;
		h[i].by = ha_pull_host_or_none(c, in->held[i]->by);
		h[i].who = in->held[i]->who;
	}
	m->held = h;
	m->held_count = h ? in->n_held : 0;
}

int ha_am_pack(const struct ha_am *msg, struct ha_buf *ret_buf)
{
	struct ha_wire_arena arena;
	struct ha_codec c = { &arena, 0 };
	Pb__Agent out = PB__AGENT__INIT;
	int rc;

	ha_wire_arena_init(&arena, HA_AGENT_MESSAGE_MAX);
	out.kind = msg->kind;
	out.id = msg->id;
	out.code = msg->code;
	out.op = msg->op;
	out.timeout_ms = msg->timeout_ms;
	out.uuid = ha_put_id(&msg->uuid, sizeof(msg->uuid));
	out.name = ha_put_text(msg->name);
	if (msg->text) {
		out.text = ha_put_bytes(msg->text, strlen(msg->text));
	}
	out.memory_kib = msg->memory_kib;
	out.cpus = msg->cpus;
	out.cpu_mhz = msg->cpu_mhz;
	put_domains(&c, msg, &out);
	put_steps(&c, msg, &out);
	out.first = msg->first;
	out.last = msg->last;
	out.flag = msg->flag;
	out.hash = ha_put_id(&msg->hash, sizeof(msg->hash));
	out.data = ha_put_bytes(msg->data.data, msg->data.len);
	put_store(&c, msg, &out);
	rc = ha_codec_pack(&c, &out.base, HA_AGENT_MESSAGE_MAX, ret_buf);
	ha_wire_arena_fini(&arena);
	return rc;
}

static void pull_agent(struct ha_codec *c, const Pb__Agent *in,
		       struct ha_am *m)
{
	char *text;

	m->kind = ha_pull_enum(c, in->kind, HA_AM_VM_START, HA_AM_KIND_COUNT);
	m->id = in->id;
	m->code = ha_pull_enum(c, in->code, 0, CODE_MAX);
	m->op = ha_pull_enum(c, in->op, 0, HA_FENCE_OP_CHECK + 1);
	m->timeout_ms = in->timeout_ms;
	ha_pull_id(c, in->uuid, &m->uuid, sizeof(m->uuid));
	m->name = ha_pull_string(c, in->name, AGENT_STRING_MAX);
	text = ha_codec_array(c, in->text.len + 1, 1, TEXT_MAX + 1);
	if (text && in->text.len > 0) {
		memcpy(text, in->text.data, in->text.len);
	}
	m->text = text ? text : "";
	m->memory_kib = in->memory_kib;
	m->cpus = in->cpus;
	m->cpu_mhz = in->cpu_mhz;
	pull_domains(c, in, m);
	pull_steps(c, in, m);
	m->first = in->first;
	m->last = in->last;
	m->flag = in->flag;
	ha_pull_id(c, in->hash, &m->hash, sizeof(m->hash));
	m->data.data = in->data.data;
	m->data.len = in->data.len;
	pull_store(c, in, m);
	if (m->kind == HA_AM_DOMAIN && m->domain_count != 1) {
		ha_codec_fail(c, HA_E_SYNTAX);
	}
	if (m->kind == HA_AM_HELD && m->held_count != 1) {
		ha_codec_fail(c, HA_E_SYNTAX);
	}
}

int ha_am_unpack(const void *data, size_t len, struct ha_am *ret_msg)
{
	struct ha_am m;
	struct ha_codec c = { &m.arena, 0 };
	Pb__Agent *in;

	if (len > HA_AGENT_MESSAGE_MAX) {
		return HA_E_LIMIT;
	}
	memset(&m, 0, sizeof(m));
	ha_wire_arena_init(&m.arena, ha_codec_budget(len));
	in = ha_codec_unpack(&c, &pb__agent__descriptor, data, len);
	if (in) {
		pull_agent(&c, in, &m);
	}
	if (c.err) {
		ha_wire_arena_fini(&m.arena);
		return c.err;
	}
	*ret_msg = m;
	return 0;
}

void ha_am_fini(struct ha_am *msg)
{
	ha_wire_arena_fini(&msg->arena);
	memset(msg, 0, sizeof(*msg));
}

const char *ha_am_kind_name(enum ha_am_kind kind)
{
	static const char *const names[] = {
		[HA_AM_VM_START] = "vm-start",
		[HA_AM_VM_SHUTDOWN] = "vm-shutdown",
		[HA_AM_VM_DESTROY] = "vm-destroy",
		[HA_AM_VM_LOOK] = "vm-look",
		[HA_AM_VM_XML] = "vm-xml",
		[HA_AM_FENCE] = "fence",
		[HA_AM_CANCEL] = "cancel",
		[HA_AM_UP] = "up",
		[HA_AM_DOWN] = "down",
		[HA_AM_INVENTORY] = "inventory",
		[HA_AM_DOMAIN] = "domain",
		[HA_AM_RESULT] = "result",
		[HA_AM_XML] = "xml",
		[HA_AM_NOTE] = "note",
		[HA_AM_LOAD] = "load",
		[HA_AM_LOADED] = "loaded",
		[HA_AM_PERSIST] = "persist",
		[HA_AM_SNAPSHOT] = "snapshot",
		[HA_AM_BODY_PUT] = "body-put",
		[HA_AM_BODY_GET] = "body-get",
		[HA_AM_BODY] = "body",
		[HA_AM_HELD] = "held",
		[HA_AM_EVENT] = "event",
		[HA_AM_VM_READY] = "vm-ready",
	};
	_Static_assert(sizeof(names) / sizeof(names[0]) == HA_AM_KIND_COUNT,
		       "a name for each kind");

	if ((unsigned)kind >= HA_AM_KIND_COUNT || !names[kind]) {
		return "?";
	}
	return names[kind];
}
