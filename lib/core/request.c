/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Admin commands at the coordinator: refused, already so, or made into a fact
 * whose commit is the answer. A fact carries the command's id in `number` and
 * its origin in `by`; VM_STOP and VM_RELEASE, whose `number` is the ownership,
 * carry it in `boot`.
 */
#include "core/aside.h"
#include "core/pool.h"
#include "core/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

static void answer(struct ha_core *c, const struct ha_command *cmd, int code,
		   const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void answer(struct ha_core *c, const struct ha_command *cmd, int code,
		   const char *fmt, ...)
{
	struct ha_msg *m = out_msg(c, HA_MSG_ANSWER);
	va_list ap;

	m->answer.id = cmd->id;
	m->answer.origin = cmd->origin;
	m->answer.code = code;
	va_start(ap, fmt);
	vsnprintf(m->answer.text, sizeof(m->answer.text), fmt, ap);
	va_end(ap);
}

static struct ha_fact command_as_fact(const struct ha_command *cmd,
				      enum ha_fact_kind kind)
{
	struct ha_fact f;

	memset(&f, 0, sizeof(f));
	f.kind = kind;
	f.host = cmd->host;
	f.by = cmd->origin;
	f.number = cmd->id;
	f.vm = cmd->vm;
	return f;
}

static void submit(struct ha_core *c, const struct ha_command *cmd,
		   const struct ha_fact *f)
{
	struct ha_trace t = about_cluster(HA_TRACE_NOTICE);
	const struct ha_vm_conf *vm = ha_config_vm(c->config, &cmd->vm);

	t.topic = vm ? HA_TOPIC_VM : t.topic;
	t.vm = cmd->vm;
	t.host = cmd->host;
	if (f->kind == HA_FACT_FENCE) {
		t.fence = HA_TRACE_FENCE_ASKED;
		t.by = f->by;
		t.attempt = f->number;
	} else if (f->kind == HA_FACT_PROOF) {
		t.fence = HA_TRACE_FENCE_CONFIRMED;
		t.by = f->by;
	}
	if (!propose(c, f)) {
		answer(c, cmd, HA_E_BUSY, "the cluster is busy with another "
		       "change; try again");
		return;
	}
	about_fact(c, f, &t);
	out_trace(c, &t, "admin on %s: %s %s", host_name(c, cmd->origin),
		  ha_command_name(cmd->verb),
		  vm ? vm->name
		     : cmd->host ? host_name(c, cmd->host) : "");
}

/* With its beginning alone if it is too long: how to go on must be read. */
static void refuse_admission(struct ha_core *c, const struct ha_command *cmd,
			     const char *why)
{
	static const char before[] = "admission control: ";
	static const char cut[] = " ...";
	static const char after[] = "; to do it all the same: --force";
	const size_t room = HA_TEXT_MAX - (sizeof(before) - 1) -
			    (sizeof(after) - 1);
	bool fits = strlen(why) <= room;

	answer(c, cmd, HA_E_REFUSED, "%s%.*s%s%s", before,
	       (int)(fits ? room : room - (sizeof(cut) - 1)), why,
	       fits ? "" : cut, after);
}

/* Refused, unless the admin insists; that is recorded with the fact. */
static bool is_admitted(struct ha_core *c, const struct ha_command *cmd,
			const struct admission_change *change,
			struct ha_fact *f)
{
	struct ha_trace t = about_cluster(HA_TRACE_WARNING);
	char why[HA_TEXT_MAX + 1];
	bool allowed = admission_allows(c, change, why);

	if (!allowed && !cmd->force) {
		refuse_admission(c, cmd, why);
		return false;
	}
	if (why[0] != '\0') {
		t.vm = cmd->vm;
		t.host = cmd->host;
		snprintf(f->text, sizeof(f->text), "%s admission control",
			 allowed ? "with a warning of"
				 : "forced, against");
		out_trace(c, &t, "admin on %s: %s, %s: %s",
			  host_name(c, cmd->origin), ha_command_name(cmd->verb),
			  f->text, why);
	}
	return true;
}

/* --- about the cluster --- */

static void set_flag(struct ha_core *c, const struct ha_command *cmd,
		     enum ha_fact_kind kind, bool on)
{
	bool is = kind == HA_FACT_DISARM ? c->state->disarmed
					 : c->state->stopped;
	struct ha_fact f = command_as_fact(cmd, kind);

	if (is == on && !in_doubt(c)) {
		answer(c, cmd, 0, "the cluster is %s already",
		       kind == HA_FACT_DISARM ? on ? "disarmed" : "armed"
		       : on		      ? "stopped" : "started");
		return;
	}
	f.code = on;
	submit(c, cmd, &f);
}

/* A host may go from the configuration only if it can do no harm any more. */
static bool may_remove_host(struct ha_core *c, const struct ha_command *cmd,
			    ha_hostid host)
{
	const struct ha_host_state *s = host_state(c, host);

	if (ha_host_in(c->epoch.members, host) && !s->left) {
		answer(c, cmd, HA_E_REFUSED, "host %s is a member; let it "
		       "leave first: hactl host leave %s", host_name(c, host),
		       host_name(c, host));
		return false;
	}
	if (c->hosts[host - 1].pending > 0) {
		answer(c, cmd, HA_E_BUSY, "a change of host %s is under way; "
		       "try again", host_name(c, host));
		return false;
	}
	if (host == self(c)) {
		/* only it would know that it was committed, and be gone */
		answer(c, cmd, HA_E_REFUSED, "host %s coordinates the cluster "
		       "now; there run: systemctl stop hacd, then remove it on "
		       "another host", host_name(c, host));
		return false;
	}
	if ((s->admitted != 0 || host_keeps_vms(c, host)) &&
	    s->proof == HA_PROOF_NONE) {
		answer(c, cmd, HA_E_REFUSED, "host %s is not proven down; "
		       "fence it first: hactl fence host %s",
		       host_name(c, host), host_name(c, host));
		return false;
	}
	return true;
}

static bool check_hosts(struct ha_core *c, const struct ha_command *cmd,
			const struct ha_config *next, ha_hostid *ret_removed)
{
	ha_hostset gone = ha_config_hostset(c->config) &
			  ~ha_config_hostset(next);

	*ret_removed = ha_hostset_first(gone);
	if (ha_hostset_count(gone) > 1) {
		answer(c, cmd, HA_E_REFUSED, "it removes %u hosts; remove one "
		       "at a time", ha_hostset_count(gone));
		return false;
	}
	return gone == 0 || may_remove_host(c, cmd, *ret_removed);
}

static bool check_vms(struct ha_core *c, const struct ha_command *cmd,
		      const struct ha_config *next)
{
	for (uint32_t i = 0; i < c->vm_count; i++) {
		const struct ha_vm_state *v = &c->state->vms[i];
		const struct vm_soft *vm = &c->vms[i];

		if (ha_config_vm(next, &v->uuid)) {
			continue;
		}
		if (v->owner != HA_HOST_NONE || v->copies != 0 ||
		    vm->running != 0 || vm->pending > 0) {
			answer(c, cmd, HA_E_REFUSED, "it removes vm %s, which "
			       "is not stopped; first: hactl vm stop %s",
			       vm->conf ? vm->conf->name : "(unnamed)",
			       vm->conf ? vm->conf->name : "(unnamed)");
			return false;
		}
	}
	return true;
}

static void apply_config(struct ha_core *c, const struct ha_command *cmd)
{
	struct ha_fact f = command_as_fact(cmd, HA_FACT_CONFIG);
	const struct ha_config *next = staged_config(c, &cmd->hash);
	const struct admission_change change = { .config = next };

	if (ha_hash_equal(&cmd->hash, &c->state->config)) {
		answer(c, cmd, 0, "nothing to do: configuration %llu, which is "
		       "in force, says just this",
		       (unsigned long long)c->state->config_version);
		return;
	}
	if (c->global_pending > 0) {
		return; /* the command is sent again */
	}
	if (cmd->base_version != c->state->config_version) {
		answer(c, cmd, HA_E_STALE, "it is based on version %llu, but "
		       "version %llu is current; look at: hactl config diff, "
		       "and apply it again",
		       (unsigned long long)cmd->base_version,
		       (unsigned long long)c->state->config_version);
		return;
	}
	if (!next) {
		out_msg(c, HA_MSG_WANT_BODY)->body = cmd->hash;
		return; /* the command is sent again */
	}
	if (!check_hosts(c, cmd, next, &f.host) || !check_vms(c, cmd, next)) {
		return;
	}
	if (!is_admitted(c, cmd, &change, &f)) {
		return;
	}
	f.hash = cmd->hash;
	f.code = cmd->who;
	f.number = c->state->config_version + 1;
	submit(c, cmd, &f);
}

/* --- about a host --- */

static void maintenance(struct ha_core *c, const struct ha_command *cmd)
{
	struct ha_fact f = command_as_fact(cmd, HA_FACT_MAINTENANCE);
	const struct admission_change change = {
		.leaving = ha_host_bit(cmd->host) };

	if (host_state(c, cmd->host)->maintenance == cmd->on) {
		answer(c, cmd, 0, "host %s is %s already",
		       host_name(c, cmd->host),
		       cmd->on ? "in maintenance" : "out of maintenance");
		return;
	}
	if (cmd->on && !is_admitted(c, cmd, &change, &f)) {
		return;
	}
	f.code = cmd->on;
	submit(c, cmd, &f);
}

static void leave(struct ha_core *c, const struct ha_command *cmd)
{
	struct ha_fact f = command_as_fact(cmd, HA_FACT_LEAVING);
	const struct ha_host_state *s = host_state(c, cmd->host);
	const struct host_soft *h = &c->hosts[cmd->host - 1];

	bool here = ha_host_in(c->epoch.members, cmd->host);

	if (s->left && s->leaving == 0 && (!here || h->stays_out)) {
		answer(c, cmd, 0, "host %s has left already",
		       host_name(c, cmd->host));
	} else if (!here) {
		answer(c, cmd, HA_E_REFUSED, "hacd on host %s is not here, so "
		       "it cannot leave in good order; see: hactl status",
		       host_name(c, cmd->host));
	} else if (!h->heard) {
		answer(c, cmd, HA_E_BUSY, "host %s has just come and not yet "
		       "said what it runs; try again",
		       host_name(c, cmd->host));
	} else if (s->leaving != h->boot) {
		f.boot = h->boot;
		submit(c, cmd, &f);
	}
}

static void stay(struct ha_core *c, const struct ha_command *cmd)
{
	struct ha_fact f = command_as_fact(cmd, HA_FACT_STAY);
	const struct ha_host_state *s = host_state(c, cmd->host);

	if (s->leaving == 0 && !s->left) {
		answer(c, cmd, 0, "host %s is not leaving",
		       host_name(c, cmd->host));
		return;
	}
	submit(c, cmd, &f);
}

static void fence_host(struct ha_core *c, const struct ha_command *cmd)
{
	struct ha_fact f = command_as_fact(cmd, HA_FACT_FENCE);
	const struct ha_host_state *s = host_state(c, cmd->host);

	if (s->proof != HA_PROOF_NONE &&
	    !ha_host_in(c->members, cmd->host)) {
		answer(c, cmd, 0, "host %s is proven down already: %s",
		       host_name(c, cmd->host),
		       ha_proof_text((enum ha_proof)s->proof));
		return;
	}
	if (ha_host_in(c->hacds, cmd->host)) {
		answer(c, cmd, HA_E_REFUSED, "host %s is a working member; "
		       "use: hactl host maintenance on %s, or stop its hacd "
		       "first", host_name(c, cmd->host),
		       host_name(c, cmd->host));
		return;
	}
	if (aside_leaves_host(c, cmd->host)) {
		answer(c, cmd, HA_E_REFUSED, "host %s is left alone, since "
		       "hacd crashed over it; switch it off by hand and use: "
		       "hactl fence confirm %s --yes-host-is-off=%s",
		       host_name(c, cmd->host), host_name(c, cmd->host),
		       host_name(c, cmd->host));
		return;
	}
	if (s->fence_number != 0 || c->hosts[cmd->host - 1].pending > 0) {
		return; /* answered by the end of that attempt */
	}
	f.by = self(c);
	f.code = FENCE_CODE_ADMIN;
	f.number = fence_new_number(c);
	submit(c, cmd, &f);
}

static void fence_confirm(struct ha_core *c, const struct ha_command *cmd)
{
	struct ha_fact f = command_as_fact(cmd, HA_FACT_PROOF);
	const struct ha_host_state *s = host_state(c, cmd->host);

	if (ha_host_in(c->members, cmd->host)) {
		answer(c, cmd, HA_E_REFUSED, "host %s answers on the network: "
		       "it is not off", host_name(c, cmd->host));
		return;
	}
	if (s->proof != HA_PROOF_NONE &&
	    !ha_host_in(ha_replica_unproven(c->replica), cmd->host)) {
		answer(c, cmd, 0, "host %s is proven down already: %s",
		       host_name(c, cmd->host),
		       ha_proof_text((enum ha_proof)s->proof));
		return;
	}
	f.code = HA_PROOF_ADMIN;
	f.boot = s->boot;
	submit(c, cmd, &f);
}

/* --- about a VM --- */

static void want(struct ha_core *c, const struct ha_command *cmd,
		 const struct ha_vm_state *v, enum ha_wanted wanted)
{
	struct ha_fact f = command_as_fact(cmd, HA_FACT_VM_WANTED);
	const struct admission_change change = {
		.vm = ha_config_vm(c->config, &cmd->vm) };

	if (v->wanted == (uint32_t)wanted && v->waits_for == HA_HOST_NONE &&
	    v->failures == 0) {
		answer(c, cmd, 0, "it is wanted %s already%s",
		       wanted == HA_WANTED_RUNNING ? "running" : "stopped",
		       wanted == HA_WANTED_RUNNING && c->state->stopped
			       ? "; the cluster is stopped, it starts with: "
				 "hactl cluster start" : "");
		return;
	}
	f.host = HA_HOST_NONE;
	f.code = wanted;
	if (wanted == HA_WANTED_RUNNING && v->owner == HA_HOST_NONE &&
	    !is_admitted(c, cmd, &change, &f)) {
		return;
	}
	if (wanted == HA_WANTED_RUNNING && c->state->disarmed) {
		snprintf(f.text, sizeof(f.text),
			 "it starts when the cluster is armed");
	}
	submit(c, cmd, &f);
}

static void restart(struct ha_core *c, const struct ha_command *cmd,
		    const struct ha_vm_state *v)
{
	struct ha_fact f = command_as_fact(cmd, HA_FACT_VM_STOP);

	if (v->owner == HA_HOST_NONE || v->wanted != HA_WANTED_RUNNING) {
		answer(c, cmd, HA_E_REFUSED, "it does not run; start it with: "
		       "hactl vm start");
		return;
	}
	if (v->stop != HA_WHY_NONE) {
		answer(c, cmd, 0, "it is being stopped already");
		return;
	}
	f.host = v->owner;
	f.number = v->gen;
	f.boot = cmd->id;
	f.code = HA_WHY_RESTART;
	submit(c, cmd, &f);
}

static void move(struct ha_core *c, const struct ha_command *cmd,
		 const struct ha_vm_state *v)
{
	struct ha_fact f = command_as_fact(cmd, HA_FACT_VM_MOVE);
	const struct ha_choose_how how = { .recovery = true,
					   .only = ha_host_bit(cmd->host) };
	const struct admission_change change = {
		.vm = ha_config_vm(c->config, &cmd->vm), .host = cmd->host };
	char missing[HA_TEXT_MAX + 1];
	const char *why;

	if (v->wanted != HA_WANTED_RUNNING) {
		answer(c, cmd, HA_E_REFUSED, "it is not wanted running; start "
		       "it first: hactl vm start");
		return;
	}
	if (v->owner == cmd->host && v->stop == HA_WHY_NONE) {
		answer(c, cmd, 0, "it is on %s already",
		       host_name(c, cmd->host));
		return;
	}
	if (!host_usable(c, cmd->host, &why)) {
		answer(c, cmd, HA_E_REFUSED, "host %s cannot take it: it %s",
		       host_name(c, cmd->host), why);
		return;
	}
	pool_fill(c);
	if (pool_find(c, (uint32_t)(v - c->state->vms), &how, missing) ==
	    HA_HOST_NONE) {
		answer(c, cmd, HA_E_REFUSED, "%s", missing);
		return;
	}
	if (!is_admitted(c, cmd, &change, &f)) {
		return;
	}
	submit(c, cmd, &f);
}

static void reset(struct ha_core *c, const struct ha_command *cmd,
		  const struct ha_vm_state *v)
{
	struct ha_fact f = command_as_fact(cmd, HA_FACT_VM_RESET);

	if (v->failures == 0 && v->avoid == 0 &&
	    !aside_leaves(c, (uint32_t)(v - c->state->vms))) {
		answer(c, cmd, 0, "it has no failed starts to forget");
		return;
	}
	f.host = HA_HOST_NONE;
	submit(c, cmd, &f);
}

static void settle_stopped(struct ha_core *c, const struct ha_command *cmd,
			   const struct ha_vm_state *v)
{
	bool copy = ha_host_in(v->copies, cmd->host);
	struct ha_fact f = command_as_fact(cmd, copy ? HA_FACT_VM_COPY
						     : HA_FACT_VM_RELEASE);
	const struct vm_soft *vm = soft_vm(c, &cmd->vm);

	if (v->owner != cmd->host && !copy) {
		answer(c, cmd, HA_E_REFUSED, "host %s does not own it; its "
		       "owner is %s", host_name(c, cmd->host),
		       v->owner ? host_name(c, v->owner) : "nobody");
		return;
	}
	if (ha_host_in(vm->running, cmd->host)) {
		answer(c, cmd, HA_E_REFUSED, "host %s says that it runs there",
		       host_name(c, cmd->host));
		return;
	}
	if (!copy) {
		f.number = v->gen;
		f.boot = cmd->id;
		f.code = HA_WHY_SETTLED;
	}
	submit(c, cmd, &f);
}

/* May it own at all? Not before it is admitted, nor when that is about to
 * change. */
static bool may_own(const struct ha_core *c, ha_hostid host)
{
	const struct ha_host_state *s = host_state(c, host);
	const struct host_soft *h = &c->hosts[host - 1];

	return s->present && s->proof == HA_PROOF_NONE && s->boot == h->boot &&
	       h->pending == 0;
}

static void settle_runs(struct ha_core *c, const struct ha_command *cmd,
			const struct ha_vm_state *v)
{
	struct ha_fact f = command_as_fact(cmd, HA_FACT_VM_SURVEY);
	const struct vm_soft *vm = soft_vm(c, &cmd->vm);

	if (!may_own(c, cmd->host)) {
		answer(c, cmd, HA_E_REFUSED, "host %s owns no VM before it is "
		       "admitted%s", host_name(c, cmd->host),
		       c->state->stopped ? "; start the cluster first: hactl "
					   "cluster start" : "");
		return;
	}
	if (!ha_host_in(vm->running, cmd->host) ||
	    ha_hostset_count(vm->running) != 1) {
		answer(c, cmd, HA_E_REFUSED, ha_host_in(vm->running, cmd->host)
		       ? "it runs on more hosts than %s; stop it there first "
			 "(virsh destroy)" : "host %s says that it does not "
			 "run there", host_name(c, cmd->host));
		return;
	}
	if (v->owner != HA_HOST_NONE && v->owner != cmd->host &&
	    (!ha_host_in(c->epoch.members, v->owner) ||
	     !c->hosts[v->owner - 1].reported)) {
		answer(c, cmd, HA_E_REFUSED, "its owner %s has not said that "
		       "it does not run it", host_name(c, v->owner));
		return;
	}
	f.boot = c->hosts[cmd->host - 1].boot;
	submit(c, cmd, &f);
}

static void decide_command(struct ha_core *c, const struct ha_command *cmd,
			   const struct ha_vm_state *v)
{
	if (cmd->verb == HA_CMD_VM_START) {
		want(c, cmd, v, HA_WANTED_RUNNING);
	} else if (cmd->verb == HA_CMD_VM_STOP) {
		want(c, cmd, v, HA_WANTED_STOPPED);
	} else if (cmd->verb == HA_CMD_VM_RESTART) {
		restart(c, cmd, v);
	} else if (!ha_config_host(c->config, cmd->host)) {
		answer(c, cmd, HA_E_NOT_FOUND, "there is no such host");
	} else if (cmd->verb == HA_CMD_VM_MOVE) {
		move(c, cmd, v);
	} else if (cmd->verb == HA_CMD_VM_SETTLE_STOPPED) {
		settle_stopped(c, cmd, v);
	} else {
		settle_runs(c, cmd, v);
	}
}

static void vm_command(struct ha_core *c, const struct ha_command *cmd)
{
	const struct ha_vm_state *v = ha_state_vm(c->state, &cmd->vm);
	const struct ha_vm_conf *conf = ha_config_vm(c->config, &cmd->vm);
	uint32_t i = v ? (uint32_t)(v - c->state->vms) : 0;

	if (!v || !conf) {
		answer(c, cmd, HA_E_NOT_FOUND, "there is no such vm");
	} else if (cmd->verb == HA_CMD_VM_RESET) {
		reset(c, cmd, v);
	} else if (v->aside != 0) {
		answer(c, cmd, HA_E_REFUSED, "it is set aside, since hacd "
		       "crashed over it; when the cause is gone: hactl vm reset "
		       "%s", conf->name);
	} else if (aside_leaves(c, i)) {
		answer(c, cmd, HA_E_BUSY, "hacd crashed over it just now; "
		       "whether it is set aside is known in a moment, try "
		       "again");
	} else {
		aside_begin(c, i);
		decide_command(c, cmd, v);
		aside_end(c);
	}
}

static void host_command(struct ha_core *c, const struct ha_command *cmd)
{
	if (cmd->host < 1 || cmd->host > HA_HOSTS_MAX ||
	    !ha_config_host(c->config, cmd->host)) {
		answer(c, cmd, HA_E_NOT_FOUND, "there is no such host");
	} else if (cmd->verb == HA_CMD_HOST_MAINTENANCE) {
		maintenance(c, cmd);
	} else if (cmd->verb == HA_CMD_HOST_LEAVE) {
		leave(c, cmd);
	} else if (cmd->verb == HA_CMD_HOST_STAY) {
		stay(c, cmd);
	} else if (cmd->verb == HA_CMD_FENCE_HOST) {
		fence_host(c, cmd);
	} else {
		fence_confirm(c, cmd);
	}
}

/* In doubt only what leads out of it is taken: by the committed state, anything
 * else could be answered or checked wrongly. */
static bool leads_out(enum ha_verb verb)
{
	return verb == HA_CMD_ARM || verb == HA_CMD_FENCE_CONFIRM;
}

void command_request(struct ha_core *c, const struct ha_command *cmd)
{
	if (!is_coordinator(c) || !c->config) {
		return;
	}
	if (c->frozen) {
		answer(c, cmd, HA_E_REFUSED, "the coordinator %s is frozen; "
		       "there run: hactl host unfreeze",
		       host_name(c, self(c)));
		return;
	}
	if (in_doubt(c) && !leads_out(cmd->verb)) {
		answer(c, cmd, HA_E_NO_QUORUM, "exactly half of the hosts are "
		       "here; the others must be proven down first, look at: "
		       "hactl status");
		return;
	}
	if (is_behind(c) && !in_doubt(c)) {
		answer(c, cmd, HA_E_BUSY, "the coordinator %s has just come, "
		       "and waits for a configuration that the others have; "
		       "try again", host_name(c, self(c)));
		return;
	}
	switch (cmd->verb) {
	case HA_CMD_CONFIG_APPLY:
		apply_config(c, cmd);
		break;
	case HA_CMD_CLUSTER_STOP:
		set_flag(c, cmd, HA_FACT_CLUSTER_STOP, true);
		break;
	case HA_CMD_CLUSTER_START:
		set_flag(c, cmd, HA_FACT_CLUSTER_STOP, false);
		break;
	case HA_CMD_DISARM:
		set_flag(c, cmd, HA_FACT_DISARM, true);
		break;
	case HA_CMD_ARM:
		set_flag(c, cmd, HA_FACT_DISARM, false);
		break;
	case HA_CMD_HOST_MAINTENANCE:
	case HA_CMD_HOST_LEAVE:
	case HA_CMD_HOST_STAY:
	case HA_CMD_FENCE_HOST:
	case HA_CMD_FENCE_CONFIRM:
		host_command(c, cmd);
		break;
	case HA_CMD_VM_START:
	case HA_CMD_VM_STOP:
	case HA_CMD_VM_RESTART:
	case HA_CMD_VM_MOVE:
	case HA_CMD_VM_RESET:
	case HA_CMD_VM_SETTLE_STOPPED:
	case HA_CMD_VM_SETTLE_RUNS:
		vm_command(c, cmd);
		break;
	case HA_CMD_NONE:
	case HA_CMD_CLUSTER_CREATE:
	case HA_CMD_ACCEPT_LOSS:
	case HA_CMD_HOST_UNFREEZE:
	case HA_CMD_COUNT:
		answer(c, cmd, HA_E_SYNTAX, "no such command");
		break;
	}
}
