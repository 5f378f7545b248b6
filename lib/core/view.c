/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a core knows, for people. Reads, never decides. */
#include "core/view.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/aside.h"
#include "core/order.h"
#include "core/rules.h"

static void say(char *to, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void say(char *to, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(to, HA_TEXT_MAX + 1, fmt, ap);
	va_end(ap);
}

const struct ha_config *ha_core_config(const struct ha_core *c)
{
	return c->config;
}

void ha_core_base(const struct ha_core *c, struct ha_replica_base *ret_base)
{
	ha_replica_base_committed(c->replica, ret_base);
}

const struct ha_state *ha_core_state(const struct ha_core *c)
{
	return c->state;
}

/* --- hosts --- */

static enum ha_host_shown member_shown(const struct ha_core *c, ha_hostid id)
{
	const struct ha_host_state *s = host_state(c, id);
	const struct host_soft *h = &c->hosts[id - 1];

	if (h->frozen) {
		return HA_HOST_SHOWN_FROZEN;
	}
	if (s->left) {
		return HA_HOST_SHOWN_LEFT;
	}
	if (s->leaving) {
		return HA_HOST_SHOWN_LEAVING;
	}
	if (h->heard && !h->vm_agent) {
		return HA_HOST_SHOWN_AGENT_DOWN;
	}
	if (!s->present || s->proof != HA_PROOF_NONE || s->boot != h->boot) {
		return HA_HOST_SHOWN_JOINING;
	}
	return s->maintenance ? HA_HOST_SHOWN_MAINTENANCE
			      : HA_HOST_SHOWN_ONLINE;
}

static enum ha_host_shown host_shown(const struct ha_core *c, ha_hostid id)
{
	const struct ha_host_state *s = host_state(c, id);

	if (c->open && ha_host_in(c->epoch.members, id)) {
		return member_shown(c, id);
	}
	if (ha_host_in(c->members, id) && ha_host_in(c->hacds, id)) {
		return HA_HOST_SHOWN_JOINING;
	}
	if (s->left) {
		return HA_HOST_SHOWN_LEFT;
	}
	if (s->proof != HA_PROOF_NONE && !ha_host_in(c->members, id)) {
		return HA_HOST_SHOWN_FENCED;
	}
	if (s->admitted == 0) {
		return HA_HOST_SHOWN_NEW;
	}
	return ha_host_in(c->members, id) ? HA_HOST_SHOWN_AGENT_DOWN
					  : HA_HOST_SHOWN_LOST;
}

static void explain_lost(const struct ha_core *c, ha_hostid id,
			 struct ha_host_view *v)
{
	const struct ha_host_state *s = host_state(c, id);
	uint32_t tries = in_doubt(c) ? c->hosts[id - 1].small_tries
				     : s->fence_tries;
	const char *name = host_name(c, id);

	if (c->state->disarmed) {
		say(v->why, "out of the membership; the cluster is disarmed, "
		    "so it is not fenced");
		say(v->todo, "hactl arm");
	} else if (!c->open) {
		say(v->why, "out of the membership; nothing is decided without "
		    "quorum");
	} else if (tries > 0) {
		say(v->why, "out of the membership; fencing it failed %u time%s",
		    tries, tries == 1 ? "" : "s");
		say(v->todo, "check its fence device, or switch it off by hand "
		    "and run: hactl fence confirm %s --yes-host-is-off=%s",
		    name, name);
	} else if (in_doubt(c)) {
		say(v->why, "out of the membership; must be proven down before "
		    "anything else, %s sees to it",
		    host_name(c, c->epoch.coordinator));
	} else if (s->fence_number != 0) {
		say(v->why, "out of the membership; being fenced by %s, since "
		    "%lld s", host_name(c, s->fence_by),
		    (long long)((c->now - c->hosts[id - 1].fence_started) /
				HA_S(1)));
	} else if (!host_keeps_vms(c, id)) {
		say(v->why, "out of the membership; it owns no VM, so it is "
		    "not fenced");
	} else {
		say(v->why, "out of the membership; fencing it comes next");
	}
}

static void explain_joining(const struct ha_core *c, ha_hostid id,
			    struct ha_host_view *v)
{
	if (c->open && ha_replica_shuts_out(c->replica, id)) {
		say(v->why, "its hac does not speak the level of the protocol "
		    "that the cluster uses, and takes no part");
		say(v->todo, "install on %s the hac that the others have",
		    host_name(c, id));
	} else if (!c->open) {
		say(v->why, "waits for quorum");
	} else if (host_state(c, id)->fence_number != 0) {
		say(v->why, "waits for the end of its fencing");
	} else if (c->hosts[id - 1].stays_out) {
		say(v->why, "has left and does not ask to join");
	} else {
		say(v->why, "its VMs are being looked at");
	}
}

static void explain_host(const struct ha_core *c, ha_hostid id,
			 struct ha_host_view *v)
{
	const struct ha_host_state *s = host_state(c, id);
	const char *name = host_name(c, id);

	switch (v->shown) {
	case HA_HOST_SHOWN_NEW:
		say(v->why, "never seen in this cluster");
		say(v->todo, "start corosync and hacd on %s", name);
		break;
	case HA_HOST_SHOWN_ONLINE:
		break;
	case HA_HOST_SHOWN_JOINING:
		explain_joining(c, id, v);
		break;
	case HA_HOST_SHOWN_MAINTENANCE:
		say(v->todo, "when done: hactl host maintenance off %s", name);
		break;
	case HA_HOST_SHOWN_LEAVING:
		say(v->why, "its VMs are being moved or stopped");
		break;
	case HA_HOST_SHOWN_LEFT:
		say(v->why, "left in good order");
		break;
	case HA_HOST_SHOWN_AGENT_DOWN:
		if (ha_host_in(c->epoch.members, id) && c->open) {
			say(v->why, "libvirt does not answer there");
			say(v->todo, "on %s: systemctl status libvirtd", name);
		} else {
			say(v->why, "corosync is there, hacd is not");
			say(v->todo, "on %s: systemctl status hacd", name);
		}
		break;
	case HA_HOST_SHOWN_LOST:
		explain_lost(c, id, v);
		break;
	case HA_HOST_SHOWN_FENCED:
		say(v->why, "proven down: %s",
		    ha_proof_text((enum ha_proof)s->proof));
		if (s->proof == HA_PROOF_LOSS) {
			say(v->todo, "hactl host remove %s; before it comes "
			    "back, empty its /var/lib/hac", name);
		} else {
			say(v->todo, "repair it and switch it on");
		}
		break;
	case HA_HOST_SHOWN_FROZEN:
		say(v->why, "its hacd crashed again and again within ten minutes");
		say(v->todo, "hactl report, then on %s: hactl host unfreeze %s",
		    name, name);
		break;
	case HA_HOST_SHOWN_COUNT:
		break;
	}
}

static void explain_left_alone(const struct ha_core *c, ha_hostid id,
			       struct ha_host_view *v)
{
	const char *name = host_name(c, id);
	char hosts[HA_TEXT_MAX / 2];

	if (!aside_left_alone_by(c, id, hosts, sizeof(hosts))) {
		return;
	}
	say(v->why, "hacd crashed over it on %s: left alone for a while, "
	    "neither admitted nor fenced", hosts);
	if (v->shown == HA_HOST_SHOWN_LOST) {
		say(v->todo, "hactl report; to go on, switch it off by hand "
		    "and run: hactl fence confirm %s --yes-host-is-off=%s",
		    name, name);
	} else {
		say(v->todo, "hactl report");
	}
}

void ha_core_view_host(const struct ha_core *c, ha_hostid id,
		       struct ha_host_view *v)
{
	const struct ha_host_state *s = host_state(c, id);
	const struct host_soft *h = &c->hosts[id - 1];

	memset(v, 0, sizeof(*v));
	v->shown = host_shown(c, id);
	v->coordinator = c->open && c->epoch.coordinator == id;
	v->vm_agent = h->heard && h->vm_agent;
	v->fence_agent = h->heard && h->fence_agent;
	v->boot = s->boot;
	v->size = host_size(c, id);
	v->room = host_room(c, id);
	v->fence_tries = s->fence_tries;
	v->proof = (enum ha_proof)s->proof;
	for (uint32_t i = 0; i < c->vm_count; i++) {
		if (c->state->vms[i].owner == id && c->vms[i].conf) {
			v->memory_used_kib += c->vms[i].conf->memory_kib;
			v->vcpus_used += c->vms[i].conf->vcpus;
			v->vms++;
		}
	}
	explain_host(c, id, v);
	explain_left_alone(c, id, v);
}

/* --- VMs --- */

static enum ha_vm_shown owned_shown(const struct ha_core *c,
				    const struct ha_vm_state *v,
				    const struct vm_soft *s)
{
	if (host_is_lost(c, v->owner)) {
		return HA_VM_SHOWN_RECOVERING;
	}
	if (!c->open || !ha_host_in(c->epoch.members, v->owner) ||
	    !c->hosts[v->owner - 1].reported ||
	    ha_host_in(s->unknown, v->owner)) {
		return HA_VM_SHOWN_UNKNOWN;
	}
	if (v->stop != HA_WHY_NONE) {
		return HA_VM_SHOWN_STOPPING;
	}
	if (s->owner.gen == v->gen && (s->owner.seen == HA_SEEN_RUNNING ||
				       s->owner.seen == HA_SEEN_PAUSED)) {
		return HA_VM_SHOWN_RUNNING;
	}
	return HA_VM_SHOWN_STARTING;
}

static enum ha_vm_shown vm_shown(const struct ha_core *c,
				 const struct ha_vm_state *v,
				 const struct vm_soft *s)
{
	if (!v->surveyed && v->aside == 0) {
		return HA_VM_SHOWN_NEW;
	}
	if (s->incident || v->copies != 0) {
		return HA_VM_SHOWN_INCIDENT;
	}
	if (v->aside != 0) {
		return HA_VM_SHOWN_ASIDE;
	}
	if (v->holder != HA_HOST_NONE) {
		return HA_VM_SHOWN_MIGRATING;
	}
	if (v->owner != HA_HOST_NONE) {
		return owned_shown(c, v, s);
	}
	if (v->wanted == HA_WANTED_STOPPED) {
		return HA_VM_SHOWN_STOPPED;
	}
	return start_failed_last(v) ? HA_VM_SHOWN_FAILED : HA_VM_SHOWN_WAITING;
}

/* It runs where it is not owned. */
static void explain_incident(const struct ha_core *c,
			     const struct ha_vm_state *v,
			     const struct vm_soft *s, struct ha_vm_view *view)
{
	ha_hostset copies = s->running | v->copies;
	const char *name = s->conf ? s->conf->name : "VM";
	char hosts[HA_TEXT_MAX / 2];

	host_names(c, copies, hosts, sizeof(hosts));
	if (v->owner != HA_HOST_NONE) {
		copies &= ~ha_host_bit(v->owner);
	}
	say(view->why, "it runs on %s; its owner is %s",
	    hosts[0] != '\0' ? hosts : "a host that does not answer",
	    v->owner ? host_name(c, v->owner) : "nobody");
	if (ha_hostset_count(s->running) > 1 && copies) {
		say(view->todo, "on %s: virsh destroy %s",
		    host_name(c, ha_hostset_first(copies)), name);
	} else if (s->running == 0 && copies) {
		say(view->todo, "bring hacd and libvirt on %s back; or look "
		    "for its QEMU there, and if there is none: hactl vm settle "
		    "%s --stopped-on=%s", host_name(c, ha_hostset_first(copies)),
		    name, host_name(c, ha_hostset_first(copies)));
	} else if (s->running) {
		say(view->todo, "stop that copy (virsh destroy %s), or let "
		    "it be the one: hactl vm settle %s --runs-on=%s", name,
		    name, host_name(c, ha_hostset_first(s->running)));
	}
}

static void advise_vm(const struct ha_core *c, const struct ha_vm_state *v,
		      const struct vm_soft *s, struct ha_vm_view *view)
{
	const char *name = s->conf ? s->conf->name : "VM";
	char hosts[HA_TEXT_MAX / 2];

	if (view->shown == HA_VM_SHOWN_INCIDENT) {
		explain_incident(c, v, s, view);
	} else if (view->shown == HA_VM_SHOWN_FAILED) {
		say(view->todo, "look at: hactl explain vm %s; then: hactl vm "
		    "reset %s", name, name);
	} else if (view->shown == HA_VM_SHOWN_ASIDE) {
		host_names(c, v->aside, hosts, sizeof(hosts));
		say(view->why, "hacd crashed over it on %s: it is neither "
		    "started nor stopped nor moved, what runs is left running",
		    hosts);
		say(view->todo, "hactl report, for those who can mend hacd; when "
		    "the cause is gone: hactl vm reset %s", name);
	} else if (view->shown == HA_VM_SHOWN_UNKNOWN &&
		   ha_host_in(s->unknown, v->owner)) {
		say(view->todo, "on %s look for its QEMU; if there is none: "
		    "hactl vm settle %s --stopped-on=%s",
		    host_name(c, v->owner), name, host_name(c, v->owner));
	} else if (view->shown == HA_VM_SHOWN_UNKNOWN) {
		say(view->todo, "bring hacd and libvirt on %s back",
		    v->owner ? host_name(c, v->owner) : "its host");
	}
}

void ha_core_view_vm(const struct ha_core *c, const struct ha_uuid *uuid,
		     struct ha_vm_view *view)
{
	const struct ha_vm_state *v = ha_state_vm(c->state, uuid);
	const struct vm_soft *s;

	memset(view, 0, sizeof(*view));
	view->shown = HA_VM_SHOWN_UNKNOWN;
	if (!v) {
		say(view->why, "there is no such vm");
		return;
	}
	s = &c->vms[v - c->state->vms];
	view->shown = vm_shown(c, v, s);
	view->owner = v->owner;
	view->seen_on = ha_hostset_first(s->running);
	view->planned = s->planned;
	view->gen = v->gen;
	view->starts = v->starts;
	view->failures = v->failures;
	if (!c->open) {
		say(view->why, "as it was last known: this host has no quorum");
		return;
	}
	say(view->why, "%s", s->why);
	if (view->shown == HA_VM_SHOWN_FAILED && s->owner.text[0]) {
		say(view->why, "%.170s (last error: %s)", s->why,
		    s->owner.text);
	}
	if (view->shown == HA_VM_SHOWN_RUNNING &&
	    s->owner.seen == HA_SEEN_PAUSED) {
		say(view->why, "its QEMU runs, the guest is paused");
	} else if (view->shown == HA_VM_SHOWN_RUNNING &&
		   view->why[0] == '\0') {
		order_say_unready(s, view->why, sizeof(view->why));
	}
	advise_vm(c, v, s, view);
}

bool ha_core_decides_host(const struct ha_core *c, ha_hostid host)
{
	return is_coordinator(c) && c->config && !c->frozen &&
	       c->now >= c->judge_from && !aside_leaves_host(c, host);
}

bool ha_core_decides(const struct ha_core *c, const struct ha_uuid *uuid)
{
	const struct ha_vm_state *v = ha_state_vm(c->state, uuid);

	return v && c->open && c->config && !c->frozen &&
	       c->now >= c->judge_from &&
	       !aside_leaves(c, (uint32_t)(v - c->state->vms));
}

/* --- the cluster --- */

static bool host_settled(const struct ha_core *c, ha_hostid id)
{
	const struct ha_host_state *s = host_state(c, id);

	switch (host_shown(c, id)) {
	case HA_HOST_SHOWN_JOINING:
		return c->hosts[id - 1].stays_out;
	case HA_HOST_SHOWN_LEAVING:
	case HA_HOST_SHOWN_AGENT_DOWN:
		return false;
	case HA_HOST_SHOWN_LOST:
		return !host_keeps_vms(c, id) || c->state->disarmed;
	case HA_HOST_SHOWN_NEW:
	case HA_HOST_SHOWN_ONLINE:
	case HA_HOST_SHOWN_MAINTENANCE:
	case HA_HOST_SHOWN_LEFT:
	case HA_HOST_SHOWN_FENCED:
	case HA_HOST_SHOWN_FROZEN:
	case HA_HOST_SHOWN_COUNT:
		break;
	}
	return s->fence_number == 0;
}

static bool vm_settled(const struct ha_core *c, uint32_t i)
{
	const struct vm_soft *s = &c->vms[i];

	if (c->state->vms[i].aside != 0) {
		return true;
	}
	if (s->pending > 0 || s->op != OP_NONE) {
		return false;
	}
	switch (vm_shown(c, &c->state->vms[i], s)) {
	case HA_VM_SHOWN_WAITING:
	case HA_VM_SHOWN_FAILED:
		return !s->held;
	case HA_VM_SHOWN_RUNNING:
		return !c->state->stopped;
	case HA_VM_SHOWN_STOPPED:
	case HA_VM_SHOWN_INCIDENT:
	case HA_VM_SHOWN_ASIDE:
		return true;
	case HA_VM_SHOWN_RECOVERING:
		return c->state->disarmed;
	case HA_VM_SHOWN_NEW:
	case HA_VM_SHOWN_STARTING:
	case HA_VM_SHOWN_STOPPING:
	case HA_VM_SHOWN_MIGRATING:
	case HA_VM_SHOWN_UNKNOWN:
	case HA_VM_SHOWN_COUNT:
		break;
	}
	return false;
}

static bool is_settled(const struct ha_core *c)
{
	if (!c->open || !c->config || c->global_pending > 0 || is_behind(c)) {
		return false;
	}
	for (size_t i = 0; i < HA_REQUESTS_MAX; i++) {
		if (c->requests[i].used) {
			return false;
		}
	}
	for (size_t i = 0; i < c->config->host_count; i++) {
		if (!host_settled(c, c->config->hosts[i].id)) {
			return false;
		}
	}
	for (uint32_t i = 0; i < c->vm_count; i++) {
		if (!vm_settled(c, i)) {
			return false;
		}
	}
	return true;
}

void ha_core_view_epoch(const struct ha_core *c, struct ha_cluster_view *v)
{
	memset(v, 0, sizeof(*v));
	v->quorate = c->open;
	v->index = c->state->index;
	v->epoch = c->open ? c->epoch.number : c->state->epoch;
	v->coordinator = c->open ? c->epoch.coordinator : HA_HOST_NONE;
	v->members = c->open ? c->epoch.members : 0;
	v->voters = ha_replica_base(c->replica)->voters;
	v->disarmed = c->state->disarmed;
	v->stopped = c->state->stopped;
	v->frozen = c->frozen;
	v->empty = ha_hash_is_none(&c->state->config);
	v->token = c->params.token;
	v->level = ha_replica_base(c->replica)->level;
	v->level_min = c->params.level_min;
	v->level_max = c->params.level;
}

void ha_core_view_cluster(const struct ha_core *c, struct ha_cluster_view *v)
{
	ha_core_view_epoch(c, v);
	v->settled = is_settled(c);
	if (!c->open) {
		name_hosts(c, ha_replica_why(c->replica), v->why,
			   sizeof(v->why));
	} else if (in_doubt(c)) {
		say(v->why, "half of the hosts are here; the others must be "
		    "proven down before anything is decided");
	} else if (is_behind(c)) {
		say(v->why, "this host still waits for a configuration that "
		    "the others have");
	}
}

/* The replica speaks of its last entry, which may not be committed yet. */
void ha_core_view_base(const struct ha_core *c, struct ha_replica_base *b)
{
	*b = *ha_replica_base(c->replica);
	if (b->changed > c->state->index) {
		b->voters = b->voters_before;
		b->changed = 0;
	}
	for (size_t i = 0; i < HA_HOSTS_MAX; i++) {
		if (b->standing[i] > c->state->index) {
			b->standing[i] = 0;
		}
	}
	b->index = c->state->index;
	b->epoch = c->state->epoch;
	b->body = c->state->config;
}
