/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * diff.h - what differs between the configuration in force and another.
 */
#ifndef HACTL_DIFF_H
#define HACTL_DIFF_H

#include "edit.h"

/* To stdout, as lines or as JSON. */
int hactl_diff_print(const struct hactl *h, const struct hactl_config *now,
		     const struct ha_config *to)
	__attribute__((warn_unused_result));

#endif
