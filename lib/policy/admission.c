/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/admission.h"

#include <assert.h>

#include "policy/fit.h"
#include "policy/planner.h"

/* The sets of so many of these hosts, one after the other. */
struct sets {
	ha_hostid hosts[HA_HOSTS_MAX];
	size_t host_count;
	size_t chosen[HA_HOSTS_MAX]; /* indices into hosts, rising */
	size_t size;
};

/* Hosts whose failure matters: they run VMs, or others may need them. */
static void list_hosts(const struct ha_planner *p, struct sets *s)
{
	for (size_t i = 0; i < p->room.pool->host_count; i++) {
		ha_hostid id = p->room.pool->hosts[i].id;

		if (ha_host_in(p->usable, id) || p->room.vms[id - 1] > 0) {
			s->hosts[s->host_count++] = id;
		}
	}
}

static void first_set(struct sets *s, size_t size)
{
	assert(size <= s->host_count);
	s->size = size;
	for (size_t i = 0; i < size; i++) {
		s->chosen[i] = i;
	}
}

static bool next_set(struct sets *s)
{
	size_t i = s->size;

	while (i > 0 && s->chosen[i - 1] == s->host_count - s->size + i - 1) {
		i--;
	}
	if (i == 0) {
		return false;
	}
	s->chosen[i - 1]++;
	for (; i < s->size; i++) {
		s->chosen[i] = s->chosen[i - 1] + 1;
	}
	return true;
}

static ha_hostset hosts_of(const struct sets *s)
{
	ha_hostset hosts = 0;

	for (size_t i = 0; i < s->size; i++) {
		hosts |= ha_host_bit(s->hosts[s->chosen[i]]);
	}
	return hosts;
}

/* As ha_planner_fill tries it last, but for little. */
static bool fits(struct ha_planner *p)
{
	bool good = false;

	for (unsigned turn = 0; !good && turn < HA_FIT_TURNS; turn++) {
		ha_planner_clear(p);
		good = ha_planner_fit(p, turn);
	}
	if (!good) {
		ha_planner_clear(p);
	}
	return good;
}

/* Does its recovery leave out none? If it does, that is the answer. */
static bool is_recovered(struct ha_planner *p,
			 const struct ha_admission_ask *ask, ha_hostset lost,
			 struct ha_admission_answer *ret)
{
	bool good;

	ha_planner_fail(p, lost, true);
	good = (!ask->plan_all && fits(p)) || ha_planner_fill(p).all == 0;
	if (!good) {
		ha_planner_tell(p, false);
		ret->failing = lost;
		ret->none = lost == 0;
		ret->recovery = &p->answer;
		ret->proven = p->answer.proven;
	}
	ha_planner_restore(p);
	return good;
}

static bool is_good(struct ha_planner *p, const struct ha_admission_ask *ask,
		    ha_hostset lost, struct ha_admission_answer *ret)
{
	ret->sets++;
	if (!ask->plan_all && ha_bound_settles(&p->bound, p, lost)) {
		return true;
	}
	ret->planned++;
	return is_recovered(p, ask, lost, ret);
}

/* All sets of that size; false at the first that is not good. */
static bool check_size(struct ha_planner *p,
		       const struct ha_admission_ask *ask, struct sets *s,
		       struct ha_admission_answer *ret)
{
	uint32_t plans_max = ask->plans_max ? ask->plans_max
					    : HA_ADMISSION_PLANS_MAX;

	do {
		if (ret->sets >= HA_ADMISSION_SETS_MAX ||
		    ret->planned >= plans_max) {
			ret->gave_up = true;
			return false;
		}
		if (!is_good(p, ask, hosts_of(s), ret)) {
			return false;
		}
	} while (next_set(s));
	return true;
}

static void check(struct ha_planner *p, const struct ha_admission_ask *ask,
		  struct ha_admission_answer *ret)
{
	struct sets s = { .host_count = 0 };

	p->how = (struct ha_choose_how){ .score = ask->score,
					 .recovery = true };
	p->effort = HA_EFFORT_ALL;
	ha_bound_fill(&p->bound, p);
	list_hosts(p, &s);
	for (size_t size = 0; ret->yes && size <= ask->failures &&
			      size <= s.host_count; size++) {
		first_set(&s, size);
		ret->yes = check_size(p, ask, &s, ret);
		if (ret->yes) {
			ret->tolerated = (uint32_t)size;
		}
	}
}

void ha_admission_check(struct ha_planner *p,
			const struct ha_admission_ask *ask,
			struct ha_admission_answer *ret)
{
	const struct ha_pool_change *c = &ask->change;
	ha_hostid home;

	assert(p->lost_count == 0);
	*ret = (struct ha_admission_answer){ .yes = true };
	if (c->host == HA_HOST_NONE) {
		check(p, ask, ret);
		return;
	}
	assert(c->vm < p->room.pool->vm_count);
	home = p->home[p->rank[c->vm]];
	ha_planner_move(p, c->vm, c->host);
	check(p, ask, ret);
	ha_planner_move(p, c->vm, home);
}
