/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What admission control says of a cluster, and of a change to it, case by
 * case: what limits it, what would help, and what makes it worse.
 */
#include "tests/unit/bent-order.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "core/admission.h"
#include "core/pool.h"
#include "tests/unit/bent-core.h"
#include "tests/unit/suite.h"

#define MIB ((uint64_t)1 << 10)
#define GIB ((uint64_t)1 << 20)
#define MANY 24 /* hosts */

static struct ha_admission_view view;
static char why[HA_TEXT_MAX + 1];

static struct ha_admission_conf *conf(void)
{
	return &bent_config()->admission;
}

static struct ha_host_conf *host_conf(ha_hostid host)
{
	return (struct ha_host_conf *)ha_config_host(bent_config(), host);
}

static void put(uint32_t i, ha_hostid host, uint64_t memory_kib)
{
	bent_state(i)->owner = host;
	bent_conf(i)->memory_kib = memory_kib;
}

static void stop(uint32_t i)
{
	bent_state(i)->owner = HA_HOST_NONE;
	bent_state(i)->last_why = HA_WHY_ADMIN;
	bent_state(i)->wanted = HA_WANTED_STOPPED;
}

static void await(uint32_t i)
{
	stop(i);
	bent_state(i)->wanted = HA_WANTED_RUNNING;
}

/* Two VMs on each host, of so many MiB; one host of 8 GiB is to be able to
 * fail. */
static void fill(uint64_t mib)
{
	for (uint32_t i = 0; i < VMS; i++) {
		put(i, (ha_hostid)(1 + i / 2), mib * MIB);
		bent_conf(i)->memory_overhead_kib = 0;
		bent_state(i)->wanted = HA_WANTED_RUNNING;
	}
}

static void set_up(void)
{
	order_set_up();
	conf()->policy = HA_ADMISSION_PLAN;
	conf()->mode = HA_ADMISSION_ENFORCE;
	conf()->failures = 1;
	fill(1024);
}

static void ask(void)
{
	memset(&view, 0xee, sizeof(view));
	ha_core_view_admission(bent, &view);
}

static void check_limit(const char *says)
{
	ask();
	ck_assert(!view.met);
	ck_assert_str_eq(view.limit, says);
}

static bool allows(const struct admission_change *change)
{
	memset(why, 'x', sizeof(why) - 1);
	return admission_allows(bent, change, why);
}

static bool may_start(uint32_t i)
{
	return allows(&(struct admission_change){ .vm = bent_conf(i) });
}

static bool may_apply(const struct ha_config *next)
{
	return allows(&(struct admission_change){ .config = next });
}

static bool may_empty(ha_hostid host)
{
	return allows(&(struct admission_change){
		.leaving = ha_host_bit(host) });
}

/* --- the policy plan */

START_TEST(as_many_as_can_fail)
{
	ask();
	ck_assert(view.met);
	ck_assert_int_eq(view.policy, HA_ADMISSION_PLAN);
	ck_assert_uint_eq(view.failures, 1);
	ck_assert_uint_eq(view.demanded, 1);
	ck_assert_uint_eq(view.tolerated, 2); /* one more than demanded */
	ck_assert_uint_eq(view.failing, 0);
	ck_assert_uint_eq(view.waiting, 0);
	ck_assert_uint_eq(view.lacking, 0);
	ck_assert_str_eq(view.limit, "");
	ck_assert_str_eq(view.remedies[0], "");
	ck_assert_uint_eq(view.left_out_count, 0);
	conf()->failures = 3; /* never all of them */
	conf()->mode = HA_ADMISSION_WARN;
	ask();
	ck_assert_uint_eq(view.failures, 3);
	ck_assert_uint_eq(view.demanded, 2);
	ck_assert_int_eq(view.mode, HA_ADMISSION_WARN);
}
END_TEST

/* It is met; what limits it is told all the same. */
START_TEST(the_hosts_that_limit_it)
{
	fill(2560);
	ask();
	ck_assert(view.met);
	ck_assert_uint_eq(view.tolerated, 1);
	ck_assert_uint_eq(view.failing, ha_host_bit(1) | ha_host_bit(2));
	ck_assert_uint_eq(view.lacking, 3);
	ck_assert_str_eq(view.limit, "without host h1, h2 3 VMs find no place: "
			 "vm db2: needs 2560 MiB of memory, host h3 has 2048 "
			 "MiB too little free; nor do vm web1, vm web2");
}
END_TEST

START_TEST(vms_without_a_place_are_counted_and_three_named)
{
	static const uint32_t stopped[] = { WEB1, WEB2, MAIL1, BATCH1 };

	fill(7168); /* one to a host */
	for (size_t i = 0; i < ARRAY_SIZE(stopped); i++) {
		stop(stopped[i]);
	}
	put(DB2, 2, 7168 * MIB);
	put(WEB1, 3, 7168 * MIB);
	check_limit("without host h1 1 VM finds no place: vm db1: needs 7168 "
		    "MiB of memory, host h2 has 6144 MiB too little free");
	ck_assert_uint_eq(view.lacking, 1);
	ck_assert_uint_eq(view.failing, ha_host_bit(1));
	ck_assert_uint_eq(view.tolerated, 0);
	fill(3072);
	check_limit("without host h1 2 VMs find no place: vm db1: needs 3072 "
		    "MiB of memory, host h2 has 1024 MiB too little free; nor "
		    "do vm db2");
	ck_assert_uint_eq(view.lacking, 2);
	fill(2000);
	for (uint32_t i = DB1; i <= WEB2; i++) {
		put(i, 1, 2000 * MIB);
	}
	put(MAIL1, 2, 8000 * MIB);
	put(BATCH1, 3, 8000 * MIB);
	check_limit("without host h1 4 VMs find no place: vm db1: needs 2000 "
		    "MiB of memory, host h2 has 1808 MiB too little free; nor "
		    "do vm db2, vm web1 and 1 more");
}
END_TEST

/* What waits now comes first; that others could not be recovered either does
 * not count in what is told, but in what is worse. */
START_TEST(what_waits_is_told_first)
{
	await(BATCH1);
	bent_conf(BATCH1)->memory_kib = 9 * GIB;
	check_limit("now 1 VM finds no place: vm batch1: needs 9216 MiB of "
		    "memory, host h3 has 2048 MiB too little free");
	ck_assert_uint_eq(view.waiting, 1);
	ck_assert_uint_eq(view.lacking, 0);
	ck_assert_uint_eq(view.tolerated, 2); /* for all others */
	fill(3072);
	await(BATCH1);
	bent_conf(BATCH1)->memory_kib = 9 * GIB;
	put(MAIL1, 3, 6 * GIB);
	ask();
	ck_assert_uint_eq(view.waiting, 1);
	ck_assert_uint_eq(view.lacking, 2);
	ck_assert_ptr_null(strstr(view.limit, "without host"));
}
END_TEST

/* --- what would help */

START_TEST(memory_or_another_place)
{
	for (uint32_t i = 0; i < VMS; i++) {
		stop(i);
	}
	put(DB1, 1, 5120 * MIB);
	put(WEB1, 2, 3072 * MIB);
	put(WEB2, 2, 1024 * MIB);
	put(MAIL1, 3, 3584 * MIB);
	ask();
	ck_assert(!view.met);
	ck_assert_str_eq(view.remedies[0], "512 MiB more memory on host h3");
	ck_assert_str_eq(view.remedies[1], "stop vm mail1");
	ck_assert_str_eq(view.remedies[2],
			 "move vm mail1 from host h3 to h2");
	ck_assert_str_eq(view.remedies[3], "");
}
END_TEST

START_TEST(vcpus_as_well)
{
	for (uint32_t i = WEB1; i < VMS; i++) {
		bent_conf(i)->vcpus = 60; /* of 128 on a host */
	}
	bent_conf(DB1)->vcpus = 100;
	bent_conf(DB2)->vcpus = 8;
	ask();
	ck_assert_str_eq(view.remedies[0], "92 more vcpus on host h3");
	ck_assert_str_eq(view.remedies[1], "stop vm batch1, vm mail1");
	ck_assert_str_eq(view.remedies[2], "");
	put(DB1, 1, 7 * GIB);
	ask();
	ck_assert_str_eq(view.remedies[0], "1024 MiB more memory and 92 more "
					   "vcpus on host h3");
	/* where a rule closes it, no room helps, nor that others go */
	bent_conf(DB1)->placement.forbidden = ~ha_host_bit(1);
	ask();
	ck_assert_str_eq(view.remedies[0], "");
}
END_TEST

/* What lets in the first alone would be refused once more. */
START_TEST(room_for_all_of_them)
{
	for (uint32_t i = 0; i < VMS; i++) {
		stop(i);
	}
	put(DB1, 1, 5 * GIB);
	put(DB2, 1, 3 * GIB);
	put(WEB1, 2, 7 * GIB);
	put(MAIL1, 3, 6 * GIB);
	ask();
	ck_assert_ptr_nonnull(strstr(view.limit, "without host h1 2 VMs find no "
						 "place: vm db1: "));
	ck_assert_uint_eq(view.left_out_count, 2);
	ck_assert_uint_eq(view.left_out[0], DB1);
	ck_assert_uint_eq(view.left_out[1], DB2);
	ck_assert_str_eq(view.remedies[0], "2048 MiB more memory on host h2, "
					   "3072 MiB more memory on host h3");
	ck_assert_str_eq(view.remedies[1], "");
	/* one of them needs more than room: then for the first */
	bent_conf(DB2)->placement.forbidden = ~ha_host_bit(1);
	ask();
	ck_assert_str_eq(view.remedies[0], "for vm db1: 3072 MiB more memory "
					   "on host h3");
	ck_assert_str_eq(view.remedies[1], "for vm db1: stop vm mail1");
	bent_conf(DB2)->placement.forbidden = 0;
}
END_TEST

/* No room helps there. */
START_TEST(rules_in_the_way)
{
	static const uint32_t vms[] = { DB1, WEB1, MAIL1 };
	static const struct ha_vm_host_rule by_host[] = {
		{ .name = "near-tape", .strength = HA_RULE_MUST,
		  .members = { vms, 1 } },
		{ .name = "others", .strength = HA_RULE_MUST,
		  .members = { vms + 1, 2 } },
		{ .name = "licence", .strength = HA_RULE_MUST,
		  .members = { vms, 2 } },
		{ .name = "better", .members = { vms, 1 } },
	};
	static const struct ha_vm_vm_rule apart = {
		.name = "one-each", .strength = HA_RULE_MUST,
		.kind = HA_GROUP_APART, .most = 1, .members = { vms, 3 },
	};
	struct ha_config *config = bent_config();

	config->vm_host_rules = by_host;
	config->vm_host_rule_count = 4;
	bent_conf(DB1)->placement.forbidden = ~ha_host_bit(1);
	ask();
	ck_assert_str_eq(view.remedies[0], "open more hosts to vm db1 in "
			 "vm-host rule near-tape, licence");
	ck_assert_str_eq(view.remedies[1], "");
	bent_conf(DB1)->placement.forbidden = 0;
	config->vm_vm_rules = &apart;
	config->vm_vm_rule_count = 1;
	for (size_t i = 0; i < 3; i++) {
		bent_conf(vms[i])->placement.group_count = 1;
		bent_conf(vms[i])->placement.groups[0] = 0;
	}
	ask();
	ck_assert_str_eq(view.remedies[0], "let vm-vm rule one-each be "
			 "strength=\"should\", or take vm db1 out of it");
}
END_TEST

/* --- a large cluster */

/* More hosts like the second, and VMs that fill one each: no bound settles
 * that, all sets with one of their hosts have to be planned. */
static void grow(void)
{
	static struct ha_host_conf hosts[MANY];
	static char names[MANY][8];
	struct ha_config *config = bent_config();

	for (ha_hostid h = 1; h <= MANY; h++) {
		hosts[h - 1] = config->hosts[h <= 3 ? h - 1 : 1];
		snprintf(names[h - 1], sizeof(names[0]), "h%u", h);
		hosts[h - 1].id = h;
		hosts[h - 1].name = names[h - 1];
		if (h > 3) {
			bent->hosts[h - 1] = bent->hosts[1];
			bent->state->hosts[h - 1] = bent->state->hosts[1];
			bent->members |= ha_host_bit(h);
			bent->epoch.members |= ha_host_bit(h);
		}
	}
	config->hosts = hosts;
	config->host_count = MANY;
	for (uint32_t i = 0; i < VMS; i++) {
		put(i, (ha_hostid)(1 + i), 8000 * MIB);
	}
}

static const char not_found_out[] = "so many hosts can fail in so many ways "
	"that it was not found out whether all VMs would be placed";

START_TEST(what_is_not_found_out_is_a_no)
{
	grow();
	conf()->failures = 4; /* 10 626 sets of 4 alone */
	check_limit(not_found_out);
	ck_assert(view.gave_up);
	ck_assert_uint_eq(view.lacking, 0);
	ck_assert_str_eq(view.remedies[0], "");
}
END_TEST

START_TEST(beyond_what_is_demanded_less_is_tried)
{
	grow();
	conf()->failures = 2;
	ask(); /* 129 plans; with one host more 1337 */
	ck_assert(view.met);
	ck_assert(view.gave_up);
	ck_assert_uint_eq(view.tolerated, 2);
}
END_TEST

START_TEST(what_is_demanded_is_found_out)
{
	grow();
	conf()->failures = 3; /* the last set is the one that fails */
	put(DB1, MANY, 8000 * MIB);
	bent_conf(DB1)->placement.forbidden =
		~(ha_host_bit(22) | ha_host_bit(23) | ha_host_bit(24));
	check_limit("without host h22, h23, h24 1 VM finds no place: vm db1: "
		    "its rules allow no host that can own VMs now");
	ck_assert(!view.gave_up);
}
END_TEST

/* --- slots */

static void by_slots(uint64_t mib)
{
	conf()->policy = HA_ADMISSION_HOST_FAILURES;
	conf()->slot_memory_kib = mib * MIB;
	conf()->slot_cpu_mhz = 100;
	for (ha_hostid h = 1; h <= 3; h++) {
		host_conf(h)->cpu_mhz = 1000;
	}
}

START_TEST(slots_are_counted)
{
	by_slots(2048); /* 4 to a host */
	ask();
	ck_assert(view.met);
	ck_assert_uint_eq(view.tolerated, 1);
	ck_assert_uint_eq(view.failing, ha_host_bit(1));
	ck_assert_uint_eq(view.lacking, 0);
	ck_assert_str_eq(view.limit, "the VMs that run take 6 slots of 100 MHz "
			 "and 2048 MiB, and without host h1 there are 8");
	ck_assert_str_eq(view.remedies[0], "");
	by_slots(4096); /* 2 to a host */
	check_limit("the VMs that run take 6 slots of 100 MHz and 4096 MiB, "
		    "and without host h1 there are 4");
	ck_assert_uint_eq(view.tolerated, 0);
	ck_assert_uint_eq(view.lacking, 2);
	ck_assert_str_eq(view.remedies[0],
			 "stop VMs, or add hosts, for 2 slots");
}
END_TEST

START_TEST(what_finds_a_place_takes_a_slot)
{
	by_slots(2048);
	await(DB1);
	ask();
	ck_assert(view.met);
	ck_assert_uint_eq(view.slots.used, 6);
	bent_conf(DB1)->memory_kib = 9 * GIB;
	check_limit("now 1 VM finds no place: vm db1: needs 9216 MiB of "
		    "memory, host h1 has 2048 MiB too little free; the VMs "
		    "that run take 5 slots of 100 MHz and 2048 MiB, and "
		    "without host h1 there are 8");
}
END_TEST

START_TEST(what_finds_no_place_any_more_takes_none)
{
	by_slots(1024);
	put(DB1, 1, 8 * GIB);
	put(DB2, 2, GIB);
	ck_assert(!may_empty(1));
	ck_assert_msg(strstr(why, "without host h1 1 VM finds no place: vm "
			     "db1") != NULL, "%s", why);
	ck_assert_msg(strstr(why, "the VMs that run take 5 slots") != NULL,
		      "%s", why);
}
END_TEST

/* --- shares */

static void by_percentage(uint64_t mib)
{
	by_slots(0); /* of their cpus */
	conf()->policy = HA_ADMISSION_PERCENTAGE;
	for (uint32_t i = 0; i < VMS; i++) {
		bent_conf(i)->memory_reserved_kib = mib * MIB;
	}
}

START_TEST(shares_are_counted)
{
	by_percentage(1024);
	ask();
	ck_assert(view.met);
	ck_assert_uint_eq(view.tolerated, 1);
	ck_assert_uint_eq(view.lacking, 0);
	ck_assert_str_eq(view.limit, "of all hosts' memory 75 % is not "
			 "reserved, of their cpus 99 %; to be kept free are "
			 "34 % and 34 %");
	ck_assert_str_eq(view.remedies[0], "");
	by_percentage(3072);
	check_limit("of all hosts' memory 25 % is not reserved, of their cpus "
		    "99 %; to be kept free are 34 % and 34 %");
	ck_assert_uint_eq(view.tolerated, 0);
	ck_assert_uint_eq(view.lacking, 9);
	ck_assert_str_eq(view.remedies[0],
			 "stop VMs that reserve memory, or add a host");
}
END_TEST

/* --- failover hosts */

START_TEST(failover_hosts_are_named)
{
	conf()->policy = HA_ADMISSION_FAILOVER_HOSTS;
	conf()->failures = 2;
	for (ha_hostid h = 1; h <= 3; h++) {
		host_conf(h)->failover = true;
	}
	check_limit("0 failover hosts are empty and usable; VMs run on h1, h2, "
		    "h3");
	ck_assert_uint_eq(view.tolerated, 0);
	ck_assert_uint_eq(view.lacking, 2);
	ck_assert_str_eq(view.remedies[0], "move the VMs away from the "
			 "failover hosts: hactl vm move");
	for (uint32_t i = 0; i < VMS; i++) {
		put(i, 1, GIB);
	}
	host_conf(1)->failover = false;
	bent->state->hosts[2].maintenance = true;
	conf()->failures = 1;
	ask();
	ck_assert(view.met);
	ck_assert_uint_eq(view.tolerated, 1);
	ck_assert_str_eq(view.limit, "1 failover host is empty and usable; "
				     "cannot take VMs: h3");
	host_conf(2)->failover = false;
	check_limit("0 failover hosts are empty and usable; cannot take VMs: "
		    "h3");
	ck_assert_uint_eq(view.lacking, 1);
	ck_assert_str_eq(view.remedies[0], "");
}
END_TEST

/* --- before a command */

static void two_of_5_gib(void)
{
	for (uint32_t i = 0; i < VMS; i++) {
		stop(i);
	}
	put(DB1, 2, 5 * GIB);
	put(DB2, 3, 5 * GIB);
}

START_TEST(a_host_that_is_needed_is_not_emptied)
{
	ck_assert(may_empty(1));
	ck_assert_str_eq(why, "");
	two_of_5_gib();
	ck_assert(!may_empty(1)); /* though it is empty */
	ck_assert_ptr_nonnull(strstr(why, "without host h2 1 VM finds no"));
}
END_TEST

START_TEST(hosts_that_cannot_take_vms_are_not_counted)
{
	two_of_5_gib();
	ask();
	ck_assert(view.met);
	bent->state->hosts[0].maintenance = true;
	check_limit("without host h2 1 VM finds no place: vm db1: needs 5120 "
		    "MiB of memory, host h3 has 2048 MiB too little free");
	ck_assert_uint_eq(view.demanded, 1);
	bent->state->hosts[1].maintenance = true;
	ask();
	ck_assert_uint_eq(view.demanded, 0);
}
END_TEST

START_TEST(a_start_is_refused_that_nobody_could_save)
{
	two_of_5_gib();
	bent_conf(WEB1)->memory_kib = 5 * GIB;
	ck_assert(!may_start(WEB1));
	ck_assert_str_eq(why, "without host h1 1 VM finds no place: vm web1: "
			 "needs 5120 MiB of memory, host h2 has 2048 MiB too "
			 "little free; what would help: 2048 MiB more memory "
			 "on host h2");
	bent_conf(WEB1)->memory_kib = GIB;
	ck_assert(may_start(WEB1));
	ck_assert_str_eq(why, "");
}
END_TEST

START_TEST(a_start_on_a_host_is_judged_there)
{
	struct admission_change change = { .vm = bent_conf(WEB1), .host = 1 };

	two_of_5_gib();
	put(DB1, 2, 4 * GIB);
	put(DB2, 3, 3 * GIB);
	bent_conf(WEB1)->memory_kib = 4 * GIB;
	bent_conf(DB1)->placement.forbidden = ha_host_bit(3);
	bent_conf(WEB1)->placement.forbidden = 0;
	ck_assert(allows(&change));
	change.host = 2;
	ck_assert(allows(&change));
	bent_conf(WEB1)->memory_kib = 5 * GIB;
	change.host = 1; /* where DB1 would have to go */
	ck_assert(!allows(&change));
	ck_assert_ptr_nonnull(strstr(why, "without host h2 1 VM finds no "
				     "place: vm db1"));
}
END_TEST

START_TEST(modes)
{
	two_of_5_gib();
	bent_conf(WEB1)->memory_kib = 5 * GIB;
	conf()->mode = HA_ADMISSION_WARN;
	ck_assert(may_start(WEB1));
	ck_assert_ptr_nonnull(strstr(why, "without host h1"));
	conf()->mode = HA_ADMISSION_OFF;
	ck_assert(may_start(WEB1));
	ck_assert_str_eq(why, "");
}
END_TEST

START_TEST(where_nothing_would_help_nothing_is_said_of_it)
{
	struct ha_config next;

	grow();
	next = *bent->config;
	next.admission.failures = 4;
	ck_assert(!may_apply(&next));
	ck_assert_str_eq(why, not_found_out);
}
END_TEST

START_TEST(short_already_and_no_worse)
{
	struct ha_config next;

	fill(3072);
	ask();
	ck_assert(!view.met);
	next = *bent->config;
	ck_assert(may_apply(&next));
	ck_assert_str_eq(why, "");
	await(BATCH1);
	bent_conf(BATCH1)->memory_kib = 9 * GIB;
	ck_assert(may_apply(&next)); /* one waits, as before */
}
END_TEST

START_TEST(short_already_and_more_is_demanded)
{
	struct ha_config next;

	fill(3072);
	next = *bent->config;
	next.admission.failures = 2;
	ck_assert(!may_apply(&next));
}
END_TEST

START_TEST(short_already_and_more_wait)
{
	fill(3072);
	stop(BATCH1);
	bent_conf(BATCH1)->memory_kib = 9 * GIB; /* it changes no failure */
	ck_assert(!may_start(BATCH1));
	ck_assert_ptr_nonnull(strstr(why, "vm batch1: needs 9216 MiB"));
}
END_TEST

START_TEST(short_already_and_more_would_be_left_out)
{
	fill(3072);
	stop(DB2);
	ck_assert(!may_start(DB2)); /* it has a place */
	ck_assert_ptr_nonnull(strstr(why, "without host h1 2 VMs find no"));
}
END_TEST

START_TEST(short_already_and_fewer_may_fail)
{
	two_of_5_gib();
	put(DB1, 1, 5120 * MIB);
	put(DB2, 2, 5120 * MIB);
	put(WEB1, 3, 2560 * MIB);
	conf()->failures = 2;
	ask(); /* without two 1 VM is left out; without any one, none */
	ck_assert_uint_eq(view.tolerated, 1);
	ck_assert_uint_eq(view.lacking, 1);
	bent_conf(WEB2)->memory_kib = 2560 * MIB;
	ck_assert(!may_start(WEB2)); /* without one 1 is, as before */
	ck_assert_ptr_nonnull(strstr(why, "without host h1 1 VM finds no"));
}
END_TEST

/* A policy that asks for something else is no way out. */
START_TEST(short_already_and_another_policy)
{
	struct ha_config next;

	fill(3072);
	by_percentage(3072);
	conf()->policy = HA_ADMISSION_PLAN;
	next = *bent->config;
	next.admission.policy = HA_ADMISSION_PERCENTAGE;
	next.admission.by_hand = true;
	next.admission.memory_percent = 26; /* 25 are free */
	ck_assert(!may_apply(&next));
	ck_assert_ptr_nonnull(strstr(why, "to be kept free are 26 %"));
}
END_TEST

/* What is not met afterwards and is now is worse, whatever the numbers. */
START_TEST(met_so_far_and_not_any_more)
{
	static struct ha_host_conf hosts[3];
	struct ha_config next;

	for (uint32_t i = 0; i < VMS; i++) {
		put(i, 1 + i % 2, GIB);
	}
	conf()->policy = HA_ADMISSION_FAILOVER_HOSTS;
	host_conf(3)->failover = true;
	next = *bent->config;
	memcpy(hosts, next.hosts, sizeof(hosts));
	hosts[1].failover = true; /* where VMs run */
	next.hosts = hosts;
	ck_assert(!may_apply(&next));
	ck_assert_ptr_nonnull(strstr(why, "VMs run on h2"));
}
END_TEST

static void add(Suite *s, TCase *t)
{
	tcase_add_checked_fixture(t, set_up, order_tear_down);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
}

static TCase *of_views(void)
{
	TCase *t = tcase_create("views");

	tcase_add_test(t, as_many_as_can_fail);
	tcase_add_test(t, the_hosts_that_limit_it);
	tcase_add_test(t, vms_without_a_place_are_counted_and_three_named);
	tcase_add_test(t, what_waits_is_told_first);
	tcase_add_test(t, memory_or_another_place);
	tcase_add_test(t, vcpus_as_well);
	tcase_add_test(t, room_for_all_of_them);
	tcase_add_test(t, rules_in_the_way);
	tcase_add_test(t, what_is_not_found_out_is_a_no);
	tcase_add_test(t, beyond_what_is_demanded_less_is_tried);
	tcase_add_test(t, what_is_demanded_is_found_out);
	tcase_add_test(t, slots_are_counted);
	tcase_add_test(t, what_finds_a_place_takes_a_slot);
	tcase_add_test(t, what_finds_no_place_any_more_takes_none);
	tcase_add_test(t, shares_are_counted);
	tcase_add_test(t, failover_hosts_are_named);
	tcase_add_test(t, hosts_that_cannot_take_vms_are_not_counted);
	return t;
}

static TCase *of_changes(void)
{
	TCase *t = tcase_create("changes");

	tcase_add_test(t, a_host_that_is_needed_is_not_emptied);
	tcase_add_test(t, a_start_is_refused_that_nobody_could_save);
	tcase_add_test(t, a_start_on_a_host_is_judged_there);
	tcase_add_test(t, modes);
	tcase_add_test(t, where_nothing_would_help_nothing_is_said_of_it);
	tcase_add_test(t, short_already_and_no_worse);
	tcase_add_test(t, short_already_and_more_is_demanded);
	tcase_add_test(t, short_already_and_more_wait);
	tcase_add_test(t, short_already_and_more_would_be_left_out);
	tcase_add_test(t, short_already_and_fewer_may_fail);
	tcase_add_test(t, short_already_and_another_policy);
	tcase_add_test(t, met_so_far_and_not_any_more);
	return t;
}

int main(void)
{
	Suite *s = suite_create("demand");

	add(s, of_views());
	add(s, of_changes());
	return test_main(s);
}
