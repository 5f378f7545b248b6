/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was committed, as trace lines. The coordinator has said why it decided
 * so; the others tell what came of it, so that each of them can explain it
 * when the coordinator is gone.
 */
#include "core/rules.h"

#include <stdio.h>

static void trace_host(struct ha_core *c, const struct ha_fact *f,
		       const char *what)
{
	struct ha_trace t = about_host(f->host, HA_TRACE_INFO);

	about_fact(c, f, &t);
	out_trace(c, &t, "host %s: %s", host_name(c, f->host), what);
}

static void trace_vm(struct ha_core *c, const struct ha_fact *f)
{
	const struct vm_soft *vm = soft_vm(c, &f->vm);
	const char *why = ha_why_text((enum ha_why)f->code);
	const char *host = host_name(c, f->host);
	char text[HA_TEXT_MAX - 80];
	struct ha_trace t;

	if (!vm || !vm->conf) {
		return;
	}
	if (f->kind == HA_FACT_VM_OWNER) {
		snprintf(text, sizeof(text), "host %s owns it from now on%s"
			 "%.47s", host, f->text[0] != '\0' ? ", " : "",
			 f->text);
	} else if (f->kind == HA_FACT_VM_STOP) {
		snprintf(text, sizeof(text), "host %s is to stop it: %s", host,
			 why);
	} else if (f->kind == HA_FACT_VM_RELEASE) {
		snprintf(text, sizeof(text), "nobody owns it: %s", why);
	} else if (f->kind == HA_FACT_VM_WANTED) {
		snprintf(text, sizeof(text), "the admin wants it %s",
			 f->code == HA_WANTED_RUNNING ? "running" : "stopped");
	} else if (f->kind == HA_FACT_VM_MOVE) {
		snprintf(text, sizeof(text), "its next start is on host %s",
			 host);
	} else if (f->kind == HA_FACT_VM_SURVEY) {
		snprintf(text, sizeof(text), "every host has said whether it "
			 "runs it");
	} else if (f->kind == HA_FACT_VM_ASIDE) {
		snprintf(text, sizeof(text), "set aside, since hacd crashed "
			 "over it on %.47s", f->text);
	} else if (f->kind == HA_FACT_VM_COPY) {
		snprintf(text, sizeof(text), f->code != 0
			 ? "host %s runs it and does not own it"
			 : "host %s does not run it any more", host);
	} else {
		return; /* of no interest */
	}
	t = about_vm(vm, HA_TRACE_INFO);
	about_fact(c, f, &t);
	out_trace(c, &t, "vm %s: committed: %s", vm->conf->name, text);
}

static void trace_cluster(struct ha_core *c, const struct ha_fact *f,
			  const char *what)
{
	struct ha_trace t = about_cluster(HA_TRACE_NOTICE);

	about_fact(c, f, &t);
	out_trace(c, &t, "cluster: committed: %s", what);
}

static void trace_others(struct ha_core *c, const struct ha_fact *f)
{
	switch ((enum ha_fact_kind)f->kind) {
	case HA_FACT_VM_OWNER:
	case HA_FACT_VM_STOP:
	case HA_FACT_VM_RELEASE:
	case HA_FACT_VM_WANTED:
	case HA_FACT_VM_MOVE:
	case HA_FACT_VM_SURVEY:
	case HA_FACT_VM_COPY:
	case HA_FACT_VM_ASIDE:
		trace_vm(c, f);
		break;
	case HA_FACT_ADMIT:
		trace_host(c, f, "committed: admitted");
		break;
	case HA_FACT_LEAVING:
		trace_host(c, f, "committed: wants to leave");
		break;
	case HA_FACT_LEFT:
		trace_host(c, f, "committed: has left in good order");
		break;
	case HA_FACT_MAINTENANCE:
		trace_host(c, f, f->code ? "committed: in maintenance"
					 : "committed: not in maintenance");
		break;
	case HA_FACT_DISARM:
		trace_cluster(c, f, f->code ? "disarmed, nothing is fenced or "
					   "restarted"
					 : "armed again");
		break;
	case HA_FACT_CLUSTER_STOP:
		trace_cluster(c, f, f->code ? "every VM is to stop"
					 : "what should run is started");
		break;
	case HA_FACT_NONE:
	case HA_FACT_CONFIG:
	case HA_FACT_PROOF:
	case HA_FACT_FENCE:
	case HA_FACT_FENCE_END:
	case HA_FACT_STAY:
	case HA_FACT_VM_RESET:
	case HA_FACT_COUNT:
		break;
	}
}

void fact_trace(struct ha_core *c, const struct ha_entry *entry,
		const struct ha_fact *f)
{
	struct ha_trace t = about_cluster(HA_TRACE_INFO);

	if (f->kind == HA_FACT_CONFIG) {
		out_trace(c, &t, "configuration: version %llu committed",
			  (unsigned long long)f->number);
	} else if (entry->kind == HA_ENTRY_EPOCH) {
		t.level = HA_TRACE_NOTICE;
		out_trace(c, &t, "epoch %llu: committed, coordinator %s, %u members",
			  (unsigned long long)entry->epoch,
			  host_name(c, entry->host),
			  ha_hostset_count(entry->members));
	} else if (c->open && entry->epoch == c->epoch.number &&
		   !is_coordinator(c)) {
		trace_others(c, f);
	}
}
