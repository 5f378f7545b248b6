/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fences.h - who was fenced, by whom, with what result: put together from the
 * events that tell of an attempt (their key "fence", see events.h).
 */
#ifndef HACD_FENCES_H
#define HACD_FENCES_H

#include <jansson.h>

#include "core/view.h"

/*
 * {"fences":[{"time", "ended", "host", "by", "attempt", "result", "text"}]},
 * oldest first. result: off, on, failed, confirmed (the admin's word),
 * in-flight, or unknown: its end was not heard here. attempt 0: made by half
 * of the hosts, before anything could be committed. Owned by the caller.
 */
json_t *fences_list(const struct ha_core *core, const json_t *events);

#endif
