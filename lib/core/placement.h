/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * placement.h - where one VM could run: each host, with why not or its score.
 */
#ifndef HA_CORE_PLACEMENT_H
#define HA_CORE_PLACEMENT_H

#include "core/core.h"
#include "policy/choose.h"

struct ha_placement_view {
	ha_hostid owner; /* where it is now; 0: nowhere */
	struct ha_explain hosts[HA_HOSTS_MAX]; /* in the configuration's order */
	size_t host_count;
};

/*
 * As if it were to start now, beside all that runs. The VM has to be in the
 * configuration and in the state: else false. Uses the core's scratch memory,
 * changes nothing that it remembers.
 */
bool ha_core_view_placement(struct ha_core *core, const struct ha_uuid *vm,
			    struct ha_placement_view *ret_view);
/* One of its hosts, as a sentence's second half: "is in maintenance". */
void ha_core_say_placement(const struct ha_core *core,
			   const struct ha_explain *host,
			   char ret_text[HA_TEXT_MAX + 1]);

#endif
