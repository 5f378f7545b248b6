/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts on their way into the log. An object with a fact under way is not
 * decided about again until that fact is committed or the epoch is over.
 */
#include "core/rules.h"
#include "core/state_apply.h"

static uint32_t *pending_of(struct ha_core *c, const struct ha_fact *f)
{
	switch ((enum ha_fact_kind)f->kind) {
	case HA_FACT_VM_OWNER:
	case HA_FACT_VM_STOP:
	case HA_FACT_VM_RELEASE:
	case HA_FACT_VM_WANTED:
	case HA_FACT_VM_SURVEY:
	case HA_FACT_VM_MOVE:
	case HA_FACT_VM_RESET:
	case HA_FACT_VM_COPY:
	case HA_FACT_VM_ASIDE: {
		struct vm_soft *vm = soft_vm(c, &f->vm);

		return vm ? &vm->pending : NULL;
	}
	case HA_FACT_ADMIT:
	case HA_FACT_PROOF:
	case HA_FACT_FENCE:
	case HA_FACT_FENCE_END:
	case HA_FACT_LEAVING:
	case HA_FACT_LEFT:
	case HA_FACT_STAY:
	case HA_FACT_MAINTENANCE:
		return &c->hosts[f->host - 1].pending;
	case HA_FACT_CONFIG:
	case HA_FACT_DISARM:
	case HA_FACT_CLUSTER_STOP:
		return &c->global_pending;
	case HA_FACT_NONE:
	case HA_FACT_COUNT:
		break;
	}
	return NULL;
}

static void set_effect(struct ha_core *c, struct ha_entry *e,
		       const struct ha_fact *f)
{
	if (f->kind == HA_FACT_ADMIT) {
		e->effect = HA_EFFECT_ADMIT;
		e->host = f->host;
	} else if (f->kind == HA_FACT_LEFT ||
		   (f->kind == HA_FACT_PROOF && f->code == HA_PROOF_REBOOT)) {
		e->effect = HA_EFFECT_BREAK; /* its hacd runs */
		e->host = f->host;
	} else if (f->kind == HA_FACT_PROOF) {
		e->effect = HA_EFFECT_DOWN;
		e->host = f->host;
	} else if (f->kind == HA_FACT_CONFIG) {
		ha_hostset voters = ha_replica_base(c->replica)->voters;

		e->body = f->hash;
		if (ha_host_in(voters, f->host)) {
			e->effect = HA_EFFECT_REMOVE;
			e->host = f->host;
		}
	}
}

static bool fill_entry(struct ha_core *c, const struct ha_fact *f,
		       struct ha_entry *e)
{
	memset(e, 0, sizeof(*e));
	ha_entry_set_fact(e, f);
	set_effect(c, e, f);
	return e->effect != HA_EFFECT_NONE;
}

/* A fact that changes the voters travels alone: it may have to wait, and
 * nothing else should. */
static bool propose_alone(struct ha_core *c, const struct ha_entry *e)
{
	flush_facts(c);
	if (ha_replica_propose(c->replica, e, 1) != 0) {
		c->more = true;
		return false;
	}
	return true;
}

bool propose(struct ha_core *c, const struct ha_fact *fact)
{
	uint32_t *pending = pending_of(c, fact);
	struct ha_entry e;

	if (!is_coordinator(c)) {
		return false;
	}
	/* what would not be taken must not be told as decided, again and again */
	if (c->fact_count >= FACTS_STEP_MAX ||
	    c->batch.count >= ha_replica_room(c->replica)) {
		c->more = true;
		return false;
	}
	if (fill_entry(c, fact, &e)) {
		if (!propose_alone(c, &e)) {
			return false;
		}
	} else {
		if (c->batch.count == FACTS_MAX) {
			flush_facts(c);
		}
		c->batch.entries[c->batch.count++] = e;
	}
	if (pending) {
		(*pending)++;
	}
	c->fact_count++;
	return true;
}

void flush_facts(struct ha_core *c)
{
	size_t count = c->batch.count;

	if (count == 0) {
		return;
	}
	c->batch.count = 0;
	if (ha_replica_propose(c->replica, c->batch.entries, count) == 0) {
		return;
	}
	c->more = true;
	for (size_t i = 0; i < count; i++) {
		struct ha_fact f = ha_entry_fact(&c->batch.entries[i]);
		uint32_t *pending = pending_of(c, &f);

		if (pending && *pending > 0) {
			(*pending)--;
		}
	}
}

void note_committed(struct ha_core *c, const struct ha_entry *entry)
{
	struct ha_fact f = ha_entry_fact(entry);
	uint32_t *pending;

	if (!is_coordinator(c) || entry->kind != HA_ENTRY_FACT ||
	    entry->epoch != c->epoch.number) {
		return;
	}
	pending = pending_of(c, &f);
	if (pending && *pending > 0) {
		(*pending)--;
	}
}
