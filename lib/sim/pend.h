/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pend.h - all that is to happen, in one heap keyed by (time, sequence
 * number), so that a seed gives the same run each time.
 *
 * Each has a scope: what must be alive and not hung for it to happen now. If
 * it hangs, what is due waits and happens, in order, when it goes on.
 */
#ifndef HA_SIM_PEND_H
#define HA_SIM_PEND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ids.h"
#include "base/time.h"

struct sim;
struct sim_pend;

typedef void (*sim_fn)(struct sim *s, const struct sim_pend *p);

enum sim_scope {
	SIM_SCOPE_WORLD,    /* outside of all hosts */
	SIM_SCOPE_HOST,     /* its kernel */
	SIM_SCOPE_COROSYNC,
	SIM_SCOPE_LIBVIRT,
	SIM_SCOPE_HACD,     /* also: into the queue of a hacd */
	SIM_SCOPE_COUNT
};

/* What of one stream comes to one host stays in order. */
enum sim_stream {
	SIM_STREAM_OWN,      /* of its own handler */
	SIM_STREAM_COROSYNC, /* messages and views, to a hacd */
	SIM_STREAM_AGENT     /* what the VM agent tells */
};

struct sim_pend {
	ha_time at;
	uint64_t seq;
	sim_fn fn;
	enum sim_scope scope;
	enum sim_stream stream;
	ha_hostid host;
	uint64_t gen;   /* of what it belongs to; the handler compares */
	uint64_t a, b;
	void *p;        /* the handler's, NULL or owned */
	void (*drop)(void *p); /* ends it if the handler is never called */
};

struct sim_heap {
	struct sim_pend *list; /* owned */
	size_t count;
	size_t size;
	uint64_t seq;
	ha_dur grain; /* exhaust.h: all that takes time ends at a multiple of
		       * it, and nothing is left to chance; 0: as it is */
};

/* What waits for something hung. */
struct sim_queue {
	struct sim_pend *list; /* owned */
	size_t count;
	size_t size;
};

void sim_heap_push(struct sim_heap *h, const struct sim_pend *p);
/* False if there is none. */
bool sim_heap_pop(struct sim_heap *h, struct sim_pend *ret_p);
/* Not the next one, but that at this place of the list. */
void sim_heap_take(struct sim_heap *h, size_t place, struct sim_pend *ret_p);
ha_time sim_heap_next(const struct sim_heap *h);
void sim_heap_fini(struct sim_heap *h);
void sim_queue_push(struct sim_queue *q, const struct sim_pend *p);
/* All of it becomes due at `at`, in order. */
void sim_queue_release(struct sim_queue *q, struct sim_heap *h, ha_time at);
void sim_queue_fini(struct sim_queue *q);

#endif
