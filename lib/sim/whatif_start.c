/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cluster that is only a configuration, as it would be once it was started.
 */
#include "sim/whatif_priv.h"

#include "core/state_apply.h"

/* Arms it, and lets the coordinator make the plan of its cold start. NULL:
 * there is nothing to start. Until the next step it knows where each VM would
 * go. */
static const struct ha_core *plan_starts(struct whatif *f)
{
	static const struct ha_command arm = { .verb = HA_CMD_ARM };
	struct sim *s = f->run.sim;
	uint64_t id = sim_command(s, run_asked(&f->run), &arm);
	ha_time limit = s->now + BASE_PATIENCE;
	struct ha_cluster_view v;

	while ((!sim_oracle_find(s, id) || !whatif_rests(f)) && !f->owner_given &&
	       s->now < limit && sim_run_one(s)) {
	}
	if (!f->owner_given) {
		return NULL;
	}
	ha_core_view_epoch(whatif_asked_core(f), &v);
	return s->hosts[v.coordinator - 1].core;
}

/* Each VM has the owner that the plan gives it, as if it had been started. */
static void own_planned(const struct ha_core *core, struct started *ret)
{
	struct ha_state *st = ret->state;

	for (uint32_t i = 0; i < st->vm_count; i++) {
		struct ha_fact f = { .kind = HA_FACT_VM_OWNER,
				     .vm = st->vms[i].uuid };
		struct ha_entry e = { .epoch = st->epoch,
				      .index = st->index + 1 };
		struct ha_vm_view v;

		ha_core_view_vm(core, &f.vm, &v);
		if (v.owner == HA_HOST_NONE && v.planned != HA_HOST_NONE) {
			f.host = v.planned;
			f.boot = st->hosts[f.host - 1].boot;
			ha_entry_set_fact(&e, &f);
			ha_state_apply(st, &e, ret->w.config);
		}
	}
	ret->base.index = st->index;
}

bool whatif_start_cluster(const struct ha_whatif *w, struct started *ret,
			  struct ha_buf *out)
{
	struct ha_scn_step start = { .verb = HA_SCN_START, .text = "start" };
	struct ha_scenario sc = { .path = "the start of the cluster" };
	const struct ha_core *core, *planned = NULL;
	struct whatif f;
	bool good;

	whatif_init(&f, w, 1, out);
	f.run.disarmed = true;
	good = whatif_play(&f, &start, 1, &sc) == HA_SIM_HELD;
	if (good) {
		planned = plan_starts(&f);
	}
	core = planned ? planned : good ? whatif_asked_core(&f) : NULL;
	if (core) {
		ret->w = *w;
		ret->state = whatif_copy_state(ha_core_state(core));
		ha_core_view_base(core, &ret->base);
		ret->w.state = ret->state;
		ret->w.base = &ret->base;
	}
	if (planned) {
		own_planned(planned, ret);
	}
	for (size_t i = 0; core && i < w->config->host_count; i++) {
		ha_hostid id = w->config->hosts[i].id;

		ret->w.hosts[id - 1].up = true;
	}
	whatif_fini(&f);
	return core != NULL;
}
