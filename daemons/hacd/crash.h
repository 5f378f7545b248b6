/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crash.h - the crashes of this hacd, from one life to the next: over which VM
 * it died, and how often. Both are files in run_dir, which go with the boot.
 *
 * Call order: begin, then watch; end when it ends in good order.
 */
#ifndef HACD_CRASH_H
#define HACD_CRASH_H

#include "core/core.h"
#include "core/crash.h"

/* A life begins. True: it is to be a frozen one. ret_crash: the crash that
 * ended the last one, if that was over a VM; count 0 if not. */
bool crash_life_begin(const char *run_dir, struct ha_crash *ret_crash);
/* A signal that ends it is noted from now on, with the VM that *core decides
 * about; `core` is borrowed for ever, and may point to NULL. */
void crash_life_watch(const char *run_dir, struct ha_core *const *core);
void crash_life_end(const char *run_dir);
/* The admin has looked: the crashes so far count no more. */
void crash_life_forgive(const char *run_dir);

#endif
