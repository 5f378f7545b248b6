/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/small-ring.h"

#include <stdio.h>
#include <stdlib.h>

struct ring *ring;

ha_hostset ring_set_of(const char *ids)
{
	ha_hostset set = 0;

	for (; *ids != '\0'; ids++) {
		set |= ha_host_bit((ha_hostid)(*ids - '0'));
	}
	return set;
}

static void write_disk(struct ring_host *h, const struct ha_persist *p)
{
	h->meta = p->meta;
	if (p->kind == HA_PERSIST_STATE) {
		size_t gone = p->received ? h->count :
			      (size_t)(p->base.index - h->base.index);

		memmove(h->entries, h->entries + gone,
			(h->count - gone) * sizeof(h->entries[0]));
		h->count -= gone;
		h->base = p->base;
	} else if (p->kind == HA_PERSIST_ENTRIES) {
		h->count = p->entries[0].index - h->base.index - 1;
		memcpy(h->entries + h->count, p->entries,
		       p->entry_count * sizeof(h->entries[0]));
		h->count += p->entry_count;
	}
}

static void send(ha_hostid id, const struct ha_rmsg *m, bool state)
{
	size_t i = ring->tail++;

	ck_assert_uint_lt(i, RING_QUEUE);
	ring->queue[i] = *m;
	free(ring->bodies[i]);
	ring->bodies[i] = NULL;
	if (m->entry_count > 0) {
		ring->bodies[i] = calloc(m->entry_count, sizeof(*m->entries));
		memcpy(ring->bodies[i], m->entries,
		       m->entry_count * sizeof(*m->entries));
		ring->queue[i].entries = ring->bodies[i];
	}
	if (state) {
		free(ring->states[i]);
		ring->states[i] = calloc(1, sizeof(*ring->states[i]));
		memcpy(ring->states[i], ring->host[id].values,
		       sizeof(ring->host[id].values));
	}
}

static void act(ha_hostid id, const struct ha_rout *o, uint64_t done[16],
		size_t *count)
{
	struct ring_host *h = &ring->host[id];

	switch (o->kind) {
	case HA_ROUT_SEND:
	case HA_ROUT_SEND_STATE:
		send(id, o->msg, o->kind == HA_ROUT_SEND_STATE);
		return;
	case HA_ROUT_PERSIST:
		if (!h->disk_held) {
			if (!h->disk_bad) {
				write_disk(h, o->persist);
			}
			ck_assert_uint_lt(*count, 16);
			done[(*count)++] = o->persist->seq;
		}
		return;
	case HA_ROUT_COMMIT:
		ck_assert_uint_eq(o->entry->index, h->index + 1);
		h->index++;
		memcpy(&h->values[h->index], o->entry->data, 8);
		return;
	case HA_ROUT_INSTALL:
		memcpy(h->values, h->state, sizeof(h->values));
		h->index = h->state_index;
		return;
	case HA_ROUT_WANT_BODY:
		h->asked++;
		return;
	case HA_ROUT_OPEN:
	case HA_ROUT_CLOSED:
		h->open = o->kind == HA_ROUT_OPEN;
		return;
	case HA_ROUT_NOTE:
		(void)snprintf(h->note, sizeof(h->note), "%s", o->note);
		return;
	}
}

static void take_outputs(ha_hostid id, struct ha_hash *ret_want,
			 uint64_t done[16], size_t *count)
{
	const struct ha_rout *o;

	while ((o = ha_replica_next(ring->host[id].r)) != NULL) {
		if (o->kind == HA_ROUT_WANT_BODY) {
			*ret_want = o->body;
		}
		act(id, o, done, count);
	}
}

void ring_drain(ha_hostid id)
{
	struct ring_host *h = &ring->host[id];
	uint64_t done[16], asked = h->asked, index = h->index;
	struct ha_hash want = { { 0 } };
	size_t count = 0;

	take_outputs(id, &want, done, &count);
	if (h->index != index) {
		ha_replica_applied(h->r);
		take_outputs(id, &want, done, &count);
	}
	ck_assert_pstr_eq(ha_replica_check(h->r), NULL);
	for (size_t i = 0; i < count; i++) {
		struct ha_rev ev = { .kind = HA_REV_PERSISTED };

		ev.persisted.seq = done[i];
		ev.persisted.ok = !h->disk_bad;
		ring_step(id, &ev);
	}
	if (h->bodies && h->asked != asked) {
		struct ha_rev ev = { .kind = HA_REV_BODY, .body = want };

		ring_step(id, &ev);
	}
}

void ring_step(ha_hostid id, struct ha_rev *ev)
{
	ev->now = ring->now;
	ha_replica_step(ring->host[id].r, ev);
	ring_drain(id);
}

void ring_boot(const char *ids)
{
	for (; *ids != '\0'; ids++) {
		ha_hostid id = (ha_hostid)(*ids - '0');
		struct ring_host *h = &ring->host[id];
		struct ha_replica_params p = { .self = id, .token = HA_S(1),
					       .boot = h->boot,
					       .passive = h->passive,
					       .level_min = h->level_min,
					       .level = h->level,
					       .log_max = ring->log_max };
		struct ha_rev ev = { .kind = HA_REV_LOADED };

		if (p.boot == 0) {
			p.boot = h->boot = ++ring->boots;
		}
		h->up = true;
		h->index = h->base.index;
		memset(h->mem, 0, ha_replica_size());
		h->r = ha_replica_init(h->mem, &p);
		ev.loaded.damaged = h->damaged;
		ev.loaded.base = h->base;
		ev.loaded.meta = h->meta;
		ev.loaded.entries = h->entries;
		ev.loaded.entry_count = h->count;
		ring_step(id, &ev);
	}
}

void ring_power_off(const char *ids)
{
	for (; *ids != '\0'; ids++) {
		struct ring_host *h = &ring->host[*ids - '0'];

		h->up = h->open = h->disk_held = h->deaf = false;
		h->boot = 0;
		ring->view_of[*ids - '0'] = 0;
	}
}

/* These have a view of their own from now on. */
void ring_view(const char *ids)
{
	ha_hostset set = ring_set_of(ids);

	ring->view++;
	for (; *ids != '\0'; ids++) {
		ha_hostid id = (ha_hostid)(*ids - '0');
		struct ha_rev ev = { .kind = HA_REV_VIEW };

		ev.view.id = ring->view;
		ev.view.members = set;
		ring->host[id].deaf = false;
		ring->view_of[id] = ring->view;
		ring_step(id, &ev);
	}
}

void ring_no_quorum(const char *ids)
{
	for (; *ids != '\0'; ids++) {
		struct ha_rev ev = { .kind = HA_REV_VIEW };

		ev.view.id = ++ring->view;
		ring->view_of[*ids - '0'] = ring->view;
		ring_step((ha_hostid)(*ids - '0'), &ev);
	}
}

void ring_deliver(const struct ha_rmsg *m, size_t slot)
{
	for (ha_hostid id = 1; id <= RING_HOSTS; id++) {
		struct ring_host *h = &ring->host[id];
		struct ha_rev ev = { .kind = HA_REV_MESSAGE, .message = m };

		if (!h->up || h->deaf || ring->view_of[id] != m->view) {
			continue;
		}
		if (m->kind == HA_RMSG_SNAPSHOT && ha_host_in(m->to, id) &&
		    ring->states[slot]) {
			memcpy(h->state, ring->states[slot], sizeof(h->state));
			h->state_index = m->base.index;
		}
		ring_step(id, &ev);
	}
}

void ring_flush(void)
{
	while (ring->head < ring->tail) {
		ring_deliver(&ring->queue[ring->head], ring->head);
		ring->head++;
	}
	ring->head = ring->tail = 0;
}

void ring_run_ms(int ms)
{
	for (; ms > 0; ms -= 50) {
		ring->now += HA_MS(50);
		for (ha_hostid id = 1; id <= RING_HOSTS; id++) {
			struct ha_rev ev = { .kind = HA_REV_TICK };

			if (ring->host[id].up && !ring->host[id].deaf) {
				ring_step(id, &ev);
			}
		}
		ring_flush();
	}
}

ha_hostid ring_coordinator(void)
{
	for (ha_hostid id = 1; id <= RING_HOSTS; id++) {
		if (ring->host[id].up && !ring->host[id].deaf &&
		    ha_replica_is_coordinator(ring->host[id].r)) {
			return id;
		}
	}
	return HA_HOST_NONE;
}

struct ha_entry ring_fact(uint32_t effect, ha_hostid host, uint64_t value)
{
	struct ha_entry e;

	memset(&e, 0, sizeof(e));
	e.kind = HA_ENTRY_FACT;
	e.effect = effect;
	e.host = host;
	e.len = 8;
	memcpy(e.data, &value, 8);
	return e;
}

int ring_propose(uint32_t effect, ha_hostid host, uint64_t value)
{
	struct ha_entry e = ring_fact(effect, host, value);
	ha_hostid c = ring_coordinator();
	int err;

	ck_assert_uint_ne(c, HA_HOST_NONE);
	err = ha_replica_propose(ring->host[c].r, &e, 1);
	ring_drain(c);
	return err;
}

void ring_admit(const char *ids)
{
	for (; *ids != '\0'; ids++) {
		ck_assert_int_eq(ring_propose(HA_EFFECT_ADMIT,
					 (ha_hostid)(*ids - '0'), 0), 0);
		ring_run_ms(100);
	}
}

bool ring_has(ha_hostid id, uint64_t value)
{
	for (uint64_t i = 1; i <= ring->host[id].index; i++) {
		if (ring->host[id].values[i] == value) {
			return true;
		}
	}
	return false;
}

/* A running cluster of these, host 1 first; value 1 is committed. */
void ring_make_cluster(const char *ids)
{
	static const uint8_t cluster[16] = { 7 };
	static const struct ha_hash none;

	ring_boot(ids);
	ck_assert_int_eq(ha_replica_found(ring->host[1].r, cluster, &none), 0);
	ring_drain(1);
	ring_view(ids);
	ring_run_ms(3000);
	ck_assert_uint_eq(ring_coordinator(), 1);
	ring_admit(ids);
	ck_assert_int_eq(ring_propose(0, 0, 1), 0);
	ring_run_ms(500);
	for (; *ids != '\0'; ids++) {
		ck_assert(ring_has((ha_hostid)(*ids - '0'), 1));
	}
}

void ring_setup(void)
{
	ring = calloc(1, sizeof(*ring));
	ck_assert_ptr_nonnull(ring);
	ring->now = HA_S(100);
	for (unsigned i = 1; i <= RING_HOSTS; i++) {
		ring->host[i].mem = aligned_alloc(16,
				(ha_replica_size() + 15) / 16 * 16);
		ring->host[i].bodies = true;
	}
}

void ring_teardown(void)
{
	for (unsigned i = 1; i <= RING_HOSTS; i++) {
		free(ring->host[i].mem);
	}
	for (unsigned i = 0; i < RING_QUEUE; i++) {
		free(ring->bodies[i]);
		free(ring->states[i]);
	}
	free(ring);
}
