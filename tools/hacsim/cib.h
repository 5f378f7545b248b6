/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cib.h - a pool as a configuration of Pacemaker, to compare with it.
 */
#ifndef HACSIM_CIB_H
#define HACSIM_CIB_H

#include "base/buf.h"
#include "policy/pool.h"

/* Hosts and VMs with utilization, placement-strategy balanced, each VM where
 * it runs, one host offline and clean. No rules. */
void cib_print(const struct ha_pool *pool, ha_hostid failed,
	       struct ha_buf *out);

#endif
