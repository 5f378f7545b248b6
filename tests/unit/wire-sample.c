/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/wire-sample.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* A field was added? Then to the schema, the codec and this test too. */
_Static_assert(sizeof(struct ha_fact) == 128, "struct ha_fact changed");
_Static_assert(sizeof(struct ha_entry) == 304, "struct ha_entry changed");
_Static_assert(sizeof(struct ha_host_state) == 48, "ha_host_state changed");
_Static_assert(sizeof(struct ha_vm_state) == 120, "ha_vm_state changed");
_Static_assert(sizeof(struct ha_crash) == 32, "struct ha_crash changed");
_Static_assert(sizeof(struct ha_report) == 104, "struct ha_report changed");
_Static_assert(sizeof(struct ha_command) == 112, "struct ha_command changed");

void sample_fill(void *p, size_t len, unsigned seed)
{
	for (size_t i = 0; i < len; i++) {
		((uint8_t *)p)[i] = (uint8_t)(seed + i * 7 + 1);
	}
}

void sample_fact_entry(struct ha_entry *e, uint64_t index)
{
	struct ha_fact f;

	memset(e, 0, sizeof(*e));
	memset(&f, 0, sizeof(f));
	f.kind = HA_FACT_VM_OWNER;
	f.code = 3;
	f.host = 2;
	f.by = 64;
	f.boot = UINT64_MAX;
	f.number = index * 1000;
	sample_fill(&f.vm, sizeof(f.vm), 1);
	sample_fill(&f.hash, sizeof(f.hash), 2);
	memcpy(f.text, "because", 8);
	e->epoch = 130;
	e->index = index;
	e->kind = HA_ENTRY_FACT;
	e->effect = HA_EFFECT_ADMIT;
	e->host = 3;
	e->len = sizeof(f);
	sample_fill(&e->body, sizeof(e->body), 3);
	memcpy(e->data, &f, sizeof(f));
}

void sample_epoch_entry(struct ha_entry *e, uint64_t index)
{
	memset(e, 0, sizeof(*e));
	e->epoch = 130;
	e->index = index;
	e->kind = HA_ENTRY_EPOCH;
	e->host = 64;
	e->members = 0x8000000000000003u;
	e->view = 77;
	e->len = 5;
	memcpy(e->data, "level", 5);
	e->effect = HA_EFFECT_LOSS;
	e->lost = 0x30;
	e->level = 3;
	sample_fill(e->cluster, sizeof(e->cluster), 7);
}

void sample_base(struct ha_replica_base *b)
{
	memset(b, 0, sizeof(*b));
	b->index = 10;
	b->epoch = 66;
	b->voters = 0xff;
	b->down = 0x10;
	b->standing[0] = 3;
	b->standing[63] = 9;
	sample_fill(b->cluster, sizeof(b->cluster), 4);
	sample_fill(&b->body, sizeof(b->body), 5);
	b->changed = 8;
	b->voters_before = 0x7f;
	sample_fill(b->cluster_before, sizeof(b->cluster_before), 8);
	b->rest = 0x40;
	b->level = 2;
	b->broken = 0x20;
}

void sample_meta(struct ha_replica_meta *m)
{
	memset(m, 0, sizeof(*m));
	m->promised = 200;
	m->commit = 12;
	m->acked_epoch[1] = 66;
	m->acked_index[1] = 9;
	m->acked_epoch[63] = 130;
	m->acked_index[63] = 11;
	m->boot = UINT64_MAX - 3;
	m->boot_index = 4;
	m->cut = 65;
	m->suspect = true;
}

struct ha_state *sample_state(uint32_t vms)
{
	size_t size = sizeof(struct ha_state) +
		      vms * sizeof(struct ha_vm_state);
	struct ha_state *s = calloc(1, size);

	ck_assert_ptr_nonnull(s);
	s->index = 10;
	s->epoch = 66;
	sample_fill(&s->config, sizeof(s->config), 6);
	s->config_version = 4;
	s->config_by = 2;
	s->config_who = 1001;
	s->disarmed = true;
	s->stopped = true;
	s->fence_count = 8;
	s->hosts[0] = (struct ha_host_state){ .boot = 1, .admitted = 2,
		.proof = HA_PROOF_POWER, .fence_tries = 3, .fence_number = 4,
		.fence_by = 5, .leaving = 17, .left = true,
		.maintenance = true, .present = true };
	s->hosts[63].boot = 7;
	s->vm_count = s->vm_max = vms;
	for (uint32_t i = 0; i < vms; i++) {
		struct ha_vm_state *v = &s->vms[i];

		v->uuid.b[0] = (uint8_t)(i >> 8);
		v->uuid.b[1] = (uint8_t)i;
		v->uuid.b[15] = 1;
		v->owner = 1;
		v->holder = 2;
		v->owner_boot = 0x1122334455667788u;
		v->gen = i + 1;
		v->next = 3;
		v->waits_for = 4;
		v->avoid = 0xff00;
		v->wanted = 1;
		v->stop = HA_WHY_ADMIN;
		v->last_why = HA_WHY_MOVE;
		v->last_owner = 3;
		v->home = 2;
		v->copies = 5;
		v->aside = 6;
		v->reset_at = 11;
		v->failures = 2;
		v->starts = 9;
		v->surveyed = true;
	}
	return s;
}

void sample_check_state(const struct ha_state *a, const struct ha_state *b)
{
	ck_assert_mem_eq(a, b, sizeof(*a) + a->vm_count * sizeof(a->vms[0]));
}

void sample_command(struct ha_command *c)
{
	memset(c, 0, sizeof(*c));
	c->verb = HA_CMD_VM_MOVE;
	c->id = UINT64_MAX - 1;
	c->origin = 3;
	c->host = 4;
	c->hosts = 0xf0;
	sample_fill(&c->vm, sizeof(c->vm), 1);
	sample_fill(&c->hash, sizeof(c->hash), 2);
	c->base_version = 9;
	c->who = 1001;
	c->on = c->force = true;
	sample_fill(c->cluster, sizeof(c->cluster), 3);
}
