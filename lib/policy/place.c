/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/place.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

/* What a search over the hosts has seen; indices, -1 for none. */
struct search {
	ptrdiff_t best;   /* fits and may start */
	bool busy;        /* one fits but starts enough already */
	bool usable;      /* one may own VMs at all */
	uint64_t memory_most_kib; /* free on the host with most */
	uint64_t vcpus_most;
	bool memory_fits; /* on some usable host, perhaps not the cpus */
	bool vcpus_fit;
};

static bool allows_host(const struct ha_place_need *need, ha_hostid id)
{
	return need->only == HA_HOST_NONE || need->only == id;
}

/* a/b < c/d without floats; b and d are not 0. */
static bool is_less_share(uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	return (unsigned __int128)a * d < (unsigned __int128)c * b;
}

/* Is a the better place? On a full tie the earlier, so the lower id, stays. */
static bool is_better(const struct ha_place_host *a,
		      const struct ha_place_host *b)
{
	uint64_t a_all = a->memory_kib > 0 ? a->memory_kib : 1;
	uint64_t b_all = b->memory_kib > 0 ? b->memory_kib : 1;

	if (is_less_share(b->memory_free_kib, b_all, a->memory_free_kib,
			  a_all)) {
		return true;
	}
	if (is_less_share(a->memory_free_kib, a_all, b->memory_free_kib,
			  b_all)) {
		return false;
	}
	return a->vms < b->vms;
}

static void look_at_host(struct search *s, const struct ha_place_host *hosts,
			 size_t i, const struct ha_place_need *need)
{
	const struct ha_place_host *h = &hosts[i];
	bool memory = h->memory_free_kib >= need->memory_kib;
	bool vcpus = h->vcpus_free >= need->vcpus;

	s->usable = true;
	s->memory_fits |= memory;
	s->vcpus_fit |= vcpus;
	if (h->memory_free_kib > s->memory_most_kib) {
		s->memory_most_kib = h->memory_free_kib;
	}
	if (h->vcpus_free > s->vcpus_most) {
		s->vcpus_most = h->vcpus_free;
	}
	if (!memory || !vcpus) {
		return;
	}
	if (h->starting >= h->starts_max) {
		s->busy = true;
	} else if (s->best < 0 || is_better(h, &hosts[s->best])) {
		s->best = (ptrdiff_t)i;
	}
}

static void search_hosts(struct search *s, const struct ha_place_host *hosts,
			 size_t count, const struct ha_place_need *need,
			 bool avoided)
{
	for (size_t i = 0; i < count; i++) {
		assert(i == 0 || hosts[i - 1].id < hosts[i].id);
		if (hosts[i].usable && allows_host(need, hosts[i].id) &&
		    ha_host_in(need->avoid, hosts[i].id) == avoided) {
			look_at_host(s, hosts, i, need);
		}
	}
}

static void say_why(const struct search *s, const struct ha_place_need *need,
		    char *ret_why)
{
	size_t size = HA_TEXT_MAX + 1;

	if (!s->usable && need->only != HA_HOST_NONE) {
		snprintf(ret_why, size, "host %" PRIu32 " cannot own VMs now",
			 need->only);
	} else if (!s->usable) {
		snprintf(ret_why, size, "no host can own VMs now");
	} else if (!s->memory_fits) {
		snprintf(ret_why, size,
			 "needs %" PRIu64 " MiB of memory, at most %" PRIu64
			 " MiB are free on one host",
			 (need->memory_kib + 1023) / 1024,
			 s->memory_most_kib / 1024);
	} else if (!s->vcpus_fit) {
		snprintf(ret_why, size,
			 "needs %" PRIu32 " vcpus, at most %" PRIu64
			 " are free on one host",
			 need->vcpus, s->vcpus_most);
	} else {
		snprintf(ret_why, size,
			 "needs %" PRIu64 " MiB of memory and %" PRIu32
			 " vcpus, no host has both free",
			 (need->memory_kib + 1023) / 1024, need->vcpus);
	}
}

enum ha_place_result ha_place(const struct ha_place_host *hosts, size_t count,
			      const struct ha_place_need *need,
			      ha_hostid *ret_host, char *ret_why)
{
	struct search s = { .best = -1 };

	assert(hosts || count == 0);
	assert(need);
	assert(ret_host);
	assert(ret_why);
	search_hosts(&s, hosts, count, need, false);
	if (s.best < 0 && !s.busy) {
		search_hosts(&s, hosts, count, need, true);
	}
	if (s.best >= 0) {
		*ret_host = hosts[s.best].id;
		return HA_PLACE_OK;
	}
	if (s.busy) {
		return HA_PLACE_BUSY;
	}
	say_why(&s, need, ret_why);
	return HA_PLACE_NO_ROOM;
}

uint32_t ha_place_starts(uint32_t most, uint32_t cpus, uint32_t ended)
{
	uint32_t first = cpus >= 2 ? cpus / 2 : 1;

	return first >= most || ended >= most - first ? most : first + ended;
}

static bool has_room(const struct ha_place_host *h,
		     const struct ha_place_need *need)
{
	return h->usable && h->memory_free_kib >= need->memory_kib &&
	       h->vcpus_free >= need->vcpus;
}

enum ha_place_reason ha_place_reason(const struct ha_place_host *hosts,
				     size_t count,
				     const struct ha_place_need *need,
				     ha_hostid host)
{
	size_t others = 0, busy = 0;

	assert(hosts || count == 0);
	assert(need);
	for (size_t i = 0; i < count; i++) {
		if (hosts[i].id != host && has_room(&hosts[i], need) &&
		    (!ha_host_in(need->avoid, hosts[i].id) ||
		     ha_host_in(need->avoid, host))) {
			others++;
			busy += hosts[i].starting >= hosts[i].starts_max;
		}
	}
	if (need->only != HA_HOST_NONE) {
		return HA_PLACE_ONLY;
	}
	if (others == 0) {
		return HA_PLACE_ALONE;
	}
	return busy > 0 ? HA_PLACE_IN_TURN : HA_PLACE_LARGEST;
}
