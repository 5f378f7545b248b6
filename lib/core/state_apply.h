/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state_apply.h - how a committed entry changes the committed state. A pure
 * function of state, entry and configuration, so every host gets the same.
 */
#ifndef HA_CORE_STATE_APPLY_H
#define HA_CORE_STATE_APPLY_H

#include "core/state.h"
#include "model/config.h"

/*
 * config: the current configuration; for a CONFIG fact the new one. NULL only
 * while there is none. Total: an entry that makes no sense changes nothing.
 */
void ha_state_apply(struct ha_state *s, const struct ha_entry *entry,
		    const struct ha_config *config);
/* A cluster is born with this configuration, at index. */
void ha_state_found(struct ha_state *s, const struct ha_config *config,
		    uint64_t index);
/* The fact in an entry of kind FACT. */
struct ha_fact ha_entry_fact(const struct ha_entry *entry);
void ha_entry_set_fact(struct ha_entry *entry, const struct ha_fact *fact);

#endif
