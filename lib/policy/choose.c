/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/choose.h"

#include <assert.h>

#include "policy/room.h"

const char *ha_verdict_name(enum ha_verdict v)
{
	static const char *const names[] = {
		[HA_VERDICT_CHOSEN] = "chosen",
		[HA_VERDICT_FITS] = "fits",
		[HA_VERDICT_UNUSABLE] = "unusable",
		[HA_VERDICT_SPARE] = "failover-host",
		[HA_VERDICT_UNREACHED] = "unreached",
		[HA_VERDICT_RULE] = "host-rule",
		[HA_VERDICT_GROUP] = "group-rule",
		[HA_VERDICT_MEMORY] = "memory",
		[HA_VERDICT_VCPUS] = "vcpus",
	};

	assert(v <= HA_VERDICT_VCPUS);
	return names[v];
}

static ha_hostset preferred_by(const struct ha_pool_vm *v)
{
	ha_hostset all = 0;

	for (size_t k = 0; k < HA_POOL_LEVELS_MAX; k++) {
		all |= v->preferred[k];
	}
	return all;
}

/* The level of a preferred host; one more than the last for others. */
static uint8_t level_of(const struct ha_pool_vm *v, ha_hostid host)
{
	uint8_t level = 0;

	while (level < HA_POOL_LEVELS_MAX &&
	       !ha_host_in(v->preferred[level], host)) {
		level++;
	}
	return level;
}

uint8_t ha_choose_broken(const struct ha_room *r, uint32_t vm, ha_hostid host)
{
	const struct ha_pool_vm *v = &r->pool->vms[vm];
	ha_hostset preferred = preferred_by(v);
	unsigned broken = 0;

	assert(r->at[vm] == HA_HOST_NONE);
	if (ha_host_in(v->avoided, host)) {
		broken |= HA_BROKEN_AVOIDED;
	}
	if (preferred != 0 && !ha_host_in(preferred, host)) {
		broken |= HA_BROKEN_PREFERRED;
	}
	for (size_t k = 0; k < v->group_count; k++) {
		if (!r->pool->groups[v->groups[k]].must &&
		    ha_host_in(ha_room_group_closed(r, v->groups[k]), host)) {
			broken |= HA_BROKEN_GROUP(k);
		}
	}
	return (uint8_t)broken;
}

/* Is there a should rule at all that could tell hosts apart? */
static bool has_wishes(const struct ha_room *r, uint32_t vm)
{
	const struct ha_pool_vm *v = &r->pool->vms[vm];

	return v->avoided != 0 || preferred_by(v) != 0 ||
	       ha_room_closed(r, vm, false) != 0;
}

/* Of these hosts the ones that please most. */
static ha_hostset most_wished(const struct ha_room *r, uint32_t vm,
			      ha_hostset hosts)
{
	ha_hostset best = 0;
	unsigned best_rank = 0;

	for (ha_hostset s = hosts; s;) {
		ha_hostid h = ha_hostset_pop(&s);
		unsigned broken = ha_choose_broken(r, vm, h);
		unsigned rank = (unsigned)__builtin_popcount(broken) << 4 |
				level_of(&r->pool->vms[vm], h);

		if (best == 0 || rank < best_rank) {
			best = 0;
			best_rank = rank;
		}
		if (rank == best_rank) {
			best |= ha_host_bit(h);
		}
	}
	return best;
}

/* Of open hosts those to score: all, or the most wished that fit. */
static ha_hostset narrow(const struct ha_room *r, uint32_t vm,
			 ha_hostset open, bool recovery)
{
	bool spares = recovery && (open & r->spare) != 0;
	bool wishes = has_wishes(r, vm);
	ha_hostset hosts = open;

	if (spares || wishes) {
		hosts = ha_room_fits(r, vm, open);
	}
	if (wishes) {
		hosts = most_wished(r, vm, hosts);
	}
	if (spares && (hosts & r->spare) != 0) {
		hosts &= r->spare;
	}
	return hosts;
}

static ha_hostid best_score(const struct ha_room *r, uint32_t vm,
			    ha_hostset hosts, enum ha_score score)
{
	int64_t memory = (int64_t)r->pool->vms[vm].memory_kib;
	int64_t vcpus = (int64_t)r->pool->vms[vm].vcpus;
	ha_hostid best = HA_HOST_NONE;
	int32_t best_share = 0;

	for (ha_hostset s = hosts; s;) {
		ha_hostid h = ha_hostset_pop(&s);
		int32_t share = ha_room_share(r, h,
					      r->memory_free[h - 1] - memory,
					      r->vcpus_free[h - 1] - vcpus);
		bool better = score == HA_SCORE_SPREAD ? share > best_share
						       : share < best_share;

		if (share < 0) {
			continue;
		}
		if (best == HA_HOST_NONE || better ||
		    (share == best_share &&
		     r->vms[h - 1] < r->vms[best - 1])) {
			best = h;
			best_share = share;
		}
	}
	return best;
}

/* Open hosts that this way of choosing may take. */
static ha_hostset open_to(const struct ha_room *r, uint32_t vm,
			  const struct ha_choose_how *how)
{
	ha_hostset open = ha_room_open(r, vm);

	if (how->only != 0) {
		open &= how->only;
	}
	return how->recovery ? open : open & ~r->spare;
}

ha_hostid ha_choose(const struct ha_room *r, uint32_t vm,
		    const struct ha_choose_how *how)
{
	ha_hostset open;

	assert(vm < r->pool->vm_count);
	open = open_to(r, vm, how);
	return best_score(r, vm, narrow(r, vm, open, how->recovery),
			  how->score);
}

/* The first group of the VM that closes the host, or -1. */
static int group_that_closes(const struct ha_room *r, uint32_t vm,
			     ha_hostid host)
{
	const struct ha_pool_vm *v = &r->pool->vms[vm];

	for (size_t k = 0; k < v->group_count; k++) {
		if (r->pool->groups[v->groups[k]].must &&
		    ha_host_in(ha_room_group_closed(r, v->groups[k]), host)) {
			return v->groups[k];
		}
	}
	return -1;
}

/* Why a host that is open cannot take it, or that it can. */
static void explain_room(const struct ha_room *r, uint32_t vm,
			 struct ha_explain *e)
{
	const struct ha_pool_vm *v = &r->pool->vms[vm];
	int64_t memory = (int64_t)v->memory_kib - r->memory_free[e->host - 1];
	int64_t vcpus = (int64_t)v->vcpus - r->vcpus_free[e->host - 1];

	if (memory > 0) {
		e->verdict = HA_VERDICT_MEMORY;
		e->missing = (uint64_t)memory;
	} else if (vcpus > 0) {
		e->verdict = HA_VERDICT_VCPUS;
		e->missing = (uint64_t)vcpus;
	} else {
		e->verdict = HA_VERDICT_FITS;
		e->broken = ha_choose_broken(r, vm, e->host);
		e->level = level_of(v, e->host);
		e->score = ((uint32_t)ha_room_share(r, e->host, -memory,
						    -vcpus) * 1000u +
			    (1u << 19)) >> HA_ROOM_SHARE_BITS;
	}
}

static void explain_host(const struct ha_room *r, uint32_t vm,
			 const struct ha_choose_how *how, struct ha_explain *e)
{
	const struct ha_pool_vm *v = &r->pool->vms[vm];
	int group = group_that_closes(r, vm, e->host);

	if (!ha_host_in(r->usable, e->host) ||
	    (how->only != 0 && !ha_host_in(how->only, e->host))) {
		e->verdict = HA_VERDICT_UNUSABLE;
	} else if (!how->recovery && ha_host_in(r->spare, e->host)) {
		e->verdict = HA_VERDICT_SPARE;
	} else if (!ha_host_in(v->reaches, e->host)) {
		e->verdict = HA_VERDICT_UNREACHED;
	} else if (!ha_host_in(v->allowed, e->host)) {
		e->verdict = HA_VERDICT_RULE;
	} else if (group >= 0) {
		e->verdict = HA_VERDICT_GROUP;
		e->group = (uint16_t)group;
	} else {
		explain_room(r, vm, e);
	}
}

ha_hostid ha_choose_explain(const struct ha_room *r, uint32_t vm,
			    const struct ha_choose_how *how,
			    struct ha_explain *ret)
{
	ha_hostid chosen = ha_choose(r, vm, how);

	assert(ret);
	for (size_t i = 0; i < r->pool->host_count; i++) {
		ret[i] = (struct ha_explain){ .host = r->pool->hosts[i].id };
		explain_host(r, vm, how, &ret[i]);
		if (ret[i].host == chosen) {
			assert(ret[i].verdict == HA_VERDICT_FITS);
			ret[i].verdict = HA_VERDICT_CHOSEN;
		}
	}
	return chosen;
}
