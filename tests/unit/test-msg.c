/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a core may be told by other hosts, by libvirt and by its own shell:
 * late, of unknown things, too much of it. It answers what wants an answer,
 * and nothing else comes of it.
 */
#include "tests/unit/small-cluster.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "sim/power.h"
#include "tests/unit/suite.h"

static struct ha_cluster_view cluster(void)
{
	struct ha_cluster_view v;

	ha_core_view_cluster(small.sim->hosts[0].core, &v);
	return v;
}

static ha_hostid other_than(ha_hostid host)
{
	return host == 1 ? 2 : 1;
}

static struct ha_msg said(enum ha_msg_kind kind, ha_hostid from)
{
	struct ha_msg m;

	memset(&m, 0, sizeof(m));
	m.kind = kind;
	m.from = from;
	m.epoch = cluster().epoch;
	return m;
}

static void hear(ha_hostid host, const struct ha_msg *m)
{
	struct ha_event ev = { .kind = HA_EV_MESSAGE, .message = m };

	small_step(host, &ev);
}

/* Nothing has changed, and the cluster still does what it is told. */
static void check_untouched(uint64_t index)
{
	ha_hostid owner = small_see(small.configs[0], "db1").owner;
	struct ha_command cmd = { .verb = HA_CMD_DISARM };

	small_run_for(HA_S(3));
	ck_assert_uint_ne(owner, HA_HOST_NONE);
	ck_assert_uint_eq(cluster().index, index);
	ck_assert_int_eq(small_see(small.configs[0], "db1").shown,
			 HA_VM_SHOWN_RUNNING);
	small_check_told(&cmd, 0, "");
	cmd.verb = HA_CMD_ARM;
	small_check_told(&cmd, 0, "");
	ck_assert_uint_eq(small_see(small.configs[0], "db1").owner, owner);
}

START_TEST(of_another_epoch)
{
	static const enum ha_msg_kind kinds[] = {
		HA_MSG_HOST, HA_MSG_REPORTS, HA_MSG_REQUEST, HA_MSG_ANSWER,
		HA_MSG_FENCED,
	};
	const uint64_t index = cluster().index;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		for (ha_hostid host = 1; host <= SMALL_CLUSTER; host++) {
			struct ha_msg m = said(kinds[i], other_than(host));

			m.epoch--;
			m.request.verb = HA_CMD_CLUSTER_STOP;
			hear(host, &m);
			m.epoch = 0;
			hear(host, &m);
		}
	}
	check_untouched(index);
}
END_TEST

START_TEST(of_no_kind)
{
	const uint64_t index = cluster().index;
	struct ha_msg m = said((enum ha_msg_kind)99, 2);
	struct ha_event ev = { .kind = (enum ha_event_kind)99 };

	hear(1, &m);
	small_step(1, &ev);
	check_untouched(index);
}
END_TEST

/* Who does not hold a configuration does not answer who asks for it. */
START_TEST(bodies_wanted)
{
	const uint64_t index = cluster().index;
	struct ha_msg m = said(HA_MSG_WANT_BODY, 2);

	m.epoch = 0;
	m.body.b[0] = 0xee;
	hear(1, &m);
	m.body = small.configs[0]->hash;
	hear(1, &m);
	m.from = 1; /* one's own question comes back */
	hear(1, &m);
	check_untouched(index);
}
END_TEST

START_TEST(states_that_nobody_asked_for)
{
	const uint64_t index = cluster().index;
	struct ha_msg m = said(HA_MSG_STATE, 2);
	struct ha_state *state = calloc(1, ha_state_size(0));

	ck_assert_ptr_nonnull(state);
	state->index = index + 100;
	m.epoch = 0;
	m.state.state = state;
	m.state.header.kind = HA_RMSG_SNAPSHOT;
	m.state.header.from = 2;
	hear(1, &m); /* for nobody */
	m.state.header.to = ha_host_bit(1);
	hear(1, &m); /* of a view that is over */
	m.from = m.state.header.from = 1; /* as everybody hears one's own */
	hear(1, &m);
	m.from = m.state.header.from = 2;
	m.state.header.view = small.sim->views;
	m.state.header.epoch = 1; /* of an epoch that is over */
	hear(1, &m);
	state->vm_count = 1000; /* more than there is room for */
	m.state.header.epoch = cluster().epoch;
	hear(1, &m);
	check_untouched(index);
	free(state);
}
END_TEST

/* Reports are about VMs of ours, and an older one does not undo a later. */
START_TEST(reports_of_others)
{
	const ha_hostid owner = small_see(small.configs[0], "db1").owner;
	const uint64_t index = cluster().index;
	struct ha_report reports[2] = { { .seen = HA_SEEN_RUNNING, .gen = 1 },
					{ .seen = HA_SEEN_RUNNING, .gen = 1 } };
	struct ha_msg m = said(HA_MSG_REPORTS, owner);

	memset(&reports[0].vm, 0xee, sizeof(reports[0].vm));
	reports[1].vm = small_uuid_of(small.configs[0], "db1");
	reports[1].ended = HA_WHY_FAILED;
	m.reports.reports = reports;
	m.reports.count = 2;
	for (ha_hostid host = 1; host <= SMALL_CLUSTER; host++) {
		hear(host, &m);
	}
	check_untouched(index);
}
END_TEST

/* By whom a copy is said to run, and then not: the incident ends with it. */
START_TEST(copy_that_cannot_be_told)
{
	const ha_hostid owner = small_see(small.configs[0], "db1").owner;
	struct ha_report r = { .seen = HA_SEEN_UNKNOWN };
	struct ha_msg m = said(HA_MSG_REPORTS, other_than(owner));

	r.vm = small_uuid_of(small.configs[0], "db1");
	m.reports.reports = &r;
	m.reports.count = 1;
	for (int seen = 0; seen < HA_SEEN_COUNT; seen++) {
		r.seen = (uint32_t)seen;
		for (ha_hostid host = 1; host <= SMALL_CLUSTER; host++) {
			hear(host, &m);
		}
		small_run_for(HA_S(1));
		ck_assert_uint_eq(small_see(small.configs[0], "db1").owner,
				  owner);
	}
	r.seen = HA_SEEN_ABSENT;
	for (ha_hostid host = 1; host <= SMALL_CLUSTER; host++) {
		hear(host, &m);
	}
	small_run_for(HA_S(1)); /* that it is gone is committed */
	check_untouched(cluster().index);
}
END_TEST

static void say_of_db1(ha_hostid from, uint32_t seen)
{
	struct ha_report r = { .seen = seen };
	struct ha_msg m = said(HA_MSG_REPORTS, from);

	r.vm = small_uuid_of(small.configs[0], "db1");
	m.reports.reports = &r;
	m.reports.count = 1;
	for (ha_hostid host = 1; host <= SMALL_CLUSTER; host++) {
		hear(host, &m);
	}
}

static void check_why(const char *why)
{
	struct ha_vm_view v = small_see(small.configs[0], "db1");

	ck_assert_msg(strstr(v.why, why) != NULL, "%s", v.why);
}

/* A VM that is owned by nobody is started nowhere while a host may run it. */
START_TEST(stopped_and_not_known_to_be_gone)
{
	struct ha_command cmd = { .verb = HA_CMD_VM_STOP };

	cmd.vm = small_uuid_of(small.configs[0], "db1");
	small_check_told(&cmd, 0, "");
	small_run_until(small.configs[0], "db1", HA_VM_SHOWN_STOPPED);
	say_of_db1(2, HA_SEEN_UNKNOWN);
	cmd.verb = HA_CMD_VM_START;
	small_check_told(&cmd, 0, "");
	small_run_for(HA_S(2));
	check_why("host h2 cannot tell whether it runs it");
	ck_assert_uint_eq(small_see(small.configs[0], "db1").owner, 0);
	say_of_db1(2, HA_SEEN_RUNNING);
	small_run_for(HA_S(2));
	check_why("it runs on h2; its owner is nobody");
	ck_assert_uint_eq(small_see(small.configs[0], "db1").owner, 0);
	say_of_db1(2, HA_SEEN_ABSENT);
	small_run_until(small.configs[0], "db1", HA_VM_SHOWN_RUNNING);
}
END_TEST

/* The owner's libvirt is gone: what it runs cannot be settled without it. */
START_TEST(settled_only_with_the_owner)
{
	const ha_hostid owner = small_see(small.configs[0], "db1").owner;
	struct ha_command cmd = { .verb = HA_CMD_VM_SETTLE_RUNS };
	struct ha_event ev = { .kind = HA_EV_AGENT };

	small.sim->oracle.off = true; /* the copy is made up */
	cmd.vm = small_uuid_of(small.configs[0], "db1");
	cmd.host = other_than(owner);
	say_of_db1(owner, HA_SEEN_ABSENT);
	say_of_db1(cmd.host, HA_SEEN_RUNNING);
	ev.agent.agent = HA_AGENT_VM;
	small_step(owner, &ev);
	small_run_for(HA_MS(500));
	small_check_told(&cmd, HA_E_REFUSED, "has not said that it does not "
					     "run it");
}
END_TEST

START_TEST(answers_to_nobody)
{
	const uint64_t index = cluster().index;
	struct ha_msg m = said(HA_MSG_ANSWER, cluster().coordinator);

	m.answer.origin = 2; /* another's */
	hear(1, &m);
	m.answer.origin = 1; /* to what was never asked */
	m.answer.id = 12345;
	hear(1, &m);
	check_untouched(index);
}
END_TEST

START_TEST(results_of_no_attempt)
{
	const ha_hostid c = cluster().coordinator;
	const uint64_t index = cluster().index;
	struct ha_msg m = said(HA_MSG_FENCED, other_than(c));

	m.fenced.code = HA_FENCE_OFF;
	for (unsigned i = 0; i < 4; i++) {
		static const ha_hostid hosts[] = { 0, 65, 3, 2 };

		m.fenced.host = hosts[i];
		m.fenced.number = i;
		hear(c, &m);
	}
	check_untouched(index);
}
END_TEST

/* What the agents report of operations that are not, or no longer, known. */
START_TEST(stale_results)
{
	const uint64_t index = cluster().index;
	struct ha_event ev = { .kind = HA_EV_RESULT };

	for (uint32_t code = 0; code <= HA_OP_UNKNOWN; code++) {
		ev.result.id = 0xdead0000u + code;
		ev.result.code = code;
		small_step(1, &ev);
	}
	check_untouched(index);
}
END_TEST

/* --- more than there is room for */

START_TEST(more_commands_than_are_kept)
{
	struct ha_command cmd = { .verb = HA_CMD_DISARM };
	const struct ha_answer *answer;
	uint64_t first, last = 0;

	sim_power_off(small.sim, 2, "killed");
	sim_power_off(small.sim, 3, "killed");
	small_run_for(HA_S(4));
	first = sim_command(small.sim, 1, &cmd);
	for (unsigned i = 0; i < HA_REQUESTS_MAX; i++) {
		last = sim_command(small.sim, 1, &cmd);
	}
	small_run_for(HA_MS(10));
	answer = sim_oracle_find(small.sim, last);
	ck_assert_ptr_nonnull(answer);
	ck_assert_int_eq(answer->code, HA_E_BUSY);
	ck_assert_ptr_null(sim_oracle_find(small.sim, first));
	small_run_for(HA_S(20)); /* the others are not kept for ever */
	answer = sim_oracle_find(small.sim, first);
	ck_assert_ptr_nonnull(answer);
	ck_assert_int_eq(answer->code, HA_E_NO_QUORUM);
}
END_TEST

static void lose_libvirt(ha_hostid host)
{
	struct ha_event ev = { .kind = HA_EV_AGENT };

	ev.agent.agent = HA_AGENT_VM;
	ev.agent.up = false;
	small_step(host, &ev);
}

/* Domains that are not ours: no more are kept than there is room for. */
START_TEST(more_domains_than_are_kept)
{
	static struct ha_domain all[100];
	const struct ha_config *less = small_without(ha_conf_remove_vm, "web2");
	struct ha_command stop = { .verb = HA_CMD_VM_STOP,
				   .vm = small_uuid_of(small.configs[0],
						       "web2") };
	struct ha_event ev = { .kind = HA_EV_INVENTORY };

	(void)sim_add_body(small.sim, less);
	small_check_told(&stop, 0, "");
	small_run_until(small.configs[0], "web2", HA_VM_SHOWN_STOPPED);
	for (size_t i = 0; i < 100; i++) {
		memset(&all[i].vm, (int)i + 1, sizeof(all[i].vm));
		all[i].seen = HA_SEEN_RUNNING;
		all[i].instance = i + 1;
	}
	ev.inventory.domains = all;
	ev.inventory.count = 100;
	ev.inventory.memory_kib = 1 << 20;
	ev.inventory.cpus = 4;
	ev.inventory.cpu_mhz = 2600;
	small.sim->oracle.off = true; /* that libvirt is made up */
	small_step(3, &ev);
	lose_libvirt(3); /* so that web2 is not known to be gone there */
	small_run_for(HA_MS(100));
	small_apply(less, 0, "in force");
	small_run_for(HA_S(1));
	ck_assert_uint_eq(cluster().index,
			  ha_core_state(small.sim->hosts[2].core)->index);
}
END_TEST

/* The shell hands over a configuration twice, and one that is too large. */
START_TEST(configurations_that_are_not_kept)
{
	const uint64_t index = cluster().index;
	struct ha_config again = *small.configs[0], large = again;
	struct ha_event ev = { .kind = HA_EV_CONFIG };

	ev.config = small.configs[0];
	small_step(1, &ev);
	ev.config = &again;
	small_step(1, &ev);
	large.hash.b[0] ^= 1;
	large.vm_count = 1000;
	ev.config = &large;
	small_step(1, &ev);
	check_untouched(index);
}
END_TEST

/* --- what is not there */

START_TEST(unknown_vm)
{
	struct ha_uuid nobody = small_uuid_of(small.configs[0], "no such vm");
	struct ha_vm_view v;

	ha_core_view_vm(small.sim->hosts[0].core, &nobody, &v);
	ck_assert_int_eq(v.shown, HA_VM_SHOWN_UNKNOWN);
	ck_assert_str_eq(v.why, "there is no such vm");
}
END_TEST

/* A command whose tool has gone is forgotten unless it was sent. */
START_TEST(forgotten)
{
	struct ha_command cmd = { .verb = HA_CMD_DISARM };
	struct ha_event ev = { .kind = HA_EV_FORGET };
	const struct ha_answer *answer;

	ev.forget = 4711; /* never heard of */
	small_step(1, &ev);
	ev.forget = sim_command(small.sim, 1, &cmd);
	small_step(1, &ev); /* it is on its way already */
	small_run_for(HA_S(1));
	answer = sim_oracle_find(small.sim, ev.forget);
	ck_assert_ptr_nonnull(answer);
	ck_assert_int_eq(answer->code, 0);
	ck_assert(cluster().disarmed);
}
END_TEST

static TCase *messages(void)
{
	TCase *t = tcase_create("messages");

	tcase_add_test(t, of_another_epoch);
	tcase_add_test(t, of_no_kind);
	tcase_add_test(t, bodies_wanted);
	tcase_add_test(t, states_that_nobody_asked_for);
	tcase_add_test(t, reports_of_others);
	tcase_add_test(t, copy_that_cannot_be_told);
	tcase_add_test(t, stopped_and_not_known_to_be_gone);
	tcase_add_test(t, settled_only_with_the_owner);
	tcase_add_test(t, answers_to_nobody);
	tcase_add_test(t, results_of_no_attempt);
	tcase_add_test(t, stale_results);
	return t;
}

static TCase *bounds(void)
{
	TCase *t = tcase_create("bounds");

	tcase_add_test(t, more_commands_than_are_kept);
	tcase_add_test(t, more_domains_than_are_kept);
	tcase_add_test(t, configurations_that_are_not_kept);
	tcase_add_test(t, unknown_vm);
	tcase_add_test(t, forgotten);
	return t;
}

int main(void)
{
	Suite *s = suite_create("msg");
	TCase *cases[] = { messages(), bounds() };

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		tcase_add_checked_fixture(cases[i], small_set_up,
					  small_tear_down);
		tcase_set_timeout(cases[i], 60);
		suite_add_tcase(s, cases[i]);
	}
	return test_main(s);
}
