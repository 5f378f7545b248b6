/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy.h - admission control and placement, as JSON for tools. Returned
 * values are owned by the caller; NULL: out of memory. Only with a
 * configuration.
 */
#ifndef HACD_POLICY_H
#define HACD_POLICY_H

#include <jansson.h>

#include "core/view.h"

/* What a status line needs; with all the numbers behind it. */
json_t *policy_admission(struct ha_core *core);
json_t *policy_admission_full(struct ha_core *core);
/* Each host for that VM. */
json_t *policy_placement(struct ha_core *core, const struct ha_vm_conf *vm);

#endif
