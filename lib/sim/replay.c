/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/replay.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "conf/conf.h"
#include "wire/record_event.h"

struct run {
	struct ha_replay *replay;
	const struct ha_replay_options *options;
	struct ha_buf *why;
	void *mem;     /* owned; of replay->core */
	ha_time last;
	uint32_t check;
};

static const char *const event_names[] = {
	[HA_EV_LOADED] = "the store's content", [HA_EV_VIEW] = "a view",
	[HA_EV_MESSAGE] = "a message", [HA_EV_PERSISTED] = "a persist's end",
	[HA_EV_CONFIG] = "a configuration", [HA_EV_AGENT] = "an agent",
	[HA_EV_INVENTORY] = "an inventory", [HA_EV_DOMAIN] = "a domain",
	[HA_EV_RESULT] = "an operation's result",
	[HA_EV_COMMAND] = "a command", [HA_EV_FORGET] = "a tool's end",
	[HA_EV_TICK] = "a tick",
};

/* --- configurations --- */

/* No decision is made from what was masked. */
static char *with_stand_ins(const struct ha_record_bytes *text)
{
	char *copy = calloc(1, text->len + 1);

	if (copy && text->len > 0) {
		memcpy(copy, text->data, text->len);
	}
	if (copy) {
		ha_conf_stand_in(copy);
	}
	return copy;
}

static bool parse_body(struct run *r, const struct ha_record_body *b,
		       struct ha_config **ret_config)
{
	struct ha_conf_errors errors = { 0 };
	char *text = with_stand_ins(&b->text);
	int rc = text ? ha_conf_parse(text, b->text.len, &errors, ret_config)
		      : HA_E_NO_MEMORY;

	if (rc != 0) {
		ha_buf_printf(r->why, "a configuration in it cannot be read: "
			      "%s\n", ha_err_text(rc));
		ha_conf_errors_print(&errors, "configuration", r->why);
	} else {
		/* what the cluster knows it by: the one with its secrets */
		(*ret_config)->hash = b->hash;
	}
	ha_conf_errors_fini(&errors);
	free(text);
	return rc == 0;
}

static bool parse_bodies(struct run *r)
{
	struct ha_replay *p = r->replay;

	p->configs = calloc(p->record.body_count + 1, sizeof(*p->configs));
	for (size_t i = 0; p->configs && i < p->record.body_count; i++) {
		if (!parse_body(r, &p->record.bodies[i], &p->configs[i])) {
			return false;
		}
	}
	return p->configs != NULL;
}

static const struct ha_config *find_config(const struct ha_hash *hash,
					   void *arg)
{
	const struct ha_replay *p = arg;

	for (size_t i = 0; i < p->record.body_count; i++) {
		if (ha_hash_equal(&p->configs[i]->hash, hash)) {
			return p->configs[i];
		}
	}
	return NULL;
}

/* --- a part --- */

static void print_trace(const struct run *r, const struct ha_trace *t)
{
	const struct ha_record *rec = &r->replay->record;
	int64_t us = rec->wall_us - (rec->now - r->last);
	time_t s = (time_t)(us / 1000000);
	char when[32] = "";
	struct tm tm;

	if (gmtime_r(&s, &tm)) {
		(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &tm);
	}
	fprintf(r->options->trace, "%s.%06d %s\n", when, (int)(us % 1000000),
		t->text);
}

static void take_actions(struct run *r, const struct ha_actions *acts)
{
	r->check = ha_record_check(r->check, acts);
	for (size_t i = 0; i < acts->count; i++) {
		const struct ha_action *a = &acts->list[i];

		if (a->kind != HA_ACT_TRACE && a->kind != HA_ACT_ALERT) {
			continue;
		}
		r->replay->decisions++;
		if (r->options->trace) {
			print_trace(r, a->kind == HA_ACT_TRACE ?
				    &a->trace : &a->alert.trace);
		}
	}
}

static bool is_possible(const struct run *r, const struct ha_event *ev)
{
	bool loaded = ha_core_is_loaded(r->replay->core);

	return (ev->kind == HA_EV_CONFIG && ev->config) ||
	       (ev->kind == HA_EV_LOADED && !loaded) ||
	       (ev->kind != HA_EV_CONFIG && ev->kind != HA_EV_LOADED && loaded);
}

static enum ha_replay_result replay_event(struct run *r,
					  const struct ha_record_bytes *bytes)
{
	struct ha_replay *p = r->replay;
	struct ha_record_event e;
	struct ha_actions acts;
	enum ha_replay_result result = HA_REPLAY_SAME;
	int rc = ha_record_unpack_event(bytes->data, bytes->len, r->last, &e);

	if (rc != 0) {
		ha_buf_printf(r->why, "event %zu of the record cannot be read: "
			      "%s", p->events + 1, ha_err_text(rc));
		return HA_REPLAY_UNREADABLE;
	}
	if (e.event.kind == HA_EV_CONFIG) {
		e.event.config = find_config(&e.config, p);
	}
	if (!is_possible(r, &e.event)) {
		ha_buf_printf(r->why, "event %zu of the record cannot have "
			      "happened there", p->events + 1);
		result = HA_REPLAY_UNREADABLE;
	} else {
		p->events++;
		r->last = e.event.now;
		acts = ha_core_step(p->core, &e.event);
		take_actions(r, &acts);
		if (acts.broken) {
			ha_buf_printf(r->why, "event %zu, %s: the core broke an "
				      "invariant: %s", p->events,
				      event_names[e.event.kind], acts.broken);
			result = HA_REPLAY_DIVERGES;
		} else if (r->check != e.check) {
			ha_buf_printf(r->why, "event %zu, %s: the core did "
				      "something else than when it was recorded",
				      p->events, event_names[e.event.kind]);
			result = HA_REPLAY_DIVERGES;
		}
	}
	ha_record_event_fini(&e);
	return result;
}

/* Of a part that follows another the image must be what the core has come to;
 * then it goes on with what was written, which proves that it is enough. */
static bool has_come_to(const struct run *r, const struct ha_record_part *part)
{
	struct ha_buf now = { 0 };
	bool same;

	ha_core_save(r->replay->core, &now);
	same = now.len == part->image.len &&
	       memcmp(now.data, part->image.data, now.len) == 0;
	ha_buf_fini(&now);
	return same;
}

static enum ha_replay_result begin_part(struct run *r,
					const struct ha_record_part *part)
{
	struct ha_replay *p = r->replay;
	size_t size = ha_core_size(p->record.params.vms_max);
	const struct ha_core_image image = {
		.data = part->image.data, .len = part->image.len,
		.find = find_config, .arg = p,
	};

	if (p->core && !has_come_to(r, part)) {
		ha_buf_printf(r->why, "after event %zu: the core remembers "
			      "something else than when it was recorded",
			      p->events);
		return HA_REPLAY_DIVERGES;
	}
	free(r->mem);
	p->core = NULL;
	r->mem = calloc(1, size);
	if (!r->mem) {
		ha_buf_puts(r->why, "out of memory");
		return HA_REPLAY_UNREADABLE;
	}
	p->core = part->image.len > 0 ?
			  ha_core_restore(r->mem, &p->record.params, &image) :
			  ha_core_init(r->mem, &p->record.params);
	if (!p->core) {
		ha_buf_puts(r->why, "what the core remembered at its beginning "
			    "cannot be read");
		return HA_REPLAY_UNREADABLE;
	}
	r->last = part->now;
	r->check = 0;
	return HA_REPLAY_SAME;
}

static enum ha_replay_result replay_parts(struct run *r)
{
	const struct ha_record *rec = &r->replay->record;
	enum ha_replay_result result = HA_REPLAY_SAME;
	size_t stop = r->options->stop_after;

	for (size_t i = 0; i < rec->part_count; i++) {
		const struct ha_record_part *part = &rec->parts[i];

		result = begin_part(r, part);
		for (size_t k = 0; result == HA_REPLAY_SAME &&
				   k < part->event_count; k++) {
			if (stop != 0 && r->replay->events == stop) {
				return result;
			}
			result = replay_event(r, &part->events[k]);
		}
		if (result != HA_REPLAY_SAME) {
			break;
		}
	}
	return result;
}

/* --- all of it --- */

static bool open_record(struct run *r, const struct ha_record_bytes *data)
{
	struct ha_record *rec = &r->replay->record;
	int rc = ha_record_unpack(data->data, data->len, rec);

	switch (rc) {
	case 0:
		return true;
	case HA_E_STALE:
		ha_buf_printf(r->why, "it was written by hac %s, build %s; only "
			      "the hacsim of that build can replay it",
			      rec->version, rec->build);
		return false;
	case HA_E_SYNTAX:
		ha_buf_puts(r->why, "it is not a flight record of hac");
		return false;
	case HA_E_DAMAGED:
		ha_buf_puts(r->why, "it is cut off or damaged");
		return false;
	default:
		ha_buf_puts(r->why, ha_err_text(rc));
		return false;
	}
}

enum ha_replay_result ha_replay_run(const struct ha_record_bytes *data,
				    const struct ha_replay_options *options,
				    struct ha_replay *ret_replay,
				    struct ha_buf *why)
{
	struct run r = { .replay = ret_replay, .options = options,
			 .why = why };
	enum ha_replay_result result = HA_REPLAY_UNREADABLE;

	memset(ret_replay, 0, sizeof(*ret_replay));
	if (open_record(&r, data) && parse_bodies(&r)) {
		result = replay_parts(&r);
	}
	if (!ret_replay->core) {
		free(r.mem);
	}
	return result;
}

char *ha_replay_text(const struct ha_replay *p, const struct ha_hash *hash)
{
	for (size_t i = 0; i < p->record.body_count; i++) {
		if (ha_hash_equal(&p->record.bodies[i].hash, hash)) {
			return with_stand_ins(&p->record.bodies[i].text);
		}
	}
	return NULL;
}

void ha_replay_fini(struct ha_replay *p)
{
	for (size_t i = 0; p->configs && i < p->record.body_count; i++) {
		ha_conf_free(p->configs[i]);
	}
	free(p->configs);
	free(p->core);
	ha_record_fini(&p->record);
	memset(p, 0, sizeof(*p));
}
