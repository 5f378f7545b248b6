/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lab-cond.c - conditions of scenarios in the lab: what hactl says, and what
 * the oracle sees. As in the simulator, the quorate host of the newest epoch
 * is believed: one that was hung may still believe in one that is over.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lab-run.h"

static const char *text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s == NULL ? "" : s;
}

static long long number_of(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static const json_t *cluster_of(const struct lab_run *r, int host)
{
	return json_object_get(r->status[host], "cluster");
}

static bool quorate(const struct lab_run *r, int host)
{
	return json_is_true(json_object_get(cluster_of(r, host), "quorate"));
}

static int host_number(const char *name)
{
	return name[0] == 'h' && name[1] >= '1' && name[1] <= '8' && name[2] == '\0' ?
	       name[1] - '0' : 0;
}

static const json_t *find(const struct lab_run *r, const char *list, const char *name)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(r->status[r->asked], list), i, item) {
		if (strcmp(text_of(item, "name"), name) == 0) {
			return item;
		}
	}
	return NULL;
}

static void tell(struct lab_run *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void tell(struct lab_run *r, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(r->why, sizeof(r->why), format, ap);
	va_end(ap);
}

int ha_lab_look(struct lab_run *r)
{
	json_t *answers[LAB_HOSTS_MAX + 1];
	int rc = ha_lab_ask(r, (const char *[]){ "status", NULL }, answers);
	long long epoch = -1;
	int answered = 0;

	r->asked = 0;
	for (int h = 1; h <= LAB_HOSTS_MAX; h++) {
		json_decref(r->status[h]);
		r->status[h] = answers[h];
		if (quorate(r, h) && number_of(cluster_of(r, h), "epoch") > epoch) {
			epoch = number_of(cluster_of(r, h), "epoch");
			r->asked = h;
		}
		if (answered == 0 && answers[h] != NULL) {
			answered = h;
		}
	}
	if (r->asked == 0) {
		r->asked = answered;
	}
	return rc;
}

static bool vm_holds(struct lab_run *r, const struct ha_scn_cond *c)
{
	const json_t *vm = find(r, "vms", c->name);
	const char *owner = text_of(vm, "owner");
	uint32_t there = ha_lab_oracle_runs(c->name);
	bool named = c->names.count == 0;

	tell(r, "vm %s is %s, owner '%s', its QEMU runs on 0x%x (hosts as bits); %s", c->name,
	     text_of(vm, "state"), owner, there, text_of(vm, "why"));
	for (size_t i = 0; i < c->names.count; i++) {
		named = named || strcmp(c->names.names[i], owner) == 0;
	}
	if (strcmp(text_of(vm, "state"), ha_scn_vm_state_name(c->state)) != 0 || !named) {
		return false;
	}
	if (c->state == HA_SCN_VM_RUNNING ||
	    (c->state == HA_SCN_VM_ASIDE && c->names.count > 0)) {
		return (there & (1u << host_number(owner)) & ~1u) != 0;
	}
	return c->state != HA_SCN_VM_STOPPED || there == 0;
}

static bool starts_hold(struct lab_run *r, const struct ha_scn_cond *c)
{
	const json_t *vm = find(r, "vms", c->name);

	tell(r, "vm %s was started %lld times", c->name, number_of(vm, "starts"));
	return vm != NULL && number_of(vm, "starts") == c->number;
}

static bool host_holds(struct lab_run *r, const struct ha_scn_cond *c)
{
	const json_t *host = find(r, "hosts", c->name);

	if (c->state == HA_SCN_HOST_OFF) {
		tell(r, "host %s has power", c->name);
		return !ha_lab_oracle_powered(host_number(c->name));
	}
	tell(r, "host %s is %s; %s", c->name, text_of(host, "state"), text_of(host, "why"));
	return strcmp(text_of(host, "state"), ha_scn_host_state_name(c->state)) == 0;
}

static bool fenced_holds(struct lab_run *r, const struct ha_scn_cond *c)
{
	unsigned times = ha_lab_oracle_fenced(host_number(c->name));

	tell(r, "the BMC of %s took its power %u times", c->name, times);
	return times == c->number;
}

/* In the order in which they were given an owner, since the last mark. */
static bool order_holds(struct lab_run *r, const struct ha_scn_cond *c)
{
	long long last = r->mark_index;

	for (size_t i = 0; i < c->names.count; i++) {
		const json_t *vm = find(r, "vms", c->names.names[i]);
		tell(r, "the start of vm %s is fact %lld, the one before it %lld",
		     c->names.names[i], number_of(vm, "generation"), last);
		if (number_of(vm, "generation") <= last || text_of(vm, "owner")[0] == '\0') {
			return false;
		}
		last = number_of(vm, "generation");
	}
	return r->asked != 0;
}

static int trace_holds(struct lab_run *r, const struct ha_scn_cond *c)
{
	json_t *answers[LAB_HOSTS_MAX + 1];
	const json_t *event;
	size_t i;
	int rc = ha_lab_ask(r, (const char *[]){ "events", "--limit", "1000", NULL }, answers);
	int found = 0;

	for (int h = 1; h <= LAB_HOSTS_MAX; h++) {
		json_array_foreach(json_object_get(answers[h], "events"), i, event) {
			if (strcmp(text_of(event, "time"), r->mark_time) >= 0 &&
			    strstr(text_of(event, "text"), c->text) != NULL) {
				found = 1;
			}
		}
		json_decref(answers[h]);
	}
	if (rc == 0) {
		tell(r, "no host's events since the mark have it");
	}
	return rc != 0 ? rc : found;
}

static bool cluster_holds(struct lab_run *r, const struct ha_scn_cond *c)
{
	int host = c->kind == HA_SCN_COND_QUORATE && c->name != NULL ? host_number(c->name)
								      : r->asked;
	const json_t *cluster = cluster_of(r, host);
	const char *coordinator = text_of(cluster, "coordinator");
	bool settled = json_is_true(json_object_get(cluster, "settled"));

	tell(r, "%s, coordinator '%s', %s; %s", quorate(r, host) ? "quorate" : "not quorate",
	     coordinator, settled ? "settled" : "not settled", text_of(cluster, "why"));
	if (c->kind == HA_SCN_COND_COORDINATOR) {
		return quorate(r, host) && strcmp(coordinator, c->name) == 0;
	}
	return c->kind == HA_SCN_COND_QUORATE ? quorate(r, host) : settled;
}

static bool rule_holds(struct lab_run *r, const struct ha_scn_cond *c)
{
	const json_t *broken = json_object_get(cluster_of(r, r->asked), "broken");
	const char *mend = ha_scn_mend_name(c->state);
	const json_t *rule;
	size_t i;

	tell(r, "rule %s is not broken", c->name);
	json_array_foreach(json_object_get(broken, "rules"), i, rule) {
		if (strcmp(text_of(rule, "name"), c->name) == 0) {
			tell(r, "rule %s is broken, %s: %s", c->name, text_of(rule, "mend"),
			     text_of(rule, "why"));
			return mend[0] == '\0' || strcmp(text_of(rule, "mend"), mend) == 0;
		}
	}
	return false;
}

bool ha_lab_known(const struct lab_run *r, const struct ha_scn_cond *c)
{
	if (c->kind == HA_SCN_COND_FENCED || c->kind == HA_SCN_COND_TRACE ||
	    (c->kind == HA_SCN_COND_HOST && c->state == HA_SCN_HOST_OFF)) {
		return true;
	}
	if (c->kind == HA_SCN_COND_QUORATE && c->name != NULL) {
		return r->status[host_number(c->name)] != NULL;
	}
	return r->asked != 0;
}

int ha_lab_holds(struct lab_run *r, const struct ha_scn_cond *c)
{
	switch (c->kind) {
	case HA_SCN_COND_VM:
		return vm_holds(r, c);
	case HA_SCN_COND_VM_STARTS:
		return starts_hold(r, c);
	case HA_SCN_COND_HOST:
		return host_holds(r, c);
	case HA_SCN_COND_FENCED:
		return fenced_holds(r, c);
	case HA_SCN_COND_COORDINATOR:
	case HA_SCN_COND_QUORATE:
	case HA_SCN_COND_SETTLED:
		return cluster_holds(r, c);
	case HA_SCN_COND_ORDER:
		return order_holds(r, c);
	case HA_SCN_COND_TRACE:
		return trace_holds(r, c);
	case HA_SCN_COND_RULE:
		return rule_holds(r, c);
	}
	return 0;
}

bool ha_lab_all_online(struct lab_run *r)
{
	const json_t *host;
	size_t i;

	json_array_foreach(json_object_get(r->status[r->asked], "hosts"), i, host) {
		if (strcmp(text_of(host, "state"), "online") != 0) {
			tell(r, "host %s is %s; %s", text_of(host, "name"),
			     text_of(host, "state"), text_of(host, "why"));
			return false;
		}
	}
	return cluster_holds(r, &(struct ha_scn_cond){ .kind = HA_SCN_COND_SETTLED });
}

int ha_lab_mark(struct lab_run *r)
{
	struct timespec t;
	struct tm tm;
	char day[24];
	int rc = ha_lab_look(r);

	r->mark_index = number_of(cluster_of(r, r->asked), "index");
	(void)clock_gettime(CLOCK_REALTIME, &t);
	(void)gmtime_r(&t.tv_sec, &tm);
	(void)strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(r->mark_time, sizeof(r->mark_time), "%s.%03ldZ", day, t.tv_nsec / 1000000);
	return rc;
}
