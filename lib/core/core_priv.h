/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * core_priv.h - the memory of a core; for lib/core and its unit tests alone.
 * The functions of its files for each other stand in rules.h.
 *
 * Committed state is changed by state.c alone. All else here is soft: it is
 * rebuilt from reports in each epoch, and lost without harm.
 */
#ifndef HA_CORE_CORE_PRIV_H
#define HA_CORE_CORE_PRIV_H

#include "core/core.h"
#include "core/fence_job.h"
#include "core/view.h"
#include "core/vm_soft.h"
#include "policy/pace.h"
#include "policy/recovery.h"

/* All that the replica remembers as held, the current one, one that comes. */
#define STAGED_MAX 10
#define COPIES_MAX 8 /* states of different indices given out in one step */
#define FACTS_MAX 64 /* proposed together */
#define FACTS_STEP_MAX 512 /* in one step; more wait for the next */
#define OUT_MSGS_MAX 4096 /* messages, and persist operations, of one step */
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* A host as this core knows it; indexed by id-1. */
struct host_soft {
	bool heard;         /* its HA_MSG_HOST came in this epoch */
	bool vm_agent;
	bool fence_agent;
	bool frozen;
	bool stays_out;
	ha_bootid boot;
	uint64_t memory_kib;
	uint32_t cpus;
	uint32_t cpu_mhz;   /* of one cpu; 0: not known */
	bool reported;      /* its full report came, based on report_index */
	uint64_t report_index;
	bool seen_alive;    /* a member of some view in this core's life */
	ha_time lost_at;    /* when it went out of corosync's membership */
	ha_time retry_at;   /* next fence attempt */
	ha_time fence_started; /* the attempt in flight */
	ha_time proven_at;   /* down, as this host learned it */
	uint32_t small_tries;
	uint64_t off_number;   /* attempt whose device said off, by off_by */
	ha_hostid off_by;
	uint32_t pending;   /* facts about it proposed, not yet committed */
	uint32_t starting;      /* VMs, when last decided about */
	uint32_t starts_ended;  /* since it last started none */
	ha_time usable_from;    /* all the time since; 0: it is not */
	struct ha_crash crash;  /* as it says itself, if it is in crashed */
	ha_time left_alone_at;  /* hacds crashed over it; told, here */
};

struct request {
	bool used;
	bool sent;              /* in this epoch */
	bool tried;             /* sent in some epoch: it may have been done */
	bool founds;            /* the epoch that answers it is asked for */
	bool expects;           /* corosync was told of fewer votes for it */
	ha_time again_at;       /* sent again then, in the same epoch */
	ha_time deadline;       /* what founds an epoch is given up then */
	struct ha_command command;
};

struct fact_batch {
	struct ha_entry entries[FACTS_MAX];
	size_t count;
};

struct ha_core {
	struct ha_core_params params;
	struct ha_replica *replica;
	struct ha_state *state;
	struct ha_state *incoming;   /* a received snapshot */
	bool incoming_busy;          /* it is being made durable */
	struct ha_state *copies[COPIES_MAX]; /* given out in this step */
	size_t copy_count;
	uint64_t incoming_epoch;     /* in which it was sent */
	struct ha_hash body_ready;   /* held, the replica is to be told */
	const struct ha_config *config; /* that of state->config, or NULL */
	const struct ha_config *staged[STAGED_MAX];
	ha_time now;
	ha_time wake;                /* earliest own deadline of this step */
	ha_time judge_from;          /* after a stall: observe only till then, */
	ha_time fence_from;          /* and take no power before corosync has
				      * noticed who is here by now */
	bool frozen;
	bool loaded;
	struct ha_crash crash;       /* of this host's last life */
	ha_time crash_until;         /* it counts */
	ha_hostset crashed;          /* others that told of one */
	volatile uint32_t deciding;  /* about that VM, plus 1; 0: about none */
	volatile ha_hostid deciding_host; /* or about that host */
	/* the view */
	uint64_t view_id;
	bool quorate;
	bool wait_cancelled;         /* corosync was told not to wait */
	ha_hostset members, hacds;
	/* the epoch */
	bool open;
	struct ha_epoch epoch;
	ha_time opened_at, closed_at;
	ha_time started_at;          /* the cluster, after a stop */
	ha_time moved_at;            /* a VM, last, by the cluster's own will */
	ha_time configured_at;       /* the present configuration, here */
	uint32_t minute;             /* of the day, by the last tick */
	bool own_agent_vm, own_agent_fence, own_inventory;
	uint64_t own_memory_kib;
	uint32_t own_cpus;
	uint32_t own_cpu_mhz;
	bool want_host_msg, want_full_report;
	ha_time say_again_at;        /* who came late asked; 0: nobody did */
	uint64_t missed_epoch;       /* what was said in it was not heard */
	bool left_here;              /* this host left in this life of hacd */
	bool stays_out;              /* as last said to the others */
	ha_time first_open_at;       /* 0: no epoch yet in this life */
	uint64_t op_count;
	struct host_soft hosts[HA_HOSTS_MAX];
	struct fence_job jobs[HA_HOSTS_MAX];
	struct request requests[HA_REQUESTS_MAX];
	uint32_t global_pending;
	uint64_t fence_given; /* highest number given out in this epoch */
	struct fact_batch batch;
	size_t fact_count;           /* proposed in this step */
	bool more;                   /* facts were left over: step again */
	struct vm_soft *vms;         /* vms_max */
	struct vm_soft *vms_spare;
	uint32_t *order;             /* indices of vms in recovery order */
	uint32_t vm_count;
	struct ha_domain *foreign;   /* domains that are not (yet) ours */
	uint32_t foreign_count;
	bool awaited;                /* starts wait for who is being admitted */
	/* one round of decisions */
	struct ha_pool pool;         /* as lib/policy sees it all */
	struct ha_pool_host pool_hosts[HA_HOSTS_MAX];
	struct ha_pool_vm *pool_vms; /* in step with vms */
	struct ha_pool_group pool_groups[HA_POOL_GROUPS_MAX];
	uint32_t store_starts[HA_DATASTORES_MAX]; /* VMs starting on each */
	void *planner_memory;
	struct ha_planner *planner;  /* NULL: nothing was asked yet */
	ha_hostid joiner;            /* about to be admitted */
	uint32_t waiting;            /* VMs that wait for a place */
	bool ordered;                /* VMs may have to wait for others */
	/* output */
	struct ha_action *actions;
	size_t action_count;
	struct ha_msg *msgs;         /* bodies of SEND actions */
	size_t msg_count;
	struct ha_persist *persists;
	size_t persist_count;
	struct ha_report *reports;   /* bodies of reports */
	size_t report_count;
	struct ha_entry *entries;    /* bodies of messages and persists */
	size_t entry_count;
};

static inline ha_hostid self(const struct ha_core *c)
{
	return c->params.self;
}

static inline bool is_coordinator(const struct ha_core *c)
{
	return c->open && c->epoch.coordinator == c->params.self;
}

/* A VM, committed and soft. */
struct vm {
	const struct ha_vm_state *v;
	struct vm_soft *s;
	uint32_t i; /* in all tables of VMs */
};

static inline struct vm vm_at(const struct ha_core *c, uint32_t i)
{
	return (struct vm){ &c->state->vms[i], &c->vms[i], i };
}

/* Is a failed start the last that happened to it? */
static inline bool start_failed_last(const struct ha_vm_state *v)
{
	return v->failures > 0 && v->last_why == HA_WHY_FAILED;
}

static inline const struct ha_host_state *host_state(const struct ha_core *c,
						     ha_hostid h)
{
	return &c->state->hosts[h - 1];
}

/* Not all that was decided before this epoch is committed state here yet: the
 * log of a small view is not committed, or a configuration that it needs is
 * still on its way. What is committed here may be about to change. */
static inline bool is_behind(const struct ha_core *c)
{
	return c->open && c->state->epoch != c->epoch.number;
}

/* A small view whose log is not committed yet: proofs come first. */
static inline bool in_doubt(const struct ha_core *c)
{
	return is_behind(c) && c->epoch.small;
}

#endif
