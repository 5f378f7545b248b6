/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/exhaust_same.h"

#include <string.h>

#include "core/view.h"

static uint64_t mix(uint64_t sum, uint64_t v)
{
	struct ha_rand r = { sum ^ (v * 0x9e3779b97f4a7c15u) };

	return ha_rand_u64(&r);
}

/* --- namings --- */

static bool runs_alike(const struct sim *s, const struct same_naming *n)
{
	uint32_t on[EXHAUST_HOSTS_MAX + 1] = { 0 };

	for (uint32_t i = 0; i < s->vm_count; i++) {
		on[ha_hostset_first(s->vms[i].there)]++;
	}
	for (ha_hostid h = 1; h <= s->host_max; h++) {
		if (on[h] != on[n->as[h]]) {
			return false;
		}
	}
	return true;
}

static void add_naming(struct same *x, struct sim *s, const ha_hostid *as)
{
	struct same_naming *n = &x->namings[x->count];
	struct ha_cluster_view v;

	memset(n, 0, sizeof(*n));
	memcpy(n->as, as, (s->host_max + 1) * sizeof(*as));
	ha_core_view_cluster(sim_host(s, 1)->core, &v);
	if (x->count == 0 ||
	    (n->as[v.coordinator] == v.coordinator && runs_alike(s, n))) {
		x->count++;
	}
}

void same_begin(struct same *x, struct sim *s, bool fold)
{
	static const ha_hostid all[SAME_NAMINGS_MAX][EXHAUST_HOSTS_MAX + 1] = {
		{ 0, 1, 2, 3 }, { 0, 1, 3, 2 }, { 0, 2, 1, 3 },
		{ 0, 2, 3, 1 }, { 0, 3, 1, 2 }, { 0, 3, 2, 1 },
	};

	x->count = 0;
	for (size_t i = 0; i < SAME_NAMINGS_MAX && (i == 0 || fold); i++) {
		if (s->host_max == EXHAUST_HOSTS_MAX || all[i][3] == 3) {
			add_naming(x, s, all[i]);
		}
	}
}

/* --- what happens --- */

/* Of a handler: its place in the program, which all processes share. */
static uint64_t word_of(const struct sim_pend *p, ha_time at)
{
	return mix((uint64_t)(uintptr_t)p->fn - (uintptr_t)same_begin,
		   (uint64_t)at);
}

void same_host(struct same *x, const struct sim_pend *p, ha_time at,
	       bool orders)
{
	for (size_t i = 0; i < x->count; i++) {
		struct same_naming *n = &x->namings[i];
		uint64_t *h = &n->hosts[p->host];

		if (orders) {
			n->hosts[0] = mix(n->hosts[0], n->as[p->host]);
			*h = mix(*h, n->hosts[0]);
		}
		*h = mix(*h, word_of(p, at));
	}
}

static void to_all(struct same_naming *n, uint64_t word)
{
	n->hosts[0] = mix(n->hosts[0], word);
	for (ha_hostid h = 1; h <= EXHAUST_HOSTS_MAX; h++) {
		n->hosts[h] = mix(n->hosts[h], n->hosts[0]);
	}
}

void same_world(struct same *x, const struct sim_pend *p, ha_time at)
{
	for (size_t i = 0; i < x->count; i++) {
		struct same_naming *n = &x->namings[i];

		to_all(n, mix(word_of(p, at), n->as[p->host]));
	}
}

void same_fault(struct same *x, ha_hostid host, uint32_t kind)
{
	for (size_t i = 0; i < x->count; i++) {
		struct same_naming *n = &x->namings[i];

		to_all(n, mix(kind, n->as[host]));
	}
}

uint64_t same_chance(const struct same *x, ha_hostid host)
{
	return x->namings[0].hosts[host];
}

/* --- the sum --- */

static uint64_t sum_of(const struct same_naming *n)
{
	uint64_t named[EXHAUST_HOSTS_MAX + 1] = { n->hosts[0] };
	uint64_t sum = 0;

	for (ha_hostid h = 1; h <= EXHAUST_HOSTS_MAX; h++) {
		named[n->as[h]] = n->hosts[h];
	}
	for (ha_hostid h = 0; h <= EXHAUST_HOSTS_MAX; h++) {
		sum = mix(sum, named[h]);
	}
	return sum;
}

uint64_t same_sum(const struct same *x, ha_time at, uint32_t faults_left)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < x->count; i++) {
		uint64_t sum = sum_of(&x->namings[i]);

		least = sum < least ? sum : least;
	}
	least = mix(mix(least, (uint64_t)at), faults_left);
	return least != 0 ? least : 1;
}
