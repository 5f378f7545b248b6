/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/recorder.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "wire/record_event.h"

#define BODIES_MAX 32 /* more than a core borrows at once, of both parts */

struct kept_body {
	struct ha_hash hash;
	const struct ha_config *config; /* as lent to the core; NULL: it is not */
	struct ha_buf text;             /* owned */
	bool used[2];                   /* in the part before, in this one */
};

struct ha_recorder {
	struct ha_core_params params;
	size_t part_max;
	struct ha_buf parts[2]; /* packed: the one before, this one */
	bool begun[2];
	bool failed;            /* this part lacks something */
	size_t event_bytes;     /* of this part */
	ha_time last;
	uint32_t check;
	struct ha_buf event;    /* in hand */
	struct kept_body bodies[BODIES_MAX];
};

/* A part that begins with the core as it is; NULL: with none at all. */
static void begin_part(struct ha_recorder *r, const struct ha_core *core)
{
	struct ha_buf image = { 0 };
	struct ha_record_part part = { .now = r->last };
	int rc;

	if (core) {
		ha_core_save(core, &image);
		part.image.data = image.data;
		part.image.len = image.len;
	}
	ha_buf_clear(&r->parts[1]);
	rc = ha_record_pack_part(&part, &r->parts[1]);
	r->begun[1] = rc == 0 && !image.failed;
	r->failed = !r->begun[1];
	r->event_bytes = 0;
	r->check = 0;
	ha_buf_fini(&image);
}

struct ha_recorder *ha_recorder_create(const struct ha_core_params *params,
				       size_t bytes_max)
{
	struct ha_recorder *r = calloc(1, sizeof(*r));

	if (r) {
		r->params = *params;
		r->part_max = bytes_max / 2;
		begin_part(r, NULL);
	}
	return r;
}

/* --- configurations --- */

static void drop_body(struct kept_body *b)
{
	ha_buf_fini(&b->text);
	memset(b, 0, sizeof(*b));
}

static bool in_use(const struct kept_body *b)
{
	return b->config || b->used[0] || b->used[1];
}

static struct kept_body *place_for(struct ha_recorder *r,
				   const struct ha_hash *hash)
{
	struct kept_body *empty = NULL;

	for (size_t i = 0; i < BODIES_MAX; i++) {
		struct kept_body *b = &r->bodies[i];

		if (in_use(b) && ha_hash_equal(&b->hash, hash)) {
			return b;
		}
		if (!in_use(b) && !empty) {
			empty = b;
		}
	}
	return empty;
}

void ha_recorder_body(struct ha_recorder *r, const struct ha_config *config,
		      const struct ha_record_bytes *masked)
{
	struct kept_body *b = place_for(r, &config->hash);

	if (!b || !masked->data) {
		r->failed = true;
		return;
	}
	if (!in_use(b)) {
		b->hash = config->hash;
		ha_buf_append(&b->text, masked->data, masked->len);
		r->failed = r->failed || b->text.failed;
	}
	if (!b->config) {
		b->config = config;
	}
	b->used[1] = true;
}

static void note_dropped(struct ha_recorder *r, const struct ha_config *config)
{
	for (size_t i = 0; i < BODIES_MAX; i++) {
		if (r->bodies[i].config == config) {
			r->bodies[i].config = NULL;
		}
	}
}

static void turn_bodies(struct ha_recorder *r)
{
	for (size_t i = 0; i < BODIES_MAX; i++) {
		struct kept_body *b = &r->bodies[i];

		b->used[0] = b->used[1];
		b->used[1] = b->config != NULL;
		if (!in_use(b)) {
			drop_body(b);
		}
	}
}

/* --- events --- */

void ha_recorder_event(struct ha_recorder *r, const struct ha_event *ev)
{
	ha_buf_clear(&r->event);
	if (ha_record_pack_event(ev, r->last, &r->event) != 0) {
		r->failed = true;
	}
	r->last = ev->now;
}

static void add_event(struct ha_recorder *r)
{
	struct ha_buf *part = &r->parts[1];
	size_t before = part->len;
	struct ha_record_bytes event;

	if (ha_record_pack_check(r->check, &r->event) != 0) {
		r->failed = true;
		return;
	}
	event.data = r->event.data;
	event.len = r->event.len;
	if (ha_record_pack_element(&event, part) != 0) {
		r->failed = true;
	}
	r->event_bytes += part->len - before;
}

/* After a failure nothing before it can be replayed up to now. */
static void turn_part(struct ha_recorder *r, const struct ha_core *core)
{
	struct ha_buf old = r->parts[0];

	r->parts[0] = r->parts[1];
	r->parts[1] = old;
	r->begun[0] = r->begun[1] && !r->failed;
	begin_part(r, core);
	turn_bodies(r);
}

void ha_recorder_actions(struct ha_recorder *r, const struct ha_core *core,
			 const struct ha_actions *actions)
{
	r->check = ha_record_check(r->check, actions);
	for (size_t i = 0; i < actions->count; i++) {
		if (actions->list[i].kind == HA_ACT_DROP_CONFIG) {
			note_dropped(r, actions->list[i].config);
		}
	}
	if (!r->failed) {
		add_event(r);
	}
	if ((r->failed || r->event_bytes > r->part_max) &&
	    ha_core_is_loaded(core)) {
		turn_part(r, core);
	}
}

/* --- all of it --- */

int ha_recorder_pack(const struct ha_recorder *r, ha_time now, int64_t wall_us,
		     struct ha_buf *ret_buf)
{
	struct ha_record_body bodies[BODIES_MAX];
	struct ha_record_bytes parts[2];
	struct ha_record record = {
		.params = r->params, .now = now, .wall_us = wall_us,
		.bodies = bodies,
	};

	for (size_t i = 0; i < BODIES_MAX; i++) {
		const struct kept_body *b = &r->bodies[i];

		if (b->used[0] || b->used[1]) {
			bodies[record.body_count++] = (struct ha_record_body){
				.hash = b->hash,
				.text = { b->text.data, b->text.len },
			};
		}
	}
	for (size_t i = 0; i < 2; i++) {
		if (r->begun[i]) {
			parts[record.part_count++] = (struct ha_record_bytes){
				r->parts[i].data, r->parts[i].len,
			};
		}
	}
	if (r->failed || record.part_count == 0) {
		return HA_E_NOT_FOUND;
	}
	return ha_record_pack(&record, parts, ret_buf);
}

void ha_recorder_destroy(struct ha_recorder *r)
{
	if (!r) {
		return;
	}
	for (size_t i = 0; i < BODIES_MAX; i++) {
		drop_body(&r->bodies[i]);
	}
	ha_buf_fini(&r->parts[0]);
	ha_buf_fini(&r->parts[1]);
	ha_buf_fini(&r->event);
	free(r);
}
