/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/record_event.h"

#include <string.h>
#include <zlib.h>

#include "wire/codec.h"

#define DOMAINS_MAX (2u * HA_VMS_MAX)
#define ENTRIES_MAX (2u * HA_LOG_ENTRIES_MAX)
#define CODES_MAX 16u

/* --- packing --- */

static Pb__FlightLoaded *put_loaded(struct ha_codec *c,
				    const struct ha_event *ev)
{
	Pb__FlightLoaded *out = ha_codec_array(c, 1, sizeof(*out), 1);

	if (!out) {
		return NULL;
	}
	pb__flight_loaded__init(out);
	out->damaged = ev->loaded.damaged;
	out->frozen = ev->loaded.frozen;
	out->crash = ha_put_crash(c, &ev->loaded.crash);
	out->at = ha_put_base(c, &ev->loaded.base);
	out->meta = ha_put_meta(c, &ev->loaded.meta);
	out->state = ev->loaded.state ? ha_put_state(c, ev->loaded.state)
				      : NULL;
	out->entries = ha_put_entries(c, ev->loaded.entries,
				      ev->loaded.entry_count);
	out->n_entries = out->entries ? ev->loaded.entry_count : 0;
	return out;
}

static Pb__FlightView *put_view(struct ha_codec *c, const struct ha_event *ev)
{
	Pb__FlightView *out = ha_codec_array(c, 1, sizeof(*out), 1);

	if (!out) {
		return NULL;
	}
	pb__flight_view__init(out);
	out->id = ev->view.id;
	out->quorate = ev->view.quorate;
	out->members = ev->view.members;
	out->hacds = ev->view.hacds;
	return out;
}

static Pb__FlightInventory *put_inventory(struct ha_codec *c,
					  const struct ha_event *ev)
{
	size_t n = ev->inventory.count;
	Pb__FlightInventory *out = ha_codec_array(c, 1, sizeof(*out), 1);
	Pb__Domain *d = ha_codec_array(c, n, sizeof(*d), DOMAINS_MAX);

	if (!out) {
		return NULL;
	}
	pb__flight_inventory__init(out);
	out->memory_kib = ev->inventory.memory_kib;
	out->cpus = ev->inventory.cpus;
	out->cpu_mhz = ev->inventory.cpu_mhz;
	out->domains = ha_codec_array(c, n, sizeof(d), DOMAINS_MAX);
	for (size_t i = 0; !c->err && i < n; i++) {
		ha_put_domain(&ev->inventory.domains[i], &d[i]);
		out->domains[out->n_domains++] = &d[i];
	}
	return out;
}

static Pb__Domain *put_domain(struct ha_codec *c, const struct ha_event *ev)
{
	Pb__Domain *out = ha_codec_array(c, 1, sizeof(*out), 1);

	if (out) {
		ha_put_domain(&ev->domain, out);
	}
	return out;
}

static void put_event(struct ha_codec *c, const struct ha_event *ev,
		      Pb__FlightEvent *out)
{
	switch (ev->kind) {
	case HA_EV_LOADED:
		out->loaded = put_loaded(c, ev);
		return;
	case HA_EV_VIEW:
		out->view = put_view(c, ev);
		return;
	case HA_EV_MESSAGE:
		return;
	case HA_EV_TICK:
		out->minute = ev->minute;
		return;
	case HA_EV_PERSISTED:
		out->seq = ev->persisted.seq;
		out->ok = ev->persisted.ok;
		return;
	case HA_EV_CONFIG:
		out->config = ha_put_bytes(ev->config->hash.b,
					   sizeof(ev->config->hash.b));
		return;
	case HA_EV_AGENT:
		out->agent = ev->agent.agent;
		out->ok = ev->agent.up;
		return;
	case HA_EV_INVENTORY:
		out->inventory = put_inventory(c, ev);
		return;
	case HA_EV_DOMAIN:
		out->domain = put_domain(c, ev);
		return;
	case HA_EV_RESULT:
		out->id = ev->result.id;
		out->code = ev->result.code;
		out->text = ha_put_text(ev->result.text);
		return;
	case HA_EV_COMMAND:
		out->command = ha_put_command(c, &ev->command);
		return;
	case HA_EV_FORGET:
		out->id = ev->forget;
		return;
	}
}

int ha_record_pack_event(const struct ha_event *ev, ha_time last,
			 struct ha_buf *ret_buf)
{
	struct ha_buf message = { 0 };
	struct ha_wire_arena arena;
	struct ha_codec c = { &arena, 0 };
	Pb__FlightEvent out = PB__FLIGHT_EVENT__INIT;
	int rc = 0;

	ha_wire_arena_init(&arena, HA_PEER_MESSAGE_MAX);
	out.kind = ev->kind;
	out.after = ev->now - last;
	put_event(&c, ev, &out);
	if (ev->kind == HA_EV_MESSAGE) {
		rc = ha_peer_pack(ev->message, &message);
		out.message = ha_put_bytes(message.data, message.len);
	}
	if (rc == 0) {
		rc = ha_codec_pack(&c, &out.base, 2 * HA_PEER_MESSAGE_MAX,
				   ret_buf);
	}
	ha_buf_fini(&message);
	ha_wire_arena_fini(&arena);
	return rc;
}

int ha_record_pack_check(uint32_t check, struct ha_buf *ret_buf)
{
	struct ha_codec c = { NULL, 0 };
	Pb__FlightEvent out = PB__FLIGHT_EVENT__INIT;

	out.check = check;
	return ha_codec_pack(&c, &out.base, HA_PEER_MESSAGE_MAX, ret_buf);
}

/* --- unpacking --- */

static void pull_loaded(struct ha_codec *c, const Pb__FlightLoaded *in,
			struct ha_event *ev)
{
	if (in->n_entries > ENTRIES_MAX) {
		ha_codec_fail(c, HA_E_LIMIT);
		return;
	}
	ev->loaded.damaged = in->damaged;
	ev->loaded.frozen = in->frozen;
	ha_pull_crash(c, in->crash, &ev->loaded.crash);
	ha_pull_base(c, in->at, &ev->loaded.base);
	ha_pull_meta(c, in->meta, &ev->loaded.meta);
	ev->loaded.state = in->state ? ha_pull_state(c, in->state) : NULL;
	ev->loaded.entries = ha_pull_entries(c, in->entries, in->n_entries);
	ev->loaded.entry_count = ev->loaded.entries ? in->n_entries : 0;
}

static void pull_inventory(struct ha_codec *c, const Pb__FlightInventory *in,
			   struct ha_event *ev)
{
	struct ha_domain *d = ha_codec_array(c, in->n_domains, sizeof(*d),
					     DOMAINS_MAX);

	for (size_t i = 0; d && i < in->n_domains; i++) {
		ha_pull_domain(c, in->domains[i], &d[i]);
	}
	ev->inventory.domains = d;
	ev->inventory.count = d ? in->n_domains : 0;
	ev->inventory.memory_kib = in->memory_kib;
	ev->inventory.cpus = in->cpus;
	ev->inventory.cpu_mhz = in->cpu_mhz;
}

/* Is the part there that goes with the kind? */
static bool has_content(const Pb__FlightEvent *in)
{
	switch ((enum ha_event_kind)in->kind) {
	case HA_EV_LOADED:
		return in->loaded != NULL;
	case HA_EV_VIEW:
		return in->view != NULL;
	case HA_EV_CONFIG:
		return in->config.len == sizeof(struct ha_hash);
	case HA_EV_INVENTORY:
		return in->inventory != NULL;
	case HA_EV_DOMAIN:
		return in->domain != NULL;
	case HA_EV_COMMAND:
		return in->command != NULL;
	case HA_EV_MESSAGE:
	case HA_EV_PERSISTED:
	case HA_EV_AGENT:
	case HA_EV_RESULT:
	case HA_EV_FORGET:
	case HA_EV_TICK:
		return true;
	}
	return false;
}

static void pull_message(struct ha_codec *c, const Pb__FlightEvent *in,
			 struct ha_record_event *e)
{
	int rc = ha_peer_unpack(in->message.data, in->message.len,
				&e->message);

	if (rc != 0) {
		ha_codec_fail(c, rc);
	}
}

static void pull_event(struct ha_codec *c, const Pb__FlightEvent *in,
		       struct ha_record_event *e)
{
	struct ha_event *ev = &e->event;

	switch (ev->kind) {
	case HA_EV_LOADED:
		pull_loaded(c, in->loaded, ev);
		return;
	case HA_EV_VIEW:
		ev->view.id = in->view->id;
		ev->view.quorate = in->view->quorate;
		ev->view.members = in->view->members;
		ev->view.hacds = in->view->hacds;
		return;
	case HA_EV_MESSAGE:
		pull_message(c, in, e);
		return;
	case HA_EV_PERSISTED:
		ev->persisted.seq = in->seq;
		ev->persisted.ok = in->ok;
		return;
	case HA_EV_CONFIG:
		ha_pull_id(c, in->config, e->config.b, sizeof(e->config.b));
		return;
	case HA_EV_AGENT:
		ev->agent.agent = ha_pull_enum(c, in->agent, HA_AGENT_VM,
					       HA_AGENT_COUNT);
		ev->agent.up = in->ok;
		return;
	case HA_EV_INVENTORY:
		pull_inventory(c, in->inventory, ev);
		return;
	case HA_EV_DOMAIN:
		ha_pull_domain(c, in->domain, &ev->domain);
		return;
	case HA_EV_RESULT:
		ev->result.id = in->id;
		ev->result.code = ha_pull_enum(c, in->code, 0, CODES_MAX);
		ha_pull_text(c, in->text, ev->result.text,
			     sizeof(ev->result.text));
		return;
	case HA_EV_COMMAND:
		ha_pull_command(c, in->command, &ev->command);
		return;
	case HA_EV_FORGET:
		ev->forget = in->id;
		return;
	case HA_EV_TICK:
		ev->minute = ha_pull_enum(c, in->minute, 0, HA_DAY_MINUTES);
		return;
	}
}

int ha_record_unpack_event(const void *data, size_t len, ha_time last,
			   struct ha_record_event *ret_event)
{
	struct ha_record_event *e = ret_event;
	struct ha_codec c = { &e->arena, 0 };
	Pb__FlightEvent *in;

	memset(e, 0, sizeof(*e));
	if (len > 2 * HA_PEER_MESSAGE_MAX) {
		return HA_E_LIMIT;
	}
	ha_wire_arena_init(&e->arena, ha_codec_budget(len));
	in = ha_codec_unpack(&c, &pb__flight_event__descriptor, data, len);
	if (in && has_content(in) && in->after >= -HA_S(1000000) &&
	    in->after <= HA_S(1000000000)) {
		e->event.kind = (enum ha_event_kind)in->kind;
		e->event.now = last + in->after;
		e->check = in->check;
		pull_event(&c, in, e);
	} else {
		ha_codec_fail(&c, HA_E_SYNTAX);
	}
	if (c.err) {
		ha_record_event_fini(e);
		return c.err;
	}
	if (e->event.kind == HA_EV_MESSAGE) {
		e->event.message = &e->message.msg;
	}
	return 0;
}

void ha_record_event_fini(struct ha_record_event *e)
{
	ha_peer_fini(&e->message);
	ha_wire_arena_fini(&e->arena);
	memset(e, 0, sizeof(*e));
}

/* --- what came of it --- */

static uint32_t add(uint32_t check, const void *data, size_t len)
{
	return (uint32_t)crc32(check, data, (uInt)len);
}

static uint32_t add_number(uint32_t check, uint64_t v)
{
	return add(check, &v, sizeof(v));
}

static uint32_t add_trace(uint32_t check, const struct ha_trace *t)
{
	check = add_number(check, t->epoch);
	check = add_number(check, t->index);
	check = add_number(check, t->host);
	return add(check, t->text, strlen(t->text));
}

static uint32_t add_action(uint32_t check, const struct ha_action *a)
{
	check = add_number(check, a->kind);
	switch (a->kind) {
	case HA_ACT_SEND:
		return add_number(add_number(check, a->msg->kind),
				  a->msg->epoch);
	case HA_ACT_PERSIST:
		return add_number(check, a->persist.op->seq);
	case HA_ACT_SEND_BODY:
		return add(check, &a->body, sizeof(a->body));
	case HA_ACT_EXPECT_VOTES:
		return add_number(check, a->votes);
	case HA_ACT_DROP_CONFIG:
		return add(check, &a->config->hash, sizeof(a->config->hash));
	case HA_ACT_VM:
		check = add_number(add_number(check, a->vm.id), a->vm.op);
		return add(check, &a->vm.uuid, sizeof(a->vm.uuid));
	case HA_ACT_FENCE:
		check = add_number(add_number(check, a->fence.id),
				   a->fence.op);
		return add_number(add_number(check, a->fence.host->id),
				  a->fence.level);
	case HA_ACT_CANCEL:
		return add_number(check, a->cancel);
	case HA_ACT_ANSWER:
		return add_number(add_number(check, a->answer.id),
				  (uint64_t)a->answer.code);
	case HA_ACT_TRACE:
		return add_trace(check, &a->trace);
	case HA_ACT_ALERT:
		return add_trace(check, &a->alert.trace);
	}
	return check;
}

uint32_t ha_record_check(uint32_t check, const struct ha_actions *actions)
{
	for (size_t i = 0; i < actions->count; i++) {
		check = add_action(check, &actions->list[i]);
	}
	return check;
}
