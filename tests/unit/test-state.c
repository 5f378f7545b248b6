/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How committed facts change the committed state. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/state_apply.h"
#include "tests/unit/suite.h"

static struct ha_state *state;
static struct ha_config config;
static struct ha_vm_conf vms[3];
static struct ha_host_conf hosts[3];

static struct ha_uuid uuid(uint8_t n)
{
	struct ha_uuid u;

	memset(&u, 0, sizeof(u));
	u.b[15] = n;
	return u;
}

static void setup(void)
{
	memset(vms, 0, sizeof(vms));
	memset(hosts, 0, sizeof(hosts));
	memset(&config, 0, sizeof(config));
	for (uint8_t i = 0; i < 3; i++) {
		vms[i].uuid = uuid((uint8_t)(i + 1));
		vms[i].name = "vm";
		vms[i].priority = i == 2 ? HA_PRIORITY_DISABLED
					 : HA_PRIORITY_MEDIUM;
		vms[i].wanted = HA_WANTED_RUNNING;
		hosts[i].id = (ha_hostid)(i + 1);
		hosts[i].name = "h";
	}
	config.hosts = hosts;
	config.host_count = 3;
	config.vms = vms;
	config.vm_count = 3;
	config.hash.b[0] = 1;
	state = calloc(1, ha_state_size(10));
	ck_assert_ptr_nonnull(state);
	state->vm_max = 10;
	ha_state_found(state, &config, 1);
}

static void teardown(void)
{
	free(state);
}

static void apply(struct ha_fact f)
{
	struct ha_entry e;

	memset(&e, 0, sizeof(e));
	e.index = state->index + 1;
	e.epoch = 64;
	ha_entry_set_fact(&e, &f);
	ha_state_apply(state, &e, &config);
}

static void admit(ha_hostid host, ha_bootid boot)
{
	apply((struct ha_fact){ .kind = HA_FACT_ADMIT, .host = host,
				.boot = boot });
}

static void own(uint8_t vm, ha_hostid host, ha_bootid boot)
{
	apply((struct ha_fact){ .kind = HA_FACT_VM_SURVEY, .vm = uuid(vm) });
	apply((struct ha_fact){ .kind = HA_FACT_VM_OWNER, .host = host,
				.boot = boot, .vm = uuid(vm) });
}

static void copy(uint8_t vm, ha_hostid host, bool on)
{
	apply((struct ha_fact){ .kind = HA_FACT_VM_COPY, .host = host,
				.code = on, .vm = uuid(vm) });
}

static const struct ha_vm_state *vm(uint8_t n)
{
	struct ha_uuid u = uuid(n);
	const struct ha_vm_state *v = ha_state_vm(state, &u);

	ck_assert_ptr_nonnull(v);
	return v;
}

START_TEST(found_lists_vms_unsurveyed)
{
	ck_assert_uint_eq(state->vm_count, 3);
	ck_assert_uint_eq(state->config_version, 1);
	ck_assert(!vm(1)->surveyed);
	ck_assert_uint_eq(vm(1)->wanted, HA_WANTED_RUNNING);
	ck_assert_uint_eq(vm(3)->wanted, HA_WANTED_STOPPED);
}
END_TEST

START_TEST(proof_releases_what_the_host_owned)
{
	admit(2, 77);
	own(1, 2, 77);
	ck_assert_uint_eq(vm(1)->owner, 2);
	ck_assert_uint_eq(vm(1)->gen, state->index);
	apply((struct ha_fact){ .kind = HA_FACT_PROOF, .host = 2,
				.code = HA_PROOF_POWER });
	ck_assert_uint_eq(vm(1)->owner, 0);
	ck_assert_uint_eq(vm(1)->last_why, HA_WHY_LOST);
	ck_assert_uint_eq(state->hosts[1].proof, HA_PROOF_POWER);
	ck_assert(!state->hosts[1].present);
}
END_TEST

START_TEST(disabled_vm_is_not_recovered)
{
	admit(2, 77);
	own(3, 2, 77);
	apply((struct ha_fact){ .kind = HA_FACT_VM_WANTED, .vm = uuid(3),
				.code = HA_WANTED_RUNNING });
	apply((struct ha_fact){ .kind = HA_FACT_PROOF, .host = 2,
				.code = HA_PROOF_POWER });
	ck_assert_uint_eq(vm(3)->wanted, HA_WANTED_STOPPED);
}
END_TEST

START_TEST(release_of_an_older_ownership_is_void)
{
	uint64_t gen;

	admit(2, 77);
	own(1, 2, 77);
	gen = vm(1)->gen;
	apply((struct ha_fact){ .kind = HA_FACT_VM_OWNER, .host = 2,
				.boot = 77, .vm = uuid(1) });
	apply((struct ha_fact){ .kind = HA_FACT_VM_RELEASE, .host = 2,
				.vm = uuid(1), .number = gen,
				.code = HA_WHY_FAILED });
	ck_assert_uint_eq(vm(1)->owner, 2);
	ck_assert_uint_eq(vm(1)->failures, 0);
}
END_TEST

START_TEST(failed_start_avoids_the_host)
{
	admit(2, 77);
	own(1, 2, 77);
	apply((struct ha_fact){ .kind = HA_FACT_VM_RELEASE, .host = 2,
				.vm = uuid(1), .number = vm(1)->gen,
				.code = HA_WHY_FAILED });
	ck_assert_uint_eq(vm(1)->owner, 0);
	ck_assert_uint_eq(vm(1)->failures, 1);
	ck_assert_uint_eq(vm(1)->avoid, ha_host_bit(2));
	apply((struct ha_fact){ .kind = HA_FACT_VM_RESET, .vm = uuid(1) });
	ck_assert_uint_eq(vm(1)->avoid, 0);
}
END_TEST

START_TEST(what_is_set_aside_stays_so_until_its_reset)
{
	const struct ha_fact aside = {
		.kind = HA_FACT_VM_ASIDE, .vm = uuid(1),
		.number = ha_host_bit(2) | ha_host_bit(3) };

	admit(2, 77);
	own(1, 2, 77);
	apply(aside);
	ck_assert_uint_eq(vm(1)->aside, aside.number);
	ck_assert_uint_eq(vm(1)->owner, 2);
	ck_assert_uint_eq(vm(2)->aside, 0);
	apply((struct ha_fact){ .kind = HA_FACT_PROOF, .host = 2,
				.code = HA_PROOF_POWER });
	ck_assert_uint_eq(vm(1)->owner, 0);
	ck_assert_uint_eq(vm(1)->aside, aside.number);
	ck_assert_uint_eq(vm(1)->reset_at, 0);
	apply((struct ha_fact){ .kind = HA_FACT_VM_RESET, .vm = uuid(1) });
	ck_assert_uint_eq(vm(1)->aside, 0);
	ck_assert_uint_eq(vm(1)->reset_at, state->index);
}
END_TEST

START_TEST(copies_are_remembered_until_denied_or_proven_down)
{
	admit(2, 77);
	admit(3, 78);
	own(1, 2, 77);
	copy(1, 2, true);
	ck_assert_uint_eq(vm(1)->copies, 0); /* the owner's is none */
	copy(1, 3, true);
	copy(1, 1, true);
	ck_assert_uint_eq(vm(1)->copies, ha_host_bit(1) | ha_host_bit(3));
	copy(1, 1, false);
	ck_assert_uint_eq(vm(1)->copies, ha_host_bit(3));
	apply((struct ha_fact){ .kind = HA_FACT_PROOF, .host = 3,
				.code = HA_PROOF_POWER });
	ck_assert_uint_eq(vm(1)->copies, 0);
	copy(1, 3, true); /* decided before, and committed after the proof */
	ck_assert_uint_eq(vm(1)->copies, 0);
	copy(1, 1, true);
	own(1, 1, 76);
	ck_assert_uint_eq(vm(1)->copies, 0);
}
END_TEST

START_TEST(leave_with_stop_waits_for_the_host)
{
	admit(2, 77);
	own(1, 2, 77);
	apply((struct ha_fact){ .kind = HA_FACT_VM_RELEASE, .host = 2,
				.by = 2, .vm = uuid(1), .number = vm(1)->gen,
				.code = HA_WHY_LEAVING });
	ck_assert_uint_eq(vm(1)->waits_for, 2);
	apply((struct ha_fact){ .kind = HA_FACT_LEFT, .host = 2, .boot = 77 });
	ck_assert(state->hosts[1].left);
	ck_assert_uint_eq(state->hosts[1].proof, HA_PROOF_LEAVE);
	admit(2, 78);
	ck_assert_uint_eq(vm(1)->waits_for, 0);
	ck_assert(!state->hosts[1].left);
}
END_TEST

START_TEST(epoch_without_a_host_ends_its_presence)
{
	struct ha_entry e;

	admit(1, 70);
	admit(2, 77);
	memset(&e, 0, sizeof(e));
	e.kind = HA_ENTRY_EPOCH;
	e.index = state->index + 1;
	e.members = ha_host_bit(1);
	ha_state_apply(state, &e, &config);
	ck_assert(state->hosts[0].present);
	ck_assert(!state->hosts[1].present);
	ck_assert_uint_eq(state->hosts[1].proof, HA_PROOF_NONE);
}
END_TEST

START_TEST(config_keeps_what_stays_and_drops_what_goes)
{
	struct ha_vm_conf next[3];

	admit(2, 77);
	own(2, 2, 77);
	next[0] = vms[1];
	next[1] = vms[2];
	next[2] = vms[0];
	next[2].uuid = uuid(9);
	config.vms = next;
	config.hash.b[0] = 2;
	config.host_count = 2;
	apply((struct ha_fact){ .kind = HA_FACT_CONFIG, .hash = config.hash,
				.number = 2 });
	ck_assert_uint_eq(state->config_version, 2);
	ck_assert_uint_eq(state->vm_count, 3);
	ck_assert_uint_eq(vm(2)->owner, 2);
	ck_assert(!vm(9)->surveyed);
	ck_assert_uint_eq(vm(9)->gen, state->index);
}
END_TEST

START_TEST(nonsense_changes_nothing_but_the_index)
{
	struct ha_vm_state before;

	admit(2, 77);
	own(1, 2, 77);
	before = *vm(1);
	apply((struct ha_fact){ .kind = HA_FACT_ADMIT, .host = 99 });
	apply((struct ha_fact){ .kind = 12345, .host = 1 });
	apply((struct ha_fact){ .kind = HA_FACT_VM_OWNER, .vm = uuid(200) });
	ck_assert_mem_eq(&before, vm(1), sizeof(before));
}
END_TEST

/* An entry as a log holds it that another version wrote. */
static void apply_raw(const struct ha_entry *entry,
		      const struct ha_config *with)
{
	struct ha_entry e = *entry;

	e.index = state->index + 1;
	e.epoch = 64;
	ha_state_apply(state, &e, with);
}

START_TEST(fact_of_another_size_is_none)
{
	const struct ha_fact f = { .kind = HA_FACT_DISARM, .code = 1 };
	struct ha_entry e;

	memset(&e, 0, sizeof(e));
	ha_entry_set_fact(&e, &f);
	e.len--;
	ck_assert_uint_eq(ha_entry_fact(&e).kind, HA_FACT_NONE);
	apply_raw(&e, &config);
	ck_assert(!state->disarmed);
	e.len++;
	apply_raw(&e, &config);
	ck_assert(state->disarmed);
}
END_TEST

START_TEST(facts_about_hosts_out_of_range)
{
	struct ha_host_state before[HA_HOSTS_MAX];

	admit(2, 77);
	own(1, 2, 77);
	memcpy(before, state->hosts, sizeof(before));
	for (uint32_t kind = HA_FACT_NONE; kind <= HA_FACT_COUNT; kind++) {
		if (kind == HA_FACT_DISARM || kind == HA_FACT_CLUSTER_STOP) {
			continue;
		}
		apply((struct ha_fact){ .kind = kind, .vm = uuid(1),
					.host = HA_HOSTS_MAX + 1 });
		apply((struct ha_fact){ .kind = kind, .vm = uuid(9) });
	}
	ck_assert_mem_eq(before, state->hosts, sizeof(before));
	ck_assert_uint_eq(vm(1)->owner, 2);
}
END_TEST

START_TEST(config_that_is_not_at_hand_changes_nothing)
{
	const struct ha_fact f = { .kind = HA_FACT_CONFIG, .number = 7 };
	struct ha_entry e;

	apply(f); /* with another one at hand */
	memset(&e, 0, sizeof(e));
	ha_entry_set_fact(&e, &f);
	apply_raw(&e, NULL);
	ck_assert_uint_eq(state->config_version, 1);
}
END_TEST

START_TEST(orders_of_an_older_ownership_are_void)
{
	admit(2, 77);
	apply((struct ha_fact){ .kind = HA_FACT_VM_STOP, .vm = uuid(1),
				.number = vm(1)->gen, .code = HA_WHY_ADMIN });
	ck_assert_uint_eq(vm(1)->stop, HA_WHY_NONE); /* nobody owns it */
	own(1, 2, 77);
	apply((struct ha_fact){ .kind = HA_FACT_VM_STOP, .vm = uuid(1),
				.number = vm(1)->gen - 1,
				.code = HA_WHY_ADMIN });
	ck_assert_uint_eq(vm(1)->stop, HA_WHY_NONE);
	apply((struct ha_fact){ .kind = HA_FACT_VM_STOP, .vm = uuid(1),
				.number = vm(1)->gen, .code = HA_WHY_ADMIN });
	ck_assert_uint_eq(vm(1)->stop, HA_WHY_ADMIN);
	apply((struct ha_fact){ .kind = HA_FACT_VM_RELEASE, .host = 3,
				.vm = uuid(1), .number = vm(1)->gen,
				.code = HA_WHY_ADMIN });
	ck_assert_uint_eq(vm(1)->owner, 2);
}
END_TEST

START_TEST(only_its_own_end_ends_an_attempt)
{
	admit(2, 77);
	apply((struct ha_fact){ .kind = HA_FACT_FENCE, .host = 2, .by = 1,
				.number = 5 });
	apply((struct ha_fact){ .kind = HA_FACT_FENCE_END, .host = 2,
				.number = 4 });
	ck_assert_uint_eq(state->hosts[1].fence_number, 5);
	ck_assert_uint_eq(state->hosts[1].fence_tries, 0);
	apply((struct ha_fact){ .kind = HA_FACT_FENCE_END, .host = 2,
				.number = 5 });
	ck_assert_uint_eq(state->hosts[1].fence_number, 0);
	ck_assert_uint_eq(state->hosts[1].fence_tries, 1);
}
END_TEST

START_TEST(loss_proves_those_given_up)
{
	struct ha_entry e;

	admit(1, 70);
	admit(2, 77);
	admit(3, 78);
	own(1, 2, 77);
	own(3, 3, 78);
	memset(&e, 0, sizeof(e));
	e.kind = HA_ENTRY_EPOCH;
	e.effect = HA_EFFECT_LOSS;
	e.lost = ha_host_bit(2) | ha_host_bit(3);
	e.members = ha_host_bit(1);
	apply_raw(&e, NULL); /* its configuration may still be on its way */
	ck_assert_uint_eq(state->hosts[1].proof, HA_PROOF_LOSS);
	ck_assert_uint_eq(state->hosts[2].proof, HA_PROOF_LOSS);
	ck_assert_uint_eq(state->hosts[0].proof, HA_PROOF_NONE);
	ck_assert(state->hosts[0].present);
	ck_assert_uint_eq(vm(1)->owner, 0);
	ck_assert_uint_eq(vm(1)->last_owner, 2);
	ck_assert_uint_eq(vm(3)->owner, 0);
}
END_TEST

START_TEST(removed_host_is_forgotten)
{
	admit(3, 78);
	own(1, 3, 78);
	apply((struct ha_fact){ .kind = HA_FACT_VM_RELEASE, .host = 3, .by = 3,
				.vm = uuid(1), .number = vm(1)->gen,
				.code = HA_WHY_LEAVING });
	ck_assert_uint_eq(vm(1)->waits_for, 3);
	config.hash.b[0] = 2;
	config.host_count = 2;
	apply((struct ha_fact){ .kind = HA_FACT_CONFIG, .hash = config.hash,
				.number = 2 });
	ck_assert_uint_eq(vm(1)->waits_for, 0);
	ck_assert_uint_eq(state->hosts[2].admitted, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("state");
	TCase *t = tcase_create("apply");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, found_lists_vms_unsurveyed);
	tcase_add_test(t, proof_releases_what_the_host_owned);
	tcase_add_test(t, disabled_vm_is_not_recovered);
	tcase_add_test(t, release_of_an_older_ownership_is_void);
	tcase_add_test(t, failed_start_avoids_the_host);
	tcase_add_test(t, what_is_set_aside_stays_so_until_its_reset);
	tcase_add_test(t, copies_are_remembered_until_denied_or_proven_down);
	tcase_add_test(t, leave_with_stop_waits_for_the_host);
	tcase_add_test(t, epoch_without_a_host_ends_its_presence);
	tcase_add_test(t, config_keeps_what_stays_and_drops_what_goes);
	tcase_add_test(t, nonsense_changes_nothing_but_the_index);
	tcase_add_test(t, fact_of_another_size_is_none);
	tcase_add_test(t, facts_about_hosts_out_of_range);
	tcase_add_test(t, config_that_is_not_at_hand_changes_nothing);
	tcase_add_test(t, orders_of_an_older_ownership_are_void);
	tcase_add_test(t, only_its_own_end_ends_an_attempt);
	tcase_add_test(t, loss_proves_those_given_up);
	tcase_add_test(t, removed_host_is_forgotten);
	suite_add_tcase(s, t);
	return test_main(s);
}
