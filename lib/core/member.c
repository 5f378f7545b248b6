/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hosts: who is here, who may own VMs, who is lost, who leaves.
 *
 * Lost means out of corosync's membership. A host that corosync still counts,
 * but whose hacd or libvirt is gone, is waited for and never fenced.
 */
#include <stdio.h>

#include "core/aside.h"
#include "core/report.h"
#include "core/rules.h"

enum left_code { LEFT_ALONE, LEFT_TOGETHER }; /* of a LEFT fact */

static void note_lost(struct ha_core *c, ha_hostset gone)
{
	while (gone) {
		ha_hostid h = ha_hostset_pop(&gone);
		struct ha_trace t = about_host(h, HA_TRACE_NOTICE);

		t.seen = HA_TRACE_SEEN_LOST;
		c->hosts[h - 1].lost_at = c->now;
		c->hosts[h - 1].retry_at = c->now;
		out_trace(c, &t, "host %s: out of corosync's membership",
			  host_name(c, h));
	}
}

static void note_present(struct ha_core *c, ha_hostset come)
{
	while (come) {
		ha_hostid h = ha_hostset_pop(&come);
		struct ha_trace t = about_host(h, HA_TRACE_INFO);

		t.seen = HA_TRACE_SEEN_HERE;
		c->hosts[h - 1].seen_alive = true;
		out_trace(c, &t, "host %s: in corosync's membership",
			  host_name(c, h));
	}
}

/* Corosync's wait_for_all waits for hosts that the cluster knows to be down:
 * without them it would wait for ever. Whether this side may go on, the
 * replica judges by itself. */
static void cancel_waiting(struct ha_core *c)
{
	ha_hostset absent = c->config ? ha_config_hostset(c->config) &
						~c->members : 0;
	struct ha_trace t = about_cluster(HA_TRACE_NOTICE);

	if (c->quorate || !ha_host_in(c->members, self(c))) {
		c->wait_cancelled = false;
		return;
	}
	if (c->wait_cancelled || absent == 0) {
		return;
	}
	for (ha_hostset set = absent; set;) {
		const struct ha_host_state *s =
			host_state(c, ha_hostset_pop(&set));

		if (s->admitted != 0 && s->proof == HA_PROOF_NONE) {
			return;
		}
	}
	c->wait_cancelled = true;
	out_action(c, HA_ACT_EXPECT_VOTES)->votes = 0;
	out_trace(c, &t, "corosync: no quorum, every absent host is proven "
		  "down -> it need not wait for them");
}

void member_on_view(struct ha_core *c, const struct ha_event *ev)
{
	struct ha_rev rev = { .kind = HA_REV_VIEW, .now = c->now };
	struct ha_trace t = about_cluster(HA_TRACE_NOTICE);
	ha_hostset before = c->members;

	c->view_id = ev->view.id;
	c->members = ev->view.members;
	c->hacds = ev->view.hacds;
	if (c->quorate != ev->view.quorate) {
		out_trace(c, &t, "corosync: %s",
			  ev->view.quorate
				  ? "quorate"
				  : "no quorum -> running VMs are left running, "
				    "none is started");
	}
	c->quorate = ev->view.quorate;
	cancel_waiting(c);
	note_lost(c, before & ~c->members);
	note_present(c, c->members & ~before);
	rev.view.id = ev->view.id;
	rev.view.members = c->quorate ? c->hacds & c->members : 0;
	engine_event(c, &rev);
}

void member_on_host(struct ha_core *c, const struct ha_msg *msg)
{
	struct host_soft *h = &c->hosts[msg->from - 1];
	bool had_agent = h->vm_agent;

	h->heard = true;
	if (msg->host.ask && msg->from != self(c)) {
		report_asked(c, msg->from);
	}
	if (h->boot != msg->host.boot) { /* what ran there ended with it */
		for (uint32_t i = 0; i < c->vm_count; i++) {
			c->vms[i].ran &= ~ha_host_bit(msg->from);
		}
	}
	h->boot = msg->host.boot;
	h->memory_kib = msg->host.memory_kib;
	h->cpus = msg->host.cpus;
	h->cpu_mhz = msg->host.cpu_mhz;
	h->vm_agent = msg->host.vm_agent;
	h->fence_agent = msg->host.fence_agent;
	h->frozen = msg->host.frozen;
	h->stays_out = msg->host.stays_out;
	h->crash = msg->host.crash;
	if (h->crash.count > 0) {
		c->crashed |= ha_host_bit(msg->from);
	}
	if (!h->vm_agent) {
		h->reported = false;
	}
	if (had_agent != h->vm_agent) {
		struct ha_trace t = about_host(msg->from, HA_TRACE_NOTICE);

		out_trace(c, &t, "host %s: %s", host_name(c, msg->from),
			  h->vm_agent ? "libvirt answers"
				      : "libvirt does not answer -> its VMs "
					"are left alone");
	}
}

/* aside: those that are set aside count as well. */
static bool owns(const struct ha_core *c, ha_hostid host, bool aside)
{
	for (uint32_t i = 0; i < c->state->vm_count; i++) {
		const struct ha_vm_state *v = &c->state->vms[i];

		if ((aside || v->aside == 0) &&
		    (v->owner == host || v->holder == host)) {
			return true;
		}
	}
	return false;
}

bool host_owns(const struct ha_core *c, ha_hostid host)
{
	return owns(c, host, true);
}

bool host_keeps_vms(const struct ha_core *c, ha_hostid host)
{
	for (uint32_t i = 0; i < c->state->vm_count; i++) {
		const struct ha_vm_state *v = &c->state->vms[i];

		if (v->owner == HA_HOST_NONE &&
		    v->wanted == HA_WANTED_RUNNING &&
		    ha_host_in(c->vms[i].ran | v->copies, host)) {
			return true;
		}
	}
	return host_owns(c, host);
}

bool host_is_lost(const struct ha_core *c, ha_hostid host)
{
	const struct ha_host_state *s = host_state(c, host);

	return s->admitted != 0 && s->proof == HA_PROOF_NONE &&
	       !ha_host_in(c->members, host);
}

static const struct ha_host_conf *host_conf(const struct ha_core *c,
					    ha_hostid host)
{
	return c->config ? ha_config_host(c->config, host) : NULL;
}

struct ha_host_size host_size(const struct ha_core *c, ha_hostid host)
{
	const struct ha_host_conf *conf = host_conf(c, host);
	const struct host_soft *h = &c->hosts[host - 1];

	return (struct ha_host_size){
		.memory_kib = conf && conf->memory_kib > 0 ? conf->memory_kib
							   : h->memory_kib,
		.cpus = conf && conf->cpus > 0 ? conf->cpus : h->cpus,
		.cpu_mhz = conf && conf->cpu_mhz > 0 ? conf->cpu_mhz
						     : h->cpu_mhz,
	};
}

struct ha_host_size host_room(const struct ha_core *c, ha_hostid host)
{
	const struct ha_host_conf *conf = host_conf(c, host);
	const struct ha_host_size size = host_size(c, host);
	const struct ha_host_size none = { .memory_kib = 0 };

	return conf ? ha_config_room(c->config, conf, &size) : none;
}

bool host_usable(const struct ha_core *c, ha_hostid host, const char **ret_why)
{
	const struct ha_host_state *s = host_state(c, host);
	const struct host_soft *h = &c->hosts[host - 1];
	const char *why = NULL;

	if (!ha_host_in(c->members, host)) {
		why = "is not a member";
	} else if (!ha_host_in(c->epoch.members, host)) {
		why = "has no hacd that answers";
	} else if (!h->heard || !h->vm_agent || !h->reported) {
		why = "has no libvirt that answers";
	} else if (!s->present || s->proof != HA_PROOF_NONE ||
		   s->boot != h->boot) {
		why = "is not admitted yet";
	} else if (h->frozen) {
		why = "is frozen";
	} else if (s->leaving || s->left) {
		why = "is leaving";
	} else if (s->maintenance) {
		why = "is in maintenance";
	} else if (s->fence_number != 0) {
		why = "is being fenced";
	} else if (h->pending > 0) {
		why = "has a fact about it under way"; /* it may be its leave */
	}
	if (ret_why) {
		*ret_why = why;
	}
	return why == NULL;
}

/* A host heard under another boot than its last: the earlier one is over. */
static bool prove_reboot(struct ha_core *c, ha_hostid host)
{
	const struct ha_host_state *s = host_state(c, host);
	struct ha_trace t;
	struct ha_fact f;

	if (s->admitted == 0 || s->proof != HA_PROOF_NONE ||
	    s->boot == c->hosts[host - 1].boot) {
		return false;
	}
	memset(&f, 0, sizeof(f));
	f.kind = HA_FACT_PROOF;
	f.code = HA_PROOF_REBOOT;
	f.host = host;
	f.boot = s->boot;
	if (propose(c, &f)) {
		t = about_host(host, HA_TRACE_NOTICE);
		about_fact(c, &f, &t);
		out_trace(c, &t, "host %s: heard under a later boot -> its "
			  "earlier boot is proven down",
			  host_name(c, host));
	}
	return true;
}

/* A VM that runs here although another host owns it: this host must switch it
 * off itself before it may own anything. */
static bool runs_others_vm(const struct ha_core *c, ha_hostid host)
{
	for (uint32_t i = 0; i < c->vm_count; i++) {
		const struct ha_vm_state *v = &c->state->vms[i];

		if (v->owner != HA_HOST_NONE && v->owner != host &&
		    ha_host_in(c->vms[i].running | c->vms[i].unknown, host)) {
			return true;
		}
	}
	return false;
}

static bool is_admissible(const struct ha_core *c, ha_hostid host)
{
	const struct ha_host_state *s = host_state(c, host);
	const struct host_soft *h = &c->hosts[host - 1];
	bool admitted = s->present && s->boot == h->boot &&
			s->proof == HA_PROOF_NONE;

	return h->heard && h->vm_agent && h->reported && !h->frozen &&
	       !h->stays_out && s->fence_number == 0 && !admitted &&
	       !runs_others_vm(c, host);
}

/* It has not said yet what it runs; where libvirt does not answer, its hacd
 * may only just have started. */
static bool is_about_to_say(const struct ha_core *c, ha_hostid host)
{
	const struct host_soft *h = &c->hosts[host - 1];

	return !h->heard || !h->vm_agent || !h->reported;
}

/* A host that is just being admitted is worth waiting for, or the VMs of a
 * cluster that starts all go to who is first; and one that has not said yet
 * what it runs may run a copy. But not for long. */
bool member_awaited(struct ha_core *c)
{
	ha_time until = c->opened_at + c->params.token;

	if (c->now >= until) {
		return false;
	}
	for (size_t i = 0; i < c->config->host_count; i++) {
		ha_hostid host = c->config->hosts[i].id;

		if (ha_host_in(c->epoch.members, host) &&
		    (is_admissible(c, host) || is_about_to_say(c, host))) {
			wake_at(c, until);
			return true;
		}
	}
	return false;
}

static void admit(struct ha_core *c, ha_hostid host)
{
	struct ha_trace t;
	struct ha_fact f;

	if (!is_admissible(c, host)) {
		return;
	}
	memset(&f, 0, sizeof(f));
	f.kind = HA_FACT_ADMIT;
	f.host = host;
	f.boot = c->hosts[host - 1].boot;
	if (propose(c, &f)) {
		t = about_host(host, HA_TRACE_NOTICE);
		about_fact(c, &f, &t);
		out_trace(c, &t, "host %s: heard, its VMs known -> admitted",
			  host_name(c, host));
	}
}

/* It runs none of ours, by its own word in this epoch. */
static bool says_empty(const struct ha_core *c, ha_hostid host)
{
	if (!c->hosts[host - 1].reported) {
		return false;
	}
	for (uint32_t i = 0; i < c->vm_count; i++) {
		if (ha_host_in(c->vms[i].running | c->vms[i].unknown, host)) {
			return false;
		}
	}
	return true;
}

/* The boot that asked to leave is over without having left. Where that boot
 * was admitted, its proof ends the leave too. */
static bool end_old_leave(struct ha_core *c, ha_hostid host)
{
	const struct ha_host_state *s = host_state(c, host);
	struct ha_trace t;
	struct ha_fact f;

	if (s->leaving == 0 || s->leaving == c->hosts[host - 1].boot) {
		return false;
	}
	memset(&f, 0, sizeof(f));
	f.kind = HA_FACT_STAY;
	f.host = host;
	if (propose(c, &f)) {
		t = about_host(host, HA_TRACE_NOTICE);
		about_fact(c, &f, &t);
		out_trace(c, &t, "host %s: heard under a later boot than that "
			  "which asked to leave -> stays",
			  host_name(c, host));
	}
	return true;
}

/* Also one that is not admitted, and so owns nothing, can leave. The owner of
 * what is set aside stays what it was, even if that ended. */
static void finish_leave(struct ha_core *c, ha_hostid host)
{
	const struct ha_host_state *s = host_state(c, host);
	struct ha_trace t;
	bool together = c->state->stopped && s->admitted != 0 &&
			s->proof == HA_PROOF_NONE;
	struct ha_fact f;

	if ((s->leaving == 0 && !together) || owns(c, host, false) ||
	    !c->hosts[host - 1].stays_out || !says_empty(c, host)) {
		return;
	}
	memset(&f, 0, sizeof(f));
	f.kind = HA_FACT_LEFT;
	f.code = s->leaving ? LEFT_ALONE : LEFT_TOGETHER;
	f.host = host;
	f.boot = c->hosts[host - 1].boot;
	if (propose(c, &f)) {
		t = about_host(host, HA_TRACE_NOTICE);
		about_fact(c, &f, &t);
		out_trace(c, &t, "host %s: %s, runs no VM -> has left",
			  host_name(c, host),
			  s->leaving ? "leaving" : "the cluster stops");
	}
}

/* A host that left stays out until its hacd is started again, or the leave is
 * called off. A stopped cluster comes in again as soon as it is started. */
void member_fact(struct ha_core *c, const struct ha_fact *f)
{
	if (f->kind == HA_FACT_CLUSTER_STOP && f->code == 0) {
		c->started_at = c->now;
	}
	if (f->host != HA_HOST_NONE &&
	    (f->kind == HA_FACT_VM_RELEASE ||
	     (f->kind == HA_FACT_VM_COPY && f->code == 0))) {
		struct vm_soft *vm = soft_vm(c, &f->vm);

		/* by the host's own word, or the admin's */
		if (vm) {
			vm->ran &= ~ha_host_bit(f->host);
		}
	}
	if (f->host != self(c)) {
		return;
	}
	if (f->kind == HA_FACT_LEFT) {
		/* not when the log of an earlier life is read again */
		c->left_here = f->code == LEFT_ALONE && c->open &&
			       f->boot == c->params.boot;
	} else if (f->kind == HA_FACT_STAY) {
		c->left_here = false;
	}
}

/* A leave is a proof of death to come: before it is asked for, the store must
 * know that it no longer counts as unbroken. */
void member_run(struct ha_core *c)
{
	bool out = false;

	if (!c->open) {
		return;
	}
	if (host_state(c, self(c))->leaving == c->params.boot ||
	    c->left_here || c->state->stopped) {
		out = ha_replica_leaving(c->replica);
		engine_drain(c);
	}
	if (out != c->stays_out) {
		c->stays_out = out;
		c->want_host_msg = true;
	}
}

static void decide_member(struct ha_core *c, ha_hostid host)
{
	if (c->hosts[host - 1].pending > 0 ||
	    !ha_host_in(c->epoch.members, host)) {
		return;
	}
	if (c->hosts[host - 1].heard &&
	    (prove_reboot(c, host) || end_old_leave(c, host))) {
		return;
	}
	if (host_state(c, host)->leaving || c->state->stopped) {
		finish_leave(c, host);
	}
	if (c->hosts[host - 1].pending == 0) {
		admit(c, host);
	}
}

void member_decide(struct ha_core *c)
{
	if (is_behind(c)) {
		return;
	}
	for (size_t i = 0; i < c->config->host_count; i++) {
		ha_hostid host = c->config->hosts[i].id;

		if (aside_decides_host(c, host)) {
			aside_begin_host(c, host);
			decide_member(c, host);
			aside_end(c);
		}
	}
}
