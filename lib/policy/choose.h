/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * choose.h - the host for one VM, and why that one.
 *
 * Of the hosts that no must rule closes and that have the room, those that
 * break the fewest should rules; of these the best preferred; in a recovery
 * of these the failover hosts; of these the best score; at last the fewest
 * VMs, then the lowest id. The score is the free share, once the VM is there,
 * of what is scarcer on the host, memory or vcpus (dominant share: Ghodsi et
 * al., Dominant Resource Fairness, NSDI 2011): SPREAD takes the largest, PACK
 * the smallest (best fit).
 */
#ifndef HA_POLICY_CHOOSE_H
#define HA_POLICY_CHOOSE_H

#include "policy/pool.h"

struct ha_room;

struct ha_choose_how {
	enum ha_score score;
	bool recovery;   /* failover hosts are open, and first */
	ha_hostset only; /* these hosts; 0: any */
};

/* Should rules that a VM breaks on a host: of VMs k is the k-th group. */
#define HA_BROKEN_AVOIDED 0x1u
#define HA_BROKEN_PREFERRED 0x2u /* it prefers hosts, and this is none */
#define HA_BROKEN_GROUP(k) (0x4u << (k))

enum ha_verdict { /* of one host, for one VM; the first that holds */
	HA_VERDICT_CHOSEN,
	HA_VERDICT_FITS,      /* but another is better */
	HA_VERDICT_UNUSABLE,  /* owns no VMs now */
	HA_VERDICT_SPARE,     /* kept for recovery */
	HA_VERDICT_UNREACHED, /* lacks a network, a datastore, a cpu feature */
	HA_VERDICT_RULE,      /* a must rule between VM and hosts */
	HA_VERDICT_GROUP,     /* a must rule between VMs: `group` */
	HA_VERDICT_MEMORY,    /* `missing` KiB more would do */
	HA_VERDICT_VCPUS      /* `missing` vcpus more would do */
};

struct ha_explain {
	ha_hostid host;
	enum ha_verdict verdict;
	uint16_t group;   /* for GROUP */
	uint64_t missing; /* for MEMORY, VCPUS */
	uint8_t broken;   /* if it fits: HA_BROKEN_ bits */
	uint8_t level;    /* if it fits: of preference, 0 is best */
	uint32_t score;   /* if it fits: free share of 1000 */
};

/* "chosen", "fits", "unusable" ...: one word, for programs. */
const char *ha_verdict_name(enum ha_verdict v);

/* HA_HOST_NONE if none will do. The VM is placed nowhere in the room. */
ha_hostid ha_choose(const struct ha_room *room, uint32_t vm,
		    const struct ha_choose_how *how);

/* The should rules that the VM, placed nowhere, would break there. */
uint8_t ha_choose_broken(const struct ha_room *room, uint32_t vm,
			 ha_hostid host);

/* One answer per host of the pool, in its order, to ret; gives the choice. */
ha_hostid ha_choose_explain(const struct ha_room *room, uint32_t vm,
			    const struct ha_choose_how *how,
			    struct ha_explain *ret);

#endif
