/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/qdevice.h"

#include "sim/ring.h"
#include "sim/world.h"

#define DECIDES HA_MS(200) /* once all is known, at most */

unsigned sim_qdevice_votes(const struct sim *s)
{
	unsigned hosts = ha_hostset_count(s->nodelist);

	switch (s->params.qdevice) {
	case SIM_QDEVICE_NONE:
		return 0;
	case SIM_QDEVICE_FFSPLIT:
		return 1;
	case SIM_QDEVICE_LMS:
		break;
	}
	return hosts > 1 ? hosts - 1 : 0;
}

unsigned sim_qdevice_gives(const struct sim *s, const struct sim_ring *r)
{
	return r->view == s->qdevice.view ? sim_qdevice_votes(s) : 0;
}

static bool is_client(const struct sim *s, ha_hostid h)
{
	const struct sim_host *host = &s->hosts[h - 1];

	return host->exists && host->corosync.up && !host->corosync.hung &&
	       !host->hung && !s->qdevice.down &&
	       ha_host_in(s->nodelist, h) && !ha_host_in(s->qdevice.cut, h);
}

static unsigned clients_in(const struct sim *s, const struct sim_ring *r)
{
	unsigned n = 0;

	for (ha_hostset set = r->members; set;) {
		n += is_client(s, ha_hostset_pop(&set));
	}
	return n;
}

/* The largest side, on a tie the one with the lowest host. NULL: none, or
 * what they say does not fit together yet. */
static const struct sim_ring *choose(const struct sim *s)
{
	const struct sim_ring *best = NULL;
	unsigned most = 0;

	for (ha_hostid h = 1; h <= s->host_max; h++) {
		const struct sim_ring *r = s->hosts[h - 1].corosync.ring;
		unsigned n;

		if (!is_client(s, h)) {
			continue;
		}
		if (!r || r->broken) {
			return NULL;
		}
		n = clients_in(s, r);
		if (n > most) {
			best = r;
			most = n;
		}
	}
	return best;
}

static ha_hostset members_of(const struct sim *s, uint64_t view)
{
	for (ha_hostid h = 1; h <= s->host_max; h++) {
		const struct sim_ring *r = s->hosts[h - 1].corosync.ring;

		if (r && r->view == view) {
			return r->members;
		}
	}
	return 0;
}

static void decide(struct sim *s, const struct sim_pend *p)
{
	const struct sim_ring *r = choose(s);
	uint64_t view = r ? r->view : 0;
	ha_hostset tell;

	(void)p;
	if (view == s->qdevice.view) {
		return;
	}
	tell = members_of(s, s->qdevice.view) | (r ? r->members : 0);
	s->qdevice.view = view;
	sim_log(s, 0, "qdevice: votes for %s",
		r ? sim_host(s, ha_hostset_first(r->members))->name
		  : "nobody");
	sim_net_tell_views(s, tell);
}

void sim_qdevice_changed(struct sim *s)
{
	if (s->params.qdevice != SIM_QDEVICE_NONE) {
		sim_after(s, HA_MS(20) + sim_rand_dur(s, DECIDES),
			  (struct sim_pend){ .fn = decide });
	}
}
