/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The world itself: memory, chance, what is said, and the oracle, which knows
 * all that was ever committed.
 */
#include "world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void *keep(struct world *w, size_t size)
{
	void *p = calloc(1, size);

	if (w->arena_count == w->arena_room) {
		w->arena_room = w->arena_room * 2 + 256;
		w->arena = realloc(w->arena,
				   w->arena_room * sizeof(*w->arena));
	}
	if (p == NULL || w->arena == NULL) {
		abort();
	}
	w->arena[w->arena_count++] = p;
	return p;
}

void trace(const struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (!w->traced) {
		return;
	}
	printf("%9.3f ", (double)w->now / 1e6);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

void fail(struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (w->failed) {
		return;
	}
	w->failed = true;
	printf("seed %llu: %.3f: ", (unsigned long long)w->seed,
	       (double)w->now / 1e6);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

uint64_t below(struct world *w, uint64_t n)
{
	return ha_rand_below(&w->rand, n);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	struct ha_rand r = { a * 31 + b };

	return ha_rand_u64(&r);
}

static uint64_t entry_hash(const struct ha_entry *e)
{
	struct toy_data d;
	uint64_t h = mix(e->kind, e->epoch);

	memcpy(&d, e->data, sizeof(d));
	h = mix(h, e->effect);
	h = mix(h, e->host);
	h = mix(h, e->members);
	h = mix(h, d.kind);
	return mix(h, d.value);
}

void check_epoch(struct world *w, struct node *n,
			const struct ha_epoch *e)
{
	for (size_t i = 0; i < w->epoch_count; i++) {
		if (w->epochs[i].number == e->number) {
			if (w->epochs[i].by != e->coordinator ||
			    w->epochs[i].view != e->view) {
				fail(w, "host %u: epoch %llx is used twice",
				     n->id, (unsigned long long)e->number);
			}
			return;
		}
	}
	if (w->epoch_count < EPOCHS) {
		w->epochs[w->epoch_count].number = e->number;
		w->epochs[w->epoch_count].by = e->coordinator;
		w->epochs[w->epoch_count++].view = e->view;
	}
	w->opens++;
	w->smalls += e->small;
}

void do_commit(struct world *w, struct node *n,
		      const struct ha_entry *e)
{
	uint64_t hash = entry_hash(e);
	struct toy_data d;

	if (e->index != n->app.index + 1 || e->index >= COMMITS) {
		fail(w, "host %u: commits %llu after %llu", n->id,
		     (unsigned long long)e->index,
		     (unsigned long long)n->app.index);
		return;
	}
	memcpy(&d, e->data, sizeof(d));
	n->app.index = e->index;
	n->app.hash = mix(n->app.hash, hash);
	if (d.kind == TOY_ADMIT) {
		n->app.boots[e->host - 1] = d.value;
	}
	if (e->index > w->commit_max) {
		if (e->index != w->commit_max + 1) {
			fail(w, "host %u: commits leave a hole", n->id);
			return;
		}
		w->commit_max = e->index;
		w->commits[e->index].epoch = e->epoch;
		w->commits[e->index].hash = n->app.hash;
		trace(w, "host %u: first to commit %llx/%llu kind %u effect "
		      "%u host %u", n->id, (unsigned long long)e->epoch,
		      (unsigned long long)e->index, e->kind, e->effect,
		      e->host);
	} else if (w->commits[e->index].hash != n->app.hash) {
		fail(w, "host %u: commits %llx/%llu where %llx was committed",
		     n->id, (unsigned long long)e->epoch,
		     (unsigned long long)e->index,
		     (unsigned long long)w->commits[e->index].epoch);
	}
}

void do_install(struct world *w, struct node *n)
{
	w->installs++;
	n->app = n->snapshot->app;
	trace(w, "host %u: installs the state at %llu", n->id,
	      (unsigned long long)n->app.index);
	if (n->app.index > 0 &&
	    w->commits[n->app.index].hash != n->app.hash) {
		fail(w, "host %u: installs what was not committed", n->id);
	}
}
