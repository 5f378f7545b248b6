/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a core says to people of room and rules, whatever lib/policy finds: the
 * configuration of a running cluster is bent in place, and asked about.
 */
#include "tests/unit/small-cluster.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "core/admission.h"
#include "core/placement.h"
#include "core/pool.h"
#include "sim/power.h"
#include "tests/unit/suite.h"

#define LAST_VERDICT HA_VERDICT_VCPUS

static struct ha_core *core(void)
{
	return small.sim->hosts[0].core;
}

static struct ha_config *config(void)
{
	return small.configs[0];
}

static void set_failover(ha_hostid id, bool on)
{
	((struct ha_host_conf *)ha_config_host(config(), id))->failover = on;
}

/* --- placement */

START_TEST(every_verdict_has_its_words)
{
	static const struct ha_vm_vm_rule rule = { .name = "apart" };
	char text[HA_TEXT_MAX + 1], before[HA_TEXT_MAX + 1] = "";
	struct ha_explain e = { .host = 3, .missing = 2000, .score = 125 };

	sim_power_off(small.sim, 3, "killed"); /* so that it is unusable */
	small_run_for(HA_S(10));
	config()->vm_vm_rules = &rule; /* the text alone reads it: no count */
	for (int v = 0; v <= LAST_VERDICT; v++) {
		e.verdict = (enum ha_verdict)v;
		text[0] = '\0';
		ha_core_say_placement(core(), &e, text);
		ck_assert_str_ne(text, "");
		ck_assert_str_ne(text, before);
		memcpy(before, text, sizeof(before));
		text[0] = '\0';
		pool_say_missing(config(), core()->pool_vms, &e, text);
		ck_assert_str_ne(text, "");
	}
	e.host = HA_HOST_NONE;
	e.verdict = HA_VERDICT_UNUSABLE;
	pool_say_missing(config(), core()->pool_vms, &e, text);
	ck_assert_str_ne(text, "");
	e.host = 3;
	e.verdict = HA_VERDICT_GROUP;
	ha_core_say_placement(core(), &e, text);
	ck_assert_str_eq(text, "is closed to it by rule apart");
	e.verdict = HA_VERDICT_FITS;
	e.broken = 1;
	ha_core_say_placement(core(), &e, text);
	ck_assert_str_eq(text, "would do: 12.5 % of it stays free; against "
			       "what its rules would rather have");
	config()->vm_vm_rules = NULL;
}
END_TEST

START_TEST(no_placement_of_what_is_not_there)
{
	struct ha_uuid nobody = small_uuid_of(config(), "no such vm");
	struct ha_uuid db1 = small_uuid_of(config(), "db1");
	struct ha_placement_view v;

	ck_assert(!ha_core_view_placement(core(), &nobody, &v));
	ck_assert_uint_eq(v.host_count, 0);
	ck_assert(ha_core_view_placement(core(), &db1, &v));
	ck_assert_uint_eq(v.host_count, SMALL_CLUSTER);
	ck_assert_uint_eq(v.owner, small_see(config(), "db1").owner);
}
END_TEST

/* --- admission control */

static struct ha_admission_view judge(enum ha_admission_policy policy)
{
	struct ha_admission_view v;

	config()->admission.policy = policy;
	ha_core_view_admission(core(), &v);
	ck_assert_int_eq(v.policy, policy);
	return v;
}

static void check_says(const char *text, const char *says)
{
	ck_assert_msg(strstr(text, says) != NULL, "'%s' in '%s'", says, text);
}

START_TEST(by_slots)
{
	struct ha_admission_conf *conf = &config()->admission;
	struct ha_admission_view v;

	conf->failures = 1;
	conf->slot_memory_kib = 256 << 10;
	v = judge(HA_ADMISSION_HOST_FAILURES);
	ck_assert(v.met);
	ck_assert_uint_eq(v.lacking, 0);
	check_says(v.limit, "slots of");
	conf->slot_memory_kib = 7 << 20; /* one to a host */
	v = judge(HA_ADMISSION_HOST_FAILURES);
	ck_assert(!v.met);
	ck_assert_uint_gt(v.lacking, 0);
	check_says(v.remedies[0], "for");
	check_says(v.remedies[1], "a smaller slot");
}
END_TEST

START_TEST(by_percentage)
{
	struct ha_admission_conf *conf = &config()->admission;
	struct ha_admission_view v;

	conf->failures = 1;
	v = judge(HA_ADMISSION_PERCENTAGE);
	ck_assert(v.met);
	ck_assert_uint_eq(v.tolerated, 1);
	conf->by_hand = true;
	conf->memory_percent = 99;
	v = judge(HA_ADMISSION_PERCENTAGE);
	ck_assert(!v.met);
	ck_assert_uint_eq(v.tolerated, 0);
	ck_assert_uint_gt(v.lacking, 0);
	check_says(v.remedies[0], "reserve memory");
	conf->memory_percent = 0;
	conf->cpu_percent = 100;
	v = judge(HA_ADMISSION_PERCENTAGE);
	ck_assert(!v.met);
	check_says(v.remedies[0], "reserve cpu");
}
END_TEST

START_TEST(by_failover_hosts)
{
	struct ha_command maintenance = { .verb = HA_CMD_HOST_MAINTENANCE,
					  .on = true, .force = true };
	ha_hostid owner = small_see(config(), "db1").owner;
	struct ha_admission_view v;

	config()->admission.failures = 1;
	v = judge(HA_ADMISSION_FAILOVER_HOSTS);
	ck_assert(!v.met); /* there is none */
	ck_assert_uint_eq(v.lacking, 1);
	check_says(v.limit, "0 failover hosts are");
	set_failover(owner, true);
	v = judge(HA_ADMISSION_FAILOVER_HOSTS);
	ck_assert(!v.met);
	check_says(v.limit, "VMs run on h");
	check_says(v.remedies[0], "hactl vm move");
	config()->admission.mode = HA_ADMISSION_OFF;
	set_failover(owner, false);
	maintenance.host = owner;
	small_check_told(&maintenance, 0, "");
	small_run_for(HA_S(60)); /* until it is empty */
	set_failover(owner, true);
	v = judge(HA_ADMISSION_FAILOVER_HOSTS);
	ck_assert(!v.met);
	check_says(v.limit, "cannot take VMs: h");
	maintenance.on = false;
	small_check_told(&maintenance, 0, "");
	small_run_for(HA_S(5));
	v = judge(HA_ADMISSION_FAILOVER_HOSTS);
	ck_assert(v.met);
	check_says(v.limit, "1 failover host is");
	set_failover(owner, false);
}
END_TEST

/* What would have to be otherwise: memory, vcpus, both. */
START_TEST(by_plan)
{
	struct ha_vm_conf *vms = (struct ha_vm_conf *)config()->vms;
	struct ha_admission_view v;

	config()->admission.failures = 2;
	v = judge(HA_ADMISSION_PLAN);
	ck_assert(v.met);
	ck_assert_uint_eq(v.tolerated, 2);
	for (size_t i = 0; i < config()->vm_count; i++) {
		vms[i].vcpus = 60; /* of 128 for all that run on a host */
	}
	v = judge(HA_ADMISSION_PLAN);
	ck_assert(!v.met);
	check_says(v.limit, "without host");
	for (size_t i = 0; i < config()->vm_count; i++) {
		vms[i].memory_kib = 3 << 20;
	}
	v = judge(HA_ADMISSION_PLAN);
	ck_assert(!v.met);
	ck_assert_uint_gt(v.lacking, 0);
}
END_TEST

/* What is not met already may stay so, but not get worse: also a policy that
 * asks for something else is no way out. */
START_TEST(unmet_stays_refused)
{
	struct ha_vm_conf *vms = (struct ha_vm_conf *)config()->vms;
	struct ha_buf text = { 0 };
	struct ha_config *next;
	uint32_t cpu_free;

	ha_buf_append(&text, small.texts[0].data, small.texts[0].len);
	ha_buf_printf(&text, "<!-- the same, but another policy -->\n");
	next = small_keep_config(&text);
	(void)sim_add_body(small.sim, next);
	config()->admission.failures = next->admission.failures = 2;
	for (size_t i = 0; i < config()->vm_count; i++) {
		vms[i].vcpus = 60;
		((struct ha_vm_conf *)next->vms)[i].vcpus = 60;
	}
	cpu_free = judge(HA_ADMISSION_PERCENTAGE).percentage.cpu_free_percent;
	ck_assert(!judge(HA_ADMISSION_PLAN).met);
	next->admission.policy = HA_ADMISSION_PERCENTAGE;
	next->admission.by_hand = true;
	next->admission.cpu_percent = cpu_free + 1; /* one short of it */
	small_apply(next, HA_E_REFUSED, "to be kept free are");
	next->admission.policy = HA_ADMISSION_PLAN;
	small_apply(next, 0, "in force");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("say");
	TCase *t = tcase_create("words");

	tcase_add_checked_fixture(t, small_set_up, small_tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, every_verdict_has_its_words);
	tcase_add_test(t, no_placement_of_what_is_not_there);
	tcase_add_test(t, by_slots);
	tcase_add_test(t, by_percentage);
	tcase_add_test(t, by_failover_hosts);
	tcase_add_test(t, by_plan);
	tcase_add_test(t, unmet_stays_refused);
	suite_add_tcase(s, t);
	return test_main(s);
}
