/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy.h - admission control, placement and rules, as JSON for tools.
 * Returned values are owned by the caller; NULL: out of memory. Only with a
 * configuration.
 */
#ifndef HACD_POLICY_H
#define HACD_POLICY_H

#include <jansson.h>

#include "core/view.h"

/* What a status line needs; with all the numbers behind it. */
json_t *policy_admission(struct ha_core *core);
json_t *policy_admission_full(struct ha_core *core);
/* The rules that are broken now; by that VM, or NULL: by any. */
json_t *policy_broken(struct ha_core *core, const struct ha_uuid *vm);
/* Each host for that VM. */
json_t *policy_placement(struct ha_core *core, const struct ha_vm_conf *vm);

#endif
