/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * whatif.h - what would happen? The very core, for all hosts, in a world that
 * is made like a cluster as it is: its configuration, its committed state, who
 * is up and how large. Steps of a scenario are done there; the result tells
 * where each VM is then. Nothing outside of this process is looked at.
 *
 * Times are the world's: as long as fencing and starts take there, so they
 * are to be told as "about".
 *
 * Call order: fill a ha_whatif; ha_sim_what_if; ha_whatif_fini.
 */
#ifndef HA_SIM_WHATIF_H
#define HA_SIM_WHATIF_H

#include "core/admission.h"
#include "core/view.h"
#include "replica/entry.h"
#include "sim/run.h"

struct ha_whatif_capacity { /* of a host, as the cluster knows it */
	bool up;           /* it runs, and corosync counts it */
	bool frozen;
	bool fence_fails;  /* fencing it has failed so far */
	uint64_t memory_kib; /* 0: not known */
	uint32_t cpus, cpu_mhz; /* of one; 0: not known */
};

struct ha_whatif { /* all borrowed for the call */
	struct ha_config *config; /* its hash is the state's */
	const char *text;         /* of it */
	size_t text_len;
	const struct ha_state *state; /* NULL: all hosts are started together,
				       * and place all VMs anew */
	const struct ha_replica_base *base; /* with state: of its index */
	struct ha_whatif_capacity hosts[HA_HOSTS_MAX]; /* with state; by id-1 */
	ha_dur token;             /* corosync's; 0: one second */
	bool two_node, wait_for_all, auto_tie_breaker;
	FILE *trace;              /* NULL: none */
};

struct ha_whatif_vm {
	struct ha_uuid uuid;
	char name[HA_NAME_MAX + 1];
	bool wanted;       /* to run */
	bool makes_room;   /* it is stopped for a more important one */
	ha_hostid from, to; /* where it ran before, and runs then; 0 nowhere */
	ha_hostset may;    /* where it runs in any of several worlds */
	enum ha_vm_shown shown;
	uint32_t wave;     /* its start is among the wave-th that its host does
			    * at once, later than that of a VM that it waited
			    * for; 0: not started */
	ha_dur asked, runs; /* from the first step to its start being asked, and
			     * to its QEMU running; 0: not started */
	char why[HA_TEXT_MAX + 1]; /* it does not run; "" if it does */
	/* What would make it fit, with what those before it need there; host 0:
	 * it is not room that it lacks, or no host can take it. */
	ha_hostid missing_on;
	uint64_t missing_kib, missing_vcpus;
	char remedies[HA_REMEDIES_MAX][HA_TEXT_MAX + 1]; /* that, or others */
};

struct ha_whatif_host {
	char name[HA_NAME_MAX + 1];
	ha_hostid id;      /* 0: not configured */
	enum ha_host_shown shown;
	bool killed;       /* by a step, for good */
	ha_dur proven;     /* from the first step to its proof; 0: none */
	uint32_t vms_before, vms_after;
	uint64_t free_kib; /* of memory for VMs, then */
	/* all VMs that say so would fit with it */
	uint64_t missing_kib, missing_vcpus;
	char why[HA_TEXT_MAX + 1];
};

struct ha_whatif_result {
	bool quorate;      /* some side decides, then */
	bool disarmed, stopped;
	bool settled;      /* nothing more would change by itself */
	ha_dur took;       /* from the first step to the last change */
	size_t missing_more; /* VMs that would not fit with what hosts miss */
	char why[HA_TEXT_MAX + 1]; /* not quorate */
	char broken[HA_SIM_WHY_MAX + 1]; /* what did not hold; "" if all did */
	struct ha_whatif_host hosts[HA_HOSTS_MAX]; /* by id-1 */
	struct ha_whatif_vm *vms; /* owned; in the order of starts */
	size_t vm_count;
	unsigned worlds;   /* that were tried; a large cluster gets fewer */
};

/* Does the steps of a scenario, in several worlds; what its head says is not
 * used, and a `start` at its beginning is what the cluster is anyway. out is
 * as ha_sim_run's; the result, of the first world, is filled and the caller's
 * to end, unless it is HA_SIM_BAD_FILE. */
enum ha_sim_verdict ha_sim_what_if(const struct ha_whatif *w,
				   const struct ha_scenario *steps,
				   struct ha_whatif_result *ret_result,
				   struct ha_buf *out);
void ha_whatif_fini(struct ha_whatif_result *r);

#endif
