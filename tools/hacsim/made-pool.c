/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/hacsim/made-pool.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/rand.h"
#include "policy/recovery.h"

#define GIB ((uint64_t)1 << 20) /* in KiB */
#define RACK 8u
#define OVERHEAD_KIB (200u << 10)

static void make_vm(struct ha_pool_vm *v, struct ha_rand *r)
{
	static const struct { uint8_t gib, vcpus; } sizes[] = {
		{ 2, 1 }, { 2, 1 }, { 2, 2 }, { 4, 2 }, { 4, 2 }, { 4, 2 },
		{ 8, 2 }, { 8, 4 }, { 8, 4 }, { 16, 4 }, { 16, 8 }, { 32, 8 },
		{ 32, 4 }, { 64, 16 },
	};
	static const uint8_t tiers[] = { 0, 1, 1, 2, 2, 2, 2, 2, 3, 4 };
	size_t size = ha_rand_below(r, sizeof(sizes) / sizeof(sizes[0]));

	*v = (struct ha_pool_vm){
		.memory_kib = sizes[size].gib * GIB + OVERHEAD_KIB,
		.memory_overhead_kib = OVERHEAD_KIB,
		.vcpus = sizes[size].vcpus,
		.priority = (enum ha_priority)
			tiers[ha_rand_below(r, sizeof(tiers))],
		.reaches = ~(ha_hostset)0,
		.allowed = ~(ha_hostset)0,
		.wanted = true,
	};
	if (ha_rand_below(r, 10) == 0) { /* a few have reservations */
		v->memory_reserved_kib = sizes[size].gib * GIB;
		v->cpu_reserved_mhz = 500u * sizes[size].vcpus;
	}
}

/* Sizes 3 : 4 : 5, together as large as the load asks. */
static void make_hosts(struct made_pool *m, const struct made_pool_spec *spec)
{
	static const uint32_t quarters[] = { 4, 3, 5, 4 };
	uint64_t memory = 0, vcpus = 0;

	for (size_t i = 0; i < spec->vms; i++) {
		memory += m->vms[i].memory_kib;
		vcpus += m->vms[i].vcpus;
	}
	memory = memory * 100 / spec->load_percent / spec->hosts;
	vcpus = vcpus * 100 / spec->load_percent / spec->hosts;
	for (uint32_t i = 0; i < spec->hosts; i++) {
		m->hosts[i] = (struct ha_pool_host){
			.id = i + 1,
			.usable = true,
			.memory_kib = memory * quarters[i % 4] / 4,
			.vcpus = (uint32_t)(vcpus * quarters[i % 4] / 4) + 1,
			.cpu_mhz = (uint32_t)(vcpus * quarters[i % 4] / 4) * 600,
			.domain = i / RACK + 1,
			.starts_max = 8,
		};
	}
}

static ha_hostset some_hosts(const struct made_pool *m, struct ha_rand *r)
{
	ha_hostset all = m->pool.host_count == HA_HOSTS_MAX
				 ? ~(ha_hostset)0
				 : ((ha_hostset)1 << m->pool.host_count) - 1;
	ha_hostset some = ha_rand_u64(r) & all;

	/* never so few that the loss of two would end it */
	return ha_hostset_count(some) > 3 ? some : all;
}

/* False: there are so many already. */
static bool add_group(struct made_pool *m, size_t vm, uint32_t members,
		      const struct ha_pool_group *group)
{
	uint16_t index = (uint16_t)m->pool.group_count;

	if (index == HA_POOL_GROUPS_MAX || vm + members > m->pool.vm_count) {
		return false;
	}
	m->groups[m->pool.group_count++] = *group;
	for (uint32_t k = 0; k < members; k++) {
		struct ha_pool_vm *v = &m->vms[vm + k];

		if (v->group_count < HA_POOL_VM_GROUPS_MAX) {
			v->groups[v->group_count++] = index;
		}
	}
	return true;
}

/* One rule of that kind, from this VM on; gives how many VMs it takes. */
static uint32_t make_rule(struct made_pool *m, size_t vm, uint32_t kind,
			  struct ha_rand *r)
{
	struct ha_pool_vm *v = &m->vms[vm];

	switch (kind % 8) {
	case 0:
		v->allowed = some_hosts(m, r);
		return 1;
	case 1:
		v->avoided = some_hosts(m, r);
		return 1;
	case 2:
		v->preferred[0] = some_hosts(m, r);
		v->preferred[1] = some_hosts(m, r) & ~v->preferred[0];
		return 1;
	case 3:
		(void)add_group(m, vm, 2, &(struct ha_pool_group){
			HA_GROUP_TOGETHER, true, 0 });
		return 2;
	case 4:
		(void)add_group(m, vm, 3, &(struct ha_pool_group){
			HA_GROUP_APART, true, 1 });
		return 3;
	case 5:
		(void)add_group(m, vm, 4, &(struct ha_pool_group){
			HA_GROUP_APART, false, 2 });
		return 4;
	case 6:
		(void)add_group(m, vm, 4, &(struct ha_pool_group){
			HA_GROUP_SPREAD, true, 0 });
		return 4;
	default:
		v->reaches = some_hosts(m, r);
		return 1;
	}
}

static void make_rules(struct made_pool *m, const struct made_pool_spec *spec,
		       struct ha_rand *r)
{
	uint64_t due = 0; /* VMs in rules, times 100 */
	uint32_t kind = 0;

	for (uint32_t i = 0; i < spec->vms;) {
		uint32_t taken = 1;

		if (due >= 100) {
			taken = make_rule(m, i, kind++, r);
			due -= due < taken * 100u ? due : taken * 100u;
		}
		due += (uint64_t)spec->rules_percent * taken;
		i += taken;
	}
}

/* All VMs wait, and find their hosts as in a recovery. */
static int place_vms(struct made_pool *m)
{
	const struct ha_recovery_ask ask = { .waiting = true };
	void *mem = malloc(ha_planner_size(&m->pool));
	const struct ha_recovery *r;

	if (!mem) {
		return HA_E_NO_MEMORY;
	}
	r = ha_recovery_plan(ha_planner_init(mem, &m->pool), &ask);
	for (size_t i = 0; i < r->step_count; i++) {
		m->vms[r->steps[i].vm].host = r->steps[i].host;
	}
	m->waiting = (uint32_t)r->left_out_count;
	free(mem);
	return 0;
}

int made_pool_init(struct made_pool *m, const struct made_pool_spec *spec)
{
	struct ha_rand r = { spec->seed };

	*m = (struct made_pool){ .waiting = 0 };
	m->vms = calloc(spec->vms > 0 ? spec->vms : 1, sizeof(*m->vms));
	m->groups = calloc(HA_POOL_GROUPS_MAX, sizeof(*m->groups));
	if (!m->vms || !m->groups) {
		made_pool_fini(m);
		return HA_E_NO_MEMORY;
	}
	m->pool = (struct ha_pool){ m->hosts, spec->hosts, m->vms, spec->vms,
				    m->groups, 0 };
	for (uint32_t i = 0; i < spec->vms; i++) {
		make_vm(&m->vms[i], &r);
	}
	make_hosts(m, spec);
	make_rules(m, spec, &r);
	return place_vms(m);
}

static bool is_in_rules(const struct ha_pool_vm *v)
{
	return v->group_count > 0 || v->avoided != 0 || v->preferred[0] != 0 ||
	       (v->allowed & v->reaches) != ~(ha_hostset)0;
}

static bool is_against_rules(const struct ha_explain *e)
{
	switch (e->verdict) {
	case HA_VERDICT_UNREACHED:
	case HA_VERDICT_RULE:
	case HA_VERDICT_GROUP:
		return true;
	case HA_VERDICT_CHOSEN:
	case HA_VERDICT_FITS:
		return e->broken != 0;
	case HA_VERDICT_UNUSABLE:
	case HA_VERDICT_SPARE:
	case HA_VERDICT_MEMORY:
	case HA_VERDICT_VCPUS:
		break;
	}
	return false;
}

/* The first such host from a random one on, or none. */
static ha_hostid find_wrong(struct ha_planner *p, const struct made_pool *m,
			    uint32_t vm, struct ha_rand *r)
{
	const struct ha_choose_how how = { .score = HA_SCORE_SPREAD };
	struct ha_explain e[HA_HOSTS_MAX];
	size_t count = m->pool.host_count;
	size_t from = ha_rand_below(r, count);

	(void)ha_planner_explain(p, vm, &how, e); /* the right one */
	for (size_t i = 0; i < count; i++) {
		size_t n = (from + i) % count;

		if (e[n].host != m->vms[vm].host && is_against_rules(&e[n])) {
			return e[n].host;
		}
	}
	return HA_HOST_NONE;
}

int made_pool_break(struct made_pool *m, uint64_t seed)
{
	struct ha_rand r = { seed };
	void *mem = malloc(ha_planner_size(&m->pool));
	struct ha_planner *p;
	uint32_t in_rules = 0;

	if (!mem) {
		return HA_E_NO_MEMORY;
	}
	p = ha_planner_init(mem, &m->pool);
	m->misplaced = 0;
	for (uint32_t i = 0; i < m->pool.vm_count; i++) {
		ha_hostid wrong = HA_HOST_NONE;

		if (m->vms[i].host != HA_HOST_NONE && is_in_rules(&m->vms[i])) {
			in_rules++;
			wrong = in_rules % 4 == 0 ? find_wrong(p, m, i, &r)
						  : HA_HOST_NONE;
		}
		if (wrong != HA_HOST_NONE) {
			m->vms[i].host = wrong;
			ha_planner_move(p, i, wrong);
			m->misplaced++;
		}
	}
	free(mem);
	return 0;
}

bool made_pool_spread(struct made_pool *m)
{
	return add_group(m, 0, (uint32_t)m->pool.vm_count, &(struct ha_pool_group){
		HA_GROUP_SPREAD, false, 0 });
}

void made_pool_fini(struct made_pool *m)
{
	free(m->vms);
	free(m->groups);
	*m = (struct made_pool){ .waiting = 0 };
}
