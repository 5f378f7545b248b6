/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state.h - the committed state: a pure function of the committed facts, the
 * same on every host at the same index. It is what a snapshot holds.
 *
 * Plain data without pointers; hosts are indexed by id-1, VMs sorted by UUID.
 */
#ifndef HA_CORE_STATE_H
#define HA_CORE_STATE_H

#include <stddef.h>

#include "core/fact.h"
#include "replica/entry.h"

struct ha_host_state {
	ha_bootid boot;        /* last boot known */
	uint64_t admitted;     /* index of its last admission, 0 never */
	ha_bootid leaving;     /* boot that asked to leave; 0: none did, or it
				* has left */
	uint32_t proof;        /* enum ha_proof of `boot`; 0: not proven down */
	uint32_t fence_tries;  /* ended without proof since it was lost */
	uint64_t fence_number; /* attempt in flight, 0 none */
	ha_hostid fence_by;    /* its executor */
	bool left;             /* a clean leave stands */
	bool maintenance;
	bool present;        /* admitted, and in each epoch since */
};

struct ha_vm_state {
	struct ha_uuid uuid;
	ha_hostid owner;     /* 0 none */
	ha_hostid holder;    /* second holder in a migration, 0 none */
	ha_bootid owner_boot;
	uint64_t gen;        /* index of the fact that made it owned */
	ha_hostid next;      /* its next start is there (move), 0 anywhere */
	ha_hostid waits_for; /* is started again when that host is back */
	ha_hostset avoid;    /* hosts where it failed to start */
	ha_hostset copies;   /* hosts that were seen to run it and did not own
			      * it; until they deny it or are proven down */
	uint32_t wanted;     /* enum ha_wanted */
	uint32_t stop;       /* enum ha_why: the owner is to stop it; 0 no */
	uint32_t last_why;   /* enum ha_why of the last release */
	uint32_t failures;   /* starts that failed not forgotten yet */
	uint64_t starts;     /* ownerships given so far */
	bool surveyed;       /* every host has said whether it runs it; until
			      * then gen is the index that added it */
	ha_hostid last_owner; /* released it last, or was lost; 0 none yet */
	ha_hostid home;      /* it was lost with that host, and goes back
			      * there if it fails back; 0: it is home */
	ha_hostset aside;    /* hosts whose hacd crashed over it: no host
			      * decides about it; 0: it is not set aside */
	uint64_t reset_at;   /* index of its last reset: what came before
			      * that is forgotten */
};

struct ha_state {
	uint64_t index; /* of the last fact applied */
	uint64_t epoch; /* of that entry */
	struct ha_hash config;
	uint64_t config_version;
	ha_hostid config_by;  /* where it was given, 0 not known */
	uint32_t config_who;  /* by whom: uid + 1, 0 not known */
	bool disarmed;
	bool stopped;   /* the cluster is stopped */
	uint64_t fence_count; /* attempts so far; numbers them */
	struct ha_host_state hosts[HA_HOSTS_MAX];
	uint32_t vm_count;
	uint32_t vm_max;      /* room in vms[] */
	struct ha_vm_state vms[];
};

size_t ha_state_size(uint32_t vm_max);
const struct ha_vm_state *ha_state_vm(const struct ha_state *s,
				      const struct ha_uuid *uuid);

#endif
