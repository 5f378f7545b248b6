/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/bent-core.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/state_apply.h"
#include "tests/unit/small-cluster.h"

struct ha_core *bent;

static struct ha_core saved;
static struct ha_state *saved_state;
static struct vm_soft *saved_vms;
static struct ha_replica_base saved_base;
static struct ha_epoch *epoch; /* the replica's own */

static size_t state_size(void)
{
	return ha_state_size(bent->params.vms_max);
}

static size_t vms_size(void)
{
	return bent->params.vms_max * sizeof(struct vm_soft);
}

/* Its own, which it only lends. */
static struct ha_replica_base *base(void)
{
	return (struct ha_replica_base *)ha_replica_base(bent->replica);
}

void bent_set_up(void)
{
	small_set_up();
	small_run_for(HA_S(60));
	bent = small.sim->hosts[0].core;
	ck_assert(is_coordinator(bent));
	saved_state = malloc(state_size());
	saved_vms = malloc(vms_size());
	ck_assert_ptr_nonnull(saved_state);
	ck_assert_ptr_nonnull(saved_vms);
	saved = *bent;
	saved_base = *base();
	epoch = (struct ha_epoch *)ha_replica_epoch(bent->replica);
	ck_assert(!epoch->small);
	memcpy(saved_state, bent->state, state_size());
	memcpy(saved_vms, bent->vms, vms_size());
	bent_listen();
}

void bent_restore(void)
{
	*bent = saved;
	*base() = saved_base;
	epoch->small = false;
	memcpy(bent->state, saved_state, state_size());
	memcpy(bent->vms, saved_vms, vms_size());
	bent_listen();
}

void bent_tear_down(void)
{
	bent_restore();
	free(saved_state);
	free(saved_vms);
	small_tear_down();
}

void bent_listen(void)
{
	bent->action_count = 0;
	bent->msg_count = 0;
	bent->more = false;
}

size_t bent_told(void)
{
	size_t n = 0;

	for (size_t i = 0; i < bent->action_count; i++) {
		n += bent->actions[i].kind == HA_ACT_TRACE;
	}
	return n;
}

const struct ha_trace *bent_last_trace(void)
{
	for (size_t i = bent->action_count; i-- > 0;) {
		if (bent->actions[i].kind == HA_ACT_TRACE) {
			return &bent->actions[i].trace;
		}
	}
	return NULL;
}

const char *bent_last_told(void)
{
	const struct ha_trace *last = bent_last_trace();

	return last ? last->text : "";
}

struct ha_fact bent_last_fact(void)
{
	size_t waiting = bent->batch.count;

	/* what travels alone is in the log already */
	return ha_entry_fact(waiting > 0
				     ? &bent->batch.entries[waiting - 1]
				     : ha_replica_entry(bent->replica,
							base()->index));
}

const struct ha_answer *bent_answer(void)
{
	for (size_t i = 0; i < bent->msg_count; i++) {
		if (bent->msgs[i].kind == HA_MSG_ANSWER) {
			return &bent->msgs[i].answer;
		}
	}
	return NULL;
}

uint32_t bent_vm_of(ha_hostid owner)
{
	for (uint32_t i = 0; i < bent->vm_count; i++) {
		if (bent->state->vms[i].owner == owner) {
			return i;
		}
	}
	ck_abort_msg("host %u owns no VM", owner);
	return 0;
}

void bent_halve(ha_hostid absent)
{
	base()->voters |= ha_host_bit(absent);
	epoch->small = true;
	bent->epoch.small = true;
	bent->state->epoch--; /* what it committed is not known yet */
}

void bent_fill(void)
{
	bent->fact_count = FACTS_STEP_MAX;
}

uint32_t bent_set_up_vm(struct ha_vm_state **ret_state,
			struct vm_soft **ret_soft)
{
	uint32_t vm;

	bent_set_up();
	vm = bent_vm_of(1);
	*ret_state = bent_state(vm);
	*ret_soft = bent_soft(vm);
	return vm;
}

struct ha_config *bent_config(void)
{
	return (struct ha_config *)bent->config;
}

struct ha_vm_conf *bent_conf(uint32_t vm)
{
	return (struct ha_vm_conf *)bent->vms[vm].conf;
}

struct ha_vm_state *bent_state(uint32_t vm)
{
	return &bent->state->vms[vm];
}

struct vm_soft *bent_soft(uint32_t vm)
{
	return &bent->vms[vm];
}
