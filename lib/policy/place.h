/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * place.h - which host is to start a VM? A pure function over what is known
 * of the hosts; the caller subtracts what is already placed.
 */
#ifndef HA_POLICY_PLACE_H
#define HA_POLICY_PLACE_H

#include <stddef.h>

#include "base/ids.h"

struct ha_place_host { /* sorted by id */
	ha_hostid id;
	bool usable;           /* may own VMs at all */
	uint64_t memory_free_kib;
	uint64_t memory_kib;
	uint64_t vcpus_free;   /* after overcommit */
	uint32_t vms;          /* placed on it */
	uint32_t starting;     /* starts in flight */
	uint32_t starts_max;
};

struct ha_place_need {
	uint64_t memory_kib;
	uint32_t vcpus;
	ha_hostset avoid; /* only if nothing else fits */
	ha_hostid only;   /* 0: any */
};

enum ha_place_result {
	HA_PLACE_OK,
	HA_PLACE_BUSY,   /* a host fits, but all that fit start enough */
	HA_PLACE_NO_ROOM /* no usable host has the memory and the cpus */
};

/*
 * Spread: the fitting host with the largest free share of memory, fewest VMs
 * on a tie, then the lowest id. ret_host is set for OK only; ret_why (of
 * HA_TEXT_MAX + 1 bytes) says for NO_ROOM what is missing.
 */
enum ha_place_result ha_place(const struct ha_place_host *hosts, size_t count,
			      const struct ha_place_need *need,
			      ha_hostid *ret_host, char *ret_why);

/*
 * How many VMs may start at once on a host with so many cpus, of at most
 * `most`, when `ended` starts of this wave have ended there. A wave begins
 * with half as many as there are cpus: starts share them, and if all came at
 * once the first would end about when the last does. Each that has ended lets
 * in one more (after the slow start of TCP: Jacobson 1988).
 */
uint32_t ha_place_starts(uint32_t most, uint32_t cpus, uint32_t ended);

enum ha_place_reason {
	HA_PLACE_ONLY,    /* it was to be there */
	HA_PLACE_ALONE,   /* no other has room, or it failed on all that have */
	HA_PLACE_LARGEST, /* the largest share of memory is free there */
	HA_PLACE_IN_TURN  /* the same among those that may start one more */
};

/* Why `host` was the answer for these hosts and this need. */
enum ha_place_reason ha_place_reason(const struct ha_place_host *hosts,
				     size_t count,
				     const struct ha_place_need *need,
				     ha_hostid host);

#endif
