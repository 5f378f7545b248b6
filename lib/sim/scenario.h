/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scenario.h - a story as a list of steps; scenario(5). Pure parsing, shared
 * by all runners: what a step means is the runner's, what it says is here.
 *
 * Names of hosts and VMs are not looked up: the runner knows the cluster. A
 * runner that cannot do a step refuses the whole file by the step's name,
 * before it does anything. All memory is owned by the scenario.
 */
#ifndef HA_SIM_SCENARIO_H
#define HA_SIM_SCENARIO_H

#include "base/buf.h"
#include "base/time.h"
#include "sim/qdevice.h"
#include "sim/scenario_words.h"

struct ha_scn_list {
	const char **names;
	size_t count;
};

struct ha_scn_cond {
	enum ha_scn_cond_kind kind;
	bool negated;             /* "no" stands before it */
	const char *name;         /* of the VM, host, rule; QUORATE: NULL: anywhere */
	uint32_t state;           /* enum ha_scn_vm_state, _host_state or _mend */
	struct ha_scn_list names; /* VM: on these hosts (count 0: anywhere);
				   * ORDER: the VMs */
	uint32_t number;          /* times, starts */
	const char *text;         /* TRACE */
};

struct ha_scn_step {
	enum ha_scn_verb verb;
	uint32_t line;
	bool tried;               /* "try": may come to nothing */
	const char *text;         /* the line as written, trimmed */
	struct ha_scn_list hosts; /* hosts of the step; "all" is one name.
				   * CUT: from, to. LINK: one host. BREAK_VM: on
				   * these (count 0: any). HACTL: asked on this
				   * one (count 0: the runner's choice) */
	struct ha_scn_list *groups; /* PARTITION: the sides */
	size_t group_count;
	const char *name;         /* VM, datastore */
	enum ha_scn_program program;
	uint32_t mode;            /* enum ha_scn_mode: what becomes of it */
	bool has_number;
	uint32_t number;          /* LINK, CUT, PARTITION: which; BREAK_*: times,
				   * 0 for ever; UPGRADE: level; CRASH: after */
	uint32_t since;           /* UPGRADE: the lowest level that it speaks */
	uint32_t percent;         /* LINK loss */
	int32_t drift;            /* CLOCK, in millionths */
	bool has_time;            /* HANG, CRASH: for; BOOT: taking; EXPECT,
				   * HEAL: within */
	ha_dur time;              /* HOLD, WAIT, CLOCK too */
	const char **argv;        /* HACTL, REFUSED: arguments, NULL at the end */
	size_t argc;
	struct ha_scn_cond cond;  /* EXPECT, HOLD */
};

struct ha_scenario {
	const char *path;    /* as given */
	const char *title;   /* the first comment line, "" if none */
	const char *cluster; /* its file, found from where the path is; or NULL */
	/* "corosync": NULL or 0 if not said */
	ha_dur token, token_coefficient;
	bool has_coefficient;
	bool two_node, wait_for_all, auto_tie_breaker;
	enum sim_qdevice_kind qdevice;
	/* "simulator": 0 if not said */
	uint32_t seed;
	ha_dur disk, network; /* a write, a message takes so long at most */
	bool never_freezes;
	struct ha_scn_list spares; /* machines that are not in the cluster */
	struct ha_scn_step *steps;
	size_t step_count;
	struct ha_scn_arena *arena;
};

/* HA_E_SYNTAX: malformed; ret_error gets a line "  PATH:LINE: what; what is
 * expected" for each wrong line. Or a negative errno, if the file cannot be
 * read. */
int ha_scenario_read(const char *path, struct ha_scenario *ret_scenario,
		     struct ha_buf *ret_error)
	__attribute__((warn_unused_result));
/* The same from memory. */
int ha_scenario_parse(const char *path, const char *text,
		      struct ha_scenario *ret_scenario,
		      struct ha_buf *ret_error)
	__attribute__((warn_unused_result));
/* For a story it must, for steps on a cluster that is there it need not. */
bool ha_scenario_names_cluster(const struct ha_scenario *s,
			       struct ha_buf *ret_error);
void ha_scenario_fini(struct ha_scenario *s);

/* "vm db1 running on h1,h3", for messages. */
void ha_scn_cond_print(const struct ha_scn_cond *cond, struct ha_buf *out);

#endif
