/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/pend.h"

#include <assert.h>
#include <stdlib.h>

/* A simulation without memory cannot go on; it says so and ends. */
static struct sim_pend *grow(struct sim_pend *list, size_t *size)
{
	size_t next = *size == 0 ? 64 : 2 * *size;
	struct sim_pend *more = realloc(list, next * sizeof(*more));

	if (!more) {
		abort();
	}
	*size = next;
	return more;
}

static bool before(const struct sim_pend *a, const struct sim_pend *b)
{
	return a->at != b->at ? a->at < b->at : a->seq < b->seq;
}

static void sift_up(struct sim_heap *h, size_t i, const struct sim_pend *item)
{
	while (i > 0 && before(item, &h->list[(i - 1) / 2])) {
		h->list[i] = h->list[(i - 1) / 2];
		i = (i - 1) / 2;
	}
	h->list[i] = *item;
}

void sim_heap_push(struct sim_heap *h, const struct sim_pend *p)
{
	struct sim_pend item = *p;

	if (h->count == h->size) {
		h->list = grow(h->list, &h->size);
	}
	item.seq = ++h->seq;
	sift_up(h, h->count++, &item);
}

/* Fills the hole at i with what was last. */
static void fill_hole(struct sim_heap *h, size_t i)
{
	struct sim_pend last = h->list[--h->count];

	for (;;) {
		size_t k = 2 * i + 1;

		if (k >= h->count) {
			break;
		}
		if (k + 1 < h->count && before(&h->list[k + 1], &h->list[k])) {
			k++;
		}
		if (!before(&h->list[k], &last)) {
			break;
		}
		h->list[i] = h->list[k];
		i = k;
	}
	if (i < h->count) {
		sift_up(h, i, &last);
	}
}

void sim_heap_take(struct sim_heap *h, size_t place, struct sim_pend *ret_p)
{
	assert(place < h->count);
	*ret_p = h->list[place];
	fill_hole(h, place);
}

bool sim_heap_pop(struct sim_heap *h, struct sim_pend *ret_p)
{
	if (h->count == 0) {
		return false;
	}
	sim_heap_take(h, 0, ret_p);
	return true;
}

ha_time sim_heap_next(const struct sim_heap *h)
{
	return h->count > 0 ? h->list[0].at : HA_TIME_NEVER;
}

static void drop_all(struct sim_pend *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].drop) {
			list[i].drop(list[i].p);
		}
	}
	free(list);
}

void sim_heap_fini(struct sim_heap *h)
{
	drop_all(h->list, h->count);
	*h = (struct sim_heap){ 0 };
}

void sim_queue_push(struct sim_queue *q, const struct sim_pend *p)
{
	if (q->count == q->size) {
		q->list = grow(q->list, &q->size);
	}
	q->list[q->count++] = *p;
}

void sim_queue_release(struct sim_queue *q, struct sim_heap *h, ha_time at)
{
	for (size_t i = 0; i < q->count; i++) {
		q->list[i].at = at;
		sim_heap_push(h, &q->list[i]);
	}
	q->count = 0;
}

void sim_queue_fini(struct sim_queue *q)
{
	drop_all(q->list, q->count);
	*q = (struct sim_queue){ 0 };
}
