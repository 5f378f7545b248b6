/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check_rules.h - what is known of each VM while must rules are checked: one
 * file looks at rules between VMs and hosts, one at those among VMs, one at what
 * is senseless but harmless. For lib/model alone.
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

/* Rules that nothing can keep, or that do nothing; where no error was found. */
void ha_rules_check_sense(struct ha_rules_check *r);

/* The VM that stands for all that must be together with this one. */
uint32_t ha_rules_root(struct ha_rules_check *r, uint32_t vm);
/* Does the list name a VM group? That may be waiting for its VMs. */
bool ha_rules_names_group(const struct ha_rules_check *r, const char *list);
/* "h1, h2" */
const char *ha_rules_print_hosts(const struct ha_rules_check *r,
				 ha_hostset set, char *buf, size_t size);
const char *ha_rules_vm_name(const struct ha_rules_check *r, uint32_t vm);
struct ha_conf_at ha_rules_at_vm_host(const struct ha_vm_host_rule *rule);
struct ha_conf_at ha_rules_at_vm_vm(const struct ha_vm_vm_rule *rule);

#endif
