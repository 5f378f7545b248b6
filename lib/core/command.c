/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Admin commands at the host where they come in: kept until answered, sent to
 * the coordinator in each epoch. What the coordinator makes of them is in
 * request.c.
 */
#include "core/command.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/err.h"
#include "core/aside.h"
#include "core/rules.h"
#include "core/state_apply.h"

#define PATIENCE HA_S(15)  /* without an epoch */
#define SEND_AGAIN HA_S(1) /* its body may still be on its way */

static void finish(struct ha_core *c, struct request *r, int code,
		   const char *fmt, ...) __attribute__((format(printf, 4, 5)));

static void finish(struct ha_core *c, struct request *r, int code,
		   const char *fmt, ...)
{
	struct ha_action *a = out_action(c, HA_ACT_ANSWER);
	va_list ap;

	a->answer.id = r->command.id;
	a->answer.origin = self(c);
	a->answer.code = code;
	va_start(ap, fmt);
	vsnprintf(a->answer.text, sizeof(a->answer.text), fmt, ap);
	va_end(ap);
	r->used = false;
}

static bool is_empty(const struct ha_core *c)
{
	return ha_hash_is_none(&c->state->config);
}

static void create_cluster(struct ha_core *c, struct request *r)
{
	const struct ha_config *config = staged_config(c, &r->command.hash);
	int rc;

	if (!is_empty(c)) {
		finish(c, r, HA_E_EXISTS, "this host already belongs to a "
		       "cluster; change it with: hactl config apply");
		return;
	}
	if (!config || !ha_config_host(config, self(c))) {
		finish(c, r, HA_E_REFUSED, "the configuration does not name "
		       "this host: no host has id %u; add it, with its "
		       "corosync node id", self(c));
		return;
	}
	rc = ha_replica_found(c->replica, r->command.cluster,
			      &r->command.hash);
	if (rc != 0) {
		finish(c, r, rc, "a cluster cannot be created now: %s",
		       ha_replica_why(c->replica));
		return;
	}
	ha_state_found(c->state, config, ha_replica_base(c->replica)->index);
	soft_sync(c);
	engine_drain(c);
	r->founds = true;
}

/* Corosync grants its quorum by a count of votes of its own: it is told that
 * those given up do not count, but only if that makes everybody accounted
 * for. */
static void expect_fewer(struct ha_core *c, struct request *r)
{
	ha_hostset all = c->config ? ha_config_hostset(c->config) : 0;
	ha_hostset lost = r->command.hosts;
	ha_hostset missing = all & ~lost & ~c->members;
	struct ha_trace t = about_cluster(HA_TRACE_WARNING);

	if ((lost & c->members) != 0) {
		finish(c, r, HA_E_REFUSED, "host %s is no loss: it answers",
		       host_name(c, ha_hostset_first(lost & c->members)));
	} else if (missing != 0) {
		finish(c, r, HA_E_REFUSED, "host %s is missing, too: bring it "
		       "back, or name it as a loss as well, if it is off and "
		       "gone for good", host_name(c, ha_hostset_first(missing)));
	} else if (!r->expects && c->members != 0) {
		r->expects = true;
		out_action(c, HA_ACT_EXPECT_VOTES)->votes =
			ha_hostset_count(all & ~lost);
		out_trace(c, &t, "admin on %s: cluster start --accept-loss -> "
			  "corosync is to count on %u hosts",
			  host_name(c, self(c)), ha_hostset_count(all & ~lost));
	}
}

static void accept_loss(struct ha_core *c, struct request *r)
{
	int rc;

	if (is_empty(c) || c->open) {
		finish(c, r, HA_E_REFUSED,
		       c->open ? "the cluster has its quorum: nothing needs to "
				 "be given up; remove hosts with: hactl host "
				 "remove"
			       : "this host holds no cluster's state");
		return;
	}
	if (!c->quorate) {
		expect_fewer(c, r);
		return; /* again when it is, or its time is over */
	}
	rc = ha_replica_accept_loss(c->replica, r->command.hosts,
				    r->command.cluster);
	if (rc != 0 && r->expects && c->now < r->deadline) {
		return; /* those present have not said yet what they hold */
	}
	if (rc != 0) {
		finish(c, r, rc, "the loss cannot be accepted: %s",
		       ha_replica_why(c->replica));
		return;
	}
	engine_drain(c);
	r->founds = true;
}

static void unfreeze(struct ha_core *c, struct request *r)
{
	struct ha_trace t = about_host(self(c), HA_TRACE_NOTICE);
	bool was = c->frozen;

	c->frozen = false;
	ha_replica_set_passive(c->replica, false);
	c->want_host_msg = true;
	if (was) {
		out_trace(c, &t, "host %s: unfrozen by the admin",
			  host_name(c, self(c)));
	}
	finish(c, r, 0, was ? "this host decides and acts again"
			    : "it was not frozen");
}

static struct request *free_request(struct ha_core *c)
{
	for (size_t i = 0; i < HA_REQUESTS_MAX; i++) {
		if (!c->requests[i].used) {
			return &c->requests[i];
		}
	}
	return NULL;
}

void command_arrive(struct ha_core *c, const struct ha_command *cmd)
{
	struct request *r = free_request(c);
	struct request none = { .command = *cmd };

	if (!r) {
		finish(c, &none, HA_E_BUSY, "too many commands are waiting "
		       "here; try again");
		return;
	}
	memset(r, 0, sizeof(*r));
	r->used = true;
	r->command = *cmd;
	r->command.origin = self(c);
	r->deadline = c->now + PATIENCE;
	r->again_at = HA_TIME_NEVER;
	if (cmd->verb == HA_CMD_CLUSTER_CREATE) {
		create_cluster(c, r);
	} else if (cmd->verb == HA_CMD_ACCEPT_LOSS) {
		accept_loss(c, r);
	} else if (cmd->verb == HA_CMD_HOST_UNFREEZE) {
		unfreeze(c, r);
	} else if (cmd->verb <= HA_CMD_NONE || cmd->verb >= HA_CMD_COUNT) {
		finish(c, r, HA_E_SYNTAX, "no such command");
	} else if (is_empty(c)) {
		/* kept, it would be done in whatever cluster begins next */
		finish(c, r, HA_E_REFUSED, "this host belongs to no cluster "
		       "yet; on one host run: hactl cluster create FILE; or "
		       "wait until it has joined one");
	}
}

/* Its tool is gone: nobody hears of it if it is done later. What was sent is
 * under way, and stays. */
void command_forget(struct ha_core *c, uint64_t id)
{
	for (size_t i = 0; i < HA_REQUESTS_MAX; i++) {
		struct request *r = &c->requests[i];

		if (r->used && r->command.id == id && !r->tried && !r->founds) {
			r->used = false;
		}
	}
}

void command_answer(struct ha_core *c, const struct ha_answer *answer)
{
	if (answer->origin != self(c)) {
		return;
	}
	for (size_t i = 0; i < HA_REQUESTS_MAX; i++) {
		struct request *r = &c->requests[i];

		if (r->used && r->command.id == answer->id) {
			finish(c, r, answer->code, "%s", answer->text);
			return;
		}
	}
}

void command_new_epoch(struct ha_core *c)
{
	for (size_t i = 0; i < HA_REQUESTS_MAX; i++) {
		c->requests[i].sent = false;
	}
}

/* The id of the command that a fact came from; see request.c. */
static uint64_t request_of(const struct ha_fact *f)
{
	switch ((enum ha_fact_kind)f->kind) {
	case HA_FACT_VM_STOP:
	case HA_FACT_VM_RELEASE:
		return f->boot;
	case HA_FACT_DISARM:
	case HA_FACT_CLUSTER_STOP:
	case HA_FACT_STAY:
	case HA_FACT_MAINTENANCE:
	case HA_FACT_VM_WANTED:
	case HA_FACT_VM_SURVEY:
	case HA_FACT_VM_MOVE:
	case HA_FACT_VM_RESET:
	case HA_FACT_VM_COPY:
		return f->number;
	case HA_FACT_PROOF:
		return f->code == HA_PROOF_ADMIN ? f->number : 0;
	case HA_FACT_NONE:
	case HA_FACT_CONFIG:
	case HA_FACT_ADMIT:
	case HA_FACT_FENCE:
	case HA_FACT_FENCE_END:
	case HA_FACT_LEAVING:
	case HA_FACT_LEFT:
	case HA_FACT_VM_OWNER:
	case HA_FACT_VM_ASIDE:
	case HA_FACT_COUNT:
		break;
	}
	return 0;
}

static void fence_answer(struct ha_core *c, struct request *r,
			 const struct ha_fact *f)
{
	if (f->host != r->command.host) {
		return;
	}
	if (f->kind == HA_FACT_PROOF) {
		finish(c, r, 0, "host %s is proven down: %s",
		       host_name(c, f->host),
		       ha_proof_text((enum ha_proof)f->code));
	} else if (f->kind == HA_FACT_FENCE_END) {
		finish(c, r, HA_E_FAILED, "host %s could not be fenced: %s",
		       host_name(c, f->host),
		       f->code == HA_FENCE_ON ? "its power reads on" : f->text);
	}
}

static void check_request(struct ha_core *c, struct request *r,
			  const struct ha_fact *f)
{
	if (r->command.verb == HA_CMD_FENCE_HOST) {
		fence_answer(c, r, f);
	} else if (r->command.verb == HA_CMD_HOST_LEAVE) {
		if (f->kind == HA_FACT_LEFT && f->host == r->command.host) {
			finish(c, r, 0, "host %s has left; nobody will fence "
			       "it", host_name(c, f->host));
		} else if (f->kind == HA_FACT_STAY &&
			   f->host == r->command.host) {
			finish(c, r, HA_E_REFUSED, "the leave of host %s was "
			       "called off", host_name(c, f->host));
		}
	} else if (r->command.verb == HA_CMD_CONFIG_APPLY) {
		if (f->kind == HA_FACT_CONFIG &&
		    ha_hash_equal(&f->hash, &r->command.hash)) {
			finish(c, r, 0, "committed: configuration %llu is in "
			       "force", (unsigned long long)f->number);
		}
	} else if (f->by == self(c) && request_of(f) == r->command.id) {
		finish(c, r, 0, "%s", f->text);
	}
}

void command_fact(struct ha_core *c, const struct ha_fact *f)
{
	for (size_t i = 0; i < HA_REQUESTS_MAX; i++) {
		if (c->requests[i].used) {
			check_request(c, &c->requests[i], f);
		}
	}
}

static void send_request(struct ha_core *c, struct request *r)
{
	out_msg(c, HA_MSG_REQUEST)->request = r->command;
	r->sent = true;
	r->tried = true;
	r->again_at = r->command.verb == HA_CMD_CONFIG_APPLY
			      ? c->now + SEND_AGAIN
			      : HA_TIME_NEVER;
}

/* Nothing is kept for long that the admin may meanwhile have given up. */
static void wait_for_epoch(struct ha_core *c, struct request *r)
{
	ha_time end = c->closed_at + PATIENCE;

	if (c->now < end) {
		wake_at(c, end);
	} else if (r->tried) {
		finish(c, r, HA_E_UNKNOWN_RESULT, "the cluster stopped deciding "
		       "before it answered: this may be done or not; look "
		       "when it decides again. Now: %.120s",
		       ha_replica_why(c->replica));
	} else {
		finish(c, r, HA_E_NO_QUORUM, "the cluster cannot decide now: "
		       "%.180s", ha_replica_why(c->replica));
	}
}

/* All others are gone from the host: a shutdown need not wait any longer for
 * one that nobody will stop. */
static bool leaves_without_end(struct ha_core *c, struct request *r)
{
	ha_hostid host = r->command.host;
	const struct vm_soft *kept;

	if (r->command.verb != HA_CMD_HOST_LEAVE || host < 1 ||
	    host > HA_HOSTS_MAX || host_state(c, host)->leaving == 0 ||
	    !c->hosts[host - 1].reported) {
		return false;
	}
	kept = aside_keeps(c, host);
	if (kept) {
		finish(c, r, HA_E_REFUSED, "vm %s runs there and is set aside, "
		       "so hac does not stop it; end it on %s (virsh shutdown), "
		       "and try again", kept->conf->name, host_name(c, host));
	}
	return kept != NULL;
}

static void run_request(struct ha_core *c, struct request *r)
{
	if (r->command.verb == HA_CMD_ACCEPT_LOSS && !r->founds &&
	    c->now < r->deadline) {
		accept_loss(c, r);
		wake_at(c, r->deadline);
	} else if (c->open && r->founds) {
		finish(c, r, 0, r->expects ? "the cluster goes on without "
		       "them; take them out of corosync.conf on every host "
		       "that is left, then run: corosync-cfgtool -R" :
		       "the cluster runs");
	} else if (c->open && c->config) {
		if (leaves_without_end(c, r)) {
			return;
		}
		if (!r->sent || c->now >= r->again_at) {
			send_request(c, r);
		}
		wake_at(c, r->again_at);
	} else if (!r->founds) {
		wait_for_epoch(c, r);
	} else if (c->now >= r->deadline) {
		finish(c, r, 0, "the state is durable on this host; the "
		       "cluster runs as soon as corosync is quorate");
	} else {
		wake_at(c, r->deadline);
	}
}

void command_run(struct ha_core *c)
{
	for (size_t i = 0; i < HA_REQUESTS_MAX; i++) {
		if (c->requests[i].used) {
			run_request(c, &c->requests[i]);
		}
	}
}
