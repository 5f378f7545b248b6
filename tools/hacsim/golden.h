/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * golden.h - the trace that a story is known to have, beside it as NAME.trace.
 * A story without one is not compared. Both say in `out` what is amiss.
 */
#ifndef HACSIM_GOLDEN_H
#define HACSIM_GOLDEN_H

#include "sim/run.h"

/* BROKEN: it differs, with the first lines that do. */
enum ha_sim_verdict hacsim_golden_compare(const char *story,
					  const struct ha_buf *trace,
					  struct ha_buf *out);
/* Replaces the trace, in one rename; makes one where there is none only if
 * `create`. */
enum ha_sim_verdict hacsim_golden_write(const char *story, bool create,
					const struct ha_buf *trace,
					struct ha_buf *out);

#endif
