/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ring.h - how rings break and form, and whether one is quorate; between
 * net.c and ring.c.
 */
#ifndef HA_SIM_RING_H
#define HA_SIM_RING_H

#include "sim/net.h"

/* May this host still put something in order? */
bool sim_ring_orders(const struct sim *s, const struct sim_ring *r,
		     ha_hostid host);
bool sim_ring_quorate(struct sim *s, ha_hostid host);

/* The token is lost: a new ring must form, of the same if all are well. */
void sim_ring_lose_token(struct sim *s, struct sim_ring *r);
/* A view for these, in the order of their ring. */
void sim_net_tell_views(struct sim *s, ha_hostset hosts);

/* In net.c */
/* Its hacd is told the present view, after a while. */
void sim_net_tell_view(struct sim *s, ha_hostid host, ha_dur after);
void sim_net_drain(struct sim *s, ha_hostid host, bool skip);
void sim_net_flush(struct sim *s, ha_hostid host);
void sim_net_resend(struct sim *s, struct sim_ring *r);
void sim_net_clear_queue(struct sim_corosync *co);

#endif
