/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/shrink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/plan_config.h"

#define WORLDS 4       /* seeds of the world that are tried */
#define FEW_HOSTS 3    /* with fewer, a lost store may be a majority */

/* Makes the candidate the plan if it fails too. */
static bool keep_if_fails(struct sim_shrink *s, struct sim_plan *plan,
			  struct sim_plan *candidate)
{
	uint64_t seed = plan->run_seed;

	for (unsigned i = 0; i < WORLDS && s->tries < s->tries_max; i++) {
		candidate->run_seed = i == 0 ? seed : i;
		s->tries++;
		if (s->fails(candidate, s->arg)) {
			*plan = *candidate;
			return true;
		}
	}
	return false;
}

static void drop_line(struct sim_plan *p, size_t i)
{
	uint32_t group = p->lines[i].group;

	p->lines[i].out = true;
	for (size_t k = 0; group != 0 && k < p->line_count; k++) {
		p->lines[k].out = p->lines[k].out || p->lines[k].group == group;
	}
}

/* Of those that are in, number `from` and the `count` - 1 after it. */
static bool drop_lines(struct sim_plan *p, size_t from, size_t count)
{
	size_t at = 0;
	bool any = false;

	for (size_t i = 0; i < p->line_count; i++) {
		if (p->lines[i].out) {
			continue;
		}
		if (at >= from && at < from + count) {
			drop_line(p, i);
			any = true;
		}
		at++;
	}
	return any;
}

static void drop_speaking(struct sim_plan *p, const char *name)
{
	for (size_t i = 0; i < p->line_count; i++) {
		struct sim_plan_line *l = &p->lines[i];

		if (!l->out && sim_plan_line_speaks(l, name)) {
			drop_line(p, i);
		}
	}
}

static bool drop_vms(struct sim_plan *p, size_t from, size_t count)
{
	char name[16];
	size_t at = 0, left = 0;
	bool any = false;

	for (uint32_t i = 0; i < p->vm_count; i++) {
		if (p->vms[i].out) {
			continue;
		}
		if (at >= from && at < from + count) {
			p->vms[i].out = true;
			snprintf(name, sizeof(name), "v%u", i + 1);
			drop_speaking(p, name);
			any = true;
		} else {
			left++;
		}
		at++;
	}
	return any && left > 0; /* a cluster has one */
}

static bool drop_host(struct sim_plan *p, size_t from, size_t count)
{
	char name[16];
	size_t at = 0;

	for (ha_hostset set = p->hosts; set;) {
		ha_hostid h = ha_hostset_pop(&set);

		if (at++ == from && count == 1) {
			p->hosts &= ~ha_host_bit(h);
			snprintf(name, sizeof(name), "h%u", h);
			drop_speaking(p, name);
			return ha_hostset_count(p->hosts) >= FEW_HOSTS;
		}
	}
	return false;
}

/* What the configurations have beside hosts and VMs. */
static bool drop_parts(struct sim_plan *p, size_t from, size_t count)
{
	uint32_t before = p->without;

	for (size_t i = from; i < from + count && i < PLAN_PART_END; i++) {
		p->without |= (uint32_t)1 << i;
	}
	return p->without != before;
}

typedef bool (*drop_fn)(struct sim_plan *p, size_t from, size_t count);

/* By halves, quarters, ..., one by one; once more if that helped. */
static void drop_some(struct sim_shrink *s, struct sim_plan *plan,
		      drop_fn drop, size_t count)
{
	struct sim_plan *c = malloc(sizeof(*c));
	size_t size = (count + 1) / 2;

	while (c && size >= 1 && s->tries < s->tries_max) {
		bool helped = false;

		for (size_t from = 0; from < count;) {
			*c = *plan;
			if (drop(c, from, size) && keep_if_fails(s, plan, c)) {
				helped = true;
			} else {
				from += size;
			}
			if (s->tries >= s->tries_max) {
				break;
			}
		}
		size = size > 1 ? (size + 1) / 2 : helped ? 1 : 0;
	}
	free(c);
}

static size_t lines_in(const struct sim_plan *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->line_count; i++) {
		n += !p->lines[i].out;
	}
	return n;
}

/* No longer pauses than that between deeds. */
static void cap_pauses(struct sim_plan *p, ha_dur most)
{
	ha_dur before = 0, now = 0;

	for (size_t i = 0; i < p->line_count; i++) {
		if (!p->lines[i].out) {
			ha_dur pause = p->lines[i].at - before;

			before = p->lines[i].at;
			now += ha_time_min(pause, most);
			p->lines[i].at = now;
		}
	}
	p->heal_at = now + ha_time_min(p->heal_at - before, most);
}

static void round_times(struct sim_plan *p, ha_dur unit)
{
	for (size_t i = 0; i < p->line_count; i++) {
		p->lines[i].at -= p->lines[i].at % unit;
	}
	p->heal_at -= p->heal_at % unit;
}

/* Times that are short, and easy to read: the first that does, of each. */
static void simple_times(struct sim_shrink *s, struct sim_plan *plan)
{
	static const ha_dur pauses[] = { HA_S(1), HA_S(5), HA_S(20) };
	static const ha_dur units[] = { HA_S(1), HA_MS(100), HA_MS(1) };
	struct sim_plan *c = malloc(sizeof(*c));
	bool kept = false;

	for (size_t i = 0; c && i < 3 && !kept; i++) {
		*c = *plan;
		cap_pauses(c, pauses[i]);
		kept = keep_if_fails(s, plan, c);
	}
	kept = false;
	for (size_t i = 0; c && i < 3 && !kept; i++) {
		*c = *plan;
		round_times(c, units[i]);
		kept = keep_if_fails(s, plan, c);
	}
	free(c);
}

void sim_shrink(struct sim_shrink *s, struct sim_plan *plan)
{
	size_t before;

	do {
		before = lines_in(plan);
		drop_some(s, plan, drop_lines, before);
		drop_some(s, plan, drop_vms, plan->vm_count);
		drop_some(s, plan, drop_host, plan->host_count);
		drop_some(s, plan, drop_parts, PLAN_PART_END);
	} while (lines_in(plan) < before && s->tries < s->tries_max);
	simple_times(s, plan);
}
