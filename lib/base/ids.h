/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ids.h - the names by which objects are known.
 *
 * A host is its corosync node id, which hac requires to lie in 1..64, so that
 * a set of hosts is one word. A VM is its libvirt UUID. A boot id is a random
 * number drawn once per boot of a host; it is only ever compared for equality.
 */
#ifndef HA_BASE_IDS_H
#define HA_BASE_IDS_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/limits.h"

typedef uint32_t ha_hostid;  /* 1..HA_HOSTS_MAX; 0 is "no host" */
typedef uint64_t ha_hostset; /* bit id-1 */
typedef uint64_t ha_bootid;  /* 0 is "none" */

#define HA_HOST_NONE ((ha_hostid)0)

struct ha_uuid {
	uint8_t b[16];
};

/* SHA-256 of a body (a configuration text); all zero is "none". */
struct ha_hash {
	uint8_t b[32];
};

static inline ha_hostset ha_host_bit(ha_hostid id)
{
	assert(id >= 1);
	assert(id <= HA_HOSTS_MAX);
	return (ha_hostset)1 << (id - 1);
}

static inline bool ha_host_in(ha_hostset set, ha_hostid id)
{
	return id != HA_HOST_NONE && (set & ha_host_bit(id)) != 0;
}

static inline unsigned ha_hostset_count(ha_hostset set)
{
	return (unsigned)__builtin_popcountll(set);
}

/* The lowest host of the set, HA_HOST_NONE if it is empty. */
static inline ha_hostid ha_hostset_first(ha_hostset set)
{
	return set == 0 ? HA_HOST_NONE : (ha_hostid)__builtin_ctzll(set) + 1;
}

/* for (ha_hostset s = set; s; ) { ha_hostid h = ha_hostset_pop(&s); ... } */
static inline ha_hostid ha_hostset_pop(ha_hostset *set)
{
	ha_hostid id = ha_hostset_first(*set);

	*set &= *set - 1;
	return id;
}

static inline int ha_uuid_cmp(const struct ha_uuid *a, const struct ha_uuid *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

static inline bool ha_hash_equal(const struct ha_hash *a,
				 const struct ha_hash *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

static inline bool ha_hash_is_none(const struct ha_hash *a)
{
	static const struct ha_hash none;

	return ha_hash_equal(a, &none);
}

#endif
