/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/link.h"

#include <string.h>

#include "sim/world.h"

#define RESEND HA_MS(10)  /* a rotation of the token later, at most */
#define TOKEN_RESENDS 4   /* corosync's token_retransmits_before_loss_const */

void sim_link_start(struct sim_link *links)
{
	memset(links, 0, SIM_LINKS * sizeof(*links));
}

void sim_link_cut(struct sim *s, ha_hostid from, ha_hostset to, uint32_t links)
{
	for (unsigned l = 0; l < SIM_LINKS; l++) {
		if ((links >> l & 1) != 0) {
			s->cut[l][from - 1] |= to;
		}
	}
}

void sim_link_part(struct sim *s, ha_hostset a, ha_hostset b, uint32_t links)
{
	for (ha_hostid h = 1; h <= s->host_max; h++) {
		if (ha_host_in(a, h)) {
			sim_link_cut(s, h, b, links);
		}
		if (ha_host_in(b, h)) {
			sim_link_cut(s, h, a, links);
		}
	}
}

void sim_link_mend(struct sim *s, ha_hostset hosts)
{
	for (ha_hostid h = 1; h <= s->host_max; h++) {
		if (!ha_host_in(hosts, h)) {
			continue;
		}
		sim_link_start(sim_host(s, h)->links);
		for (unsigned l = 0; l < SIM_LINKS; l++) {
			s->cut[l][h - 1] &= ~hosts;
		}
	}
}

static bool works(const struct sim *s, unsigned link, ha_hostid a, ha_hostid b)
{
	return !s->hosts[a - 1].links[link].down &&
	       !s->hosts[b - 1].links[link].down &&
	       !ha_host_in(s->cut[link][a - 1], b) &&
	       !ha_host_in(s->cut[link][b - 1], a);
}

bool sim_link_hears(const struct sim *s, ha_hostid a, ha_hostid b)
{
	return a == b ||
	       (ha_host_in(s->nodelist, a) && ha_host_in(s->nodelist, b) &&
		(works(s, 0, a, b) || works(s, 1, a, b)));
}

static bool lost(struct sim *s, uint32_t percent)
{
	return percent > 0 && ha_rand_below(&s->rand, 100) < percent;
}

ha_dur sim_link_delay(struct sim *s, ha_hostid from, ha_hostid to)
{
	unsigned link = works(s, 0, from, to) ? 0 : 1;
	const struct sim_link *a = &sim_host(s, from)->links[link];
	const struct sim_link *b = &sim_host(s, to)->links[link];
	ha_dur delay = a->delay + b->delay;

	for (int n = 0; n < 100 && (lost(s, a->loss) || lost(s, b->loss)); n++) {
		delay += sim_rand_dur(s, RESEND);
	}
	return delay;
}

bool sim_link_loses_token(struct sim *s, ha_hostid host)
{
	const struct sim_link *links = sim_host(s, host)->links;
	uint32_t loss = links[links[0].down ? 1 : 0].loss;
	int n = 0;

	while (n <= TOKEN_RESENDS && lost(s, loss)) {
		n++;
	}
	return n > TOKEN_RESENDS;
}
