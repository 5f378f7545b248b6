/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/record.h"

#include <stdlib.h>

#include "sim/world.h"

void sim_record_begin(struct sim *s, ha_hostid host,
		      const struct ha_core_params *params)
{
	const struct sim_recording *rec = s->params.recording;

	if (!rec) {
		return;
	}
	sim_host(s, host)->recorder =
		ha_recorder_create(params, rec->bytes_max);
	if (!sim_host(s, host)->recorder) {
		abort(); /* a simulation without memory cannot go on */
	}
}

void sim_record_event(struct sim *s, ha_hostid host, const struct ha_event *ev)
{
	const struct sim_recording *rec = s->params.recording;
	struct ha_recorder *r = sim_host(s, host)->recorder;
	struct ha_buf text = { 0 };

	if (!r) {
		return;
	}
	if (ev->kind == HA_EV_CONFIG && rec->text(ev->config, &text, rec->arg)) {
		ha_recorder_body(r, ev->config, &(struct ha_record_bytes){
				 text.data, text.len });
	}
	ha_buf_fini(&text);
	ha_recorder_event(r, ev);
}

void sim_record_actions(struct sim *s, ha_hostid host,
			const struct ha_actions *actions)
{
	struct sim_host *h = sim_host(s, host);

	if (h->recorder) {
		ha_recorder_actions(h->recorder, h->core, actions);
	}
}

void sim_record_end(struct sim *s, ha_hostid host)
{
	const struct sim_recording *rec = s->params.recording;
	struct sim_host *h = sim_host(s, host);
	struct ha_buf out = { 0 };

	if (h->recorder && ha_recorder_pack(h->recorder, sim_clock_now(s, h),
					    s->now, &out) == 0) {
		rec->ended(host, &out, rec->arg);
	}
	ha_buf_fini(&out);
	ha_recorder_destroy(h->recorder);
	h->recorder = NULL;
}
