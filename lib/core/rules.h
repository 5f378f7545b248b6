/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rules.h - the functions of lib/core's files for each other.
 */
#ifndef HA_CORE_RULES_H
#define HA_CORE_RULES_H

#include "core/core_priv.h"

/* out.c */
struct ha_action *out_action(struct ha_core *c, enum ha_action_kind kind);
struct ha_msg *out_msg(struct ha_core *c, enum ha_msg_kind kind);
void out_trace(struct ha_core *c, const struct ha_trace *where,
	       const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void out_alert(struct ha_core *c, const char *what,
	       const struct ha_trace *where, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
struct ha_trace about_host(ha_hostid host, enum ha_trace_level level);
struct ha_trace about_vm(const struct vm_soft *vm, enum ha_trace_level level);
/* Makes it tell of a fact that is decided, or was committed. */
void about_fact(const struct ha_core *c, const struct ha_fact *f,
		struct ha_trace *t);
struct ha_trace about_cluster(enum ha_trace_level level);
const char *host_name(const struct ha_core *c, ha_hostid host);
void host_names(const struct ha_core *c, ha_hostset hosts, char *ret,
		size_t size); /* "h1 and h2" */
/* A text of lib/replica, which knows no names: "host 2" becomes "host h2". */
void name_hosts(const struct ha_core *c, const char *text, char *ret,
		size_t size);
void wake_at(struct ha_core *c, ha_time t);
uint64_t new_op(struct ha_core *c);

/* propose.c, fact_trace.c: facts on their way into the log, and out of it */
bool propose(struct ha_core *c, const struct ha_fact *fact);
void flush_facts(struct ha_core *c);
void note_committed(struct ha_core *c, const struct ha_entry *entry);
void fact_trace(struct ha_core *c, const struct ha_entry *entry,
		const struct ha_fact *f);

/* staged.c: configurations at hand */
void staged_add(struct ha_core *c, const struct ha_config *config);
const struct ha_config *staged_config(const struct ha_core *c,
				      const struct ha_hash *hash);

/* soft.c: the VM tables follow the committed ones */
void soft_sync(struct ha_core *c);
void soft_new_epoch(struct ha_core *c);
struct vm_soft *soft_vm(struct ha_core *c, const struct ha_uuid *uuid);
void soft_set_config(struct ha_core *c);

/* engine.c, check.c: between core and replica */
bool core_check_log(const struct ha_core *c, char *ret_broken);
void engine_event(struct ha_core *c, const struct ha_rev *ev);
void engine_drain(struct ha_core *c);

/* member.c, fence.c: decisions of the coordinator; about VMs: see pool.h */
void member_on_view(struct ha_core *c, const struct ha_event *ev);
void member_on_host(struct ha_core *c, const struct ha_msg *msg);
void member_fact(struct ha_core *c, const struct ha_fact *fact);
void member_run(struct ha_core *c);
void member_decide(struct ha_core *c);
bool member_awaited(struct ha_core *c);
bool host_usable(const struct ha_core *c, ha_hostid host, const char **ret_why);
/* As configured, else as it says itself; 0: unknown. */
struct ha_host_size host_size(const struct ha_core *c, ha_hostid host);
/* What of it VMs may have, all of them together. */
struct ha_host_size host_room(const struct ha_core *c, ha_hostid host);
bool host_is_lost(const struct ha_core *c, ha_hostid host);
/* It owns VMs; or a copy may run there that keeps a VM from being started. */
bool host_keeps_vms(const struct ha_core *c, ha_hostid host);
bool host_owns(const struct ha_core *c, ha_hostid host);
void fence_decide(struct ha_core *c);
uint64_t fence_new_number(struct ha_core *c); /* of an attempt to come */
void fence_run(struct ha_core *c); /* this host's own jobs */
void fence_fact(struct ha_core *c, const struct ha_fact *fact);
void fence_new_epoch(struct ha_core *c);
bool fence_result(struct ha_core *c, uint64_t op, const struct ha_event *ev);
void fence_on_fenced(struct ha_core *c, const struct ha_msg *msg);

/* local.c: this host runs what it owns; what it sees it tells: see report.h */
void local_inventory(struct ha_core *c, const struct ha_event *ev);
void local_domain(struct ha_core *c, const struct ha_domain *d);
bool local_result(struct ha_core *c, const struct ha_event *ev);
void local_agent(struct ha_core *c, const struct ha_event *ev);
void local_run(struct ha_core *c);
bool local_owns(const struct ha_core *c, const struct ha_vm_state *v);

/* command.c */
void command_arrive(struct ha_core *c, const struct ha_command *cmd);
void command_forget(struct ha_core *c, uint64_t id);
void command_request(struct ha_core *c, const struct ha_command *cmd);
void command_answer(struct ha_core *c, const struct ha_answer *answer);
void command_fact(struct ha_core *c, const struct ha_fact *fact);
void command_new_epoch(struct ha_core *c);
void command_run(struct ha_core *c);

#endif
