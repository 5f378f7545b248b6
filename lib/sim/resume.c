/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/resume.h"

#include <assert.h>
#include <string.h>

#include "core/view.h"
#include "sim/world.h"

static void fill_disk(struct sim *s, ha_hostid host, const struct ha_core *core)
{
	const struct ha_state *state = ha_core_state(core);
	const struct ha_host_state *hs = &state->hosts[host - 1];
	struct sim_disk *d = &sim_host(s, host)->disk;
	const struct sim_body *body = sim_find_body(s, &state->config);

	assert(body);
	ha_core_base(core, &d->base);
	d->meta.promised = d->base.epoch;
	d->meta.commit = d->base.index;
	if (hs->admitted != 0 && hs->proof == HA_PROOF_NONE && !hs->left) {
		d->meta.boot = hs->boot;
		d->meta.boot_index = hs->admitted;
	}
	d->state = sim_alloc(ha_state_size(state->vm_count));
	memcpy(d->state, state, ha_state_size(state->vm_count));
	d->state->vm_max = state->vm_count;
	sim_disk_keep(d, (uint32_t)(body - s->bodies));
}

static void run_vms(struct sim *s, const struct ha_core *core)
{
	const struct ha_state *state = ha_core_state(core);

	for (uint32_t i = 0; i < state->vm_count; i++) {
		uint32_t vm = sim_vm_number(s, &state->vms[i].uuid);
		struct ha_vm_view v;

		ha_core_view_vm(core, &state->vms[i].uuid, &v);
		if (vm != UINT32_MAX && v.seen_on != HA_HOST_NONE &&
		    sim_host(s, v.seen_on)->power) {
			sim_vm_spawn(s, v.seen_on, vm);
		}
	}
}

void sim_resume(struct sim *s, const struct ha_core *core)
{
	const struct ha_state *state = ha_core_state(core);

	for (ha_hostid h = 1; h <= s->host_max; h++) {
		struct ha_host_view v;

		if (!sim_host(s, h)->exists || state->hosts[h - 1].boot == 0) {
			continue; /* it was never there */
		}
		fill_disk(s, h, core);
		ha_core_view_host(core, h, &v);
		if (v.shown == HA_HOST_SHOWN_LOST ||
		    v.shown == HA_HOST_SHOWN_FENCED ||
		    v.shown == HA_HOST_SHOWN_LEFT) {
			continue;
		}
		sim_power_on(s, h, 0);
		sim_host(s, h)->boot = state->hosts[h - 1].boot;
	}
	run_vms(s, core);
}
