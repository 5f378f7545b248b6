/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simulate.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "base/err.h"
#include "conf/conf.h"
#include "doctor.h"
#include "file.h"
#include "js.h"
#include "run.h"
#include "wire/snapshot.h"

enum { TOOL_S = 15 };

static void take_host(const json_t *o, struct ha_whatif *w)
{
	long long id = hactl_js_int(o, "id");
	struct ha_whatif_capacity *c;

	if (id < 1 || id > HA_HOSTS_MAX) {
		return;
	}
	c = &w->hosts[id - 1];
	ha_question_take_state(c, hactl_js_str(o, "state"));
	c->fence_fails = hactl_js_int(o, "fence_tries") > 0;
	c->memory_kib = (uint64_t)hactl_js_int(o, "memory_kib");
	c->cpus = (uint32_t)hactl_js_int(o, "cpus");
	c->cpu_mhz = (uint32_t)hactl_js_int(o, "cpu_mhz");
}

int hactl_simulate_take(const json_t *answer, struct ha_disk_store *ret_store,
			struct ha_whatif *w)
{
	const json_t *hosts = json_object_get(answer, "hosts");
	int err = ha_snapshot_unpack_text(hactl_js_str(answer, "snapshot"),
					  ret_store);

	if (err != 0) {
		return err;
	}
	w->state = ret_store->state;
	w->base = &ret_store->base;
	w->token = HA_MS(hactl_js_int(answer, "token_ms"));
	w->two_node = ha_hostset_count(ret_store->base.voters) == 2;
	for (size_t i = 0; i < json_array_size(hosts); i++) {
		take_host(json_array_get(hosts, i), w);
	}
	return 0;
}

/* As this host's corosync has it; who may not ask it, has to guess. */
static void take_quorum(struct ha_whatif *w)
{
	static const char *const argv[] = { "corosync-cmapctl", NULL };
	struct ha_buf out = { .data = NULL };
	struct hactl_quorum q;

	if (geteuid() == 0 && hactl_run(argv, TOOL_S, &out, NULL) == 0 &&
	    out.data != NULL) {
		hactl_corosync_quorum(out.data, &q);
		w->two_node = q.two_node;
		w->wait_for_all = q.wait_for_all;
		w->auto_tie_breaker = q.auto_tie_breaker;
	}
	ha_buf_fini(&out);
}

/* The configuration that the state names, without secrets. */
static int take_config(struct hactl *h, struct ha_whatif *w,
		       struct hactl_config *text)
{
	char version[24];
	struct ha_arg arg = { .key = "version", .value = version };
	json_t *answer;
	int r;

	(void)snprintf(version, sizeof(version), "%llu",
		       (unsigned long long)w->state->config_version);
	r = hactl_get(h, HA_REQUEST_CONFIG_SHOW, &arg, &answer);
	if (r != HACTL_OK) {
		return r;
	}
	text->text = strdup(hactl_js_str(answer, "text"));
	json_decref(answer);
	if (text->text != NULL) {
		ha_conf_stand_in(text->text);
		text->len = strlen(text->text);
	}
	r = text->text != NULL ? hactl_config_parse(h, text, &w->config) :
	    hactl_fail(h, HACTL_FAILED, "out of memory");
	if (r == HACTL_OK) {
		w->config->hash = w->state->config;
		w->text = text->text;
		w->text_len = text->len;
	}
	return r;
}

static int check_answer(struct hactl *h, const json_t *answer)
{
	const json_t *cluster = json_object_get(answer, "cluster");

	if (!hactl_js_bool(cluster, "quorate")) {
		return hactl_fail(h, HACTL_FAILED, "this host has no quorum "
				  "(%s), so what it knows may be over; ask on "
				  "a host that has: hactl status",
				  hactl_js_str(cluster, "why"));
	}
	return HACTL_OK;
}

int hactl_simulate(struct hactl *h, enum ha_question_kind kind)
{
	struct ha_question q = { .kind = kind, .words = h->args,
				  .count = h->arg_count };
	struct ha_whatif w = { .config = NULL };
	struct hactl_config text = { .text = NULL };
	struct ha_disk_store store;
	json_t *answer;
	int err, r = hactl_get(h, HA_REQUEST_SNAPSHOT, NULL, &answer);

	if (r != HACTL_OK) {
		return r;
	}
	r = check_answer(h, answer);
	err = r == HACTL_OK ? hactl_simulate_take(answer, &store, &w) : 0;
	json_decref(answer);
	if (r != HACTL_OK) {
		return r;
	}
	if (err != 0) {
		return hactl_fail(h, HACTL_FAILED, "hacd's state cannot be "
				  "read (%s); hacd and hactl differ in "
				  "version?", ha_err_text(err));
	}
	take_quorum(&w);
	r = take_config(h, &w, &text);
	if (r == HACTL_OK) {
		r = hactl_whatif_answer(h, &q, &w);
	}
	ha_conf_free(w.config);
	hactl_config_fini(&text);
	ha_disk_store_fini(&store);
	return r;
}
