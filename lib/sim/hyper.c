/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/hyper.h"

#include <stdlib.h>
#include <string.h>

#include "sim/world.h"

#define SPAWN_DELAY HA_MS(150)  /* from asked to a QEMU process, at most */
#define START_DELAY HA_MS(200)  /* from there to running, at most */
#define DESTROY_DELAY HA_MS(200)
#define GUEST_DELAY HA_S(4)     /* a guest shuts itself down, at most */
#define BOOT_DELAY HA_S(8)      /* until its guest agent answers, at most */
#define APP_DELAY HA_S(4)       /* from there until its application does */
#define PROBE_PAUSE HA_S(1)
#define SLOWER 20               /* a slow libvirt */
#define BLANK_TIME HA_S(1)
#define KEEPALIVE HA_S(20)      /* until a hung libvirt is given up */

static struct sim_hyper *hyper(struct sim *s, ha_hostid host)
{
	return &sim_host(s, host)->hyper;
}

/* --- what the agent tells hacd --- */

static void tell_agent(struct sim *s, ha_hostid host, bool up)
{
	struct ha_event ev = { .kind = HA_EV_AGENT };

	ev.agent.agent = HA_AGENT_VM;
	ev.agent.up = up;
	sim_hacd_step(s, host, &ev);
}

static void agent_gone(struct sim *s, const struct sim_pend *p)
{
	if (sim_host(s, p->host)->core &&
	    p->gen == sim_host(s, p->host)->hacd_gen) {
		tell_agent(s, p->host, false);
	}
}

/* A libvirt that has just started lists nothing for a while of what ran before;
 * what it started itself it knows. */
static bool is_blank(const struct sim_hyper *y, uint32_t vm)
{
	return y->blank && y->domains[vm].blank_of == y->gen;
}

static struct ha_domain describe(struct sim *s, ha_hostid host, uint32_t vm)
{
	const struct sim_hyper *y = hyper(s, host);
	const struct sim_domain *d = &y->domains[vm];
	struct ha_domain r = { .vm = s->vms[vm].uuid };

	r.seen = !d->there	   ? HA_SEEN_ABSENT
		 : is_blank(y, vm) ? HA_SEEN_UNKNOWN
		 : d->paused	   ? HA_SEEN_PAUSED
				   : HA_SEEN_RUNNING;
	r.instance = d->there ? d->instance : 0;
	return r;
}

/* The truth, or what a lying libvirt says when it is asked first. */
static struct ha_domain answer(struct sim *s, ha_hostid host, uint32_t vm)
{
	struct sim_domain *d = &hyper(s, host)->domains[vm];
	struct ha_domain r = describe(s, host, vm);

	if (hyper(s, host)->lying && d->asked++ == 0) {
		r.seen = HA_SEEN_UNKNOWN;
	}
	return r;
}

static void tell_inventory(struct sim *s, ha_hostid host)
{
	struct sim_hyper *y = hyper(s, host);
	struct ha_domain *list = sim_alloc((s->vm_count + 1) * sizeof(*list));
	struct ha_event ev = { .kind = HA_EV_INVENTORY };

	for (uint32_t i = 0; i < s->vm_count; i++) {
		if (y->domains[i].there) {
			list[ev.inventory.count++] = answer(s, host, i);
		}
	}
	ev.inventory.domains = list;
	ev.inventory.memory_kib = y->memory_kib;
	ev.inventory.cpus = y->cpus;
	ev.inventory.cpu_mhz = y->cpu_mhz;
	sim_hacd_step(s, host, &ev);
	free(list);
}

/* a: VM */
static void answer_into_hacd(struct sim *s, const struct sim_pend *p)
{
	struct sim_hyper *y = hyper(s, p->host);
	struct ha_event ev = { .kind = HA_EV_DOMAIN };

	if (p->gen == y->agent_gen && y->agent_up) {
		ev.domain = answer(s, p->host, (uint32_t)p->a);
		sim_hacd_step(s, p->host, &ev);
	}
}

/* a: VM; b: enum ha_domain_end */
static void domain_into_hacd(struct sim *s, const struct sim_pend *p)
{
	struct sim_hyper *y = hyper(s, p->host);
	struct ha_event ev = { .kind = HA_EV_DOMAIN };

	if (p->gen != y->agent_gen || !y->agent_up) {
		return;
	}
	ev.domain = describe(s, p->host, (uint32_t)p->a);
	if (ev.domain.seen == HA_SEEN_ABSENT) {
		ev.domain.end = (uint32_t)p->b;
	}
	sim_hacd_step(s, p->host, &ev);
}

static void tell_domain(struct sim *s, ha_hostid host, uint32_t vm,
			enum ha_domain_end end)
{
	struct sim_hyper *y = hyper(s, host);

	if (y->agent_up && !is_blank(y, vm)) {
		sim_after(s, 200, (struct sim_pend){ .fn = domain_into_hacd,
			  .stream = SIM_STREAM_AGENT,
			  .scope = SIM_SCOPE_HACD, .host = host,
			  .gen = y->agent_gen, .a = vm, .b = end });
	}
}

/* a: operation; b: code */
static void result_into_hacd(struct sim *s, const struct sim_pend *p)
{
	static const char *const texts[] = { "", "it could not be done",
					     "the outcome is unknown" };
	struct ha_event ev = { .kind = HA_EV_RESULT };

	if (p->gen != sim_host(s, p->host)->hacd_gen ||
	    !sim_host(s, p->host)->core) {
		return;
	}
	ev.result.id = p->a;
	ev.result.code = (uint32_t)p->b;
	snprintf(ev.result.text, sizeof(ev.result.text), "%s", texts[p->b]);
	sim_hacd_step(s, p->host, &ev);
}

static void result(struct sim *s, ha_hostid host, uint64_t id,
		   enum ha_op_code code)
{
	struct sim_hyper *y = hyper(s, host);

	for (size_t i = 0; i < y->op_count; i++) {
		if (y->ops[i].id != id) {
			continue;
		}
		y->ops[i] = y->ops[--y->op_count];
		sim_after(s, 300, (struct sim_pend){ .fn = result_into_hacd,
			  .stream = SIM_STREAM_AGENT,
			  .scope = SIM_SCOPE_HACD, .host = host,
			  .gen = sim_host(s, host)->hacd_gen, .a = id,
			  .b = code });
		return;
	}
}

/* --- domains --- */

static void set_there(struct sim *s, ha_hostid host, uint32_t vm, bool there)
{
	struct sim_domain *d = &hyper(s, host)->domains[vm];

	d->there = there;
	d->hung = false;
	d->paused = false;
	d->asked = 0;
	d->ready_at[0] = d->ready_at[1] = 0;
	d->run++;
	if (there) {
		d->blank_of = 0;
		d->instance = ++s->instances;
		sim_oracle_spawn(s, host, vm);
		s->vms[vm].there |= ha_host_bit(host);
		s->vms[vm].since = s->now;
	} else {
		s->vms[vm].there &= ~ha_host_bit(host);
	}
}

bool sim_vm_end(struct sim *s, ha_hostid host, uint32_t vm,
		enum ha_domain_end end)
{
	if (!hyper(s, host)->domains[vm].there) {
		return false;
	}
	set_there(s, host, vm, false);
	sim_log(s, host, "world: vm %s ends", s->vms[vm].name);
	tell_domain(s, host, vm, end);
	return true;
}

void sim_vm_pause(struct sim *s, ha_hostid host, uint32_t vm, bool paused)
{
	struct sim_domain *d = &hyper(s, host)->domains[vm];

	if (d->there && d->paused != paused) {
		sim_log(s, host, "world: vm %s %s", s->vms[vm].name,
			paused ? "is paused after an I/O error" : "goes on");
		d->paused = paused;
		tell_domain(s, host, vm, HA_END_NONE);
	}
}

void sim_vm_set_ready(struct sim *s, ha_hostid host, uint32_t vm)
{
	struct sim_domain *d = &hyper(s, host)->domains[vm];

	d->ready_at[0] = d->ready_at[1] = s->now;
}

void sim_vm_reboot(struct sim *s, ha_hostid host, uint32_t vm)
{
	struct sim_domain *d = &hyper(s, host)->domains[vm];

	if (d->there && !d->hung && !d->paused) {
		sim_log(s, host, "world: vm %s boots anew", s->vms[vm].name);
		d->ready_at[0] = d->ready_at[1] = 0;
		d->run += 2; /* what its guest was about to do is void */
	}
}

void sim_vm_spawn(struct sim *s, ha_hostid host, uint32_t vm)
{
	if (!hyper(s, host)->domains[vm].there) {
		sim_log(s, host, "world: vm %s runs", s->vms[vm].name);
		set_there(s, host, vm, true);
		tell_domain(s, host, vm, HA_END_NONE);
	}
}

void sim_hyper_clear(struct sim *s, ha_hostid host)
{
	for (uint32_t i = 0; i < s->vm_count; i++) {
		if (hyper(s, host)->domains[i].there) {
			set_there(s, host, i, false);
		}
	}
}

/* --- what libvirt does; a: VM, b: operation's id, gen: power --- */

bool sim_vm_takes_break(struct sim *s, ha_hostid host, uint32_t vm,
			enum sim_break what)
{
	uint32_t *left = &s->vms[vm].breaks[what][host - 1];

	if (*left == 0) {
		return false;
	}
	if (*left != UINT32_MAX) {
		--*left;
	}
	return true;
}

static void started(struct sim *s, const struct sim_pend *p)
{
	uint32_t vm = (uint32_t)p->a;

	if (p->gen != sim_host(s, p->host)->power_gen) {
		return;
	}
	tell_domain(s, p->host, vm, HA_END_NONE);
	result(s, p->host, p->b, hyper(s, p->host)->domains[vm].there
					 ? HA_OP_OK
					 : HA_OP_UNKNOWN);
}

static void do_start(struct sim *s, const struct sim_pend *p)
{
	uint32_t vm = (uint32_t)p->a;

	if (p->gen != sim_host(s, p->host)->power_gen) {
		return;
	}
	if (sim_vm_takes_break(s, p->host, vm, SIM_BREAK_START) ||
	    hyper(s, p->host)->domains[vm].there || !hyper(s, p->host)->up) {
		sim_log(s, p->host, "world: vm %s cannot be started",
			s->vms[vm].name);
		result(s, p->host, p->b, HA_OP_FAILED);
		return;
	}
	sim_log(s, p->host, "world: vm %s runs", s->vms[vm].name);
	set_there(s, p->host, vm, true);
	sim_after(s, HA_MS(20) + sim_rand_dur(s, START_DELAY),
		  (struct sim_pend){ .fn = started, .scope = SIM_SCOPE_LIBVIRT,
				     .host = p->host, .gen = p->gen,
				     .a = p->a, .b = p->b });
}

static void do_destroy(struct sim *s, const struct sim_pend *p)
{
	struct sim_hyper *y = hyper(s, p->host);
	uint32_t vm = (uint32_t)p->a;

	if (p->gen != sim_host(s, p->host)->power_gen) {
		return;
	}
	if (y->domains[vm].there && (is_blank(y, vm) || !y->up)) {
		result(s, p->host, p->b, HA_OP_UNKNOWN);
		return;
	}
	(void)sim_vm_end(s, p->host, vm, HA_END_DESTROYED);
	result(s, p->host, p->b, HA_OP_OK);
}

/* The guest has done what it was asked. gen: its run. */
static void guest_done(struct sim *s, const struct sim_pend *p)
{
	struct sim_domain *d = &hyper(s, p->host)->domains[p->a];

	if (d->there && d->run == p->gen && !d->hung && !d->paused) {
		(void)sim_vm_end(s, p->host, (uint32_t)p->a, HA_END_GUEST);
	}
}

static void do_shutdown(struct sim *s, const struct sim_pend *p)
{
	struct sim_hyper *y = hyper(s, p->host);
	uint32_t vm = (uint32_t)p->a;

	if (p->gen != sim_host(s, p->host)->power_gen) {
		return;
	}
	if (!y->domains[vm].there || is_blank(y, vm) || !y->up) {
		result(s, p->host, p->b, HA_OP_FAILED);
		return;
	}
	if (!sim_vm_takes_break(s, p->host, vm, SIM_BREAK_STOP)) {
		sim_after(s, HA_MS(200) + sim_rand_dur(s, GUEST_DELAY),
			  (struct sim_pend){ .fn = guest_done,
				.scope = SIM_SCOPE_HOST, .host = p->host,
				.gen = y->domains[vm].run, .a = vm });
	}
	result(s, p->host, p->b, HA_OP_OK);
}

static void do_look(struct sim *s, const struct sim_pend *p)
{
	struct sim_hyper *y = hyper(s, p->host);

	if (p->gen != sim_host(s, p->host)->power_gen) {
		return;
	}
	if (y->agent_up) {
		sim_after(s, 200, (struct sim_pend){ .fn = answer_into_hacd,
			  .stream = SIM_STREAM_AGENT,
			  .scope = SIM_SCOPE_HACD, .host = p->host,
			  .gen = y->agent_gen, .a = p->a });
	}
	result(s, p->host, p->b, HA_OP_OK);
}

/* Drawn for each run, but only where somebody asks. */
static ha_time ready_at(struct sim *s, ha_hostid host, uint32_t vm, bool app)
{
	struct sim_domain *d = &hyper(s, host)->domains[vm];

	if (d->ready_at[0] == 0) {
		d->ready_at[0] = s->now + BOOT_DELAY / 4 +
				 sim_rand_dur(s, BOOT_DELAY * 3 / 4);
		d->ready_at[1] = d->ready_at[0] + sim_rand_dur(s, APP_DELAY);
		if (sim_vm_takes_break(s, host, vm, SIM_BREAK_GUEST)) {
			d->ready_at[0] = d->ready_at[1] = HA_TIME_NEVER;
		} else if (sim_vm_takes_break(s, host, vm, SIM_BREAK_APP)) {
			d->ready_at[1] = HA_TIME_NEVER;
		}
	}
	return d->ready_at[app];
}

static const struct sim_op *find_op(const struct sim_hyper *y, uint64_t id)
{
	for (size_t i = 0; i < y->op_count; i++) {
		if (y->ops[i].id == id) {
			return &y->ops[i];
		}
	}
	return NULL;
}

/* The agent asks until it is answered. */
static void do_await(struct sim *s, const struct sim_pend *p)
{
	struct sim_hyper *y = hyper(s, p->host);
	struct sim_domain *d = &y->domains[p->a];
	const struct sim_op *op = find_op(y, p->b);
	uint32_t vm = (uint32_t)p->a;
	struct sim_pend again = *p;

	if (p->gen != sim_host(s, p->host)->power_gen || !op || !y->agent_up) {
		return;
	}
	if (d->there && !d->hung && !d->paused && y->up && !is_blank(y, vm) &&
	    s->now >= ready_at(s, p->host, vm, op->op == HA_VM_AWAIT_APP)) {
		result(s, p->host, p->b, HA_OP_OK);
		return;
	}
	sim_after(s, PROBE_PAUSE, again);
}

/* --- what hacd asks --- */

static void timed_out(struct sim *s, const struct sim_pend *p)
{
	const struct sim_op *op = find_op(hyper(s, p->host), p->a);

	if (op && p->gen == hyper(s, p->host)->agent_gen) {
		result(s, p->host, p->a, op->op >= HA_VM_AWAIT_GUEST
						 ? HA_OP_FAILED
						 : HA_OP_UNKNOWN);
	}
}

static void schedule_op(struct sim *s, ha_hostid host, uint32_t vm,
			const struct ha_action *a)
{
	static const sim_fn fns[] = {
		[HA_VM_START] = do_start, [HA_VM_SHUTDOWN] = do_shutdown,
		[HA_VM_DESTROY] = do_destroy, [HA_VM_LOOK] = do_look,
		[HA_VM_AWAIT_GUEST] = do_await, [HA_VM_AWAIT_APP] = do_await,
	};
	static const ha_dur delays[] = {
		[HA_VM_START] = SPAWN_DELAY, [HA_VM_SHUTDOWN] = HA_MS(10),
		[HA_VM_DESTROY] = DESTROY_DELAY, [HA_VM_LOOK] = HA_MS(10),
		[HA_VM_AWAIT_GUEST] = HA_MS(10), [HA_VM_AWAIT_APP] = HA_MS(10),
	};
	struct sim_domain *d = &hyper(s, host)->domains[vm];
	ha_dur factor = hyper(s, host)->slow ? SLOWER : 1;
	ha_time at = s->now + HA_MS(5) +
		     sim_rand_dur(s, factor * delays[a->vm.op]);

	if (a->vm.op < HA_VM_AWAIT_GUEST) { /* one thing at a time */
		at = ha_time_max(at, d->busy_until);
		d->busy_until = at;
	}
	d->busy_until += (a->vm.op == HA_VM_START ? START_DELAY : 0);
	sim_after(s, at - s->now, (struct sim_pend){ .fn = fns[a->vm.op],
		  .scope = SIM_SCOPE_LIBVIRT, .host = host,
		  .gen = sim_host(s, host)->power_gen, .a = vm,
		  .b = a->vm.id });
}

static void add_op(struct sim_hyper *y, struct sim_op op)
{
	if (y->op_count == y->op_size) {
		y->op_size = y->op_size > 0 ? 2 * y->op_size : 64;
		y->ops = realloc(y->ops, y->op_size * sizeof(*y->ops));
		if (!y->ops) {
			abort();
		}
	}
	y->ops[y->op_count++] = op;
}

void sim_hyper_op(struct sim *s, ha_hostid host, const struct ha_action *a)
{
	struct sim_hyper *y = hyper(s, host);
	uint32_t vm = sim_vm_number(s, &a->vm.uuid);

	if (vm >= s->vm_count) {
		sim_oracle_fail(s, "an operation that the world cannot do");
		return;
	}
	add_op(y, (struct sim_op){ a->vm.id, a->vm.op, vm });
	if (!y->agent_up) {
		result(s, host, a->vm.id, HA_OP_UNKNOWN);
		return;
	}
	schedule_op(s, host, vm, a);
	sim_after(s, a->vm.timeout, (struct sim_pend){ .fn = timed_out,
		  .scope = SIM_SCOPE_HACD, .host = host, .gen = y->agent_gen,
		  .a = a->vm.id });
}

void sim_hyper_cancel(struct sim *s, ha_hostid host, uint64_t id)
{
	struct sim_hyper *y = hyper(s, host);

	for (size_t i = 0; i < y->op_count; i++) {
		if (y->ops[i].id == id) {
			y->ops[i] = y->ops[--y->op_count];
			return;
		}
	}
}

/* --- the agent's connection to libvirt --- */

static void agent_lost(struct sim *s, ha_hostid host)
{
	struct sim_hyper *y = hyper(s, host);

	if (!y->agent_up) {
		return;
	}
	y->agent_up = false;
	y->agent_gen++;
	while (y->op_count > 0) {
		result(s, host, y->ops[0].id, HA_OP_UNKNOWN);
	}
	sim_after(s, 0, (struct sim_pend){ .fn = agent_gone,
		  .stream = SIM_STREAM_AGENT,
		  .scope = SIM_SCOPE_HACD, .host = host,
		  .gen = sim_host(s, host)->hacd_gen });
}

/* a: how often it had connected or gone when it began to: one that has died
 * since does not. */
static void agent_connect(struct sim *s, const struct sim_pend *p)
{
	struct sim_host *h = sim_host(s, p->host);
	struct sim_hyper *y = &h->hyper;

	if (!h->core || p->gen != h->hacd_gen || p->a != y->agent_gen ||
	    y->agent_up || !y->up || y->hung) {
		return;
	}
	y->agent_up = true;
	y->agent_gen++;
	tell_agent(s, p->host, true);
	tell_inventory(s, p->host);
}

void sim_agent_start(struct sim *s, ha_hostid host, ha_dur after)
{
	sim_after(s, after, (struct sim_pend){ .fn = agent_connect,
		  .scope = SIM_SCOPE_HACD, .host = host,
		  .gen = sim_host(s, host)->hacd_gen,
		  .a = hyper(s, host)->agent_gen });
}

void sim_agent_stop(struct sim *s, ha_hostid host)
{
	agent_lost(s, host);
}

static void unblank(struct sim *s, const struct sim_pend *p)
{
	struct sim_hyper *y = hyper(s, p->host);

	if (!y->up || p->gen != y->gen || !y->blank) {
		return;
	}
	y->blank = false;
	for (uint32_t i = 0; i < s->vm_count; i++) {
		if (y->domains[i].there) {
			tell_domain(s, p->host, i, HA_END_NONE);
		}
	}
}

static void libvirt_up(struct sim *s, const struct sim_pend *p)
{
	struct sim_host *h = sim_host(s, p->host);
	struct sim_hyper *y = &h->hyper;

	if (p->gen != y->gen || !h->power) {
		return;
	}
	y->up = true;
	y->blank = true;
	for (uint32_t i = 0; i < s->vm_count; i++) {
		y->domains[i].blank_of = y->gen;
	}
	y->hung = false;
	sim_after(s, BLANK_TIME, (struct sim_pend){ .fn = unblank,
		  .scope = SIM_SCOPE_HOST, .host = p->host, .gen = y->gen });
	sim_agent_start(s, p->host, HA_MS(100));
}

void sim_hyper_start(struct sim *s, ha_hostid host, ha_dur after)
{
	sim_after(s, after, (struct sim_pend){ .fn = libvirt_up,
		  .scope = SIM_SCOPE_HOST, .host = host,
		  .gen = ++hyper(s, host)->gen });
}

void sim_hyper_crash(struct sim *s, ha_hostid host, ha_dur back_after)
{
	struct sim_hyper *y = hyper(s, host);

	y->up = false;
	y->hung = false;
	y->gen++;
	agent_lost(s, host);
	sim_release(s, sim_host(s, host), SIM_SCOPE_LIBVIRT);
	sim_hyper_start(s, host, back_after);
}

/* gen: libvirt's */
static void keepalive(struct sim *s, const struct sim_pend *p)
{
	if (hyper(s, p->host)->hung && p->gen == hyper(s, p->host)->gen) {
		agent_lost(s, p->host);
	}
}

void sim_hyper_hang(struct sim *s, ha_hostid host, bool hung)
{
	struct sim_hyper *y = hyper(s, host);

	if (y->hung == hung || !y->up) {
		return;
	}
	y->hung = hung;
	if (hung) {
		sim_after(s, KEEPALIVE, (struct sim_pend){ .fn = keepalive,
			  .scope = SIM_SCOPE_HACD, .host = host,
			  .gen = y->gen });
		return;
	}
	sim_release(s, sim_host(s, host), SIM_SCOPE_LIBVIRT);
	sim_agent_start(s, host, HA_MS(100));
}

void sim_hyper_set(struct sim *s, ha_hostid host, bool slow, bool lying)
{
	hyper(s, host)->slow = slow;
	hyper(s, host)->lying = lying;
}

void sim_hyper_mend(struct sim *s, ha_hostid host)
{
	sim_hyper_set(s, host, false, false);
	sim_hyper_hang(s, host, false);
	for (uint32_t i = 0; i < s->vm_count; i++) {
		struct sim_domain *d = &hyper(s, host)->domains[i];

		sim_vm_pause(s, host, i, false);
		if (d->ready_at[1] == HA_TIME_NEVER) {
			d->ready_at[0] = d->ready_at[1] = 0;
		}
	}
}
