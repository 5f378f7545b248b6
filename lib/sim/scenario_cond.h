/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scenario_cond.h - the conditions of `expect` and `hold`. For lib/sim's
 * parser alone.
 */
#ifndef HA_SIM_SCENARIO_COND_H
#define HA_SIM_SCENARIO_COND_H

#include "sim/scenario_lex.h"

/* Takes "[no] COND"; what follows it is left. */
void scn_cond_parse(struct ha_scn_lex *x, struct ha_scn_cond *ret_cond);

#endif
