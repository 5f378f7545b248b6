/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/err.h"
#include "client/client.h"
#include "ids.h"
#include "js.h"
#include "progress.h"

struct hactl_link {
	struct ha_client *client;
};

/* What a stream's callback works on. */
struct asking {
	struct hactl *h;
	hactl_reply_fn fn; /* NULL: only the last reply counts */
	int code;          /* of the last reply */
	char *text;        /* owned */
	json_t *json;      /* owned */
	bool ended;        /* fn wants no more */
};

static int link_up(struct hactl *h)
{
	struct ha_client_options options = { .wait = 0 };
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
			  "answer (%s); 'systemctl status hacd' tells whether "
			  "it runs", ha_err_text(r));
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

	if (reply->more && a->fn == NULL) {
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
	if (a->fn != NULL && a->code == 0 && !a->fn(a->h, a->json)) {
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

/* "vm=db1" -> key, value; the copy of the key is owned by *ret_keys. */
static size_t split_args(const struct hactl_question *q, struct ha_arg *ret_args,
			 char (*ret_keys)[HA_IPC_NAME_MAX + 1])
{
	size_t n = 0;

	for (; n < HACTL_ASK_ARGS_MAX && q->args[n] != NULL; n++) {
		const char *eq = strchr(q->args[n], '=');
		size_t len = eq != NULL ? (size_t)(eq - q->args[n]) :
					  strlen(q->args[n]);

		(void)snprintf(ret_keys[n], sizeof(ret_keys[n]), "%.*s",
			       (int)len, q->args[n]);
		ret_args[n].key = ret_keys[n];
		ret_args[n].value = eq != NULL ? eq + 1 : "";
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
	char keys[HACTL_ASK_ARGS_MAX][HA_IPC_NAME_MAX + 1];
	struct ha_arg args[HACTL_ASK_ARGS_MAX];
	struct ha_request req = {
		.name = q->name, .args = args, .text = q->body,
		.text_len = q->body_len,
	};
	ha_dur timeout = a->fn != NULL || h->timeout_s == 0 ?
			 HA_TIME_NEVER : HA_S(h->timeout_s);
	struct hactl_progress *progress = NULL;
	char waiting[160];
	int r = link_up(h);

	if (r != HACTL_OK) {
		return r;
	}
	a->h = h;
	req.arg_count = split_args(q, args, keys);
	if (q->command != NULL) {
		req.command = *q->command;
	}
	if (a->fn == NULL) {
		(void)snprintf(waiting, sizeof(waiting),
			       "waiting for the answer to '%s'",
			       q->command != NULL ?
			       ha_command_name(q->command->verb) : q->name);
		progress = hactl_progress_start(waiting);
	}
	r = ha_client_stream(h->link->client, &req, timeout, on_reply, a);
	hactl_progress_stop(progress);
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

int hactl_get(struct hactl *h, const char *name, const char *arg,
	      json_t **ret_json)
{
	struct hactl_question q = { .name = name, .args = { arg } };

	return hactl_ask(h, &q, ret_json);
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
		 hactl_reply_fn fn)
{
	struct asking a = { .fn = fn };
	int r = exchange(h, q, &a);

	if (r == HACTL_OK && a.code != 0) {
		r = fail_reply(h, &a);
	}
	fini_asking(&a);
	return r;
}

void hactl_print_json(const json_t *json)
{
	(void)json_dumpf(json, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
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
	struct hactl_question q = { .name = HA_IPC_COMMAND, .command = c };
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

static int no_such(const struct hactl *h, const char *kind, const char *name)
{
	return hactl_fail(h, HACTL_FAILED, "there is no %s '%s' in this "
			  "cluster; 'hactl %s list' shows them", kind, name,
			  kind);
}

int hactl_find_host(struct hactl *h, const char *name, ha_hostid *ret_id)
{
	json_t *status;
	const json_t *host;
	int r = hactl_get(h, "status", NULL, &status);

	if (r != HACTL_OK) {
		return r;
	}
	if (name == NULL) {
		name = hactl_js_str(json_object_get(status, "cluster"),
				    "local");
	}
	host = hactl_js_find(json_object_get(status, "hosts"), "name", name);
	if (host == NULL && name[0] == '\0') {
		r = hactl_fail(h, HACTL_FAILED,
			       "this host belongs to no cluster");
	} else if (host == NULL) {
		r = no_such(h, "host", name);
	} else {
		*ret_id = (ha_hostid)hactl_js_int(host, "id");
	}
	json_decref(status);
	return r;
}

int hactl_find_vm(struct hactl *h, const char *name, struct ha_uuid *ret_vm)
{
	const json_t *vms;
	const json_t *vm;
	json_t *status;
	int r = hactl_get(h, "status", NULL, &status);

	if (r != HACTL_OK) {
		return r;
	}
	vms = json_object_get(status, "vms");
	vm = hactl_js_find(vms, "name", name);
	if (vm == NULL) {
		vm = hactl_js_find(vms, "uuid", name);
	}
	if (vm == NULL) {
		r = no_such(h, "vm", name);
	} else if (!hactl_uuid_parse(hactl_js_str(vm, "uuid"), ret_vm)) {
		r = hactl_fail(h, HACTL_FAILED, "hacd gives no UUID of vm "
			       "'%s'; hacd and hactl differ in version?",
			       name);
	}
	json_decref(status);
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
