/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.c - a flight record is a line of text, with the sum of what follows,
 * and a Flight of hac.proto.
 */
#include "wire/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "config.h"
#include "wire/build.h"
#include "wire/codec.h"

#define MAGIC "hac flight record "
#define LINE_BYTES 64
#define BODIES_MAX 64
#define PARTS_MAX 8
#define WORD_MAX 63

const char *ha_record_build(void)
{
	return HA_BUILD_ID;
}

/* --- packing --- */

int ha_record_pack_part(const struct ha_record_part *part,
			struct ha_buf *ret_buf)
{
	struct ha_codec c = { NULL, 0 };
	Pb__FlightPart out = PB__FLIGHT_PART__INIT;

	out.now = part->now;
	out.image = ha_put_bytes(part->image.data, part->image.len);
	return ha_codec_pack(&c, &out.base, HA_RECORD_BYTES_MAX, ret_buf);
}

int ha_record_pack_element(const struct ha_record_bytes *event,
			   struct ha_buf *ret_buf)
{
	struct ha_codec c = { NULL, 0 };
	ProtobufCBinaryData one = ha_put_bytes(event->data, event->len);
	Pb__FlightPart out = PB__FLIGHT_PART__INIT;

	out.n_events = 1;
	out.events = &one;
	return ha_codec_pack(&c, &out.base, HA_RECORD_BYTES_MAX, ret_buf);
}

static void put_bodies(struct ha_codec *c, const struct ha_record *record,
		       Pb__Flight *out)
{
	size_t n = record->body_count;
	Pb__FlightBody *b = ha_codec_array(c, n, sizeof(*b), BODIES_MAX);

	out->bodies = ha_codec_array(c, n, sizeof(b), BODIES_MAX);
	for (size_t i = 0; !c->err && i < n; i++) {
		const struct ha_record_body *in = &record->bodies[i];

		pb__flight_body__init(&b[i]);
		b[i].hash = ha_put_bytes(in->hash.b, sizeof(in->hash.b));
		b[i].text = ha_put_bytes(in->text.data, in->text.len);
		out->bodies[out->n_bodies++] = &b[i];
	}
}

static void put_parts(struct ha_codec *c, const struct ha_record *record,
		      const struct ha_record_bytes *parts, Pb__Flight *out)
{
	size_t n = record->part_count;

	out->parts = ha_codec_array(c, n, sizeof(*out->parts), PARTS_MAX);
	for (size_t i = 0; !c->err && i < n; i++) {
		out->parts[i] = ha_put_bytes(parts[i].data, parts[i].len);
		out->n_parts++;
	}
}

static void put_line(const struct ha_buf *body, struct ha_buf *ret_buf)
{
	ha_buf_printf(ret_buf, MAGIC "%08lx %zu\n",
		      crc32_z(0, (const Bytef *)body->data, body->len),
		      body->len);
	ha_buf_append(ret_buf, body->data, body->len);
}

int ha_record_pack(const struct ha_record *record,
		   const struct ha_record_bytes *parts, struct ha_buf *ret_buf)
{
	struct ha_buf body = { 0 };
	struct ha_wire_arena arena;
	struct ha_codec c = { &arena, 0 };
	Pb__Flight out = PB__FLIGHT__INIT;
	int rc;

	ha_wire_arena_init(&arena, 1u << 20);
	out.version = ha_put_text(PACKAGE_VERSION);
	out.build = ha_put_text(HA_BUILD_ID);
	out.host = record->params.self;
	out.boot = record->params.boot;
	out.seed = record->params.seed;
	out.token = record->params.token;
	out.vms_max = record->params.vms_max;
	out.level_min = record->params.level_min;
	out.level = record->params.level;
	out.now = record->now;
	out.wall = record->wall_us;
	put_bodies(&c, record, &out);
	put_parts(&c, record, parts, &out);
	rc = ha_codec_pack(&c, &out.base, HA_RECORD_BYTES_MAX, &body);
	if (rc == 0) {
		put_line(&body, ret_buf);
		rc = ret_buf->failed ? HA_E_NO_MEMORY : 0;
	}
	ha_buf_fini(&body);
	ha_wire_arena_fini(&arena);
	return rc;
}

/* --- unpacking --- */

static struct ha_record_bytes as_bytes(ProtobufCBinaryData b)
{
	return (struct ha_record_bytes){ b.data, b.len };
}

static void pull_part(struct ha_codec *c, ProtobufCBinaryData bytes,
		      struct ha_record_part *p)
{
	struct ha_record_bytes *events;
	Pb__FlightPart *in = ha_codec_unpack(c, &pb__flight_part__descriptor,
					     bytes.data, bytes.len);

	if (!in) {
		return;
	}
	p->now = in->now;
	p->image = as_bytes(in->image);
	events = ha_codec_array(c, in->n_events, sizeof(*events), SIZE_MAX / 64);
	for (size_t i = 0; events && i < in->n_events; i++) {
		events[i] = as_bytes(in->events[i]);
	}
	p->events = events;
	p->event_count = events ? in->n_events : 0;
	if (in->now < -HA_S(1000000000) || in->now > HA_S(1000000000)) {
		ha_codec_fail(c, HA_E_SYNTAX);
	}
}

static void pull_parts(struct ha_codec *c, const Pb__Flight *in,
		       struct ha_record *r)
{
	struct ha_record_part *p = ha_codec_array(c, in->n_parts, sizeof(*p),
						  PARTS_MAX);

	for (size_t i = 0; p && i < in->n_parts; i++) {
		pull_part(c, in->parts[i], &p[i]);
	}
	r->parts = p;
	r->part_count = p ? in->n_parts : 0;
	if (r->part_count == 0) {
		ha_codec_fail(c, HA_E_SYNTAX);
	}
}

static void pull_bodies(struct ha_codec *c, const Pb__Flight *in,
			struct ha_record *r)
{
	struct ha_record_body *b = ha_codec_array(c, in->n_bodies, sizeof(*b),
						  BODIES_MAX);

	for (size_t i = 0; b && i < in->n_bodies; i++) {
		ha_pull_id(c, in->bodies[i]->hash, b[i].hash.b,
			   sizeof(b[i].hash.b));
		b[i].text = as_bytes(in->bodies[i]->text);
	}
	r->bodies = b;
	r->body_count = b ? in->n_bodies : 0;
}

static void pull_params(struct ha_codec *c, const Pb__Flight *in,
			struct ha_record *r)
{
	r->params.self = ha_pull_host(c, in->host);
	r->params.boot = in->boot;
	r->params.seed = in->seed;
	r->params.token = in->token;
	r->params.vms_max = ha_pull_enum(c, in->vms_max, 1, HA_VMS_MAX + 1);
	r->params.level_min = in->level_min;
	r->params.level = in->level;
	r->now = in->now;
	r->wall_us = in->wall;
	if (in->boot == 0 || in->token <= 0 || in->token > HA_S(100000) ||
	    in->level < in->level_min ||
	    (in->level != 0 && in->level_min == 0)) {
		ha_codec_fail(c, HA_E_SYNTAX);
	}
}

/* Another build's may mean something else by the same numbers. */
static bool is_of_this_build(const struct ha_record *r)
{
	return strcmp(r->version, PACKAGE_VERSION) == 0 &&
	       strcmp(r->build, HA_BUILD_ID) == 0;
}

static int unpack_body(struct ha_record_bytes body, struct ha_record *r)
{
	struct ha_codec c = { &r->arena, 0 };
	Pb__Flight *in;

	/* small events grow most: sizes, pointers, alignment */
	ha_wire_arena_init(&r->arena, 8 * body.len + (1u << 20));
	in = ha_codec_unpack(&c, &pb__flight__descriptor, body.data, body.len);
	if (!in) {
		return c.err;
	}
	r->version = ha_pull_string(&c, in->version, WORD_MAX);
	r->build = ha_pull_string(&c, in->build, WORD_MAX);
	if (c.err == 0 && !is_of_this_build(r)) {
		return HA_E_STALE;
	}
	pull_params(&c, in, r);
	pull_bodies(&c, in, r);
	pull_parts(&c, in, r);
	return c.err;
}

/* The line on top, and whether what follows is what it says. */
static int check_line(const void *data, size_t len,
		      struct ha_record_bytes *ret_body)
{
	const char *end = memchr(data, '\n', len < LINE_BYTES ? len : LINE_BYTES);
	char line[LINE_BYTES + 1] = "";
	unsigned long sum;
	size_t body_len;
	const char *body;

	if (!end || strncmp(data, MAGIC, strlen(MAGIC)) != 0) {
		return HA_E_SYNTAX;
	}
	memcpy(line, data, (size_t)(end - (const char *)data));
	if (sscanf(line + strlen(MAGIC), "%8lx %zu", &sum, &body_len) != 2) {
		return HA_E_SYNTAX;
	}
	body = end + 1;
	if (body_len != len - (size_t)(body - (const char *)data) ||
	    crc32_z(0, (const Bytef *)body, body_len) != sum) {
		return HA_E_DAMAGED;
	}
	*ret_body = (struct ha_record_bytes){ body, body_len };
	return 0;
}

int ha_record_unpack(const void *data, size_t len, struct ha_record *ret_record)
{
	struct ha_record_bytes body;
	struct ha_record r = { 0 };
	int rc;

	if (len > HA_RECORD_BYTES_MAX + LINE_BYTES) {
		return HA_E_LIMIT;
	}
	rc = check_line(data, len, &body);
	if (rc == 0) {
		rc = unpack_body(body, &r);
	}
	if (rc != 0 && rc != HA_E_STALE) {
		ha_wire_arena_fini(&r.arena);
		return rc;
	}
	*ret_record = r;
	return rc;
}

void ha_record_fini(struct ha_record *record)
{
	ha_wire_arena_fini(&record->arena);
	memset(record, 0, sizeof(*record));
}
