/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resume.h - a world that begins where a core has come to: its committed state
 * on the disk of every host, the hosts of its membership with power, and the
 * VMs that it knows to run, running. All hacds start anew in it.
 */
#ifndef HA_SIM_RESUME_H
#define HA_SIM_RESUME_H

#include "core/core.h"

struct sim;

/* The world has its hosts and the core's configuration, and nothing yet has
 * happened in it. */
void sim_resume(struct sim *s, const struct ha_core *core);

#endif
