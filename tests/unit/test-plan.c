/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "conf/conf.h"
#include "sim/plan_config.h"
#include "sim/scenario.h"
#include "sim/shrink.h"
#include "tests/unit/suite.h"

static struct sim_plan plan, other;
static const struct sim_plan_size any;

static void assert_config(const struct sim_plan *p, uint32_t variant)
{
	struct ha_conf_errors errors = { 0 };
	struct ha_buf config = { 0 }, said = { 0 };

	sim_plan_print_config(p, variant, &config);
	if (ha_conf_parse(config.data, config.len, &errors, NULL) != 0) {
		ha_conf_errors_print(&errors, "it", &said);
		ck_abort_msg("seed %llu, variant %u: %s",
			     (unsigned long long)p->seed, variant, said.data);
	}
	ha_conf_errors_fini(&errors);
	ha_buf_fini(&config);
	ha_buf_fini(&said);
}

/* Whatever is drawn can be said, and is a configuration. */
START_TEST(test_is_a_scenario)
{
	for (uint64_t seed = 1; seed <= 150; seed++) {
		struct ha_buf text = { 0 }, error = { 0 };
		struct ha_scenario sc;

		sim_plan_draw(&plan, seed, any);
		sim_plan_print(&plan, "title", &text);
		ck_assert_msg(ha_scenario_parse("p", text.data, &sc, &error) ==
				      0, "seed %llu: %s",
			      (unsigned long long)seed, error.data);
		ck_assert_uint_eq(sc.seed, plan.run_seed);
		ck_assert_str_eq(sc.title, "title");
		ha_scenario_fini(&sc);
		for (uint32_t i = 0; i <= PLAN_VARIANTS; i++) {
			assert_config(&plan, i);
		}
		ha_buf_fini(&text);
		ha_buf_fini(&error);
	}
}
END_TEST

/* It stays one when something of it is left out. */
START_TEST(test_parts_left_out)
{
	for (uint64_t seed = 1; seed <= 150; seed++) {
		struct ha_rand r = { .state = seed };

		sim_plan_draw(&plan, seed, any);
		for (uint32_t i = 0; i <= PLAN_VARIANTS; i++) {
			plan.without = (uint32_t)ha_rand_u64(&r);
			if (ha_hostset_count(plan.hosts) > 1) {
				(void)ha_hostset_pop(&plan.hosts);
			}
			assert_config(&plan, i);
		}
	}
}
END_TEST

START_TEST(test_same_seed)
{
	sim_plan_draw(&plan, 7, any);
	sim_plan_draw(&other, 7, any);
	ck_assert_mem_eq(&plan, &other, sizeof(plan));
	sim_plan_draw(&other, 8, any);
	ck_assert_int_ne(memcmp(&plan, &other, sizeof(plan)), 0);
	sim_plan_draw(&other, 8, (struct sim_plan_size){ .hosts = 5, .vms = 50 });
	ck_assert(other.host_count == 5 && other.vm_count == 50);
}
END_TEST

START_TEST(test_names)
{
	struct sim_plan_line l = { .text = "partition h1,h12 | h3" };
	char name[40];

	ck_assert(sim_plan_line_speaks(&l, "h1"));
	ck_assert(sim_plan_line_speaks(&l, "h12"));
	ck_assert(!sim_plan_line_speaks(&l, "h2"));
	sim_plan_draw(&plan, 9, any);
	sim_plan_name(&plan, 2, name, sizeof(name));
	ck_assert_str_eq(name, "seed-9-2.xml");
	ck_assert_uint_eq(sim_plan_variant(&plan, "some/seed-9-2.xml"), 2);
	ck_assert_uint_eq(sim_plan_variant(&plan, "seed-8.xml"), UINT32_MAX);
}
END_TEST

/* Fails as long as these two lines are in. */
struct culprits {
	size_t first, second;
};

static bool fails(const struct sim_plan *p, void *arg)
{
	const struct culprits *c = arg;

	return !p->lines[c->first].out && !p->lines[c->second].out;
}

static void write_lines(struct sim_plan *p, size_t count)
{
	memset(p, 0, sizeof(*p));
	p->host_count = 5;
	p->hosts = 31;
	p->vm_count = 20;
	p->line_count = count;
	p->heal_at = HA_S(1000);
	for (size_t i = 0; i < count; i++) {
		p->lines[i].at = HA_S(i) + 345;
		snprintf(p->lines[i].text, sizeof(p->lines[i].text), "kill h%u",
			 (unsigned)(1 + i % 5));
	}
}

START_TEST(test_shrinks)
{
	struct culprits c = { 17, 83 }; /* of h3 and h4 */
	struct sim_shrink s = { .fails = fails, .arg = &c, .tries_max = 2000 };
	size_t in = 0;

	write_lines(&plan, 100);
	plan.lines[17].group = 1;
	plan.lines[20].group = 1; /* goes with it */
	sim_shrink(&s, &plan);
	for (size_t i = 0; i < plan.line_count; i++) {
		in += !plan.lines[i].out;
	}
	ck_assert_uint_eq(in, 3);
	ck_assert(fails(&plan, &c) && !plan.lines[20].out);
	ck_assert_uint_eq(ha_hostset_count(plan.hosts), 3);
	ck_assert(ha_host_in(plan.hosts, 3) && ha_host_in(plan.hosts, 4));
	/* a second after one another: line 20 is in between */
	ck_assert_int_eq(plan.lines[83].at, HA_S(3));
	ck_assert_int_eq(plan.heal_at, HA_S(4));
}
END_TEST

static bool has_racks(const struct sim_plan *p, void *arg)
{
	(void)arg;
	return !(p->without >> PLAN_RACKS & 1);
}

START_TEST(test_shrinks_configurations)
{
	struct sim_shrink s = { .fails = has_racks, .tries_max = 2000 };
	uint32_t all = ((uint32_t)1 << PLAN_PART_END) - 1;

	write_lines(&plan, 5);
	sim_shrink(&s, &plan);
	ck_assert_uint_eq(plan.without, all & ~((uint32_t)1 << PLAN_RACKS));
}
END_TEST

static bool never(const struct sim_plan *p, void *arg)
{
	(void)p;
	(void)arg;
	return false;
}

START_TEST(test_shrinks_nothing)
{
	struct sim_shrink s = { .fails = never, .tries_max = 50 };

	write_lines(&plan, 30);
	other = plan;
	sim_shrink(&s, &plan);
	ck_assert_mem_eq(&plan, &other, sizeof(plan));
	ck_assert_uint_le(s.tries, 50);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plan");
	TCase *t = tcase_create("plan");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, test_is_a_scenario);
	tcase_add_test(t, test_parts_left_out);
	tcase_add_test(t, test_same_seed);
	tcase_add_test(t, test_names);
	tcase_add_test(t, test_shrinks);
	tcase_add_test(t, test_shrinks_configurations);
	tcase_add_test(t, test_shrinks_nothing);
	suite_add_tcase(s, t);
	return test_main(s);
}
