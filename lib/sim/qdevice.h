/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qdevice.h - corosync-qdevice(8): an arbitrator outside of the cluster, whose
 * votes go to one side of a partition.
 *
 * ffsplit: one vote, for the largest side, or that of the lowest host. lms: as
 * many as all others together, so that any side that it chooses is quorate.
 * It decides when what all its clients say fits together; until then it has
 * no vote.
 */
#ifndef HA_SIM_QDEVICE_H
#define HA_SIM_QDEVICE_H

#include <stdbool.h>

#include "base/ids.h"

struct sim;
struct sim_ring;

enum sim_qdevice_kind { SIM_QDEVICE_NONE, SIM_QDEVICE_FFSPLIT,
			SIM_QDEVICE_LMS };

struct sim_qdevice {
	bool down;
	ha_hostset cut;   /* hosts that do not reach it */
	uint64_t view;    /* of the ring that has its votes; 0 none */
};

/* What it has in all. */
unsigned sim_qdevice_votes(const struct sim *s);
/* What it gives to this ring. */
unsigned sim_qdevice_gives(const struct sim *s, const struct sim_ring *r);
/* Rings, hosts or ways to it have changed. */
void sim_qdevice_changed(struct sim *s);

#endif
