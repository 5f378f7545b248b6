/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What would happen, and what does: a simulated cluster lives; its hacd is
 * asked for its state, from which hactl makes another world and predicts. Then
 * the very failure is done to the first one, and each VM must be where it was
 * said to be.
 */
#include "tools/hactl/simulate.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "daemons/hacd/query.h"
#include "sim/power.h"
#include "sim/world.h"
#include "tests/unit/suite.h"
#include "tools/hactl/render.h"

#define HOSTS 5
#define VMS 40

static const struct hactl_screen screen = { .width = 80 };

static struct sim *sim;
static struct ha_buf text;
static struct ha_config *config;
static const char *ready = ""; /* attributes of <defaults> */

/* --- a cluster that lives --- */

/* VMs of every priority, some of which are large. */
static void put_vm(int i)
{
	static const char *const priorities[] = { "highest", "high", "medium",
						  "low", "lowest" };

	ha_buf_printf(&text, "<vm name=\"vm%02d\" restart-priority=\"%s\">"
		      "<domain type=\"kvm\"><name>vm%02d</name>"
		      "<uuid>8c0a5f10-0000-4000-8000-0000000000%02x</uuid>"
		      "<memory unit=\"MiB\">%d</memory><vcpu>%d</vcpu>"
		      "<os><type>hvm</type></os></domain></vm>\n", i,
		      priorities[i * 7 % 5], i, i + 1, 200 + i * 13 % 5 * 150,
		      1 + i % 3);
}

static void put_config(int hosts, int vms, int memory_gib)
{
	ha_buf_puts(&text, "<cluster name=\"c\">"
		    "<defaults starts-per-host=\"2\" cpu-overcommit=\"800%\" "
		    "stop-timeout=\"10s\"");
	ha_buf_printf(&text, " %s/>\n", ready);
	ha_buf_puts(&text, "<fence-devices><device name=\"bmc\" "
		    "agent=\"fence_ipmilan\" timeout=\"20s\" power-on=\"no\"/>"
		    "</fence-devices>\n<hosts>\n");
	for (int i = 1; i <= hosts; i++) {
		ha_buf_printf(&text, "<host name=\"h%d\" id=\"%d\" "
			      "memory=\"%dGiB\" cpus=\"8\"><fence><level>"
			      "<device ref=\"bmc\"/></level></fence></host>\n",
			      i, i, memory_gib);
	}
	ha_buf_puts(&text, "</hosts>\n<vms>\n");
	for (int i = 0; i < vms; i++) {
		put_vm(i);
	}
	ha_buf_puts(&text, "</vms></cluster>\n");
}

static struct ha_config *parse_text(void)
{
	struct ha_conf_errors errors = { 0 };
	struct ha_config *c = NULL;
	struct ha_buf why = { 0 };

	(void)!ha_conf_parse(text.data, text.len, &errors, &c);
	ha_conf_errors_print(&errors, NULL, &why);
	ck_assert_msg(c != NULL, "%s", why.data ? why.data : "");
	ha_conf_hash(text.data, text.len, &c->hash);
	ha_buf_fini(&why);
	ha_conf_errors_fini(&errors);
	return c;
}

static struct ha_core *some_core(void)
{
	for (ha_hostid id = 1; id <= sim->host_max; id++) {
		struct ha_cluster_view v;

		if (!sim->hosts[id - 1].core) {
			continue;
		}
		ha_core_view_cluster(sim->hosts[id - 1].core, &v);
		if (v.quorate) {
			return sim->hosts[id - 1].core;
		}
	}
	return NULL;
}

static bool rests(void)
{
	const struct ha_core *core = some_core();
	struct ha_cluster_view v;

	if (!core || !ha_core_config(core)) {
		return false;
	}
	ha_core_view_cluster(core, &v);
	return v.settled;
}

static void run_to_rest(void)
{
	ha_time limit = sim->now + HA_S(600);

	sim_run_until(sim, sim->now + HA_S(8)); /* it is noticed first */
	while (!rests() && sim->now < limit && sim_run_one(sim)) {
	}
	ck_assert(rests());
}

static void do_command(struct ha_command *cmd)
{
	uint64_t id = sim_command(sim, 1, cmd);
	const struct ha_answer *a = NULL;

	while (!(a = sim_oracle_find(sim, id)) && sim_run_one(sim)) {
	}
	ck_assert_ptr_nonnull(a);
	ck_assert_msg(a->code == 0, "%s", a->text);
	run_to_rest();
}

/* Its VMs have been moved about, so that it is not as it started. */
static void shuffle(void)
{
	for (int i = 0; i < VMS / 4 && i < (int)config->vm_count; i++) {
		size_t n = ha_rand_below(&sim->rand, config->vm_count);
		struct ha_command move = { .verb = HA_CMD_VM_MOVE };

		move.vm = config->vms[n].uuid;
		move.host = (ha_hostid)(1 + ha_rand_below(&sim->rand,
							  config->host_count));
		do_command(&move);
	}
}

static void set_up(uint64_t seed, int hosts, int vms, int memory_gib)
{
	struct sim_params p = { .seed = seed, .token = HA_S(1),
				.two_node = hosts == 2, .vms_max = 64 };
	struct ha_command create = { .verb = HA_CMD_CLUSTER_CREATE,
				     .cluster = { 1 } };

	put_config(hosts, vms, memory_gib);
	config = parse_text();
	sim = sim_create(&p);
	for (size_t i = 0; i < config->host_count; i++) {
		(void)sim_add_host(sim, config->hosts[i].id,
				   config->hosts[i].name);
	}
	sim->nodelist = ha_config_hostset(config);
	(void)sim_add_body(sim, config);
	for (size_t i = 0; i < config->host_count; i++) {
		sim_power_on(sim, config->hosts[i].id, SIM_BOOT);
	}
	sim_run_until(sim, sim->now + HA_S(20));
	create.hash = config->hash;
	do_command(&create);
}

static void tear_down(void)
{
	sim_destroy(sim);
	ha_conf_free(config);
	ha_buf_fini(&text);
	sim = NULL;
}

/* --- predicting --- */

struct prediction {
	struct ha_disk_store store;
	struct ha_whatif cluster;
	struct ha_whatif_result result;
	enum ha_sim_verdict verdict;
	struct ha_buf out;
};

static json_t *ask_snapshot(void)
{
	struct events *events = events_create();
	struct query_facts facts = { .core = some_core(), .self = 1,
				     .events = events };
	struct ha_request req = { .name = "snapshot" };
	struct query_reply reply;

	ck_assert_int_eq(query_answer(&facts, &req, &reply), 0);
	events_destroy(events);
	return reply.json;
}

/* p->cluster.state may be NULL: what is asked about is but a file. */
static void predict_from(struct prediction *p, const char *steps)
{
	struct ha_scenario sc;

	p->cluster.config = config;
	p->cluster.text = text.data;
	p->cluster.text_len = text.len;
	ck_assert_int_eq(ha_scenario_parse("steps", steps, &sc, &p->out), 0);
	p->verdict = ha_sim_what_if(&p->cluster, &sc, &p->result, &p->out);
	ha_scenario_fini(&sc);
}

static void predict(struct prediction *p, const char *steps)
{
	json_t *answer = ask_snapshot();

	memset(p, 0, sizeof(*p));
	ck_assert_int_eq(hactl_simulate_take(answer, &p->store, &p->cluster),
			 0);
	json_decref(answer);
	predict_from(p, steps);
}

static void end(struct prediction *p)
{
	if (p->verdict != HA_SIM_BAD_FILE) {
		ha_whatif_fini(&p->result);
	}
	ha_disk_store_fini(&p->store);
	ha_buf_fini(&p->out);
}

static const struct ha_whatif_vm *vm_of(const struct prediction *p,
					const char *name)
{
	for (size_t i = 0; i < p->result.vm_count; i++) {
		if (strcmp(p->result.vms[i].name, name) == 0) {
			return &p->result.vms[i];
		}
	}
	ck_abort_msg("no vm %s", name);
	return NULL;
}

static enum ha_priority priority_of(const struct ha_whatif_vm *vm)
{
	return ha_config_vm(config, &vm->uuid)->priority;
}

static ha_hostid runs_on(const char *name)
{
	const struct ha_vm_conf *vm = ha_config_vm_named(config, name);

	return ha_hostset_first(
		sim->vms[sim_vm_number(sim, &vm->uuid)].there);
}

/* Each VM is where it was said to be: surely, if its start did not have to
 * wait for another to end; else that is chance, and it is at one of the places
 * that were named. */
static void compare(const struct prediction *p, const char *what)
{
	ck_assert_msg(p->verdict == HA_SIM_HELD, "%s: %s", what,
		      p->out.data ? p->out.data : "");
	ck_assert_uint_eq(p->result.vm_count, config->vm_count);
	for (size_t i = 0; i < config->vm_count; i++) {
		const struct ha_whatif_vm *vm = vm_of(p, config->vms[i].name);

		ck_assert_msg(vm->wave > 1 || vm->to == runs_on(vm->name),
			      "%s: %s was said to run on %u, and runs on %u",
			      what, vm->name, vm->to, runs_on(vm->name));
		ck_assert_msg(vm->to == 0 ? runs_on(vm->name) == 0
			      : ha_host_in(vm->may, runs_on(vm->name)),
			      "%s: %s was said to run on one of %llx, and runs "
			      "on %u", what, vm->name,
			      (unsigned long long)vm->may, runs_on(vm->name));
	}
}

START_TEST(one_dies)
{
	struct prediction p;
	uint32_t started = 0;

	set_up((uint64_t)_i + 1, HOSTS, VMS, 8);
	shuffle();
	predict(&p, "kill h2");
	ck_assert(p.result.settled);
	ck_assert(p.result.hosts[1].killed);
	ck_assert_int_gt(p.result.hosts[1].proven, HA_S(1));
	for (size_t i = 0; i < p.result.vm_count; i++) {
		const struct ha_whatif_vm *vm = &p.result.vms[i];

		ck_assert_uint_eq(vm->wave > 0, vm->from == 2);
		started += vm->wave > 0;
		if (vm->wave > 0) {
			ck_assert_int_gt(vm->asked, p.result.hosts[1].proven);
			ck_assert_int_gt(vm->runs, vm->asked);
			ck_assert_uint_le((vm->wave - 1) *
						  config->starts_per_host,
					  p.result.hosts[1].vms_before - 1);
		}
	}
	ck_assert_uint_eq(started, p.result.hosts[1].vms_before);
	sim_power_off(sim, 2, "killed");
	run_to_rest();
	compare(&p, "kill h2");
	end(&p);
	tear_down();
}
END_TEST

START_TEST(two_die)
{
	struct prediction p;

	set_up((uint64_t)_i + 1, HOSTS, VMS, 8);
	shuffle();
	predict(&p, "kill h2,h4");
	sim_power_off(sim, 2, "killed");
	sim_power_off(sim, 4, "killed");
	run_to_rest();
	/* which of the two is proven down first is chance, so is the place */
	ck_assert_int_eq(p.verdict, HA_SIM_HELD);
	for (size_t i = 0; i < config->vm_count; i++) {
		const struct ha_whatif_vm *vm = vm_of(&p, config->vms[i].name);

		ck_assert(vm->to != 0 && vm->to != 2 && vm->to != 4);
		ck_assert_uint_ne(runs_on(vm->name), 0);
		if (vm->from != 2 && vm->from != 4) {
			ck_assert_uint_eq(vm->to, runs_on(vm->name));
		}
	}
	end(&p);
	tear_down();
}
END_TEST

/* What is missing is told; with that much, all run. */
START_TEST(no_room)
{
	struct prediction p;
	json_t *json;
	struct ha_buf b = { 0 };
	uint64_t most[2] = { 0, 0 };
	size_t out = 0;

	set_up(1, 3, VMS, 8);
	predict(&p, "kill h3");
	for (size_t i = 0; i < p.result.vm_count; i++) {
		const struct ha_whatif_vm *vm = &p.result.vms[i];

		if (vm->to != 0) {
			continue;
		}
		out++;
		ck_assert_uint_ge(vm->missing_on, 1);
		ck_assert_uint_le(vm->missing_on, 2);
		ck_assert_uint_gt(vm->missing_kib, 0);
		ck_assert_str_ne(vm->remedies[0], "");
		if (vm->missing_kib > most[vm->missing_on - 1]) {
			most[vm->missing_on - 1] = vm->missing_kib;
		}
	}
	ck_assert_uint_gt(out, 1);
	ck_assert_uint_eq(p.result.missing_more, 0);
	ck_assert_uint_eq(most[0], p.result.hosts[0].missing_kib);
	ck_assert_uint_eq(most[1], p.result.hosts[1].missing_kib);
	json = hactl_whatif_json(&p.result, "kill h3");
	ck_assert_ptr_nonnull(json);
	hactl_render_whatif(json, &screen, &b);
	ck_assert_msg(strstr(b.data, "what would help: ") != NULL, "%s",
		      b.data);
	ck_assert_ptr_nonnull(strstr(b.data, "all would run."));
	json_decref(json);
	ha_buf_fini(&b);
	sim_power_off(sim, 3, "killed");
	run_to_rest();
	compare(&p, "no room");
	end(&p);
	tear_down();
}
END_TEST

START_TEST(all_die)
{
	struct prediction p;
	json_t *json;
	struct ha_buf b = { 0 };

	set_up(1, 3, VMS, 8);
	predict(&p, "kill h1,h2,h3");
	ck_assert(!ha_question_all_run(&p.result));
	ck_assert_uint_eq(p.result.vm_count, VMS);
	for (size_t i = 0; i < p.result.vm_count; i++) {
		ck_assert(p.result.vms[i].wanted);
		ck_assert_uint_eq(p.result.vms[i].to, HA_HOST_NONE);
	}
	json = hactl_whatif_json(&p.result, "kill h1,h2,h3");
	ck_assert_ptr_nonnull(json);
	hactl_render_whatif(json, &screen, &b);
	ck_assert_msg(strstr(b.data, "no hacd is left") != NULL, "%s", b.data);
	json_decref(json);
	ha_buf_fini(&b);
	end(&p);
	tear_down();
}
END_TEST

START_TEST(a_host_is_emptied)
{
	struct ha_command cmd = { .verb = HA_CMD_HOST_MAINTENANCE, .host = 1,
				  .on = true };
	struct prediction p;

	set_up(3, HOSTS, 12, 8);
	shuffle();
	predict(&p, "hactl host maintenance on h1");
	ck_assert_int_eq(p.result.hosts[0].shown,
			 HA_HOST_SHOWN_MAINTENANCE);
	ck_assert_uint_eq(p.result.hosts[0].vms_after, 0);
	do_command(&cmd);
	for (size_t i = 0; i < config->vm_count; i++) {
		/* they stop in an order of their own, so places may differ */
		ck_assert_uint_ne(vm_of(&p, config->vms[i].name)->to, 0);
		ck_assert_uint_ne(runs_on(config->vms[i].name), 1);
	}
	end(&p);
	tear_down();
}
END_TEST

START_TEST(the_network_breaks)
{
	struct prediction p;

	set_up((uint64_t)_i + 1, HOSTS, VMS, 8);
	shuffle();
	predict(&p, "partition h1,h2,h3,h4 | h5");
	sim_link_part(sim, 0xf, 0x10, SIM_LINKS_ALL);
	sim_net_changed(sim);
	run_to_rest();
	compare(&p, "partition");
	ck_assert(p.result.quorate);
	end(&p);
	predict(&p, "kill h1,h2,h3"); /* of those that are left */
	ck_assert(!p.result.quorate);
	ck_assert_uint_eq(vm_of(&p, "vm00")->wave, 0);
	end(&p);
	tear_down();
}
END_TEST

START_TEST(disarmed)
{
	struct ha_command cmd = { .verb = HA_CMD_DISARM };
	struct prediction p;
	struct ha_buf b = { 0 };
	json_t *json;

	set_up(1, 3, 12, 8);
	do_command(&cmd);
	predict(&p, "kill h2");
	ck_assert(p.result.disarmed);
	ck_assert_int_eq(p.result.hosts[1].proven, 0);
	json = hactl_whatif_json(&p.result, "kill h2");
	hactl_render_whatif(json, &screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "Nothing would be fenced or "
					     "restarted: disarmed."));
	json_decref(json);
	ha_buf_fini(&b);
	sim_power_off(sim, 2, "killed");
	run_to_rest();
	compare(&p, "disarmed");
	end(&p);
	tear_down();
}
END_TEST

/* One host is down already, and another would follow. */
START_TEST(one_is_down_already)
{
	struct prediction p;

	set_up((uint64_t)_i + 1, HOSTS, 20, 8);
	sim_power_off(sim, 1, "killed");
	run_to_rest();
	predict(&p, "kill h3");
	ck_assert_uint_eq(p.result.hosts[0].vms_before, 0);
	sim_power_off(sim, 3, "killed");
	run_to_rest();
	compare(&p, "kill h3 after h1");
	end(&p);
	tear_down();
}
END_TEST

/* Two hosts: the one that is left must prove the other down by itself. */
START_TEST(one_of_two_dies)
{
	struct prediction p;

	set_up(1, 2, 12, 8);
	predict(&p, _i == 0 ? "kill h1" : "kill h2");
	sim_power_off(sim, _i == 0 ? 1 : 2, "killed");
	run_to_rest();
	compare(&p, "one of two");
	end(&p);
	tear_down();
}
END_TEST

/* A configuration that adds a VM: it would be started somewhere. */
START_TEST(a_vm_is_added)
{
	char path[] = "/tmp/test-whatif-XXXXXX";
	char steps[80];
	struct prediction p;
	struct ha_buf keep;
	FILE *f;

	set_up(1, 3, 6, 8);
	keep = text;
	memset(&text, 0, sizeof(text));
	put_config(3, 7, 8);
	f = fdopen(mkstemp(path), "we");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text.data, 1, text.len, f), text.len);
	(void)fclose(f);
	ha_buf_fini(&text);
	text = keep;
	(void)snprintf(steps, sizeof(steps), "hactl config apply %s", path);
	predict(&p, steps);
	(void)remove(path);
	ck_assert_msg(p.verdict == HA_SIM_HELD, "%s", p.out.data);
	ck_assert_uint_eq(p.result.vm_count, 7);
	ck_assert_uint_eq(vm_of(&p, "vm06")->from, 0);
	ck_assert_uint_ne(vm_of(&p, "vm06")->to, 0);
	ck_assert_uint_eq(vm_of(&p, "vm06")->wave, 1);
	end(&p);
	tear_down();
}
END_TEST

/* Each priority waits for the one above. */
START_TEST(who_waits_is_in_a_later_wave)
{
	struct prediction p;
	size_t waited = 0;

	ready = "ready='app-ready' ready-port='80'";
	set_up(1, HOSTS, VMS, 8);
	shuffle();
	predict(&p, "kill h2");
	ck_assert(p.result.settled);
	for (size_t i = 0; i < p.result.vm_count; i++) {
		const struct ha_whatif_vm *a = &p.result.vms[i];

		for (size_t k = 0; a->wave > 0 && k < p.result.vm_count; k++) {
			const struct ha_whatif_vm *b = &p.result.vms[k];

			if (b->wave > 0 && priority_of(a) < priority_of(b)) {
				ck_assert_uint_lt(a->wave, b->wave);
				ck_assert_int_lt(a->runs, b->asked);
				waited++;
			}
		}
	}
	ck_assert_uint_gt(waited, 10);
	end(&p);
	tear_down();
	ready = "";
}
END_TEST

/* A cluster that is but a file is taken to run as if it had been started,
 * though its VMs are not started one after the other. */
START_TEST(a_file_is_started)
{
	struct prediction p = { .verdict = HA_SIM_HELD };

	ready = _i == 0 ? "" : "ready='app-ready' ready-port='80'";
	set_up((uint64_t)_i + 1, HOSTS, VMS, 8);
	predict_from(&p, "wait 1s");
	for (size_t i = 0; i < p.result.vm_count; i++) {
		const struct ha_whatif_vm *vm = &p.result.vms[i];

		ck_assert_uint_ne(vm->from, 0);
		ck_assert_uint_eq(vm->from, runs_on(vm->name));
		ck_assert_uint_eq(vm->to, vm->from);
	}
	end(&p);
	tear_down();
	ready = "";
}
END_TEST

START_TEST(no_such_host)
{
	struct prediction p;

	set_up(1, 3, 6, 8);
	predict(&p, "kill h9");
	ck_assert_int_eq(p.verdict, HA_SIM_BAD_FILE);
	ck_assert_ptr_nonnull(strstr(p.out.data, "no host 'h9'"));
	end(&p);
	tear_down();
}
END_TEST

/* What is not a snapshot is refused. */
START_TEST(hostile_snapshots)
{
	static const char *const all[] = { "", "0", "zz", "00", "0a00", "ff" };
	struct ha_disk_store store;
	struct ha_whatif w;
	json_t *json;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		json = json_pack("{s:s}", "snapshot", all[i]);
		ck_assert_int_lt(hactl_simulate_take(json, &store, &w), 0);
		json_decref(json);
	}
	json = json_pack("{s:i}", "snapshot", 7);
	ck_assert_int_lt(hactl_simulate_take(json, &store, &w), 0);
	json_decref(json);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("whatif");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, one_dies, 0, 4);
	tcase_add_loop_test(t, two_die, 0, 2);
	tcase_add_test(t, no_room);
	tcase_add_test(t, all_die);
	tcase_add_test(t, a_host_is_emptied);
	tcase_add_loop_test(t, the_network_breaks, 0, 2);
	tcase_add_test(t, disarmed);
	tcase_add_loop_test(t, one_is_down_already, 0, 2);
	tcase_add_loop_test(t, one_of_two_dies, 0, 2);
	tcase_add_test(t, a_vm_is_added);
	tcase_add_test(t, who_waits_is_in_a_later_wave);
	tcase_add_loop_test(t, a_file_is_started, 0, 2);
	tcase_add_test(t, no_such_host);
	tcase_add_test(t, hostile_snapshots);
	suite_add_tcase(s, t);
	return test_main(s);
}
