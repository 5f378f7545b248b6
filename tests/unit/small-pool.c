/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/small-pool.h"

#include <stdlib.h>

#include "base/rand.h"

struct ha_planner *small_planner(const struct ha_pool *pool)
{
	void *mem = malloc(ha_planner_size(pool));

	assert(mem);
	return ha_planner_init(mem, pool);
}

static void make_vms(struct small_pool *s, struct ha_rand *r)
{
	bool tiers = ha_rand_below(r, 2) == 0;

	for (size_t i = 0; i < s->pool.vm_count; i++) {
		s->vms[i] = (struct ha_pool_vm){
			.memory_kib = 1 + ha_rand_below(r, 12),
			.vcpus = (uint32_t)(1 + ha_rand_below(r, 8)),
			.priority = tiers ? (enum ha_priority)
					    ha_rand_below(r, 5)
					  : HA_PRIORITY_MEDIUM,
			.reaches = SMALL_ANY,
			.allowed = SMALL_ANY,
			.wanted = true,
		};
	}
}

static void make_hosts(struct small_pool *s, const struct small_spec *spec,
		       struct ha_rand *r)
{
	uint64_t load = spec->load_min +
			ha_rand_below(r, spec->load_max - spec->load_min + 1);
	uint64_t memory = 0, vcpus = 0;

	for (size_t i = 0; i < s->pool.vm_count; i++) {
		memory += s->vms[i].memory_kib;
		vcpus += s->vms[i].vcpus;
	}
	memory = memory * 100 / load / s->pool.host_count;
	vcpus = vcpus * 100 / load / s->pool.host_count;
	for (size_t i = 0; i < s->pool.host_count; i++) {
		uint64_t size = 75 + ha_rand_below(r, 51);

		s->hosts[i] = (struct ha_pool_host){
			.id = (ha_hostid)i + 1,
			.usable = true,
			.memory_kib = memory * size / 100 + 1,
			.vcpus = (uint32_t)(vcpus * size / 100) + 1,
			.domain = (uint32_t)(i / 2 + 1),
			.starts_max = (uint32_t)ha_rand_below(r, 4),
		};
	}
}

static ha_hostset some_hosts(const struct small_pool *s, struct ha_rand *r)
{
	ha_hostset all = ((ha_hostset)1 << s->pool.host_count) - 1;
	ha_hostset some = ha_rand_u64(r) & all;

	return some != 0 ? some : all;
}

static void make_group(struct small_pool *s, struct ha_rand *r)
{
	uint16_t index = (uint16_t)s->pool.group_count;
	uint64_t members = 2 + ha_rand_below(r, 3);
	enum ha_group_kind kind = (enum ha_group_kind)ha_rand_below(r, 3);

	s->groups[s->pool.group_count++] = (struct ha_pool_group){
		.kind = kind,
		.must = ha_rand_below(r, 2) == 0,
		.most = (uint32_t)(kind == HA_GROUP_APART
					   ? 1 + ha_rand_below(r, 2)
					   : ha_rand_below(r, 3)),
	};
	for (uint64_t k = 0; k < members; k++) {
		struct ha_pool_vm *v =
			&s->vms[ha_rand_below(r, s->pool.vm_count)];
		bool twice = false;

		for (size_t j = 0; j < v->group_count; j++) {
			twice |= v->groups[j] == index;
		}
		if (!twice && v->group_count < HA_POOL_VM_GROUPS_MAX) {
			v->groups[v->group_count++] = index;
		}
	}
}

static void make_rules(struct small_pool *s, struct ha_rand *r)
{
	uint64_t groups = ha_rand_below(r, 4);

	for (size_t i = 0; i < s->pool.vm_count; i++) {
		struct ha_pool_vm *v = &s->vms[i];

		switch (ha_rand_below(r, 12)) {
		case 0:
			v->allowed = some_hosts(s, r);
			break;
		case 1:
			v->reaches = some_hosts(s, r);
			break;
		case 2:
			v->avoided = some_hosts(s, r);
			break;
		case 3:
			v->preferred[0] = some_hosts(s, r);
			break;
		default:
			break;
		}
	}
	for (uint64_t k = 0; k < groups; k++) {
		make_group(s, r);
	}
}

void small_pool_make(struct small_pool *s, const struct small_spec *spec)
{
	struct ha_rand r = { spec->seed };

	*s = (struct small_pool){ .pool = {
		.host_count = 2 + ha_rand_below(&r, spec->hosts_max - 1),
		.vm_count = 4 + ha_rand_below(&r, spec->vms_max - 3) } };
	s->pool.hosts = s->hosts;
	s->pool.vms = s->vms;
	s->pool.groups = s->groups;
	make_vms(s, &r);
	make_hosts(s, spec, &r);
	if (ha_rand_below(&r, 2) == 0) {
		make_rules(s, &r);
	}
}

void small_pool_place(struct small_pool *s)
{
	const struct ha_recovery_ask ask = { .waiting = true };
	struct ha_planner *p = small_planner(&s->pool);
	const struct ha_recovery *r = ha_recovery_plan(p, &ask);

	for (size_t i = 0; i < r->step_count; i++) {
		s->vms[r->steps[i].vm].host = r->steps[i].host;
	}
	for (size_t i = 0; i < r->left_out_count; i++) {
		s->vms[r->left_out[i]].wanted = false;
	}
	free(p);
}

void small_pool_apply(const struct small_pool *s, ha_hostset lost,
		      const struct ha_recovery *r, struct small_state *ret)
{
	*ret = (struct small_state){ .usable = 0 };
	for (size_t i = 0; i < s->pool.host_count; i++) {
		if (s->hosts[i].usable && !ha_host_in(lost, s->hosts[i].id)) {
			ret->usable |= ha_host_bit(s->hosts[i].id);
		}
	}
	for (size_t i = 0; i < s->pool.vm_count; i++) {
		ret->at[i] = ha_host_in(lost, s->vms[i].host)
				     ? HA_HOST_NONE : s->vms[i].host;
	}
	for (size_t i = 0; r && i < r->stopped_count; i++) {
		ret->at[r->stopped[i]] = HA_HOST_NONE;
	}
	for (size_t i = 0; r && i < r->step_count; i++) {
		ret->at[r->steps[i].vm] = r->steps[i].host;
	}
}

static bool is_in(const struct ha_pool_vm *v, uint16_t group)
{
	for (size_t k = 0; k < v->group_count; k++) {
		if (v->groups[k] == group) {
			return true;
		}
	}
	return false;
}

/* Members of the spreading group for each fault domain with a usable host. */
static uint32_t even_share(const struct small_pool *s,
			   const struct small_state *state, uint16_t group)
{
	uint32_t members = 0, domains = 0;

	for (size_t i = 0; i < s->pool.vm_count; i++) {
		members += is_in(&s->vms[i], group);
	}
	for (size_t i = 0; i < s->pool.host_count; i++) {
		bool first = ha_host_in(state->usable, s->hosts[i].id);

		for (size_t k = 0; k < i; k++) {
			first &= !(s->hosts[k].domain == s->hosts[i].domain &&
				   ha_host_in(state->usable, s->hosts[k].id));
		}
		domains += first;
	}
	return domains == 0 ? 1 : (members + domains - 1) / domains;
}

static const char *group_breach(const struct small_pool *s,
				const struct small_state *state, uint32_t vm,
				uint16_t group)
{
	const struct ha_pool_group *g = &s->groups[group];
	ha_hostid host = state->at[vm];
	uint32_t here = 0, elsewhere = 0, near = 0;
	uint32_t most = g->most;

	for (size_t i = 0; i < s->pool.vm_count; i++) {
		if (!is_in(&s->vms[i], group) || state->at[i] == 0) {
			continue;
		}
		here += state->at[i] == host;
		elsewhere += state->at[i] != host;
		near += s->hosts[state->at[i] - 1].domain ==
			s->hosts[host - 1].domain;
	}
	switch (g->kind) {
	case HA_GROUP_TOGETHER:
		return elsewhere > 0 ? "not together" : NULL;
	case HA_GROUP_APART:
		return here > most ? "not apart" : NULL;
	case HA_GROUP_SPREAD:
		most = most > 0 ? most : even_share(s, state, group);
		return near > most ? "not spread" : NULL;
	}
	return NULL;
}

const char *small_pool_breach(const struct small_pool *s,
			      const struct small_state *state, uint32_t vm)
{
	const struct ha_pool_vm *v = &s->vms[vm];
	ha_hostid host = state->at[vm];
	uint64_t memory = 0, vcpus = 0;
	const char *why = NULL;

	if (!ha_host_in(state->usable, host)) {
		return "host not usable";
	}
	if (!ha_host_in(v->reaches & v->allowed, host)) {
		return "host not allowed";
	}
	for (size_t i = 0; i < s->pool.vm_count; i++) {
		memory += state->at[i] == host ? s->vms[i].memory_kib : 0;
		vcpus += state->at[i] == host ? s->vms[i].vcpus : 0;
	}
	if (memory > s->hosts[host - 1].memory_kib ||
	    vcpus > s->hosts[host - 1].vcpus) {
		return "no room";
	}
	for (size_t k = 0; !why && k < v->group_count; k++) {
		if (s->groups[v->groups[k]].must) {
			why = group_breach(s, state, vm, v->groups[k]);
		}
	}
	return why;
}
