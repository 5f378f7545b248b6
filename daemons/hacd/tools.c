/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What tools ask: what only looks is answered at once (query.c); what has to
 * wait, for the cluster, a configuration or an agent, is kept here until its
 * answer comes or its tool goes away.
 */
#include "tools.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "crash.h"
#include "query.h"
#include "record.h"

#define WAITERS_MAX 1024
#define CHECK_LIMIT_MS 30000
#define RECORD_CHUNK ((size_t)4 << 20) /* in one reply */
#define RECORD_MAX (HA_IPC_MESSAGE_MAX + HA_IPC_MESSAGE_MAX / 2)

enum wait {
	WAIT_BODY,    /* a command's configuration is to become durable */
	WAIT_ANSWER,  /* the core is to answer the command */
	WAIT_TEXT,    /* a query wants an old configuration's text */
	WAIT_RESULTS, /* of an agent's operations */
	WAIT_EVENTS   /* for ever: events that come */
};

struct whom {
	uint64_t client, request;
};

struct waiter {
	struct waiter *next;
	enum wait wait;
	struct whom whom;
	bool may_change;
	struct ha_command command;
	struct ha_hash hash;
	struct ha_buf packed; /* TEXT, EVENTS: the request, for later */
	json_t *results;      /* RESULTS: gathered */
	size_t left;          /* RESULTS: still to come */
};

struct tools {
	struct hacd *h;
	struct waiter *waiters;
	size_t count;
	uint64_t last_command;
};

struct asked { /* one request in hand */
	uint64_t client;
	bool may_change;
	const struct ha_request *req;
};

struct tools *tools_create(struct hacd *h)
{
	struct tools *t = calloc(1, sizeof(*t));

	if (t) {
		t->h = h;
	}
	return t;
}

static void reply(struct hacd *h, uint64_t client, const struct ha_reply *r)
{
	if (h->ipc) {
		port_ipc_reply(h->ipc, client, r);
	}
}

static void reply_code(struct hacd *h, const struct asked *a, int code,
		       const char *text)
{
	const struct ha_reply r = { .id = a->req->id, .code = code,
				    .text = text, .json = "" };

	reply(h, a->client, &r);
}

/* Takes json. more: further ones follow. */
static void reply_json(struct hacd *h, const struct whom *to, json_t *json,
		       bool more)
{
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	const struct ha_reply r = {
		.id = to->request, .more = more,
		.code = text ? 0 : HA_E_NO_MEMORY,
		.text = "", .json = text ? text : "",
	};

	reply(h, to->client, &r);
	free(text);
	json_decref(json);
}

/* --- who waits --- */

static struct waiter *add_waiter(struct tools *t, const struct asked *a,
				 enum wait wait)
{
	struct waiter *w = t->count < WAITERS_MAX ? calloc(1, sizeof(*w))
						  : NULL;

	if (!w) {
		reply_code(t->h, a, HA_E_BUSY, "too many requests are waiting "
			   "at this host; try again");
		return NULL;
	}
	w->wait = wait;
	w->whom.client = a->client;
	w->whom.request = a->req->id;
	w->may_change = a->may_change;
	w->next = t->waiters;
	t->waiters = w;
	t->count++;
	return w;
}

static void drop_waiter(struct tools *t, struct waiter *w)
{
	struct waiter **link = &t->waiters;

	while (*link != w) {
		link = &(*link)->next;
	}
	*link = w->next;
	t->count--;
	ha_buf_fini(&w->packed);
	json_decref(w->results);
	free(w);
}

/* One more waiter that keeps the request itself. */
static struct waiter *keep_request(struct tools *t, const struct asked *a,
				   enum wait wait)
{
	struct waiter *w = add_waiter(t, a, wait);

	if (w && ha_request_pack(a->req, &w->packed) != 0) {
		drop_waiter(t, w);
		reply_code(t->h, a, HA_E_NO_MEMORY, "hacd is out of memory");
		return NULL;
	}
	return w;
}

/* What is under way goes on; what is not begun never will be. */
static void forget(struct hacd *h, struct waiter *w)
{
	struct ha_event ev = { .kind = HA_EV_FORGET, .forget = w->command.id };
	bool given = w->wait == WAIT_ANSWER;

	drop_waiter(h->tools, w);
	if (given) {
		hacd_step(h, &ev);
	}
}

void tools_closed(uint64_t client, void *arg)
{
	struct hacd *h = arg;
	struct waiter *next;

	for (struct waiter *w = h->tools->waiters; w; w = next) {
		next = w->next;
		if (w->whom.client == client) {
			forget(h, w);
			next = h->tools->waiters; /* it may have changed */
		}
	}
}

/* --- commands --- */

/* Unique at its origin, this boot and its restarts of hacd included. */
static uint64_t new_command_id(struct tools *t)
{
	return (t->h->params.seed << 24) + ++t->last_command;
}

static void hand_in(struct hacd *h, struct waiter *w)
{
	struct ha_event ev = { .kind = HA_EV_COMMAND };

	w->wait = WAIT_ANSWER;
	ev.command = w->command;
	hacd_step(h, &ev);
}

/* Its configuration first: the command names it by its hash. */
static void take_body(struct hacd *h, const struct asked *a, struct waiter *w)
{
	const struct bodies_text text = { a->req->text, a->req->text_len };
	int rc = bodies_add(h->bodies, &text, &w->hash);

	if (rc != 0) {
		drop_waiter(h->tools, w);
		reply_code(h, a, rc, ha_err_text(rc));
		return;
	}
	w->command.hash = w->hash;
	if (bodies_find(h->bodies, &w->hash)) {
		hand_in(h, w);
	}
}

static void take_command(struct hacd *h, const struct asked *a)
{
	enum ha_verb verb = a->req->command.verb;
	bool with_body = verb == HA_CMD_CONFIG_APPLY ||
			 verb == HA_CMD_CLUSTER_CREATE;
	struct waiter *w = add_waiter(h->tools, a, WAIT_BODY);

	if (!w) {
		return;
	}
	w->command = a->req->command;
	w->command.id = new_command_id(h->tools);
	w->command.origin = h->params.self;
	w->command.who = port_ipc_who(h->ipc, a->client);
	if (with_body) {
		take_body(h, a, w);
	} else {
		hand_in(h, w);
	}
}

void tools_body(struct hacd *h, const struct ha_hash *hash, int code,
		const char *text)
{
	struct waiter *next;

	for (struct waiter *w = h->tools->waiters; w; w = next) {
		const struct ha_reply r = { .id = w->whom.request, .code = code,
					    .text = text, .json = "" };

		next = w->next;
		if (w->wait != WAIT_BODY || !ha_hash_equal(&w->hash, hash)) {
			continue;
		}
		if (code == 0) {
			hand_in(h, w);
			next = h->tools->waiters; /* it may have changed */
		} else {
			reply(h, w->whom.client, &r);
			drop_waiter(h->tools, w);
		}
	}
}

void tools_answer(struct hacd *h, const struct ha_answer *answer)
{
	for (struct waiter *w = h->tools->waiters; w; w = w->next) {
		const struct ha_reply r = {
			.id = w->whom.request, .code = answer->code,
			.text = answer->text, .json = "",
		};

		if (w->wait != WAIT_ANSWER || w->command.id != answer->id) {
			continue;
		}
		if (w->command.verb == HA_CMD_HOST_UNFREEZE &&
		    answer->code == 0) {
			crash_life_forgive(h->options->run_dir);
		}
		reply(h, w->whom.client, &r);
		drop_waiter(h->tools, w);
		return;
	}
}

/* --- what only looks --- */

static bool is_followed(const struct asked *a)
{
	return ha_request_kind(a->req) == HA_REQUEST_EVENTS &&
	       ha_request_number(a->req, "follow") != 0;
}

static size_t list_texts(const struct hacd *h, struct query_text *ret_list)
{
	size_t n = 0;

	for (size_t i = 0; i < h->held_count && n < BODIES_MAX; i++) {
		const struct body *b = bodies_find(h->bodies, &h->held[i].hash);

		if (b) {
			ret_list[n++] = (struct query_text){
				.hash = b->hash, .text = b->text,
				.len = b->len, .masked = b->masked,
			};
		}
	}
	return n;
}

/* more: a text from the disk that the query asked for, or NULL. */
static void look(struct hacd *h, const struct asked *a,
		 const struct query_text *more)
{
	struct query_text texts[BODIES_MAX + 1];
	struct query_facts facts = {
		.core = h->core, .self = h->params.self,
		.events = h->events, .held = h->held,
		.held_count = h->held_count, .texts = texts,
		.text_count = list_texts(h, texts),
		.may_change = a->may_change,
	};
	const struct whom to = { a->client, a->req->id };
	struct query_reply q;
	struct waiter *w;
	int rc;

	if (more) {
		texts[facts.text_count++] = *more;
	}
	rc = query_answer(&facts, a->req, &q);
	if (rc == QUERY_WANTS_TEXT && more) {
		reply_code(h, a, HA_E_NOT_FOUND, "its text is not on this "
			   "host's disk any more");
	} else if (rc == QUERY_WANTS_TEXT) {
		w = keep_request(h->tools, a, WAIT_TEXT);
		if (w) {
			w->hash = q.wanted;
			port_disk_get_body(h->disk, &q.wanted);
		}
	} else if (rc != 0) {
		reply_code(h, a, rc, q.text);
	} else {
		reply_json(h, &to, q.json, is_followed(a));
		if (is_followed(a)) {
			(void)keep_request(h->tools, a, WAIT_EVENTS);
		}
	}
}

void tools_text(struct hacd *h, const struct ha_hash *hash, const void *data,
		size_t len)
{
	const struct query_text text = { .hash = *hash, .len = len,
					 .text = data ? data : "" };
	struct waiter *next;

	for (struct waiter *w = h->tools->waiters; w; w = next) {
		struct ha_request req;
		struct asked a = { w->whom.client, w->may_change, &req };

		next = w->next;
		if (w->wait != WAIT_TEXT || !ha_hash_equal(&w->hash, hash)) {
			continue;
		}
		if (ha_request_unpack(w->packed.data, w->packed.len, &req) !=
		    0) {
			continue; /* we packed it */
		}
		drop_waiter(h->tools, w);
		if (data) {
			look(h, &a, &text);
		} else {
			reply_code(h, &a, HA_E_NOT_FOUND, "its text is not on "
				   "this host's disk any more");
		}
		ha_request_fini(&req);
		next = h->tools->waiters;
	}
}

void tools_event(struct hacd *h, json_t *event)
{
	for (struct waiter *w = h->tools->waiters; w; w = w->next) {
		struct events_filter filter;
		struct ha_request req;

		if (w->wait != WAIT_EVENTS ||
		    ha_request_unpack(w->packed.data, w->packed.len, &req) !=
			    0) {
			continue;
		}
		query_events_filter(h->core, &req, &filter);
		if (events_match(event, &filter)) {
			reply_json(h, &w->whom, json_pack("{s:[O]}", "events",
							  event), true);
		}
		ha_request_fini(&req);
	}
}

/* --- what an agent has to be asked --- */

static void ask_agent(struct hacd *h, const struct waiter *w,
		      enum ha_agent agent, struct ha_am *m)
{
	struct op op = { .agent = agent, .client = w->whom.client,
			 .request = w->whom.request };

	op.id = HACD_TOOL_OP | ++h->last_tool_op;
	m->id = op.id;
	agents_send(h, &op, m);
}

static void ask_domain(struct hacd *h, const struct asked *a)
{
	struct ha_am m = { .kind = HA_AM_VM_XML,
			   .name = ha_request_arg(a->req, "name") };
	struct waiter *w = add_waiter(h->tools, a, WAIT_RESULTS);

	if (w) {
		w->left = 1;
		ask_agent(h, w, HA_AGENT_VM, &m);
	}
}

/* The status of each device of a host, one by one. */
static void ask_devices(struct hacd *h, struct waiter *w,
			const struct ha_host_conf *host)
{
	const struct ha_config *config = ha_core_config(h->core);
	struct ha_param params[HA_FENCE_STEPS_MAX][2 * HA_FENCE_PARAMS_MAX];
	struct ha_am_step steps[HA_FENCE_STEPS_MAX];

	for (size_t l = 0; l < host->level_count; l++) {
		size_t n = agents_fence_steps(config, &host->levels[l], steps,
					      params);

		for (size_t i = 0; i < n; i++) {
			struct ha_am m = {
				.kind = HA_AM_FENCE,
				.op = HA_FENCE_OP_STATUS,
				.name = host->name, .steps = &steps[i],
				.step_count = 1, .timeout_ms = CHECK_LIMIT_MS,
			};
			json_t *o = json_pack("{s:s,s:s}", "host", host->name,
					      "device", steps[i].device);

			w->left++;
			json_object_set_new(o, "id", json_integer(
				(json_int_t)(h->last_tool_op + 1)));
			json_array_append_new(w->results, o);
			ask_agent(h, w, HA_AGENT_FENCE, &m);
		}
	}
}

static void end_results(struct hacd *h, struct waiter *w)
{
	reply_json(h, &w->whom, json_pack("{s:O}", "fences", w->results),
		   false);
	drop_waiter(h->tools, w);
}

static void check_fences(struct hacd *h, const struct asked *a)
{
	const struct ha_config *config = ha_core_config(h->core);
	const char *name = ha_request_arg(a->req, "host");
	struct waiter *w;

	if (!config || (name && !ha_config_host_named(config, name))) {
		reply_code(h, a, HA_E_NOT_FOUND, "there is no such host");
		return;
	}
	w = add_waiter(h->tools, a, WAIT_RESULTS);
	if (!w) {
		return;
	}
	w->results = json_array();
	w->left = 1; /* until all are asked */
	for (size_t i = 0; i < config->host_count; i++) {
		if (!name || strcmp(config->hosts[i].name, name) == 0) {
			ask_devices(h, w, &config->hosts[i]);
		}
	}
	if (--w->left == 0) {
		end_results(h, w);
	}
}

static void note_fence(struct waiter *w, const struct op *op,
		       const struct ha_am *m)
{
	static const char *const codes[] = {
		[HA_FENCE_OFF] = "off", [HA_FENCE_ON] = "on",
		[HA_FENCE_FAILED] = "failed",
	};
	json_int_t id = (json_int_t)(op->id & ~HACD_TOOL_OP);
	uint32_t code = m->code <= HA_FENCE_FAILED ? m->code : HA_FENCE_FAILED;

	for (size_t i = 0; i < json_array_size(w->results); i++) {
		json_t *o = json_array_get(w->results, i);

		if (json_integer_value(json_object_get(o, "id")) == id) {
			json_object_del(o, "id");
			json_object_set_new(o, "code",
					    json_string(codes[code]));
			json_object_set_new(o, "text", json_string(m->text));
			return;
		}
	}
}

void tools_result(struct hacd *h, const struct op *op, const struct ha_am *m)
{
	struct waiter *w = h->tools->waiters;
	struct ha_reply r = { .id = op->request, .code = HA_E_FAILED,
			      .json = "" };
	char text[HA_TEXT_MAX + 1];

	while (w && (w->wait != WAIT_RESULTS || w->whom.client != op->client ||
		     w->whom.request != op->request)) {
		w = w->next;
	}
	if (!w) {
		return; /* its tool is gone */
	}
	w->left--;
	if (w->results) {
		note_fence(w, op, m);
		if (w->left == 0) {
			end_results(h, w);
		}
		return;
	}
	if (m->kind == HA_AM_XML) {
		reply_json(h, &w->whom, json_pack("{s:s,s:s}", "name", m->name,
						  "xml", m->text), false);
	} else {
		snprintf(text, sizeof(text), "libvirt on this host gives no "
			 "such domain ('virsh list --all' shows those it has, "
			 "on each host its own): %.100s", m->text);
		r.text = text;
		reply(h, w->whom.client, &r);
	}
	drop_waiter(h->tools, w);
}

/* --- the flight record --- */

static void send_record(struct hacd *h, const struct asked *a)
{
	struct ha_buf all = { 0 };
	int rc = record_pack(h, &all);
	size_t at = 0;

	if (rc == 0 && all.len > RECORD_MAX) {
		rc = HA_E_LIMIT; /* large configurations, many versions */
	}
	if (rc != 0) {
		reply_code(h, a, rc, rc == HA_E_NOT_FOUND ?
			   "hacd has had no memory for a flight record" :
			   ha_err_text(rc));
	}
	while (rc == 0 && at < all.len) {
		size_t left = all.len - at;
		const struct ha_reply r = {
			.id = a->req->id, .text = "", .json = "",
			.data = all.data + at,
			.data_len = left < RECORD_CHUNK ? left : RECORD_CHUNK,
			.more = left > RECORD_CHUNK,
		};

		reply(h, a->client, &r);
		at += r.data_len;
	}
	ha_buf_fini(&all);
}

/* --- a request comes --- */

void tools_request(uint64_t client, bool may_change,
		   const struct ha_request *req, void *arg)
{
	struct hacd *h = arg;
	struct asked a = { client, may_change, req };
	char text[HA_TEXT_MAX + 1];
	int rc = ha_request_check(req, may_change, text);

	if (rc != 0) {
		reply_code(h, &a, rc, text);
		return;
	}
	if (!h->core || h->waits_for[0] != '\0') {
		reply_code(h, &a, HA_E_BUSY, h->waits_for);
		return;
	}
	switch (ha_request_kind(req)) {
	case HA_REQUEST_COMMAND:
		take_command(h, &a);
		break;
	case HA_REQUEST_DOMAIN_XML:
		ask_domain(h, &a);
		break;
	case HA_REQUEST_FENCE_CHECK:
		check_fences(h, &a);
		break;
	case HA_REQUEST_RECORD:
		send_record(h, &a);
		break;
	case HA_REQUEST_NONE:
	case HA_REQUEST_STATUS:
	case HA_REQUEST_SNAPSHOT:
	case HA_REQUEST_HOST_SHOW:
	case HA_REQUEST_VM_SHOW:
	case HA_REQUEST_PLACEMENT:
	case HA_REQUEST_ADMISSION:
	case HA_REQUEST_EXPLAIN:
	case HA_REQUEST_EVENTS:
	case HA_REQUEST_FENCE_HISTORY:
	case HA_REQUEST_CONFIG_SHOW:
	case HA_REQUEST_CONFIG_TEXT:
	case HA_REQUEST_CONFIG_HISTORY:
	case HA_REQUEST_COUNT:
		look(h, &a, NULL);
		break;
	}
}

void tools_destroy(struct tools *t)
{
	if (!t) {
		return;
	}
	while (t->waiters) {
		drop_waiter(t, t->waiters);
	}
	free(t);
}
