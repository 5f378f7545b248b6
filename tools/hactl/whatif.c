/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "whatif.h"

#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "base/err.h"
#include "conf/conf.h"
#include "progress.h"
#include "render.h"

/* Stands for a path where steps were not read from a file. */
static const char typed[] = "what was typed";

/* --- the question, as steps of a scenario --- */

static int no_such_host(const struct hactl *h, const char *name)
{
	return hactl_fail(h, HACTL_USAGE, "the cluster has no host '%s'; its "
			  "configuration lists them", name);
}

static int check_hosts(const struct hactl *h, const struct ha_question *q,
		       const struct ha_config *config)
{
	for (size_t i = 0; i < q->count; i++) {
		if (ha_config_host_named(config, q->words[i]) == NULL) {
			return no_such_host(h, q->words[i]);
		}
	}
	return HACTL_OK;
}

static int check_config_file(const struct hactl *h, const char *path)
{
	struct ha_conf_errors errors = { .list = NULL };
	struct ha_buf b = { .data = NULL };
	int err = strpbrk(path, "\"\n") != NULL ? HA_E_NOT_FOUND :
		  ha_conf_read_file(path, &errors, NULL, NULL);

	ha_conf_errors_print(&errors, path, &b);
	if (b.data != NULL) {
		(void)fputs(b.data, stderr);
	}
	ha_buf_fini(&b);
	ha_conf_errors_fini(&errors);
	return err == 0 ? HACTL_OK :
	       hactl_fail(h, HACTL_USAGE, "%s is not a valid configuration "
			  "(%s)", path, ha_err_text(err));
}

/* All that is wrong with a file; the lines of what was typed are of no use. */
static int wrong_steps(const struct hactl *h, const struct ha_question *q,
		       const struct ha_buf *why)
{
	const char *text = why->data != NULL ? why->data : "";
	const char *what = strstr(text, typed) != NULL ? strstr(text, ": ") :
			   NULL;
	size_t len = why->len > 0 ? why->len - 1 : 0;

	if (q->kind == HA_QUESTION_FILE) {
		return hactl_fail(h, HACTL_USAGE, "this cannot be done:\n%.*s",
				  (int)len, text);
	}
	text = what != NULL ? what + 2 : text;
	return hactl_fail(h, HACTL_USAGE, "%.*s", (int)strcspn(text, "\n"),
			  text);
}

/* All that is wrong is told. */
static int read_steps(const struct hactl *h, const struct ha_question *q,
		      const struct ha_config *config,
		      struct ha_scenario *ret_steps)
{
	struct ha_buf text = { .data = NULL };
	struct ha_buf why = { .data = NULL };
	int r = HACTL_OK;
	int err = 0;

	if (q->kind == HA_QUESTION_KILL ||
	    q->kind == HA_QUESTION_MAINTENANCE) {
		r = check_hosts(h, q, config);
	} else if (q->kind == HA_QUESTION_APPLY) {
		r = check_config_file(h, q->words[0]);
	}
	if (r == HACTL_OK && q->kind == HA_QUESTION_FILE) {
		err = ha_scenario_read(q->words[0], ret_steps, &why);
	} else if (r == HACTL_OK) {
		ha_question_steps(q, &text);
		err = text.failed ? HA_E_NO_MEMORY :
		      ha_scenario_parse(typed, text.data, ret_steps, &why);
	}
	if (err != 0) {
		ha_buf_puts(&why, why.data != NULL ? "" : ha_err_text(err));
		r = wrong_steps(h, q, &why);
	}
	ha_buf_fini(&text);
	ha_buf_fini(&why);
	return r;
}

static void put_question(const struct ha_question *q, struct ha_buf *b)
{
	ha_buf_puts(b, ha_question_name(q->kind));
	for (size_t i = 0; i < q->count; i++) {
		ha_buf_printf(b, " %s", q->words[i]);
	}
}

/* --- the answer --- */

static json_t *seconds(ha_dur t)
{
	return t > 0 ? json_real((double)(t / HA_MS(100)) / 10.0) : json_null();
}

static const char *name_of(const struct ha_whatif_result *r, ha_hostid id)
{
	return id != HA_HOST_NONE ? r->hosts[id - 1].name : "";
}

static json_t *host_json(const struct ha_whatif_host *host)
{
	return json_pack("{s:s,s:s,s:b,s:o,s:I,s:I,s:I,s:I,s:I,s:s}",
		"name", host->name, "state", ha_host_shown_name(host->shown),
		"killed", host->killed, "proven_after_s",
		seconds(host->proven),
		"vms_before", (json_int_t)host->vms_before,
		"vms_after", (json_int_t)host->vms_after,
		"memory_free_kib", (json_int_t)host->free_kib,
		"missing_memory_kib", (json_int_t)host->missing_kib,
		"missing_vcpus", (json_int_t)host->missing_vcpus,
		"why", host->why);
}

static json_t *places(const struct ha_whatif_result *r, ha_hostset may)
{
	json_t *list = json_array();

	while (may != 0) {
		(void)json_array_append_new(list, json_string(
			name_of(r, ha_hostset_pop(&may))));
	}
	return list;
}

static json_t *remedies(const struct ha_whatif_vm *vm)
{
	json_t *list = json_array();

	for (size_t i = 0; i < HA_REMEDIES_MAX && vm->remedies[i][0] != '\0';
	     i++) {
		(void)json_array_append_new(list, json_string(vm->remedies[i]));
	}
	return list;
}

static json_t *vm_json(const struct ha_whatif_result *r,
		       const struct ha_whatif_vm *vm)
{
	return json_pack("{s:s,s:b,s:b,s:s,s:s,s:o,s:s,s:I,s:o,s:o,s:s,s:s,s:I,s:I,s:o}",
		"name", vm->name, "to_run", vm->wanted,
		"makes_room", vm->makes_room,
		"from", name_of(r, vm->from), "to", name_of(r, vm->to),
		"possible", places(r, vm->may),
		"state", ha_vm_shown_name(vm->shown),
		"wave", (json_int_t)vm->wave,
		"start_after_s", seconds(vm->asked),
		"runs_after_s", seconds(vm->runs), "why", vm->why,
		"missing_on", name_of(r, vm->missing_on),
		"missing_memory_kib", (json_int_t)vm->missing_kib,
		"missing_vcpus", (json_int_t)vm->missing_vcpus,
		"remedies", remedies(vm));
}

json_t *hactl_whatif_json(const struct ha_whatif_result *r,
			  const char *question)
{
	json_t *hosts = json_array(), *vms = json_array();

	for (size_t i = 0; i < HA_HOSTS_MAX; i++) {
		if (r->hosts[i].id != HA_HOST_NONE) {
			(void)json_array_append_new(hosts,
						    host_json(&r->hosts[i]));
		}
	}
	for (size_t i = 0; i < r->vm_count; i++) {
		(void)json_array_append_new(vms, vm_json(r, &r->vms[i]));
	}
	return json_pack("{s:s,s:s,s:b,s:b,s:b,s:b,s:o,s:s,s:I,s:I,s:o,s:o}",
		"question", question, "not_done", r->broken,
		"quorate", r->quorate, "disarmed", r->disarmed,
		"stopped", r->stopped, "settled", r->settled,
		"last_change_after_s", seconds(r->took), "why", r->why,
		"worlds", (json_int_t)r->worlds,
		"missing_more", (json_int_t)r->missing_more, "hosts", hosts, "vms", vms);
}

static int show(const struct hactl *h, const struct ha_whatif_result *r,
		const struct ha_question *q)
{
	struct ha_buf question = { .data = NULL };
	struct ha_buf b = { .data = NULL };
	json_t *json;

	put_question(q, &question);
	json = hactl_whatif_json(r, question.data != NULL ? question.data : "");
	if (h->json) {
		hactl_print_json(json);
	} else {
		hactl_render_whatif(json, &h->screen, &b);
	}
	json_decref(json);
	ha_buf_fini(&question);
	return h->json ? HACTL_OK : hactl_flush(&b);
}

/* Which line of a story did not hold; what led there is for hacsim run. */
static void tell_broken(const struct ha_buf *out)
{
	const char *text = out->data != NULL ? out->data : "";
	const char *end = strstr(text, "    what led there");

	(void)fprintf(stderr, "%.*s", end != NULL ? (int)(end - text) :
		      (int)strlen(text), text);
}

int hactl_whatif_answer(const struct hactl *h, const struct ha_question *q,
			const struct ha_whatif *cluster)
{
	struct ha_scenario steps = { .path = NULL };
	struct ha_whatif_result result;
	struct ha_buf out = { .data = NULL };
	struct hactl_progress *progress;
	enum ha_sim_verdict verdict;
	int r = read_steps(h, q, cluster->config, &steps);

	if (r != HACTL_OK) {
		return r;
	}
	progress = hactl_progress_start("trying it out in a simulated world");
	verdict = ha_sim_what_if(cluster, &steps, &result, &out);
	hactl_progress_stop(progress);
	ha_scenario_fini(&steps);
	if (verdict == HA_SIM_BAD_FILE) {
		r = wrong_steps(h, q, &out);
		ha_buf_fini(&out);
		return r;
	}
	r = show(h, &result, q);
	if (verdict == HA_SIM_BROKEN && q->kind == HA_QUESTION_FILE) {
		tell_broken(&out);
	}
	if (r == HACTL_OK && (verdict != HA_SIM_HELD || !ha_question_all_run(&result))) {
		r = HACTL_FAILED;
	}
	ha_whatif_fini(&result);
	ha_buf_fini(&out);
	return r;
}
