/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hyper.h - libvirt and its VMs on one host, and the VM agent between it and
 * hacd.
 */
#ifndef HA_SIM_HYPER_H
#define HA_SIM_HYPER_H

#include "core/action.h"
#include "sim/pend.h"

enum sim_break {
	SIM_BREAK_START,
	SIM_BREAK_STOP,
	SIM_BREAK_GUEST, /* its guest agent does not come up */
	SIM_BREAK_APP,   /* its application does not */
	SIM_BREAK_HACD,  /* hacd crashes when it decides about it, */
	SIM_BREAK_COORDINATOR, /* or that of the coordinator only */
	SIM_BREAK_COUNT
};

struct sim_domain { /* of one VM on one host */
	bool there;        /* a QEMU runs: what really counts */
	bool hung;         /* its guest answers nothing */
	bool paused;       /* after an error of its disk */
	uint32_t asked;    /* about it, since it changed */
	uint64_t blank_of; /* libvirt's life that does not know of it yet */
	uint64_t instance;
	uint64_t run;      /* rises with each start and end */
	ha_time busy_until; /* libvirt does one thing at a time with it */
	ha_time ready_at[2]; /* its guest agent answers, its application;
			      * 0: nobody has asked yet */
};

struct sim_op { /* asked by hacd, no result yet */
	uint64_t id;
	enum ha_vm_op op;
	uint32_t vm;
};

struct sim_hyper {
	bool up;
	bool hung;
	bool slow;
	bool lying;        /* about a domain, until it is asked twice */
	bool blank;        /* just restarted: lists nothing */
	uint64_t gen;      /* of the libvirt daemon */
	bool agent_up;     /* the agent is there and libvirt answers it */
	uint64_t agent_gen;
	struct sim_domain *domains; /* owned, one per VM */
	struct sim_op *ops;         /* owned */
	size_t op_count, op_size;
	uint64_t memory_kib;
	uint32_t cpus;
	uint32_t cpu_mhz; /* of one */
};

void sim_hyper_start(struct sim *s, ha_hostid host, ha_dur after);
void sim_hyper_crash(struct sim *s, ha_hostid host, ha_dur back_after);
void sim_hyper_hang(struct sim *s, ha_hostid host, bool hung);
void sim_hyper_set(struct sim *s, ha_hostid host, bool slow, bool lying);
/* It works again, and so do guests that were paused. */
void sim_hyper_mend(struct sim *s, ha_hostid host);
/* Of the agent: a hacd starts it, and ends it. */
void sim_agent_start(struct sim *s, ha_hostid host, ha_dur after);
void sim_agent_stop(struct sim *s, ha_hostid host);
void sim_hyper_op(struct sim *s, ha_hostid host, const struct ha_action *a);
void sim_hyper_cancel(struct sim *s, ha_hostid host, uint64_t id);
/* All domains end: the power is gone. */
void sim_hyper_clear(struct sim *s, ha_hostid host);

/* Is it to fail now, as a scenario says? Counts the times. */
bool sim_vm_takes_break(struct sim *s, ha_hostid host, uint32_t vm,
			enum sim_break what);

/* To guests. False: that VM does not run there. */
bool sim_vm_end(struct sim *s, ha_hostid host, uint32_t vm,
		enum ha_domain_end end);
/* It came up long ago: whoever asks it is answered. */
void sim_vm_set_ready(struct sim *s, ha_hostid host, uint32_t vm);
/* The guest boots anew, in the same QEMU. */
void sim_vm_reboot(struct sim *s, ha_hostid host, uint32_t vm);
void sim_vm_pause(struct sim *s, ha_hostid host, uint32_t vm, bool paused);
/* Beside hac. */
void sim_vm_spawn(struct sim *s, ha_hostid host, uint32_t vm);

#endif
