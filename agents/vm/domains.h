/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * domains.h - what is told to hacd about the VMs of this host, and when.
 *
 * libvirt's events say that something happened; the process table says what
 * is left. A domain is told absent only if libvirt does not have it and no
 * QEMU process of it is there; otherwise it is unknown, watched by the end of
 * that process and by a paced look. Events are told in libvirt's order, and
 * what was looked up is told only if no event came in between.
 *
 * All of it belongs to the thread of the event loop.
 */
#ifndef HA_AGENT_VM_DOMAINS_H
#define HA_AGENT_VM_DOMAINS_H

#include "pool.h"
#include "virt.h"

enum ha_news_kind {
	HA_NEWS_STARTED,
	HA_NEWS_PAUSED,
	HA_NEWS_RESUMED,
	HA_NEWS_STOPPED,
	HA_NEWS_TERMINATED, /* by a signal: its end is not the guest's wish */
	HA_NEWS_RECHECK /* of our own: its QEMU process has ended */
};

struct ha_news {
	enum ha_news_kind kind;
	struct ha_uuid uuid;
	char name[HA_NAME_MAX + 1];
	int id;       /* libvirt's number; -1 if it has none any more */
	uint32_t end; /* enum ha_domain_end, if STOPPED */
};

struct ha_domains;
struct ha_port;

/* What an observation came to; seen is UNKNOWN if nothing could be told. */
struct ha_observed {
	uint32_t seen;
	bool no_process; /* certainly no QEMU of it */
};
typedef void (*ha_observed_fn)(void *opaque, const struct ha_observed *o);

/* Borrows both for ever; NULL without memory. */
struct ha_domains *ha_domains_create(struct ha_pool *pool,
				     struct ha_port *port);

/* News are kept from now on, until the inventory is told. */
void ha_domains_hold(struct ha_domains *d);
void ha_domains_news(struct ha_domains *d, const struct ha_news *news);
/* Tells hacd all of it, then what was kept. The listing stays the caller's. */
void ha_domains_inventory(struct ha_domains *d, const struct ha_listing *l);

/*
 * Finds out what is true of one VM, tells hacd (if it changed, or if `always`)
 * and then calls fn, perhaps at once.
 */
struct ha_observe {
	struct ha_uuid uuid;
	bool always;
	bool known_will_do; /* no new look at one that is known to be active */
	ha_observed_fn fn;
	void *opaque;
};
void ha_domains_observe(struct ha_domains *d, const struct ha_observe *what);

#endif
