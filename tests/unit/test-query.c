/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What hacd answers to requests that only look, and what hactl makes of it: a
 * simulated cluster's real answers are checked, and given to hactl's renderers,
 * so that the two cannot drift apart.
 */
#include "tests/unit/asked-cluster.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "sim/power.h"
#include "tests/unit/suite.h"
#include "tools/hactl/doctor.h"
#include "tools/hactl/whatif.h"
#include "wire/snapshot.h"

/* --- the cluster as it should be --- */

START_TEST(status_is_fine)
{
	json_t *status;
	struct hactl_findings findings = { .list = NULL };
	struct ha_buf b = { 0 };

	asked_set_up_cluster();
	status = asked_answer(2, "status", NULL, NULL);
	ck_assert_str_eq(asked_str(json_object_get(status, "cluster"), "local"),
			 "h2");
	ck_assert(hactl_status_fine(status));
	hactl_render_status(status, &asked_screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "3 online") ?
			      strstr(b.data, "3 online") :
			      strstr(b.data, "h3    online"));
	ha_buf_clear(&b);
	hactl_render_hosts(json_object_get(status, "hosts"), &asked_screen, &b);
	hactl_render_vms(json_object_get(status, "vms"), NULL, &asked_screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "h1*"));
	ck_assert_ptr_nonnull(strstr(b.data, "desk"));
	hactl_doctor_cluster(status, &findings);
	ck_assert_int_eq(hactl_findings_worst(&findings), HACTL_FINE);
	hactl_findings_fini(&findings);
	ha_buf_fini(&b);
	json_decref(status);
	asked_tear_down();
}
END_TEST

/* The committed state comes with it, whole. */
START_TEST(a_snapshot_is_given)
{
	const struct ha_state *state;
	struct ha_disk_store store;
	json_t *json;

	asked_set_up_cluster();
	state = ha_core_state(asked.sim->hosts[2].core);
	json = asked_answer(3, "snapshot", NULL, NULL);
	ck_assert_ptr_nonnull(json_object_get(json, "hosts"));
	ck_assert_int_eq(json_integer_value(json_object_get(json, "token_ms")),
			 1000);
	ck_assert_int_eq(ha_snapshot_unpack_text(asked_str(json, "snapshot"),
						 &store), 0);
	ck_assert_uint_eq(store.base.voters, 7);
	ck_assert_uint_eq(store.state->vm_count, state->vm_count);
	ck_assert_mem_eq(store.state->vms, state->vms,
			 state->vm_count * sizeof(state->vms[0]));
	ck_assert_mem_eq(store.state->hosts, state->hosts,
			 sizeof(state->hosts));
	ha_disk_store_fini(&store);
	json_decref(json);
	asked_tear_down();
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

	asked_set_up_cluster();
	real = asked_answer(1, "status", NULL, NULL);
	recorded = json_load_file(asked_path_of("tests/unit/hactl/fine.json"), 0,
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
	asked_tear_down();
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
	FILE *f = fopen(asked_path_of("man/hactl.8"), "re");

	ck_assert_ptr_nonnull(f);
	ck_assert_ptr_nonnull(page);
	ck_assert_uint_gt(fread(page, 1, 131071, f), 0);
	(void)fclose(f);
	check_simulate_documented(strstr(page, "\n.Sh JSON"));
	asked_set_up_cluster();
	sim_power_off(asked.sim, 2, "killed");
	sim_run_until(asked.sim, asked.sim->now + HA_S(5));
	asked_run_until_all_run();
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		json_t *json = asked_answer(1, all[i].name, all[i].key, all[i].value);

		check_documented(strstr(page, "\n.Sh JSON"),
				 all[i].member ?
				 json_object_get(json, all[i].member) : json);
		json_decref(json);
	}
	free(page);
	asked_tear_down();
}
END_TEST

/* Two VMs that should be together find no host that has room for both. */
START_TEST(a_broken_rule_is_told)
{
	json_t *status, *app, *web1, *broken;
	struct ha_buf b = { 0 };

	asked.file = "tests/scenario/rules-told.xml"; /* in a process of its own */
	asked_set_up_cluster();
	status = asked_answer(2, "status", NULL, NULL);
	broken = json_object_get(json_object_get(status, "cluster"), "broken");
	ck_assert_int_eq(json_integer_value(json_object_get(broken, "count")),
			 1);
	broken = json_array_get(json_object_get(broken, "rules"), 0);
	ck_assert_str_eq(asked_str(broken, "name"), "pair");
	ck_assert_str_eq(asked_str(broken, "strength"), "should");
	ck_assert_str_eq(asked_str(broken, "keeps"), "together");
	ck_assert_str_eq(asked_str(broken, "mend"), "no-room");
	ck_assert_uint_eq(json_array_size(json_object_get(broken, "vms")), 2);
	ck_assert_uint_eq(json_array_size(json_object_get(broken, "hosts")), 2);
	ck_assert(hactl_status_fine(status));
	hactl_render_status(status, &asked_screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "What should be otherwise\n"
				     "  rule pair: broken (should, together) by "
				     "vm app, cache on h"));
	ck_assert_ptr_nonnull(strstr(b.data, "MiB too little free\n"));
	ha_buf_clear(&b);
	app = asked_answer(2, "explain", "vm", "app");
	hactl_render_story(app, &asked_screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "\nRule pair is broken (should"));
	web1 = asked_answer(2, "explain", "vm", "web1");
	ck_assert_int_eq(json_integer_value(json_object_get(
		json_object_get(web1, "broken"), "count")), 0);
	json_decref(web1);
	json_decref(app);
	json_decref(status);
	ha_buf_fini(&b);
	asked_tear_down();
}
END_TEST

START_TEST(one_host_and_one_vm)
{
	json_t *json;
	struct ha_buf b = { 0 };

	asked_set_up_cluster();
	json = asked_answer(3, "host-show", NULL, NULL); /* itself */
	ck_assert_str_eq(asked_str(json, "name"), "h3");
	ck_assert_uint_eq(json_array_size(json_object_get(json,
							  "fence_levels")), 1);
	hactl_render_host(json, &asked_screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "bmc"));
	json_decref(json);
	json = asked_answer(3, "vm-show", "vm", "8C0A5F10-0000-4000-8000-0000000000AA");
	ck_assert_str_eq(asked_str(json, "name"), "desk");
	ck_assert_str_eq(asked_str(json, "state"), "running");
	ha_buf_clear(&b);
	hactl_render_vm(json, &asked_screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "running"));
	ck_assert_ptr_null(strstr(b.data, ASKED_SECRET));
	json_decref(json);
	ha_buf_fini(&b);
	asked_tear_down();
}
END_TEST

/* --- configurations --- */

START_TEST(configurations)
{
	struct ha_request req = asked_request("config-text", NULL, NULL);
	struct query_reply reply;
	struct ha_buf b = { 0 };
	json_t *json;

	asked_set_up_cluster();
	json = asked_answer(2, "config-show", NULL, NULL);
	ck_assert_int_eq(json_integer_value(json_object_get(json, "version")),
			 1);
	ck_assert_ptr_null(strstr(asked_str(json, "text"), ASKED_SECRET));
	ck_assert_ptr_nonnull(strstr(asked_str(json, "text"), "***"));
	json_decref(json);
	json = asked_answer(2, "config-text", "version", "1");
	ck_assert_str_eq(asked_str(json, "text"), asked.text.data);
	json_decref(json);
	ck_assert_int_eq(asked_as(false, 2, &req, &reply), HA_E_PERMISSION);
	ck_assert_ptr_null(reply.json);
	req = asked_request("config-show", "version", "77");
	ck_assert_int_eq(asked_as(false, 2, &req, &reply), QUERY_WANTS_TEXT);
	ck_assert_uint_eq(reply.wanted.b[0], 77);
	req = asked_request("config-show", "version", "78");
	ck_assert_int_eq(asked_as(false, 2, &req, &reply), HA_E_NOT_FOUND);
	json = asked_answer(2, "config-history", NULL, NULL);
	ck_assert_uint_eq(json_array_size(json_object_get(json, "versions")),
			  2); /* one was never in force */
	hactl_render_versions(json_object_get(json, "versions"), &asked_screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "2023-11-14 22:13:20"));
	ck_assert_ptr_nonnull(strstr(b.data, "in force"));
	json_decref(json);
	ha_buf_fini(&b);
	asked_tear_down();
}
END_TEST

/* --- before there is a cluster, and what makes no sense --- */

START_TEST(no_cluster_yet)
{
	const char *const names[] = { "host-show", "config-show" };
	struct query_reply reply;
	struct ha_buf b = { 0 };
	json_t *json;

	asked_set_up();
	json = asked_answer(1, "status", NULL, NULL);
	hactl_render_status(json, &asked_screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "hactl cluster create FILE"));
	json_decref(json);
	for (size_t i = 0; i < 2; i++) {
		struct ha_request req = asked_request(names[i], NULL, NULL);

		ck_assert_int_eq(asked_as(true, 1, &req, &reply),
				 HA_E_NOT_FOUND);
		ck_assert_str_ne(reply.text, "");
	}
	json_decref(asked_answer(1, "events", NULL, NULL));
	json_decref(asked_answer(1, "fence-history", NULL, NULL));
	ha_buf_fini(&b);
	asked_tear_down();
}
END_TEST

struct hostile {
	const char *name, *key, *value;
	int code;
	const char *says;
};

static void check_hostile(const struct hostile *h)
{
	struct ha_request req = asked_request(h->name, h->key, h->value);
	struct query_reply reply;
	int rc = asked_as(true, 1, &req, &reply);

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
	asked_set_up_cluster();
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		check_hostile(&all[i]);
	}
	json_decref(asked_answer(1, "events", "limit", "999999999999999999"));
	json_decref(asked_answer(1, "events", "vm", "\377\001")); /* none, no error */
	asked_tear_down();
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
	tcase_add_test(t, configurations);
	tcase_add_test(t, no_cluster_yet);
	tcase_add_test(t, hostile_requests);
	suite_add_tcase(s, t);
	return test_main(s);
}
