/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disks: what was written and not yet synced is lost or torn when power goes.
 */
#include "world.h"

#include <stdlib.h>

static void apply_entries(struct store *s, const struct write *wr, size_t count)
{
	uint64_t from = wr->op.entries[0].index;

	if (from > s->base.index + s->count + 1) {
		abort(); /* the replica left a hole on its disk */
	}
	s->count = from - s->base.index - 1;
	for (size_t i = 0; i < count; i++) {
		s->entries[s->count++] = wr->op.entries[i];
	}
}

static void apply_state(struct store *s, const struct write *wr)
{
	const struct ha_replica_base *b = &wr->op.base;

	if (wr->op.received) {
		s->count = 0;
	} else {
		uint64_t gone = b->index - s->base.index;

		memmove(s->entries, s->entries + gone,
			(s->count - gone) * sizeof(s->entries[0]));
		s->count -= gone;
	}
	s->base = *b;
	s->app = wr->app;
	s->damaged = false;
}

static void apply_write(struct store *s, const struct write *wr)
{
	s->meta = wr->op.meta;
	switch (wr->op.kind) {
	case HA_PERSIST_META:
		return;
	case HA_PERSIST_ENTRIES:
		apply_entries(s, wr, wr->op.entry_count);
		return;
	case HA_PERSIST_STATE:
		apply_state(s, wr);
		return;
	}
}

/* What was not synced is lost, or torn. */
void lose_writes(struct world *w, struct node *n, bool power)
{
	size_t whole = below(w, n->write_count + 1);

	for (size_t i = 0; i < whole; i++) {
		apply_write(&n->disk, &n->writes[i]);
	}
	if (power && whole < n->write_count &&
	    n->writes[whole].op.kind == HA_PERSIST_ENTRIES) {
		const struct write *wr = &n->writes[whole];

		switch (below(w, 3)) {
		case 0:
			n->disk.meta = wr->op.meta;
			break;
		case 1:
			n->disk.meta = wr->op.meta;
			apply_entries(&n->disk, wr,
				      below(w, wr->op.entry_count + 1));
			break;
		default:
			break;
		}
	}
	n->write_count = 0;
}

void do_persist(struct world *w, struct node *n,
		       const struct ha_persist *p)
{
	struct write *wr;
	ha_time from;

	if (n->write_count == WRITES) {
		fail(w, "host %u: too many writes in flight", n->id);
		return;
	}
	wr = &n->writes[n->write_count];
	memset(wr, 0, sizeof(*wr));
	wr->op = *p;
	if (p->entry_count > 0) {
		wr->entries = keep(w, p->entry_count * sizeof(*wr->entries));
		memcpy(wr->entries, p->entries,
		       p->entry_count * sizeof(*wr->entries));
		wr->op.entries = wr->entries;
	}
	if (p->kind == HA_PERSIST_STATE) {
		wr->app = p->received ? n->snapshot->app : n->app;
		if (wr->app.index != p->base.index) {
			fail(w, "host %u: state at %llu kept as of %llu",
			     n->id, (unsigned long long)wr->app.index,
			     (unsigned long long)p->base.index);
		}
	}
	from = n->write_count > 0 ? n->writes[n->write_count - 1].done : w->now;
	wr->done = from + HA_MS(1 + below(w, below(w, 30) == 0 ? 1500 : 15));
	n->write_count++;
}

void finish_write(struct world *w, struct node *n)
{
	struct input in = { .kind = IN_PERSISTED,
			    .id = n->writes[0].op.seq, .ok = true };

	apply_write(&n->disk, &n->writes[0]);
	n->write_count--;
	memmove(n->writes, n->writes + 1,
		n->write_count * sizeof(n->writes[0]));
	push_input(w, n, &in);
}
