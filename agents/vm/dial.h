/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dial.h - does a TCP port answer? All addresses are tried at once, in
 * libvirt's event loop: nothing blocks. What answers is hung up on at once.
 */
#ifndef HA_AGENT_VM_DIAL_H
#define HA_AGENT_VM_DIAL_H

#include "guest.h"

#define HA_DIAL_LIMIT_MS 2000

struct ha_dial;

typedef void (*ha_dialled_fn)(void *opaque, bool answered);

struct ha_dial_to {
	const struct ha_address_list *addresses; /* copied */
	uint16_t port;
	/* The addresses are a guest's word: this host's own do not count, which
	 * would answer in its place (every host has a 172.17.0.1). */
	bool hearsay;
};

/* fn is called once, from the event loop, never from within; then the dial is
 * gone. NULL without memory. */
struct ha_dial *ha_dial_begin(const struct ha_dial_to *to, ha_dialled_fn fn,
			      void *opaque);
/* fn is not called. */
void ha_dial_cancel(struct ha_dial *dial);

#endif
