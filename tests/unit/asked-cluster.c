/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/asked-cluster.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/conf.h"
#include "conf/edit.h"
#include "sim/power.h"

static const char guest[] =
	"<domain type='kvm'><name>desk</name>"
	"<uuid>8c0a5f10-0000-4000-8000-0000000000aa</uuid>"
	"<memory unit='MiB'>64</memory><vcpu>1</vcpu>"
	"<devices><graphics type='vnc' passwd='" ASKED_SECRET "'/></devices>"
	"</domain>";

const struct hactl_screen asked_screen = { .width = 80 };
struct asked_cluster asked = { .file = "tests/scenario/three-hosts.xml" };

char *asked_path_of(const char *name)
{
	static char path[512];
	const char *src = getenv("srcdir");

	(void)snprintf(path, sizeof(path), "%s/%s", src ? src : ".", name);
	return path;
}

static void on_action(ha_hostid host, const struct ha_action *a, void *arg)
{
	(void)arg;
	if (a->kind == HA_ACT_TRACE && asked.sim->hosts[host - 1].core) {
		ck_assert_ptr_nonnull(events_add(asked.events[host - 1],
						 asked.sim->hosts[host - 1].core,
						 &a->trace));
	}
}

static void make_config(void)
{
	struct ha_conf_errors errors = { 0 };
	struct ha_buf file = { 0 };
	struct ha_conf_edit edit = { .domain_xml = guest,
				     .domain_len = sizeof(guest) - 1 };

	ck_assert_int_eq(ha_conf_read_file(
		asked_path_of(asked.file), &errors, &file, NULL), 0);
	edit.text = file.data;
	edit.len = file.len;
	ck_assert_int_eq(ha_conf_add_vm(&edit, &errors, &asked.text), 0);
	ck_assert_int_eq(ha_conf_parse(asked.text.data, asked.text.len, &errors,
				       &asked.config), 0);
	ha_conf_hash(asked.text.data, asked.text.len, &asked.config->hash);
	ha_buf_fini(&file);
	ha_conf_errors_fini(&errors);
}

static bool settled(ha_hostid host)
{
	const struct ha_core *core = asked.sim->hosts[host - 1].core;
	struct ha_cluster_view v;

	if (!core) {
		return false;
	}
	ha_core_view_cluster(core, &v);
	return v.settled;
}

static bool all_run(void)
{
	const struct ha_core *core = asked.sim->hosts[0].core;

	if (!core || !ha_core_config(core) || !settled(1)) {
		return false;
	}
	for (size_t i = 0; i < asked.config->vm_count; i++) {
		struct ha_vm_view v;

		ha_core_view_vm(core, &asked.config->vms[i].uuid, &v);
		if (v.shown != HA_VM_SHOWN_RUNNING) {
			return false;
		}
	}
	return true;
}

void asked_run_until_all_run(void)
{
	ha_time limit = asked.sim->now + HA_S(300);

	while (!all_run() && asked.sim->now < limit && sim_run_one(asked.sim)) {
	}
	ck_assert(all_run());
}

/* Three hosts with power and corosync; no cluster yet. */
void asked_set_up(void)
{
	struct sim_params p = { .seed = 7, .token = HA_S(1), .vms_max = 64,
				.watch = on_action };

	make_config();
	asked.sim = sim_create(&p);
	for (ha_hostid id = 1; id <= ASKED_HOSTS; id++) {
		asked.events[id - 1] = events_create();
		(void)sim_add_host(asked.sim, id, ha_config_host(asked.config, id)->name);
	}
	asked.sim->nodelist = ha_config_hostset(asked.config);
	(void)sim_add_body(asked.sim, asked.config);
	for (ha_hostid id = 1; id <= ASKED_HOSTS; id++) {
		sim_power_on(asked.sim, id, SIM_BOOT);
	}
	sim_run_until(asked.sim, asked.sim->now + HA_S(20));
	ck_assert_ptr_nonnull(asked.sim->hosts[0].core);
}

void asked_set_up_cluster(void)
{
	struct ha_command create = { .verb = HA_CMD_CLUSTER_CREATE,
				     .cluster = { 1 } };
	ha_time limit;

	asked_set_up();
	create.hash = asked.config->hash;
	ck_assert_uint_ne(sim_command(asked.sim, 1, &create), 0);
	for (limit = asked.sim->now + HA_S(300);
	     !ha_core_config(asked.sim->hosts[2].core) && asked.sim->now < limit;) {
		ck_assert(sim_run_one(asked.sim));
	}
	asked_run_until_all_run();
}

void asked_tear_down(void)
{
	sim_destroy(asked.sim);
	for (int i = 0; i < ASKED_HOSTS; i++) {
		events_destroy(asked.events[i]);
	}
	ha_conf_free(asked.config);
	ha_buf_fini(&asked.text);
	asked.config = NULL;
}

/* Asks a host that has all texts; the caller owns reply->json. */
int asked_as(bool may_change, ha_hostid host,
		  const struct ha_request *req, struct query_reply *reply)
{
	struct query_text texts = { .hash = asked.config->hash, .text = asked.text.data,
				    .len = asked.text.len };
	struct ha_am_held held[] = {
		{ .version = 0, .hash = { { 9 } }, .wall_s = 1 },
		{ .version = 1, .hash = asked.config->hash, .wall_s = 1700000000 },
		{ .version = 77, .hash = { { 77 } }, .wall_s = 0 },
	};
	struct query_facts facts = {
		.core = asked.sim->hosts[host - 1].core, .self = host,
		.events = asked.events[host - 1], .held = held, .held_count = 3,
		.texts = &texts, .text_count = 1, .may_change = may_change,
	};

	return query_answer(&facts, req, reply);
}

/* One argument or none (value NULL). */
struct ha_request asked_request(const char *name, const char *key,
				 const char *value)
{
	static struct ha_arg arg;
	struct ha_request req = { .name = name, .args = &arg };

	arg.key = key;
	arg.value = value;
	req.arg_count = value != NULL;
	return req;
}

json_t *asked_answer(ha_hostid host, const char *name, const char *key,
		   const char *value)
{
	struct ha_request req = asked_request(name, key, value);
	struct query_reply reply;
	int rc = asked_as(true, host, &req, &reply);

	ck_assert_msg(rc == 0, "%s: %d %s", name, rc, reply.text);
	ck_assert_ptr_nonnull(reply.json);
	return reply.json;
}

const char *asked_str(const json_t *o, const char *key)
{
	ck_assert_msg(json_is_string(json_object_get(o, key)), "no %s", key);
	return json_string_value(json_object_get(o, key));
}
