/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * param.h - what a fence agent reads on its standard input: "name=value"
 * lines. Secrets are read from their files at the time of use, and wiped
 * after it.
 */
#ifndef HA_AGENT_FENCE_PARAM_H
#define HA_AGENT_FENCE_PARAM_H

#include "base/buf.h"
#include "wire/agent.h"

#define HA_FENCE_TEXT (HA_TEXT_MAX + 1)

/*
 * Writes all lines for one run of `action`. On failure text names device,
 * parameter and file. The caller calls ha_param_wipe on both buffers in any
 * case; ret_secrets holds what must not be shown, each ended by a 0 byte.
 */
struct ha_param_lines {
	struct ha_buf input;
	struct ha_buf secrets;
	char text[HA_FENCE_TEXT];
};
int ha_param_render(const struct ha_am_step *step, const char *action,
		    struct ha_param_lines *ret_lines)
	__attribute__((warn_unused_result));
void ha_param_wipe(struct ha_buf *b);
/* Puts stars in place of each secret that stands in text. */
void ha_param_mask(const struct ha_buf *secrets, char *text);

#endif
