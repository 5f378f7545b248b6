/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * network.h - a network that VMs are on and not every host has. One that is
 * not configured is taken to be everywhere.
 */
#ifndef HA_MODEL_NETWORK_H
#define HA_MODEL_NETWORK_H

#include "base/ids.h"

struct ha_network_conf { /* known in domains by at least one of three */
	const char *name;
	const char *bridge;  /* <source bridge='br0'/> */
	const char *network; /* <source network='default'/>, libvirt's */
	const char *device;  /* <source dev='eth0'/> */
	const char *hosts_text; /* hosts and groups; NULL: all */
	ha_hostset hosts;
	uint32_t given; /* attributes that stand in the text, for lib/conf */
	uint32_t line;
};

#endif
