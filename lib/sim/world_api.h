/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * world_api.h - what one can do with a world; included by world.h.
 */
#ifndef HA_SIM_WORLD_API_H
#define HA_SIM_WORLD_API_H

#include "sim/world.h"

struct sim *sim_create(const struct sim_params *params);
void sim_destroy(struct sim *s);

/* name: borrowed for ever. Capacity of the machine, as libvirt tells it. */
struct sim_host *sim_add_host(struct sim *s, ha_hostid id, const char *name);
uint32_t sim_add_vm(struct sim *s, const struct ha_uuid *uuid,
		    const char *name);
/* Makes a configuration known to the world; gives its number. */
uint32_t sim_add_body(struct sim *s, const struct ha_config *config);
const struct sim_body *sim_find_body(const struct sim *s,
				     const struct ha_hash *hash);

/* Lets the next thing happen; false if nothing is left or the oracle has
 * found something. */
bool sim_run_one(struct sim *s);
/* This, taken from the heap, happens now. */
void sim_run_pend(struct sim *s, const struct sim_pend *p);
void sim_run_until(struct sim *s, ha_time t);
bool sim_failed(const struct sim *s);

/* An admin's command at a host; sim_oracle_answer tells what came of it.
 * The body of a configuration is given to that host first. 0: no hacd. */
uint64_t sim_command(struct sim *s, ha_hostid host,
		     const struct ha_command *cmd);

static inline struct sim_host *sim_host(struct sim *s, ha_hostid id)
{
	return &s->hosts[id - 1];
}

/* Number of a VM by its UUID, or UINT32_MAX. */
uint32_t sim_vm_number(const struct sim *s, const struct ha_uuid *uuid);
/* Uniform in 0..max. */
ha_dur sim_rand_dur(struct sim *s, ha_dur max);
/* Once in n. */
bool sim_rand_hit(struct sim *s, uint32_t n);
/* Something to happen after a while; at: relative. */
void sim_after(struct sim *s, ha_dur after, struct sim_pend p);
/* When that will be, which falls due at `at`. */
ha_time sim_grained(const struct sim *s, ha_time at);
/* What was hung goes on. */
void sim_release(struct sim *s, struct sim_host *h, enum sim_scope scope);
void *sim_alloc(size_t bytes); /* zeroed, never NULL */

#endif
