/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/state.h"

#include <assert.h>

#include "core/state_apply.h"

size_t ha_state_size(uint32_t vm_max)
{
	return sizeof(struct ha_state) +
	       (size_t)vm_max * sizeof(struct ha_vm_state);
}

static struct ha_vm_state *find_vm(struct ha_state *s,
				   const struct ha_uuid *uuid)
{
	uint32_t lo = 0;
	uint32_t hi = s->vm_count;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c = ha_uuid_cmp(&s->vms[mid].uuid, uuid);

		if (c == 0) {
			return &s->vms[mid];
		}
		if (c < 0) {
			lo = mid + 1;
		} else {
			hi = mid;
		}
	}
	return NULL;
}

const struct ha_vm_state *ha_state_vm(const struct ha_state *s,
				      const struct ha_uuid *uuid)
{
	return find_vm((struct ha_state *)s, uuid);
}

struct ha_fact ha_entry_fact(const struct ha_entry *entry)
{
	struct ha_fact f;

	memset(&f, 0, sizeof(f));
	if (entry->kind == HA_ENTRY_FACT && entry->len == sizeof(f)) {
		memcpy(&f, entry->data, sizeof(f));
		f.text[sizeof(f.text) - 1] = '\0';
	}
	return f;
}

void ha_entry_set_fact(struct ha_entry *entry, const struct ha_fact *fact)
{
	entry->kind = HA_ENTRY_FACT;
	entry->len = sizeof(*fact);
	memcpy(entry->data, fact, sizeof(*fact));
}

static void add_vm(struct ha_vm_state *v, const struct ha_vm_conf *conf,
		   uint64_t index)
{
	memset(v, 0, sizeof(*v));
	v->uuid = conf->uuid;
	v->gen = index;
	v->wanted = conf->priority == HA_PRIORITY_DISABLED ? HA_WANTED_STOPPED
							   : conf->wanted;
}

/* Drops VMs that are not configured and adds those that are new, keeping the
 * order by UUID; both lists are sorted. */
static void merge_vms(struct ha_state *s, const struct ha_config *config,
		      uint64_t index)
{
	uint32_t kept = 0;
	size_t from, to;

	for (uint32_t i = 0; i < s->vm_count; i++) {
		if (ha_config_vm(config, &s->vms[i].uuid)) {
			s->vms[kept++] = s->vms[i];
		}
	}
	assert(config->vm_count <= s->vm_max);
	from = kept;
	for (to = config->vm_count; to > 0; to--) {
		const struct ha_vm_conf *conf = &config->vms[to - 1];

		if (from > 0 && ha_uuid_cmp(&s->vms[from - 1].uuid,
					    &conf->uuid) == 0) {
			s->vms[to - 1] = s->vms[--from];
		} else {
			add_vm(&s->vms[to - 1], conf, index);
		}
	}
	s->vm_count = (uint32_t)config->vm_count;
}

static void apply_config(struct ha_state *s, const struct ha_config *config,
			 uint64_t version, uint64_t index)
{
	ha_hostset hosts = ha_config_hostset(config);

	s->config = config->hash;
	s->config_version = version;
	for (ha_hostid h = 1; h <= HA_HOSTS_MAX; h++) {
		if (!ha_host_in(hosts, h)) {
			memset(&s->hosts[h - 1], 0, sizeof(s->hosts[0]));
		}
	}
	merge_vms(s, config, index);
	for (uint32_t i = 0; i < s->vm_count; i++) { /* it never comes back */
		if (!ha_host_in(hosts, s->vms[i].waits_for)) {
			s->vms[i].waits_for = HA_HOST_NONE;
		}
	}
}

void ha_state_found(struct ha_state *s, const struct ha_config *config,
		    uint64_t index)
{
	uint32_t vm_max = s->vm_max;

	memset(s, 0, ha_state_size(0));
	s->vm_max = vm_max;
	s->index = index;
	apply_config(s, config, 1, index);
}

static void disown(struct ha_vm_state *v, enum ha_why why)
{
	bool driven_out = why == HA_WHY_LOST || why == HA_WHY_LEAVING ||
			  why == HA_WHY_MAINTENANCE;

	if (driven_out && v->home == HA_HOST_NONE) {
		v->home = v->owner;
	}
	v->last_owner = v->owner;
	v->owner = HA_HOST_NONE;
	v->holder = HA_HOST_NONE;
	v->owner_boot = 0;
	v->stop = HA_WHY_NONE;
	v->last_why = why;
}

/* The host is gone for good: what it owned may run elsewhere. */
static void release_all(struct ha_state *s, ha_hostid host,
			const struct ha_config *config)
{
	for (uint32_t i = 0; i < s->vm_count; i++) {
		struct ha_vm_state *v = &s->vms[i];
		const struct ha_vm_conf *conf;

		v->copies &= ~ha_host_bit(host);
		if (v->owner != host) {
			continue;
		}
		disown(v, HA_WHY_LOST);
		conf = config ? ha_config_vm(config, &v->uuid) : NULL;
		if (conf && conf->priority == HA_PRIORITY_DISABLED) {
			v->wanted = HA_WANTED_STOPPED;
		}
	}
}

static void apply_admit(struct ha_state *s, const struct ha_fact *f)
{
	struct ha_host_state *h = &s->hosts[f->host - 1];

	h->boot = f->boot;
	h->admitted = s->index;
	h->proof = HA_PROOF_NONE;
	h->fence_tries = 0;
	h->left = false;
	h->leaving = 0;
	h->present = true;
	for (uint32_t i = 0; i < s->vm_count; i++) {
		if (s->vms[i].waits_for == f->host) {
			s->vms[i].waits_for = HA_HOST_NONE;
		}
	}
}

static void apply_proof(struct ha_state *s, const struct ha_fact *f,
			const struct ha_config *config)
{
	struct ha_host_state *h = &s->hosts[f->host - 1];

	h->proof = f->kind == HA_FACT_LEFT ? (uint32_t)HA_PROOF_LEAVE : f->code;
	h->left = f->kind == HA_FACT_LEFT;
	h->leaving = 0;
	h->present = false;
	h->fence_number = 0;
	h->fence_by = HA_HOST_NONE;
	h->fence_tries = 0;
	release_all(s, f->host, config);
}

static void apply_fence_end(struct ha_host_state *h, const struct ha_fact *f)
{
	if (h->fence_number != f->number) {
		return;
	}
	h->fence_number = 0;
	h->fence_by = HA_HOST_NONE;
	h->fence_tries++;
}

static void apply_host(struct ha_state *s, const struct ha_fact *f,
		       const struct ha_config *config)
{
	struct ha_host_state *h = &s->hosts[f->host - 1];

	switch ((enum ha_fact_kind)f->kind) {
	case HA_FACT_ADMIT:
		apply_admit(s, f);
		break;
	case HA_FACT_PROOF:
	case HA_FACT_LEFT:
		apply_proof(s, f, config);
		break;
	case HA_FACT_FENCE:
		h->fence_number = f->number;
		h->fence_by = f->by;
		s->fence_count = f->number;
		break;
	case HA_FACT_FENCE_END:
		apply_fence_end(h, f);
		break;
	case HA_FACT_LEAVING:
		h->leaving = f->boot;
		break;
	case HA_FACT_STAY:
		h->leaving = 0;
		break;
	case HA_FACT_MAINTENANCE:
		h->maintenance = f->code != 0;
		break;
	case HA_FACT_NONE:
	case HA_FACT_CONFIG:
	case HA_FACT_DISARM:
	case HA_FACT_CLUSTER_STOP:
	case HA_FACT_VM_OWNER:
	case HA_FACT_VM_STOP:
	case HA_FACT_VM_RELEASE:
	case HA_FACT_VM_WANTED:
	case HA_FACT_VM_SURVEY:
	case HA_FACT_VM_MOVE:
	case HA_FACT_VM_RESET:
	case HA_FACT_VM_COPY:
	case HA_FACT_VM_ASIDE:
	case HA_FACT_COUNT:
		break;
	}
}

static void apply_release(struct ha_vm_state *v, const struct ha_fact *f)
{
	if (v->owner != f->host || v->gen != f->number) {
		return;
	}
	disown(v, (enum ha_why)f->code);
	v->waits_for = f->code == HA_WHY_LEAVING ? f->by : HA_HOST_NONE;
	if (f->code == HA_WHY_FAILED) {
		v->failures++;
		v->avoid |= ha_host_bit(f->host);
	} else if (f->code == HA_WHY_GUEST) {
		v->wanted = HA_WANTED_STOPPED;
	} else if (f->code == HA_WHY_RESTART) {
		v->next = f->host;
	}
}

static void own(struct ha_state *s, struct ha_vm_state *v,
		const struct ha_fact *f)
{
	v->owner = f->host;
	v->owner_boot = f->boot;
	v->gen = s->index;
	v->stop = HA_WHY_NONE;
	v->next = HA_HOST_NONE;
	v->waits_for = HA_HOST_NONE;
	v->copies &= ~ha_host_bit(f->host);
	v->home = v->home == f->host ? HA_HOST_NONE : v->home;
}

static void apply_copy(const struct ha_state *s, struct ha_vm_state *v,
		       const struct ha_fact *f)
{
	if (f->host == HA_HOST_NONE) {
		return;
	}
	v->copies &= ~ha_host_bit(f->host);
	if (f->code != 0 && f->host != v->owner && f->host != v->holder &&
	    s->hosts[f->host - 1].proof == HA_PROOF_NONE) {
		v->copies |= ha_host_bit(f->host);
	}
}

static void apply_survey(struct ha_state *s, struct ha_vm_state *v,
			 const struct ha_fact *f)
{
	v->surveyed = true;
	if (f->host != HA_HOST_NONE) {
		own(s, v, f);
		if (f->by != HA_HOST_NONE) {
			/* the admin's word: it runs there, and is to */
			v->wanted = HA_WANTED_RUNNING;
		}
	}
}

static void apply_vm(struct ha_state *s, struct ha_vm_state *v,
		     const struct ha_fact *f)
{
	switch ((enum ha_fact_kind)f->kind) {
	case HA_FACT_VM_OWNER:
		own(s, v, f);
		v->starts++;
		break;
	case HA_FACT_VM_STOP:
		if (v->owner != HA_HOST_NONE && v->gen == f->number) {
			v->stop = f->code;
		}
		break;
	case HA_FACT_VM_RELEASE:
		apply_release(v, f);
		break;
	case HA_FACT_VM_WANTED:
		v->wanted = f->code;
		v->waits_for = HA_HOST_NONE;
		v->home = HA_HOST_NONE;
		v->failures = 0;
		v->avoid = 0;
		break;
	case HA_FACT_VM_SURVEY:
		apply_survey(s, v, f);
		break;
	case HA_FACT_VM_MOVE:
		v->next = f->host;
		v->home = v->home == f->host ? v->home : HA_HOST_NONE;
		break;
	case HA_FACT_VM_RESET:
		v->failures = 0;
		v->avoid = 0;
		v->aside = 0;
		v->reset_at = s->index;
		break;
	case HA_FACT_VM_COPY:
		apply_copy(s, v, f);
		break;
	case HA_FACT_VM_ASIDE:
		v->aside = f->number;
		break;
	case HA_FACT_NONE:
	case HA_FACT_CONFIG:
	case HA_FACT_ADMIT:
	case HA_FACT_PROOF:
	case HA_FACT_FENCE:
	case HA_FACT_FENCE_END:
	case HA_FACT_LEAVING:
	case HA_FACT_LEFT:
	case HA_FACT_STAY:
	case HA_FACT_MAINTENANCE:
	case HA_FACT_DISARM:
	case HA_FACT_CLUSTER_STOP:
	case HA_FACT_COUNT:
		break;
	}
}

static void apply_epoch(struct ha_state *s, const struct ha_entry *entry,
			const struct ha_config *config)
{
	ha_hostset lost =
		entry->effect == HA_EFFECT_LOSS ? entry->lost : (ha_hostset)0;

	while (lost) {
		struct ha_fact f = { .kind = HA_FACT_PROOF,
				     .code = HA_PROOF_LOSS };

		f.host = ha_hostset_pop(&lost);
		apply_proof(s, &f, config);
	}
	for (ha_hostid h = 1; h <= HA_HOSTS_MAX; h++) {
		if (!ha_host_in(entry->members, h)) {
			s->hosts[h - 1].present = false;
		}
	}
}

static void apply_fact(struct ha_state *s, const struct ha_fact *f,
		       const struct ha_config *config)
{
	struct ha_vm_state *v = find_vm(s, &f->vm);

	switch ((enum ha_fact_kind)f->kind) {
	case HA_FACT_CONFIG:
		if (config && ha_hash_equal(&config->hash, &f->hash)) {
			apply_config(s, config, f->number, s->index);
			s->config_by = f->by;
			s->config_who = f->code;
		}
		break;
	case HA_FACT_DISARM:
		s->disarmed = f->code != 0;
		break;
	case HA_FACT_CLUSTER_STOP:
		s->stopped = f->code != 0;
		break;
	case HA_FACT_ADMIT:
	case HA_FACT_PROOF:
	case HA_FACT_FENCE:
	case HA_FACT_FENCE_END:
	case HA_FACT_LEAVING:
	case HA_FACT_LEFT:
	case HA_FACT_STAY:
	case HA_FACT_MAINTENANCE:
		if (f->host >= 1 && f->host <= HA_HOSTS_MAX) {
			apply_host(s, f, config);
		}
		break;
	case HA_FACT_VM_OWNER:
	case HA_FACT_VM_STOP:
	case HA_FACT_VM_RELEASE:
	case HA_FACT_VM_WANTED:
	case HA_FACT_VM_SURVEY:
	case HA_FACT_VM_MOVE:
	case HA_FACT_VM_RESET:
	case HA_FACT_VM_COPY:
	case HA_FACT_VM_ASIDE:
		if (v && f->host <= HA_HOSTS_MAX) {
			apply_vm(s, v, f);
		}
		break;
	case HA_FACT_NONE:
	case HA_FACT_COUNT:
		break;
	}
}

void ha_state_apply(struct ha_state *s, const struct ha_entry *entry,
		    const struct ha_config *config)
{
	assert(entry->index == s->index + 1);
	s->index = entry->index;
	s->epoch = entry->epoch;
	if (entry->kind == HA_ENTRY_EPOCH) {
		apply_epoch(s, entry, config);
	} else {
		struct ha_fact f = ha_entry_fact(entry);

		apply_fact(s, &f, config);
	}
}
