/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/swarm_config.h"

#include <stdio.h>
#include <string.h>

static uint32_t draw(struct ha_rand *r, uint32_t n)
{
	return (uint32_t)ha_rand_below(r, n);
}

static void draw_hash(struct swarm_config *c, struct ha_rand *rand)
{
	uint64_t words[4];

	for (int i = 0; i < 4; i++) {
		words[i] = ha_rand_u64(rand);
	}
	memcpy(c->config.hash.b, words, sizeof(words));
}

static void link_arrays(struct swarm_config *c)
{
	struct ha_config *f = &c->config;

	c->level.steps = &c->step;
	c->level.step_count = 1;
	f->hosts = c->hosts;
	f->vms = c->vms;
	f->devices = &c->device;
	f->device_count = 1;
	for (size_t i = 0; i < f->host_count; i++) {
		c->hosts[i].name = c->names[i];
		c->hosts[i].levels = &c->level;
		c->hosts[i].level_count = 1;
	}
	for (size_t i = 0; i < f->vm_count; i++) {
		c->vms[i].name = c->names[SWARM_HOSTS_MAX + i];
	}
}

static void draw_vm(struct swarm_config *c, size_t i, struct ha_rand *rand)
{
	struct ha_vm_conf *v = &c->vms[i];
	uint8_t number = (uint8_t)(i + 1);

	snprintf(c->names[SWARM_HOSTS_MAX + i], 8, "v%u", number);
	v->uuid.b[0] = 0x10;
	v->uuid.b[15] = number;
	v->priority = (enum ha_priority)draw(rand, HA_PRIORITY_DISABLED + 1);
	v->wanted = draw(rand, 8) == 0 ? HA_WANTED_STOPPED : HA_WANTED_RUNNING;
	v->on_guest_shutdown = (enum ha_on_guest_shutdown)draw(rand, 2);
	v->on_host_shutdown = (enum ha_on_host_shutdown)draw(rand, 2);
	v->start_timeout = HA_S(30);
	v->stop_timeout = HA_S(2 + draw(rand, 20));
	v->memory_kib = 128u << 10;
	v->vcpus = 1;
	v->domain_xml = "<domain/>";
}

void swarm_config_draw(struct swarm_config *c, struct ha_rand *rand)
{
	memset(c, 0, sizeof(*c));
	c->config.name = "swarm";
	c->config.host_count = 1 + draw(rand, SWARM_HOSTS_MAX);
	c->config.vm_count = 1 + draw(rand, SWARM_VMS_MAX);
	c->config.starts_per_host = 1 + draw(rand, 4);
	c->config.cpu_overcommit_percent = 800;
	c->config.fence_delay = HA_S(5);
	c->config.start_wait = HA_S(20 + draw(rand, 100));
	c->config.leave_timeout = HA_S(60);
	c->device.name = "bmc";
	c->device.agent = "fence_ipmilan";
	c->device.timeout = HA_S(20);
	c->device.power_on = draw(rand, 2) == 0;
	for (size_t i = 0; i < c->config.host_count; i++) {
		snprintf(c->names[i], 8, "h%u", (uint8_t)(i + 1));
		c->hosts[i].id = (ha_hostid)(i + 1);
		c->hosts[i].memory_kib = 8u << 20;
		c->hosts[i].cpus = 8;
	}
	for (size_t i = 0; i < c->config.vm_count; i++) {
		draw_vm(c, i, rand);
	}
	c->config.vm_defaults = c->vms[0];
	draw_hash(c, rand);
	link_arrays(c);
}

void swarm_config_change(struct swarm_config *c, const struct swarm_config *of,
			 struct ha_rand *rand)
{
	*c = *of;
	draw_hash(c, rand);
	for (size_t i = 0; i < c->config.vm_count; i++) {
		if (draw(rand, 4) == 0) {
			c->vms[i].priority = (enum ha_priority)draw(
				rand, HA_PRIORITY_DISABLED + 1);
		}
	}
	link_arrays(c);
}
