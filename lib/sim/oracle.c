/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/oracle.h"

#include <stdarg.h>
#include <string.h>

#include "core/view.h"
#include "sim/world.h"

void sim_oracle_fail(struct sim *s, const char *fmt, ...)
{
	va_list ap;

	if (s->oracle.failed) {
		return;
	}
	s->oracle.failed = true;
	va_start(ap, fmt);
	vsnprintf(s->oracle.text, sizeof(s->oracle.text), fmt, ap);
	va_end(ap);
	sim_log(s, 0, "ORACLE: %s", s->oracle.text);
}

static uint64_t mix(uint64_t h, const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t word;

	for (; len >= sizeof(word); len -= sizeof(word), p += sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	for (; len > 0; len--, p++) {
		h = (h ^ *p) * 0x100000001b3u;
	}
	return h;
}

/* All but vm_max, which is the core's own. */
static uint64_t hash_state(const struct ha_state *s)
{
	uint64_t h = mix(1, s, offsetof(struct ha_state, vm_max));

	return mix(h, s->vms, s->vm_count * sizeof(s->vms[0]));
}

/* The state at an index is the same wherever it is reached. */
static void check_state(struct sim *s, ha_hostid host,
			const struct ha_state *state)
{
	struct sim_state_seen *seen =
		&s->oracle.states[state->index % SIM_STATES_MAX];
	uint64_t hash;

	if (state->index == 0 ||
	    s->oracle.core_index[host - 1] == state->index) {
		return;
	}
	s->oracle.core_index[host - 1] = state->index;
	hash = hash_state(state);
	if (state->index > s->oracle.top_index) {
		s->oracle.top_index = state->index;
	}
	if (seen->index < state->index) {
		seen->index = state->index;
		seen->hash = hash;
	} else if (seen->index == state->index && seen->hash != hash) {
		sim_oracle_fail(s, "nothing acknowledged is lost: the state at "
				"index %llu on %s differs from what it was "
				"elsewhere", (unsigned long long)state->index,
				sim_host(s, host)->name);
	}
}

/* An epoch must hold all that was acknowledged in earlier ones. */
static uint64_t must_hold(const struct sim *s, uint64_t epoch)
{
	uint64_t index = 0;

	for (size_t i = 0; i < s->oracle.ack_count; i++) {
		const struct sim_ack *a = &s->oracle.acks[i];

		if (a->epoch < epoch && a->index > index) {
			index = a->index;
		}
	}
	return index;
}

static void note_ack(struct sim *s, uint64_t epoch, uint64_t index)
{
	struct sim_ack *acks = s->oracle.acks;
	size_t at = s->oracle.ack_count;

	while (at > 0 && acks[at - 1].epoch > epoch) {
		at--;
	}
	if (at > 0 && acks[at - 1].epoch == epoch) {
		if (index > acks[at - 1].index) {
			acks[at - 1].index = index;
		}
		return;
	}
	if (s->oracle.ack_count == SIM_ACKS_MAX) {
		if (at == 0) {
			return;
		}
		/* a later epoch's index is higher: nothing is forgotten */
		memmove(acks, acks + 1, --at * sizeof(*acks));
	} else {
		memmove(acks + at + 1, acks + at,
			(s->oracle.ack_count++ - at) * sizeof(*acks));
	}
	acks[at] = (struct sim_ack){ epoch, index };
}

static void check_epoch(struct sim *s, ha_hostid host,
			const struct ha_cluster_view *v)
{
	const struct sim_host *h = sim_host(s, host);
	struct sim_epoch_seen *seen =
		&s->oracle.epochs[v->epoch * 0x9e3779b97f4a7c15u %
				  SIM_EPOCHS_MAX];

	if (seen->epoch != v->epoch) {
		seen->epoch = v->epoch;
		seen->coordinator = v->coordinator;
	}
	/* by its log: a small view has not committed all of it */
	if (h->level != 0 && v->level != 0 &&
	    (v->level > h->level || v->level < h->level_min)) {
		sim_oracle_fail(s, "no host takes part whose hac does not speak "
				"the protocol: %s speaks level %u to %u, epoch "
				"%llu has %u", h->name, h->level_min, h->level,
				(unsigned long long)v->epoch, v->level);
	}
	if (seen->coordinator != v->coordinator) {
		sim_oracle_fail(s, "one coordinator: epoch %llu has %s and %s",
				(unsigned long long)v->epoch,
				sim_host(s, seen->coordinator)->name,
				sim_host(s, v->coordinator)->name);
	}
	/* a small view commits nothing before its proofs: with its own record
	 * committed, all before it is */
	if (ha_core_state(sim_host(s, host)->core)->epoch == v->epoch &&
	    v->index < must_hold(s, v->epoch)) {
		sim_oracle_fail(s, "nothing acknowledged is lost: epoch %llu "
				"opens on %s at index %llu, but %llu was "
				"acknowledged", (unsigned long long)v->epoch,
				sim_host(s, host)->name,
				(unsigned long long)v->index,
				(unsigned long long)must_hold(s, v->epoch));
	}
}

void sim_oracle_step(struct sim *s, ha_hostid host)
{
	const struct ha_core *core = sim_host(s, host)->core;
	struct ha_cluster_view v;

	if (s->oracle.off) {
		return;
	}
	check_state(s, host, ha_core_state(core));
	sim_oracle_rules(s, core);
	ha_core_view_epoch(core, &v);
	/* half of the hosts may open one each; only one commits its record */
	if (v.quorate && v.epoch > s->oracle.top_epoch &&
	    ha_core_state(core)->epoch == v.epoch) {
		s->oracle.top_epoch = v.epoch;
		s->oracle.top_members = v.members;
	}
	if (!v.quorate) {
		s->oracle.core_epoch[host - 1] = 0;
	} else if (s->oracle.core_epoch[host - 1] != v.epoch) {
		check_epoch(s, host, &v);
		if (ha_core_state(core)->epoch == v.epoch) {
			s->oracle.core_epoch[host - 1] = v.epoch;
		}
	}
}

void sim_oracle_lied(struct sim *s, ha_hostid host)
{
	const struct sim_params *p = &s->params;

	sim_log(s, host, "world: its fence device lies");
	s->oracle.lied |= ha_host_bit(host);
	/* each half may now believe that the other is gone */
	s->oracle.off = s->oracle.off || p->two_node || p->auto_tie_breaker ||
			p->qdevice != SIM_QDEVICE_NONE;
}

void sim_oracle_off(struct sim *s, ha_hostid host)
{
	s->oracle.lied &= ~ha_host_bit(host);
}

/* Hosts that own and report VMs, as this hacd knows. */
static ha_hostset admitted(const struct sim *s, ha_hostid host)
{
	const struct ha_core *core = s->hosts[host - 1].core;
	ha_hostset set = 0;

	for (ha_hostid h = 1; core && h <= s->host_max; h++) {
		if (ha_core_state(core)->hosts[h - 1].present &&
		    ha_core_state(core)->hosts[h - 1].proof == HA_PROOF_NONE) {
			set |= ha_host_bit(h);
		}
	}
	return set;
}

/* Where it also runs, as far as hac can know. */
static ha_hostset elsewhere(const struct sim *s, ha_hostid host, uint32_t vm)
{
	ha_hostset lied = s->oracle.lied;

	if (s->oracle.off || ha_host_in(lied, host)) {
		return 0;
	}
	/* one that is back and says what it runs is a second witness */
	lied &= ~admitted(s, host);
	return s->vms[vm].there & ~ha_host_bit(host) & ~lied;
}

void sim_oracle_spawn(struct sim *s, ha_hostid host, uint32_t vm)
{
	struct sim_vm *v = &s->vms[vm];
	ha_hostset others = elsewhere(s, host, vm);

	if (others != 0) {
		sim_oracle_fail(s, "never twice: vm %s runs on %s and starts "
				"on %s", v->name,
				sim_host(s, ha_hostset_first(others))->name,
				sim_host(s, host)->name);
	}
}

static void check_start(struct sim *s, ha_hostid host, uint32_t vm)
{
	const struct ha_state *state = ha_core_state(sim_host(s, host)->core);
	const struct ha_vm_state *v = ha_state_vm(state, &s->vms[vm].uuid);
	ha_hostset others = elsewhere(s, host, vm);

	if (others != 0) {
		sim_oracle_fail(s, "proof before recovery: %s starts vm %s, "
				"which still runs on %s",
				sim_host(s, host)->name, s->vms[vm].name,
				sim_host(s, ha_hostset_first(others))->name);
	}
	if (v && v->wanted == HA_WANTED_STOPPED) {
		sim_oracle_fail(s, "%s starts vm %s, which the admin wants "
				"stopped", sim_host(s, host)->name,
				s->vms[vm].name);
	}
}

static void check_fence(struct sim *s, ha_hostid host, ha_hostid target)
{
	const struct sim_host *h = sim_host(s, host);
	struct ha_cluster_view v;

	ha_core_view_epoch(h->core, &v);
	if (v.epoch < s->oracle.top_epoch &&
	    ha_host_in(s->oracle.top_members, target) &&
	    !ha_host_in(s->oracle.fence_asked, target)) {
		sim_oracle_fail(s, "no collateral damage: %s, which missed what "
				"came later, fences %s, which is a member again",
				h->name, sim_host(s, target)->name);
	}
	if (!h->view_quorate) {
		sim_oracle_fail(s, "no collateral damage: %s fences %s without "
				"quorum", h->name, sim_host(s, target)->name);
	} else if (ha_host_in(h->view_members, target) &&
		   !ha_host_in(s->oracle.fence_asked, target)) {
		sim_oracle_fail(s, "no collateral damage: %s fences %s, which "
				"is in its membership", h->name,
				sim_host(s, target)->name);
	}
}

/* What is told of it is another matter. */
static void check_aside(struct sim *s, ha_hostid host,
			const struct ha_action *a)
{
	const struct ha_state *state = ha_core_state(sim_host(s, host)->core);
	const struct ha_vm_state *v = ha_state_vm(state, &a->vm.uuid);
	uint32_t vm = sim_vm_number(s, &a->vm.uuid);

	if (v && v->aside != 0 && vm < s->vm_count) {
		sim_oracle_fail(s, "a VM over which hacd crashed is left alone: "
				"%s does something about vm %s, which is set "
				"aside", sim_host(s, host)->name,
				s->vms[vm].name);
	}
}

void sim_oracle_action(struct sim *s, ha_hostid host,
		       const struct ha_action *a)
{
	if (a->kind == HA_ACT_VM) {
		check_aside(s, host, a);
	}
	if (a->kind == HA_ACT_VM && a->vm.op == HA_VM_START) {
		uint32_t vm = sim_vm_number(s, &a->vm.uuid);

		if (vm < s->vm_count) {
			check_start(s, host, vm);
		}
	} else if (a->kind == HA_ACT_FENCE &&
		   a->fence.op == HA_FENCE_OP_OFF) {
		check_fence(s, host, a->fence.host->id);
	}
}

void sim_oracle_answer(struct sim *s, ha_hostid host,
		       const struct ha_answer *answer)
{
	struct sim_command_seen *c;
	const struct ha_state *state = ha_core_state(sim_host(s, host)->core);

	if (answer->id == 0 || answer->id > s->oracle.command_count) {
		return;
	}
	c = &s->oracle.commands[answer->id % SIM_COMMANDS_MAX];
	if (c->command.id != answer->id) {
		return;
	}
	if (c->answered) {
		sim_oracle_fail(s, "command %llu has two answers",
				(unsigned long long)answer->id);
		return;
	}
	c->answered = true;
	c->answer = *answer;
	if (answer->code != 0) {
		return;
	}
	note_ack(s, state->epoch, state->index);
}

/* What only the lost knew is given up, by the admin's word. */
void sim_oracle_forget(struct sim *s)
{
	s->oracle.ack_count = 0;
	memset(s->oracle.states, 0, sizeof(s->oracle.states));
}

const struct ha_answer *sim_oracle_find(const struct sim *s, uint64_t id)
{
	const struct sim_command_seen *c =
		&s->oracle.commands[id % SIM_COMMANDS_MAX];

	return c->command.id == id && c->answered ? &c->answer : NULL;
}

void sim_oracle_mark(struct sim *s)
{
	s->oracle.mark_index = s->oracle.top_index;
}
