/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dependencies: what each says, and that they make no cycle. For that, VMs and
 * dependencies are the nodes of one graph: a VM leads to the dependencies that
 * make it wait, a dependency to the VMs that it waits for.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "model/check.h"

#define HOPS_TOLD 5

enum colour { NEW, OPEN, DONE };

struct frame {
	uint32_t node; /* a VM; a dependency from vm_count on */
	uint32_t next; /* of its edges */
};

struct graph {
	const struct ha_config *c;
	struct ha_conf_errors *errors;
	uint8_t *colours;    /* of all nodes */
	bool *told;          /* of all dependencies: in a cycle already */
	struct frame *stack; /* nodes that are OPEN, in order */
	size_t depth;
};

static const char *vm_name(const struct ha_config *c, uint32_t vm)
{
	return c->vms[vm].name ? c->vms[vm].name : "?";
}

static const struct ha_dependency *dependency_at(const struct graph *g,
						 uint32_t node)
{
	return &g->c->dependencies[node - g->c->vm_count];
}

/*
 * The cycle that is closed by an edge from the top of the stack back to a node
 * on it: as VMs and the dependencies by which each waits for the next.
 */
static void tell_cycle(struct graph *g, uint32_t node)
{
	size_t vms = g->c->vm_count, first = g->depth - 1, hops = 0;
	uint32_t top = g->stack[g->depth - 1].node;
	uint32_t last = top < vms ? node : top;
	const struct ha_dependency *closing = dependency_at(g, last);
	struct ha_conf_at at = { closing->line, "dependency", closing->name };
	struct ha_buf path = { 0 };

	if (g->told[last - vms]) {
		return;
	}
	while (g->stack[first].node != node) {
		first--;
	}
	first += node < vms ? 0 : 1;
	for (size_t i = first; i < g->depth; i += 2, hops++) {
		uint32_t by = i + 1 < g->depth ? g->stack[i + 1].node : last;
		const struct ha_dependency *d = dependency_at(g, by);

		g->told[by - vms] = true;
		if (hops < HOPS_TOLD) {
			ha_buf_printf(&path, "'%.24s' waits (%.24s) for ",
				      vm_name(g->c, g->stack[i].node),
				      d->name ? d->name : "?");
		}
	}
	if (hops > HOPS_TOLD) {
		ha_buf_printf(&path, "%zu more, the last for ",
			      hops - HOPS_TOLD);
	}
	ha_conf_error(g->errors, &at,
		      "a cycle: vm %s'%.24s'; take one of these out",
		      path.data ? path.data : "",
		      vm_name(g->c, g->stack[first].node));
	ha_buf_fini(&path);
}

static void open_node(struct graph *g, uint32_t node)
{
	g->colours[node] = OPEN;
	g->stack[g->depth++] = (struct frame){ node, 0 };
}

/* The next node that this one leads to; false: no more. */
static bool next_edge(const struct graph *g, struct frame *f, uint32_t *ret)
{
	size_t vms = g->c->vm_count;

	if (f->node < vms) {
		const struct ha_vm_placement *p =
			&g->c->vms[f->node].placement;

		if (f->next == p->dependency_count) {
			return false;
		}
		*ret = (uint32_t)vms + p->dependencies[f->next++];
		return true;
	}
	if (f->next == dependency_at(g, f->node)->awaited.count) {
		return false;
	}
	*ret = dependency_at(g, f->node)->awaited.vms[f->next++];
	return true;
}

static void search_from(struct graph *g, uint32_t vm)
{
	open_node(g, vm);
	while (g->depth > 0) {
		struct frame *f = &g->stack[g->depth - 1];
		uint32_t node;

		if (!next_edge(g, f, &node)) {
			g->colours[f->node] = DONE;
			g->depth--;
		} else if (g->colours[node] == NEW) {
			open_node(g, node);
		} else if (g->colours[node] == OPEN) {
			tell_cycle(g, node);
		}
	}
}

static void check_cycles(const struct ha_config *c,
			 struct ha_conf_errors *errors)
{
	size_t nodes = c->vm_count + c->dependency_count;
	struct graph g = { .c = c, .errors = errors };

	g.colours = calloc(nodes, sizeof(*g.colours));
	g.told = calloc(c->dependency_count, sizeof(*g.told));
	g.stack = calloc(nodes, sizeof(*g.stack));
	if (g.colours && g.told && g.stack) {
		for (uint32_t i = 0; i < c->vm_count; i++) {
			if (g.colours[i] == NEW) {
				search_from(&g, i);
			}
		}
	} else {
		ha_check_no_memory(c, errors);
	}
	free(g.colours);
	free(g.told);
	free(g.stack);
}

/* Awaited VMs that could never be ready in the way that is asked for. */
static void check_awaited(const struct ha_config *c,
			  const struct ha_dependency *d,
			  const struct ha_conf_at *at,
			  struct ha_conf_errors *errors)
{
	const struct ha_vm_conf *disabled = NULL, *blind = NULL, *mute = NULL;

	for (size_t i = 0; i < d->awaited.count; i++) {
		const struct ha_vm_conf *vm = &c->vms[d->awaited.vms[i]];
		const struct ha_vm_restart *r = &vm->restart;

		if (vm->priority == HA_PRIORITY_DISABLED && !disabled) {
			disabled = vm;
		}
		if (r->ready_port == 0 && !r->ready_command && !blind) {
			blind = vm;
		}
		if (!vm->guest_agent && !mute) {
			mute = vm;
		}
	}
	if (d->ready == HA_READY_APP && blind) {
		ha_conf_error(errors, at,
			      "ready is app-ready, but vm '%.64s' does not say "
			      "how that is seen; give it ready-port or "
			      "ready-command, or take another ready here",
			      blind->name ? blind->name : "?");
	}
	if (d->ready == HA_READY_GUEST && mute) {
		ha_conf_warning(errors, at,
				"ready is guest-ready, but the domain of vm "
				"'%.64s' has no <channel> for a guest agent: "
				"its ready-timeout will be waited for",
				mute->name ? mute->name : "?");
	}
	if (disabled) {
		ha_conf_warning(errors, at,
				"vm '%.64s', which is waited for, has "
				"restart-priority disabled: only an admin "
				"starts it", disabled->name ? disabled->name
							    : "?");
	}
}

void ha_config_check_order(const struct ha_config *c,
			   struct ha_conf_errors *errors)
{
	for (size_t i = 0; i < c->dependency_count; i++) {
		const struct ha_dependency *d = &c->dependencies[i];
		struct ha_conf_at at = { d->line, "dependency", d->name };

		ha_check_name(d->name, &at, errors);
		if (!d->refused &&
		    (d->members.count == 0 || d->awaited.count == 0)) {
			ha_conf_warning(errors, &at,
					"no VM is in its groups, so that it "
					"does nothing yet");
		}
		check_awaited(c, d, &at, errors);
	}
	if (c->dependency_count > 0) {
		check_cycles(c, errors);
	}
}
