/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What came of it: each host, each VM, and what was missing.
 */
#include "sim/whatif_priv.h"

#include <string.h>

#include "core/admission.h"

static uint64_t lacking(uint64_t need, uint64_t have)
{
	return need > have ? need - have : 0;
}

static void tell_host(struct whatif *f, const struct ha_core *core,
		      const struct ha_host_conf *conf,
		      struct ha_whatif_host *h)
{
	struct ha_host_view v;

	ha_core_view_host(core, conf->id, &v);
	h->id = conf->id;
	snprintf(h->name, sizeof(h->name), "%s", conf->name);
	h->shown = v.shown;
	h->killed = ha_host_in(f->killed, conf->id);
	h->proven = f->proven[conf->id - 1] > 0
			    ? f->proven[conf->id - 1] - f->from
			    : 0;
	h->free_kib = lacking(v.room.memory_kib, v.memory_used_kib);
	snprintf(h->why, sizeof(h->why), "%s", v.why);
}

static void tell_vm(struct whatif *f, const struct ha_core *core,
		    const struct ha_vm_conf *conf, struct ha_whatif_vm *vm)
{
	const struct sim *s = f->run.sim;
	uint32_t n = sim_vm_number(s, &conf->uuid);
	const struct ha_vm_state *v = ha_state_vm(ha_core_state(core),
						  &conf->uuid);
	struct ha_vm_view view;

	vm->uuid = conf->uuid;
	snprintf(vm->name, sizeof(vm->name), "%s", conf->name);
	ha_core_view_vm(core, &conf->uuid, &view);
	vm->wanted = v && v->wanted == HA_WANTED_RUNNING;
	vm->shown = view.shown;
	vm->makes_room = n < s->vm_count && f->makes_room[n];
	vm->from = n < f->ran_count ? ha_hostset_first(f->ran[n]) : 0;
	vm->to = n < s->vm_count ? ha_hostset_first(s->vms[n].there) : 0;
	if (n < s->vm_count && f->wave[n] > 0) {
		vm->wave = f->wave[n];
		vm->asked = f->asked[n] - f->from;
		vm->runs = s->vms[n].since > f->asked[n]
				   ? s->vms[n].since - f->from
				   : 0;
	}
	if (vm->to == HA_HOST_NONE) {
		struct ha_cluster_view cluster;

		ha_core_view_cluster(core, &cluster);
		snprintf(vm->why, sizeof(vm->why), "%s",
			 cluster.quorate ? view.why
					 : "without quorum nothing is started");
	}
}

static void count_vm(struct ha_whatif_result *r, const struct ha_whatif_vm *vm)
{
	if (vm->from != HA_HOST_NONE) {
		r->hosts[vm->from - 1].vms_before++;
	}
	if (vm->to != HA_HOST_NONE) {
		r->hosts[vm->to - 1].vms_after++;
	}
}

static void tell_vms(struct whatif *f, const struct ha_core *core,
		     struct ha_whatif_result *r)
{
	const struct ha_config *c = ha_core_config(core);

	r->vms = sim_alloc(c->vm_count * sizeof(*r->vms));
	r->vm_count = c->vm_count;
	for (size_t i = 0; i < c->vm_count; i++) {
		struct ha_whatif_vm *vm = &r->vms[i];

		tell_vm(f, core, &c->vms[i], vm);
		count_vm(r, vm);
	}
}

static struct ha_whatif_vm *find_vm(struct ha_whatif_result *r,
				    const struct ha_uuid *uuid)
{
	for (size_t i = 0; i < r->vm_count; i++) {
		if (ha_uuid_cmp(&r->vms[i].uuid, uuid) == 0) {
			return &r->vms[i];
		}
	}
	return NULL;
}

/* As the coordinator plans it. What one needs counts those before it in, so
 * the most that is told for a host is enough for all. */
static void tell_missing(struct whatif *f, ha_hostid coordinator,
			 struct ha_whatif_result *r)
{
	struct ha_core *core = sim_host(f->run.sim, coordinator)->core;
	struct ha_miss_view list[HA_MISSES_TOLD];
	size_t count, all;

	if (!core || !ha_core_config(core)) {
		return; /* it died, and the others do not know yet */
	}
	all = ha_core_view_misses(core, list, &count);
	r->missing_more = all - count;
	for (size_t i = 0; i < count; i++) {
		const struct ha_miss_view *m = &list[i];
		struct ha_whatif_vm *vm = find_vm(r, &m->vm);
		struct ha_whatif_host *h;

		if (!vm || vm->to != HA_HOST_NONE) {
			continue;
		}
		memcpy(vm->remedies, m->remedies, sizeof(vm->remedies));
		vm->missing_on = m->host;
		vm->missing_kib = m->memory_kib;
		vm->missing_vcpus = m->vcpus;
		if (m->host == HA_HOST_NONE) {
			r->missing_more++; /* room alone does not let it in */
			continue;
		}
		h = &r->hosts[m->host - 1];
		h->missing_kib = m->memory_kib > h->missing_kib
					 ? m->memory_kib : h->missing_kib;
		h->missing_vcpus = m->vcpus > h->missing_vcpus
					   ? m->vcpus : h->missing_vcpus;
	}
}

/* Nobody is left who could decide: what ran and does no more, stays so. */
static void tell_end(struct whatif *f, struct ha_whatif_result *r)
{
	const struct ha_config *c = f->w->config;
	const struct sim *s = f->run.sim;

	snprintf(r->why, sizeof(r->why), "no hacd is left");
	for (size_t i = 0; i < c->host_count; i++) {
		struct ha_whatif_host *h = &r->hosts[c->hosts[i].id - 1];

		h->id = c->hosts[i].id;
		snprintf(h->name, sizeof(h->name), "%s", c->hosts[i].name);
		h->shown = HA_HOST_SHOWN_LOST;
		h->killed = ha_host_in(f->killed, h->id);
	}
	r->vms = sim_alloc(c->vm_count * sizeof(*r->vms));
	r->vm_count = c->vm_count;
	for (size_t i = 0; i < c->vm_count; i++) {
		uint32_t n = sim_vm_number(s, &c->vms[i].uuid);
		struct ha_whatif_vm *vm = &r->vms[i];

		vm->uuid = c->vms[i].uuid;
		snprintf(vm->name, sizeof(vm->name), "%s", c->vms[i].name);
		vm->from = n < f->ran_count ? ha_hostset_first(f->ran[n]) : 0;
		vm->to = n < s->vm_count ? ha_hostset_first(s->vms[n].there) : 0;
		vm->wanted = vm->from != HA_HOST_NONE;
		vm->shown = vm->to ? HA_VM_SHOWN_RUNNING : HA_VM_SHOWN_WAITING;
		snprintf(vm->why, sizeof(vm->why), "%s", r->why);
		count_vm(r, vm);
	}
}

void whatif_tell(struct whatif *f, struct ha_whatif_result *r)
{
	const struct ha_core *core = whatif_asked_core(f);
	struct ha_cluster_view v;
	const struct ha_config *c;

	memset(r, 0, sizeof(*r));
	snprintf(r->broken, sizeof(r->broken), "%s", f->run.why);
	if (!core || !ha_core_config(core)) {
		tell_end(f, r);
		return;
	}
	c = ha_core_config(core);
	ha_core_view_cluster(core, &v);
	r->quorate = v.quorate;
	r->disarmed = v.disarmed;
	r->stopped = v.stopped;
	r->settled = v.settled;
	r->took = f->changed - f->from;
	snprintf(r->why, sizeof(r->why), "%s", v.why);
	for (size_t i = 0; i < c->host_count; i++) {
		tell_host(f, core, &c->hosts[i],
			  &r->hosts[c->hosts[i].id - 1]);
	}
	tell_vms(f, core, r);
	if (v.quorate && !v.disarmed && !v.stopped) {
		tell_missing(f, v.coordinator, r);
	}
}
