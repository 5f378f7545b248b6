/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "query.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "conf/conf.h"
#include "fences.h"
#include "policy.h"
#include "status.h"
#include "wire/snapshot.h"

static int refuse(struct query_reply *reply, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int refuse(struct query_reply *reply, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reply->text, sizeof(reply->text), fmt, ap);
	va_end(ap);
	return code;
}

static int answer(struct query_reply *reply, json_t *json)
{
	reply->json = json;
	return json ? 0 : refuse(reply, HA_E_NO_MEMORY, "hacd has no memory "
				 "for the answer");
}

/* What was typed is not repeated: it may be anything. */
static int no_such(const struct query_facts *f, struct query_reply *reply,
		   const char *kind)
{
	if (!ha_core_config(f->core)) {
		return refuse(reply, HA_E_NOT_FOUND, "this host belongs to no "
			      "cluster, or does not know its configuration "
			      "yet: hactl status");
	}
	return refuse(reply, HA_E_NOT_FOUND, "there is no such %s in this "
		      "cluster; 'hactl %s list' shows them", kind, kind);
}

/* The status, and the committed state that it is about. */
static int snapshot(const struct query_facts *f, struct query_reply *reply)
{
	struct ha_replica_base base;
	struct ha_cluster_view v;
	struct ha_buf text = { 0 };
	json_t *o;
	int rc;

	if (!ha_core_config(f->core)) {
		return no_such(f, reply, "host");
	}
	ha_core_view_base(f->core, &base);
	ha_core_view_cluster(f->core, &v);
	rc = ha_snapshot_pack_text(&base, ha_core_state(f->core), &text);
	if (rc != 0) {
		ha_buf_fini(&text);
		return refuse(reply, rc, "the state cannot be told: %s",
			      ha_err_text(rc));
	}
	o = status_all(f->core, f->self);
	json_object_set_new(o, "snapshot", json_string(text.data));
	json_object_set_new(o, "token_ms",
			    json_integer((json_int_t)(v.token / HA_MS(1))));
	ha_buf_fini(&text);
	return answer(reply, o);
}

/* --- hosts and VMs --- */

static int host_show(const struct query_facts *f, const struct ha_request *req,
		     struct query_reply *reply)
{
	const char *name = ha_request_arg(req, "host");
	ha_hostid id = name ? status_find_host(f->core, name) : f->self;
	const struct ha_config *c = ha_core_config(f->core);

	if (!c || id == HA_HOST_NONE || !ha_config_host(c, id)) {
		return no_such(f, reply, "host");
	}
	return answer(reply, status_host_full(f->core, id));
}

static int vm_show(const struct query_facts *f, const struct ha_request *req,
		   struct query_reply *reply)
{
	const struct ha_vm_conf *vm =
		status_find_vm(f->core, ha_request_arg(req, "vm"));

	if (!vm) {
		return no_such(f, reply, "vm");
	}
	return answer(reply, status_vm_full(f->core, vm));
}

static int placement(const struct query_facts *f, const struct ha_request *req,
		     struct query_reply *reply)
{
	const struct ha_vm_conf *vm =
		status_find_vm(f->core, ha_request_arg(req, "vm"));

	if (!vm) {
		return no_such(f, reply, "vm");
	}
	return answer(reply, policy_placement(f->core, vm));
}

static int admission(const struct query_facts *f, struct query_reply *reply)
{
	if (!ha_core_config(f->core)) {
		return no_such(f, reply, "host");
	}
	return answer(reply, policy_admission_full(f->core));
}

/* --- what happened --- */

void query_events_filter(const struct ha_core *core,
			 const struct ha_request *req,
			 struct events_filter *ret_filter)
{
	const char *name = ha_request_arg(req, "vm");
	const struct ha_vm_conf *vm = status_find_vm(core, name);
	uint64_t limit = ha_request_number(req, "limit");

	memset(ret_filter, 0, sizeof(*ret_filter));
	/* a VM or host that is gone may still have events */
	ret_filter->vm = vm ? vm->name : name;
	ret_filter->host = ha_request_arg(req, "host");
	ret_filter->since = ha_request_arg(req, "since");
	ret_filter->limit = limit > 0 && limit < EVENTS_KEPT ? (size_t)limit
							     : EVENTS_KEPT;
}

static int list_events(const struct query_facts *f,
		       const struct ha_request *req, struct query_reply *reply)
{
	struct events_filter filter;

	query_events_filter(f->core, req, &filter);
	return answer(reply, events_list(f->events, &filter));
}

/* The present state of a VM, with why and todo, and how it came to it. */
static int explain(const struct query_facts *f, const struct ha_request *req,
		   struct query_reply *reply)
{
	const struct ha_vm_conf *vm =
		status_find_vm(f->core, ha_request_arg(req, "vm"));
	struct events_filter filter = { .limit = EVENTS_KEPT };
	struct ha_cluster_view v;
	char name[80];
	json_t *o;

	if (!vm) {
		return no_such(f, reply, "vm");
	}
	ha_core_view_cluster(f->core, &v);
	filter.vm = vm->name;
	o = events_list(f->events, &filter);
	json_object_set_new(o, "vm", status_vm_full(f->core, vm));
	json_object_set_new(o, "broken", policy_broken(f->core, &vm->uuid));
	json_object_set_new(o, "local", json_string(status_host_name(
					f->core, f->self, name)));
	json_object_set_new(o, "coordinator", json_string(status_host_name(
					f->core, v.coordinator, name)));
	return answer(reply, o);
}

static int fence_history(const struct query_facts *f,
			 const struct ha_request *req,
			 struct query_reply *reply)
{
	struct events_filter filter = { .limit = EVENTS_KEPT };
	json_t *events;
	int rc;

	filter.host = ha_request_arg(req, "host");
	events = events_list(f->events, &filter);
	rc = answer(reply, fences_list(f->core,
				       json_object_get(events, "events")));
	json_decref(events);
	return rc;
}

/* --- configurations --- */

static void print_hash(const struct ha_hash *hash, char text[65])
{
	for (size_t i = 0; i < sizeof(hash->b); i++) {
		snprintf(text + 2 * i, 3, "%02x", hash->b[i]);
	}
}

static json_t *print_wall(int64_t wall_s)
{
	time_t t = (time_t)wall_s;
	struct tm tm;
	char text[32] = "";

	if (wall_s > 0 && gmtime_r(&t, &tm)) {
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	}
	return json_string(text);
}

static int config_history(const struct query_facts *f,
			  const struct ha_request *req,
			  struct query_reply *reply)
{
	const struct ha_state *state = ha_core_state(f->core);
	json_t *list = json_array(), *o = json_object();
	char hash[65], name[80];

	(void)req;
	for (size_t i = 0; i < f->held_count; i++) {
		const struct ha_am_held *h = &f->held[i];
		json_t *row = json_object();

		if (h->version == 0) {
			json_decref(row);
			continue; /* was never in force here */
		}
		print_hash(&h->hash, hash);
		json_object_set_new(row, "version",
				    json_integer((json_int_t)h->version));
		json_object_set_new(row, "time", print_wall(h->wall_s));
		json_object_set_new(row, "hash", json_string(hash));
		json_object_set_new(row, "host", json_string(
			status_host_name(f->core, h->by, name)));
		json_object_set_new(row, "uid", h->who == 0 ? json_null() :
				    json_integer(h->who - 1));
		json_object_set_new(row, "current", json_boolean(
			ha_hash_equal(&h->hash, &state->config)));
		json_array_append_new(list, row);
	}
	json_object_set_new(o, "versions", list);
	return answer(reply, o);
}

struct wanted {
	struct ha_hash hash;
	uint64_t version;
};

/* Which one is asked for: 0, or why there is none. */
static int find_config(const struct query_facts *f,
		       const struct ha_request *req, struct query_reply *reply,
		       struct wanted *ret_wanted)
{
	const struct ha_state *state = ha_core_state(f->core);
	uint64_t version = ha_request_number(req, "version");

	if (ha_hash_is_none(&state->config)) {
		return refuse(reply, HA_E_NOT_FOUND, "there is no configuration "
			      "yet; 'hactl cluster create FILE' makes a "
			      "cluster");
	}
	ret_wanted->version = state->config_version;
	ret_wanted->hash = state->config;
	if (version == 0 || version == state->config_version) {
		return 0;
	}
	for (size_t i = 0; i < f->held_count; i++) {
		if (f->held[i].version == version) {
			ret_wanted->version = version;
			ret_wanted->hash = f->held[i].hash;
			return 0;
		}
	}
	return refuse(reply, HA_E_NOT_FOUND, "this host does not keep version "
		      "%llu; 'hactl config history' shows which it keeps",
		      (unsigned long long)version);
}

static int show_text(const struct query_text *t, uint64_t version, bool masked,
		     struct query_reply *reply)
{
	struct ha_buf b = { 0 };
	char hash[65];
	json_t *o;
	int rc = 0;

	if (masked && t->masked) {
		ha_buf_puts(&b, t->masked);
	} else if (masked) {
		rc = ha_conf_mask(t->text, t->len, &b);
	} else {
		ha_buf_append(&b, t->text, t->len);
	}
	if (rc != 0 || b.failed) {
		ha_buf_fini(&b);
		return refuse(reply, rc ? rc : HA_E_NO_MEMORY, "the "
			      "configuration cannot be shown: %s",
			      ha_err_text(rc ? rc : HA_E_NO_MEMORY));
	}
	print_hash(&t->hash, hash);
	o = json_pack("{s:I,s:s,s:s%}", "version", (json_int_t)version, "hash",
		      hash, "text", b.data ? b.data : "", b.len);
	ha_buf_fini(&b);
	return answer(reply, o);
}

static int config_text(const struct query_facts *f,
		       const struct ha_request *req, struct query_reply *reply)
{
	bool masked = ha_request_kind(req) == HA_REQUEST_CONFIG_SHOW;
	struct wanted wanted = { .version = 0 };
	int rc = find_config(f, req, reply, &wanted);

	if (rc != 0) {
		return rc;
	}
	for (size_t i = 0; i < f->text_count; i++) {
		if (ha_hash_equal(&f->texts[i].hash, &wanted.hash)) {
			return show_text(&f->texts[i], wanted.version, masked,
					 reply);
		}
	}
	reply->wanted = wanted.hash;
	return QUERY_WANTS_TEXT;
}

int query_answer(const struct query_facts *f, const struct ha_request *req,
		 struct query_reply *reply)
{
	int rc;

	memset(reply, 0, sizeof(*reply));
	rc = ha_request_check(req, f->may_change, reply->text);
	if (rc != 0) {
		return rc;
	}
	switch (ha_request_kind(req)) {
	case HA_REQUEST_STATUS:
		return answer(reply, status_all(f->core, f->self));
	case HA_REQUEST_SNAPSHOT:
		return snapshot(f, reply);
	case HA_REQUEST_HOST_SHOW:
		return host_show(f, req, reply);
	case HA_REQUEST_VM_SHOW:
		return vm_show(f, req, reply);
	case HA_REQUEST_EXPLAIN:
		return explain(f, req, reply);
	case HA_REQUEST_PLACEMENT:
		return placement(f, req, reply);
	case HA_REQUEST_ADMISSION:
		return admission(f, reply);
	case HA_REQUEST_EVENTS:
		return list_events(f, req, reply);
	case HA_REQUEST_FENCE_HISTORY:
		return fence_history(f, req, reply);
	case HA_REQUEST_CONFIG_SHOW:
	case HA_REQUEST_CONFIG_TEXT:
		return config_text(f, req, reply);
	case HA_REQUEST_CONFIG_HISTORY:
		return config_history(f, req, reply);
	case HA_REQUEST_COMMAND:
	case HA_REQUEST_FENCE_CHECK:
	case HA_REQUEST_DOMAIN_XML:
	case HA_REQUEST_RECORD:
	case HA_REQUEST_NONE:
	case HA_REQUEST_COUNT:
		break;
	}
	return refuse(reply, HA_E_REFUSED, "request '%s' is not answered by "
		      "looking", ha_request_name(ha_request_kind(req)));
}
