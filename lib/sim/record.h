/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record.h - flight records of the simulated hacds: each life of each hacd is
 * recorded as in production, and handed over when it ends.
 */
#ifndef HA_SIM_RECORD_H
#define HA_SIM_RECORD_H

#include "wire/recorder.h"

struct sim;

struct sim_recording { /* what a driver asks for; borrowed */
	size_t bytes_max;
	/* A configuration without secrets, appended; false: not at hand. */
	bool (*text)(const struct ha_config *config, struct ha_buf *out,
		     void *arg);
	/* A life of hacd has ended. */
	void (*ended)(ha_hostid host, const struct ha_buf *record, void *arg);
	void *arg;
};

void sim_record_begin(struct sim *s, ha_hostid host,
		      const struct ha_core_params *params);
/* Before and after a step. */
void sim_record_event(struct sim *s, ha_hostid host, const struct ha_event *ev);
void sim_record_actions(struct sim *s, ha_hostid host,
			const struct ha_actions *actions);
void sim_record_end(struct sim *s, ha_hostid host);

#endif
