/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The core in a simulated cluster of three: commands that no hactl would send,
 * VMs that run where nobody told them to, configurations that take too much.
 */
#include "tests/unit/small-cluster.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "sim/power.h"
#include "tests/unit/suite.h"

/* --- commands */

/* Peers and tools may send anything: each is answered, none is obeyed. */
START_TEST(senseless_commands)
{
	const struct ha_uuid db1 = small_uuid_of(small.configs[0], "db1");
	const struct {
		struct ha_command cmd;
		int code;
		const char *says;
	} all[] = {
		{ { .verb = HA_CMD_NONE }, HA_E_SYNTAX, "no such command" },
		{ { .verb = HA_CMD_COUNT }, HA_E_SYNTAX, "no such command" },
		{ { .verb = HA_CMD_VM_START }, HA_E_NOT_FOUND, "no such vm" },
		{ { .verb = HA_CMD_VM_MOVE, .vm = db1 }, HA_E_NOT_FOUND,
		  "no such host" },
		{ { .verb = HA_CMD_VM_MOVE, .vm = db1, .host = 9 },
		  HA_E_NOT_FOUND, "no such host" },
		{ { .verb = HA_CMD_FENCE_HOST }, HA_E_NOT_FOUND,
		  "no such host" },
		{ { .verb = HA_CMD_HOST_STAY, .host = 65 }, HA_E_NOT_FOUND,
		  "no such host" },
		{ { .verb = HA_CMD_HOST_LEAVE, .host = 9 }, HA_E_NOT_FOUND,
		  "no such host" },
		{ { .verb = HA_CMD_CLUSTER_CREATE }, HA_E_EXISTS,
		  "already belongs" },
		{ { .verb = HA_CMD_ACCEPT_LOSS, .hosts = 6, .cluster = { 2 } },
		  HA_E_REFUSED, "has its quorum" },
		{ { .verb = HA_CMD_HOST_UNFREEZE }, 0, "" },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		small_check_told(&all[i].cmd, all[i].code, all[i].says);
	}
}
END_TEST

START_TEST(settling_what_is_settled)
{
	const ha_hostid owner = small_see(small.configs[0], "db1").owner;
	const ha_hostid other = owner == 1 ? 2 : 1;
	struct ha_command cmd = { .verb = HA_CMD_VM_SETTLE_STOPPED,
				  .vm = small_uuid_of(small.configs[0], "db1") };

	cmd.host = other;
	small_check_told(&cmd, HA_E_REFUSED, "does not own it; its owner is h");
	cmd.host = owner;
	small_check_told(&cmd, HA_E_REFUSED, "says that it runs there");
	cmd.verb = HA_CMD_VM_SETTLE_RUNS;
	cmd.host = other;
	small_check_told(&cmd, HA_E_REFUSED, "says that it does not run there");
	cmd.host = owner;
	small_check_told(&cmd, 0, "");
	cmd.verb = HA_CMD_VM_STOP;
	small_check_told(&cmd, 0, "");
	small_run_until(small.configs[0], "db1", HA_VM_SHOWN_STOPPED);
	cmd.verb = HA_CMD_VM_SETTLE_STOPPED;
	small_check_told(&cmd, HA_E_REFUSED, "its owner is nobody");
}
END_TEST

START_TEST(two_copies)
{
	const ha_hostid owner = small_see(small.configs[0], "db1").owner;
	const ha_hostid other = owner == 3 ? 2 : 3;
	struct ha_command cmd = { .verb = HA_CMD_VM_SETTLE_RUNS,
				  .host = other,
				  .vm = small_uuid_of(small.configs[0], "db1") };
	struct ha_vm_view v;

	small.sim->oracle.off = true; /* it is us who start the second */
	sim_vm_spawn(small.sim, other, small_number_of(small.configs[0], "db1"));
	small_run_for(HA_S(5));
	v = small_see(small.configs[0], "db1");
	ck_assert_msg(strstr(v.why, "runs on") != NULL, "%s", v.why);
	small_check_told(&cmd, HA_E_REFUSED, "more hosts than");
	ck_assert(sim_vm_end(small.sim, other,
			     small_number_of(small.configs[0], "db1"),
			     HA_END_DESTROYED));
	small_run_until(small.configs[0], "db1", HA_VM_SHOWN_RUNNING);
	ck_assert_uint_eq(small_see(small.configs[0], "db1").owner, owner);
}
END_TEST

START_TEST(once_is_enough)
{
	struct ha_command cmd = { .verb = HA_CMD_VM_RESTART,
				  .vm = small_uuid_of(small.configs[0], "db1") };
	struct ha_command host = { .verb = HA_CMD_HOST_LEAVE, .host = 3 };
	ha_hostid owner = small_see(small.configs[0], "db1").owner;
	const struct ha_answer *left;
	uint64_t id;

	small_check_told(&cmd, 0, "");
	small_check_told(&cmd, 0, "is being stopped already");
	small_run_until(small.configs[0], "db1", HA_VM_SHOWN_RUNNING);
	cmd.verb = HA_CMD_VM_MOVE;
	cmd.host = owner;
	small_check_told(&cmd, 0, "already");
	id = sim_command(small.sim, 1, &host);
	small_check_told(&(struct ha_command){ .verb = HA_CMD_DISARM }, 0, "");
	host.verb = HA_CMD_HOST_STAY;
	small_check_told(&host, 0, "");
	small_run_for(HA_S(1));
	left = sim_oracle_find(small.sim, id);
	ck_assert_ptr_nonnull(left);
	ck_assert_msg(strstr(left->text, "called off") != NULL, "%s",
		      left->text);
}
END_TEST

START_TEST(starts_that_fail)
{
	struct ha_command cmd = { .verb = HA_CMD_VM_STOP,
				  .vm = small_uuid_of(small.configs[0], "db1") };
	uint32_t db1 = small_number_of(small.configs[0], "db1");

	small_check_told(&cmd, 0, "");
	small_run_until(small.configs[0], "db1", HA_VM_SHOWN_STOPPED);
	for (size_t i = 0; i < SMALL_CLUSTER; i++) {
		small.sim->vms[db1].breaks[SIM_BREAK_START][i] = 100;
	}
	cmd.verb = HA_CMD_VM_START;
	small_check_told(&cmd, 0, "");
	small_run_until(small.configs[0], "db1", HA_VM_SHOWN_FAILED);
	small_check_told(&cmd, 0, ""); /* at once, not when its pause is over */
	small_run_for(HA_S(30));
	small_run_until(small.configs[0], "db1", HA_VM_SHOWN_FAILED);
	for (size_t i = 0; i < SMALL_CLUSTER; i++) {
		small.sim->vms[db1].breaks[SIM_BREAK_START][i] = 0;
	}
	cmd.verb = HA_CMD_VM_RESET;
	small_check_told(&cmd, 0, "");
	small_run_until(small.configs[0], "db1", HA_VM_SHOWN_RUNNING);
	small_check_told(&cmd, 0, "no failed starts to forget");
}
END_TEST

START_TEST(fencing_that_fails)
{
	struct ha_command cmd = { .verb = HA_CMD_FENCE_HOST, .host = 3 };

	small_check_told(&(struct ha_command){ .verb = HA_CMD_DISARM }, 0, "");
	sim_bmc_set(small.sim, 3, SIM_BMC_FAILING);
	sim_power_off(small.sim, 3, "killed");
	small_run_for(HA_S(10));
	small_check_told(&cmd, HA_E_FAILED, "could not be fenced");
	sim_bmc_set(small.sim, 3, SIM_BMC_OK);
	small_check_told(&cmd, 0, "proven down");
	small_check_told(&cmd, 0, "proven down already");
}
END_TEST

/* --- configurations */

START_TEST(configurations_that_take_too_much)
{
	const struct ha_config *less = small_without(ha_conf_remove_host, "h3");
	const struct ha_config *two_less =
		small_without(ha_conf_remove_host, "h2");

	(void)sim_add_body(small.sim, less);
	(void)sim_add_body(small.sim, two_less);
	small_apply(two_less, HA_E_REFUSED, "removes 2 hosts");
	small_apply(less, HA_E_REFUSED, "host h3 is a member");
	sim_bmc_set(small.sim, 3, SIM_BMC_DEAD);
	sim_power_off(small.sim, 3, "killed");
	small_run_for(HA_S(5));
	small_apply(less, HA_E_REFUSED, "host h3 is not proven down");
	small_check_told(&(struct ha_command){ .verb = HA_CMD_FENCE_CONFIRM,
					 .host = 3 }, 0, "");
	small_apply(less, 0, "in force");
}
END_TEST

START_TEST(a_vm_goes_when_it_is_stopped)
{
	const struct ha_config *less = small_without(ha_conf_remove_vm, "web2");
	struct ha_command stop = { .verb = HA_CMD_VM_STOP,
				   .vm = small_uuid_of(small.configs[0],
						       "web2") };

	(void)sim_add_body(small.sim, less);
	small_apply(less, HA_E_REFUSED, "removes vm web2, which is not stopped");
	small_check_told(&stop, 0, "");
	small_run_until(small.configs[0], "web2", HA_VM_SHOWN_STOPPED);
	small_apply(less, 0, "in force");
	small_check_told(&stop, HA_E_NOT_FOUND, "no such vm");
	small.sim->oracle.off = true; /* somebody starts it beside hac */
	sim_vm_spawn(small.sim, 2, small_number_of(small.configs[0], "web2"));
	small_run_for(HA_S(5));
	small_apply(small.configs[0], 0, "in force");
	small_run_for(HA_S(5));
	ck_assert_uint_eq(small_see(small.configs[0], "web2").owner, 2);
}
END_TEST

/* A cluster that changes often: more configurations than are kept at hand. */
START_TEST(many_configurations)
{
	for (int i = 1; i <= 14; i++) {
		struct ha_buf text = { 0 };
		const struct ha_config *next;

		ha_buf_append(&text, small.texts[0].data, small.texts[0].len);
		ha_buf_printf(&text, "<!-- change %d -->\n", i);
		next = small_keep_config(&text);
		(void)sim_add_body(small.sim, next);
		small_apply(next, 0, "in force");
	}
	small_run_for(HA_S(5));
	ck_assert_uint_eq(ha_core_state(small.sim->hosts[2].core)->config_version,
			  15);
	small_run_until(small.configs[14], "db1", HA_VM_SHOWN_RUNNING);
}
END_TEST

/* A VM that runs already is taken into care where it runs; one that runs
 * twice is not, until one of the two has gone. */
static void adopts(bool twice)
{
	const struct ha_config *all =
		small_read_config("tests/scenario/three-hosts.xml");
	const struct ha_config *less = small_without(ha_conf_remove_vm, "mail1");
	uint32_t mail1;

	small_power_on(all);
	small_create_cluster(less, "db1");
	small.sim->oracle.off = true;
	mail1 = small_number_of(all, "mail1");
	sim_vm_spawn(small.sim, 3, mail1);
	if (twice) {
		sim_vm_spawn(small.sim, 2, mail1);
	}
	small_run_for(HA_S(5));
	small_apply(all, 0, "in force");
	small_run_for(HA_S(10));
	if (twice) {
		struct ha_vm_view v = small_see(all, "mail1");

		ck_assert_msg(strstr(v.why, "runs on") != NULL, "%s", v.why);
		ck_assert_uint_eq(small_see(all, "mail1").owner, HA_HOST_NONE);
		ck_assert(sim_vm_end(small.sim, 2, mail1, HA_END_DESTROYED));
	}
	small_run_until(all, "mail1", HA_VM_SHOWN_RUNNING);
	ck_assert_uint_eq(small_see(all, "mail1").owner, 3);
}

START_TEST(adopts_what_runs)
{
	adopts(false);
}
END_TEST

START_TEST(adopts_no_two)
{
	adopts(true);
}
END_TEST

/* --- VMs */

START_TEST(no_room_to_move)
{
	const struct ha_config *config =
		small_read_config("tests/scenario/small-hosts.xml");
	struct ha_command cmd = { .verb = HA_CMD_VM_MOVE };

	small_power_on(config);
	small_create_cluster(config, "big1");
	cmd.vm = small_uuid_of(config, "big1");
	cmd.host = small_see(config, "big2").owner;
	ck_assert_uint_ne(cmd.host, HA_HOST_NONE);
	ck_assert_uint_ne(cmd.host, small_see(config, "big1").owner);
	small_check_told(&cmd, HA_E_REFUSED, "host h2 has 2032 MiB too little");
}
END_TEST

/* libvirt tells of a VM what it likes: paused, nothing known, gone. */
static void libvirt_says(ha_hostid host, const char *vm, uint32_t seen)
{
	struct ha_event ev = { .kind = HA_EV_DOMAIN };

	ev.domain.vm = small_uuid_of(small.configs[0], vm);
	ev.domain.seen = seen;
	ev.domain.instance = seen == HA_SEEN_ABSENT ? 0 : 77;
	small_step(host, &ev);
	small_run_for(HA_S(2));
}

START_TEST(what_libvirt_says)
{
	const ha_hostid owner = small_see(small.configs[0], "db1").owner;

	small.sim->oracle.off = true;
	libvirt_says(owner, "db1", HA_SEEN_PAUSED);
	ck_assert_uint_eq(small_see(small.configs[0], "db1").owner, owner);
	ck_assert_str_ne(small_see(small.configs[0], "db1").why, "");
	libvirt_says(owner, "db1", HA_SEEN_UNKNOWN);
	ck_assert_uint_eq(small_see(small.configs[0], "db1").owner, owner);
	libvirt_says(owner, "db1", HA_SEEN_RUNNING);
	ck_assert_int_eq(small_see(small.configs[0], "db1").shown,
			 HA_VM_SHOWN_RUNNING);
	/* of VMs that are not the cluster's it keeps what it hears */
	libvirt_says(owner, "nobody's", HA_SEEN_RUNNING);
	libvirt_says(owner, "nobody's", HA_SEEN_PAUSED);
	libvirt_says(owner, "nobody's", HA_SEEN_ABSENT);
	libvirt_says(owner, "nobody's", HA_SEEN_ABSENT);
}
END_TEST

/* A QEMU that dies again and again is tried on another host. */
START_TEST(short_lives)
{
	const ha_hostid owner = small_see(small.configs[0], "db1").owner;
	const uint32_t db1 = small_number_of(small.configs[0], "db1");
	ha_time limit = small.sim->now + HA_S(300);

	while (small_see(small.configs[0], "db1").owner == owner) {
		ck_assert(small.sim->now < limit);
		if (small_see(small.configs[0], "db1").shown ==
		    HA_VM_SHOWN_RUNNING) {
			(void)sim_vm_end(small.sim, owner, db1, HA_END_CRASHED);
		}
		ck_assert_msg(sim_run_one(small.sim), "%s",
			      small.sim->oracle.text);
	}
	small_run_until(small.configs[0], "db1", HA_VM_SHOWN_RUNNING);
	ck_assert_uint_ne(small_see(small.configs[0], "db1").owner, owner);
}
END_TEST

/* --- without a cluster */

START_TEST(no_cluster)
{
	const struct ha_config *all =
		small_read_config("tests/scenario/three-hosts.xml");
	const struct ha_config *less = small_without(ha_conf_remove_host, "h1");
	struct ha_command cmd = { .verb = HA_CMD_ACCEPT_LOSS, .hosts = 2,
				  .cluster = { 3 } };

	small_power_on(all);
	small_check_told(&cmd, HA_E_REFUSED, "holds no cluster's state");
	cmd.verb = HA_CMD_VM_START;
	small_check_told(&cmd, HA_E_REFUSED, "belongs to no cluster");
	cmd.verb = HA_CMD_CLUSTER_CREATE;
	cmd.hash = less->hash;
	small_check_told(&cmd, HA_E_REFUSED, "does not name this host");
}
END_TEST

/* A host alone: what needs the others is refused in time, with the reason. */
START_TEST(alone)
{
	struct ha_command cmd = { .verb = HA_CMD_DISARM };

	sim_power_off(small.sim, 2, "killed");
	sim_power_off(small.sim, 3, "killed");
	small_run_for(HA_S(10));
	small_check_told(&cmd, HA_E_NO_QUORUM, "cannot decide now");
	cmd = (struct ha_command){ .verb = HA_CMD_ACCEPT_LOSS, .hosts = 1,
				   .cluster = { 4 } };
	small_check_told(&cmd, HA_E_REFUSED, "is no loss: it answers");
	cmd.hosts = 2;
	small_check_told(&cmd, HA_E_REFUSED, "host h3 is missing, too");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("core");
	TCase *in = tcase_create("cluster"), *out = tcase_create("world");

	tcase_add_checked_fixture(in, small_set_up, small_tear_down);
	tcase_add_checked_fixture(out, NULL, small_tear_down);
	tcase_set_timeout(in, 60);
	tcase_set_timeout(out, 60);
	tcase_add_test(in, senseless_commands);
	tcase_add_test(in, settling_what_is_settled);
	tcase_add_test(in, two_copies);
	tcase_add_test(in, configurations_that_take_too_much);
	tcase_add_test(in, a_vm_goes_when_it_is_stopped);
	tcase_add_test(in, alone);
	tcase_add_test(in, once_is_enough);
	tcase_add_test(in, starts_that_fail);
	tcase_add_test(in, fencing_that_fails);
	tcase_add_test(in, many_configurations);
	tcase_add_test(in, what_libvirt_says);
	tcase_add_test(in, short_lives);
	tcase_add_test(out, no_room_to_move);
	tcase_add_test(out, adopts_what_runs);
	tcase_add_test(out, adopts_no_two);
	tcase_add_test(out, no_cluster);
	suite_add_tcase(s, in);
	suite_add_tcase(s, out);
	return test_main(s);
}
