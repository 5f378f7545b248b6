/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire-sample.h - what the formats of lib/wire carry, with a value of its own
 * in each field.
 */
#ifndef HA_UNIT_WIRE_SAMPLE_H
#define HA_UNIT_WIRE_SAMPLE_H

#include "core/command.h"
#include "core/fact.h"
#include "core/msg.h"
#include "core/state.h"
#include "replica/replica.h"

/* Bytes that differ. */
void sample_fill(void *p, size_t len, unsigned seed);
void sample_fact_entry(struct ha_entry *e, uint64_t index);
void sample_epoch_entry(struct ha_entry *e, uint64_t index);
void sample_base(struct ha_replica_base *b);
void sample_meta(struct ha_replica_meta *m);
void sample_command(struct ha_command *c);
/* To be freed; with VMs in order. */
struct ha_state *sample_state(uint32_t vms);
void sample_check_state(const struct ha_state *a, const struct ha_state *b);

#endif
