/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/disk.h"

#include <stdlib.h>
#include <string.h>

#include "sim/world.h"

#define TRIES_AGAIN HA_S(5) /* the agent of a disk that failed */
#define BACK_AFTER HA_MS(500)
#define SLOWER 40

void sim_disk_set(struct sim *s, ha_hostid host, enum sim_disk_mode mode)
{
	sim_host(s, host)->disk.mode = mode;
}

static bool takes_writes(const struct sim_disk *d)
{
	return d->mode == SIM_DISK_OK || d->mode == SIM_DISK_SLOW;
}

static struct ha_state *copy_state(const struct ha_state *from)
{
	struct ha_state *to = sim_alloc(ha_state_size(from->vm_count));

	memcpy(to, from, ha_state_size(from->vm_count));
	return to;
}

static void free_op(struct sim_disk_op *op)
{
	free((void *)op->op.entries);
	free(op->state);
	free(op);
}

static struct sim_disk_op *copy_op(const struct ha_action *a)
{
	struct sim_disk_op *op = sim_alloc(sizeof(*op));
	size_t bytes = a->persist.op->entry_count * sizeof(struct ha_entry);

	op->op = *a->persist.op;
	op->op.entries = NULL;
	if (bytes > 0) {
		void *entries = sim_alloc(bytes);

		memcpy(entries, a->persist.op->entries, bytes);
		op->op.entries = entries;
	}
	if (op->op.kind == HA_PERSIST_STATE) {
		op->state = copy_state(a->persist.state);
	}
	return op;
}

/* Drops all from this index on. */
static void cut_entries(struct sim_disk *d, uint64_t from)
{
	uint64_t first = d->base.index + 1;

	if (from < first) {
		d->count = 0;
	} else if (from - first < d->count) {
		d->count = (size_t)(from - first);
	}
}

static void append(struct sim_disk *d, const struct ha_entry *e)
{
	if (d->count == d->size) {
		d->size = d->size == 0 ? 64 : 2 * d->size;
		d->entries = realloc(d->entries,
				     d->size * sizeof(*d->entries));
		if (!d->entries) {
			abort();
		}
	}
	d->entries[d->count++] = *e;
}

static void take_state(struct sim_disk *d, struct sim_disk_op *op)
{
	uint64_t last = op->op.base.index;
	size_t drop = 0;

	while (drop < d->count && d->entries[drop].index <= last) {
		drop++;
	}
	if (op->op.received) {
		drop = d->count;
	}
	if (drop < d->count) {
		memmove(d->entries, d->entries + drop,
			(d->count - drop) * sizeof(*d->entries));
	}
	d->count -= drop;
	free(d->state);
	d->state = op->state;
	op->state = NULL;
	d->base = op->op.base;
}

/* The first `count` of an operation's entries; all else of it too, if whole. */
static void apply(struct sim_disk *d, struct sim_disk_op *op, size_t count)
{
	d->meta = op->op.meta;
	if (op->op.kind == HA_PERSIST_STATE) {
		take_state(d, op);
		return;
	}
	if (op->op.kind == HA_PERSIST_ENTRIES && op->op.entry_count > 0) {
		cut_entries(d, op->op.entries[0].index);
		for (size_t i = 0; i < count; i++) {
			append(d, &op->op.entries[i]);
		}
	}
}

static void told(struct sim *s, const struct sim_pend *p)
{
	struct sim_host *h = sim_host(s, p->host);

	if (h->core && h->hacd_gen == p->gen) {
		struct ha_event ev = { .kind = HA_EV_PERSISTED };

		ev.persisted.seq = p->a;
		ev.persisted.ok = p->b != 0;
		sim_hacd_step(s, p->host, &ev);
	}
}

/* gen: hacd's */
static void try_again(struct sim *s, const struct sim_pend *p)
{
	struct sim_host *h = sim_host(s, p->host);

	if (!h->core || h->hacd_gen != p->gen || !h->disk.failed) {
		return;
	}
	if (!takes_writes(&h->disk)) {
		sim_after(s, TRIES_AGAIN, *p);
		return;
	}
	sim_log(s, p->host, "world: the disk takes writes, hacd starts anew");
	sim_hacd_stop(s, p->host);
	sim_hacd_start(s, p->host, BACK_AFTER);
}

static void fail(struct sim *s, ha_hostid host, struct sim_disk_op *op)
{
	struct sim_host *h = sim_host(s, host);

	h->disk.failed = true;
	sim_log(s, host, "world: a write to disk fails");
	if (h->disk.mode == SIM_DISK_FULL &&
	    op->op.kind == HA_PERSIST_ENTRIES && op->op.entry_count > 0) {
		apply(&h->disk, op, ha_rand_below(&s->rand,
						  op->op.entry_count));
	}
	sim_after(s, TRIES_AGAIN, (struct sim_pend){ .fn = try_again,
		  .scope = SIM_SCOPE_HOST, .host = host, .gen = h->hacd_gen });
}

static void done(struct sim *s, const struct sim_pend *p)
{
	struct sim_host *h = sim_host(s, p->host);
	struct sim_disk *d = &h->disk;
	struct sim_disk_op *op = d->first;

	if (h->hacd_gen != p->gen || !op) {
		return;
	}
	d->first = op->next;
	d->last = d->first ? d->last : NULL;
	if (!takes_writes(d) && !d->failed) {
		fail(s, p->host, op);
	}
	if (!d->failed) {
		apply(d, op, op->op.entry_count);
	}
	sim_after(s, 10, (struct sim_pend){ .fn = told,
		  .scope = SIM_SCOPE_HACD, .host = p->host, .gen = p->gen,
		  .a = op->op.seq, .b = !d->failed });
	free_op(op);
}

void sim_disk_persist(struct sim *s, ha_hostid host, const struct ha_action *a)
{
	struct sim_host *h = sim_host(s, host);
	struct sim_disk *d = &h->disk;
	struct sim_disk_op *op = copy_op(a);

	if (d->last) {
		d->last->next = op;
	} else {
		d->first = op;
	}
	d->last = op;
	d->free_at = ha_time_max(d->free_at, s->now) + 50 +
		     sim_rand_dur(s, d->mode == SIM_DISK_SLOW
					     ? SLOWER * d->latency
					     : d->latency);
	sim_after(s, d->free_at - s->now, (struct sim_pend){ .fn = done,
		  .scope = SIM_SCOPE_HOST, .host = host, .gen = h->hacd_gen });
}

/* Of a write in hand; with a grain that is not left to chance. */
static bool is_lost(struct sim *s)
{
	return s->heap.grain != 0 ? !s->disks_keep : sim_rand_hit(s, 2);
}

static bool is_torn(struct sim *s)
{
	return s->heap.grain == 0 && sim_rand_hit(s, 2);
}

void sim_disk_drop(struct sim *s, ha_hostid host)
{
	struct sim_disk *d = &sim_host(s, host)->disk;
	bool lost = d->failed;

	while (d->first) {
		struct sim_disk_op *op = d->first;

		d->first = op->next;
		s->in_hand++;
		if (!lost) {
			lost = is_lost(s);
			if (!lost) {
				apply(d, op, op->op.entry_count);
			} else if (op->op.kind == HA_PERSIST_ENTRIES &&
				   is_torn(s)) {
				apply(d, op, ha_rand_below(&s->rand,
						op->op.entry_count + 1));
			}
		}
		free_op(op);
	}
	d->last = NULL;
	d->failed = false;
	d->free_at = 0;
}

bool sim_disk_holds(const struct sim_disk *d, uint32_t body)
{
	for (size_t i = 0; i < d->body_count; i++) {
		if (d->bodies[i] == body) {
			return true;
		}
	}
	return false;
}

void sim_disk_keep(struct sim_disk *d, uint32_t body)
{
	if (sim_disk_holds(d, body)) {
		return;
	}
	d->bodies = realloc(d->bodies,
			    (d->body_count + 1) * sizeof(*d->bodies));
	if (!d->bodies) {
		abort();
	}
	d->bodies[d->body_count++] = body;
}

const struct sim_version *sim_disk_version(const struct sim_disk *d,
					   uint64_t version)
{
	for (size_t i = 0; i < d->version_count; i++) {
		if (d->versions[i].version == version) {
			return &d->versions[i];
		}
	}
	return NULL;
}

void sim_disk_note_version(struct sim_disk *d, const struct sim_version *v)
{
	if (d->version_count > 0 &&
	    d->versions[d->version_count - 1].version == v->version) {
		return;
	}
	if (d->version_count == HA_CONFIGS_KEPT) {
		memmove(d->versions, d->versions + 1,
			--d->version_count * sizeof(*v));
	}
	d->versions[d->version_count++] = *v;
}

void sim_disk_fini(struct sim_disk *d)
{
	while (d->first) {
		struct sim_disk_op *op = d->first;

		d->first = op->next;
		free_op(op);
	}
	free(d->state);
	free(d->entries);
	free(d->bodies);
	memset(d, 0, sizeof(*d));
}

void sim_disk_wipe(struct sim *s, ha_hostid host)
{
	struct sim_disk *d = &sim_host(s, host)->disk;
	ha_dur latency = d->latency;

	sim_disk_fini(d);
	d->latency = latency;
}
