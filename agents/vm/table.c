/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <assert.h>
#include <stdlib.h>

#include "base/rand.h"

struct ha_tracked *ha_table_find(const struct ha_table *t,
			       const struct ha_uuid *uuid)
{
	for (size_t i = 0; i < t->count; i++) {
		if (ha_uuid_cmp(&t->list[i]->uuid, uuid) == 0) {
			return t->list[i];
		}
	}
	return NULL;
}

struct ha_tracked *ha_table_get(struct ha_table *t, const struct ha_uuid *uuid)
{
	struct ha_tracked *e = ha_table_find(t, uuid);

	if (e) {
		return e;
	}
	if (t->count == t->size) {
		size_t size = t->size ? t->size * 2 : 16;
		struct ha_tracked **list = reallocarray(t->list, size,
						      sizeof(*list));

		if (!list) {
			return NULL;
		}
		t->list = list;
		t->size = size;
	}
	e = calloc(1, sizeof(*e));
	if (!e) {
		return NULL;
	}
	e->uuid = *uuid;
	e->seen = HA_SEEN_ABSENT;
	e->id = -1;
	e->watch = -1;
	e->pidfd = -1;
	t->list[t->count++] = e;
	return e;
}

void ha_table_drop_idle(struct ha_table *t, struct ha_tracked *e)
{
	if (e->seen != HA_SEEN_ABSENT || e->pending > 0 || e->looks > 0) {
		return;
	}
	assert(e->watch < 0);
	for (size_t i = 0; i < t->count; i++) {
		if (t->list[i] == e) {
			t->list[i] = t->list[--t->count];
			break;
		}
	}
	free(e);
}

static const struct ha_tracked *find_process(const struct ha_table *t,
					   const struct ha_proc *p)
{
	for (size_t i = 0; i < t->count; i++) {
		if (t->list[i]->pid == p->pid && t->list[i]->start == p->start) {
			return t->list[i];
		}
	}
	return NULL;
}

/*
 * A QEMU that is being killed has no UUID any more: it counts for the VM whose
 * QEMU it was known to be, and for every VM if that is not known.
 */
enum ha_left ha_table_left(const struct ha_table *t,
				 const struct ha_tracked *e,
				 const struct ha_procs *procs,
				 const struct ha_proc **ret_proc)
{
	static const struct ha_uuid none;
	const struct ha_proc *own = NULL;

	*ret_proc = NULL;
	for (size_t i = 0; i < procs->count; i++) {
		const struct ha_proc *p = &procs->list[i];
		const struct ha_tracked *known = find_process(t, p);

		if (ha_uuid_cmp(&p->uuid, &e->uuid) == 0 && known != e) {
			*ret_proc = p;
			return HA_LEFT_OTHER;
		}
		if (known == e ||
		    (!known && ha_uuid_cmp(&p->uuid, &none) == 0)) {
			own = p;
		}
	}
	*ret_proc = own;
	if (own) {
		return HA_LEFT_OWN;
	}
	return procs->complete ? HA_LEFT_NOTHING : HA_LEFT_UNREAD;
}

bool ha_tracked_active(const struct ha_tracked *e)
{
	return e->seen == HA_SEEN_RUNNING || e->seen == HA_SEEN_PAUSED;
}

void ha_tracked_activate(struct ha_tracked *e, uint32_t seen, int id,
		       const struct ha_proc *p)
{
	assert(seen == HA_SEEN_RUNNING || seen == HA_SEEN_PAUSED);
	if (!p || p->pid != e->pid || p->start != e->start) {
		e->end = HA_END_NONE; /* of another QEMU */
	}
	e->seen = seen;
	e->gone_in_virt = false;
	e->id = id;
	e->pid = p ? p->pid : 0;
	e->start = p ? p->start : 0;
}

/* libvirt's number alone comes again when libvirt is restarted. */
static uint64_t hash_instance(const struct ha_tracked *e)
{
	struct ha_rand r = { e->start };
	uint64_t hash = ha_rand_u64(&r);

	r.state = hash ^ (uint64_t)e->pid;
	hash = ha_rand_u64(&r);
	r.state = hash ^ (uint64_t)(uint32_t)e->id;
	hash = ha_rand_u64(&r);
	return hash ? hash : 1;
}

struct ha_am_domain ha_tracked_describe(const struct ha_tracked *e)
{
	struct ha_am_domain d = {
		.domain = { .vm = e->uuid, .seen = e->seen },
		.name = e->name,
		.autostart = e->autostart,
		.persistent = e->persistent,
	};

	if (e->seen == HA_SEEN_ABSENT) {
		d.domain.end = e->end;
	} else {
		d.domain.instance = hash_instance(e);
	}
	return d;
}
