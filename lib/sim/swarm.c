/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/swarm.h"

#include <stdlib.h>
#include <string.h>

#include "core/view.h"
#include "sim/swarm_config.h"
#include "sim/world.h"

#define CONFIGS 5
#define START_LIMIT HA_S(300)
#define LOSS_LIMIT HA_S(300)
#define HEAL_LIMIT HA_S(1500)

struct swarm {
	struct sim *sim;
	struct swarm_config configs[CONFIGS];
	size_t config_count;
	bool reinstalled;
	ha_hostset lost; /* given up by the admin, until everything heals */
	bool two_node;
	struct ha_buf *out;
};

static uint32_t draw(struct swarm *w, uint32_t n)
{
	return (uint32_t)ha_rand_below(&w->sim->rand, n);
}

static ha_hostid any_host(struct swarm *w)
{
	return 1 + draw(w, w->sim->host_max);
}

static uint32_t any_vm(struct swarm *w)
{
	return draw(w, w->sim->vm_count);
}

static void give_up(struct swarm *w, const char *what)
{
	sim_oracle_fail(w->sim, "%s", what);
}

/* --- faults --- */

static void partition(struct swarm *w)
{
	ha_hostset side = ha_rand_u64(&w->sim->rand);

	for (ha_hostid a = 1; a <= w->sim->host_max; a++) {
		w->sim->cut[a - 1] = ha_host_in(side, a) ? ~side : side;
	}
	sim_log(w->sim, 0, "world: partition");
	sim_net_changed(w->sim);
}

static void cut_one(struct swarm *w)
{
	ha_hostid a = any_host(w);

	w->sim->cut[a - 1] ^= ha_host_bit(any_host(w));
	sim_log(w->sim, 0, "world: an edge of %s changes",
		sim_host(w->sim, a)->name);
	sim_net_changed(w->sim);
}

static void heal_net(struct swarm *w)
{
	memset(w->sim->cut, 0, sizeof(w->sim->cut));
	sim_log(w->sim, 0, "world: the network heals");
	sim_net_changed(w->sim);
}

static void kill_some(struct swarm *w)
{
	ha_hostset set = draw(w, 6) == 0
				 ? ~(ha_hostset)0
				 : ha_rand_u64(&w->sim->rand) &
					   ha_rand_u64(&w->sim->rand);

	for (ha_hostid h = 1; h <= w->sim->host_max; h++) {
		if (ha_host_in(set, h)) {
			sim_power_off(w->sim, h, "killed");
		}
	}
}

static void boot_some(struct swarm *w)
{
	for (ha_hostid h = 1; h <= w->sim->host_max; h++) {
		if (draw(w, 2) == 0 && !ha_host_in(w->lost, h)) {
			sim_power_on(w->sim, h, sim_rand_dur(w->sim, HA_S(20)));
		}
	}
}

static void reinstall(struct swarm *w)
{
	ha_hostid h = any_host(w);

	if (w->reinstalled || w->sim->host_max < 3) {
		return;
	}
	w->reinstalled = true;
	sim_power_off(w->sim, h, "reinstalled");
	sim_disk_wipe(w->sim, h);
}

/* Those that are left must all be well for it, or it is refused. */
static void ready_the_rest(struct swarm *w, ha_hostset rest)
{
	while (rest != 0) {
		ha_hostid h = ha_hostset_pop(&rest);
		struct sim_host *host = sim_host(w->sim, h);

		if (host->disk.failing || host->disk.failed) {
			host->disk.failing = false;
			sim_hacd_crash(w->sim, h, 0);
		}
		sim_power_hang(w->sim, h, false);
		sim_power_on(w->sim, h, SIM_BOOT);
	}
}

/* A majority is gone for good; the admin gives up what only they knew. They
 * come back, when everything heals, with empty disks. */
static void lose_some(struct swarm *w)
{
	struct sim *s = w->sim;
	ha_hostset lost = ha_rand_u64(&s->rand) & s->nodelist;
	ha_hostset rest = s->nodelist & ~lost;
	struct ha_command cmd = { .verb = HA_CMD_ACCEPT_LOSS, .hosts = lost,
				  .cluster = { 8 } };
	ha_time end = s->now + LOSS_LIMIT;
	const struct ha_answer *a = NULL;
	uint64_t id;

	if (w->lost != 0 || w->reinstalled || draw(w, 4) != 0 ||
	    rest == 0 || ha_hostset_count(lost) <= ha_hostset_count(rest)) {
		return;
	}
	w->lost = lost;
	w->reinstalled = true;
	for (ha_hostset set = lost; set != 0;) {
		ha_hostid h = ha_hostset_pop(&set);

		sim_power_off(s, h, "lost for good");
		sim_disk_wipe(s, h);
	}
	heal_net(w);
	sim_net_set_nodes(s, rest);
	do {
		ready_the_rest(w, rest);
		sim_run_until(s, s->now + HA_S(20));
		id = sim_command(s, ha_hostset_first(rest), &cmd);
		sim_run_until(s, s->now + HA_S(20));
		a = id != 0 ? sim_oracle_find(s, id) : NULL;
	} while (!(a && a->code == 0) && s->now < end && !sim_failed(s));
	if (!(a && a->code == 0)) {
		give_up(w, "always again: the loss of hosts is not accepted");
	}
}

static void resume(struct sim *s, const struct sim_pend *p)
{
	if (p->gen == sim_host(s, p->host)->power_gen) {
		sim_power_hang(s, p->host, false);
		sim_hyper_hang(s, p->host, false);
	}
}

static void hang(struct swarm *w)
{
	ha_hostid h = any_host(w);

	if (draw(w, 2) == 0) {
		sim_power_hang(w->sim, h, true);
	} else {
		sim_hyper_hang(w->sim, h, true);
	}
	sim_after(w->sim, sim_rand_dur(w->sim, HA_S(40)),
		  (struct sim_pend){ .fn = resume, .host = h,
			.gen = sim_host(w->sim, h)->power_gen });
}

static void programs(struct swarm *w)
{
	ha_hostid h = any_host(w);

	switch (draw(w, 5)) {
	case 0:
		sim_hacd_crash(w->sim, h, 0);
		break;
	case 1:
		sim_hacd_hang(w->sim, h, sim_rand_dur(w->sim, HA_S(20)));
		break;
	case 2:
		if (sim_host(w->sim, h)->booted) {
			sim_hyper_crash(w->sim, h, HA_S(1));
		}
		break;
	case 3:
		if (sim_host(w->sim, h)->core) {
			sim_corosync_crash(w->sim, h, HA_S(1));
		}
		break;
	default:
		if (sim_host(w->sim, h)->core) {
			sim_agent_stop(w->sim, h);
			sim_agent_start(w->sim, h, HA_MS(300));
		}
		break;
	}
}

static void devices(struct swarm *w)
{
	static const enum sim_bmc modes[] = { SIM_BMC_OK, SIM_BMC_DEAD,
					      SIM_BMC_FAILING, SIM_BMC_SLOW };
	struct sim_host *h = sim_host(w->sim, any_host(w));

	if (draw(w, 4) == 0) {
		h->disk.failing = !h->disk.failing;
	} else {
		h->bmc = modes[draw(w, 4)];
	}
}

static void guests(struct swarm *w)
{
	uint32_t vm = any_vm(w);
	ha_hostid h = ha_hostset_first(w->sim->vms[vm].there);

	if (draw(w, 3) == 0) {
		w->sim->vms[vm].breaks[draw(w, 2)][any_host(w) - 1] =
			draw(w, 4);
	} else if (h != HA_HOST_NONE) {
		(void)sim_vm_end(w->sim, h, vm,
				 draw(w, 2) == 0 ? HA_END_CRASHED
						 : HA_END_GUEST);
	}
}

/* --- the admin --- */

static void apply_config(struct swarm *w, struct ha_command *cmd,
			 const struct ha_core *core)
{
	struct swarm_config *c = &w->configs[draw(w, CONFIGS)];

	if (c == &w->configs[w->config_count % CONFIGS] &&
	    w->config_count < CONFIGS) {
		swarm_config_change(c, &w->configs[0], &w->sim->rand);
		w->config_count++;
	}
	if (ha_hash_is_none(&c->config.hash)) {
		return;
	}
	(void)sim_add_body(w->sim, &c->config);
	cmd->hash = c->config.hash;
	cmd->base_version = ha_core_state(core)->config_version;
}

static void admin(struct swarm *w)
{
	static const enum ha_verb verbs[] = {
		HA_CMD_VM_START, HA_CMD_VM_STOP, HA_CMD_VM_START,
		HA_CMD_VM_STOP, HA_CMD_VM_RESTART, HA_CMD_VM_MOVE,
		HA_CMD_VM_MOVE, HA_CMD_VM_RESET, HA_CMD_HOST_MAINTENANCE,
		HA_CMD_DISARM, HA_CMD_ARM, HA_CMD_ARM, HA_CMD_CONFIG_APPLY,
		HA_CMD_HOST_LEAVE, HA_CMD_HOST_STAY, HA_CMD_CLUSTER_STOP,
		HA_CMD_CLUSTER_START, HA_CMD_FENCE_HOST,
	};
	ha_hostid at = any_host(w);
	const struct ha_core *core = sim_host(w->sim, at)->core;
	struct ha_command cmd = {
		.verb = verbs[draw(w, sizeof(verbs) / sizeof(verbs[0]))],
		.host = any_host(w),
		.vm = w->sim->vms[any_vm(w)].uuid,
		.on = draw(w, 2) == 0,
	};

	if (!core) {
		return;
	}
	if (cmd.verb == HA_CMD_CONFIG_APPLY) {
		apply_config(w, &cmd, core);
		if (ha_hash_is_none(&cmd.hash)) {
			return;
		}
	}
	if (cmd.verb == HA_CMD_HOST_LEAVE) {
		sim_power_shutdown(w->sim, cmd.host, draw(w, 2) == 0);
		return;
	}
	(void)sim_command(w->sim, at, &cmd);
}

static void hostile(struct swarm *w)
{
	static void (*const acts[])(struct swarm *w) = {
		partition, cut_one, heal_net, heal_net, kill_some, boot_some,
		boot_some, boot_some, hang, programs, programs, devices,
		guests, guests, admin, admin, admin, admin, reinstall,
		lose_some,
	};
	ha_time end = w->sim->now + HA_S(30 + draw(w, 120));

	while (w->sim->now < end && !sim_failed(w->sim)) {
		uint32_t more = draw(w, 60);

		sim_run_until(w->sim, w->sim->now +
				      sim_rand_dur(w->sim, HA_S(draw(w, 8))));
		/* between any two things that happen */
		while (more-- > 0 && sim_run_one(w->sim)) {
		}
		acts[draw(w, sizeof(acts) / sizeof(acts[0]))](w);
	}
}

/* --- then everything heals --- */

static void heal(struct swarm *w)
{
	struct sim *s = w->sim;

	sim_log(s, 0, "world: everything heals");
	heal_net(w);
	sim_net_set_nodes(s, ha_config_hostset(&w->configs[0].config));
	for (ha_hostid h = 1; h <= s->host_max; h++) {
		struct sim_host *host = sim_host(s, h);

		host->bmc = SIM_BMC_OK;
		if (host->disk.failing || host->disk.failed) {
			host->disk.failing = false;
			sim_hacd_crash(s, h, 0);
		}
		sim_power_hang(s, h, false);
		sim_hyper_hang(s, h, false);
		sim_power_on(s, h, SIM_BOOT);
	}
	for (uint32_t i = 0; i < s->vm_count; i++) {
		memset(s->vms[i].breaks, 0, sizeof(s->vms[i].breaks));
	}
}

static ha_hostid lowest(struct swarm *w)
{
	ha_hostid best = HA_HOST_NONE;

	for (ha_hostid h = w->sim->host_max; h >= 1; h--) {
		best = sim_host(w->sim, h)->core ? h : best;
	}
	return best;
}

static void order_all(struct swarm *w)
{
	ha_hostid at = lowest(w);
	struct ha_command cmd = { .verb = HA_CMD_ARM };

	for (ha_hostid h = 1; h <= w->sim->host_max; h++) {
		sim_power_on(w->sim, h, SIM_BOOT); /* what was shut down */
	}
	if (at == HA_HOST_NONE) {
		return;
	}
	(void)sim_command(w->sim, at, &cmd);
	cmd.verb = HA_CMD_CLUSTER_START;
	(void)sim_command(w->sim, at, &cmd);
	for (ha_hostid h = 1; h <= w->sim->host_max; h++) {
		cmd.verb = HA_CMD_HOST_MAINTENANCE;
		cmd.host = h;
		(void)sim_command(w->sim, at, &cmd);
		cmd.verb = HA_CMD_HOST_UNFREEZE;
		(void)sim_command(w->sim, h, &cmd);
	}
}

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

static bool vm_fine(struct swarm *w, const struct ha_core *core, uint32_t i,
		    struct ha_buf *why)
{
	const struct sim_vm *vm = &w->sim->vms[i];
	const struct ha_vm_state *v =
		ha_state_vm(ha_core_state(core), &vm->uuid);
	bool wanted = v && v->wanted == HA_WANTED_RUNNING;
	struct ha_vm_view view;

	ha_core_view_vm(core, &vm->uuid, &view);
	if (wanted ? view.shown == HA_VM_SHOWN_RUNNING && vm->there != 0
		   : view.shown == HA_VM_SHOWN_STOPPED && vm->there == 0) {
		return true;
	}
	ha_buf_printf(why, " vm %s %s, %s (%s);", vm->name,
		      wanted ? "wanted" : "not wanted",
		      ha_vm_shown_name(view.shown), view.why);
	return false;
}

static bool all_fine(struct swarm *w, struct ha_buf *why)
{
	bool fine = true;

	ha_buf_clear(why);
	for (ha_hostid h = 1; h <= w->sim->host_max; h++) {
		const struct ha_core *core = sim_host(w->sim, h)->core;
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
		fine = host_fine(sim_host(w->sim, 1)->core, h, why) && fine;
	}
	for (uint32_t i = 0; i < w->sim->vm_count; i++) {
		fine = vm_fine(w, sim_host(w->sim, 1)->core, i, why) && fine;
	}
	return fine;
}

static void must_settle(struct swarm *w, ha_dur limit, bool with_orders)
{
	ha_time end = w->sim->now + limit;
	struct ha_buf why = { 0 };
	bool fine = false;

	for (int n = 0; !fine && w->sim->now < end && !sim_failed(w->sim);
	     n++) {
		if (with_orders && n % 60 == 30) {
			order_all(w);
		}
		sim_run_until(w->sim, w->sim->now + HA_S(1));
		fine = all_fine(w, &why);
	}
	if (!fine && !sim_failed(w->sim)) {
		sim_oracle_fail(w->sim, "always again: not well %lld s after "
				"everything healed:%.300s",
				(long long)(limit / HA_S(1)),
				why.data ? why.data : "");
	}
	ha_buf_fini(&why);
}

static void create(struct swarm *w)
{
	struct ha_command cmd = { .verb = HA_CMD_CLUSTER_CREATE,
				  .hash = w->configs[0].config.hash,
				  .cluster = { 7 } };

	for (ha_hostid h = 1; h <= w->sim->host_max; h++) {
		sim_power_on(w->sim, h, sim_rand_dur(w->sim, SIM_BOOT));
	}
	sim_run_until(w->sim, w->sim->now + HA_S(20));
	if (sim_command(w->sim, 1, &cmd) == 0) {
		give_up(w, "the first host has no hacd");
	}
	must_settle(w, START_LIMIT, false);
}

static void set_up(struct swarm *w, const struct ha_swarm_options *o)
{
	struct ha_rand rand = { .state = o->seed * 2 + 1 };
	const struct ha_config *c = &w->configs[0].config;
	struct sim_params p = { .seed = o->seed, .trace = o->trace,
				.vms_max = SWARM_VMS_MAX };

	swarm_config_draw(&w->configs[0], &rand);
	w->config_count = 1;
	p.token = HA_MS(300 + ha_rand_below(&rand, 1700));
	p.two_node = c->host_count == 2;
	p.wait_for_all = p.two_node || ha_rand_below(&rand, 8) == 0;
	p.auto_tie_breaker = !p.two_node && c->host_count % 2 == 0 &&
			     ha_rand_below(&rand, 2) == 0;
	p.freezes = ha_rand_below(&rand, 3) == 0;
	w->sim = sim_create(&p);
	for (size_t i = 0; i < c->host_count; i++) {
		struct sim_host *h = sim_add_host(w->sim, c->hosts[i].id,
						  c->hosts[i].name);

		h->disk.latency = HA_MS(1) + sim_rand_dur(w->sim, HA_MS(20));
	}
	w->sim->nodelist = ha_config_hostset(c);
	(void)sim_add_body(w->sim, c);
}

struct ha_swarm_result ha_sim_swarm(const struct ha_swarm_options *o,
				    struct ha_buf *out)
{
	struct swarm *w = sim_alloc(sizeof(*w));
	struct ha_swarm_result r;

	w->out = out;
	set_up(w, o);
	create(w);
	hostile(w);
	if (!sim_failed(w->sim)) {
		heal(w);
		must_settle(w, HEAL_LIMIT, true);
	}
	r.held = !sim_failed(w->sim);
	r.seconds = (double)w->sim->now / 1e6;
	r.steps = w->sim->steps;
	if (!r.held) {
		ha_buf_printf(out, "%s\n", w->sim->oracle.text);
		sim_log_last(w->sim, out);
	}
	sim_destroy(w->sim);
	free(w);
	return r;
}
