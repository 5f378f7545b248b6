/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What hacd answers to requests that only look, and what hactl makes of it: a
 * simulated cluster of three hosts lives, loses one and recovers; its real
 * answers are checked, and given to hactl's renderers, so that the two cannot
 * drift apart.
 */
#include "daemons/hacd/query.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "conf/conf.h"
#include "conf/edit.h"
#include "sim/power.h"
#include "sim/world.h"
#include "tests/unit/suite.h"
#include "tools/hactl/doctor.h"
#include "tools/hactl/explain.h"
#include "tools/hactl/render.h"
#include "tools/hactl/wait.h"
#include "tools/hactl/whatif.h"
#include "wire/snapshot.h"

#define HOSTS 3
#define SECRET "hunter2"

static const struct hactl_screen screen = { .width = 80 };

static const char guest[] =
	"<domain type='kvm'><name>desk</name>"
	"<uuid>8c0a5f10-0000-4000-8000-0000000000aa</uuid>"
	"<memory unit='MiB'>64</memory><vcpu>1</vcpu>"
	"<devices><graphics type='vnc' passwd='" SECRET "'/></devices>"
	"</domain>";

static struct sim *sim;
static struct ha_buf text;
static struct ha_config *config;
static struct events *events[HOSTS]; /* by id-1 */
static const char *config_file = "tests/scenario/three-hosts.xml";

static char *path_of(const char *name)
{
	static char path[512];
	const char *src = getenv("srcdir");

	(void)snprintf(path, sizeof(path), "%s/%s", src ? src : ".", name);
	return path;
}

static void on_action(ha_hostid host, const struct ha_action *a, void *arg)
{
	(void)arg;
	if (a->kind == HA_ACT_TRACE && sim->hosts[host - 1].core) {
		ck_assert_ptr_nonnull(events_add(events[host - 1],
						 sim->hosts[host - 1].core,
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
		path_of(config_file), &errors, &file, NULL), 0);
	edit.text = file.data;
	edit.len = file.len;
	ck_assert_int_eq(ha_conf_add_vm(&edit, &errors, &text), 0);
	ck_assert_int_eq(ha_conf_parse(text.data, text.len, &errors, &config),
			 0);
	ha_conf_hash(text.data, text.len, &config->hash);
	ha_buf_fini(&file);
	ha_conf_errors_fini(&errors);
}

static bool settled(ha_hostid host)
{
	const struct ha_core *core = sim->hosts[host - 1].core;
	struct ha_cluster_view v;

	if (!core) {
		return false;
	}
	ha_core_view_cluster(core, &v);
	return v.settled;
}

static bool all_run(void)
{
	const struct ha_core *core = sim->hosts[0].core;

	if (!core || !ha_core_config(core) || !settled(1)) {
		return false;
	}
	for (size_t i = 0; i < config->vm_count; i++) {
		struct ha_vm_view v;

		ha_core_view_vm(core, &config->vms[i].uuid, &v);
		if (v.shown != HA_VM_SHOWN_RUNNING) {
			return false;
		}
	}
	return true;
}

static void run_until_all_run(void)
{
	ha_time limit = sim->now + HA_S(300);

	while (!all_run() && sim->now < limit && sim_run_one(sim)) {
	}
	ck_assert(all_run());
}

/* Three hosts with power and corosync; no cluster yet. */
static void set_up(void)
{
	struct sim_params p = { .seed = 7, .token = HA_S(1), .vms_max = 64,
				.watch = on_action };

	make_config();
	sim = sim_create(&p);
	for (ha_hostid id = 1; id <= HOSTS; id++) {
		events[id - 1] = events_create();
		(void)sim_add_host(sim, id, ha_config_host(config, id)->name);
	}
	sim->nodelist = ha_config_hostset(config);
	(void)sim_add_body(sim, config);
	for (ha_hostid id = 1; id <= HOSTS; id++) {
		sim_power_on(sim, id, SIM_BOOT);
	}
	sim_run_until(sim, sim->now + HA_S(20));
	ck_assert_ptr_nonnull(sim->hosts[0].core);
}

static void set_up_cluster(void)
{
	struct ha_command create = { .verb = HA_CMD_CLUSTER_CREATE,
				     .cluster = { 1 } };
	ha_time limit;

	set_up();
	create.hash = config->hash;
	ck_assert_uint_ne(sim_command(sim, 1, &create), 0);
	for (limit = sim->now + HA_S(300);
	     !ha_core_config(sim->hosts[2].core) && sim->now < limit;) {
		ck_assert(sim_run_one(sim));
	}
	run_until_all_run();
}

static void tear_down(void)
{
	sim_destroy(sim);
	for (int i = 0; i < HOSTS; i++) {
		events_destroy(events[i]);
	}
	ha_conf_free(config);
	ha_buf_fini(&text);
	config = NULL;
}

/* Asks a host that has all texts; the caller owns reply->json. */
static int ask_as(bool may_change, ha_hostid host,
		  const struct ha_request *req, struct query_reply *reply)
{
	struct query_text texts = { .hash = config->hash, .text = text.data,
				    .len = text.len };
	struct ha_am_held held[] = {
		{ .version = 0, .hash = { { 9 } }, .wall_s = 1 },
		{ .version = 1, .hash = config->hash, .wall_s = 1700000000 },
		{ .version = 77, .hash = { { 77 } }, .wall_s = 0 },
	};
	struct query_facts facts = {
		.core = sim->hosts[host - 1].core, .self = host,
		.events = events[host - 1], .held = held, .held_count = 3,
		.texts = &texts, .text_count = 1, .may_change = may_change,
	};

	return query_answer(&facts, req, reply);
}

/* One argument or none (value NULL). */
static struct ha_request request(const char *name, const char *key,
				 const char *value)
{
	static struct ha_arg arg;
	struct ha_request req = { .name = name, .args = &arg };

	arg.key = key;
	arg.value = value;
	req.arg_count = value != NULL;
	return req;
}

static json_t *ask(ha_hostid host, const char *name, const char *key,
		   const char *value)
{
	struct ha_request req = request(name, key, value);
	struct query_reply reply;
	int rc = ask_as(true, host, &req, &reply);

	ck_assert_msg(rc == 0, "%s: %d %s", name, rc, reply.text);
	ck_assert_ptr_nonnull(reply.json);
	return reply.json;
}

static const char *str(const json_t *o, const char *key)
{
	ck_assert_msg(json_is_string(json_object_get(o, key)), "no %s", key);
	return json_string_value(json_object_get(o, key));
}

/* --- the cluster as it should be --- */

START_TEST(status_is_fine)
{
	json_t *status;
	struct hactl_findings findings = { .list = NULL };
	struct ha_buf b = { 0 };

	set_up_cluster();
	status = ask(2, "status", NULL, NULL);
	ck_assert_str_eq(str(json_object_get(status, "cluster"), "local"),
			 "h2");
	ck_assert(hactl_status_fine(status));
	hactl_render_status(status, &screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "3 online") ?
			      strstr(b.data, "3 online") :
			      strstr(b.data, "h3    online"));
	ha_buf_clear(&b);
	hactl_render_hosts(json_object_get(status, "hosts"), &screen, &b);
	hactl_render_vms(json_object_get(status, "vms"), NULL, &screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "h1*"));
	ck_assert_ptr_nonnull(strstr(b.data, "desk"));
	hactl_doctor_cluster(status, &findings);
	ck_assert_int_eq(hactl_findings_worst(&findings), HACTL_FINE);
	hactl_findings_fini(&findings);
	ha_buf_fini(&b);
	json_decref(status);
	tear_down();
}
END_TEST

/* The committed state comes with it, whole. */
START_TEST(a_snapshot_is_given)
{
	const struct ha_state *state;
	struct ha_disk_store store;
	json_t *json;

	set_up_cluster();
	state = ha_core_state(sim->hosts[2].core);
	json = ask(3, "snapshot", NULL, NULL);
	ck_assert_ptr_nonnull(json_object_get(json, "hosts"));
	ck_assert_int_eq(json_integer_value(json_object_get(json, "token_ms")),
			 1000);
	ck_assert_int_eq(ha_snapshot_unpack_text(str(json, "snapshot"),
						 &store), 0);
	ck_assert_uint_eq(store.base.voters, 7);
	ck_assert_uint_eq(store.state->vm_count, state->vm_count);
	ck_assert_mem_eq(store.state->vms, state->vms,
			 state->vm_count * sizeof(state->vms[0]));
	ck_assert_mem_eq(store.state->hosts, state->hosts,
			 sizeof(state->hosts));
	ha_disk_store_fini(&store);
	json_decref(json);
	tear_down();
}
END_TEST

static void check_same_keys(const json_t *a, const json_t *b, const char *what)
{
	const char *key;
	json_t *value;

	ck_assert_ptr_nonnull(a);
	json_object_foreach((json_t *)(uintptr_t)a, key, value) {
		ck_assert_msg(json_typeof(value) == json_typeof(
				json_object_get(b, key) ?
				json_object_get(b, key) : json_null()) ||
			      json_is_boolean(value), "%s: %s", what, key);
		ck_assert_msg(json_object_get(b, key) != NULL,
			      "%s: %s is on one side only", what, key);
	}
}

/* The answers that hactl's screens are tested with are such as hacd gives. */
START_TEST(recorded_answers_are_true)
{
	json_t *real, *recorded;
	const char *const lists[] = { "hosts", "vms" };

	set_up_cluster();
	real = ask(1, "status", NULL, NULL);
	recorded = json_load_file(path_of("tests/unit/hactl/fine.json"), 0,
				  NULL);
	ck_assert_ptr_nonnull(recorded);
	check_same_keys(json_object_get(real, "cluster"),
			json_object_get(recorded, "cluster"), "cluster");
	check_same_keys(json_object_get(recorded, "cluster"),
			json_object_get(real, "cluster"), "cluster");
	for (size_t i = 0; i < 2; i++) {
		json_t *a = json_array_get(json_object_get(real, lists[i]), 0);
		json_t *b = json_array_get(json_object_get(recorded, lists[i]),
					   0);

		check_same_keys(a, b, lists[i]);
		check_same_keys(b, a, lists[i]);
	}
	json_decref(real);
	json_decref(recorded);
	tear_down();
}
END_TEST

static void check_documented(const char *page, const json_t *json)
{
	const char *key;
	char quoted[80];
	json_t *value;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)json, i, value) {
		check_documented(page, value);
	}
	json_object_foreach((json_t *)(uintptr_t)json, key, value) {
		(void)snprintf(quoted, sizeof(quoted), "\"%s\"", key);
		ck_assert_msg(strstr(page, quoted) != NULL,
			      "hactl(8) does not tell of %s", quoted);
		check_documented(page, value);
	}
}

static void check_simulate_documented(const char *page)
{
	struct ha_whatif_vm vm = { .name = "desk" };
	struct ha_whatif_result r = { .vms = &vm, .vm_count = 1 };
	json_t *json;

	r.hosts[0].id = 1;
	json = hactl_whatif_json(&r, "kill h1");
	ck_assert_ptr_nonnull(json);
	check_documented(page, json);
	json_decref(json);
}

/* The public face: every key of every answer stands in the manual. */
START_TEST(keys_are_documented)
{
	static const struct {
		const char *name, *key, *value;
		const char *member; /* that hactl prints; NULL: all */
	} all[] = {
		{ "status", NULL, NULL, NULL },
		{ "host-show", "host", "h1", NULL },
		{ "vm-show", "vm", "desk", NULL },
		{ "explain", "vm", "desk", NULL },
		{ "placement", "vm", "desk", NULL },
		{ "admission", NULL, NULL, NULL },
		{ "events", NULL, NULL, NULL },
		{ "fence-history", NULL, NULL, "fences" },
		{ "config-show", NULL, NULL, NULL },
		{ "config-history", NULL, NULL, "versions" },
	};
	char *page = calloc(1, 131072);
	FILE *f = fopen(path_of("man/hactl.8"), "re");

	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(page);
	ck_assert_uint_gt(fread(page, 1, 131071, f), 0);
	(void)fclose(f);
	check_simulate_documented(strstr(page, "\n.Sh JSON"));
	set_up_cluster();
	sim_power_off(sim, 2, "killed");
	sim_run_until(sim, sim->now + HA_S(5));
	run_until_all_run();
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		json_t *json = ask(1, all[i].name, all[i].key, all[i].value);

		check_documented(strstr(page, "\n.Sh JSON"),
				 all[i].member ?
				 json_object_get(json, all[i].member) : json);
		json_decref(json);
	}
	free(page);
	tear_down();
}
END_TEST

/* Two VMs that should be together find no host that has room for both. */
START_TEST(a_broken_rule_is_told)
{
	json_t *status, *app, *web1, *broken;
	struct ha_buf b = { 0 };

	config_file = "tests/scenario/rules-told.xml"; /* in a process of its own */
	set_up_cluster();
	status = ask(2, "status", NULL, NULL);
	broken = json_object_get(json_object_get(status, "cluster"), "broken");
	ck_assert_int_eq(json_integer_value(json_object_get(broken, "count")),
			 1);
	broken = json_array_get(json_object_get(broken, "rules"), 0);
	ck_assert_str_eq(str(broken, "name"), "pair");
	ck_assert_str_eq(str(broken, "strength"), "should");
	ck_assert_str_eq(str(broken, "keeps"), "together");
	ck_assert_str_eq(str(broken, "mend"), "no-room");
	ck_assert_uint_eq(json_array_size(json_object_get(broken, "vms")), 2);
	ck_assert_uint_eq(json_array_size(json_object_get(broken, "hosts")), 2);
	ck_assert(hactl_status_fine(status));
	hactl_render_status(status, &screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "What should be otherwise\n"
				     "  rule pair: broken (should, together) by "
				     "vm app, cache on h"));
	ck_assert_ptr_nonnull(strstr(b.data, "MiB too little free\n"));
	ha_buf_clear(&b);
	app = ask(2, "explain", "vm", "app");
	hactl_render_story(app, &screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "\nRule pair is broken (should"));
	web1 = ask(2, "explain", "vm", "web1");
	ck_assert_int_eq(json_integer_value(json_object_get(
		json_object_get(web1, "broken"), "count")), 0);
	json_decref(web1);
	json_decref(app);
	json_decref(status);
	ha_buf_fini(&b);
	tear_down();
}
END_TEST

START_TEST(one_host_and_one_vm)
{
	json_t *json;
	struct ha_buf b = { 0 };

	set_up_cluster();
	json = ask(3, "host-show", NULL, NULL); /* itself */
	ck_assert_str_eq(str(json, "name"), "h3");
	ck_assert_uint_eq(json_array_size(json_object_get(json,
							  "fence_levels")), 1);
	hactl_render_host(json, &screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "bmc"));
	json_decref(json);
	json = ask(3, "vm-show", "vm", "8C0A5F10-0000-4000-8000-0000000000AA");
	ck_assert_str_eq(str(json, "name"), "desk");
	ck_assert_str_eq(str(json, "state"), "running");
	ha_buf_clear(&b);
	hactl_render_vm(json, &screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "running"));
	ck_assert_ptr_null(strstr(b.data, SECRET));
	json_decref(json);
	ha_buf_fini(&b);
	tear_down();
}
END_TEST

/* --- a host is lost, fenced, and its VMs are recovered --- */

static void check_fence(ha_hostid host)
{
	struct ha_buf b = { 0 };
	json_t *history = ask(host, "fence-history", "host", "h2");
	const json_t *list = json_object_get(history, "fences");
	const json_t *row = json_array_get(list, 0);

	ck_assert_uint_eq(json_array_size(list), 1);
	ck_assert_str_eq(str(row, "host"), "h2");
	ck_assert_str_eq(str(row, "by"), "h1");
	ck_assert_str_eq(str(row, "result"), "off");
	ck_assert_int_eq(json_integer_value(json_object_get(row, "attempt")),
			 1);
	ck_assert_str_ne(str(row, "ended"), "");
	hactl_render_fences(list, &screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "off"));
	ha_buf_fini(&b);
	json_decref(history);
}

/* The name of a VM that host h2 owns. */
static const char *vm_on_h2(void)
{
	for (size_t i = 0; i < config->vm_count; i++) {
		struct ha_vm_view v;

		ha_core_view_vm(sim->hosts[0].core, &config->vms[i].uuid, &v);
		if (v.owner == 2) {
			return config->vms[i].name;
		}
	}
	ck_abort_msg("h2 owns no VM");
	return NULL;
}

START_TEST(a_fencing_is_recorded)
{
	const char *vm;
	json_t *json;
	struct ha_buf b = { 0 };

	set_up_cluster();
	vm = vm_on_h2();
	sim_power_off(sim, 2, "killed");
	sim_run_until(sim, sim->now + HA_S(5));
	run_until_all_run();
	check_fence(1); /* the coordinator, which decided it */
	check_fence(3);
	json = ask(3, "fence-history", "host", "h1");
	ck_assert_uint_eq(json_array_size(json_object_get(json, "fences")), 0);
	json_decref(json);
	json = ask(1, "host-show", "host", "h2");
	ck_assert_str_eq(str(json, "state"), "fenced");
	ck_assert_str_eq(str(json, "proof"), "power");
	json_decref(json);
	json = ask(1, "explain", "vm", vm);
	ck_assert_uint_gt(json_array_size(json_object_get(json, "events")), 0);
	ck_assert_str_ne(str(json_object_get(json, "vm"), "last_stop"), "");
	hactl_render_story(json, &screen, &b);
	ck_assert_msg(strstr(b.data, "is running on") != NULL, "%s", b.data);
	ck_assert_ptr_nonnull(strstr(b.data, "->"));
	ha_buf_fini(&b);
	json_decref(json);
	tear_down();
}
END_TEST

/* --- back to the cause --- */

/* What hactl explain makes of the events of a host. */
static json_t *explained(ha_hostid host, const char *vm, const char *of_host)
{
	json_t *answer = ask(host, "events", NULL, NULL);
	json_t *all = json_object_get(answer, "events");
	json_t *o = json_object();

	hactl_explain_add(o, all, vm ? hactl_explain_newest_vm(all, vm)
				  : hactl_explain_newest_host(all, of_host));
	json_decref(answer);
	return o;
}

/* The sentences of "because" or "led_to" begin so; "" for any. */
static void check_sentences(const json_t *o, const char *list,
			    const char *const *starts, size_t count)
{
	const json_t *because = json_object_get(o, list);

	ck_assert_uint_ge(json_array_size(because), count);
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(because, i);

		ck_assert_msg(strncmp(str(one, "text"), starts[i],
				      strlen(starts[i])) == 0,
			      "'%s' was expected, not '%s'", starts[i],
			      str(one, "text"));
		ck_assert_int_gt(json_integer_value(json_object_get(one, "id")),
				 0);
		ck_assert_str_ne(str(one, "time"), "");
	}
}

/* As hactl explain vm and host show it. */
static void check_shown(ha_hostid host, const char *vm)
{
	json_t *list = ask(host, "events", NULL, NULL);
	json_t *all = json_object_get(list, "events");
	json_t *story = ask(host, "explain", "vm", vm);
	json_t *of_host = json_pack("{s:o}", "host",
				    ask(host, "host-show", "host", "h2"));
	struct ha_buf b = { 0 };

	hactl_explain_add(story, all, hactl_explain_newest_vm(all, vm));
	hactl_render_story(story, &screen, &b);
	ck_assert_msg(strstr(b.data, "back to the cause:") != NULL &&
		      strstr(b.data, "was proven down") != NULL, "%s",
		      b.data);
	ha_buf_clear(&b);
	hactl_explain_add(of_host, all, hactl_explain_newest_host(all, "h2"));
	hactl_render_host_story(of_host, &screen, &b);
	ck_assert_msg(strstr(b.data, "host h2 is fenced: proven down") == b.data,
		      "%s", b.data);
	ck_assert_ptr_nonnull(strstr(b.data, "What it led to:"));
	ha_buf_fini(&b);
	json_decref(of_host);
	json_decref(story);
	json_decref(list);
}

static void check_lost(ha_hostid host, const char *vm)
{
	struct ha_vm_view v;
	char started[120];
	const char *chain[] = { started, "h2 was proven down: its power reads "
				"off", "host h2: ", "h2 was lost: it left "
				"corosync's membership" };
	const char *effect[] = { "vm " };
	json_t *o = explained(host, vm, NULL);
	const char *said = str(json_array_get(json_object_get(o, "because"),
					      0), "text");

	ha_core_view_vm(sim->hosts[0].core,
			&ha_config_vm_named(config, vm)->uuid, &v);
	(void)snprintf(started, sizeof(started), "vm %s was started on h%u "
		       "because its host h2 was proven down; h%u was chosen: "
		       "largest share free", vm, v.owner, v.owner);
	check_sentences(o, "because", chain, 4);
	ck_assert_uint_eq(json_array_size(json_object_get(o, "because")), 4);
	ck_assert_ptr_nonnull(strstr(said, "largest share free with it: "));
	json_decref(o);
	o = explained(host, NULL, "h2");
	check_sentences(o, "because", chain + 1, 3);
	check_sentences(o, "led_to", effect, 1);
	json_decref(o);
}

START_TEST(a_loss_is_explained)
{
	const char *vm;

	set_up_cluster();
	vm = vm_on_h2();
	sim_power_off(sim, 2, "killed");
	sim_run_until(sim, sim->now + HA_S(5));
	run_until_all_run();
	check_lost(1, vm); /* the coordinator, which decided it */
	check_lost(3, vm); /* and who was only told */
	check_shown(3, vm);
	tear_down();
}
END_TEST

START_TEST(a_maintenance_is_explained)
{
	struct ha_command cmd = { .verb = HA_CMD_HOST_MAINTENANCE, .host = 2,
				  .on = true };
	static const char *const chain[] = {
		"vm ", "vm ", "vm ", "an admin put into maintenance h2",
	};
	static const char *const words[] = {
		"it had been stopped on h2 (its host is in maintenance)",
		"was over on h2: its host is in maintenance",
		"was to stop on h2: its host is in maintenance",
		"an admin put",
	};
	const char *vm;

	set_up_cluster();
	vm = vm_on_h2();
	ck_assert_uint_ne(sim_command(sim, 1, &cmd), 0);
	sim_run_until(sim, sim->now + HA_S(5));
	run_until_all_run();
	for (ha_hostid host = 1; host <= HOSTS; host += 2) {
		json_t *o = explained(host, vm, NULL);

		check_sentences(o, "because", chain, 4);
		for (size_t i = 0; i < 4; i++) {
			const char *said = str(json_array_get(json_object_get(
						o, "because"), i), "text");

			ck_assert_msg(strstr(said, words[i]) != NULL,
				      "'%s' was expected in '%s'", words[i],
				      said);
		}
		json_decref(o);
	}
	tear_down();
}
END_TEST

/* Numbers go on where the file's ended, whatever stands there. */
START_TEST(events_are_numbered)
{
	struct events *e = events_create();
	struct events_filter all = { .limit = 10 };
	json_t *list;

	events_add_line(e, "{\"id\":7,\"text\":\"a\"}");
	events_add_line(e, "{\"text\":\"b\"}");
	events_add_line(e, "{\"id\":3,\"text\":\"c\"}");
	events_add_line(e, "{\"id\":\"x\",\"text\":\"d\"}");
	list = events_list(e, &all);
	for (size_t i = 0; i < 4; i++) {
		ck_assert_int_eq(json_integer_value(json_object_get(
			json_array_get(json_object_get(list, "events"), i),
			"id")), (int)i + 7);
	}
	json_decref(list);
	events_destroy(e);
}
END_TEST

/* One that waits for room has no decision of its own since its host died. */
START_TEST(a_waiting_vm_is_explained)
{
	static const char recorded[] =
		"[{\"id\":1,\"fact\":\"vm-owner\",\"vm\":\"x\",\"on\":\"h2\"},"
		"{\"id\":2,\"seen\":\"lost\",\"host\":\"h2\"},"
		"{\"id\":3,\"fence\":\"asked\",\"host\":\"h2\",\"text\":\"a\"},"
		"{\"id\":4,\"fact\":\"proof\",\"code\":\"power\",\"host\":\"h2\"},"
		"{\"id\":5,\"fact\":\"vm-owner\",\"vm\":\"y\",\"on\":\"h1\","
		"\"from\":\"h2\",\"code\":\"host-lost\"}]";
	json_t *list = json_loads(recorded, 0, NULL);
	json_t *chain;

	ck_assert_ptr_nonnull(list);
	ck_assert_uint_eq(hactl_explain_newest_vm(list, "x"), 3);
	ck_assert_uint_eq(hactl_explain_newest_vm(list, "y"), 4);
	chain = hactl_explain_chain(list, 3);
	ck_assert_uint_eq(json_array_size(chain), 3);
	json_decref(chain);
	json_decref(list);
}
END_TEST

static void check_sentence(const json_t *chain, size_t at, const char *wanted)
{
	ck_assert_str_eq(json_string_value(json_object_get(
				 json_array_get(chain, at), "text")), wanted);
}

/* By whom it was moved: an admin, or the cluster itself, and why. */
START_TEST(a_move_is_explained)
{
	static const char recorded[] =
		"[{\"id\":1,\"fact\":\"vm-move\",\"vm\":\"x\",\"on\":\"h2\"},"
		"{\"id\":2,\"fact\":\"vm-move\",\"vm\":\"x\",\"on\":\"h1\","
		"\"note\":\"rule apart\"}]";
	json_t *list = json_loads(recorded, 0, NULL);
	json_t *chain;

	chain = hactl_explain_chain(list, 0);
	check_sentence(chain, 0, "an admin moved vm x to h2");
	json_decref(chain);
	chain = hactl_explain_chain(list, 1);
	check_sentence(chain, 0, "vm x was to move to h1: rule apart");
	json_decref(chain);
	json_decref(list);
}
END_TEST

/* No cause is found where none is recorded, and nothing is made up. */
START_TEST(hostile_events)
{
	static const char *const all[] = {
		"[]", "[{}]", "[null, 7, \"x\"]",
		"[{\"id\":1,\"fact\":\"vm-owner\",\"code\":\"host-lost\"}]",
		("[{\"id\":1,\"fact\":7,\"vm\":[]},"
		 "{\"id\":1,\"fact\":\"proof\",\"code\":\"power\"}]"),
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		json_t *list = json_loads(all[i], 0, NULL);
		json_t *o = json_object();

		ck_assert_ptr_nonnull(list);
		for (size_t k = 0; k < json_array_size(list); k++) {
			hactl_explain_add(o, list, k);
			ck_assert_uint_le(json_array_size(json_object_get(
						  o, "because")), 2);
		}
		hactl_explain_add(o, list,
				  hactl_explain_newest_vm(list, "x"));
		json_decref(o);
		json_decref(list);
	}
}
END_TEST

START_TEST(a_failing_device_is_recorded)
{
	const json_t *list, *row;
	json_t *json;

	set_up_cluster();
	sim_bmc_set(sim, 2, SIM_BMC_DEAD);
	sim_power_off(sim, 2, "killed");
	sim_run_until(sim, sim->now + HA_S(90));
	json = ask(3, "fence-history", NULL, NULL);
	list = json_object_get(json, "fences");
	ck_assert_uint_gt(json_array_size(list), 1);
	row = json_array_get(list, 0);
	ck_assert_str_eq(str(row, "result"), "failed");
	ck_assert_str_ne(str(row, "text"), "");
	json_decref(json);
	json = ask(3, "status", NULL, NULL);
	ck_assert(!hactl_status_fine(json));
	json_decref(json);
	tear_down();
}
END_TEST

START_TEST(events_are_filtered)
{
	struct ha_buf b = { 0 };
	json_t *json, *one;

	set_up_cluster();
	json = ask(1, "events", NULL, NULL);
	ck_assert_uint_gt(json_array_size(json_object_get(json, "events")), 4);
	hactl_render_events(json_object_get(json, "events"), &screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "epoch"));
	json_decref(json);
	json = ask(1, "events", "limit", "2");
	ck_assert_uint_eq(json_array_size(json_object_get(json, "events")), 2);
	json_decref(json);
	json = ask(1, "events", "since", "9999");
	ck_assert_uint_eq(json_array_size(json_object_get(json, "events")), 0);
	json_decref(json);
	json = ask(1, "events", "since", "1970-01-01T00");
	ck_assert_uint_gt(json_array_size(json_object_get(json, "events")), 4);
	json_decref(json);
	json = ask(1, "events", "vm", "8c0a5f10-0000-4000-8000-0000000000aa");
	one = json_array_get(json_object_get(json, "events"), 0);
	ck_assert_str_eq(str(one, "vm"), "desk");
	json_decref(json);
	ha_buf_fini(&b);
	tear_down();
}
END_TEST

/* --- configurations --- */

START_TEST(configurations)
{
	struct ha_request req = request("config-text", NULL, NULL);
	struct query_reply reply;
	struct ha_buf b = { 0 };
	json_t *json;

	set_up_cluster();
	json = ask(2, "config-show", NULL, NULL);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "version")),
			 1);
	ck_assert_ptr_null(strstr(str(json, "text"), SECRET));
	ck_assert_ptr_nonnull(strstr(str(json, "text"), "***"));
	json_decref(json);
	json = ask(2, "config-text", "version", "1");
	ck_assert_str_eq(str(json, "text"), text.data);
	json_decref(json);
	ck_assert_int_eq(ask_as(false, 2, &req, &reply), HA_E_PERMISSION);
	ck_assert_ptr_null(reply.json);
	req = request("config-show", "version", "77");
	ck_assert_int_eq(ask_as(false, 2, &req, &reply), QUERY_WANTS_TEXT);
	ck_assert_uint_eq(reply.wanted.b[0], 77);
	req = request("config-show", "version", "78");
	ck_assert_int_eq(ask_as(false, 2, &req, &reply), HA_E_NOT_FOUND);
	json = ask(2, "config-history", NULL, NULL);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "versions")),
			  2); /* one was never in force */
	hactl_render_versions(json_object_get(json, "versions"), &screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "2023-11-14 22:13:20"));
	ck_assert_ptr_nonnull(strstr(b.data, "in force"));
	json_decref(json);
	ha_buf_fini(&b);
	tear_down();
}
END_TEST

/* --- before there is a cluster, and what makes no sense --- */

START_TEST(no_cluster_yet)
{
	const char *const names[] = { "host-show", "config-show" };
	struct query_reply reply;
	struct ha_buf b = { 0 };
	json_t *json;

	set_up();
	json = ask(1, "status", NULL, NULL);
	hactl_render_status(json, &screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "hactl cluster create FILE"));
	json_decref(json);
	for (size_t i = 0; i < 2; i++) {
		struct ha_request req = request(names[i], NULL, NULL);

		ck_assert_int_eq(ask_as(true, 1, &req, &reply),
				 HA_E_NOT_FOUND);
		ck_assert_str_ne(reply.text, "");
	}
	json_decref(ask(1, "events", NULL, NULL));
	json_decref(ask(1, "fence-history", NULL, NULL));
	ha_buf_fini(&b);
	tear_down();
}
END_TEST

struct hostile {
	const char *name, *key, *value;
	int code;
	const char *says;
};

static void check_hostile(const struct hostile *h)
{
	struct ha_request req = request(h->name, h->key, h->value);
	struct query_reply reply;
	int rc = ask_as(true, 1, &req, &reply);

	ck_assert_msg(rc == h->code, "%s %s: %d %s", h->name,
		      h->value ? h->value : "", rc, reply.text);
	ck_assert_ptr_null(reply.json);
	ck_assert_msg(strstr(reply.text, h->says) != NULL, "'%s' in '%s'",
		      h->says, reply.text);
	for (const char *p = reply.text; *p; p++) {
		ck_assert_msg(*p >= ' ' && *p <= '~', "%s", reply.text);
	}
}

START_TEST(hostile_requests)
{
	static char long_name[4096];
	const struct hostile all[] = {
		{ "", NULL, NULL, HA_E_REFUSED, "no request ''" },
		{ "statuss", NULL, NULL, HA_E_REFUSED, "no request 'statuss'" },
		{ "\033[31m\n", NULL, NULL, HA_E_REFUSED, "?[31m?" },
		{ "command", NULL, NULL, HA_E_REFUSED, "has no command" },
		{ "domain-xml", "name", "x", HA_E_REFUSED, "by looking" },
		{ "status", "vm", "x", HA_E_REFUSED, "takes no 'vm'" },
		{ "vm-show", NULL, NULL, HA_E_REFUSED, "needs a vm" },
		{ "vm-show", "vm", "", HA_E_REFUSED, "vm is empty" },
		{ "vm-show", "vm", "\377\001", HA_E_NOT_FOUND, "no such vm" },
		{ "vm-show", "vm", "../../etc", HA_E_NOT_FOUND, "vm list" },
		{ "vm-show", "vm", long_name, HA_E_NOT_FOUND, "no such vm" },
		{ "explain", "vm", "%s%n", HA_E_NOT_FOUND, "no such vm" },
		{ "host-show", "host", "4", HA_E_NOT_FOUND, "no such host" },
		{ "host-show", "host", "h1 ", HA_E_NOT_FOUND, "host list" },
		{ "events", "limit", "-1", HA_E_REFUSED, "takes a number" },
		{ "events", "limit", "9999999999999999999", HA_E_REFUSED,
		  "takes a number" },
		{ "events", "limit", "1e3", HA_E_REFUSED, "takes a number" },
		{ "events", "since", "yesterday", HA_E_REFUSED, "takes a time" },
		{ "events", "follow", "maybe", HA_E_REFUSED, "follow is 1" },
		{ "config-show", "version", "\n", HA_E_REFUSED, "not '?'" },
		{ "config-show", "version", "999999999999999999",
		  HA_E_NOT_FOUND, "does not keep version" },
	};

	memset(long_name, 'x', sizeof(long_name) - 1);
	set_up_cluster();
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		check_hostile(&all[i]);
	}
	json_decref(ask(1, "events", "limit", "999999999999999999"));
	json_decref(ask(1, "events", "vm", "\377\001")); /* none, no error */
	tear_down();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("query");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, status_is_fine);
	tcase_add_test(t, a_snapshot_is_given);
	tcase_add_test(t, recorded_answers_are_true);
	tcase_add_test(t, keys_are_documented);
	tcase_add_test(t, a_broken_rule_is_told);
	tcase_add_test(t, one_host_and_one_vm);
	tcase_add_test(t, a_fencing_is_recorded);
	tcase_add_test(t, a_loss_is_explained);
	tcase_add_test(t, a_maintenance_is_explained);
	tcase_add_test(t, events_are_numbered);
	tcase_add_test(t, hostile_events);
	tcase_add_test(t, a_waiting_vm_is_explained);
	tcase_add_test(t, a_move_is_explained);
	tcase_add_test(t, a_failing_device_is_recorded);
	tcase_add_test(t, events_are_filtered);
	tcase_add_test(t, configurations);
	tcase_add_test(t, no_cluster_yet);
	tcase_add_test(t, hostile_requests);
	suite_add_tcase(s, t);
	return test_main(s);
}
