/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vm_soft.h - what one host knows and does about a VM, beside what is
 * committed; for lib/core alone. Rebuilt from reports in each epoch.
 */
#ifndef HA_CORE_VM_SOFT_H
#define HA_CORE_VM_SOFT_H

#include "core/msg.h"
#include "model/restart.h"
#include "model/vm.h"

#define READY_OPS 2 /* that ask a VM: its guest agent, its application */

enum local_op { OP_NONE, OP_START, OP_SHUTDOWN, OP_DESTROY, OP_LOOK };

/* A VM as this core knows it; in step with state->vms. */
struct vm_soft {
	struct ha_uuid uuid;
	const struct ha_vm_conf *conf; /* NULL: not configured */
	/* what hosts say in this epoch */
	ha_hostset running;
	ha_hostset ran;         /* by reports of earlier epochs, not denied since */
	ha_hostset unknown;
	struct ha_report owner; /* the owner's last word; gen 0: none */
	uint64_t runs_gen;      /* ownership under which it runs; 0: none */
	ha_time runs_from;      /* so, as this host learned it */
	/* this host's own */
	uint32_t seen;          /* enum ha_seen */
	uint32_t end;           /* enum ha_domain_end */
	uint64_t instance;
	enum local_op op;
	uint64_t op_id;
	ha_time op_deadline;
	ha_time not_before;     /* next local operation */
	ha_time kill_at;        /* a graceful stop turns into a forced one */
	bool event_since_op;    /* what is seen is newer than the result */
	ha_time started_at;
	uint32_t tries;         /* starts that failed here under this gen */
	uint64_t local_gen;     /* ownership that `tries`, `ended` are about */
	uint32_t ended;         /* enum ha_why */
	char error[64];
	struct ha_report sent;  /* last word sent in this epoch */
	/* what its present run here has shown: HA_READY_BITs */
	uint32_t ready;
	uint32_t unready;       /* not in time */
	uint64_t ready_op[READY_OPS]; /* in flight, of GUEST and of APP */
	ha_time ready_from;     /* it runs since; 0: it does not, or not here */
	ha_time ready_again;    /* not asked before */
	/* the coordinator's */
	uint32_t pending;       /* facts proposed, not yet committed */
	ha_time retry_at;       /* not started before; set for retry_gen */
	uint64_t retry_gen;
	ha_hostid heading_for;  /* owner proposed, not yet committed */
	ha_hostid planned;      /* by the last plan; 0: none, or it has none */
	bool incident;
	char why[HA_TEXT_MAX + 1]; /* why it waits; "" it does not */
	/* the order of starts and stops; known on every host */
	uint32_t ready_wanted;  /* HA_READY_BITs that somebody may wait for */
	ha_dur ready_delay;     /* the longest that is waited then */
	enum ha_priority tier;  /* its own, or of who depends on it */
	ha_time met_at[HA_READY_COUNT]; /* since when it is that; 0: it is not */
	uint64_t met_gen;       /* ownership that this is about */
	ha_time tried_at;       /* its time limit counts from; 0: not yet */
	bool tried;             /* and that was its first start */
	bool placed;            /* has a place in this round's plan */
	bool held;              /* it has, but waits for another VM */
	uint32_t awaited;       /* the index of that one, plus 1; till it starts */
	uint32_t stops_after;   /* the same, when the cluster stops */
	bool stops_later;       /* and that was said */
	ha_time stop_by;        /* then that is not waited for any longer */
};

#endif
