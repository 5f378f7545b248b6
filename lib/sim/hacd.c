/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hacd of a host: it starts from its store, steps its core, does what the
 * core asks for, crashes and hangs.
 */
#include <stdlib.h>
#include <string.h>

#include "core/view.h"
#include "sim/world.h"

#define BODIES_LOADED 6
#define RESTART_DELAY HA_MS(500)
#define SIM_NOON 720            /* the minute of the day when time begins */
#define WATCHDOG HA_S(10)       /* its supervisor kills it when it hangs */
#define BODY_DELAY HA_MS(20)    /* to send, store and parse a configuration */

/* --- doing what the core asks for --- */

static void got_body(struct sim *s, const struct sim_pend *p)
{
	struct sim_host *h = sim_host(s, p->host);
	struct ha_event ev = { .kind = HA_EV_CONFIG };

	if (!h->core || p->gen != h->hacd_gen) {
		return;
	}
	sim_disk_keep(&h->disk, (uint32_t)p->a);
	ev.config = s->bodies[p->a].config;
	sim_hacd_step(s, p->host, &ev);
}

static void body_heard(struct sim *s, const struct sim_pend *p)
{
	if (sim_host(s, p->host)->in_group) {
		got_body(s, p);
	}
}

static void send_message(struct sim *s, ha_hostid host,
			 const struct ha_msg *msg)
{
	struct sim_host *h = sim_host(s, host);
	const struct sim_body *body = msg->kind == HA_MSG_WANT_BODY
					      ? sim_find_body(s, &msg->body)
					      : NULL;
	uint64_t number = body ? (uint64_t)(body - s->bodies) : 0;

	if (body && sim_disk_holds(&h->disk, (uint32_t)number)) {
		sim_after(s, HA_MS(1), (struct sim_pend){ .fn = got_body,
			  .scope = SIM_SCOPE_HACD, .host = host,
			  .gen = h->hacd_gen, .a = number });
	}
	sim_net_send(s, host, msg);
}

static void send_body(struct sim *s, ha_hostid host, const struct ha_hash *hash)
{
	const struct sim_body *body = sim_find_body(s, hash);

	sim_log(s, host, "world: sends a configuration");
	for (ha_hostid to = 1; body && to <= s->host_max; to++) {
		struct sim_host *h = sim_host(s, to);

		if (to != host && h->core && sim_link_hears(s, host, to)) {
			sim_after(s, HA_MS(1) + sim_rand_dur(s, BODY_DELAY),
				  (struct sim_pend){ .fn = body_heard,
					.scope = SIM_SCOPE_HACD, .host = to,
					.gen = h->hacd_gen,
					.a = (uint64_t)(body - s->bodies) });
		}
	}
}

static void take_answer(struct sim *s, ha_hostid host,
			const struct ha_answer *answer)
{
	sim_log(s, host, "answer: %s%s%s", answer->code == 0 ? "done" : "refused",
		answer->text[0] != '\0' ? ": " : "", answer->text);
	sim_oracle_answer(s, host, answer);
	sim_power_answered(s, host, answer->id);
}

static void execute(struct sim *s, ha_hostid host, const struct ha_action *a)
{
	sim_oracle_action(s, host, a);
	if (s->params.watch) {
		s->params.watch(host, a, s->params.watch_arg);
	}
	switch (a->kind) {
	case HA_ACT_SEND:
		send_message(s, host, a->msg);
		break;
	case HA_ACT_PERSIST:
		sim_disk_persist(s, host, a);
		break;
	case HA_ACT_SEND_BODY:
		send_body(s, host, &a->body);
		break;
	case HA_ACT_EXPECT_VOTES:
		sim_net_expect(s, host, a->votes);
		break;
	case HA_ACT_DROP_CONFIG:
		break; /* they live as long as the world */
	case HA_ACT_VM:
		sim_hyper_op(s, host, a);
		break;
	case HA_ACT_FENCE:
		sim_fence(s, host, a);
		break;
	case HA_ACT_CANCEL:
		sim_hyper_cancel(s, host, a->cancel);
		sim_fence_cancel(s, host, a->cancel);
		break;
	case HA_ACT_ANSWER:
		take_answer(s, host, &a->answer);
		break;
	case HA_ACT_TRACE:
		sim_log(s, host, "%s", a->trace.text);
		break;
	case HA_ACT_ALERT:
		sim_log(s, host, "alert %s: %s", a->alert.what,
			a->alert.trace.text);
		break;
	}
}

/* gen: hacd's */
static void tick(struct sim *s, const struct sim_pend *p)
{
	struct sim_host *h = sim_host(s, p->host);
	struct ha_event ev = { .kind = HA_EV_TICK };

	if (!h->core || p->gen != h->hacd_gen) {
		return;
	}
	h->tick_at = HA_TIME_NEVER;
	ev.minute = (uint32_t)((SIM_NOON + s->now / HA_S(60)) % HA_DAY_MINUTES);
	sim_hacd_step(s, p->host, &ev);
}

static void plan_tick(struct sim *s, ha_hostid host)
{
	struct sim_host *h = sim_host(s, host);
	ha_time due = ha_core_deadline(h->core);
	ha_dur after;

	if (due == HA_TIME_NEVER) {
		return;
	}
	due = ha_time_max(sim_clock_when(h, due), s->now);
	if (due >= h->tick_at) {
		return;
	}
	h->tick_at = due;
	after = due - s->now + 1 + sim_rand_dur(s, 500);
	if (s->heap.grain != 0) { /* a tick never ends where it began */
		after = ha_time_max(after, HA_MS(1));
	}
	sim_after(s, after,
		  (struct sim_pend){ .fn = tick, .scope = SIM_SCOPE_HACD,
				     .host = host, .gen = h->hacd_gen });
}

/* For "hactl config rollback". */
static void note_version(struct sim *s, struct sim_host *h)
{
	const struct ha_state *state = ha_core_state(h->core);
	const struct sim_body *body = sim_find_body(s, &state->config);

	if (body) {
		sim_disk_note_version(&h->disk, &(struct sim_version){
				state->config_version,
				(uint32_t)(body - s->bodies) });
	}
}

static bool takes_crash(struct sim *s, ha_hostid host, uint32_t vm)
{
	const struct ha_core *core = sim_host(s, host)->core;
	struct ha_cluster_view v;

	ha_core_view_epoch(core, &v);
	return ha_core_decides(core, &s->vms[vm].uuid) &&
	       (sim_vm_takes_break(s, host, vm, SIM_BREAK_HACD) ||
		(v.coordinator == host &&
		 sim_vm_takes_break(s, host, vm, SIM_BREAK_COORDINATOR)));
}

static bool takes_crash_over_host(struct sim *s, ha_hostid host, ha_hostid over)
{
	uint32_t *left = &sim_host(s, over)->breaks_coordinator;

	if (*left == 0 || !ha_core_decides_host(sim_host(s, host)->core, over)) {
		return false;
	}
	*left -= *left != UINT32_MAX;
	return true;
}

/* Over a VM, or else a host; count 0: over none. */
static struct ha_crash find_crash(struct sim *s, ha_hostid host)
{
	struct ha_crash over = {
		.index = ha_core_state(sim_host(s, host)->core)->index,
	};

	for (uint32_t i = 0; over.count == 0 && i < s->vm_count; i++) {
		if (takes_crash(s, host, i)) {
			sim_log(s, host, "world: hacd decides about vm %s",
				s->vms[i].name);
			over.vm = s->vms[i].uuid;
			over.count = 1;
		}
	}
	for (ha_hostid h = 1; over.count == 0 && h <= s->host_max; h++) {
		if (takes_crash_over_host(s, host, h)) {
			sim_log(s, host, "world: hacd decides about host %s",
				sim_host(s, h)->name);
			over.host = h;
			over.count = 1;
		}
	}
	return over;
}

/* In the middle of its core's step: nothing comes of that. */
static bool dies_deciding(struct sim *s, ha_hostid host)
{
	struct ha_crash over = { .count = 0 };

	if (s->crashes) {
		over = find_crash(s, host);
	}
	sim_host(s, host)->dies_over = over;
	return over.count > 0;
}

static bool shows_outside(enum ha_action_kind kind)
{
	return kind != HA_ACT_TRACE && kind != HA_ACT_ALERT &&
	       kind != HA_ACT_DROP_CONFIG;
}

/* Right after this action? */
static bool dies_after(struct sim *s, ha_hostid host, enum ha_action_kind kind)
{
	struct sim_dying *d = &sim_host(s, host)->dying;

	if (d->left == 0 || !shows_outside(kind) ||
	    (d->kind != 0 && d->kind != (uint32_t)kind)) {
		return false;
	}
	d->left--;
	return d->left == 0;
}

/* False: it died before the last of them. */
static bool execute_all(struct sim *s, ha_hostid host,
			const struct ha_actions *acts)
{
	for (size_t i = 0; i < acts->count; i++) {
		s->effects += shows_outside(acts->list[i].kind);
		execute(s, host, &acts->list[i]);
		if (dies_after(s, host, acts->list[i].kind)) {
			sim_log(s, host, "world: hacd dies in a step, with %zu "
				"of its %zu actions done", i + 1, acts->count);
			return false;
		}
	}
	return true;
}

static struct ha_actions step_core(struct sim *s, ha_hostid host,
				   struct ha_event *ev)
{
	struct sim_host *h = sim_host(s, host);
	struct ha_actions acts;

	ev->now = sim_clock_now(s, h);
	s->steps++;
	sim_record_event(s, host, ev);
	if (s->params.around) {
		s->params.around(host, true, s->params.around_arg);
	}
	acts = ha_core_step(h->core, ev);
	if (s->params.around) {
		s->params.around(host, false, s->params.around_arg);
	}
	return acts;
}

void sim_hacd_step(struct sim *s, ha_hostid host, struct ha_event *ev)
{
	struct sim_host *h = sim_host(s, host);
	struct ha_actions acts;
	uint64_t version;
	bool lives;

	if (!h->core) {
		return; /* it died by the event before, of the same moment */
	}
	version = ha_core_state(h->core)->config_version;
	acts = step_core(s, host, ev);
	if (dies_deciding(s, host)) {
		sim_hacd_crash(s, host, 0);
		return;
	}
	sim_record_actions(s, host, &acts);
	if (acts.broken) {
		sim_oracle_fail(s, "hacd of %s broke an invariant: %s", h->name,
				acts.broken);
		return;
	}
	lives = execute_all(s, host, &acts);
	sim_oracle_step(s, host);
	if (!lives) {
		sim_hacd_crash(s, host, h->dying.back_after);
		return;
	}
	if (ha_core_state(h->core)->config_version != version) {
		note_version(s, h);
	}
	plan_tick(s, host);
}

/* --- its life --- */

static void load_body(struct sim *s, ha_hostid host,
		      const struct ha_hash *hash)
{
	const struct sim_body *body =
		ha_hash_is_none(hash) ? NULL : sim_find_body(s, hash);
	struct ha_event ev = { .kind = HA_EV_CONFIG };

	if (body && sim_disk_holds(&sim_host(s, host)->disk,
				   (uint32_t)(body - s->bodies))) {
		ev.config = body->config;
		sim_hacd_step(s, host, &ev);
	}
}

/* Those that the state, or a fact not yet applied, speaks of: the first few, as
 * the real one; the core asks for the others when it comes to them. */
static void load_bodies(struct sim *s, ha_hostid host)
{
	const struct sim_disk *d = &sim_host(s, host)->disk;
	unsigned loaded = 0;

	load_body(s, host, &d->base.body);
	for (size_t i = 0; i < d->count && loaded < BODIES_LOADED; i++) {
		load_body(s, host, &d->entries[i].body);
		loaded += !ha_hash_is_none(&d->entries[i].body);
	}
}

static int64_t uptime(const struct sim *s)
{
	return s->now / HA_S(1);
}

static void load(struct sim *s, ha_hostid host)
{
	struct sim_host *h = sim_host(s, host);
	struct ha_event ev = { .kind = HA_EV_LOADED };

	ev.loaded.damaged = h->disk.damaged;
	ev.loaded.frozen = h->frozen_next && s->params.freezes;
	ev.loaded.crash = ha_crashes_over(&h->crashes, uptime(s));
	ev.loaded.base = h->disk.base;
	ev.loaded.meta = h->disk.meta;
	ev.loaded.state = h->disk.state;
	ev.loaded.entries = h->disk.entries;
	ev.loaded.entry_count = h->disk.count;
	sim_hacd_step(s, host, &ev);
}

static void hacd_up(struct sim *s, const struct sim_pend *p)
{
	struct sim_host *h = sim_host(s, p->host);
	struct ha_core_params params = {
		.self = p->host,
		.boot = h->boot,
		.seed = ha_rand_u64(&s->rand),
		.token = sim_net_token(s),
		.vms_max = s->params.vms_max,
		.level_min = h->level_min,
		.level = h->level,
	};

	if (p->gen != h->power_gen || h->core || !h->booted) {
		return;
	}
	if (!h->corosync.up) { /* it comes with hacd */
		sim_net_start(s, p->host);
	}
	h->hacd_gen++;
	h->hacd_hung = false;
	h->in_group = false;
	h->view_members = 0;
	h->view_quorate = false;
	h->tick_at = HA_TIME_NEVER;
	h->hyper.agent_up = false;
	h->hyper.op_count = 0;
	s->oracle.core_index[p->host - 1] = UINT64_MAX;
	s->oracle.core_epoch[p->host - 1] = 0;
	h->core = ha_core_init(sim_alloc(ha_core_size(params.vms_max)),
			       &params);
	sim_record_begin(s, p->host, &params);
	sim_log(s, p->host, "world: hacd starts");
	load_bodies(s, p->host);
	load(s, p->host);
	if (!h->core) {
		return; /* already dead again */
	}
	sim_net_join(s, p->host);
	sim_fence_agent_start(s, p->host, HA_MS(50));
	sim_agent_start(s, p->host, HA_MS(100));
}

void sim_hacd_start(struct sim *s, ha_hostid host, ha_dur after)
{
	sim_after(s, after, (struct sim_pend){ .fn = hacd_up,
		  .scope = SIM_SCOPE_HOST, .host = host,
		  .gen = sim_host(s, host)->power_gen });
}

void sim_hacd_stop(struct sim *s, ha_hostid host)
{
	struct sim_host *h = sim_host(s, host);

	if (!h->core) {
		return;
	}
	sim_record_end(s, host);
	free(h->core);
	h->core = NULL;
	sim_disk_drop(s, host);
	h->hacd_gen++;
	h->hacd_hung = false;
	h->dying = (struct sim_dying){ 0 };
	sim_fence_agent_stop(s, host);
	h->hyper.agent_up = false;
	h->hyper.agent_gen++;
	h->hyper.op_count = 0;
	sim_net_leave(s, host);
	sim_release(s, h, SIM_SCOPE_HACD);
}

void sim_hacd_crash(struct sim *s, ha_hostid host, ha_dur back_after)
{
	struct sim_host *h = sim_host(s, host);

	if (!h->core) {
		return;
	}
	sim_log(s, host, "world: hacd crashes");
	ha_crashes_add(&h->crashes, uptime(s), &h->dies_over);
	h->dies_over.count = 0;
	h->frozen_next = ha_crashes_freeze(&h->crashes, uptime(s));
	sim_hacd_stop(s, host);
	sim_hacd_start(s, host, back_after == 0 ? RESTART_DELAY : back_after);
}

void sim_hacd_crash_after(struct sim *s, ha_hostid host,
			  const struct sim_dying *dying)
{
	sim_host(s, host)->dying = *dying;
}

/* gen: hacd's */
static void watchdog(struct sim *s, const struct sim_pend *p)
{
	struct sim_host *h = sim_host(s, p->host);

	if (h->core && p->gen == h->hacd_gen && h->hacd_hung) {
		sim_log(s, p->host, "world: hacd is killed by its supervisor");
		sim_hacd_crash(s, p->host, 0);
	}
}

static void unhang(struct sim *s, const struct sim_pend *p)
{
	struct sim_host *h = sim_host(s, p->host);

	if (h->core && p->gen == h->hacd_gen && h->hacd_hung) {
		h->hacd_hung = false;
		sim_release(s, h, SIM_SCOPE_HACD);
	}
}

void sim_hacd_hang(struct sim *s, ha_hostid host, ha_dur for_time)
{
	struct sim_host *h = sim_host(s, host);
	struct sim_pend p = { .fn = watchdog, .scope = SIM_SCOPE_HOST,
			      .host = host, .gen = h->hacd_gen };

	if (!h->core || h->hacd_hung) {
		return;
	}
	sim_log(s, host, "world: hacd hangs");
	h->hacd_hung = true;
	sim_after(s, WATCHDOG, p);
	if (for_time > 0) {
		p.fn = unhang;
		sim_after(s, for_time, p);
	}
}

void sim_corosync_crash(struct sim *s, ha_hostid host, ha_dur back_after)
{
	/* hacd cannot live without it, and brings it back */
	sim_net_stop(s, host);
	sim_hacd_crash(s, host, back_after);
}
