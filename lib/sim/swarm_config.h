/* SPDX-License-Identifier: GPL-2.0-or-later */
/* swarm_config.h - a random configuration, made without a text. */
#ifndef HA_SIM_SWARM_CONFIG_H
#define HA_SIM_SWARM_CONFIG_H

#include "base/rand.h"
#include "model/config.h"

#define SWARM_HOSTS_MAX 8
#define SWARM_VMS_MAX 30

struct swarm_config {
	struct ha_config config;
	struct ha_host_conf hosts[SWARM_HOSTS_MAX];
	struct ha_fence_device device;
	struct ha_fence_step step;
	struct ha_fence_level level;
	struct ha_vm_conf vms[SWARM_VMS_MAX];
	char names[SWARM_HOSTS_MAX + SWARM_VMS_MAX][8];
};

void swarm_config_draw(struct swarm_config *c, struct ha_rand *rand);
/* The same with other priorities: a change that an admin makes. */
void swarm_config_change(struct swarm_config *c, const struct swarm_config *of,
			 struct ha_rand *rand);

#endif
