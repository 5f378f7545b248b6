/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * link.h - the network below corosync: two redundant links of each host.
 *
 * Two hosts hear each other while one link works for both, in both directions;
 * so a host is cut off only when all its links are. What is lost on the way is
 * sent again, which takes time; when the token itself is lost for too long,
 * the ring breaks (sim_link_loses_token).
 */
#ifndef HA_SIM_LINK_H
#define HA_SIM_LINK_H

#include <stdbool.h>

#include "base/ids.h"
#include "base/time.h"

#define SIM_LINKS 2
#define SIM_LINKS_ALL 3u /* as a set */

struct sim;

struct sim_link { /* of one host */
	bool down;
	uint32_t loss;  /* of 100 messages, from and to it */
	ha_dur delay;   /* of each, more than usual */
};

void sim_link_start(struct sim_link *links);
/* These do not hear it any more, over these links. */
void sim_link_cut(struct sim *s, ha_hostid from, ha_hostset to, uint32_t links);
/* Neither side hears the other. */
void sim_link_part(struct sim *s, ha_hostset a, ha_hostset b, uint32_t links);
/* All works again among these. */
void sim_link_mend(struct sim *s, ha_hostset hosts);
/* Both hear each other, right now. */
bool sim_link_hears(const struct sim *s, ha_hostid a, ha_hostid b);
/* What a message takes more than usual, right now. */
ha_dur sim_link_delay(struct sim *s, ha_hostid from, ha_hostid to);
/* Was the token lost, and all attempts to send it again, at this host? */
bool sim_link_loses_token(struct sim *s, ha_hostid host);

#endif
