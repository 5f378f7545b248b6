/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/crash.h"

#include <assert.h>
#include <string.h>

static bool is_recent(const struct ha_crash_seen *seen, int64_t now_s)
{
	return seen->at_s > 0 && now_s - seen->at_s <= HA_CRASH_WINDOW_S;
}

bool ha_crash_is_same(const struct ha_crash *a, const struct ha_crash *b)
{
	return a->host == b->host && ha_uuid_cmp(&a->vm, &b->vm) == 0;
}

static void add(struct ha_crashes *c, int64_t now_s)
{
	assert(now_s >= 0);
	memmove(&c->seen[1], &c->seen[0],
		(HA_CRASHES_KEPT - 1) * sizeof(c->seen[0]));
	memset(&c->seen[0], 0, sizeof(c->seen[0]));
	c->seen[0].at_s = now_s > 0 ? now_s : 1;
}

void ha_crashes_add(struct ha_crashes *c, int64_t now_s,
		    const struct ha_crash *over)
{
	add(c, now_s);
	if (over->count > 0) {
		c->seen[0].over = *over;
	}
}

void ha_crashes_add_stall(struct ha_crashes *c, int64_t now_s)
{
	add(c, now_s);
	c->seen[0].stalled = true;
}

bool ha_crashes_freeze(const struct ha_crashes *c, int64_t now_s)
{
	unsigned all = 0, over_nothing = 0;

	for (size_t i = 0; i < HA_CRASHES_KEPT; i++) {
		if (is_recent(&c->seen[i], now_s)) {
			all++;
			over_nothing += !c->seen[i].stalled &&
					c->seen[i].over.count == 0;
		}
	}
	return over_nothing >= HA_CRASHES_FREEZE || all >= HA_CRASHES_KEPT;
}

struct ha_crash ha_crashes_over(const struct ha_crashes *c, int64_t now_s)
{
	struct ha_crash over = c->seen[0].over;

	if (over.count == 0) {
		return over;
	}
	over.count = 0;
	for (size_t i = 0; i < HA_CRASHES_KEPT; i++) {
		over.count += is_recent(&c->seen[i], now_s) &&
			      ha_crash_is_same(&c->seen[i].over, &over);
	}
	return over;
}
