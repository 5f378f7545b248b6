/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One step: observe the event, let this host's own machines and, on the
 * coordinator, the decisions run, then emit.
 */
#include "core/core.h"

#include "core/aside.h"
#include "core/pool.h"
#include "core/order.h"
#include "core/report.h"
#include "core/rules.h"

/* A step that comes this much later than asked for was a stall of our own:
 * what we missed must be heard before anyone is judged. */
#define STALL HA_S(2)

#define ALIGN16(x) (((x) + 15u) & ~(size_t)15u)

struct layout {
	size_t replica, state, incoming, copies, vms, spare, order, foreign;
	size_t pool, planner;
	size_t actions, msgs, persists, reports, entries, end;
};

static struct layout lay_out(uint32_t vms_max)
{
	struct layout l;
	size_t at = ALIGN16(sizeof(struct ha_core));

#define PLACE(field, bytes)                  \
	do {                                 \
		l.field = at;                \
		at += ALIGN16(bytes);        \
	} while (0)
	PLACE(replica, ha_replica_size());
	PLACE(state, ha_state_size(vms_max));
	PLACE(incoming, ha_state_size(vms_max));
	PLACE(copies, COPIES_MAX * ALIGN16(ha_state_size(vms_max)));
	PLACE(vms, vms_max * sizeof(struct vm_soft));
	PLACE(spare, vms_max * sizeof(struct vm_soft));
	PLACE(order, vms_max * sizeof(uint32_t));
	PLACE(foreign, vms_max * sizeof(struct ha_domain));
	PLACE(pool, vms_max * sizeof(struct ha_pool_vm));
	PLACE(planner, pool_layout(vms_max));
	PLACE(actions, HA_ACTIONS_MAX * sizeof(struct ha_action));
	PLACE(msgs, OUT_MSGS_MAX * sizeof(struct ha_msg));
	PLACE(persists, OUT_MSGS_MAX * sizeof(struct ha_persist));
	PLACE(reports, 2 * vms_max * sizeof(struct ha_report));
	PLACE(entries, 4 * HA_LOG_ENTRIES_MAX * sizeof(struct ha_entry));
#undef PLACE
	l.end = at;
	return l;
}

size_t ha_core_size(uint32_t vms_max)
{
	return lay_out(vms_max).end;
}

static void set_pointers(struct ha_core *c, const struct layout *l)
{
	char *mem = (char *)c;

	c->state = (struct ha_state *)(void *)(mem + l->state);
	c->incoming = (struct ha_state *)(void *)(mem + l->incoming);
	for (size_t i = 0; i < COPIES_MAX; i++) {
		c->copies[i] = (struct ha_state *)(void *)(
			mem + l->copies +
			i * ALIGN16(ha_state_size(c->params.vms_max)));
	}
	c->vms = (struct vm_soft *)(void *)(mem + l->vms);
	c->vms_spare = (struct vm_soft *)(void *)(mem + l->spare);
	c->order = (uint32_t *)(void *)(mem + l->order);
	c->foreign = (struct ha_domain *)(void *)(mem + l->foreign);
	c->pool_vms = (struct ha_pool_vm *)(void *)(mem + l->pool);
	c->planner_memory = mem + l->planner;
	c->actions = (struct ha_action *)(void *)(mem + l->actions);
	c->msgs = (struct ha_msg *)(void *)(mem + l->msgs);
	c->persists = (struct ha_persist *)(void *)(mem + l->persists);
	c->reports = (struct ha_report *)(void *)(mem + l->reports);
	c->entries = (struct ha_entry *)(void *)(mem + l->entries);
}

struct ha_core *ha_core_init(void *mem, const struct ha_core_params *params)
{
	struct layout l = lay_out(params->vms_max);
	struct ha_core *c = mem;
	struct ha_replica_params rp = {
		.self = params->self,
		.boot = params->boot,
		.token = params->token,
		.level_min = params->level ? params->level_min
					   : HA_CORE_LEVEL_MIN,
		.level = params->level ? params->level : HA_CORE_LEVEL,
	};

	assert(params->self >= 1 && params->self <= HA_HOSTS_MAX);
	assert(params->boot != 0);
	assert(params->vms_max <= HA_VMS_MAX);
	c->params = *params;
	c->params.level_min = rp.level_min;
	c->params.level = rp.level;
	set_pointers(c, &l);
	c->state->vm_max = params->vms_max;
	c->incoming->vm_max = params->vms_max;
	c->wake = HA_TIME_NEVER;
	/* operation ids of a former life of this process are never ours */
	c->op_count = (params->seed & 0xffffffffu) << 24;
	c->replica = ha_replica_init((char *)mem + l.replica, &rp);
	return c;
}

static void copy_state(struct ha_state *to, const struct ha_state *from)
{
	uint32_t vm_max = to->vm_max;

	assert(from->vm_count <= vm_max);
	memcpy(to, from, ha_state_size(from->vm_count));
	to->vm_max = vm_max;
}

static void on_loaded(struct ha_core *c, const struct ha_event *ev)
{
	struct ha_rev rev = { .kind = HA_REV_LOADED, .now = ev->now };

	assert(!c->loaded);
	c->loaded = true;
	c->closed_at = ev->now;
	c->frozen = ev->loaded.frozen;
	c->crash = ev->loaded.crash;
	c->crash_until = ev->now + HA_S(HA_CRASH_WINDOW_S);
	ha_replica_set_passive(c->replica, c->frozen);
	if (ev->loaded.state && !ev->loaded.damaged) {
		copy_state(c->state, ev->loaded.state);
	}
	soft_sync(c);
	rev.loaded.damaged = ev->loaded.damaged;
	rev.loaded.base = ev->loaded.base;
	rev.loaded.meta = ev->loaded.meta;
	rev.loaded.entries = ev->loaded.entries;
	rev.loaded.entry_count = ev->loaded.entry_count;
	engine_event(c, &rev);
	for (size_t i = 0; i < STAGED_MAX; i++) {
		if (c->staged[i]) {
			struct ha_rev body = { .kind = HA_REV_BODY,
					       .now = ev->now };

			body.body = c->staged[i]->hash;
			engine_event(c, &body);
		}
	}
}

static void on_state(struct ha_core *c, const struct ha_msg *msg)
{
	struct ha_rev rev = { .kind = HA_REV_MESSAGE, .now = c->now };

	if (ha_host_in(msg->state.header.to, self(c)) &&
	    msg->from != self(c)) {
		/* a stale one must not take the place of the one that the
		 * replica is about to install */
		if (c->incoming_busy ||
		    msg->state.header.view != c->view_id ||
		    msg->state.header.epoch < c->incoming_epoch ||
		    msg->state.state->vm_count > c->params.vms_max) {
			return;
		}
		c->incoming_epoch = msg->state.header.epoch;
		copy_state(c->incoming, msg->state.state);
	}
	rev.message = &msg->state.header;
	engine_event(c, &rev);
}

/* A member that is still being brought up to date misses what the others say
 * meanwhile in the epoch that it is about to enter; it asks again then. */
static bool of_this_epoch(struct ha_core *c, const struct ha_msg *msg)
{
	if (!c->open && msg->epoch > c->missed_epoch) {
		c->missed_epoch = msg->epoch;
	}
	return c->open && msg->epoch == c->epoch.number;
}

static void on_message(struct ha_core *c, const struct ha_msg *msg)
{
	struct ha_rev rev = { .kind = HA_REV_MESSAGE, .now = c->now };

	switch (msg->kind) {
	case HA_MSG_REPLICA:
		rev.message = &msg->replica;
		engine_event(c, &rev);
		break;
	case HA_MSG_STATE:
		on_state(c, msg);
		break;
	case HA_MSG_WANT_BODY:
		if (msg->from != self(c) && staged_config(c, &msg->body)) {
			out_action(c, HA_ACT_SEND_BODY)->body = msg->body;
		}
		break;
	case HA_MSG_HOST:
		if (of_this_epoch(c, msg)) {
			member_on_host(c, msg);
		}
		break;
	case HA_MSG_REPORTS:
		if (of_this_epoch(c, msg)) {
			report_receive(c, msg);
		}
		break;
	case HA_MSG_REQUEST:
		if (of_this_epoch(c, msg)) {
			command_request(c, &msg->request);
		}
		break;
	case HA_MSG_ANSWER:
		if (of_this_epoch(c, msg)) {
			command_answer(c, &msg->answer);
		}
		break;
	case HA_MSG_FENCED:
		if (of_this_epoch(c, msg)) {
			fence_on_fenced(c, msg);
		}
		break;
	}
}

static void on_tick(struct ha_core *c)
{
	struct ha_rev rev = { .kind = HA_REV_TICK, .now = c->now };

	engine_event(c, &rev);
}

static void on_persisted(struct ha_core *c, const struct ha_event *ev)
{
	struct ha_rev rev = { .kind = HA_REV_PERSISTED, .now = c->now };

	rev.persisted.seq = ev->persisted.seq;
	rev.persisted.ok = ev->persisted.ok;
	engine_event(c, &rev);
}

static void observe(struct ha_core *c, const struct ha_event *ev)
{
	switch (ev->kind) {
	case HA_EV_LOADED:
		on_loaded(c, ev);
		break;
	case HA_EV_VIEW:
		member_on_view(c, ev);
		break;
	case HA_EV_MESSAGE:
		on_message(c, ev->message);
		break;
	case HA_EV_PERSISTED:
		on_persisted(c, ev);
		break;
	case HA_EV_CONFIG:
		staged_add(c, ev->config);
		break;
	case HA_EV_AGENT:
		local_agent(c, ev);
		break;
	case HA_EV_INVENTORY:
		local_inventory(c, ev);
		break;
	case HA_EV_DOMAIN:
		local_domain(c, &ev->domain);
		break;
	case HA_EV_RESULT:
		if (!fence_result(c, ev->result.id, ev) &&
		    !local_result(c, ev)) {
			(void)ready_result(c, ev); /* stale: dropped */
		}
		break;
	case HA_EV_COMMAND:
		command_arrive(c, &ev->command);
		break;
	case HA_EV_FORGET:
		command_forget(c, ev->forget);
		break;
	case HA_EV_TICK:
		c->minute = ev->minute;
		on_tick(c);
		break;
	}
}

/* The clock jumped between two steps although we wanted to be called: we were
 * stopped, and what others did meanwhile is still on its way to us. */
static void notice_stall(struct ha_core *c, ha_time now)
{
	struct ha_trace t = about_cluster(HA_TRACE_WARNING);
	ha_time due = ha_core_deadline(c);
	ha_dur limit = ha_time_max(STALL, 2 * c->params.token);

	if (due == HA_TIME_NEVER || now < due || now - due < limit) {
		return;
	}
	c->judge_from = now + ha_time_max(STALL, c->params.token) / 2;
	c->fence_from = now + ha_time_max(STALL, 2 * c->params.token);
	out_trace(c, &t, "this hacd: was stopped for %lld ms -> observes only "
		  "for a while",
		  (long long)((now - due) / 1000));
}

static void decide(struct ha_core *c)
{
	if (!c->open || !c->config || c->frozen) {
		return;
	}
	if (c->now < c->judge_from) {
		wake_at(c, c->judge_from);
		return;
	}
	if (is_coordinator(c)) {
		member_decide(c);
		fence_decide(c);
	}
	/* elsewhere nothing is proposed, but it is known why a VM waits */
	vm_decide(c);
}

/* What was proposed in this step goes out with it, also by a command in a
 * moment when nothing is decided. */
static void hand_out(struct ha_core *c)
{
	if (c->open) {
		flush_facts(c);
	}
	engine_drain(c);
}

struct step_mark { /* before an event was observed */
	uint64_t index, epoch;
	bool open, more;
	ha_time wake;
};

/* Most events tell only what others have persisted, and there can be 10000
 * VMs: where nothing has changed that is decided from, and no time has come,
 * the VMs need not be gone through. */
static bool is_quiet(const struct ha_core *c, const struct ha_event *event,
		     const struct step_mark *before)
{
	bool of_replica = event->kind == HA_EV_PERSISTED ||
			  event->kind == HA_EV_TICK ||
			  (event->kind == HA_EV_MESSAGE &&
			   event->message->kind == HA_MSG_REPLICA);

	return of_replica && !before->more && c->now < before->wake &&
	       c->now >= c->judge_from && !c->want_host_msg &&
	       !c->want_full_report && !c->epoch.small &&
	       c->state->index == before->index && c->open == before->open &&
	       c->epoch.number == before->epoch;
}

/* Where an invariant is broken nothing is acted upon; the text takes the place
 * of what would have been done. */
static struct ha_actions conclude(struct ha_core *c, bool quiet)
{
	char broken[HA_TEXT_MAX + 1];
	struct ha_action *a;

	if (quiet ? core_check_log(c, broken) : ha_core_check(c, broken)) {
		return (struct ha_actions){ c->actions, c->action_count, NULL };
	}
	c->action_count = 0;
	a = out_action(c, HA_ACT_TRACE);
	memcpy(a->trace.text, broken, sizeof(broken));
	return (struct ha_actions){ c->actions, 0, a->trace.text };
}

struct ha_actions ha_core_step(struct ha_core *c, const struct ha_event *event)
{
	struct step_mark before = { c->state->index, c->epoch.number, c->open,
				    c->more, c->wake };
	bool quiet = false;

	c->action_count = 0;
	c->copy_count = 0;
	c->msg_count = 0;
	c->persist_count = 0;
	c->report_count = 0;
	c->entry_count = 0;
	c->fact_count = 0;
	if (c->loaded) {
		notice_stall(c, event->now);
	}
	c->now = ha_time_max(c->now, event->now);
	c->wake = HA_TIME_NEVER;
	c->more = false;
	observe(c, event);
	if (c->loaded) {
		aside_run(c);
		member_run(c);
		quiet = is_quiet(c, event, &before);
		if (quiet) {
			wake_at(c, before.wake);
		} else {
			local_run(c);
		}
		fence_run(c);
		if (!quiet) {
			report_send(c);
		}
		command_run(c);
		if (!quiet) {
			decide(c);
		}
		hand_out(c);
		if (c->more) {
			wake_at(c, c->now + HA_MS(10));
		}
	}
	return conclude(c, quiet);
}

ha_time ha_core_deadline(const struct ha_core *c)
{
	if (!c->loaded) {
		return HA_TIME_NEVER;
	}
	return ha_time_min(c->wake, ha_replica_deadline(c->replica));
}

bool ha_core_is_loaded(const struct ha_core *c)
{
	return c->loaded;
}
