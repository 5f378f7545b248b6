/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "base/buf.h"
#include "base/uuid.h"
#include "core/fact.h"
#include "policy.h"

const char *status_host_name(const struct ha_core *core, ha_hostid id,
			     char *text)
{
	const struct ha_config *c = ha_core_config(core);
	const struct ha_host_conf *h = c ? ha_config_host(c, id) : NULL;

	if (id == HA_HOST_NONE) {
		text[0] = '\0';
	} else if (h) {
		snprintf(text, 80, "%s", h->name);
	} else {
		snprintf(text, 80, "host %u", id);
	}
	return text;
}

ha_hostid status_find_host(const struct ha_core *core, const char *name)
{
	const struct ha_config *c = ha_core_config(core);
	const struct ha_host_conf *h;

	h = c && name ? ha_config_host_named(c, name) : NULL;
	return h ? h->id : HA_HOST_NONE;
}

const struct ha_vm_conf *status_find_vm(const struct ha_core *core,
					const char *name)
{
	const struct ha_config *c = ha_core_config(core);
	const struct ha_vm_conf *vm;
	struct ha_uuid uuid;

	if (!c || !name) {
		return NULL;
	}
	vm = ha_config_vm_named(c, name);
	return !vm && ha_uuid_parse(name, &uuid) ? ha_config_vm(c, &uuid) : vm;
}

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

json_t *status_host_names(const struct ha_core *core, ha_hostset set)
{
	json_t *list = json_array();
	char name[80];

	while (set) {
		ha_hostid id = ha_hostset_pop(&set);

		json_array_append_new(list, json_string(status_host_name(
						core, id, name)));
	}
	return list;
}

static json_t *make_cluster(struct ha_core *core, ha_hostid self)
{
	const struct ha_config *c = ha_core_config(core);
	struct ha_cluster_view v;
	json_t *o = json_object();
	char name[80];

	memset(&v, 0, sizeof(v));
	ha_core_view_cluster(core, &v);
	json_object_set_new(o, "name", json_string(c ? c->name : ""));
	json_object_set_new(o, "local", json_string(status_host_name(
						core, self, name)));
	json_object_set_new(o, "version", json_string(PACKAGE_VERSION));
	json_object_set_new(o, "level", number(v.level));
	json_object_set_new(o, "levels_here", json_pack("[I,I]",
					(json_int_t)v.level_min,
					(json_int_t)v.level_max));
	json_object_set_new(o, "quorate", json_boolean(v.quorate));
	json_object_set_new(o, "epoch", number(v.epoch));
	json_object_set_new(o, "index", number(v.index));
	json_object_set_new(o, "coordinator", json_string(status_host_name(
						core, v.coordinator, name)));
	json_object_set_new(o, "members", status_host_names(core, v.members));
	json_object_set_new(o, "voters", status_host_names(core, v.voters));
	json_object_set_new(o, "disarmed", json_boolean(v.disarmed));
	json_object_set_new(o, "stopped", json_boolean(v.stopped));
	json_object_set_new(o, "frozen", json_boolean(v.frozen));
	json_object_set_new(o, "empty", json_boolean(v.empty));
	json_object_set_new(o, "settled", json_boolean(v.settled));
	json_object_set_new(o, "why", json_string(v.why));
	json_object_set_new(o, "config_version",
			    number(ha_core_state(core)->config_version));
	if (c) {
		json_object_set_new(o, "admission", policy_admission(core));
		json_object_set_new(o, "broken", policy_broken(core, NULL));
	}
	return o;
}

static json_t *make_host(const struct ha_core *core, ha_hostid id)
{
	struct ha_host_view v;
	json_t *o = json_object();
	char name[80];

	memset(&v, 0, sizeof(v));
	ha_core_view_host(core, id, &v);
	json_object_set_new(o, "id", number(id));
	json_object_set_new(o, "name", json_string(status_host_name(
						core, id, name)));
	json_object_set_new(o, "state",
			    json_string(ha_host_shown_name(v.shown)));
	json_object_set_new(o, "meaning",
			    json_string(ha_host_shown_text(v.shown)));
	json_object_set_new(o, "coordinator", json_boolean(v.coordinator));
	json_object_set_new(o, "vm_agent", json_boolean(v.vm_agent));
	json_object_set_new(o, "fence_agent", json_boolean(v.fence_agent));
	json_object_set_new(o, "memory_kib", number(v.size.memory_kib));
	json_object_set_new(o, "memory_used_kib", number(v.memory_used_kib));
	json_object_set_new(o, "cpus", number(v.size.cpus));
	json_object_set_new(o, "cpu_mhz", number(v.size.cpu_mhz));
	json_object_set_new(o, "vcpus_used", number(v.vcpus_used));
	json_object_set_new(o, "vms", number(v.vms));
	json_object_set_new(o, "fence_tries", number(v.fence_tries));
	json_object_set_new(o, "proof", json_string(
		v.proof == HA_PROOF_NONE ? "" : ha_proof_name(v.proof)));
	json_object_set_new(o, "why", json_string(v.why));
	json_object_set_new(o, "todo", json_string(v.todo));
	return o;
}

/* "bmc1 + bmc2": the devices of one level, all of which must succeed. */
static json_t *fence_level(const struct ha_config *c,
			   const struct ha_fence_level *level)
{
	struct ha_buf b = { 0 };
	json_t *text;

	for (size_t i = 0; i < level->step_count; i++) {
		ha_buf_printf(&b, "%s%s", i > 0 ? " + " : "",
			      c->devices[level->steps[i].device].name);
	}
	text = json_string(b.data ? b.data : "");
	ha_buf_fini(&b);
	return text;
}

static json_t *owned_vms(const struct ha_core *core, ha_hostid id)
{
	const struct ha_config *c = ha_core_config(core);
	const struct ha_state *state = ha_core_state(core);
	json_t *list = json_array();

	for (size_t i = 0; i < c->vm_count; i++) {
		const struct ha_vm_state *s = ha_state_vm(state,
							  &c->vms[i].uuid);

		if (s && s->owner == id) {
			json_array_append_new(list,
					      json_string(c->vms[i].name));
		}
	}
	return list;
}

json_t *status_host_full(const struct ha_core *core, ha_hostid id)
{
	const struct ha_config *c = ha_core_config(core);
	const struct ha_host_conf *conf = c ? ha_config_host(c, id) : NULL;
	const struct ha_host_state *s;
	json_t *o, *levels;
	char name[80];

	if (!conf) {
		return NULL;
	}
	s = &ha_core_state(core)->hosts[id - 1];
	o = make_host(core, id);
	levels = json_array();
	for (size_t i = 0; i < conf->level_count; i++) {
		json_array_append_new(levels,
				      fence_level(c, &conf->levels[i]));
	}
	json_object_set_new(o, "fence_by", json_string(status_host_name(
						core, s->fence_by, name)));
	json_object_set_new(o, "fence_attempt", number(s->fence_number));
	json_object_set_new(o, "maintenance", json_boolean(s->maintenance));
	json_object_set_new(o, "leaving", json_boolean(s->leaving));
	json_object_set_new(o, "migration_address", json_string(
			conf->migration_address ? conf->migration_address
						: conf->name));
	json_object_set_new(o, "fence_levels", levels);
	json_object_set_new(o, "owns", owned_vms(core, id));
	return o;
}

static const char *wanted_name(uint32_t wanted)
{
	return wanted == HA_WANTED_RUNNING ? "running" : "stopped";
}

static json_t *make_vm(const struct ha_core *core, const struct ha_vm_conf *vm)
{
	const struct ha_vm_state *s = ha_state_vm(ha_core_state(core),
						  &vm->uuid);
	struct ha_vm_view v;
	json_t *o = json_object();
	char name[80], uuid[HA_UUID_TEXT];

	memset(&v, 0, sizeof(v));
	ha_core_view_vm(core, &vm->uuid, &v);
	ha_uuid_print(&vm->uuid, uuid);
	json_object_set_new(o, "name", json_string(vm->name));
	json_object_set_new(o, "uuid", json_string(uuid));
	json_object_set_new(o, "state", json_string(ha_vm_shown_name(v.shown)));
	json_object_set_new(o, "meaning",
			    json_string(ha_vm_shown_text(v.shown)));
	json_object_set_new(o, "owner", json_string(status_host_name(
						core, v.owner, name)));
	json_object_set_new(o, "seen_on", json_string(status_host_name(
						core, v.seen_on, name)));
	json_object_set_new(o, "priority",
			    json_string(ha_priority_name(vm->priority)));
	json_object_set_new(o, "wanted", json_string(wanted_name(
					s ? s->wanted : vm->wanted)));
	json_object_set_new(o, "memory_kib", number(vm->memory_kib));
	json_object_set_new(o, "vcpus", number(vm->vcpus));
	json_object_set_new(o, "starts", number(v.starts));
	json_object_set_new(o, "failures", number(v.failures));
	json_object_set_new(o, "generation", number(v.gen));
	json_object_set_new(o, "why", json_string(v.why));
	json_object_set_new(o, "todo", json_string(v.todo));
	return o;
}

static json_t *seconds(ha_dur d)
{
	return json_integer((json_int_t)(d / HA_S(1)));
}

static void set_vm_settings(json_t *o, const struct ha_vm_conf *vm)
{
	json_object_set_new(o, "on_guest_shutdown", json_string(
		vm->on_guest_shutdown == HA_GUEST_SHUTDOWN_OFF ? "off"
							       : "restart"));
	json_object_set_new(o, "on_host_shutdown", json_string(
		vm->on_host_shutdown == HA_HOST_SHUTDOWN_MOVE ? "move"
							      : "stop"));
	json_object_set_new(o, "start_timeout_s", seconds(vm->start_timeout));
	json_object_set_new(o, "stop_timeout_s", seconds(vm->stop_timeout));
	json_object_set_new(o, "memory_overhead_kib",
			    number(vm->memory_overhead_kib));
}

static json_t *why_text(uint32_t why)
{
	return json_string(why == HA_WHY_NONE
				   ? ""
				   : ha_why_text((enum ha_why)why));
}

json_t *status_vm_full(const struct ha_core *core, const struct ha_vm_conf *vm)
{
	const struct ha_vm_state *s = ha_state_vm(ha_core_state(core),
						  &vm->uuid);
	json_t *o = make_vm(core, vm);
	char name[80];

	set_vm_settings(o, vm);
	if (!s) {
		return o;
	}
	json_object_set_new(o, "stops_because", why_text(s->stop));
	json_object_set_new(o, "last_stop", why_text(s->last_why));
	json_object_set_new(o, "next_host", json_string(status_host_name(
						core, s->next, name)));
	json_object_set_new(o, "waits_for", json_string(status_host_name(
						core, s->waits_for, name)));
	json_object_set_new(o, "failed_on", status_host_names(core, s->avoid));
	json_object_set_new(o, "crashed_on", status_host_names(core, s->aside));
	return o;
}

json_t *status_all(struct ha_core *core, ha_hostid self)
{
	const struct ha_config *c = ha_core_config(core);
	json_t *o = json_object(), *hosts = json_array(), *vms = json_array();

	for (size_t i = 0; c && i < c->host_count; i++) {
		json_array_append_new(hosts, make_host(core, c->hosts[i].id));
	}
	for (size_t i = 0; c && i < c->vm_count; i++) {
		json_array_append_new(vms, make_vm(core, &c->vms[i]));
	}
	json_object_set_new(o, "cluster", make_cluster(core, self));
	json_object_set_new(o, "hosts", hosts);
	json_object_set_new(o, "vms", vms);
	return o;
}
