/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cib.h - a pool as a configuration of Pacemaker, to compare with it.
 */
#ifndef HACSIM_CIB_H
#define HACSIM_CIB_H

#include "policy/pool.h"

/* Hosts and VMs with utilization, placement-strategy balanced, each VM where
 * it runs, one host offline and clean. No rules. 0, or -1 with errno. */
int cib_write(const char *path, const struct ha_pool *pool, ha_hostid failed)
	__attribute__((warn_unused_result));

#endif
