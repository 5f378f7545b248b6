/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net.h - corosync as the cores see it: rings of hosts that hear each other,
 * one order of messages in a ring, and views.
 *
 * A ring whose members lose each other orders nothing more, but for what the
 * holder of the token still has to say; after the token and the consensus
 * time those that hear each other form a new ring. Who goes on together has
 * had the same messages; who was cut off may have had fewer, or some of its
 * own that nobody else had.
 */
#ifndef HA_SIM_NET_H
#define HA_SIM_NET_H

#include "core/msg.h"
#include "sim/pend.h"

enum sim_packet_kind { SIM_PACKET_DATA, SIM_PACKET_JOIN, SIM_PACKET_LEAVE };

struct sim_msg { /* shared by all who get it */
	uint32_t refs;
	struct ha_msg msg; /* what it points to is owned */
};

struct sim_view { /* on its way to a hacd */
	uint64_t id;
	ha_hostset members, hacds;
	bool quorate;
};

struct sim_packet {
	enum sim_packet_kind kind;
	ha_hostid from;
	uint64_t hacd;       /* JOIN: generation of the hacd that joins */
	uint64_t view;       /* JOIN, LEAVE: number of the view it makes */
	ha_hostset got;      /* who received it */
	struct sim_msg *msg; /* DATA */
};

struct sim_ring {
	uint32_t refs;       /* hosts in it */
	uint64_t view;
	ha_hostset members;
	ha_hostset group;    /* hacds that have joined, by the order so far */
	struct sim_packet *packets; /* in order; the first has number `base` */
	size_t count, size;
	uint64_t base;
	bool broken;
	bool lost;           /* its token */
	ha_time broken_at;
	ha_time silent_at;   /* from then on nothing is ordered */
	ha_hostid holder;    /* of the token, when it broke */
};

/* The corosync of one host. */
struct sim_corosync {
	bool up;
	bool hung;
	bool all_seen;       /* wait_for_all is over */
	unsigned expected;   /* votes, as told at run time; 0: the nodelist */
	uint64_t gen;
	struct sim_ring *ring;
	uint64_t next;       /* number of the packet to deliver next */
	ha_time view_at;     /* its view comes to the hacd: nothing earlier */
	ha_hostset group;    /* as told to the hacd */
	uint64_t view;
	ha_time alone_since; /* wants to join others */
	struct sim_packet *queue; /* to be ordered, first to last */
	size_t queued, queue_size;
};

struct sim_msg *sim_msg_copy(const struct ha_msg *m);
void sim_msg_unref(struct sim_msg *m);

void sim_net_start(struct sim *s, ha_hostid host); /* corosync starts */
void sim_net_stop(struct sim *s, ha_hostid host);  /* and ends */
void sim_net_join(struct sim *s, ha_hostid host);  /* its hacd joins */
void sim_net_leave(struct sim *s, ha_hostid host); /* and is gone */
void sim_net_send(struct sim *s, ha_hostid host, const struct ha_msg *msg);
/* Edges, power or processes have changed. */
void sim_net_changed(struct sim *s);
/* Hosts that corosync knows of; those that vote. */
void sim_net_set_nodes(struct sim *s, ha_hostset nodes);
/* All of its ring count on so many votes, and wait for no others. */
void sim_net_expect(struct sim *s, ha_hostid host, unsigned votes);
/* The token time in use; corosync.conf(5), token_coefficient. */
ha_dur sim_net_token(const struct sim *s);
void sim_net_fini(struct sim *s);

#endif
