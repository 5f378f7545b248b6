/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * level.h - levels of the protocol; for lib/replica alone.
 *
 * Which one is in use stands in the base. An epoch's record raises it to the
 * highest that all its members speak, if these are all hosts of the cluster; it
 * never falls. Who does not speak it is not asked for a promise and gives none:
 * what it cannot read it must neither acknowledge nor hand on.
 */
#ifndef HA_REPLICA_LEVEL_H
#define HA_REPLICA_LEVEL_H

#include "replica/replica_priv.h"

uint32_t replica_level_of(const struct ha_replica_base *b);
/* Those of `hosts`, in the view and heard, that speak the level in use, as far
 * as this host knows. */
ha_hostset replica_level_fit(const struct ha_replica *r, ha_hostset hosts);
/* Does this host speak that of such a base? */
bool replica_level_is_spoken(const struct ha_replica *r,
			     const struct ha_replica_base *b);
/* This host does not speak the level in use, which is why it takes no part. */
bool replica_level_shut_out(struct ha_replica *r);
/* A host was heard for the first time in this view: tells if it is shut out. */
void replica_level_heard(struct ha_replica *r, ha_hostid h);
/* For the record of an epoch of the present members. */
uint32_t replica_level_next(struct ha_replica *r);

#endif
