/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy.h"

#include "core/admission.h"
#include "core/broken.h"
#include "core/placement.h"
#include "status.h"

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *short_form(const struct ha_core *core,
			  const struct ha_admission_view *v)
{
	json_t *o = json_object();

	json_object_set_new(o, "policy", json_string(
				    ha_admission_policy_name(v->policy)));
	json_object_set_new(o, "mode",
			    json_string(ha_admission_mode_name(v->mode)));
	json_object_set_new(o, "failures", number(v->failures));
	json_object_set_new(o, "demanded", number(v->demanded));
	json_object_set_new(o, "met", json_boolean(v->met));
	json_object_set_new(o, "tolerated", number(v->tolerated));
	json_object_set_new(o, "failing", status_host_names(core, v->failing));
	json_object_set_new(o, "waiting", number(v->waiting));
	json_object_set_new(o, "limit", json_string(v->limit));
	return o;
}

json_t *policy_admission(struct ha_core *core)
{
	struct ha_admission_view v;

	ha_core_view_admission(core, &v);
	return short_form(core, &v);
}

static json_t *slots(const struct ha_core *core, const struct ha_slots *s)
{
	const struct ha_config *c = ha_core_config(core);
	json_t *o = json_object(), *hosts = json_array();

	json_object_set_new(o, "cpu_mhz", number(s->cpu_mhz));
	json_object_set_new(o, "memory_kib", number(s->memory_kib));
	json_object_set_new(o, "cpu_vm", json_string(
		s->cpu_vm == HA_SLOTS_BY_RULE ? "" : c->vms[s->cpu_vm].name));
	json_object_set_new(o, "memory_vm", json_string(
		s->memory_vm == HA_SLOTS_BY_RULE ? ""
						 : c->vms[s->memory_vm].name));
	json_object_set_new(o, "used", number(s->used));
	json_object_set_new(o, "all", number(s->all));
	json_object_set_new(o, "left", number(s->left));
	for (size_t i = 0; i < c->host_count; i++) {
		json_t *host = json_object();

		json_object_set_new(host, "name",
				    json_string(c->hosts[i].name));
		json_object_set_new(host, "slots", number(
					    s->on_host[c->hosts[i].id - 1]));
		json_array_append_new(hosts, host);
	}
	json_object_set_new(o, "hosts", hosts);
	return o;
}

static json_t *percentage(const struct ha_percentage *p)
{
	json_t *o = json_object();

	json_object_set_new(o, "cpu_mhz", number(p->cpu_mhz));
	json_object_set_new(o, "cpu_reserved_mhz", number(p->cpu_reserved_mhz));
	json_object_set_new(o, "cpu_free_percent", number(p->cpu_free_percent));
	json_object_set_new(o, "cpu_kept_percent", number(p->cpu_kept_percent));
	json_object_set_new(o, "memory_kib", number(p->memory_kib));
	json_object_set_new(o, "memory_reserved_kib",
			    number(p->memory_reserved_kib));
	json_object_set_new(o, "memory_free_percent",
			    number(p->memory_free_percent));
	json_object_set_new(o, "memory_kept_percent",
			    number(p->memory_kept_percent));
	return o;
}

static json_t *failover(const struct ha_core *core, const struct ha_failover *f)
{
	json_t *o = json_object();

	json_object_set_new(o, "empty", status_host_names(core, f->empty));
	json_object_set_new(o, "taken", status_host_names(core, f->taken));
	json_object_set_new(o, "unusable",
			    status_host_names(core, f->unusable));
	return o;
}

json_t *policy_admission_full(struct ha_core *core)
{
	struct ha_admission_view v;
	json_t *o, *remedies = json_array(), *left_out = json_array();

	ha_core_view_admission(core, &v);
	o = short_form(core, &v);
	for (size_t i = 0; i < HA_REMEDIES_MAX && v.remedies[i][0]; i++) {
		json_array_append_new(remedies, json_string(v.remedies[i]));
	}
	json_object_set_new(o, "remedies", remedies);
	for (size_t i = 0; i < v.left_out_count && i < HA_LEFT_OUT_TOLD; i++) {
		json_array_append_new(left_out, json_string(
			ha_core_config(core)->vms[v.left_out[i]].name));
	}
	json_object_set_new(o, "left_out", left_out);
	json_object_set_new(o, "left_out_count", number(v.left_out_count));
	if (v.policy == HA_ADMISSION_HOST_FAILURES) {
		json_object_set_new(o, "slots", slots(core, &v.slots));
	} else if (v.policy == HA_ADMISSION_PERCENTAGE) {
		json_object_set_new(o, "percentage", percentage(&v.percentage));
	} else if (v.policy == HA_ADMISSION_FAILOVER_HOSTS) {
		json_object_set_new(o, "failover_hosts",
				    failover(core, &v.failover));
	}
	return o;
}

json_t *policy_placement(struct ha_core *core, const struct ha_vm_conf *vm)
{
	json_t *o = json_object(), *hosts = json_array();
	struct ha_placement_view v;
	char text[HA_TEXT_MAX + 1], name[80];

	(void)ha_core_view_placement(core, &vm->uuid, &v);
	json_object_set_new(o, "vm", json_string(vm->name));
	json_object_set_new(o, "owner", json_string(
				    status_host_name(core, v.owner, name)));
	for (size_t i = 0; i < v.host_count; i++) {
		const struct ha_explain *e = &v.hosts[i];
		json_t *host = json_object();

		ha_core_say_placement(core, e, text);
		json_object_set_new(host, "name", json_string(
				    status_host_name(core, e->host, name)));
		json_object_set_new(host, "verdict", json_string(
					    ha_verdict_name(e->verdict)));
		json_object_set_new(host, "score", number(e->score));
		json_object_set_new(host, "missing", number(e->missing));
		json_object_set_new(host, "why", json_string(text));
		json_array_append_new(hosts, host);
	}
	json_object_set_new(o, "hosts", hosts);
	return o;
}

/* The members that break it. */
static json_t *breaking_vms(const struct ha_core *core,
			    const struct ha_broken_rule *r)
{
	const struct ha_config *c = ha_core_config(core);
	json_t *list = json_array();

	for (size_t i = 0; i < r->members->count; i++) {
		const struct ha_vm_conf *vm = &c->vms[r->members->vms[i]];
		const struct ha_vm_state *v =
			ha_state_vm(ha_core_state(core), &vm->uuid);

		if (v && v->owner != HA_HOST_NONE &&
		    ha_host_in(r->hosts, v->owner)) {
			json_array_append_new(list, json_string(vm->name));
		}
	}
	return list;
}

static json_t *broken_rule(const struct ha_core *core,
			   const struct ha_broken_rule *r)
{
	json_t *o = json_object();

	json_object_set_new(o, "name", json_string(r->name));
	json_object_set_new(o, "strength",
			    json_string(r->must ? "must" : "should"));
	json_object_set_new(o, "keeps", json_string(r->keeps));
	json_object_set_new(o, "vms", breaking_vms(core, r));
	json_object_set_new(o, "hosts", status_host_names(core, r->hosts));
	json_object_set_new(o, "since_s",
			    number((uint64_t)(r->since / HA_S(1))));
	json_object_set_new(o, "mend", json_string(ha_mend_name(r->mend)));
	json_object_set_new(o, "meaning", json_string(ha_mend_text(r->mend)));
	json_object_set_new(o, "why", json_string(r->why));
	json_object_set_new(o, "todo", json_string(r->todo));
	return o;
}

json_t *policy_broken(struct ha_core *core, const struct ha_uuid *vm)
{
	struct ha_broken_rule rules[HA_BROKEN_TOLD];
	size_t count = ha_core_view_broken(core, vm, rules);
	json_t *o = json_object(), *list = json_array();

	for (size_t i = 0; i < count && i < HA_BROKEN_TOLD; i++) {
		json_array_append_new(list, broken_rule(core, &rules[i]));
	}
	json_object_set_new(o, "count", number(count));
	json_object_set_new(o, "rules", list);
	return o;
}
