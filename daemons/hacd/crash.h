/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crash.h - the crashes of this hacd, from one life to the next: over which VM
 * it died, and how often. Both are files in run_dir, which go with the boot.
 *
 * Call order: begin, then watch, then fed again and again; end when it ends in
 * good order.
 */
#ifndef HACD_CRASH_H
#define HACD_CRASH_H

#include "core/core.h"
#include "core/crash.h"

/* How the last life ended. */
struct crash_end {
	struct ha_crash over; /* count 0: not by a crash over a VM */
	bool stalled; /* by the watchdog, while it had hardly a processor */
	bool freezes; /* the life that begins is to be a frozen one */
};

void crash_life_begin(const char *run_dir, struct crash_end *ret_end);
/* A signal that ends it is noted from now on, with the VM that *core decides
 * about; `core` is borrowed for ever, and may point to NULL. */
void crash_life_watch(const char *run_dir, struct ha_core *const *core);
/* The watchdog is fed, and again within period_ns; if it ends hacd that has used
 * less than half of that in processor time since, that is a stall. */
void crash_life_fed(uint64_t period_ns);
void crash_life_end(const char *run_dir);
/* The admin has looked: the crashes so far count no more. */
void crash_life_forgive(const char *run_dir);

#endif
