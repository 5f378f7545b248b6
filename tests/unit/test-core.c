/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The core in a simulated cluster of three: commands that no hactl would send,
 * VMs that run where nobody told them to, configurations that take too much.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "conf/conf.h"
#include "conf/edit.h"
#include "core/view.h"
#include "sim/power.h"
#include "sim/world.h"

#define HOSTS 3
#define CONFIGS_MAX 24

static struct sim *sim;
static struct ha_config *configs[CONFIGS_MAX]; /* owned */
static struct ha_buf texts[CONFIGS_MAX];
static size_t config_count;

static const char *path_of(const char *name)
{
	static char path[512];
	const char *src = getenv("srcdir");

	(void)snprintf(path, sizeof(path), "%s/%s", src ? src : ".", name);
	return path;
}

/* Takes the text. */
static struct ha_config *keep_config(struct ha_buf *text)
{
	struct ha_conf_errors errors = { 0 };
	struct ha_config *config = NULL;

	ck_assert_uint_lt(config_count, CONFIGS_MAX);
	ck_assert_int_eq(ha_conf_parse(text->data, text->len, &errors,
				       &config), 0);
	ha_conf_hash(text->data, text->len, &config->hash);
	ha_conf_errors_fini(&errors);
	configs[config_count] = config;
	texts[config_count++] = *text;
	return config;
}

static struct ha_config *read_config(const char *name)
{
	struct ha_conf_errors errors = { 0 };
	struct ha_buf text = { 0 };

	ck_assert_int_eq(ha_conf_read_file(path_of(name), &errors, &text,
					   NULL), 0);
	ha_conf_errors_fini(&errors);
	return keep_config(&text);
}

typedef int (*edit_fn)(const struct ha_conf_edit *edit,
		       struct ha_conf_errors *errors, struct ha_buf *ret_text);

/* The last configuration kept without one of its hosts or VMs. */
static struct ha_config *without(edit_fn fn, const char *name)
{
	const struct ha_buf *last = &texts[config_count - 1];
	struct ha_conf_edit edit = { .text = last->data, .len = last->len,
				     .name = name };
	struct ha_conf_errors errors = { 0 };
	struct ha_buf text = { 0 };

	ck_assert_int_eq(fn(&edit, &errors, &text), 0);
	ha_conf_errors_fini(&errors);
	return keep_config(&text);
}

/* --- the cluster */

static void run_for(ha_dur time)
{
	sim_run_until(sim, sim->now + time);
	ck_assert_msg(!sim_failed(sim), "%s", sim->oracle.text);
}

static struct ha_answer tell(ha_hostid host, const struct ha_command *cmd)
{
	uint64_t id = sim_command(sim, host, cmd);
	ha_time limit = sim->now + HA_S(120);
	const struct ha_answer *answer;

	ck_assert_uint_ne(id, 0);
	while ((answer = sim_oracle_find(sim, id)) == NULL) {
		ck_assert(sim->now < limit);
		ck_assert_msg(sim_run_one(sim), "%s", sim->oracle.text);
	}
	return *answer;
}

static void check_told(const struct ha_command *cmd, int code,
		       const char *says)
{
	struct ha_answer answer = tell(1, cmd);

	ck_assert_msg(answer.code == code, "%d: %s", answer.code, answer.text);
	ck_assert_msg(strstr(answer.text, says) != NULL, "'%s' in '%s'", says,
		      answer.text);
}

static struct ha_vm_view see(const struct ha_config *config, const char *name)
{
	struct ha_vm_view v = { .owner = HA_HOST_NONE };

	for (size_t i = 0; i < config->vm_count; i++) {
		if (strcmp(config->vms[i].name, name) == 0) {
			ha_core_view_vm(sim->hosts[0].core,
					&config->vms[i].uuid, &v);
		}
	}
	return v;
}

static struct ha_uuid uuid_of(const struct ha_config *config,
			      const char *name)
{
	struct ha_uuid none;

	for (size_t i = 0; i < config->vm_count; i++) {
		if (strcmp(config->vms[i].name, name) == 0) {
			return config->vms[i].uuid;
		}
	}
	memset(&none, 0xee, sizeof(none));
	return none;
}

static uint32_t number_of(const struct ha_config *config, const char *name)
{
	struct ha_uuid uuid = uuid_of(config, name);

	return sim_vm_number(sim, &uuid);
}

static void run_until(const struct ha_config *config, const char *name,
		      enum ha_vm_shown shown)
{
	ha_time limit = sim->now + HA_S(180);

	while (see(config, name).shown != shown) {
		ck_assert_msg(sim->now < limit, "vm %s: %s", name,
			      see(config, name).why);
		ck_assert_msg(sim_run_one(sim), "%s", sim->oracle.text);
	}
}

static void power_on(const struct ha_config *config)
{
	struct sim_params p = { .seed = 11, .token = HA_S(1), .vms_max = 64 };

	sim = sim_create(&p);
	for (ha_hostid id = 1; id <= HOSTS; id++) {
		(void)sim_add_host(sim, id, ha_config_host(config, id)->name);
	}
	sim->nodelist = ha_config_hostset(config);
	for (size_t i = 0; i < config_count; i++) {
		(void)sim_add_body(sim, configs[i]);
	}
	for (ha_hostid id = 1; id <= HOSTS; id++) {
		sim_power_on(sim, id, SIM_BOOT);
	}
	run_for(HA_S(20));
}

/* first: a VM of it that is to run. */
static void create_cluster(const struct ha_config *config, const char *first)
{
	struct ha_command create = { .verb = HA_CMD_CLUSTER_CREATE,
				     .hash = config->hash,
				     .cluster = { 1 } };

	check_told(&create, 0, "");
	run_until(config, first, HA_VM_SHOWN_RUNNING);
	run_for(HA_S(20));
}

static void apply(const struct ha_config *config, int code, const char *says)
{
	struct ha_command cmd = { .verb = HA_CMD_CONFIG_APPLY,
				  .hash = config->hash };

	cmd.base_version = ha_core_state(sim->hosts[0].core)->config_version;
	check_told(&cmd, code, says);
}

static void tear_down(void)
{
	sim_destroy(sim);
	for (size_t i = 0; i < config_count; i++) {
		ha_conf_free(configs[i]);
		ha_buf_fini(&texts[i]);
	}
	config_count = 0;
}

static void set_up(void)
{
	const struct ha_config *config =
		read_config("tests/scenario/three-hosts.xml");

	power_on(config);
	create_cluster(config, "db1");
}

/* --- commands */

/* Peers and tools may send anything: each is answered, none is obeyed. */
START_TEST(senseless_commands)
{
	const struct ha_uuid db1 = uuid_of(configs[0], "db1");
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
		check_told(&all[i].cmd, all[i].code, all[i].says);
	}
}
END_TEST

START_TEST(settling_what_is_settled)
{
	const ha_hostid owner = see(configs[0], "db1").owner;
	const ha_hostid other = owner == 1 ? 2 : 1;
	struct ha_command cmd = { .verb = HA_CMD_VM_SETTLE_STOPPED,
				  .vm = uuid_of(configs[0], "db1") };

	cmd.host = other;
	check_told(&cmd, HA_E_REFUSED, "does not own it; its owner is h");
	cmd.host = owner;
	check_told(&cmd, HA_E_REFUSED, "says that it runs there");
	cmd.verb = HA_CMD_VM_SETTLE_RUNS;
	cmd.host = other;
	check_told(&cmd, HA_E_REFUSED, "says that it does not run there");
	cmd.host = owner;
	check_told(&cmd, 0, "");
	cmd.verb = HA_CMD_VM_STOP;
	check_told(&cmd, 0, "");
	run_until(configs[0], "db1", HA_VM_SHOWN_STOPPED);
	cmd.verb = HA_CMD_VM_SETTLE_STOPPED;
	check_told(&cmd, HA_E_REFUSED, "its owner is nobody");
}
END_TEST

START_TEST(two_copies)
{
	const ha_hostid owner = see(configs[0], "db1").owner;
	const ha_hostid other = owner == 3 ? 2 : 3;
	struct ha_command cmd = { .verb = HA_CMD_VM_SETTLE_RUNS,
				  .host = other,
				  .vm = uuid_of(configs[0], "db1") };
	struct ha_vm_view v;

	sim->oracle.off = true; /* it is us who start the second */
	sim_vm_spawn(sim, other, number_of(configs[0], "db1"));
	run_for(HA_S(5));
	v = see(configs[0], "db1");
	ck_assert_msg(strstr(v.why, "runs on") != NULL, "%s", v.why);
	check_told(&cmd, HA_E_REFUSED, "more hosts than");
	ck_assert(sim_vm_end(sim, other, number_of(configs[0], "db1"),
			     HA_END_DESTROYED));
	run_until(configs[0], "db1", HA_VM_SHOWN_RUNNING);
	ck_assert_uint_eq(see(configs[0], "db1").owner, owner);
}
END_TEST

START_TEST(once_is_enough)
{
	struct ha_command cmd = { .verb = HA_CMD_VM_RESTART,
				  .vm = uuid_of(configs[0], "db1") };
	struct ha_command host = { .verb = HA_CMD_HOST_LEAVE, .host = 3 };
	ha_hostid owner = see(configs[0], "db1").owner;
	const struct ha_answer *left;
	uint64_t id;

	check_told(&cmd, 0, "");
	check_told(&cmd, 0, "is being stopped already");
	run_until(configs[0], "db1", HA_VM_SHOWN_RUNNING);
	cmd.verb = HA_CMD_VM_MOVE;
	cmd.host = owner;
	check_told(&cmd, 0, "already");
	id = sim_command(sim, 1, &host);
	check_told(&(struct ha_command){ .verb = HA_CMD_DISARM }, 0, "");
	host.verb = HA_CMD_HOST_STAY;
	check_told(&host, 0, "");
	run_for(HA_S(1));
	left = sim_oracle_find(sim, id);
	ck_assert_ptr_nonnull(left);
	ck_assert_msg(strstr(left->text, "called off") != NULL, "%s",
		      left->text);
}
END_TEST

START_TEST(starts_that_fail)
{
	struct ha_command cmd = { .verb = HA_CMD_VM_STOP,
				  .vm = uuid_of(configs[0], "db1") };
	uint32_t db1 = number_of(configs[0], "db1");

	check_told(&cmd, 0, "");
	run_until(configs[0], "db1", HA_VM_SHOWN_STOPPED);
	for (size_t i = 0; i < HOSTS; i++) {
		sim->vms[db1].breaks[SIM_BREAK_START][i] = 100;
	}
	cmd.verb = HA_CMD_VM_START;
	check_told(&cmd, 0, "");
	run_until(configs[0], "db1", HA_VM_SHOWN_FAILED);
	check_told(&cmd, 0, ""); /* at once, not when its pause is over */
	run_for(HA_S(30));
	run_until(configs[0], "db1", HA_VM_SHOWN_FAILED);
	for (size_t i = 0; i < HOSTS; i++) {
		sim->vms[db1].breaks[SIM_BREAK_START][i] = 0;
	}
	cmd.verb = HA_CMD_VM_RESET;
	check_told(&cmd, 0, "");
	run_until(configs[0], "db1", HA_VM_SHOWN_RUNNING);
	check_told(&cmd, 0, "no failed starts to forget");
}
END_TEST

START_TEST(fencing_that_fails)
{
	struct ha_command cmd = { .verb = HA_CMD_FENCE_HOST, .host = 3 };

	check_told(&(struct ha_command){ .verb = HA_CMD_DISARM }, 0, "");
	sim_bmc_set(sim, 3, SIM_BMC_FAILING);
	sim_power_off(sim, 3, "killed");
	run_for(HA_S(10));
	check_told(&cmd, HA_E_FAILED, "could not be fenced");
	sim_bmc_set(sim, 3, SIM_BMC_OK);
	check_told(&cmd, 0, "proven down");
	check_told(&cmd, 0, "proven down already");
}
END_TEST

/* --- configurations */

START_TEST(configurations_that_take_too_much)
{
	const struct ha_config *less = without(ha_conf_remove_host, "h3");
	const struct ha_config *two_less = without(ha_conf_remove_host, "h2");

	(void)sim_add_body(sim, less);
	(void)sim_add_body(sim, two_less);
	apply(two_less, HA_E_REFUSED, "removes 2 hosts");
	apply(less, HA_E_REFUSED, "host h3 is a member");
	sim_bmc_set(sim, 3, SIM_BMC_DEAD);
	sim_power_off(sim, 3, "killed");
	run_for(HA_S(5));
	apply(less, HA_E_REFUSED, "host h3 is not proven down");
	check_told(&(struct ha_command){ .verb = HA_CMD_FENCE_CONFIRM,
					 .host = 3 }, 0, "");
	apply(less, 0, "in force");
}
END_TEST

START_TEST(a_vm_goes_when_it_is_stopped)
{
	const struct ha_config *less = without(ha_conf_remove_vm, "web2");
	struct ha_command stop = { .verb = HA_CMD_VM_STOP,
				   .vm = uuid_of(configs[0], "web2") };

	(void)sim_add_body(sim, less);
	apply(less, HA_E_REFUSED, "removes vm web2, which is not stopped");
	check_told(&stop, 0, "");
	run_until(configs[0], "web2", HA_VM_SHOWN_STOPPED);
	apply(less, 0, "in force");
	check_told(&stop, HA_E_NOT_FOUND, "no such vm");
	sim->oracle.off = true; /* somebody starts it beside hac */
	sim_vm_spawn(sim, 2, number_of(configs[0], "web2"));
	run_for(HA_S(5));
	apply(configs[0], 0, "in force");
	run_for(HA_S(5));
	ck_assert_uint_eq(see(configs[0], "web2").owner, 2);
}
END_TEST

/* A cluster that changes often: more configurations than are kept at hand. */
START_TEST(many_configurations)
{
	for (int i = 1; i <= 14; i++) {
		struct ha_buf text = { 0 };
		const struct ha_config *next;

		ha_buf_append(&text, texts[0].data, texts[0].len);
		ha_buf_printf(&text, "<!-- change %d -->\n", i);
		next = keep_config(&text);
		(void)sim_add_body(sim, next);
		apply(next, 0, "in force");
	}
	run_for(HA_S(5));
	ck_assert_uint_eq(ha_core_state(sim->hosts[2].core)->config_version,
			  15);
	run_until(configs[14], "db1", HA_VM_SHOWN_RUNNING);
}
END_TEST

/* A VM that runs already is taken into care where it runs; one that runs
 * twice is not, until one of the two has gone. */
static void adopts(bool twice)
{
	const struct ha_config *all =
		read_config("tests/scenario/three-hosts.xml");
	const struct ha_config *less = without(ha_conf_remove_vm, "mail1");
	uint32_t mail1;

	power_on(all);
	create_cluster(less, "db1");
	sim->oracle.off = true;
	mail1 = number_of(all, "mail1");
	sim_vm_spawn(sim, 3, mail1);
	if (twice) {
		sim_vm_spawn(sim, 2, mail1);
	}
	run_for(HA_S(5));
	apply(all, 0, "in force");
	run_for(HA_S(10));
	if (twice) {
		ck_assert_msg(strstr(see(all, "mail1").why, "runs on") != NULL,
			      "%s", see(all, "mail1").why);
		ck_assert_uint_eq(see(all, "mail1").owner, HA_HOST_NONE);
		ck_assert(sim_vm_end(sim, 2, mail1, HA_END_DESTROYED));
	}
	run_until(all, "mail1", HA_VM_SHOWN_RUNNING);
	ck_assert_uint_eq(see(all, "mail1").owner, 3);
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
		read_config("tests/scenario/small-hosts.xml");
	struct ha_command cmd = { .verb = HA_CMD_VM_MOVE };

	power_on(config);
	create_cluster(config, "big1");
	cmd.vm = uuid_of(config, "big1");
	cmd.host = see(config, "big2").owner;
	ck_assert_uint_ne(cmd.host, HA_HOST_NONE);
	ck_assert_uint_ne(cmd.host, see(config, "big1").owner);
	check_told(&cmd, HA_E_REFUSED, "host h2 has 2032 MiB too little");
}
END_TEST

/* libvirt tells of a VM what it likes: paused, nothing known, gone. */
static void libvirt_says(ha_hostid host, const char *vm, uint32_t seen)
{
	struct ha_event ev = { .kind = HA_EV_DOMAIN };

	ev.domain.vm = uuid_of(configs[0], vm);
	ev.domain.seen = seen;
	ev.domain.instance = seen == HA_SEEN_ABSENT ? 0 : 77;
	ev.now = sim_clock_now(sim, sim_host(sim, host));
	sim_hacd_step(sim, host, &ev);
	run_for(HA_S(2));
}

START_TEST(what_libvirt_says)
{
	const ha_hostid owner = see(configs[0], "db1").owner;

	sim->oracle.off = true;
	libvirt_says(owner, "db1", HA_SEEN_PAUSED);
	ck_assert_uint_eq(see(configs[0], "db1").owner, owner);
	ck_assert_str_ne(see(configs[0], "db1").why, "");
	libvirt_says(owner, "db1", HA_SEEN_UNKNOWN);
	ck_assert_uint_eq(see(configs[0], "db1").owner, owner);
	libvirt_says(owner, "db1", HA_SEEN_RUNNING);
	ck_assert_int_eq(see(configs[0], "db1").shown, HA_VM_SHOWN_RUNNING);
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
	const ha_hostid owner = see(configs[0], "db1").owner;
	const uint32_t db1 = number_of(configs[0], "db1");
	ha_time limit = sim->now + HA_S(300);

	while (see(configs[0], "db1").owner == owner) {
		ck_assert(sim->now < limit);
		if (see(configs[0], "db1").shown == HA_VM_SHOWN_RUNNING) {
			(void)sim_vm_end(sim, owner, db1, HA_END_CRASHED);
		}
		ck_assert_msg(sim_run_one(sim), "%s", sim->oracle.text);
	}
	run_until(configs[0], "db1", HA_VM_SHOWN_RUNNING);
	ck_assert_uint_ne(see(configs[0], "db1").owner, owner);
}
END_TEST

/* --- without a cluster */

START_TEST(no_cluster)
{
	const struct ha_config *all =
		read_config("tests/scenario/three-hosts.xml");
	const struct ha_config *less = without(ha_conf_remove_host, "h1");
	struct ha_command cmd = { .verb = HA_CMD_ACCEPT_LOSS, .hosts = 2,
				  .cluster = { 3 } };

	power_on(all);
	check_told(&cmd, HA_E_REFUSED, "holds no cluster's state");
	cmd.verb = HA_CMD_VM_START;
	check_told(&cmd, HA_E_REFUSED, "belongs to no cluster");
	cmd.verb = HA_CMD_CLUSTER_CREATE;
	cmd.hash = less->hash;
	check_told(&cmd, HA_E_REFUSED, "does not name this host");
}
END_TEST

/* A host alone: what needs the others is refused in time, with the reason. */
START_TEST(alone)
{
	struct ha_command cmd = { .verb = HA_CMD_DISARM };

	sim_power_off(sim, 2, "killed");
	sim_power_off(sim, 3, "killed");
	run_for(HA_S(10));
	check_told(&cmd, HA_E_NO_QUORUM, "cannot decide now");
	cmd = (struct ha_command){ .verb = HA_CMD_ACCEPT_LOSS, .hosts = 1,
				   .cluster = { 4 } };
	check_told(&cmd, HA_E_REFUSED, "is no loss: it answers");
	cmd.hosts = 2;
	check_told(&cmd, HA_E_REFUSED, "host h3 is missing, too");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("core");
	TCase *in = tcase_create("cluster"), *out = tcase_create("world");
	SRunner *r;
	int failed;

	tcase_add_checked_fixture(in, set_up, tear_down);
	tcase_add_checked_fixture(out, NULL, tear_down);
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
	r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
