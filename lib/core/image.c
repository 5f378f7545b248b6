/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image.c - all that a core remembers between two steps, as bytes and back.
 * Left out is what a step fills anew before it reads it, and what follows from
 * the rest: configurations are named by their hashes.
 */
#include "core/rules.h"

#include "base/buf.h"

#define T struct ha_host_state
static const struct ha_field host_state_fields[] = {
	HA_FIELD(T, boot, UINT, 0),
	HA_FIELD(T, admitted, UINT, 0),
	HA_FIELD(T, leaving, UINT, 0),
	HA_FIELD(T, proof, UINT, HA_PROOF_COUNT - 1),
	HA_FIELD(T, fence_tries, UINT, 0),
	HA_FIELD(T, fence_number, UINT, 0),
	HA_FIELD(T, fence_by, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, left, UINT, 1),
	HA_FIELD(T, maintenance, UINT, 1),
	HA_FIELD(T, present, UINT, 1),
	HA_FIELDS_END,
};
#undef T

#define T struct ha_vm_state
static const struct ha_field vm_state_fields[] = {
	HA_FIELD(T, uuid, BYTES, 0),
	HA_FIELD(T, owner, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, holder, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, owner_boot, UINT, 0),
	HA_FIELD(T, gen, UINT, 0),
	HA_FIELD(T, next, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, waits_for, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, avoid, UINT, 0),
	HA_FIELD(T, copies, UINT, 0),
	HA_FIELD(T, wanted, UINT, HA_WANTED_RUNNING),
	HA_FIELD(T, stop, UINT, HA_WHY_COUNT - 1),
	HA_FIELD(T, last_why, UINT, HA_WHY_COUNT - 1),
	HA_FIELD(T, failures, UINT, 0),
	HA_FIELD(T, starts, UINT, 0),
	HA_FIELD(T, surveyed, UINT, 1),
	HA_FIELD(T, last_owner, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, home, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, aside, UINT, 0),
	HA_FIELD(T, reset_at, UINT, 0),
	HA_FIELDS_END,
};
#undef T

#define T struct ha_state
static const struct ha_field state_fields[] = {
	HA_FIELD(T, index, UINT, 0),
	HA_FIELD(T, epoch, UINT, 0),
	HA_FIELD(T, config, BYTES, 0),
	HA_FIELD(T, config_version, UINT, 0),
	HA_FIELD(T, config_by, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, config_who, UINT, 0),
	HA_FIELD(T, disarmed, UINT, 1),
	HA_FIELD(T, stopped, UINT, 1),
	HA_FIELD(T, fence_count, UINT, 0),
	HA_PARTS(T, hosts, host_state_fields),
	/* left out: vms vm_count vm_max */
	HA_FIELDS_END,
};
#undef T

#define T struct ha_crash
static const struct ha_field crash_fields[] = {
	HA_FIELD(T, vm, BYTES, 0),
	HA_FIELD(T, host, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, index, UINT, 0),
	HA_FIELD(T, count, UINT, 0),
	HA_FIELDS_END,
};
#undef T

#define T struct host_soft
static const struct ha_field host_soft_fields[] = {
	HA_FIELD(T, heard, UINT, 1),
	HA_FIELD(T, vm_agent, UINT, 1),
	HA_FIELD(T, fence_agent, UINT, 1),
	HA_FIELD(T, frozen, UINT, 1),
	HA_FIELD(T, stays_out, UINT, 1),
	HA_FIELD(T, boot, UINT, 0),
	HA_FIELD(T, memory_kib, UINT, 0),
	HA_FIELD(T, cpus, UINT, 0),
	HA_FIELD(T, cpu_mhz, UINT, 0),
	HA_FIELD(T, reported, UINT, 1),
	HA_FIELD(T, report_index, UINT, 0),
	HA_FIELD(T, seen_alive, UINT, 1),
	HA_FIELD(T, lost_at, INT, 0),
	HA_FIELD(T, proven_at, INT, 0),
	HA_FIELD(T, retry_at, INT, 0),
	HA_FIELD(T, fence_started, INT, 0),
	HA_FIELD(T, small_tries, UINT, 0),
	HA_FIELD(T, off_number, UINT, 0),
	HA_FIELD(T, off_by, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, pending, UINT, 0),
	HA_FIELD(T, starting, UINT, 0),
	HA_FIELD(T, starts_ended, UINT, 0),
	HA_FIELD(T, usable_from, INT, 0),
	HA_PART(T, crash, crash_fields),
	HA_FIELD(T, left_alone_at, INT, 0),
	HA_FIELDS_END,
};
#undef T

#define T struct ha_report
static const struct ha_field report_fields[] = {
	HA_FIELD(T, vm, BYTES, 0),
	HA_FIELD(T, seen, UINT, HA_SEEN_COUNT - 1),
	HA_FIELD(T, ended, UINT, HA_WHY_COUNT - 1),
	HA_FIELD(T, gen, UINT, 0),
	HA_FIELD(T, ready, UINT, HA_READY_ASKED),
	HA_FIELD(T, unready, UINT, HA_READY_ASKED),
	HA_FIELD(T, text, TEXT, 0),
	HA_FIELDS_END,
};
#undef T

#define T struct vm_soft
static const struct ha_field vm_soft_fields[] = {
	HA_FIELD(T, uuid, BYTES, 0),
	HA_FIELD(T, running, UINT, 0),
	HA_FIELD(T, unknown, UINT, 0),
	HA_FIELD(T, ran, UINT, 0),
	HA_PART(T, owner, report_fields),
	HA_FIELD(T, runs_gen, UINT, 0),
	HA_FIELD(T, runs_from, INT, 0),
	HA_FIELD(T, seen, UINT, HA_SEEN_COUNT - 1),
	HA_FIELD(T, end, UINT, HA_END_MIGRATED),
	HA_FIELD(T, instance, UINT, 0),
	HA_FIELD(T, op, UINT, OP_LOOK),
	HA_FIELD(T, op_id, UINT, 0),
	HA_FIELD(T, op_deadline, INT, 0),
	HA_FIELD(T, not_before, INT, 0),
	HA_FIELD(T, kill_at, INT, 0),
	HA_FIELD(T, event_since_op, UINT, 1),
	HA_FIELD(T, started_at, INT, 0),
	HA_FIELD(T, tries, UINT, 0),
	HA_FIELD(T, local_gen, UINT, 0),
	HA_FIELD(T, ended, UINT, HA_WHY_COUNT - 1),
	HA_FIELD(T, error, TEXT, 0),
	HA_PART(T, sent, report_fields),
	HA_FIELD(T, ready, UINT, HA_READY_ASKED),
	HA_FIELD(T, unready, UINT, HA_READY_ASKED),
	HA_FIELDS(T, ready_op, UINT, 0),
	HA_FIELD(T, ready_from, INT, 0),
	HA_FIELD(T, ready_again, INT, 0),
	HA_FIELD(T, pending, UINT, 0),
	HA_FIELD(T, retry_at, INT, 0),
	HA_FIELD(T, retry_gen, UINT, 0),
	HA_FIELD(T, heading_for, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, planned, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, incident, UINT, 1),
	HA_FIELD(T, why, TEXT, 0),
	HA_FIELDS(T, met_at, INT, 0),
	HA_FIELD(T, met_gen, UINT, 0),
	HA_FIELD(T, tried_at, INT, 0),
	HA_FIELD(T, tried, UINT, 1),
	HA_FIELD(T, held, UINT, 1),
	HA_FIELD(T, awaited, UINT, HA_VMS_MAX),
	HA_FIELD(T, stops_later, UINT, 1),
	HA_FIELD(T, stop_by, INT, 0),
	/* left out: conf ready_wanted ready_delay tier placed stops_after */
	HA_FIELDS_END,
};
#undef T

#define T struct ha_domain
static const struct ha_field domain_fields[] = {
	HA_FIELD(T, vm, BYTES, 0),
	HA_FIELD(T, seen, UINT, HA_SEEN_COUNT - 1),
	HA_FIELD(T, end, UINT, HA_END_MIGRATED),
	HA_FIELD(T, instance, UINT, 0),
	HA_FIELDS_END,
};
#undef T

#define T struct fence_job
static const struct ha_field job_fields[] = {
	HA_FIELD(T, active, UINT, 1),
	HA_FIELD(T, status_only, UINT, 1),
	HA_FIELD(T, done, UINT, 1),
	HA_FIELD(T, told, UINT, 1),
	HA_FIELD(T, read_off, UINT, 1),
	HA_FIELD(T, number, UINT, 0),
	HA_FIELD(T, asked, UINT, 0),
	HA_FIELD(T, asked_code, UINT, FENCE_CODE_ADMIN),
	HA_FIELD(T, level, UINT, HA_FENCE_LEVELS_MAX),
	HA_FIELD(T, op_id, UINT, 0),
	HA_FIELD(T, power_on_op, UINT, 0),
	HA_FIELD(T, code, UINT, HA_FENCE_FAILED),
	HA_FIELD(T, text, TEXT, 0),
	HA_FIELDS_END,
};
#undef T

#define T struct request
static const struct ha_field request_fields[] = {
	HA_FIELD(T, used, UINT, 1),
	HA_FIELD(T, sent, UINT, 1),
	HA_FIELD(T, tried, UINT, 1),
	HA_FIELD(T, founds, UINT, 1),
	HA_FIELD(T, expects, UINT, 1),
	HA_FIELD(T, again_at, INT, 0),
	HA_FIELD(T, deadline, INT, 0),
	HA_FIELD(T, command.verb, UINT, HA_CMD_COUNT - 1),
	HA_FIELD(T, command.id, UINT, 0),
	HA_FIELD(T, command.origin, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, command.host, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, command.hosts, UINT, 0),
	HA_FIELD(T, command.vm, BYTES, 0),
	HA_FIELD(T, command.hash, BYTES, 0),
	HA_FIELD(T, command.base_version, UINT, 0),
	HA_FIELD(T, command.who, UINT, 0),
	HA_FIELD(T, command.on, UINT, 1),
	HA_FIELD(T, command.force, UINT, 1),
	HA_FIELD(T, command.cluster, BYTES, 0),
	HA_FIELDS_END,
};
#undef T

#define T struct ha_core
static const struct ha_field core_fields[] = {
	HA_FIELD(T, incoming_busy, UINT, 1),
	HA_FIELD(T, incoming_epoch, UINT, 0),
	HA_FIELD(T, body_ready, BYTES, 0),
	HA_FIELD(T, now, INT, 0),
	HA_FIELD(T, wake, INT, 0),
	HA_FIELD(T, judge_from, INT, 0),
	HA_FIELD(T, fence_from, INT, 0),
	HA_FIELD(T, frozen, UINT, 1),
	HA_FIELD(T, loaded, UINT, 1),
	HA_PART(T, crash, crash_fields),
	HA_FIELD(T, crash_until, INT, 0),
	HA_FIELD(T, crashed, UINT, 0),
	HA_FIELD(T, view_id, UINT, 0),
	HA_FIELD(T, quorate, UINT, 1),
	HA_FIELD(T, wait_cancelled, UINT, 1),
	HA_FIELD(T, members, UINT, 0),
	HA_FIELD(T, hacds, UINT, 0),
	HA_FIELD(T, open, UINT, 1),
	HA_FIELD(T, epoch.number, UINT, 0),
	HA_FIELD(T, epoch.view, UINT, 0),
	HA_FIELD(T, epoch.members, UINT, 0),
	HA_FIELD(T, epoch.coordinator, UINT, HA_HOSTS_MAX),
	HA_FIELD(T, epoch.small, UINT, 1),
	HA_FIELD(T, opened_at, INT, 0),
	HA_FIELD(T, closed_at, INT, 0),
	HA_FIELD(T, started_at, INT, 0),
	HA_FIELD(T, moved_at, INT, 0),
	HA_FIELD(T, configured_at, INT, 0),
	HA_FIELD(T, minute, UINT, HA_DAY_MINUTES - 1),
	HA_FIELD(T, own_agent_vm, UINT, 1),
	HA_FIELD(T, own_agent_fence, UINT, 1),
	HA_FIELD(T, own_inventory, UINT, 1),
	HA_FIELD(T, own_memory_kib, UINT, 0),
	HA_FIELD(T, own_cpus, UINT, 0),
	HA_FIELD(T, own_cpu_mhz, UINT, 0),
	HA_FIELD(T, want_host_msg, UINT, 1),
	HA_FIELD(T, want_full_report, UINT, 1),
	HA_FIELD(T, say_again_at, INT, 0),
	HA_FIELD(T, missed_epoch, UINT, 0),
	HA_FIELD(T, left_here, UINT, 1),
	HA_FIELD(T, stays_out, UINT, 1),
	HA_FIELD(T, first_open_at, INT, 0),
	HA_FIELD(T, op_count, UINT, 0),
	HA_PARTS(T, hosts, host_soft_fields),
	HA_PARTS(T, jobs, job_fields),
	HA_PARTS(T, requests, request_fields),
	HA_FIELD(T, global_pending, UINT, 0),
	HA_FIELD(T, fence_given, UINT, 0),
	HA_PARTS(T, batch.entries, ha_entry_fields),
	HA_FIELD(T, batch.count, UINT, FACTS_MAX),
	HA_FIELD(T, more, UINT, 1),
	HA_FIELD(T, awaited, UINT, 1),
	/* Written beside, or found again:
	 * left out: params replica state incoming vms vm_count foreign
	 * foreign_count staged config order ordered */
	/* Of one step:
	 * left out: deciding deciding_host copies copy_count fact_count pool
	 * pool_hosts pool_vms pool_groups store_starts planner_memory planner
	 * joiner waiting vms_spare actions action_count msgs msg_count persists
	 * persist_count reports report_count entries entry_count */
	HA_FIELDS_END,
};
#undef T

static void save_state(const struct ha_state *s, struct ha_buf *out)
{
	ha_fields_put(state_fields, s, out);
	ha_fields_put_number(s->vm_count, out);
	for (uint32_t i = 0; i < s->vm_count; i++) {
		ha_fields_put(vm_state_fields, &s->vms[i], out);
	}
}

static void restore_state(struct ha_state *s, struct ha_fields_in *in)
{
	ha_fields_get(state_fields, s, in);
	s->vm_count = (uint32_t)ha_fields_get_number(in, s->vm_max);
	for (uint32_t i = 0; i < s->vm_count && !in->bad; i++) {
		ha_fields_get(vm_state_fields, &s->vms[i], in);
	}
}

void ha_core_save(const struct ha_core *c, struct ha_buf *out)
{
	static const struct ha_hash none;

	ha_fields_put(core_fields, c, out);
	ha_replica_save(c->replica, out);
	save_state(c->state, out);
	save_state(c->incoming, out);
	ha_fields_put_number(c->vm_count, out);
	for (uint32_t i = 0; i < c->vm_count; i++) {
		ha_fields_put(vm_soft_fields, &c->vms[i], out);
	}
	ha_fields_put_number(c->foreign_count, out);
	for (uint32_t i = 0; i < c->foreign_count; i++) {
		ha_fields_put(domain_fields, &c->foreign[i], out);
	}
	for (size_t i = 0; i < STAGED_MAX; i++) {
		const struct ha_config *config = c->staged[i];

		ha_buf_append(out, config ? config->hash.b : none.b,
			      sizeof(none.b));
	}
}

static void restore_staged(struct ha_core *c, const struct ha_core_image *image,
			   struct ha_fields_in *in)
{
	for (size_t i = 0; i < STAGED_MAX && !in->bad; i++) {
		struct ha_hash hash;

		if (in->left < sizeof(hash.b)) {
			in->bad = true;
			return;
		}
		memcpy(hash.b, in->at, sizeof(hash.b));
		in->at += sizeof(hash.b);
		in->left -= sizeof(hash.b);
		if (ha_hash_is_none(&hash)) {
			continue;
		}
		c->staged[i] = image->find(&hash, image->arg);
		if (!c->staged[i] ||
		    c->staged[i]->vm_count > c->params.vms_max) {
			in->bad = true;
		}
	}
}

static void restore_vms(struct ha_core *c, struct ha_fields_in *in)
{
	c->vm_count = (uint32_t)ha_fields_get_number(in, c->params.vms_max);
	for (uint32_t i = 0; i < c->vm_count && !in->bad; i++) {
		ha_fields_get(vm_soft_fields, &c->vms[i], in);
	}
	c->foreign_count =
		(uint32_t)ha_fields_get_number(in, c->params.vms_max);
	for (uint32_t i = 0; i < c->foreign_count && !in->bad; i++) {
		ha_fields_get(domain_fields, &c->foreign[i], in);
	}
}

struct ha_core *ha_core_restore(void *mem, const struct ha_core_params *params,
				const struct ha_core_image *image)
{
	struct ha_core *c = ha_core_init(mem, params);
	struct ha_fields_in in = { .at = image->data, .left = image->len };
	char broken[HA_TEXT_MAX + 1];
	bool want_full_report;

	ha_fields_get(core_fields, c, &in);
	memset(c->replica, 0, ha_replica_size());
	in.bad = in.bad || !ha_replica_restore(c->replica, &in);
	restore_state(c->state, &in);
	restore_state(c->incoming, &in);
	restore_vms(c, &in);
	restore_staged(c, image, &in);
	if (in.bad || in.left != 0 || !c->loaded ||
	    !ha_core_check(c, broken)) {
		return NULL;
	}
	want_full_report = c->want_full_report;
	soft_set_config(c);
	c->want_full_report = want_full_report;
	return c;
}
