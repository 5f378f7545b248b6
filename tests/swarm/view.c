/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Views, as totem gives them: who goes on together has delivered the same.
 */
#include "world.h"

void reform_soon(struct world *w)
{
	ha_time at = w->now + HA_MS(20 + below(w, 400));

	w->reform_at = ha_time_min(w->reform_at, at);
}

static bool is_quorate(const struct world *w, ha_hostset set)
{
	unsigned count = 2 * ha_hostset_count(set);

	return count > w->n || (count == w->n && ha_host_in(set, w->tie));
}

/* All of `set` that were in `v` have delivered the same when they go on. */
static void flush_view(struct world *w, struct view *v, ha_hostset set)
{
	size_t max = 0, to;

	for (unsigned i = 0; i < w->n; i++) {
		struct node *n = &w->node[i];

		if (ha_host_in(set, n->id) && n->view == v) {
			max = n->delivered > max ? n->delivered : max;
		}
	}
	to = max + below(w, v->count - max + 1);
	for (unsigned i = 0; i < w->n; i++) {
		struct node *n = &w->node[i];

		if (!ha_host_in(set, n->id) || n->view != v) {
			continue;
		}
		for (; n->delivered < to; n->delivered++) {
			struct input in = { .kind = IN_MESSAGE,
					    .msg = v->log[n->delivered] };

			push_input(w, n, &in);
		}
	}
}

static void enter_view(struct world *w, struct node *n, struct view *v,
		       ha_hostset members)
{
	struct input in = { .kind = IN_VIEW, .id = v->id,
			    .members = members };

	n->view = v;
	n->delivered = 0;
	n->next_delivery = w->now;
	push_input(w, n, &in);
}

static void form_group(struct world *w, ha_hostset set)
{
	struct view *v = keep(w, sizeof(*v));
	bool quorate = is_quorate(w, set);

	for (unsigned i = 0; i < w->n; i++) {
		struct node *n = &w->node[i];

		if (ha_host_in(set, n->id) && n->view != NULL) {
			flush_view(w, n->view, set);
		}
	}
	v->id = ++w->view_ids;
	v->members = set;
	trace(w, "view %llu: members %llx%s", (unsigned long long)v->id,
	      (unsigned long long)set, quorate ? "" : ", not quorate");
	for (unsigned i = 0; i < w->n; i++) {
		if (ha_host_in(set, w->node[i].id)) {
			enter_view(w, &w->node[i], v, quorate ? set : 0);
		}
	}
}

void reform(struct world *w)
{
	w->reform_at = HA_TIME_NEVER;
	for (unsigned g = 0; g < NODES; g++) {
		ha_hostset set = 0;

		for (unsigned i = 0; i < w->n; i++) {
			if (w->node[i].up && w->node[i].group == g) {
				set |= ha_host_bit(w->node[i].id);
			}
		}
		if (set != 0) {
			form_group(w, set);
		}
	}
}
