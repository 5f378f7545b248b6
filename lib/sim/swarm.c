/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/swarm.h"

#include <string.h>

#include "sim/run.h"

struct texts { /* of the configurations, made when they are asked for */
	const struct sim_plan *plan;
	struct ha_buf text[PLAN_VARIANTS + 1];
};

static const char *text_of(const char *name, void *arg)
{
	struct texts *t = arg;
	uint32_t variant = sim_plan_variant(t->plan, name);

	if (variant > PLAN_VARIANTS) {
		return NULL;
	}
	if (!t->text[variant].data) {
		sim_plan_print_config(t->plan, variant, &t->text[variant]);
	}
	return t->text[variant].data;
}

/* --- what was done --- */

static void count(struct ha_swarm_kinds *k, const char *name, uint64_t n)
{
	size_t i = 0;

	while (i < k->count && strcmp(k->list[i].name, name) != 0) {
		i++;
	}
	if (i == SWARM_KINDS_MAX) {
		return;
	}
	if (i == k->count) {
		snprintf(k->list[i].name, SWARM_KIND_NAME, "%s", name);
		k->count++;
	}
	k->list[i].count += n;
}

void ha_swarm_kinds_add(struct ha_swarm_kinds *to,
			const struct ha_swarm_kinds *k)
{
	for (size_t i = 0; i < k->count; i++) {
		count(to, k->list[i].name, k->list[i].count);
	}
}

static void count_command(struct ha_swarm_kinds *k,
			  const struct ha_scn_step *s)
{
	char name[SWARM_KIND_NAME];
	bool two = s->argc > 1 && strchr("vhcf", s->argv[0][0]);
	bool third = s->argc > 2 && (strcmp(s->argv[2], "on") == 0 ||
				     strcmp(s->argv[2], "off") == 0 ||
				     s->argv[2][0] == '-');

	snprintf(name, sizeof(name), "%s%s%s%s%.*s", s->argv[0],
		 two ? " " : "", two ? s->argv[1] : "", third ? " " : "",
		 third ? (int)strcspn(s->argv[2], "=") : 0,
		 third ? s->argv[2] : "");
	count(k, name, 1);
}

static void count_step(struct ha_swarm_result *r, const struct ha_scn_step *s)
{
	char name[SWARM_KIND_NAME];
	bool program = s->program != HA_SCN_PROGRAM_NONE;

	if (s->verb == HA_SCN_HACTL) {
		count_command(&r->commands, s);
	} else if (s->verb != HA_SCN_START && s->verb != HA_SCN_WAIT &&
		   s->verb != HA_SCN_EXPECT) {
		snprintf(name, sizeof(name), "%s%s%s%s%s%s",
			 ha_scn_verb_name(s->verb), program ? " " : "",
			 program ? ha_scn_program_name(s->program) : "",
			 program && s->mode != 0 ? " after" : "",
			 s->mode != 0 ? " " : "",
			 ha_scn_mode_name((enum ha_scn_mode)s->mode));
		count(&r->faults, name, 1);
	}
}

void ha_sim_swarm(const struct sim_plan *plan, FILE *trace,
		  struct ha_swarm_result *ret_result, struct ha_buf *out)
{
	struct texts texts = { .plan = plan };
	struct ha_sim_figures figures = { 0 };
	struct ha_sim_options options = { .trace = trace, .text = text_of,
					  .text_arg = &texts,
					  .ret_figures = &figures };
	struct ha_buf story = { 0 };
	struct ha_scenario sc;

	memset(ret_result, 0, sizeof(*ret_result));
	sim_plan_print(plan, "swarm", &story);
	if (ha_scenario_parse("swarm", story.data, &sc, out) == 0) {
		ret_result->held = ha_sim_run(&sc, &options, out) ==
				   HA_SIM_HELD;
		for (size_t i = 0; i < figures.done; i++) {
			count_step(ret_result, &sc.steps[i]);
		}
		ha_scenario_fini(&sc);
	}
	snprintf(ret_result->why, sizeof(ret_result->why), "%s", figures.why);
	ret_result->seconds = figures.seconds;
	ret_result->steps = figures.steps;
	ha_buf_fini(&story);
	for (size_t i = 0; i <= PLAN_VARIANTS; i++) {
		ha_buf_fini(&texts.text[i]);
	}
}
