/* SPDX-License-Identifier: GPL-2.0-or-later */
/* draw.h - lines of a plan, drawn one after the other; draw.c, deeds.c. */
#ifndef HA_SIM_DRAW_H
#define HA_SIM_DRAW_H

#include "sim/plan.h"

struct sim_draw {
	struct sim_plan *plan;
	struct ha_rand rand;
	ha_dur now;        /* of the line to come */
	uint32_t group;    /* of the lines to come; 0 none */
	uint32_t groups;
	ha_hostset lost;   /* for good, until everything heals */
	bool reinstalled;  /* one store less: no more of that */
	bool lies;         /* fence devices may lie */
	bool upgrades;     /* versions of hac change */
};

/* 0..n-1 */
uint32_t draw_below(struct sim_draw *d, uint32_t n);
uint32_t draw_host(struct sim_draw *d);
uint32_t draw_vm(struct sim_draw *d);
/* No argument may draw when another does: C does not say which is first. */
void draw_line(struct sim_draw *d, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* "h1,h3" */
struct draw_names {
	char text[80];
};
struct draw_names draw_names(ha_hostset hosts);

/* One deed of some kind: a fault, its end, or an admin's command. */
enum { DRAW_KINDS = 24 };
typedef void (*draw_fn)(struct sim_draw *d);
struct draw_deed {
	draw_fn fn;
	uint32_t weight;
};
extern const struct draw_deed draw_deeds[DRAW_KINDS];

#endif
