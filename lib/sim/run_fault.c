/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What befalls hosts, their network, devices, programs and guests. */
#include <string.h>

#include "sim/run_priv.h"

static void each_host(struct sim_run *r, const struct ha_scn_step *st)
{
	for (ha_hostset set = run_hosts(r, &st->hosts); set;) {
		ha_hostid h = ha_hostset_pop(&set);

		if (st->verb == HA_SCN_BOOT) {
			sim_power_on(r->sim, h,
				     st->has_time ? st->time : SIM_BOOT);
		} else if (st->verb == HA_SCN_KILL) {
			sim_power_off(r->sim, h, "killed");
		} else if (st->verb == HA_SCN_REINSTALL) {
			sim_power_off(r->sim, h, "reinstalled");
			sim_disk_wipe(r->sim, h);
		} else {
			sim_power_shutdown(r->sim, h,
					   st->verb == HA_SCN_REBOOT);
		}
	}
}

static void resume(struct sim *s, const struct sim_pend *p)
{
	if (p->gen == sim_host(s, p->host)->power_gen) {
		sim_power_hang(s, p->host, false);
	}
}

static void hang(struct sim_run *r, const struct ha_scn_step *st)
{
	ha_hostid h = run_host(r, st->hosts.names[0]);

	sim_power_hang(r->sim, h, true);
	if (st->has_time) {
		sim_after(r->sim, st->time, (struct sim_pend){ .fn = resume,
			  .host = h, .gen = sim_host(r->sim, h)->power_gen });
	}
}

/* The links that a step is about: that of its number, or all. */
static uint32_t links_of(const struct ha_scn_step *st)
{
	return st->has_number ? 1u << (st->number % SIM_LINKS) : SIM_LINKS_ALL;
}

static void partition(struct sim_run *r, const struct ha_scn_step *st)
{
	for (size_t i = 0; i < st->group_count; i++) {
		for (size_t k = i + 1; k < st->group_count; k++) {
			sim_link_part(r->sim, run_hosts(r, &st->groups[i]),
				      run_hosts(r, &st->groups[k]),
				      links_of(st));
		}
	}
}

static void set_link(struct sim_link *l, const struct ha_scn_step *st)
{
	if (st->mode == HA_SCN_MODE_LOSS) {
		l->loss = st->percent;
	} else if (st->mode == HA_SCN_MODE_DELAY) {
		l->delay = st->time;
	} else {
		l->down = st->mode == HA_SCN_MODE_DOWN;
	}
}

static void qdevice(struct sim_run *r, const struct ha_scn_step *st)
{
	struct sim_qdevice *q = &r->sim->qdevice;
	bool lost = st->mode == HA_SCN_MODE_LOST;
	ha_hostset hosts = run_hosts(r, &st->hosts);

	if (st->hosts.count == 0) {
		q->down = lost;
	} else if (lost) {
		q->cut |= hosts;
	} else {
		q->cut &= ~hosts;
	}
}

static void network(struct sim_run *r, const struct ha_scn_step *st)
{
	struct sim *s = r->sim;
	ha_hostid h = st->hosts.count > 0 ? run_host(r, st->hosts.names[0]) : 0;

	if (st->verb == HA_SCN_HEAL && st->hosts.count > 0) {
		run_heal(r, st, run_hosts(r, &st->hosts));
		return;
	}
	if (st->verb == HA_SCN_PARTITION) {
		partition(r, st);
	} else if (st->verb == HA_SCN_CUT) {
		sim_link_cut(s, h, ha_host_bit(run_host(r, st->hosts.names[1])),
			     links_of(st));
	} else if (st->verb == HA_SCN_ISOLATE) {
		sim_link_part(s, ha_host_bit(h), ~ha_host_bit(h),
			      SIM_LINKS_ALL);
	} else if (st->verb == HA_SCN_LINK) {
		set_link(&sim_host(s, h)->links[st->number % SIM_LINKS], st);
	} else if (st->verb == HA_SCN_QDEVICE) {
		qdevice(r, st);
	} else {
		run_heal_net(s);
	}
	sim_log(s, 0, "world: %s", st->text);
	sim_net_changed(s);
}

/* What is built into a host or beside it. */
static void device(struct sim_run *r, const struct ha_scn_step *st)
{
	static const enum sim_bmc_mode bmcs[HA_SCN_MODE_COUNT] = {
		[HA_SCN_MODE_DEAD] = SIM_BMC_DEAD,
		[HA_SCN_MODE_FAILING] = SIM_BMC_FAILING,
		[HA_SCN_MODE_LYING] = SIM_BMC_LYING,
		[HA_SCN_MODE_SLOW] = SIM_BMC_SLOW,
		[HA_SCN_MODE_PASSWORD] = SIM_BMC_PASSWORD,
		[HA_SCN_MODE_SHARED] = SIM_BMC_SHARED,
	};
	static const enum sim_disk_mode disks[HA_SCN_MODE_COUNT] = {
		[HA_SCN_MODE_FAILING] = SIM_DISK_FAILING,
		[HA_SCN_MODE_FULL] = SIM_DISK_FULL,
		[HA_SCN_MODE_SLOW] = SIM_DISK_SLOW,
	};
	ha_hostid h = run_host(r, st->hosts.names[0]);

	sim_log(r->sim, 0, "world: %s", st->text);
	if (st->verb == HA_SCN_CLOCK && st->mode == HA_SCN_MODE_DRIFT) {
		sim_clock_drift(r->sim, h, st->drift);
	} else if (st->verb == HA_SCN_CLOCK) {
		sim_clock_jump(r->sim, h, st->time);
	} else if (st->verb == HA_SCN_DISK) {
		sim_disk_set(r->sim, h, disks[st->mode]);
	} else if (st->verb == HA_SCN_LIBVIRT) {
		sim_hyper_set(r->sim, h, st->mode == HA_SCN_MODE_SLOW,
			      st->mode == HA_SCN_MODE_LYING);
	} else {
		sim_bmc_set(r->sim, h, bmcs[st->mode]);
	}
}

static void libvirt_resume(struct sim *s, const struct sim_pend *p)
{
	sim_hyper_hang(s, p->host, false);
}

static bool runs(const struct sim_host *h, enum ha_scn_program p)
{
	return p == HA_SCN_PROGRAM_COROSYNC || p == HA_SCN_PROGRAM_LIBVIRT
		       ? h->booted
		       : h->core != NULL;
}

/* At once, or in the middle of a step that is to come. */
static void crash_hacd(struct sim_run *r, const struct ha_scn_step *st)
{
	static const enum ha_action_kind kinds[HA_SCN_MODE_COUNT] = {
		[HA_SCN_MODE_SEND] = HA_ACT_SEND,
		[HA_SCN_MODE_PERSIST] = HA_ACT_PERSIST,
		[HA_SCN_MODE_VM] = HA_ACT_VM,
		[HA_SCN_MODE_FENCE] = HA_ACT_FENCE,
		[HA_SCN_MODE_ANSWER] = HA_ACT_ANSWER,
	};
	ha_hostid h = run_host(r, st->hosts.names[0]);
	struct sim_dying dying = { st->number, kinds[st->mode],
				   st->has_time ? st->time : 0 };

	if (st->mode == HA_SCN_MODE_NONE) {
		sim_hacd_crash(r->sim, h, dying.back_after);
	} else {
		sim_log(r->sim, 0, "world: %s", st->text);
		sim_hacd_crash_after(r->sim, h, &dying);
	}
}

static void program(struct sim_run *r, const struct ha_scn_step *st)
{
	ha_hostid h = run_host(r, st->hosts.names[0]);
	bool hangs = st->verb == HA_SCN_HANG_PROGRAM;
	bool fast = st->verb == HA_SCN_RESTART;
	ha_dur back = st->has_time ? st->time : fast ? HA_MS(500) : HA_S(2);

	if (!runs(sim_host(r->sim, h), st->program)) {
		if (!st->tried) {
			run_fail(r, st, "no %s runs on %s",
				 ha_scn_program_name(st->program),
				 st->hosts.names[0]);
		}
		return;
	}
	switch (st->program) {
	case HA_SCN_PROGRAM_HACD:
	case HA_SCN_PROGRAM_AGENT_DISK: /* hacd ends with it */
		if (hangs) {
			sim_hacd_hang(r->sim, h, st->time);
		} else if (fast) {
			sim_hacd_stop(r->sim, h);
			sim_hacd_start(r->sim, h, HA_S(1));
		} else {
			crash_hacd(r, st);
		}
		break;
	case HA_SCN_PROGRAM_COROSYNC:
		sim_corosync_crash(r->sim, h, st->has_time ? st->time : HA_S(1));
		break;
	case HA_SCN_PROGRAM_LIBVIRT:
		if (!hangs) {
			sim_hyper_crash(r->sim, h, back);
			break;
		}
		sim_hyper_hang(r->sim, h, true);
		if (st->has_time) {
			sim_after(r->sim, st->time, (struct sim_pend){
				  .fn = libvirt_resume, .host = h });
		}
		break;
	case HA_SCN_PROGRAM_AGENT_VM:
		sim_agent_stop(r->sim, h);
		sim_agent_start(r->sim, h, HA_MS(300));
		break;
	case HA_SCN_PROGRAM_AGENT_FENCE:
		sim_fence_agent_crash(r->sim, h);
		break;
	case HA_SCN_PROGRAM_NONE:
	case HA_SCN_PROGRAM_AGENT_STORE:
	case HA_SCN_PROGRAM_WATCHDOGD:
	case HA_SCN_PROGRAM_WEBD:
	case HA_SCN_PROGRAM_COUNT:
		break;
	}
}

void run_upgrade(struct sim *s, ha_hostid host, uint32_t since, uint32_t level)
{
	struct sim_host *h = sim_host(s, host);

	sim_log(s, host, "world: gets a hac that speaks level %u to %u", since,
		level);
	h->level_min = since;
	h->level = level;
	s->level = level > s->level ? level : s->level;
	if (h->core) {
		sim_hacd_stop(s, host);
		sim_hacd_start(s, host, HA_S(1));
	}
}

static void guest(struct sim_run *r, const struct ha_scn_step *st)
{
	uint32_t vm = run_vm(r, st->name);
	ha_hostid h = ha_hostset_first(r->sim->vms[vm].there);

	if (st->verb == HA_SCN_STRAY_VM) {
		sim_vm_spawn(r->sim, run_host(r, st->hosts.names[0]), vm);
	} else if (h == HA_HOST_NONE && st->tried) {
		return;
	} else if (h == HA_HOST_NONE) {
		run_fail(r, st, "vm %s runs nowhere", st->name);
	} else if (st->verb == HA_SCN_HANG_VM) {
		sim_host(r->sim, h)->hyper.domains[vm].hung = true;
	} else if (st->verb == HA_SCN_REBOOT_VM) {
		sim_vm_reboot(r->sim, h, vm);
	} else if (st->verb == HA_SCN_PAUSE_VM) {
		sim_vm_pause(r->sim, h, vm, true);
	} else {
		(void)sim_vm_end(r->sim, h, vm, st->verb == HA_SCN_CRASH_VM
							? HA_END_CRASHED
							: HA_END_GUEST);
	}
}

static void break_vm(struct sim_run *r, const struct ha_scn_step *st)
{
	ha_hostset where = st->hosts.count > 0 ? run_hosts(r, &st->hosts)
					       : ~(ha_hostset)0;
	static const enum sim_break whats[HA_SCN_MODE_COUNT] = {
		[HA_SCN_MODE_START] = SIM_BREAK_START,
		[HA_SCN_MODE_STOP] = SIM_BREAK_STOP,
		[HA_SCN_MODE_GUEST_AGENT] = SIM_BREAK_GUEST,
		[HA_SCN_MODE_APP] = SIM_BREAK_APP,
		[HA_SCN_MODE_HACD] = SIM_BREAK_HACD,
		[HA_SCN_MODE_COORDINATOR] = SIM_BREAK_COORDINATOR,
	};
	enum sim_break what = whats[st->mode];

	r->sim->crashes = r->sim->crashes || what == SIM_BREAK_HACD ||
			  what == SIM_BREAK_COORDINATOR;

	while (where) {
		ha_hostid h = ha_hostset_pop(&where);

		r->sim->vms[run_vm(r, st->name)].breaks[what][h - 1] =
			st->number == 0 ? UINT32_MAX : st->number;
	}
}

static void break_host(struct sim_run *r, const struct ha_scn_step *st)
{
	ha_hostid host = ha_hostset_first(run_hosts(r, &st->hosts));

	r->sim->crashes = true;
	sim_host(r->sim, host)->breaks_coordinator =
		st->number == 0 ? UINT32_MAX : st->number;
}

void run_fault(struct sim_run *r, const struct ha_scn_step *st)
{
	switch (st->verb) {
	case HA_SCN_BOOT:
	case HA_SCN_KILL:
	case HA_SCN_SHUTDOWN:
	case HA_SCN_REBOOT:
	case HA_SCN_REINSTALL:
		each_host(r, st);
		break;
	case HA_SCN_HANG:
		hang(r, st);
		break;
	case HA_SCN_ISOLATE:
	case HA_SCN_PARTITION:
	case HA_SCN_CUT:
	case HA_SCN_LINK:
	case HA_SCN_QDEVICE:
	case HA_SCN_HEAL:
		network(r, st);
		break;
	case HA_SCN_BMC:
	case HA_SCN_DISK:
	case HA_SCN_LIBVIRT:
	case HA_SCN_CLOCK:
		device(r, st);
		break;
	case HA_SCN_CRASH:
	case HA_SCN_HANG_PROGRAM:
	case HA_SCN_RESTART:
		program(r, st);
		break;
	case HA_SCN_UPGRADE:
		for (ha_hostset set = run_hosts(r, &st->hosts); set;) {
			run_upgrade(r->sim, ha_hostset_pop(&set), st->since,
				    st->number);
		}
		break;
	case HA_SCN_CRASH_VM:
	case HA_SCN_HANG_VM:
	case HA_SCN_PAUSE_VM:
	case HA_SCN_POWEROFF_VM:
	case HA_SCN_REBOOT_VM:
	case HA_SCN_STRAY_VM:
		guest(r, st);
		break;
	case HA_SCN_BREAK_HOST:
		break_host(r, st);
		break;
	case HA_SCN_BREAK_VM:
		break_vm(r, st);
		break;
	case HA_SCN_START: /* no fault */
	case HA_SCN_HACTL:
	case HA_SCN_REFUSED:
	case HA_SCN_WAIT:
	case HA_SCN_MARK:
	case HA_SCN_EXPECT:
	case HA_SCN_HOLD:
	case HA_SCN_DATASTORE: /* not built yet */
	case HA_SCN_VERB_COUNT:
		break;
	}
}
