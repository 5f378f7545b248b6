/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The committed state: snapshots, on disk and between hosts. */
#include "wire/codec.h"

#include <string.h>

#include "core/fact.h"
#include "model/vm.h"

static void put_host(const struct ha_host_state *h, uint32_t id,
		     Pb__HostState *out)
{
	pb__host_state__init(out);
	out->host = id;
	out->boot = h->boot;
	out->admitted = h->admitted;
	out->proof = h->proof;
	out->fence_tries = h->fence_tries;
	out->fence_number = h->fence_number;
	out->fence_by = h->fence_by;
	out->leaving = h->leaving;
	out->left = h->left;
	out->maintenance = h->maintenance;
	out->present = h->present;
}

static void pull_host(struct ha_codec *c, const Pb__HostState *in,
		      struct ha_host_state *h)
{
	h->boot = in->boot;
	h->admitted = in->admitted;
	h->proof = ha_pull_enum(c, in->proof, 0, HA_PROOF_COUNT);
	h->fence_tries = in->fence_tries;
	h->fence_number = in->fence_number;
	h->fence_by = ha_pull_host_or_none(c, in->fence_by);
	h->leaving = in->leaving;
	h->left = in->left;
	h->maintenance = in->maintenance;
	h->present = in->present;
}

static void put_vm(const struct ha_vm_state *v, Pb__VmState *out)
{
	pb__vm_state__init(out);
	out->uuid = ha_put_bytes(&v->uuid, sizeof(v->uuid));
	out->owner = v->owner;
	out->holder = v->holder;
	out->owner_boot = v->owner_boot;
	out->gen = v->gen;
	out->next = v->next;
	out->waits_for = v->waits_for;
	out->avoid = v->avoid;
	out->copies = v->copies;
	out->aside = v->aside;
	out->reset_at = v->reset_at;
	out->wanted = v->wanted;
	out->stop = v->stop;
	out->last_why = v->last_why;
	out->last_owner = v->last_owner;
	out->home = v->home;
	out->failures = v->failures;
	out->starts = v->starts;
	out->surveyed = v->surveyed;
}

static void pull_vm(struct ha_codec *c, const Pb__VmState *in,
		    struct ha_vm_state *v)
{
	ha_pull_id(c, in->uuid, &v->uuid, sizeof(v->uuid));
	v->owner = ha_pull_host_or_none(c, in->owner);
	v->holder = ha_pull_host_or_none(c, in->holder);
	v->owner_boot = in->owner_boot;
	v->gen = in->gen;
	v->next = ha_pull_host_or_none(c, in->next);
	v->waits_for = ha_pull_host_or_none(c, in->waits_for);
	v->avoid = in->avoid;
	v->copies = in->copies;
	v->aside = in->aside;
	v->reset_at = in->reset_at;
	v->wanted = ha_pull_enum(c, in->wanted, 0, HA_WANTED_RUNNING + 1);
	v->stop = ha_pull_enum(c, in->stop, 0, HA_WHY_COUNT);
	v->last_why = ha_pull_enum(c, in->last_why, 0, HA_WHY_COUNT);
	v->last_owner = ha_pull_host_or_none(c, in->last_owner);
	v->home = ha_pull_host_or_none(c, in->home);
	v->failures = in->failures;
	v->starts = in->starts;
	v->surveyed = in->surveyed;
}

static void put_hosts(struct ha_codec *c, const struct ha_state *s,
		      Pb__State *out)
{
	static const struct ha_host_state none;
	Pb__HostState *h;

	h = ha_codec_array(c, HA_HOSTS_MAX, sizeof(*h), HA_HOSTS_MAX);
	out->hosts = ha_codec_array(c, HA_HOSTS_MAX, sizeof(h), HA_HOSTS_MAX);
	for (uint32_t i = 0; !c->err && i < HA_HOSTS_MAX; i++) {
		if (memcmp(&s->hosts[i], &none, sizeof(none)) == 0) {
			continue;
		}
		put_host(&s->hosts[i], i + 1, h);
		out->hosts[out->n_hosts++] = h++;
	}
}

Pb__State *ha_put_state(struct ha_codec *c, const struct ha_state *s)
{
	Pb__State *out = ha_codec_array(c, 1, sizeof(*out), 1);
	Pb__VmState *v = ha_codec_array(c, s->vm_count, sizeof(*v),
					HA_VMS_MAX);

	if (!out || c->err) {
		return NULL;
	}
	pb__state__init(out);
	out->index = s->index;
	out->epoch = s->epoch;
	out->config = ha_put_id(&s->config, sizeof(s->config));
	out->config_version = s->config_version;
	out->config_by = s->config_by;
	out->config_who = s->config_who;
	out->disarmed = s->disarmed;
	out->stopped = s->stopped;
	out->fence_count = s->fence_count;
	put_hosts(c, s, out);
	out->vms = ha_codec_array(c, s->vm_count, sizeof(v), HA_VMS_MAX);
	for (uint32_t i = 0; !c->err && i < s->vm_count; i++) {
		put_vm(&s->vms[i], &v[i]);
		out->vms[out->n_vms++] = &v[i];
	}
	return out;
}

static void pull_vms(struct ha_codec *c, const Pb__State *in,
		     struct ha_state *s)
{
	for (uint32_t i = 0; i < s->vm_count; i++) {
		pull_vm(c, in->vms[i], &s->vms[i]);
		if (in->vms[i]->uuid.len == 0 ||
		    (i > 0 && ha_uuid_cmp(&s->vms[i - 1].uuid,
					  &s->vms[i].uuid) >= 0)) {
			ha_codec_fail(c, HA_E_SYNTAX); /* sorted, unique */
		}
	}
}

struct ha_state *ha_pull_state(struct ha_codec *c, const Pb__State *in)
{
	struct ha_state *s = NULL;

	if (in->n_vms > HA_VMS_MAX) {
		ha_codec_fail(c, HA_E_LIMIT);
		return NULL;
	}
	s = ha_codec_array(c, 1, sizeof(*s) + in->n_vms * sizeof(s->vms[0]), 1);
	if (!s) {
		return NULL;
	}
	s->index = in->index;
	s->epoch = in->epoch;
	ha_pull_id(c, in->config, &s->config, sizeof(s->config));
	s->config_version = in->config_version;
	s->config_by = ha_pull_host_or_none(c, in->config_by);
	s->config_who = in->config_who;
	s->disarmed = in->disarmed;
	s->stopped = in->stopped;
	s->fence_count = in->fence_count;
	for (size_t i = 0; i < in->n_hosts; i++) {
		ha_hostid h = ha_pull_host(c, in->hosts[i]->host);

		pull_host(c, in->hosts[i], &s->hosts[h - 1]);
	}
	s->vm_count = (uint32_t)in->n_vms;
	s->vm_max = s->vm_count;
	pull_vms(c, in, s);
	return s;
}
