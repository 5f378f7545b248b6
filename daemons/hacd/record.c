/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record.h"

#include <string.h>
#include <time.h>

#include "base/err.h"

void record_event(struct hacd *h, const struct ha_event *ev)
{
	const struct body *body;
	struct ha_record_bytes masked = { 0 };

	if (!h->recorder) {
		return;
	}
	if (ev->kind == HA_EV_CONFIG) {
		body = bodies_find(h->bodies, &ev->config->hash);
		masked.data = body ? body->masked : NULL;
		masked.len = masked.data ? strlen(masked.data) : 0;
		ha_recorder_body(h->recorder, ev->config, &masked);
	}
	ha_recorder_event(h->recorder, ev);
}

void record_actions(struct hacd *h, const struct ha_actions *actions)
{
	if (h->recorder) {
		ha_recorder_actions(h->recorder, h->core, actions);
	}
}

int record_pack(const struct hacd *h, struct ha_buf *ret_buf)
{
	struct timespec wall;

	if (!h->recorder) {
		return HA_E_NOT_FOUND;
	}
	(void)clock_gettime(CLOCK_REALTIME, &wall); /* cannot fail on Linux */
	return ha_recorder_pack(h->recorder, ha_time_now(),
				(int64_t)wall.tv_sec * 1000000 +
				wall.tv_nsec / 1000, ret_buf);
}
