/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "hactl simulate" in a story: what the asked hacd knows becomes a what-if's
 * cluster, as hactl makes one, and its answer is judged as hactl judges it.
 */
#include <string.h>

#include "core/view.h"
#include "sim/admin.h"
#include "sim/question.h"

/* The configuration that the asked host has in force. */
static bool take_config(const struct sim_run *r, const struct ha_core *core,
			struct ha_whatif *w)
{
	const struct ha_hash *hash = &ha_core_state(core)->config;

	for (size_t i = 0; i < r->config_count; i++) {
		if (ha_hash_equal(&r->configs[i]->hash, hash)) {
			w->config = r->configs[i];
			w->text = r->texts[i].data;
			w->text_len = r->texts[i].len;
			return true;
		}
	}
	return false;
}

static void take_hosts(const struct ha_core *core, struct ha_whatif *w)
{
	for (size_t i = 0; i < w->config->host_count; i++) {
		ha_hostid id = w->config->hosts[i].id;
		struct ha_whatif_capacity *c = &w->hosts[id - 1];
		struct ha_host_view v;

		ha_core_view_host(core, id, &v);
		ha_question_take_state(c, ha_host_shown_name(v.shown));
		c->fence_fails = v.fence_tries > 0;
		c->memory_kib = v.size.memory_kib;
		c->cpus = v.size.cpus;
		c->cpu_mhz = v.size.cpu_mhz;
	}
}

static void put_answer(struct ask *a, const struct ha_whatif_result *result,
		       enum ha_sim_verdict verdict)
{
	if (verdict == HA_SIM_BROKEN) {
		ha_buf_printf(&a->why, "a step does not do what it should: %s",
			      result->broken);
		return;
	}
	for (size_t i = 0; i < result->vm_count && !ha_question_all_run(result);
	     i++) {
		const struct ha_whatif_vm *vm = &result->vms[i];

		if (vm->wanted && vm->to == HA_HOST_NONE) {
			ha_buf_printf(&a->why, "%svm %s would not run (%s)",
				      a->why.len > 0 ? "; " : "", vm->name,
				      vm->why);
		}
	}
}

static void ask_world(struct ask *a, const struct ha_whatif *w)
{
	struct ha_question q = { .words = a->args, .count = a->arg_count };
	struct ha_buf text = { 0 }, out = { 0 };
	enum ha_sim_verdict verdict = HA_SIM_BAD_FILE;
	struct ha_whatif_result result;
	struct ha_scenario steps;

	while (strcmp(ha_question_name(q.kind), a->step->argv[1]) != 0) {
		q.kind++;
	}
	ha_question_steps(&q, &text);
	if (ha_scenario_parse("the question", text.data, &steps, &out) == 0) {
		verdict = ha_sim_what_if(w, &steps, &result, &out);
		ha_scenario_fini(&steps);
	}
	if (verdict == HA_SIM_BAD_FILE) {
		run_fail(a->run, a->step, "it cannot be asked: %s",
			 out.data ? out.data : "");
	} else {
		put_answer(a, &result, verdict);
		ha_whatif_fini(&result);
	}
	ha_buf_fini(&text);
	ha_buf_fini(&out);
}

void ask_simulate(struct ask *a)
{
	const struct sim_params *p = &a->run->sim->params;
	const struct ha_core *core = sim_host(a->run->sim, a->host)->core;
	struct ha_whatif w = { .two_node = p->two_node,
			       .wait_for_all = p->wait_for_all,
			       .auto_tie_breaker = p->auto_tie_breaker };
	struct ha_replica_base base;
	struct ha_cluster_view v;

	if (a->step->tried) {
		return; /* it changes nothing */
	}
	ha_core_view_cluster(core, &v);
	if (!v.quorate) {
		ha_buf_printf(&a->why, "this host has no quorum: %s", v.why);
		return;
	}
	if (!take_config(a->run, core, &w)) {
		ha_buf_puts(&a->why, "this host has no configuration yet");
		return;
	}
	ha_core_view_base(core, &base);
	w.state = ha_core_state(core);
	w.base = &base;
	w.token = v.token;
	take_hosts(core, &w);
	ask_world(a, &w);
}
