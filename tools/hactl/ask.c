/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/uuid.h"
#include "client/client.h"
#include "js.h"
#include "progress.h"

struct hactl_link {
	struct ha_client *client;
};

/* What a stream's callback works on. */
struct asking {
	struct hactl *h;
	hactl_reply_fn fn; /* NULL: only the last reply counts */
	void *arg;         /* of fn */
	bool heard;        /* fn was called */
	int code;          /* of the last reply */
	char *text;        /* owned */
	json_t *json;      /* owned */
	bool ended;        /* fn wants no more */
	struct ha_buf *data; /* NULL: bytes are not wanted */
};

static int link_up(struct hactl *h, ha_dur wait)
{
	struct ha_client_options options = { .wait = wait };
	int r;

	if (h->link != NULL) {
		return HACTL_OK;
	}
	h->link = calloc(1, sizeof(*h->link));
	if (h->link == NULL) {
		return hactl_fail(h, HACTL_FAILED, "out of memory");
	}
	r = ha_client_connect(&options, &h->link->client);
	if (r == 0) {
		return HACTL_OK;
	}
	free(h->link);
	h->link = NULL;
	if (r == HA_E_PERMISSION) {
		return hactl_fail(h, HACTL_UNREACHABLE, "hacd on this host may "
				  "not be asked by this user; be root, or a "
				  "member of the group 'hac' (or 'hac-view' "
				  "to look only)");
	}
	return hactl_fail(h, HACTL_UNREACHABLE, "hacd on this host does not "
			  "run or does not answer (%s); see 'systemctl status "
			  "hacd'", ha_err_text(r));
}

void hactl_close(struct hactl *h)
{
	if (h->link != NULL) {
		ha_client_close(h->link->client);
		free(h->link);
		h->link = NULL;
	}
}

static int on_reply(const struct ha_reply *reply, void *arg)
{
	struct asking *a = arg;
	const char *json = reply->json != NULL ? reply->json : "";
	const char *text = reply->text != NULL ? reply->text : "";

	if (a->data != NULL && reply->data_len > 0) {
		ha_buf_append(a->data, reply->data, reply->data_len);
	} else if (reply->more && a->fn == NULL) {
		(void)fprintf(stderr, "%s\n", text);
		return 0;
	}
	free(a->text);
	a->text = strdup(text);
	a->code = reply->code;
	json_decref(a->json);
	a->json = json[0] != '\0' ? json_loads(json, JSON_DECODE_ANY, NULL) :
				    json_object();
	if (a->json == NULL || a->text == NULL) {
		a->code = HA_E_DAMAGED;
	}
	a->heard = true;
	if (a->fn != NULL && a->code == 0 && !a->fn(a->h, a->json, a->arg)) {
		a->ended = true;
		return 1;
	}
	return 0;
}

static void fini_asking(struct asking *a)
{
	free(a->text);
	json_decref(a->json);
}

static size_t count_args(const struct hactl_question *q)
{
	size_t n = 0;

	while (n < HACTL_ASK_ARGS_MAX && q->args[n].key != NULL) {
		n++;
	}
	return n;
}

static int fail_transport(const struct hactl *h, int r,
			  const struct hactl_question *q)
{
	bool command = q->command != NULL;

	if (r == HA_E_TIMEOUT) {
		return hactl_fail(h, HACTL_FAILED, "no answer within %d s%s",
				  h->timeout_s, command ?
				  "; whether it was done is unknown: look with "
				  "'hactl status', the command may be given "
				  "again" : "; hacd may be busy, try again");
	}
	if (r == HA_E_PERMISSION) {
		return hactl_fail(h, HACTL_FAILED, "this user may only look; "
				  "be root or a member of the group 'hac'");
	}
	return hactl_fail(h, HACTL_UNREACHABLE, "hacd on this host went away "
			  "before it answered (%s)%s", ha_err_text(r), command ?
			  "; whether it was done is unknown: look with 'hactl "
			  "status', the command may be given again" : "");
}

/* One question, to its last reply, in *a. Transport errors are printed. */
static int exchange(struct hactl *h, const struct hactl_question *q,
		    struct asking *a)
{
	struct ha_request req = {
		.name = ha_request_name(q->kind), .args = q->args,
		.arg_count = count_args(q), .text = q->body,
		.text_len = q->body_len,
	};
	ha_dur timeout = a->fn != NULL || h->timeout_s == 0 ?
			 HA_TIME_NEVER : HA_S(h->timeout_s);
	struct hactl_progress *progress = NULL;
	char waiting[160];
	int r = link_up(h, 0);

	if (r != HACTL_OK) {
		return r;
	}
	a->h = h;
	if (q->command != NULL) {
		req.command = *q->command;
		req.command.force = hactl_given(h, "force") != NULL;
	}
	if (a->fn == NULL) {
		(void)snprintf(waiting, sizeof(waiting),
			       "waiting for the answer to '%s'",
			       q->command != NULL ?
			       ha_command_name(q->command->verb) : req.name);
		progress = hactl_progress_start(waiting);
	}
	r = ha_client_stream(h->link->client, &req, timeout, on_reply, a);
	hactl_progress_stop(progress);
	if (r == HA_E_GONE && a->fn != NULL && a->heard) {
		return HACTL_UNREACHABLE; /* its caller tells */
	}
	if (r < 0) {
		return fail_transport(h, r, q);
	}
	return HACTL_OK;
}

static int fail_reply(const struct hactl *h, const struct asking *a)
{
	const char *text = a->text != NULL && a->text[0] != '\0' ?
			   a->text : ha_err_text(a->code);

	return hactl_fail(h, HACTL_FAILED, "%s", text);
}

int hactl_ask(struct hactl *h, const struct hactl_question *q,
	      json_t **ret_json)
{
	struct asking a = { .fn = NULL };
	int r = exchange(h, q, &a);

	if (r == HACTL_OK && a.code != 0) {
		r = fail_reply(h, &a);
	}
	if (r == HACTL_OK) {
		*ret_json = a.json;
		a.json = NULL;
	}
	fini_asking(&a);
	return r;
}

int hactl_get(struct hactl *h, enum ha_request_kind kind,
	      const struct ha_arg *arg, json_t **ret_json)
{
	struct hactl_question q = { .kind = kind };

	if (arg != NULL && arg->value != NULL) {
		q.args[0] = *arg;
	}

	return hactl_ask(h, &q, ret_json);
}

json_t *hactl_look(struct hactl *h, enum ha_request_kind kind,
		   const struct ha_arg *arg)
{
	struct hactl_question q = { .kind = kind, .args = { *arg } };
	struct asking a = { .fn = NULL };
	json_t *json = NULL;

	if (exchange(h, &q, &a) == HACTL_OK && a.code == 0) {
		json = a.json;
		a.json = NULL;
	}
	fini_asking(&a);
	return json;
}

int hactl_try(struct hactl *h, const struct hactl_question *q, int *ret_code,
	      char **ret_text)
{
	struct asking a = { .fn = NULL };
	int r = exchange(h, q, &a);

	if (r == HACTL_OK) {
		*ret_code = a.code;
		*ret_text = a.text;
		a.text = NULL;
	}
	fini_asking(&a);
	return r;
}

int hactl_follow(struct hactl *h, const struct hactl_question *q,
		 hactl_reply_fn fn, void *arg)
{
	struct asking a = { .fn = fn, .arg = arg };
	int r = exchange(h, q, &a);

	if (r == HACTL_OK && a.code != 0) {
		r = fail_reply(h, &a);
	}
	fini_asking(&a);
	return r;
}

int hactl_fetch(struct hactl *h, const struct hactl_question *q,
		struct ha_buf *ret_data)
{
	struct asking a = { .data = ret_data };
	int r = exchange(h, q, &a);

	if (r == HACTL_OK && a.code != 0) {
		r = fail_reply(h, &a);
	} else if (r == HACTL_OK && ret_data->failed) {
		r = hactl_fail(h, HACTL_FAILED, "out of memory");
	}
	fini_asking(&a);
	return r;
}

int hactl_reconnect(struct hactl *h)
{
	hactl_close(h);
	return link_up(h, HA_TIME_NEVER);
}

void hactl_print_json(const json_t *json)
{
	(void)json_dumpf(json, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY |
			 JSON_REAL_PRECISION(10)); /* 3.6, not 3.6000000000000001 */
	(void)fputc('\n', stdout);
}

void hactl_say_done(const struct hactl *h, const char *text)
{
	json_t *json;

	if (!h->json) {
		(void)printf("%s\n", text);
		return;
	}
	json = json_pack("{s:b,s:s}", "ok", 1, "text", text);
	hactl_print_json(json);
	json_decref(json);
}

int hactl_send(struct hactl *h, struct ha_command *c, const char *done)
{
	struct hactl_question q = { .kind = HA_REQUEST_COMMAND, .command = c };
	struct asking a = { .fn = NULL };
	int r;

	r = exchange(h, &q, &a);
	if (r == HACTL_OK && a.code != 0) {
		r = fail_reply(h, &a);
	}
	if (r == HACTL_OK && done != NULL) {
		hactl_say_done(h, a.text[0] != '\0' ? a.text : done);
	}
	fini_asking(&a);
	return r;
}

int hactl_find_host(struct hactl *h, const char *name, ha_hostid *ret_id)
{
	struct ha_arg arg = { .key = "host", .value = name };
	json_t *host;
	int r = hactl_get(h, HA_REQUEST_HOST_SHOW, &arg, &host);

	if (r == HACTL_OK) {
		*ret_id = (ha_hostid)hactl_js_int(host, "id");
		json_decref(host);
	}
	return r;
}

int hactl_find_vm(struct hactl *h, const char *name, struct ha_uuid *ret_vm)
{
	struct ha_arg arg = { .key = "vm", .value = name };
	json_t *vm;
	int r = hactl_get(h, HA_REQUEST_VM_SHOW, &arg, &vm);

	if (r != HACTL_OK) {
		return r;
	}
	if (!ha_uuid_parse(hactl_js_str(vm, "uuid"), ret_vm)) {
		r = hactl_fail(h, HACTL_FAILED, "hacd gives no UUID of vm "
			       "'%s'; hacd and hactl differ in version?",
			       name);
	}
	json_decref(vm);
	return r;
}

int hactl_host_command(struct hactl *h, struct ha_command *c, const char *done)
{
	const char *name = h->arg_count > 0 ? h->args[h->arg_count - 1] : NULL;
	int r = hactl_find_host(h, name, &c->host);

	return r == HACTL_OK ? hactl_send(h, c, done) : r;
}

int hactl_vm_command(struct hactl *h, struct ha_command *c, const char *done)
{
	int r = hactl_find_vm(h, h->args[0], &c->vm);

	return r == HACTL_OK ? hactl_send(h, c, done) : r;
}
