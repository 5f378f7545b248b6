/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crash.h - crashes of a hacd: over what, how many, and what follows for
 * its next life. What is remembered of them is kept by the shell, and goes
 * with the boot.
 *
 * One that was over a VM or a host is told to the core (HA_EV_LOADED), which
 * leaves that alone (aside.h); the hacd is as good as before. One that was over
 * nothing in particular can come again with the next decision: two of them within
 * ten minutes, or too many of any kind, freeze it. A stall is none of its doing:
 * its watchdog ended it because it was not given a processor, or was kept
 * waiting; it counts among those of any kind.
 */
#ifndef HA_CORE_CRASH_H
#define HA_CORE_CRASH_H

#include <stdbool.h>

#include "base/ids.h"

#define HA_CRASHES_KEPT 6 /* so many of any kind freeze it */
#define HA_CRASHES_FREEZE 2 /* over nothing in particular */
#define HA_CRASH_WINDOW_S 600

/* While a decision about a VM or a host was made. */
struct ha_crash {
	struct ha_uuid vm; /* zero: it was about the host */
	uint64_t index;    /* of the committed state; the newest one's */
	uint32_t count;    /* 0: there was none */
	ha_hostid host;
};

struct ha_crashes {
	struct ha_crash_seen {
		int64_t at_s;   /* since the boot, > 0; 0: none */
		struct ha_crash over; /* count 0: nothing in particular */
		bool stalled;
	} seen[HA_CRASHES_KEPT]; /* newest first */
};

/* over: count 0 if it was over nothing in particular. */
void ha_crashes_add(struct ha_crashes *crashes, int64_t now_s,
		    const struct ha_crash *over);
void ha_crashes_add_stall(struct ha_crashes *crashes, int64_t now_s);
/* Are both over the same VM, or the same host? */
bool ha_crash_is_same(const struct ha_crash *a, const struct ha_crash *b);
/* Is the life that begins now to be a frozen one? */
bool ha_crashes_freeze(const struct ha_crashes *crashes, int64_t now_s);
/* The last one, with all that were over the same; count 0 if it was over
 * nothing in particular. */
struct ha_crash ha_crashes_over(const struct ha_crashes *crashes,
				int64_t now_s);

#endif
