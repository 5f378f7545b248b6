/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan_config.h - one configuration of a plan, as it is made up; plan_config.c,
 * plan_part.c, plan_rules.c.
 *
 * Half of the plans have plain ones, of equal hosts and VMs. In the others each
 * configuration has some of the parts below. There, some hosts have all that
 * any VM needs, and no must rule keeps a VM from them: so what must be kept can
 * be kept, whatever is left out.
 */
#ifndef HA_SIM_PLAN_CONFIG_H
#define HA_SIM_PLAN_CONFIG_H

#include "sim/plan.h"

#define PLAN_RULES_MAX 8 /* and as many dependencies */
#define PLAN_RACKS_MAX 2

enum sim_plan_part {
	PLAN_ADMISSION,
	PLAN_FAIL_BACK,
	PLAN_GROUPS,      /* of hosts and VMs, in place of their names */
	PLAN_RACKS,       /* fault domains, and rules that spread over them */
	PLAN_DATASTORES,  /* that not all hosts have */
	PLAN_NETWORKS,
	PLAN_PACING,      /* starts per datastore */
	PLAN_SIZES,       /* hosts and VMs differ */
	PLAN_SHARES,      /* reserves and overcommit */
	PLAN_SPARE_HOSTS, /* failover hosts */
	PLAN_RULE,        /* the first of so many */
	PLAN_DEPENDENCY = PLAN_RULE + PLAN_RULES_MAX,
	PLAN_PART_END = PLAN_DEPENDENCY + PLAN_RULES_MAX,
};

struct sim_plan_config {
	const struct sim_plan *plan;
	uint32_t variant;
	uint32_t parts;       /* bits of those before PLAN_RULE */
	bool there[PLAN_VMS_MAX];
	uint32_t priority[PLAN_VMS_MAX];
	uint32_t vm_groups[PLAN_VMS_MAX]; /* that a VM is in, bits */
	uint32_t vm_group_count;
	ha_hostset common; /* hosts that have all, and are open to all */
	ha_hostset spare;  /* failover hosts, none of these */
	struct ha_buf host_groups; /* text */
	uint32_t host_group_count;
};

bool sim_plan_has(const struct sim_plan_config *c, enum sim_plan_part part);
/* Has it something that not all hosts can do? */
bool sim_plan_restricts(const struct sim_plan_config *c);
/* One stream for each thing that is drawn of a configuration, so that the rest
 * stays as it is when something is left out. */
struct ha_rand sim_plan_stream(const struct sim_plan_config *c,
			       enum sim_plan_part what, uint32_t number);
/* "h1 h2" */
void sim_plan_hosts(ha_hostset hosts, struct ha_buf *out);
ha_hostset sim_plan_rack(uint32_t rack);
/* A group of these hosts; returns its number. */
uint32_t sim_plan_host_group(struct sim_plan_config *c, ha_hostset hosts);

/* plan_part.c: which parts and hosts, and what they come to in the text */
void sim_plan_choose(struct sim_plan_config *c);
void sim_plan_defaults(const struct sim_plan_config *c, struct ha_buf *out);
void sim_plan_admission(const struct sim_plan_config *c, struct ha_buf *out);
void sim_plan_print_hosts(const struct sim_plan_config *c, struct ha_buf *out);
void sim_plan_groups(struct sim_plan_config *c, struct ha_buf *out);
void sim_plan_reach(const struct sim_plan_config *c, struct ha_buf *out);
void sim_plan_vm(const struct sim_plan_config *c, uint32_t i,
		 struct ha_buf *out);
void sim_plan_domain(const struct sim_plan_config *c, uint32_t i,
		     struct ha_buf *out);

/* plan_rules.c */
extern const char *const sim_plan_readies[4];
void sim_plan_rules(struct sim_plan_config *c, struct ha_buf *out);

#endif
