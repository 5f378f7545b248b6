/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run.h - running programs of others (virsh, corosync-cmapctl, tar) and
 * reading what they print.
 */
#ifndef HACTL_RUN_H
#define HACTL_RUN_H

#include <stdbool.h>

#include "base/buf.h"

#define HACTL_OUTPUT_MAX (8u << 20)

/*
 * Runs argv (NULL at the end, found in PATH, no shell) and appends what it
 * prints on stdout to ret_out, on stderr to ret_err (NULL: thrown away).
 * Returns its exit status, 127 if there is no such program, 124 if it was
 * killed after timeout_s, 128 + n if signal n ended it, or a negative error.
 */
int hactl_run(const char *const *argv, int timeout_s, struct ha_buf *ret_out,
	      struct ha_buf *ret_err) __attribute__((warn_unused_result));
/* What a program said on stderr as one line, without "error: ". */
void hactl_one_line(struct ha_buf *text);
/* Does a process of this name (comm) run on this host? */
bool hactl_process_runs(const char *comm);

#endif
