/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/report.h"

#include "core/aside.h"
#include "core/rules.h"

#define SAY_AGAIN_AFTER HA_MS(100) /* to all who came late meanwhile */

static struct ha_report make_report(const struct ha_core *c, uint32_t i)
{
	const struct ha_vm_state *v = &c->state->vms[i];
	const struct vm_soft *vm = &c->vms[i];
	struct ha_report r;

	memset(&r, 0, sizeof(r));
	r.vm = vm->uuid;
	r.seen = vm->seen;
	if (vm->op == OP_START && vm->seen == HA_SEEN_ABSENT) {
		r.seen = HA_SEEN_STARTING;
	} else if (vm->seen == HA_SEEN_RUNNING && v->owner == self(c) &&
		   vm->kill_at != 0) {
		r.seen = HA_SEEN_STOPPING;
	}
	if (v->owner == self(c) && v->owner_boot == c->params.boot &&
	    vm->local_gen == v->gen) {
		r.gen = v->gen;
		r.ended = vm->op == OP_START ? (uint32_t)HA_WHY_NONE
					     : vm->ended;
		r.ready = vm->ready;
		r.unready = vm->unready;
		memcpy(r.text, vm->error, sizeof(r.text));
	}
	return r;
}

static void send_host(struct ha_core *c)
{
	struct ha_msg *m = out_msg(c, HA_MSG_HOST);

	m->host.boot = c->params.boot;
	m->host.memory_kib = c->own_memory_kib;
	m->host.cpus = c->own_cpus;
	m->host.cpu_mhz = c->own_cpu_mhz;
	m->host.vm_agent = c->own_agent_vm && c->own_inventory;
	m->host.fence_agent = c->own_agent_fence;
	m->host.frozen = c->frozen;
	m->host.stays_out = c->stays_out;
	m->host.crash = aside_own(c);
	m->host.ask = c->missed_epoch == c->epoch.number;
	c->missed_epoch = 0;
	c->want_host_msg = false;
}

static bool worth_saying(const struct ha_report *r, bool full)
{
	return !full || r->seen != HA_SEEN_ABSENT || r->gen != 0;
}

/* What is said of nearly all VMs on nearly every host: it is elsewhere, as
 * before. Seen at a glance, since they are gone through in each step. */
static bool is_absent_still(const struct ha_core *c, uint32_t i)
{
	const struct vm_soft *vm = &c->vms[i];

	return vm->seen == HA_SEEN_ABSENT && vm->op == OP_NONE &&
	       c->state->vms[i].owner != self(c) &&
	       vm->sent.seen == HA_SEEN_ABSENT && vm->sent.gen == 0 &&
	       ha_uuid_cmp(&vm->sent.vm, &vm->uuid) == 0;
}

/* Of 64 hosts that enter an epoch most come late, one after the other: if each
 * were answered by each, and each answer went to all, that would be 64 times
 * 64 reports for everybody to read. Only the coordinator decides by them. */
void report_asked(struct ha_core *c, ha_hostid by)
{
	if (by == c->epoch.coordinator) {
		c->say_again_at = c->now;
	} else if (c->say_again_at == 0) {
		c->say_again_at = c->now + SAY_AGAIN_AFTER;
	}
}

static void say_again(struct ha_core *c)
{
	if (c->say_again_at == 0) {
		return;
	}
	if (c->now < c->say_again_at) {
		wake_at(c, c->say_again_at);
		return;
	}
	c->say_again_at = 0;
	c->want_host_msg = true;
	c->want_full_report = true;
}

void report_send(struct ha_core *c)
{
	struct ha_report *first = &c->reports[c->report_count];
	uint32_t count = 0;
	struct ha_msg *m;
	bool full;

	if (!c->open || !c->config) {
		return;
	}
	say_again(c);
	full = c->want_full_report;
	if (c->want_host_msg) {
		send_host(c);
	}
	if (!c->own_agent_vm || !c->own_inventory) {
		return;
	}
	for (uint32_t i = 0; i < c->vm_count; i++) {
		struct ha_report r;

		if (!full && is_absent_still(c, i)) {
			continue;
		}
		r = make_report(c, i);
		if (!full && memcmp(&r, &c->vms[i].sent, sizeof(r)) == 0) {
			continue;
		}
		c->vms[i].sent = r;
		if (worth_saying(&r, full)) {
			first[count++] = r;
		}
	}
	if (count == 0 && !full) {
		return;
	}
	c->report_count += count;
	c->want_full_report = false;
	m = out_msg(c, HA_MSG_REPORTS);
	m->reports.full = full;
	m->reports.index = c->state->index;
	m->reports.reports = first;
	m->reports.count = count;
}

/* It begins anew with each owner, and when its QEMU has ended. */
static void note_running(struct ha_core *c, struct vm_soft *vm)
{
	if (vm->owner.seen == HA_SEEN_ABSENT ||
	    vm->owner.seen == HA_SEEN_STARTING) {
		vm->runs_gen = 0;
	} else if (vm->owner.seen == HA_SEEN_RUNNING &&
		   vm->runs_gen != vm->owner.gen) {
		vm->runs_gen = vm->owner.gen;
		vm->runs_from = c->now;
	}
}

static void take_report(struct ha_core *c, ha_hostid from,
			const struct ha_report *r)
{
	struct vm_soft *vm = soft_vm(c, &r->vm);

	if (!vm) {
		return;
	}
	vm->running &= ~ha_host_bit(from);
	vm->unknown &= ~ha_host_bit(from);
	if (r->seen == HA_SEEN_UNKNOWN) {
		vm->unknown |= ha_host_bit(from);
	} else if (r->seen != HA_SEEN_ABSENT) {
		vm->running |= ha_host_bit(from);
	}
	if (r->gen != 0 && r->gen >= vm->owner.gen) {
		vm->owner = *r;
		note_running(c, vm);
	}
}

void report_receive(struct ha_core *c, const struct ha_msg *msg)
{
	struct host_soft *h = &c->hosts[msg->from - 1];

	if (!h->vm_agent) {
		return; /* it says itself that it does not know */
	}
	if (msg->reports.full) {
		for (uint32_t i = 0; i < c->vm_count; i++) {
			c->vms[i].running &= ~ha_host_bit(msg->from);
			c->vms[i].unknown &= ~ha_host_bit(msg->from);
			c->vms[i].ran &= ~ha_host_bit(msg->from);
		}
		h->reported = true;
		h->report_index = msg->reports.index;
	}
	for (uint32_t i = 0; i < msg->reports.count; i++) {
		take_report(c, msg->from, &msg->reports.reports[i]);
	}
}
