/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rule.h - groups of hosts and of VMs, and the rules about where VMs run.
 *
 * What stands in the text, names separated by blanks, is kept for showing;
 * what it comes to is beside it: sets of hosts, and VMs by their index in the
 * configuration, rising, each once. What the rules leave one VM is computed
 * from them into its struct ha_vm_placement.
 */
#ifndef HA_MODEL_RULE_H
#define HA_MODEL_RULE_H

#include <stddef.h>

#include "base/ids.h"

enum ha_rule_strength {
	HA_RULE_SHOULD, /* broken where there is no other way */
	HA_RULE_MUST    /* never broken, not by a recovery either */
};

/* Of a VM-VM rule. */
enum ha_group_kind {
	HA_GROUP_TOGETHER, /* all that run, run on one host */
	HA_GROUP_APART,    /* at most `most` on one host */
	HA_GROUP_SPREAD    /* at most `most` in one fault domain */
};

struct ha_vm_list { /* indices into config.vms */
	const uint32_t *vms;
	size_t count;
};

struct ha_host_group {
	const char *name;
	const char *hosts_text;
	ha_hostset hosts;
	bool fault_domain; /* what fails together; a host is in one at most */
	uint32_t given; /* attributes that stand in the text, for lib/conf */
	uint32_t line;
};

struct ha_vm_group { /* a VM says in which it is */
	const char *name;
	struct ha_vm_list members;
	uint32_t given;
	uint32_t line;
};

struct ha_vm_host_rule { /* either run_on or keep_off */
	const char *name;
	enum ha_rule_strength strength;
	const char *vms_text; /* VMs and groups of them */
	const char *run_on_text; /* hosts and groups of them, best first */
	const char *keep_off_text;
	struct ha_vm_list members;
	ha_hostset levels[HA_POOL_LEVELS_MAX]; /* of run-on, best first */
	size_t level_count; /* 0: keep off */
	ha_hostset keep_off;
	bool restart; /* mended by a stop and a start elsewhere; else told only */
	bool refused; /* names in it are unknown: that is told */
	uint32_t given;
	uint32_t line;
};

/* Does it rank hosts? A VM is under one such rule at most. */
static inline bool ha_rule_prefers(const struct ha_vm_host_rule *r)
{
	return r->level_count > (r->strength == HA_RULE_MUST ? 1 : 0);
}

/* All hosts on which its VMs keep it. */
static inline ha_hostset ha_rule_hosts(const struct ha_vm_host_rule *r)
{
	ha_hostset hosts = r->level_count > 0 ? 0 : ~r->keep_off;

	for (size_t n = 0; n < r->level_count; n++) {
		hosts |= r->levels[n];
	}
	return hosts;
}

/* The n-th of these is the n-th group of a struct ha_pool. */
struct ha_vm_vm_rule {
	const char *name;
	enum ha_rule_strength strength;
	enum ha_group_kind kind;
	uint32_t most; /* as in struct ha_pool_group */
	bool restart;  /* as above */
	const char *vms_text;
	struct ha_vm_list members;
	bool refused;
	uint32_t given;
	uint32_t line;
};

#endif
