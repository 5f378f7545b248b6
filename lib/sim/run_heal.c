/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything is mended, by people who know what is broken; then the cluster
 * itself must come to rest in good order.
 */
#include <string.h>

#include "core/view.h"
#include "sim/run_priv.h"

#define ORDERS_EVERY 60 /* seconds */
#define QUIET HA_S(60)
#define QUIET_STARTS 2  /* of a VM in that time: back home, and by a rule */

void run_heal_net(struct sim *s)
{
	sim_link_mend(s, ~(ha_hostset)0);
	memset(s->cut, 0, sizeof(s->cut));
	s->qdevice.down = false;
	s->qdevice.cut = 0;
}

/* To the newest hac that any host has had. */
static void upgrade(struct sim *s, ha_hostid host)
{
	const struct sim_host *h = sim_host(s, host);

	if (h->level != s->level || (s->level != 0 && h->level_min != 1)) {
		run_upgrade(s, host, 1, s->level);
	}
}

static void heal_host(struct sim *s, ha_hostid h)
{
	upgrade(s, h);
	sim_hacd_crash_after(s, h, &(struct sim_dying){ 0 });
	sim_bmc_set(s, h, SIM_BMC_OK);
	sim_disk_set(s, h, SIM_DISK_OK);
	sim_clock_drift(s, h, 0);
	sim_host(s, h)->breaks_coordinator = 0;
	s->qdevice.cut &= ~ha_host_bit(h);
	sim_power_hang(s, h, false);
	sim_hyper_mend(s, h);
	sim_power_on(s, h, SIM_BOOT);
}

static void heal_among(struct sim *s, ha_hostset hosts)
{
	sim_link_mend(s, hosts);
	for (ha_hostset set = hosts; set;) {
		heal_host(s, ha_hostset_pop(&set));
	}
	sim_net_changed(s);
}

static void heal_all(struct sim_run *r, ha_hostset hosts)
{
	struct sim *s = r->sim;

	run_heal_net(s);
	heal_among(s, s->nodelist | hosts);
	for (uint32_t i = 0; i < s->vm_count; i++) {
		memset(s->vms[i].breaks, 0, sizeof(s->vms[i].breaks));
	}
}

/* Of those that corosync knows. */
static ha_hostid lowest(struct sim *s)
{
	for (ha_hostset set = s->nodelist; set;) {
		ha_hostid h = ha_hostset_pop(&set);

		if (sim_host(s, h)->core) {
			return h;
		}
	}
	return HA_HOST_NONE;
}

/* A machine that was removed by the word of a lying device still runs what it
 * ran: nobody but people can know, and take its power. */
static void take_away(struct sim *s, ha_hostset hosts)
{
	ha_hostset busy = 0;

	for (uint32_t i = 0; i < s->vm_count; i++) {
		busy |= s->vms[i].there & ~hosts;
	}
	while (busy != 0) {
		sim_power_off(s, ha_hostset_pop(&busy),
			      "no host of the cluster any more");
	}
}

/* Corosync is to know the hosts of the configuration. */
static void order_nodes(struct sim *s)
{
	for (ha_hostset set = s->nodelist; set;) {
		const struct ha_core *core =
			sim_host(s, ha_hostset_pop(&set))->core;
		struct ha_cluster_view v;

		if (!core || !ha_core_config(core)) {
			continue;
		}
		ha_core_view_cluster(core, &v);
		if (v.quorate) {
			ha_hostset hosts =
				ha_config_hostset(ha_core_config(core));

			if (hosts != s->nodelist) {
				sim_net_set_nodes(s, hosts);
			}
			take_away(s, hosts);
			return;
		}
	}
}

/* It was removed while it ran, by the word of a lying device. */
static void end_removed(struct sim *s, uint32_t i)
{
	for (ha_hostset set = s->vms[i].there; set;) {
		(void)sim_vm_end(s, ha_hostset_pop(&set), i, HA_END_DESTROYED);
	}
}

/* Copies that a lying device brought about: with no other, that one counts;
 * else the admin ends it, as hactl tells him to. */
static void order_vm(struct sim *s, ha_hostid at, uint32_t i)
{
	const struct sim_vm *vm = &s->vms[i];
	const struct ha_core *core = sim_host(s, at)->core;
	struct ha_command cmd = { .verb = HA_CMD_VM_SETTLE_RUNS,
				  .vm = vm->uuid };
	struct ha_vm_view v;

	if (!ha_state_vm(ha_core_state(core), &vm->uuid)) {
		struct ha_cluster_view cluster;

		ha_core_view_cluster(core, &cluster);
		if (cluster.quorate) {
			end_removed(s, i);
		}
		return;
	}
	ha_core_view_vm(core, &vm->uuid, &v);
	if (ha_state_vm(ha_core_state(core), &vm->uuid)->aside != 0) {
		cmd.verb = HA_CMD_VM_RESET;
		(void)sim_command(s, at, &cmd);
		return;
	}
	if (v.shown != HA_VM_SHOWN_INCIDENT || vm->there == 0) {
		return;
	}
	if (ha_hostset_count(vm->there) == 1) {
		cmd.host = ha_hostset_first(vm->there);
		(void)sim_command(s, at, &cmd);
		return;
	}
	for (ha_hostset set = vm->there; set;) {
		ha_hostid h = ha_hostset_pop(&set);

		if (h != v.owner) {
			(void)sim_vm_end(s, h, i, HA_END_DESTROYED);
		}
	}
}

/* What an admin does who wants all to be as usual. */
static void order_all(struct sim *s)
{
	ha_hostid at;
	struct ha_command cmd = { .verb = HA_CMD_ARM };

	order_nodes(s);
	at = lowest(s);
	for (ha_hostset set = s->nodelist; set;) {
		sim_power_on(s, ha_hostset_pop(&set), SIM_BOOT);
	}
	if (at == HA_HOST_NONE) {
		return;
	}
	(void)sim_command(s, at, &cmd);
	cmd.verb = HA_CMD_CLUSTER_START;
	(void)sim_command(s, at, &cmd);
	for (ha_hostset set = s->nodelist; set;) {
		cmd.host = ha_hostset_pop(&set);
		cmd.verb = HA_CMD_HOST_MAINTENANCE;
		(void)sim_command(s, at, &cmd);
		cmd.verb = HA_CMD_HOST_UNFREEZE;
		(void)sim_command(s, cmd.host, &cmd);
	}
	for (uint32_t i = 0; i < s->vm_count; i++) {
		order_vm(s, at, i);
	}
}

/* --- is all as it should be? --- */

static bool host_fine(const struct ha_core *core, ha_hostid h,
		      struct ha_buf *why)
{
	struct ha_host_view v;

	ha_core_view_host(core, h, &v);
	if (v.shown == HA_HOST_SHOWN_ONLINE) {
		return true;
	}
	ha_buf_printf(why, " host %u %s (%s);", h, ha_host_shown_name(v.shown),
		      v.why);
	return false;
}

/* After a loss that was accepted there may be too few hosts for all. */
static bool has_room(const struct ha_core *core, const struct sim_vm *vm)
{
	const struct ha_config *config = ha_core_config(core);
	const struct ha_vm_conf *need = ha_config_vm(config, &vm->uuid);

	for (size_t i = 0; need && i < config->host_count; i++) {
		struct ha_host_view v;

		ha_core_view_host(core, config->hosts[i].id, &v);
		if (v.shown == HA_HOST_SHOWN_ONLINE &&
		    v.memory_used_kib + need->memory_kib <=
			    v.room.memory_kib &&
		    v.vcpus_used + need->vcpus <= v.room.cpus &&
		    sim_rules_allow(core, need, config->hosts[i].id)) {
			return true;
		}
	}
	return false;
}

static bool vm_fine(const struct sim_vm *vm, const struct ha_core *core,
		    struct ha_buf *why)
{
	const struct ha_vm_state *v =
		ha_state_vm(ha_core_state(core), &vm->uuid);
	bool wanted = v && v->wanted == HA_WANTED_RUNNING;
	struct ha_vm_view view;

	if (!v && vm->there == 0) {
		return true; /* not of this cluster any more */
	}
	ha_core_view_vm(core, &vm->uuid, &view);
	if (wanted ? view.shown == HA_VM_SHOWN_RUNNING &&
			     vm->there == ha_host_bit(view.owner)
		   : view.shown == HA_VM_SHOWN_STOPPED && vm->there == 0) {
		return true;
	}
	/* failed: its starts did, before the room was taken */
	if ((view.shown == HA_VM_SHOWN_WAITING ||
	     view.shown == HA_VM_SHOWN_FAILED) &&
	    vm->there == 0 && !has_room(core, vm)) {
		return true;
	}
	ha_buf_printf(why, " vm %s %s, %s (%s);", vm->name,
		      wanted ? "wanted" : "not wanted",
		      ha_vm_shown_name(view.shown), view.why);
	return false;
}

static bool all_fine(struct sim *s, struct ha_buf *why)
{
	const struct ha_core *first = NULL;
	bool fine = true;

	ha_buf_clear(why);
	for (ha_hostset set = s->nodelist; set;) {
		ha_hostid h = ha_hostset_pop(&set);
		const struct ha_core *core = sim_host(s, h)->core;
		struct ha_cluster_view v;

		if (!core) {
			ha_buf_printf(why, " host %u has no hacd;", h);
			return false;
		}
		ha_core_view_cluster(core, &v);
		if (!v.quorate) {
			ha_buf_printf(why, " host %u: no epoch (%s);", h, v.why);
			return false;
		}
		first = first ? first : core;
		fine = host_fine(first, h, why) && fine;
	}
	for (uint32_t i = 0; first && i < s->vm_count; i++) {
		fine = vm_fine(&s->vms[i], first, why) && fine;
	}
	return fine;
}

/* --- and does it stay so? --- */

static bool fails_back(const struct ha_config *c)
{
	for (size_t i = 0; c && i < c->vm_count; i++) {
		if (c->vms[i].restart.fail_back != HA_FAIL_BACK_NEVER) {
			return true;
		}
	}
	return false;
}

/* VMs that go home, or where a rule wants them, do not go to and fro. */
static void must_stay(struct sim *s)
{
	ha_hostid at = lowest(s);

	if (!fails_back(ha_core_config(sim_host(s, at)->core))) {
		return;
	}
	for (uint32_t i = 0; i < s->vm_count; i++) {
		s->vms[i].quiet_starts = s->vms[i].starts;
	}
	sim_run_until(s, s->now + QUIET);
	for (uint32_t i = 0; i < s->vm_count; i++) {
		const struct sim_vm *vm = &s->vms[i];

		if (vm->starts > vm->quiet_starts + QUIET_STARTS) {
			sim_oracle_fail(s, "no VM goes to and fro: %s was "
					"started %llu times in %lld s in which "
					"nothing happened", vm->name,
					(unsigned long long)(vm->starts -
							     vm->quiet_starts),
					(long long)(QUIET / HA_S(1)));
		}
	}
}

static void must_settle(struct sim_run *r, const struct ha_scn_step *step)
{
	struct sim *s = r->sim;
	ha_time end = s->now + step->time;
	struct ha_buf why = { 0 };
	bool fine = false;

	for (int n = 0; !fine && s->now < end && !sim_failed(s); n++) {
		if (n % ORDERS_EVERY == ORDERS_EVERY / 2) {
			order_all(s);
		}
		sim_run_until(s, s->now + HA_S(1));
		fine = all_fine(s, &why);
	}
	if (!fine && !sim_failed(s)) {
		sim_oracle_fail(s, "always again: not well %lld s after "
				"everything healed:%.300s",
				(long long)(step->time / HA_S(1)),
				why.data ? why.data : "");
	}
	if (fine && !sim_failed(s)) {
		must_stay(s);
	}
	ha_buf_fini(&why);
}

void run_heal(struct sim_run *r, const struct ha_scn_step *step,
	      ha_hostset hosts)
{
	bool all = strcmp(step->hosts.names[0], "all") == 0;

	sim_log(r->sim, 0, "world: %s heals", all ? "everything" : step->text);
	if (all) {
		heal_all(r, hosts);
	} else {
		heal_among(r->sim, hosts);
	}
	if (step->has_time) {
		must_settle(r, step);
	}
}
