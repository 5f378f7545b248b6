/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * port-corosync.h - corosync as hacd sees it: one stream of messages and views,
 * in the same order at every member. The only user of corosync's headers.
 *
 * A view is told where it begins in that stream, when cpg's and quorum's ring
 * ids agree. Its id is the ring's sequence number and a count: every member
 * multicasts a SYNC after a change and the first one with a new id that fits
 * the present membership begins the view, so all see the same id at the same
 * place; a member that starts within a ring learns the count from the others.
 *
 * When corosync goes away the view is lost; the port connects again by itself.
 * Messages of any size are sent in pieces, paced by cpg's flow control. Bodies
 * go beside them and give way to them: their order means nothing.
 */
#ifndef HACD_PORT_COROSYNC_H
#define HACD_PORT_COROSYNC_H

#include <stddef.h>

#include <qb/qbloop.h>

#include "base/ids.h"
#include "base/time.h"

struct port_corosync;

struct port_corosync_view {
	uint64_t id; /* 0: corosync is gone */
	bool quorate;
	ha_hostset members;
	ha_hostset hacds;
};

struct port_corosync_user {
	void (*view)(const struct port_corosync_view *view, void *arg);
	/* data: borrowed for the call */
	void (*message)(ha_hostid from, const void *data, size_t len,
			void *arg);
	/* Of another host; borrowed for the call. */
	void (*body)(ha_hostid from, const void *data, size_t len, void *arg);
	void *arg;
};

/* What must be known before a core can be made. HA_E_GONE: no corosync yet;
 * HA_E_REFUSED: the node id is not in 1..64; text says which. */
int port_corosync_probe(ha_hostid *ret_self, ha_dur *ret_token, char *ret_text,
			size_t text_size) __attribute__((warn_unused_result));
/* user: borrowed until destroy. NULL: out of memory. */
struct port_corosync *
port_corosync_create(qb_loop_t *loop, ha_hostid self,
		     const struct port_corosync_user *user);
/* Multicasts to the group, oneself included; copied. Without corosync it is
 * dropped, as it would be by a view that ends; what cannot be sent ends the
 * view, for nothing may be missing from the stream. */
void port_corosync_send(struct port_corosync *p, const void *data, size_t len);
/* The same for a body, which may be dropped: it is asked for again. */
void port_corosync_send_body(struct port_corosync *p, const void *data,
			     size_t len);
/* Corosync, on all hosts of this membership, is to count on so many votes (0:
 * as it is configured) and to wait for no others. A view tells what came of
 * it. */
void port_corosync_expect(uint32_t votes);
void port_corosync_destroy(struct port_corosync *p);

#endif
