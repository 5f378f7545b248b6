/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How good are recovery plans? 500 made-up tight clusters of up to 6 hosts and
 * 12 VMs, each plan against the exact optimum, found by trying everything in
 * code that shares nothing with lib/policy.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/small-pool.h"
#include "tests/unit/suite.h"

#define CLUSTERS 500
#define TIERS HA_PRIORITY_DISABLED

struct vector { /* VMs left out, by priority */
	unsigned out[TIERS];
	unsigned all;
};

static bool is_fewer(const struct vector *a, const struct vector *b,
		     bool by_priority)
{
	if (!by_priority) {
		return a->all < b->all;
	}
	for (size_t t = 0; t < TIERS; t++) {
		if (a->out[t] != b->out[t]) {
			return a->out[t] < b->out[t];
		}
	}
	return false;
}

struct brute {
	const struct small_pool *s;
	struct small_state state;
	uint32_t vms[SMALL_VMS_MAX]; /* to place, by priority */
	size_t count;
	struct vector best;
	bool by_priority;
};

/* Placing a VM can only break what VMs placed so far also see: no assignment
 * that breaks a rule becomes right by adding to it. */
static bool is_right_so_far(const struct brute *b, size_t placed)
{
	for (size_t i = 0; i < placed; i++) {
		if (b->state.at[b->vms[i]] != HA_HOST_NONE &&
		    small_pool_breach(b->s, &b->state, b->vms[i])) {
			return false;
		}
	}
	return true;
}

static void try_all(struct brute *b, size_t i, const struct vector *out)
{
	struct vector more = *out;

	if (!is_fewer(out, &b->best, b->by_priority)) {
		return;
	}
	if (i == b->count) {
		b->best = *out;
		return;
	}
	for (size_t h = 0; h < b->s->pool.host_count; h++) {
		b->state.at[b->vms[i]] = b->s->hosts[h].id;
		if (small_pool_breach(b->s, &b->state, b->vms[i]) == NULL &&
		    is_right_so_far(b, i)) {
			try_all(b, i + 1, out);
		}
		b->state.at[b->vms[i]] = HA_HOST_NONE;
	}
	more.out[b->s->vms[b->vms[i]].priority]++;
	more.all++;
	try_all(b, i + 1, &more);
}

/* Better than `than`, if there is something better. */
static struct vector find_best(const struct small_pool *s, ha_hostset lost,
			       const struct vector *than, bool by_priority)
{
	struct brute b = { .s = s, .best = *than, .by_priority = by_priority };
	const struct vector none = { .all = 0 };

	small_pool_apply(s, lost, NULL, &b.state);
	for (size_t t = 0; t < TIERS; t++) {
		for (uint32_t i = 0; i < s->pool.vm_count; i++) {
			if (s->vms[i].priority == t && b.state.at[i] == 0 &&
			    (s->vms[i].host != 0 || s->vms[i].wanted)) {
				b.vms[b.count++] = i;
			}
		}
	}
	try_all(&b, 0, &none);
	return b.best;
}

static struct vector count_out(const struct small_pool *s,
			       const struct ha_recovery *r)
{
	struct vector v = { .all = (unsigned)r->left_out_count };

	for (size_t i = 0; i < r->left_out_count; i++) {
		v.out[s->vms[r->left_out[i]].priority]++;
	}
	return v;
}

struct figure {
	unsigned vms;      /* to place */
	unsigned left_out; /* by the plan */
	unsigned more;     /* could have been saved, by priority */
	unsigned more_all; /* in number, whatever the priority */
	unsigned worse;    /* clusters */
	unsigned unproven; /* plans that were best, and did not know */
};

static void compare(struct figure *f, const struct small_pool *s,
		    ha_hostset lost, enum ha_effort effort)
{
	struct ha_planner *p = small_planner(&s->pool);
	const struct ha_recovery_ask ask = { .lost = lost, .waiting = true,
					     .effort = effort };
	const struct ha_recovery *r = ha_recovery_plan(p, &ask);
	struct vector out = count_out(s, r);
	struct vector best = find_best(s, lost, &out, true);
	struct vector most = find_best(s, lost, &out, false);
	struct small_state state;

	small_pool_apply(s, lost, r, &state);
	for (size_t i = 0; i < r->step_count; i++) {
		ck_assert_ptr_null(small_pool_breach(s, &state,
						     r->steps[i].vm));
	}
	f->vms += (unsigned)(r->step_count + r->left_out_count);
	f->left_out += out.all;
	f->more_all += out.all - most.all;
	f->worse += is_fewer(&best, &out, true);
	f->unproven += !is_fewer(&best, &out, true) && !r->proven;
	ck_assert(!r->proven || !is_fewer(&best, &out, true));
	for (size_t t = 0; t < TIERS; t++) {
		if (out.out[t] != best.out[t]) {
			f->more += out.out[t] > best.out[t]
					   ? out.out[t] - best.out[t] : 0;
			break; /* lower ones pay for it */
		}
	}
	free(p);
}

static void print(const char *name, const struct figure *f)
{
	printf("%s: of %u VMs %u left out, %u more could have been saved "
	       "(%.2f %%), %u in number (%.2f %%); %u of %d plans were not "
	       "the best, %u were and did not know\n", name, f->vms,
	       f->left_out, f->more, 100.0 * f->more / f->vms, f->more_all,
	       100.0 * f->more_all / f->vms, f->worse, CLUSTERS, f->unproven);
}

START_TEST(test_against_optimum)
{
	static const char *const names[] = { "plan", "without search",
					     "greedy" };
	struct figure f[3] = { { 0 } };

	for (unsigned i = 0; i < CLUSTERS; i++) {
		/* so full that most plans just fit, or just do not */
		static const uint32_t loads[3][2] = { { 80, 105 }, { 55, 85 },
						      { 40, 65 } };
		const struct small_spec spec = { i, 6, 12, loads[i % 3][0],
						 loads[i % 3][1] };
		struct small_pool s;
		ha_hostset lost = 0;

		small_pool_make(&s, &spec);
		if (i % 3 != 0) { /* else all start anew */
			small_pool_place(&s);
			lost = i % 3 == 2 && s.pool.host_count > 2 ? 3 : 1;
		}
		for (unsigned effort = 0; effort < 3; effort++) {
			compare(&f[effort], &s, lost, (enum ha_effort)effort);
		}
	}
	for (unsigned effort = 0; effort < 3; effort++) {
		print(names[effort], &f[effort]);
	}
	ck_assert_uint_le(f[0].more * 100, f[0].vms);
	ck_assert_uint_le(f[1].more * 100, f[1].vms);
	/* and repair is what does it */
	ck_assert_uint_lt(f[1].more * 10, f[2].more);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("plan-quality");
	TCase *c = tcase_create("all");

	tcase_add_test(c, test_against_optimum);
	tcase_set_timeout(c, 300);
	suite_add_tcase(s, c);
	return test_main(s);
}
