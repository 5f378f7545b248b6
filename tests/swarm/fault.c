/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes wrong.
 */
#include "world.h"

/* Would the loss of this store be more than the cluster promises to bear? */
static bool may_lose(const struct world *w, const struct node *n)
{
	if (w->n < 3) {
		return false;
	}
	for (unsigned i = 0; i < w->n; i++) {
		const struct store *s = &w->node[i].disk;

		if (&w->node[i] == n) {
			continue;
		}
		if (s->meta.suspect || s->base.voters == 0 ||
		    s->base.index + s->count < w->commit_max ||
		    (s->count > 0 && s->entries[s->count - 1].epoch <
		     w->commits[w->commit_max].epoch)) {
			return false;
		}
	}
	return true;
}

static void hurt_disk(struct world *w, struct node *n)
{
	if (!may_lose(w, n)) {
		return;
	}
	stop_node(w, n, true);
	if (n->have_old && below(w, 2) == 0) {
		trace(w, "host %u: its store is rolled back", n->id);
		n->disk = n->old;
	} else {
		trace(w, "host %u: is installed anew", n->id);
		memset(&n->disk, 0, sizeof(n->disk));
		n->disk.damaged = below(w, 2) == 0;
		n->bodies_lo = 0;
	}
}

void one_fault(struct world *w)
{
	struct node *n = &w->node[below(w, w->n)];

	switch (below(w, 13)) {
	case 0:
		stop_node(w, n, true);
		return;
	case 1:
		stop_node(w, n, false);
		return;
	case 2:
	case 3:
	case 4:
		if (!n->up) {
			start_node(w, n);
		}
		return;
	case 5:
		for (unsigned i = 0; i < w->n; i++) {
			w->node[i].group = (unsigned)below(w, 2);
		}
		reform_soon(w);
		return;
	case 6:
		for (unsigned i = 0; i < w->n; i++) {
			w->node[i].group = 0;
		}
		reform_soon(w);
		return;
	case 7:
		w->tie = (ha_hostid)below(w, w->n) + 1;
		reform_soon(w);
		return;
	case 8:
		if (n->up) {
			trace(w, "host %u: hangs", n->id);
			n->hung = true;
			n->hung_until = w->now + HA_MS(below(w, 6000));
		}
		return;
	case 9:
		if (below(w, 4) == 0) {
			for (unsigned i = 0; i < w->n; i++) {
				stop_node(w, &w->node[i], true);
			}
		}
		return;
	case 10:
		n->leaves = !n->leaves;
		return;
	case 11:
		if (below(w, 2) == 0) {
			hurt_disk(w, n);
		} else {
			n->old = n->disk;
			n->have_old = n->disk.base.voters != 0;
		}
		return;
	default:
		n->group = (unsigned)below(w, 3);
		reform_soon(w);
		return;
	}
}
