/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_rules.h - what is known of each VM while must rules are checked: one
 * file looks at rules between VMs and hosts, another at those among VMs. For
 * lib/model alone.
 */
#ifndef HA_MODEL_CHECK_RULES_H
#define HA_MODEL_CHECK_RULES_H

#include "model/check.h"

#define HA_NO_RULE UINT16_MAX

struct ha_rules_vm { /* of what the must rules tie together */
	ha_hostset hosts;   /* that they leave the VM; of a root: all its VMs */
	uint64_t memory_kib;
	uint64_t vcpus;
	uint32_t root;      /* index of the VM that stands for all of them */
	uint32_t count;     /* of the rule that is looked at */
	uint16_t together;  /* the rule that tied it last */
	uint16_t must;      /* vm-host rule that restricted it last */
	uint16_t prefers;   /* vm-host rule that ranks hosts for it */
};

struct ha_rules_check {
	const struct ha_config *c;
	struct ha_conf_errors *errors;
	struct ha_rules_vm *vms;
	ha_hostset all;
	ha_hostset domain_of[HA_HOSTS_MAX]; /* hosts that fail with it */
};

/* Musts among VMs; after those between VMs and hosts. */
void ha_rules_check_ties(struct ha_rules_check *r);

const char *ha_rules_vm_name(const struct ha_rules_check *r, uint32_t vm);
struct ha_conf_at ha_rules_at_vm_vm(const struct ha_vm_vm_rule *rule);

#endif
