/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h - what a host says about itself and its VMs, and what the others
 * make of it. Everything is said again in each epoch; a change is said at once.
 */
#ifndef HA_CORE_REPORT_H
#define HA_CORE_REPORT_H

#include "core/core_priv.h"

/* At the end of a step: what is to be said by now. */
void report_send(struct ha_core *c);
void report_receive(struct ha_core *c, const struct ha_msg *msg);
/* That member came late and is to hear all of it again. */
void report_asked(struct ha_core *c, ha_hostid by);

#endif
