/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Admission control. A command is refused if what is demanded is not met
 * afterwards, and it makes things worse: a cluster that is short already can
 * still be changed. Recovery is never asked about.
 */
#include "core/admission.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "core/pool.h"
#include "core/rules.h"

/* To look for what limits a cluster that meets its demands is not worth more. */
#define PLANS_BEYOND 200
/* Nor is any answer that keeps hacd from everything else for seconds; what was
 * not found out by then is a no. */
#define PLANS_MAX 3000

/* A question: the pool, filled from this configuration. */
struct question {
	struct ha_core *c;
	const struct ha_config *config;
	struct ha_admission_view *view;
	bool beyond; /* how many more failures than demanded? */
};

static void append(char *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void append(char *text, const char *fmt, ...)
{
	size_t used = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + used, HA_TEXT_MAX + 1 - used, fmt, ap);
	va_end(ap);
}

static const char *vm_name(const struct question *q, uint32_t vm)
{
	return q->config->vms[vm].name;
}

static const char *name_of_host(const struct question *q, ha_hostid id)
{
	return ha_config_host(q->config, id)->name;
}

static void append_hosts(const struct question *q, char *text, ha_hostset set)
{
	const char *sep = "";

	while (set) {
		append(text, "%s%s", sep, name_of_host(q,
						      ha_hostset_pop(&set)));
		sep = ", ";
	}
}

/* --- plan --- */

struct lack { /* on a host */
	uint64_t memory_kib, vcpus;
};

static struct lack lack_of(const struct ha_recovery_miss *m)
{
	return (struct lack){ m->memory_missing_kib, m->vcpus_missing };
}

static bool is_lacking(const struct lack *l)
{
	return l->memory_kib > 0 || l->vcpus > 0;
}

static void append_room(const struct question *q, char *text,
			const struct lack *l, ha_hostid host)
{
	if (l->memory_kib > 0) {
		append(text, "%llu MiB more memory",
		       (unsigned long long)(l->memory_kib + 1023) / 1024);
	}
	if (l->vcpus > 0) {
		append(text, "%s%llu more vcpus",
		       l->memory_kib > 0 ? " and " : "",
		       (unsigned long long)l->vcpus);
	}
	append(text, " on host %s", name_of_host(q, host));
}

static bool is_limited_by(const struct ha_vm_host_rule *r, uint32_t vm)
{
	for (size_t i = 0; i < r->members.count; i++) {
		if (r->members.vms[i] == vm) {
			return r->strength == HA_RULE_MUST;
		}
	}
	return false;
}

/* No room and nobody's going helps where its rules, networks and datastores
 * leave it no host. */
static void say_what_closes(const struct question *q,
			    const struct ha_recovery_miss *m, const char *who,
			    char *text)
{
	const struct ha_config *c = q->config;

	if (m->verdict == HA_VERDICT_GROUP) {
		append(text, "%slet vm-vm rule %s be strength=\"should\", or "
		       "take vm %s out of it", who,
		       c->vm_vm_rules[m->group].name, vm_name(q, m->vm));
	} else if (m->verdict == HA_VERDICT_UNREACHED) {
		append(text, "%sgive another host the networks and datastores "
		       "that vm %s needs", who, vm_name(q, m->vm));
	}
	for (size_t i = 0; m->verdict == HA_VERDICT_RULE &&
			   i < c->vm_host_rule_count; i++) {
		if (!is_limited_by(&c->vm_host_rules[i], m->vm)) {
			continue;
		}
		if (text[0] == '\0') {
			append(text, "%sopen more hosts to vm %s in vm-host "
			       "rule %s", who, vm_name(q, m->vm),
			       c->vm_host_rules[i].name);
		} else {
			append(text, ", %s", c->vm_host_rules[i].name);
		}
	}
}

/* Each for that VM; `who` says so, where that is not plain. */
static void say_remedies(const struct question *q,
			 const struct ha_recovery_miss *m, const char *who,
			 char (*remedies)[HA_TEXT_MAX + 1])
{
	const struct lack lack = lack_of(m);
	size_t n = 0;

	if (is_lacking(&lack)) {
		append(remedies[n], "%s", who);
		append_room(q, remedies[n++], &lack, m->host);
	}
	if (m->victim_count > 0) {
		append(remedies[n], "%sstop ", who);
		for (size_t i = 0; i < m->victim_count; i++) {
			append(remedies[n], "%svm %s", i > 0 ? ", " : "",
			       vm_name(q, m->victims[i]));
		}
		n++;
	}
	if (n == 0 && m->mover_to == HA_HOST_NONE) {
		say_what_closes(q, m, who, remedies[0]);
	}
	if (m->mover_to != HA_HOST_NONE) {
		append(remedies[n++], "%smove vm %s from host %s to %s", who,
		       vm_name(q, m->mover), name_of_host(q, m->mover_from),
		       name_of_host(q, m->mover_to));
	}
}

/* What each lacks counts those before it in: the most of it, on each host, is
 * enough for all. Nothing where room alone does not let in all of them. */
static void say_room_for_all(const struct question *q,
			     const struct ha_recovery *r, char *text)
{
	struct lack all[HA_HOSTS_MAX] = { { 0, 0 } };

	for (size_t i = 0; i < r->left_out_count; i++) {
		const struct ha_recovery_miss *m = &r->misses[i];
		struct lack *most, lack;

		if (i == r->miss_count) {
			return;
		}
		lack = lack_of(m);
		if (!is_lacking(&lack)) {
			return;
		}
		most = &all[m->host - 1];
		most->memory_kib = lack.memory_kib > most->memory_kib
					   ? lack.memory_kib
					   : most->memory_kib;
		most->vcpus = lack.vcpus > most->vcpus ? lack.vcpus
						       : most->vcpus;
	}
	for (ha_hostid h = 1; h <= HA_HOSTS_MAX; h++) {
		if (is_lacking(&all[h - 1])) {
			append(text, "%s", text[0] ? ", " : "");
			append_room(q, text, &all[h - 1], h);
		}
	}
}

/* "vm db1: needs ...; so do vm db2, vm db3 and 4 more" */
static void say_left_out(struct question *q, const struct ha_recovery *r)
{
	struct ha_admission_view *v = q->view;
	const struct ha_explain nearest = pool_nearest(&r->misses[0]);
	char missing[HA_TEXT_MAX + 1], who[HA_NAME_MAX + 16] = "";

	pool_say_missing(q->config, &q->c->pool_vms[r->misses[0].vm], &nearest,
			 missing);
	v->left_out_count = r->left_out_count;
	for (size_t i = 0; i < r->left_out_count && i < HA_LEFT_OUT_TOLD; i++) {
		v->left_out[i] = r->left_out[i];
	}
	append(v->limit, "%zu VM%s no place: vm %s: %s", r->left_out_count,
	       r->left_out_count == 1 ? " finds" : "s find",
	       vm_name(q, r->left_out[0]), missing);
	for (size_t i = 1; i < r->left_out_count && i < 3; i++) {
		append(v->limit, "%svm %s", i == 1 ? "; nor do " : ", ",
		       vm_name(q, r->left_out[i]));
	}
	if (r->left_out_count > 3) {
		append(v->limit, " and %zu more", r->left_out_count - 3);
	}
	if (r->left_out_count > 1) {
		say_room_for_all(q, r, v->remedies[0]);
		snprintf(who, sizeof(who), "for vm %s: ",
			 vm_name(q, r->left_out[0]));
	}
	if (v->remedies[0][0] == '\0') { /* who gives way, does for one */
		say_remedies(q, &r->misses[0], who, v->remedies);
	}
}

/* What waits, and what ran on `lost`, is put where it will go: that the
 * policies then count in. */
static void place_waiting(struct question *q, ha_hostset lost)
{
	const struct ha_recovery_ask ask = { .lost = lost, .waiting = true,
					     .score = q->config->placement };
	const struct ha_recovery *r =
		ha_recovery_plan(pool_planner(q->c), &ask);

	q->view->waiting = (uint32_t)r->left_out_count;
	if (r->left_out_count > 0) {
		append(q->view->limit, "%s", lost ? "without host " : "now ");
		append_hosts(q, q->view->limit, lost);
		append(q->view->limit, "%s", lost ? " " : "");
		say_left_out(q, r);
	}
	for (size_t i = 0; i < r->step_count; i++) {
		q->c->pool_vms[r->steps[i].vm].host = r->steps[i].host;
	}
	for (size_t i = 0; i < r->left_out_count; i++) {
		q->c->pool_vms[r->left_out[i]].host = HA_HOST_NONE;
		q->c->pool_vms[r->left_out[i]].wanted = false; /* told */
	}
	pool_changed(q->c);
}

static void ask_plan(struct question *q)
{
	struct ha_admission_view *v = q->view;
	struct ha_admission_ask ask = { .failures = v->demanded,
					.plans_max = PLANS_MAX,
					.score = q->config->placement };
	struct ha_admission_answer a;

	ha_admission_check(pool_planner(q->c), &ask, &a);
	v->met = a.yes;
	if (a.yes && q->beyond) {
		ask.failures++;
		ask.plans_max = PLANS_BEYOND;
		ha_admission_check(pool_planner(q->c), &ask, &a);
	}
	v->tolerated = a.tolerated;
	v->failing = a.failing;
	v->gave_up = a.gave_up;
	if (a.yes || v->limit[0] != '\0') {
		v->lacking = a.recovery ? a.recovery->left_out_count : 0;
		return; /* what waits now comes first */
	}
	if (a.gave_up) {
		append(v->limit, "so many hosts can fail in so many ways that "
		       "%s", "it was not found out whether all VMs would be "
		       "placed");
		return;
	}
	v->lacking = a.recovery->left_out_count;
	append(v->limit, "without host ");
	append_hosts(q, v->limit, a.failing);
	append(v->limit, " ");
	say_left_out(q, a.recovery);
}

/* --- slots, shares, spare hosts --- */

static uint64_t short_of(uint64_t needed, uint64_t is_there)
{
	return needed > is_there ? needed - is_there : 0;
}

static void ask_slots(struct question *q)
{
	const struct ha_admission_conf *conf = &q->config->admission;
	struct ha_admission_view *v = q->view;
	const struct ha_slots_ask ask = {
		.failures = v->demanded,
		.cpu_mhz = conf->slot_cpu_mhz,
		.memory_kib = conf->slot_memory_kib,
		.cpu_mhz_most = conf->slot_cpu_mhz_max,
		.memory_kib_most = conf->slot_memory_kib_max,
		.cpu_mhz_min = conf->slot_cpu_mhz_min,
		.memory_kib_min = conf->slot_memory_kib_min,
	};

	ha_slots_check(&q->c->pool, &ask, &v->slots);
	v->met = v->slots.yes;
	v->tolerated = v->slots.tolerated;
	v->failing = v->slots.failing;
	v->lacking = short_of(v->slots.used, v->slots.left);
	append(v->limit, "%sthe VMs that run take %llu slots of %u MHz and "
	       "%llu MiB, and without host ", v->limit[0] ? "; " : "",
	       (unsigned long long)v->slots.used, v->slots.cpu_mhz,
	       (unsigned long long)v->slots.memory_kib / 1024);
	append_hosts(q, v->limit, v->slots.failing);
	append(v->limit, " there are %llu",
	       (unsigned long long)v->slots.left);
	if (!v->met) {
		append(v->remedies[0], "stop VMs, or add hosts, for %llu slots",
		       (unsigned long long)v->lacking);
		append(v->remedies[1], "a smaller slot: <admission slot-memory"
		       "= slot-cpu=>; or the policy plan, which counts no "
		       "slots");
	}
}

static void ask_percentage(struct question *q)
{
	const struct ha_admission_conf *conf = &q->config->admission;
	struct ha_admission_view *v = q->view;
	struct ha_percentage *p = &v->percentage;
	const struct ha_percentage_ask ask = {
		.failures = conf->by_hand ? 0 : v->demanded,
		.cpu_percent = conf->by_hand ? conf->cpu_percent : 0,
		.memory_percent = conf->by_hand ? conf->memory_percent : 0,
	};

	ha_percentage_check(&q->c->pool, &ask, p);
	v->met = p->yes;
	v->tolerated = p->yes ? v->demanded : 0;
	v->lacking = short_of(p->cpu_kept_percent, p->cpu_free_percent) +
		     short_of(p->memory_kept_percent, p->memory_free_percent);
	append(v->limit, "%sof all hosts' memory %u %% is not reserved, of "
	       "their cpus %u %%; to be kept free are %u %% and %u %%",
	       v->limit[0] ? "; " : "", p->memory_free_percent,
	       p->cpu_free_percent, p->memory_kept_percent,
	       p->cpu_kept_percent);
	if (!v->met) {
		append(v->remedies[0], "stop VMs that reserve %s, or add a "
		       "host", p->memory_short ? "memory" : "cpu");
	}
}

static void ask_failover(struct question *q)
{
	struct ha_admission_view *v = q->view;
	const struct ha_failover_ask ask = { .failures = v->demanded };

	ha_failover_check(&q->c->pool, &ask, &v->failover);
	v->met = v->failover.yes;
	v->tolerated = v->failover.tolerated;
	v->lacking = short_of(v->demanded, v->failover.tolerated);
	append(v->limit, "%s%u failover host%s empty and usable",
	       v->limit[0] ? "; " : "", v->failover.tolerated,
	       v->failover.tolerated == 1 ? " is" : "s are");
	if (v->failover.taken) {
		append(v->limit, "; VMs run on ");
		append_hosts(q, v->limit, v->failover.taken);
		append(v->remedies[0], "move the VMs away from the failover "
		       "hosts: hactl vm move");
	}
	if (v->failover.unusable) {
		append(v->limit, "; cannot take VMs: ");
		append_hosts(q, v->limit, v->failover.unusable);
	}
}

static void judge(struct question *q, ha_hostset leaving)
{
	const struct ha_admission_conf *conf = &q->config->admission;
	struct ha_admission_view *v = q->view;
	size_t usable = 0;

	memset(v, 0, sizeof(*v));
	v->policy = conf->policy;
	v->mode = conf->mode;
	v->failures = conf->failures;
	place_waiting(q, leaving);
	for (size_t i = 0; i < q->c->pool.host_count; i++) {
		struct ha_pool_host *h = &q->c->pool_hosts[i];

		h->usable = h->usable && !ha_host_in(leaving, h->id);
		usable += h->usable;
	}
	v->demanded = ha_admission_failures(conf, usable);
	switch (conf->policy) {
	case HA_ADMISSION_PLAN:
		ask_plan(q);
		break;
	case HA_ADMISSION_HOST_FAILURES:
		ask_slots(q);
		break;
	case HA_ADMISSION_PERCENTAGE:
		ask_percentage(q);
		break;
	case HA_ADMISSION_FAILOVER_HOSTS:
		ask_failover(q);
		break;
	}
	v->met = v->met && v->waiting == 0;
}

void ha_core_view_admission(struct ha_core *c,
			    struct ha_admission_view *ret_view)
{
	struct question q = { .c = c, .config = c->config, .view = ret_view,
			      .beyond = true };

	assert(c->config);
	pool_fill_config(c, c->config);
	judge(&q, 0);
}

size_t ha_core_view_misses(struct ha_core *c,
			   struct ha_miss_view ret_list[HA_MISSES_TOLD],
			   size_t *ret_count)
{
	const struct question q = { .c = c, .config = c->config };
	const struct ha_recovery_ask ask = { .waiting = true,
					     .score = c->config->placement };
	const struct ha_recovery *r;

	pool_fill_config(c, c->config);
	r = ha_recovery_plan(pool_planner(c), &ask);
	for (size_t i = 0; i < r->miss_count; i++) {
		const struct ha_recovery_miss *m = &r->misses[i];
		struct ha_miss_view *v = &ret_list[i];
		struct lack lack;

		memset(v, 0, sizeof(*v));
		v->vm = c->config->vms[m->vm].uuid;
		lack = lack_of(m);
		v->memory_kib = lack.memory_kib;
		v->vcpus = lack.vcpus;
		v->host = is_lacking(&lack) ? m->host : HA_HOST_NONE;
		say_remedies(&q, m, "", v->remedies);
	}
	*ret_count = r->miss_count;
	return r->left_out_count;
}

/* --- before a command --- */

/* Of what is not met then. */
static bool is_worse(const struct ha_admission_view *now,
		     const struct ha_admission_view *then)
{
	if (now->met) {
		return true;
	}
	return then->policy != now->policy || then->demanded > now->demanded ||
	       then->tolerated < now->tolerated ||
	       then->waiting > now->waiting || then->lacking > now->lacking;
}

static void change_pool(struct ha_core *c, const struct admission_change *change)
{
	struct ha_pool_vm *p;

	if (!change->vm) {
		return;
	}
	p = &c->pool_vms[change->vm - c->config->vms];
	p->host = change->host;
	p->wanted = change->host == HA_HOST_NONE;
}

bool admission_allows(struct ha_core *c, const struct admission_change *change,
		      char ret_why[HA_TEXT_MAX + 1])
{
	const struct ha_config *next =
		change->config ? change->config : c->config;
	struct ha_admission_view now, then;
	struct question q = { .c = c, .config = next, .view = &then };

	ret_why[0] = '\0';
	if (next->admission.mode == HA_ADMISSION_OFF) {
		return true;
	}
	pool_fill_config(c, next);
	change_pool(c, change);
	judge(&q, change->leaving);
	if (then.met) {
		return true;
	}
	q.config = c->config;
	q.view = &now;
	pool_fill_config(c, c->config);
	judge(&q, 0);
	if (!is_worse(&now, &then)) {
		return true;
	}
	append(ret_why, "%s", then.limit);
	if (then.remedies[0][0] != '\0') {
		append(ret_why, "; what would help: %s", then.remedies[0]);
	}
	return next->admission.mode == HA_ADMISSION_WARN;
}
