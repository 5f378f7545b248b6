/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A world is made like the cluster, with hosts whose hacds have all just been
 * restarted on their stores: that is what a core can take up from. Once that
 * has come to rest the steps are done, and it is watched until it rests again.
 */
#include "sim/whatif_priv.h"

#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"

#define VMS_ROOM 64           /* that a step may add */
#define PATIENCE HA_S(1800)   /* until the cluster rests, after the steps */
#define QUIET HA_S(120)       /* nothing happens any more */
#define LIBVIRT_BOOT HA_MS(200) /* until it is there, and nobody asked yet */
#define LOOK HA_MS(100)       /* between two looks whether it rests */
#define RUNS_MAX 24           /* worlds, which differ by chance alone */
#define RUNS_WORK 10000       /* VMs times hosts, in all of them together */

struct question {
	const struct ha_whatif *w;
	const struct ha_scenario *steps;
	struct ha_buf *out;
};

/* --- watching --- */

static void note_start(struct whatif *f, ha_hostid host,
		       const struct ha_uuid *uuid)
{
	const struct sim *s = f->run.sim;
	const struct ha_config *c = ha_core_config(s->hosts[host - 1].core);
	uint32_t vm = sim_vm_number(s, uuid);
	struct starts *n = &f->starts[host - 1];

	if (vm == UINT32_MAX || !c) {
		return;
	}
	if (n->wave <= f->after[vm]) {
		*n = (struct starts){ .wave = f->after[vm] + 1 };
	} else if (n->count == c->starts_per_host) {
		*n = (struct starts){ .wave = n->wave + 1 };
	}
	n->count++;
	f->wave[vm] = n->wave;
	f->asked[vm] = s->now;
}

/* It waited for another one, which may have been started here, too. */
static void note_awaited(struct whatif *f, const struct ha_trace *t)
{
	uint32_t vm = sim_vm_number(f->run.sim, &t->vm);
	uint32_t awaited = sim_vm_number(f->run.sim, &t->awaited);

	if (vm != UINT32_MAX && awaited != UINT32_MAX) {
		f->after[vm] = f->wave[awaited];
	}
}

static void note_way(struct whatif *f, const struct ha_trace *t)
{
	uint32_t vm = sim_vm_number(f->run.sim, &t->vm);

	if (vm != UINT32_MAX && t->code == HA_WHY_PREEMPTED) {
		f->makes_room[vm] = true;
	}
}

static void watch(ha_hostid host, const struct ha_action *a, void *arg)
{
	struct whatif *f = arg;
	const struct sim *s = f->run.sim;

	f->owner_given |= a->kind == HA_ACT_TRACE &&
			  a->trace.fact == HA_FACT_VM_OWNER;
	if (!f->counts) {
		return;
	}
	if (a->kind == HA_ACT_VM && a->vm.op != HA_VM_LOOK) {
		f->changed = s->now;
		if (a->vm.op == HA_VM_START) {
			note_start(f, host, &a->vm.uuid);
		}
	} else if (a->kind == HA_ACT_TRACE &&
		   a->trace.fence == HA_TRACE_FENCE_OFF &&
		   f->proven[a->trace.host - 1] == 0) {
		f->proven[a->trace.host - 1] = s->now;
		f->changed = s->now;
	} else if (a->kind == HA_ACT_TRACE &&
		   a->trace.fact == HA_FACT_VM_OWNER) {
		note_awaited(f, &a->trace);
	} else if (a->kind == HA_ACT_TRACE &&
		   a->trace.fact == HA_FACT_VM_STOP) {
		note_way(f, &a->trace);
	}
}

/* --- a world like the cluster --- */

struct ha_state *whatif_copy_state(const struct ha_state *from)
{
	struct ha_state *to = sim_alloc(ha_state_size(from->vm_count));

	memcpy(to, from, ha_state_size(from->vm_count));
	return to;
}

static void make_world(struct whatif *f, uint64_t seed)
{
	static const struct ha_sim_options none;
	const struct ha_whatif *w = f->w;
	uint32_t room = HA_VMS_MAX - (uint32_t)w->config->vm_count;
	struct sim_params p = {
		.seed = seed,
		.token = w->token > 0 ? w->token : HA_S(1),
		.two_node = w->two_node,
		.wait_for_all = w->wait_for_all,
		.auto_tie_breaker = w->auto_tie_breaker,
		.freezes = true,
		.vms_max = (uint32_t)w->config->vm_count +
			   (room < VMS_ROOM ? room : VMS_ROOM),
		.trace = seed == 1 ? w->trace : NULL,
		.watch = watch, .watch_arg = f,
	};
	struct sim *s = f->run.sim = sim_create(&p);

	f->run.options = &none;
	f->wave = sim_alloc(p.vms_max * sizeof(*f->wave));
	f->asked = sim_alloc(p.vms_max * sizeof(*f->asked));
	f->makes_room = sim_alloc(p.vms_max * sizeof(*f->makes_room));
	f->after = sim_alloc(p.vms_max * sizeof(*f->after));
	for (size_t i = 0; i < w->config->host_count; i++) {
		const struct ha_host_conf *c = &w->config->hosts[i];
		const struct ha_whatif_capacity *cap = &w->hosts[c->id - 1];
		struct sim_host *h = sim_add_host(s, c->id, c->name);

		if (w->state && cap->memory_kib > 0) {
			h->hyper.memory_kib = cap->memory_kib;
			h->hyper.cpus = cap->cpus;
			h->hyper.cpu_mhz = cap->cpu_mhz;
		}
	}
	s->nodelist = ha_config_hostset(w->config);
	(void)sim_add_body(s, w->config);
}

/* As its store and its devices are now. */
static void take_host(struct whatif *f, ha_hostid id)
{
	const struct ha_host_state *hs = &f->w->state->hosts[id - 1];
	const struct ha_whatif_capacity *cap = &f->w->hosts[id - 1];
	struct sim_host *h = sim_host(f->run.sim, id);
	struct sim_disk *d = &h->disk;

	sim_bmc_set(f->run.sim, id,
		    cap->fence_fails ? SIM_BMC_DEAD : SIM_BMC_OK);
	if (!cap->up) {
		h->stays_off = true;
		return;
	}
	if (hs->admitted != 0) {
		d->base = *f->w->base;
		d->meta.promised = d->base.epoch;
		d->meta.commit = d->base.index;
		d->meta.boot_index = d->base.standing[id - 1];
		d->meta.boot = d->meta.boot_index > 0 ? hs->boot : 0;
		d->state = whatif_copy_state(f->w->state);
		sim_disk_keep(d, 0);
	}
	sim_power_on(f->run.sim, id, HA_MS(1));
	h->boot = hs->boot != 0 ? hs->boot : h->boot;
	h->frozen_next = cap->frozen;
}

static void take_vms(struct whatif *f)
{
	const struct ha_state *st = f->w->state;

	for (uint32_t i = 0; i < st->vm_count; i++) {
		uint32_t vm = sim_vm_number(f->run.sim, &st->vms[i].uuid);
		ha_hostid owner = st->vms[i].owner;

		if (vm != UINT32_MAX && owner != HA_HOST_NONE &&
		    sim_host(f->run.sim, owner)->power) {
			sim_vm_spawn(f->run.sim, owner, vm);
			sim_vm_set_ready(f->run.sim, owner, vm);
		}
	}
}

bool whatif_rests(const struct whatif *f)
{
	ha_hostid asked = run_asked(&f->run);
	struct ha_cluster_view v;

	if (asked == HA_HOST_NONE) {
		return false;
	}
	ha_core_view_cluster(f->run.sim->hosts[asked - 1].core, &v);
	return v.settled;
}

static void run_to_rest(struct whatif *f, ha_time limit, ha_dur quiet)
{
	struct sim *s = f->run.sim;

	while (!sim_failed(s) && s->now < limit && !whatif_rests(f) &&
	       s->now - f->changed < quiet) {
		sim_run_until(s, s->now + LOOK);
	}
}

/* That anyone waits for a VM that is ready. */
static ha_dur longest_delay(const struct ha_config *c)
{
	ha_dur most = 0;

	for (size_t i = 0; i < c->vm_count; i++) {
		most = ha_time_max(most, c->vms[i].restart.ready_delay);
	}
	for (size_t i = 0; i < c->dependency_count; i++) {
		most = ha_time_max(most, c->dependencies[i].ready_delay);
	}
	return most;
}

static void resume_cluster(struct whatif *f)
{
	const struct ha_config *c = f->w->config;
	struct sim *s = f->run.sim;

	f->run.created = true;
	for (size_t i = 0; i < c->host_count; i++) {
		take_host(f, c->hosts[i].id);
	}
	take_vms(f);
	sim_run_until(s, s->now + HA_MS(2));
	for (size_t i = 0; i < c->host_count; i++) {
		/* corosync has waited for all long ago */
		sim_host(s, c->hosts[i].id)->corosync.all_seen = true;
	}
	sim_run_until(s, s->now + LIBVIRT_BOOT);
	for (size_t i = 0; i < c->host_count; i++) {
		/* and libvirt knows what runs */
		sim_host(s, c->hosts[i].id)->hyper.blank = false;
	}
	run_to_rest(f, s->now + BASE_PATIENCE, BASE_PATIENCE);
	/* its guests have answered, long ago */
	sim_run_until(s, s->now + LOOK + longest_delay(c));
}

const struct ha_core *whatif_asked_core(const struct whatif *f)
{
	ha_hostid asked = run_asked(&f->run);

	return asked ? f->run.sim->hosts[asked - 1].core : NULL;
}

/* The cluster as it is before the steps. */
static void note_before(struct whatif *f)
{
	const struct sim *s = f->run.sim;

	f->ran = sim_alloc(s->vm_count * sizeof(*f->ran));
	f->ran_count = s->vm_count;
	for (uint32_t i = 0; i < s->vm_count; i++) {
		f->ran[i] = s->vms[i].there;
	}
	f->from = f->changed = s->now;
	f->counts = true;
}

/* --- the steps --- */

enum ha_sim_verdict whatif_play(struct whatif *f, struct ha_scn_step *st,
				size_t count, const struct ha_scenario *of)
{
	struct ha_scenario part = *of;
	enum ha_sim_verdict verdict;

	part.steps = st;
	part.step_count = count;
	f->run.sc = &part;
	verdict = run_steps(&f->run);
	f->run.sc = of;
	return verdict;
}

/* One that is killed is broken: what its device would do with its power is
 * not what is asked. */
static void note_killed(struct whatif *f, const struct ha_scenario *sc)
{
	for (size_t i = 0; i < sc->step_count; i++) {
		const struct ha_scn_step *st = &sc->steps[i];

		for (size_t k = 0; st->verb == HA_SCN_KILL &&
				   k < st->hosts.count; k++) {
			ha_hostid h = run_host(&f->run, st->hosts.names[k]);

			if (h != HA_HOST_NONE) {
				sim_host(f->run.sim, h)->stays_off = true;
				f->killed |= ha_host_bit(h);
			}
		}
	}
}

static ha_dur longest_wait(const struct ha_config *c)
{
	ha_dur most = 0;

	for (size_t i = 0; i < c->vm_count; i++) {
		const struct ha_vm_restart *r = &c->vms[i].restart;

		most = ha_time_max(most, c->vms[i].start_timeout);
		most = ha_time_max(most, c->vms[i].stop_timeout);
		if (r->ready != HA_READY_PLACED || c->dependency_count > 0) {
			most = ha_time_max(most, r->ready_timeout);
		}
	}
	return most + longest_delay(c);
}

static enum ha_sim_verdict do_steps(struct whatif *f,
				    const struct ha_scenario *sc)
{
	size_t skip = sc->steps[0].verb == HA_SCN_START ? 1 : 0;
	enum ha_sim_verdict verdict;
	struct sim *s = f->run.sim;

	resume_cluster(f);
	note_before(f);
	note_killed(f, sc);
	verdict = whatif_play(f, sc->steps + skip, sc->step_count - skip, sc);
	if (verdict != HA_SIM_BAD_FILE) {
		/* what has been done must be noticed first */
		sim_run_until(s, s->now + 5 * s->params.token + HA_S(3));
		run_to_rest(f, s->now + PATIENCE,
			    QUIET + longest_wait(f->w->config));
	}
	if (sim_failed(s) && verdict == HA_SIM_HELD) {
		run_fail(&f->run, &sc->steps[sc->step_count - 1], "%s",
			 s->oracle.text);
		verdict = HA_SIM_BROKEN;
	}
	return verdict;
}

void whatif_fini(struct whatif *f)
{
	sim_destroy(f->run.sim);
	for (size_t i = 1; i < f->run.config_count; i++) { /* 0: borrowed */
		ha_conf_free(f->run.configs[i]);
		ha_buf_fini(&f->run.texts[i]);
	}
	free(f->ran);
	free(f->wave);
	free(f->asked);
	free(f->makes_room);
	free(f->after);
}

void whatif_init(struct whatif *f, const struct ha_whatif *w, uint64_t seed,
		 struct ha_buf *out)
{
	memset(f, 0, sizeof(*f));
	f->w = w;
	f->run.out = out;
	f->run.first = w->config;
	f->run.configs[0] = w->config;
	f->run.texts[0] = (struct ha_buf){
		.data = (char *)(uintptr_t)w->text, .len = w->text_len
	};
	f->run.config_count = 1;
	make_world(f, seed);
	f->run.sim->log.keep = true;
}

static enum ha_sim_verdict run_world(const struct question *q, uint64_t seed,
				     struct ha_whatif_result *ret_result)
{
	struct whatif f;
	enum ha_sim_verdict verdict;

	whatif_init(&f, q->w, seed, q->out);
	verdict = do_steps(&f, q->steps);
	if (verdict != HA_SIM_BAD_FILE) {
		whatif_tell(&f, ret_result);
	}
	whatif_fini(&f);
	return verdict;
}

/* Where each VM may be: that depends on which of two fencings or starts is
 * over first. */
static void add_places(struct ha_whatif_result *r,
		       const struct ha_whatif_result *other)
{
	for (size_t i = 0; i < r->vm_count && i < other->vm_count; i++) {
		if (other->vms[i].to != HA_HOST_NONE) {
			r->vms[i].may |= ha_host_bit(other->vms[i].to);
		}
	}
}

/* In the order of their starts; those that are not started come last. */
static int by_start(const void *a, const void *b)
{
	const struct ha_whatif_vm *x = a, *y = b;

	if (x->asked != y->asked) {
		return x->asked == 0 || (y->asked > 0 && x->asked > y->asked)
			       ? 1
			       : -1;
	}
	return strcmp(x->name, y->name);
}

static enum ha_sim_verdict ask(const struct question *q,
			       struct ha_whatif_result *ret_result)
{
	size_t work = q->w->config->vm_count * q->w->config->host_count + 1;
	size_t runs = RUNS_WORK / work > RUNS_MAX ? RUNS_MAX
						  : RUNS_WORK / work;
	enum ha_sim_verdict verdict = run_world(q, 1, ret_result);

	if (verdict == HA_SIM_BAD_FILE) {
		return verdict;
	}
	add_places(ret_result, ret_result);
	ret_result->worlds = 1;
	for (uint64_t seed = 2; verdict == HA_SIM_HELD && seed <= runs;
	     seed++) {
		struct ha_whatif_result other;

		verdict = run_world(q, seed, &other);
		add_places(ret_result, &other);
		ret_result->worlds++;
		ha_whatif_fini(&other);
	}
	qsort(ret_result->vms, ret_result->vm_count, sizeof(*ret_result->vms),
	      by_start);
	return verdict;
}

enum ha_sim_verdict ha_sim_what_if(const struct ha_whatif *w,
				   const struct ha_scenario *steps,
				   struct ha_whatif_result *ret_result,
				   struct ha_buf *out)
{
	struct question q = { w, steps, out };
	struct started started;
	enum ha_sim_verdict verdict;

	if (w->state) {
		return ask(&q, ret_result);
	}
	if (!whatif_start_cluster(w, &started, out)) {
		return HA_SIM_BAD_FILE;
	}
	q.w = &started.w;
	verdict = ask(&q, ret_result);
	free(started.state);
	return verdict;
}

void ha_whatif_fini(struct ha_whatif_result *r)
{
	free(r->vms);
	memset(r, 0, sizeof(*r));
}
