/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What hacd recorded, and how hactl explains it: a simulated cluster of three
 * hosts loses one and recovers, moves and holds back VMs; its real events are
 * followed back to the cause.
 */
#include "tests/unit/asked-cluster.h"

#include <check.h>
#include <string.h>

#include "sim/power.h"
#include "tests/unit/suite.h"
#include "tools/hactl/explain.h"

/* --- a host is lost, fenced, and its VMs are recovered --- */

static void check_fence(ha_hostid host)
{
	struct ha_buf b = { 0 };
	json_t *history = asked_answer(host, "fence-history", "host", "h2");
	const json_t *list = json_object_get(history, "fences");
	const json_t *row = json_array_get(list, 0);

	ck_assert_uint_eq(json_array_size(list), 1);
	ck_assert_str_eq(asked_str(row, "host"), "h2");
	ck_assert_str_eq(asked_str(row, "by"), "h1");
	ck_assert_str_eq(asked_str(row, "result"), "off");
	ck_assert_int_eq(json_integer_value(json_object_get(row, "attempt")),
			 1);
	ck_assert_str_ne(asked_str(row, "ended"), "");
	hactl_render_fences(list, &asked_screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "off"));
	ha_buf_fini(&b);
	json_decref(history);
}

/* The name of a VM that host h2 owns. */
static const char *vm_on_h2(void)
{
	for (size_t i = 0; i < asked.config->vm_count; i++) {
		struct ha_vm_view v;

		ha_core_view_vm(asked.sim->hosts[0].core, &asked.config->vms[i].uuid, &v);
		if (v.owner == 2) {
			return asked.config->vms[i].name;
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

	asked_set_up_cluster();
	vm = vm_on_h2();
	sim_power_off(asked.sim, 2, "killed");
	sim_run_until(asked.sim, asked.sim->now + HA_S(5));
	asked_run_until_all_run();
	check_fence(1); /* the coordinator, which decided it */
	check_fence(3);
	json = asked_answer(3, "fence-history", "host", "h1");
	ck_assert_uint_eq(json_array_size(json_object_get(json, "fences")), 0);
	json_decref(json);
	json = asked_answer(1, "host-show", "host", "h2");
	ck_assert_str_eq(asked_str(json, "state"), "fenced");
	ck_assert_str_eq(asked_str(json, "proof"), "power");
	json_decref(json);
	json = asked_answer(1, "explain", "vm", vm);
	ck_assert_uint_gt(json_array_size(json_object_get(json, "events")), 0);
	ck_assert_str_ne(asked_str(json_object_get(json, "vm"), "last_stop"), "");
	hactl_render_story(json, &asked_screen, &b);
	ck_assert_msg(strstr(b.data, "is running on") != NULL, "%s", b.data);
	ck_assert_ptr_nonnull(strstr(b.data, "->"));
	ha_buf_fini(&b);
	json_decref(json);
	asked_tear_down();
}
END_TEST

/* --- back to the cause --- */

/* What hactl explain makes of the events of a host. */
static json_t *explained(ha_hostid host, const char *vm, const char *of_host)
{
	json_t *answer = asked_answer(host, "events", NULL, NULL);
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

		ck_assert_msg(strncmp(asked_str(one, "text"), starts[i],
				      strlen(starts[i])) == 0,
			      "'%s' was expected, not '%s'", starts[i],
			      asked_str(one, "text"));
		ck_assert_int_gt(json_integer_value(json_object_get(one, "id")),
				 0);
		ck_assert_str_ne(asked_str(one, "time"), "");
	}
}

/* As hactl explain vm and host show it. */
static void check_shown(ha_hostid host, const char *vm)
{
	json_t *list = asked_answer(host, "events", NULL, NULL);
	json_t *all = json_object_get(list, "events");
	json_t *story = asked_answer(host, "explain", "vm", vm);
	json_t *of_host = json_pack("{s:o}", "host",
				    asked_answer(host, "host-show", "host", "h2"));
	struct ha_buf b = { 0 };

	hactl_explain_add(story, all, hactl_explain_newest_vm(all, vm));
	hactl_render_story(story, &asked_screen, &b);
	ck_assert_msg(strstr(b.data, "back to the cause:") != NULL &&
		      strstr(b.data, "was proven down") != NULL, "%s",
		      b.data);
	ha_buf_clear(&b);
	hactl_explain_add(of_host, all, hactl_explain_newest_host(all, "h2"));
	hactl_render_host_story(of_host, &asked_screen, &b);
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
	const char *said = asked_str(json_array_get(json_object_get(o, "because"),
					      0), "text");

	ha_core_view_vm(asked.sim->hosts[0].core,
			&ha_config_vm_named(asked.config, vm)->uuid, &v);
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

	asked_set_up_cluster();
	vm = vm_on_h2();
	sim_power_off(asked.sim, 2, "killed");
	sim_run_until(asked.sim, asked.sim->now + HA_S(5));
	asked_run_until_all_run();
	check_lost(1, vm); /* the coordinator, which decided it */
	check_lost(3, vm); /* and who was only told */
	check_shown(3, vm);
	asked_tear_down();
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

	asked_set_up_cluster();
	vm = vm_on_h2();
	ck_assert_uint_ne(sim_command(asked.sim, 1, &cmd), 0);
	sim_run_until(asked.sim, asked.sim->now + HA_S(5));
	asked_run_until_all_run();
	for (ha_hostid host = 1; host <= ASKED_HOSTS; host += 2) {
		json_t *o = explained(host, vm, NULL);

		check_sentences(o, "because", chain, 4);
		for (size_t i = 0; i < 4; i++) {
			const char *said = asked_str(json_array_get(json_object_get(
						o, "because"), i), "text");

			ck_assert_msg(strstr(said, words[i]) != NULL,
				      "'%s' was expected in '%s'", words[i],
				      said);
		}
		json_decref(o);
	}
	asked_tear_down();
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

	asked_set_up_cluster();
	sim_bmc_set(asked.sim, 2, SIM_BMC_DEAD);
	sim_power_off(asked.sim, 2, "killed");
	sim_run_until(asked.sim, asked.sim->now + HA_S(90));
	json = asked_answer(3, "fence-history", NULL, NULL);
	list = json_object_get(json, "fences");
	ck_assert_uint_gt(json_array_size(list), 1);
	row = json_array_get(list, 0);
	ck_assert_str_eq(asked_str(row, "result"), "failed");
	ck_assert_str_ne(asked_str(row, "text"), "");
	json_decref(json);
	json = asked_answer(3, "status", NULL, NULL);
	ck_assert(!hactl_status_fine(json));
	json_decref(json);
	asked_tear_down();
}
END_TEST

START_TEST(events_are_filtered)
{
	struct ha_buf b = { 0 };
	json_t *json, *one;

	asked_set_up_cluster();
	json = asked_answer(1, "events", NULL, NULL);
	ck_assert_uint_gt(json_array_size(json_object_get(json, "events")), 4);
	hactl_render_events(json_object_get(json, "events"), &asked_screen, &b);
	ck_assert_ptr_nonnull(strstr(b.data, "epoch"));
	json_decref(json);
	json = asked_answer(1, "events", "limit", "2");
	ck_assert_uint_eq(json_array_size(json_object_get(json, "events")), 2);
	json_decref(json);
	json = asked_answer(1, "events", "since", "9999");
	ck_assert_uint_eq(json_array_size(json_object_get(json, "events")), 0);
	json_decref(json);
	json = asked_answer(1, "events", "since", "1970-01-01T00");
	ck_assert_uint_gt(json_array_size(json_object_get(json, "events")), 4);
	json_decref(json);
	json = asked_answer(1, "events", "vm", "8c0a5f10-0000-4000-8000-0000000000aa");
	one = json_array_get(json_object_get(json, "events"), 0);
	ck_assert_str_eq(asked_str(one, "vm"), "desk");
	json_decref(json);
	ha_buf_fini(&b);
	asked_tear_down();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("explain");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_fencing_is_recorded);
	tcase_add_test(t, a_loss_is_explained);
	tcase_add_test(t, a_maintenance_is_explained);
	tcase_add_test(t, events_are_numbered);
	tcase_add_test(t, hostile_events);
	tcase_add_test(t, a_waiting_vm_is_explained);
	tcase_add_test(t, a_move_is_explained);
	tcase_add_test(t, a_failing_device_is_recorded);
	tcase_add_test(t, events_are_filtered);
	suite_add_tcase(s, t);
	return test_main(s);
}
