/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fencing: the coordinator decides whom, a member does it (a job), and what it
 * found becomes a fact. Only a lost host that owns VMs is fenced, one that a
 * small view needs proven, or one that the admin names.
 *
 * An attempt is in flight from its committed fact to its committed end. In a
 * small view nothing commits before the proofs: there the epoch's record is
 * the intent and the coordinator itself does it (attempt number 0).
 */
#include <stdio.h>

#include "core/aside.h"
#include "core/rules.h"

#define RETRY_MIN HA_S(2)
#define RETRY_MAX HA_S(60)
#define STATUS_RETRY HA_S(5)
#define SLACK HA_S(10) /* over the devices' own time limits */

static const struct ha_fence_level *job_level(const struct ha_core *c,
					      ha_hostid host, uint32_t level)
{
	const struct ha_host_conf *conf =
		c->config ? ha_config_host(c->config, host) : NULL;

	return conf && level < conf->level_count ? &conf->levels[level] : NULL;
}

static ha_dur level_timeout(const struct ha_core *c,
			    const struct ha_fence_level *level)
{
	ha_dur sum = 0;

	for (size_t i = 0; i < level->step_count; i++) {
		const struct ha_fence_device *d =
			&c->config->devices[level->steps[i].device];

		sum += 2 * d->timeout * (ha_dur)(d->retries + 1);
	}
	return sum;
}

static ha_dur attempt_limit(const struct ha_core *c, ha_hostid host)
{
	ha_dur sum = SLACK;
	const struct ha_fence_level *level;

	for (uint32_t i = 0; (level = job_level(c, host, i)) != NULL; i++) {
		sum += level_timeout(c, level);
	}
	return sum;
}

/* What was asked of a device is done or has failed after this. */
static ha_dur action_limit(const struct ha_core *c, ha_hostid host)
{
	ha_dur most = 0;
	const struct ha_fence_level *level;

	for (uint32_t i = 0; (level = job_level(c, host, i)) != NULL; i++) {
		for (size_t k = 0; k < level->step_count; k++) {
			most = ha_time_max(most, c->config->devices
						 [level->steps[k].device].timeout);
		}
	}
	return most;
}

static ha_dur backoff(uint32_t tries)
{
	return tries >= 5 ? RETRY_MAX
			  : ha_time_min(RETRY_MIN << tries, RETRY_MAX);
}

static struct ha_trace about_fence(ha_hostid host, enum ha_trace_fence fence,
				   ha_hostid by, uint64_t attempt)
{
	struct ha_trace t = about_host(host, fence == HA_TRACE_FENCE_FAILED
						     ? HA_TRACE_WARNING
					     : fence == HA_TRACE_FENCE_ON
						     ? HA_TRACE_INFO
						     : HA_TRACE_NOTICE);

	t.fence = fence;
	t.by = by;
	t.attempt = attempt;
	return t;
}

/* --- this host's own jobs --- */

static void end_job(struct fence_job *job, enum ha_fence_code code,
		    const char *text)
{
	job->active = false;
	job->done = true;
	job->read_off = code == HA_FENCE_OFF;
	job->told = false;
	job->op_id = 0;
	job->code = code;
	if (text != job->text) { /* the last level's stands there already */
		snprintf(job->text, sizeof(job->text), "%s", text);
	}
}

static void start_level(struct ha_core *c, ha_hostid host)
{
	struct fence_job *job = &c->jobs[host - 1];
	const struct ha_fence_level *level = job_level(c, host, job->level);
	struct ha_action *a;

	if (!level) {
		end_job(job, HA_FENCE_FAILED,
			job->level == 0 ? "no fence device is configured for it"
					: job->text);
		return;
	}
	if (!job->status_only && c->now < c->fence_from) {
		end_job(job, HA_FENCE_FAILED, "who tried it stood still");
		return;
	}
	job->op_id = new_op(c);
	a = out_action(c, HA_ACT_FENCE);
	a->fence.id = job->op_id;
	a->fence.op = job->status_only ? HA_FENCE_OP_STATUS : HA_FENCE_OP_OFF;
	a->fence.config = c->config;
	a->fence.host = ha_config_host(c->config, host);
	a->fence.level = job->level;
	a->fence.timeout = level_timeout(c, level);
}

static void begin_job(struct ha_core *c, ha_hostid host, uint64_t number,
		      bool status_only)
{
	struct fence_job *job = &c->jobs[host - 1];
	struct fence_job old = *job;

	memset(job, 0, sizeof(*job));
	job->asked = old.asked;
	job->asked_code = old.asked_code;
	job->active = true;
	job->number = number;
	job->status_only = status_only;
	job->power_on_op = old.power_on_op;
	start_level(c, host);
}

static bool wants_power_on(const struct ha_core *c, ha_hostid host,
			   uint32_t level)
{
	const struct ha_fence_level *l = job_level(c, host, level);

	for (size_t i = 0; l && i < l->step_count; i++) {
		if (c->config->devices[l->steps[i].device].power_on) {
			return true;
		}
	}
	return false;
}

/* The proof is committed: the host may be switched on again; once, and not
 * for a proof of long ago that is read from the log. */
static void power_on(struct ha_core *c, ha_hostid host)
{
	struct fence_job *job = &c->jobs[host - 1];
	struct ha_trace t = about_host(host, HA_TRACE_INFO);
	struct ha_action *a;

	if (!job->read_off || job->status_only ||
	    !wants_power_on(c, host, job->level)) {
		return;
	}
	job->read_off = false;
	job->power_on_op = new_op(c);
	a = out_action(c, HA_ACT_FENCE);
	a->fence.id = job->power_on_op;
	a->fence.op = HA_FENCE_OP_POWER_ON;
	a->fence.config = c->config;
	a->fence.host = ha_config_host(c->config, host);
	a->fence.level = job->level;
	a->fence.timeout = level_timeout(c, job_level(c, host, job->level));
	out_trace(c, &t, "host %s: proven down -> switched on again",
		  host_name(c, host));
}

/* What the coordinator decided about fencing, in the log of all members, so
 * that each can tell the history of it. */
static void tell_fact(struct ha_core *c, const struct ha_fact *f)
{
	struct ha_trace t;

	if (!c->open || is_coordinator(c)) {
		return; /* the coordinator told why it decided so */
	}
	if (f->kind == HA_FACT_FENCE) {
		t = about_fence(f->host, HA_TRACE_FENCE_ASKED, f->by,
				f->number);
		about_fact(c, f, &t);
		out_trace(c, &t, "host %s: fencing asked (attempt %llu, by %s)",
			  host_name(c, f->host), (unsigned long long)f->number,
			  host_name(c, f->by));
	} else if (f->kind == HA_FACT_FENCE_END) {
		t = about_fence(f->host, f->code == HA_FENCE_ON
						 ? HA_TRACE_FENCE_ON
						 : HA_TRACE_FENCE_FAILED,
				f->by, f->number);
		about_fact(c, f, &t);
		out_trace(c, &t, "host %s: attempt %llu ended: %s",
			  host_name(c, f->host), (unsigned long long)f->number,
			  f->code == HA_FENCE_ON ? "power reads on" : f->text);
	} else if (f->kind == HA_FACT_PROOF && f->code == HA_PROOF_POWER) {
		t = about_fence(f->host, HA_TRACE_FENCE_OFF, f->by,
				f->number);
		about_fact(c, f, &t);
		out_trace(c, &t, "host %s: power reads off",
			  host_name(c, f->host));
	} else if (f->kind == HA_FACT_PROOF && f->code == HA_PROOF_ADMIN) {
		t = about_fence(f->host, HA_TRACE_FENCE_CONFIRMED, f->by, 0);
		about_fact(c, f, &t);
		out_trace(c, &t, "host %s: off by the admin's word",
			  host_name(c, f->host));
	} else if (f->kind == HA_FACT_PROOF) {
		t = about_host(f->host, HA_TRACE_NOTICE);
		about_fact(c, f, &t);
		out_trace(c, &t, "host %s: proven down: %s",
			  host_name(c, f->host),
			  ha_proof_text((enum ha_proof)f->code));
	}
}

void fence_fact(struct ha_core *c, const struct ha_fact *f)
{
	struct host_soft *h;

	if (f->host < 1 || f->host > HA_HOSTS_MAX) {
		return;
	}
	tell_fact(c, f);
	h = &c->hosts[f->host - 1];
	if (f->kind == HA_FACT_PROOF) {
		h->proven_at = c->now;
	}
	if (f->kind == HA_FACT_FENCE) {
		h->fence_started = c->now;
		if (f->by == self(c) && c->open) {
			c->jobs[f->host - 1].asked = f->number;
			c->jobs[f->host - 1].asked_code =
				(enum fence_code)f->code;
		}
	} else if (f->kind == HA_FACT_FENCE_END) {
		h->retry_at = c->now + (f->code == HA_FENCE_ON
						? STATUS_RETRY
						: backoff(host_state(c, f->host)
								  ->fence_tries));
	} else if (f->kind == HA_FACT_PROOF && f->code == HA_PROOF_POWER &&
		   f->by == self(c)) {
		power_on(c, f->host);
	}
}

/* An attempt of a small view is of its epoch alone: by the next one its target
 * may have been back, and what its device said then proves nothing now. */
static void drop_small_job(struct ha_core *c, struct fence_job *job)
{
	if (job->number != 0) {
		return;
	}
	if (job->op_id != 0) {
		out_action(c, HA_ACT_CANCEL)->cancel = job->op_id;
	}
	job->op_id = 0;
	job->active = false;
	job->done = false;
}

void fence_new_epoch(struct ha_core *c)
{
	c->fence_given = 0;
	for (size_t i = 0; i < HA_HOSTS_MAX; i++) {
		drop_small_job(c, &c->jobs[i]);
		c->jobs[i].told = false;
		c->hosts[i].fence_started = c->now;
	}
}

bool fence_result(struct ha_core *c, uint64_t op, const struct ha_event *ev)
{
	for (ha_hostid host = 1; host <= HA_HOSTS_MAX; host++) {
		struct fence_job *job = &c->jobs[host - 1];
		struct ha_trace t = about_host(host, HA_TRACE_WARNING);

		if (job->power_on_op == op) {
			job->power_on_op = 0;
			if (ev->result.code != HA_FENCE_ON) {
				out_trace(c, &t, "host %s: could not be "
					  "switched on again: %s",
					  host_name(c, host), ev->result.text);
			}
			return true;
		}
		if (job->op_id != op) {
			continue;
		}
		job->op_id = 0;
		if (ev->result.code != HA_FENCE_FAILED) {
			end_job(job, (enum ha_fence_code)ev->result.code, "");
			return true;
		}
		out_trace(c, &t, "host %s: fence level %u failed: %s",
			  host_name(c, host), job->level + 1, ev->result.text);
		snprintf(job->text, sizeof(job->text), "%.63s",
			 ev->result.text);
		job->level++;
		start_level(c, host);
		return true;
	}
	return false;
}

static void tell_result(struct ha_core *c, ha_hostid host)
{
	struct fence_job *job = &c->jobs[host - 1];
	struct ha_msg *m;

	m = out_msg(c, HA_MSG_FENCED);
	m->fenced.host = host;
	m->fenced.number = job->number;
	m->fenced.code = job->code;
	memcpy(m->fenced.text, job->text, sizeof(m->fenced.text));
	job->told = true;
}

/* A committed attempt that is this host's to make. It is not begun when the
 * target is back by now, nor again by a hacd that may have made it before. */
static void take_job(struct ha_core *c, ha_hostid host, uint64_t number)
{
	struct fence_job *job = &c->jobs[host - 1];
	ha_hostset back = job->asked_code == FENCE_CODE_ADMIN ? c->hacds
							      : c->members;

	if (job->asked == number && !ha_host_in(back, host)) {
		begin_job(c, host, number,
			  job->asked_code == FENCE_CODE_STATUS);
		return;
	}
	job->number = number;
	end_job(job, HA_FENCE_FAILED,
		job->asked == number ? "it is a member again"
				     : "hacd was restarted in the middle");
}

static void run_job(struct ha_core *c, ha_hostid host)
{
	const struct ha_host_state *s = host_state(c, host);
	const struct fence_job *job = &c->jobs[host - 1];

	if (s->fence_number != 0 && s->fence_by == self(c) &&
	    job->number != s->fence_number) {
		take_job(c, host, s->fence_number);
	}
	if (job->done && !job->told && job->number != 0 &&
	    job->number == s->fence_number) {
		tell_result(c, host);
	}
}

void fence_run(struct ha_core *c)
{
	if (!c->open) {
		return;
	}
	for (ha_hostid host = 1; host <= HA_HOSTS_MAX; host++) {
		if (!aside_leaves_host(c, host)) {
			aside_begin_host(c, host);
			run_job(c, host);
			aside_end(c);
		}
	}
}

/* --- the coordinator --- */

static void alert_failed(struct ha_core *c, const struct ha_trace *t,
			 const char *text)
{
	const char *name = host_name(c, t->host);

	out_alert(c, "fence-failed", t, "host %s could not be fenced: %s; its "
		  "VMs wait. Check the device, or switch the host off by hand "
		  "and run: hactl fence confirm %s --yes-host-is-off=%s",
		  name, text, name, name);
}

static void propose_end(struct ha_core *c, ha_hostid host, uint32_t code,
			const char *text)
{
	struct ha_trace t;
	struct ha_fact f;

	memset(&f, 0, sizeof(f));
	f.kind = HA_FACT_FENCE_END;
	f.host = host;
	f.by = host_state(c, host)->fence_by;
	f.number = host_state(c, host)->fence_number;
	f.code = code;
	snprintf(f.text, sizeof(f.text), "%.47s", text);
	if (!propose(c, &f)) {
		return;
	}
	t = about_fence(host, code == HA_FENCE_ON ? HA_TRACE_FENCE_ON
						  : HA_TRACE_FENCE_FAILED,
			f.by, f.number);
	about_fact(c, &f, &t);
	if (code == HA_FENCE_ON) {
		out_trace(c, &t, "host %s: power reads on, it may still be "
			  "booting -> waits", host_name(c, host));
		return;
	}
	out_trace(c, &t, "host %s: fencing failed: %s -> its VMs wait, tried "
		  "again in %lld s", host_name(c, host), text,
		  (long long)(backoff(host_state(c, host)->fence_tries) /
			      HA_S(1)));
	alert_failed(c, &t, text);
}

static void propose_power_proof(struct ha_core *c, ha_hostid host, ha_hostid by)
{
	struct ha_trace t;
	struct ha_fact f;

	memset(&f, 0, sizeof(f));
	f.kind = HA_FACT_PROOF;
	f.code = HA_PROOF_POWER;
	f.host = host;
	f.by = by;
	f.number = host_state(c, host)->fence_number;
	f.boot = host_state(c, host)->boot;
	if (propose(c, &f)) {
		t = about_fence(host, HA_TRACE_FENCE_OFF, by, f.number);
		about_fact(c, &f, &t);
		out_trace(c, &t, "host %s: power reads off -> proven down",
			  host_name(c, host));
	}
}

void fence_on_fenced(struct ha_core *c, const struct ha_msg *msg)
{
	ha_hostid host = msg->fenced.host;
	const struct ha_host_state *s;

	if (!is_coordinator(c) || !c->config || host < 1 ||
	    host > HA_HOSTS_MAX) {
		return;
	}
	s = host_state(c, host);
	if (s->fence_number == 0 || s->fence_number != msg->fenced.number ||
	    c->hosts[host - 1].pending > 0) {
		return;
	}
	if (msg->fenced.code != HA_FENCE_OFF) {
		propose_end(c, host, msg->fenced.code, msg->fenced.text);
	} else {
		c->hosts[host - 1].off_number = msg->fenced.number;
		c->hosts[host - 1].off_by = msg->from;
	}
}

static bool needs_fencing(const struct ha_core *c, ha_hostid host)
{
	if (c->state->disarmed) {
		return false;
	}
	/* who has to be proven may have been so before, and back since */
	return in_doubt(c) ? ha_host_in(ha_replica_unproven(c->replica),
					host) &&
				     !ha_host_in(c->members, host)
			   : host_is_lost(c, host) && host_keeps_vms(c, host);
}

/* Before this, power is only asked for, not taken. */
static ha_time off_from(const struct ha_core *c, ha_hostid host)
{
	ha_hostset voters = ha_replica_base(c->replica)->voters;
	ha_time t = ha_time_max(c->now, c->fence_from);

	if (!c->hosts[host - 1].seen_alive) {
		t = ha_time_max(t, c->first_open_at + c->config->start_wait);
	}
	if (c->epoch.small &&
	    !ha_host_in(c->epoch.members, ha_hostset_first(voters))) {
		t = ha_time_max(t, c->opened_at + c->config->fence_delay);
	}
	return t;
}

/* The first try is the coordinator's; later ones go round the members. */
static ha_hostid choose_executor(const struct ha_core *c, ha_hostid host)
{
	uint32_t tries = host_state(c, host)->fence_tries;
	ha_hostset fit = 0;
	ha_hostset members = c->epoch.members;
	unsigned skip;

	while (members) {
		ha_hostid m = ha_hostset_pop(&members);

		if (m != self(c) && c->hosts[m - 1].fence_agent &&
		    host_state(c, m)->present && !c->hosts[m - 1].frozen) {
			fit |= ha_host_bit(m);
		}
	}
	skip = tries % (ha_hostset_count(fit) + 1);
	for (ha_hostid m = self(c); skip > 0; skip--) {
		m = ha_hostset_pop(&fit);
		if (skip == 1) {
			return m;
		}
	}
	return self(c);
}

/* No two attempts have one, also those whose facts are still under way. */
uint64_t fence_new_number(struct ha_core *c)
{
	uint64_t last = c->state->fence_count;

	if (c->fence_given > last) {
		last = c->fence_given;
	}
	c->fence_given = last + 1;
	return c->fence_given;
}

static void ask(struct ha_core *c, ha_hostid host, bool status_only)
{
	struct ha_trace t;
	struct ha_fact f;

	memset(&f, 0, sizeof(f));
	f.kind = HA_FACT_FENCE;
	f.code = status_only ? FENCE_CODE_STATUS : FENCE_CODE_OFF;
	f.host = host;
	f.by = choose_executor(c, host);
	f.number = fence_new_number(c);
	if (!propose(c, &f)) {
		return;
	}
	t = about_fence(host, HA_TRACE_FENCE_ASKED, f.by, f.number);
	about_fact(c, &f, &t);
	out_trace(c, &t, "host %s: lost, owns VMs -> %s (attempt %llu, by %s)",
		  host_name(c, host),
		  status_only ? "its power is asked for" : "fencing asked",
		  (unsigned long long)f.number, host_name(c, f.by));
}

static bool is_executor_down(const struct ha_core *c, ha_hostid host)
{
	const struct ha_host_state *by =
		host_state(c, host_state(c, host)->fence_by);

	return by->proof != HA_PROOF_NONE && by->proof != HA_PROOF_LEAVE;
}

/* An executor that is down itself asks its device for nothing more: what it
 * asked for last is over after one action's time. */
static ha_time attempt_end(const struct ha_core *c, ha_hostid host)
{
	ha_time from = c->hosts[host - 1].fence_started;
	ha_hostid by = host_state(c, host)->fence_by;

	if (!is_executor_down(c, host)) {
		return from + attempt_limit(c, host);
	}
	from = ha_time_max(from, c->hosts[by - 1].proven_at);
	return from + action_limit(c, host);
}

static void watch_attempt(struct ha_core *c, ha_hostid host)
{
	const struct ha_host_state *s = host_state(c, host);
	const struct host_soft *h = &c->hosts[host - 1];
	ha_time limit = attempt_end(c, host);

	if (h->off_number == s->fence_number &&
	    !ha_host_in(c->members, host)) {
		propose_power_proof(c, host, h->off_by);
		return;
	}
	if (c->now >= limit) {
		propose_end(c, host, HA_FENCE_FAILED,
			    h->off_number == s->fence_number
				    ? "its device says off, yet it is a member"
			    : is_executor_down(c, host)
				    ? "who tried it is down, too"
				    : "no result in time");
	} else {
		wake_at(c, limit);
	}
}

static void tell_small_end(struct ha_core *c, ha_hostid host)
{
	const struct fence_job *job = &c->jobs[host - 1];
	bool on = job->code == HA_FENCE_ON;
	struct ha_trace t = about_fence(host, on ? HA_TRACE_FENCE_ON
						 : HA_TRACE_FENCE_FAILED,
					self(c), 0);

	out_trace(c, &t, "host %s: %s%s -> asked again in %lld s",
		  host_name(c, host), on ? "power reads on" :
		  "fencing failed: ", job->text,
		  (long long)((c->hosts[host - 1].retry_at - c->now) /
			      HA_S(1)));
	if (!on) {
		alert_failed(c, &t, job->text);
	}
}

static void decide_small(struct ha_core *c, ha_hostid host)
{
	struct fence_job *job = &c->jobs[host - 1];
	struct host_soft *h = &c->hosts[host - 1];
	struct ha_trace t;
	bool early = c->now < off_from(c, host);

	if (job->active) {
		return;
	}
	if (job->done && job->number == 0) {
		job->done = false;
		if (job->code == HA_FENCE_OFF) {
			propose_power_proof(c, host, self(c));
			return;
		}
		h->retry_at = c->now + (job->code == HA_FENCE_ON
						? STATUS_RETRY
						: backoff(h->small_tries++));
		tell_small_end(c, host);
	}
	if (early) {
		wake_at(c, off_from(c, host));
	}
	if (c->now < h->retry_at) {
		wake_at(c, h->retry_at);
		return;
	}
	t = about_fence(host, HA_TRACE_FENCE_ASKED, self(c), 0);
	out_trace(c, &t, "host %s: lost, this half needs it proven down -> %s",
		  host_name(c, host),
		  early ? "its power is asked for" : "fencing asked");
	begin_job(c, host, 0, early);
}

static void decide_host(struct ha_core *c, ha_hostid host)
{
	struct host_soft *h = &c->hosts[host - 1];
	ha_time off;

	if (h->pending > 0) {
		return;
	}
	if (in_doubt(c)) {
		if (needs_fencing(c, host)) {
			decide_small(c, host);
		}
		return;
	}
	if (is_behind(c)) {
		return;
	}
	if (host_state(c, host)->fence_number != 0) {
		watch_attempt(c, host);
		return;
	}
	if (!needs_fencing(c, host)) {
		return;
	}
	if (c->now < h->retry_at) {
		wake_at(c, h->retry_at);
		return;
	}
	off = off_from(c, host);
	if (c->now >= off) {
		ask(c, host, false);
		return;
	}
	wake_at(c, off);
	if (!h->seen_alive) {
		ask(c, host, true);
	}
}

void fence_decide(struct ha_core *c)
{
	for (size_t i = 0; i < c->config->host_count; i++) {
		ha_hostid host = c->config->hosts[i].id;

		if (aside_decides_host(c, host)) {
			aside_begin_host(c, host);
			decide_host(c, host);
			aside_end(c);
		}
	}
}
