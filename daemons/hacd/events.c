/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "base/uuid.h"
#include "status.h"

struct events {
	json_int_t last_id; /* numbers go on where the file's ended */
	json_t *ring[EVENTS_KEPT]; /* owned; NULL: not yet used */
	size_t next;
};

struct events *events_create(void)
{
	return calloc(1, sizeof(struct events));
}

static void put_event(struct events *e, json_t *event)
{
	json_decref(e->ring[e->next]);
	e->ring[e->next] = event;
	e->next = (e->next + 1) % EVENTS_KEPT;
}

static const char *topic_name(enum ha_topic t)
{
	switch (t) {
	case HA_TOPIC_CLUSTER:
		return "cluster";
	case HA_TOPIC_HOST:
		return "host";
	case HA_TOPIC_VM:
		return "vm";
	}
	return "?";
}

static const char *level_name(enum ha_trace_level l)
{
	switch (l) {
	case HA_TRACE_INFO:
		return "info";
	case HA_TRACE_NOTICE:
		return "notice";
	case HA_TRACE_WARNING:
		return "warning";
	}
	return "?";
}

static const char *vm_name(const struct ha_core *core, const struct ha_uuid *vm,
			   char *text)
{
	static const struct ha_uuid none;
	const struct ha_config *c = ha_core_config(core);
	const struct ha_vm_conf *conf = c ? ha_config_vm(c, vm) : NULL;

	if (conf) {
		return conf->name;
	}
	text[0] = '\0';
	if (ha_uuid_cmp(vm, &none) != 0) {
		ha_uuid_print(vm, text);
	}
	return text;
}

static const char *fence_name(enum ha_trace_fence f)
{
	switch (f) {
	case HA_TRACE_FENCE_NONE:
		break;
	case HA_TRACE_FENCE_ASKED:
		return "asked";
	case HA_TRACE_FENCE_OFF:
		return "off";
	case HA_TRACE_FENCE_ON:
		return "on";
	case HA_TRACE_FENCE_FAILED:
		return "failed";
	case HA_TRACE_FENCE_CONFIRMED:
		return "confirmed";
	}
	return "?";
}

static void set_fence(json_t *o, const struct ha_core *core,
		      const struct ha_trace *trace)
{
	char by[80];

	json_object_set_new(o, "fence", json_string(fence_name(trace->fence)));
	json_object_set_new(o, "by", json_string(status_host_name(
						core, trace->by, by)));
	json_object_set_new(o, "attempt",
			    json_integer((json_int_t)trace->attempt));
}

static const char *code_name(const struct ha_trace *t)
{
	switch ((enum ha_fact_kind)t->fact) {
	case HA_FACT_PROOF:
		return ha_proof_name((enum ha_proof)t->code);
	case HA_FACT_VM_OWNER:
	case HA_FACT_VM_STOP:
	case HA_FACT_VM_RELEASE:
		return ha_why_name((enum ha_why)t->code);
	case HA_FACT_VM_WANTED:
		return t->code == HA_WANTED_RUNNING ? "running" : "stopped";
	case HA_FACT_MAINTENANCE:
	case HA_FACT_DISARM:
	case HA_FACT_CLUSTER_STOP:
	case HA_FACT_VM_COPY:
		return t->code ? "on" : "off";
	case HA_FACT_NONE:
	case HA_FACT_CONFIG:
	case HA_FACT_ADMIT:
	case HA_FACT_FENCE:
	case HA_FACT_FENCE_END:
	case HA_FACT_LEAVING:
	case HA_FACT_LEFT:
	case HA_FACT_STAY:
	case HA_FACT_VM_SURVEY:
	case HA_FACT_VM_MOVE:
	case HA_FACT_VM_RESET:
	case HA_FACT_VM_ASIDE:
	case HA_FACT_COUNT:
		break;
	}
	return "";
}

static void set_text(json_t *o, const char *key, const char *text)
{
	if (text[0] != '\0') {
		json_object_set_new(o, key, json_string(text));
	}
}

/* What causes are followed by. */
static void set_fact(json_t *o, const struct ha_core *core,
		     const struct ha_trace *t)
{
	char name[80];

	if (t->seen != HA_TRACE_SEEN_NOTHING) {
		set_text(o, "seen", t->seen == HA_TRACE_SEEN_LOST ? "lost"
								  : "here");
	}
	if (t->fact == HA_FACT_NONE) {
		return;
	}
	set_text(o, "fact", ha_fact_name((enum ha_fact_kind)t->fact));
	set_text(o, "code", code_name(t));
	set_text(o, "on", status_host_name(core, t->on, name));
	set_text(o, "from", status_host_name(core, t->from, name));
	set_text(o, "note", t->note);
}

json_t *events_add(struct events *e, const struct ha_core *core,
		   const struct ha_trace *trace)
{
	char when[64], host[80], uuid[HA_UUID_TEXT];
	json_t *o = json_object();

	clock_print(when, sizeof(when));
	json_object_set_new(o, "id", json_integer(e->last_id + 1));
	json_object_set_new(o, "time", json_string(when));
	json_object_set_new(o, "epoch", json_integer((json_int_t)trace->epoch));
	json_object_set_new(o, "index", json_integer((json_int_t)trace->index));
	json_object_set_new(o, "topic", json_string(topic_name(trace->topic)));
	json_object_set_new(o, "host", json_string(status_host_name(
						core, trace->host, host)));
	json_object_set_new(o, "vm", json_string(vm_name(core, &trace->vm,
							 uuid)));
	json_object_set_new(o, "level", json_string(level_name(trace->level)));
	json_object_set_new(o, "text", json_string(trace->text));
	if (trace->fence != HA_TRACE_FENCE_NONE) {
		set_fence(o, core, trace);
	}
	set_fact(o, core, trace);
	if (o) {
		e->last_id++;
		put_event(e, o);
	}
	return o;
}

void events_add_line(struct events *e, const char *line)
{
	json_t *o = json_loads(line, 0, NULL);
	json_int_t id;

	if (!json_is_object(o) || !json_is_string(json_object_get(o, "text"))) {
		json_decref(o);
		return;
	}
	id = json_integer_value(json_object_get(o, "id"));
	if (id > e->last_id) {
		e->last_id = id;
	} else { /* one of a file that was cut, or of an older version */
		json_object_set_new(o, "id", json_integer(++e->last_id));
	}
	put_event(e, o);
}

static bool is(const json_t *event, const char *key, const char *value)
{
	const char *s = json_string_value(json_object_get(event, key));

	return !value || (s && strcmp(s, value) == 0);
}

bool events_match(const json_t *event, const struct events_filter *filter)
{
	const char *when = json_string_value(json_object_get(event, "time"));

	return is(event, "host", filter->host) && is(event, "vm", filter->vm) &&
	       (!filter->since || (when && strcmp(when, filter->since) >= 0));
}

json_t *events_list(const struct events *e, const struct events_filter *filter)
{
	json_t *list = json_array(), *o = json_object();

	/* from the newest back, put in front */
	for (size_t i = 1; i <= EVENTS_KEPT; i++) {
		size_t at = (e->next + EVENTS_KEPT - i) % EVENTS_KEPT;

		if (!e->ring[at] || json_array_size(list) >= filter->limit) {
			break;
		}
		if (events_match(e->ring[at], filter)) {
			json_array_insert(list, 0, e->ring[at]);
		}
	}
	json_object_set_new(o, "events", list);
	return o;
}

void events_destroy(struct events *e)
{
	if (!e) {
		return;
	}
	for (size_t i = 0; i < EVENTS_KEPT; i++) {
		json_decref(e->ring[i]);
	}
	free(e);
}
