/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which host may own VMs, is lost, is admitted or has left: each case by
 * itself, on a core that is bent by hand. It is about host 2; host 1
 * coordinates.
 */
#include "tests/unit/bent-core.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/state_apply.h"
#include "tests/unit/suite.h"

#define IT 2

static struct ha_host_state *state; /* committed */
static struct host_soft *soft;      /* as it is heard */
static uint32_t own, other;         /* VMs of it, and of host 3 */

static void set_up(void)
{
	bent_set_up();
	state = &bent->state->hosts[IT - 1];
	soft = &bent->hosts[IT - 1];
	own = bent_vm_of(IT);
	other = bent_vm_of(3);
}

/* --- may it own VMs? --- */

static void check_usable(const char *why)
{
	const char *said = "";

	ck_assert(host_usable(bent, IT, &said) == (why == NULL));
	ck_assert_pstr_eq(said, why);
	bent_restore();
}

START_TEST(who_may_own_vms)
{
	check_usable(NULL);
	bent->members &= ~ha_host_bit(IT);
	check_usable("is not a member");
	bent->epoch.members &= ~ha_host_bit(IT);
	check_usable("has no hacd that answers");
	soft->heard = false;
	check_usable("has no libvirt that answers");
	soft->vm_agent = false;
	check_usable("has no libvirt that answers");
	soft->reported = false;
	check_usable("has no libvirt that answers");
	state->present = false;
	check_usable("is not admitted yet");
	state->proof = HA_PROOF_POWER;
	check_usable("is not admitted yet");
	soft->boot++;
	check_usable("is not admitted yet");
	soft->frozen = true;
	check_usable("is frozen");
	state->leaving = state->boot;
	check_usable("is leaving");
	state->left = true;
	check_usable("is leaving");
	state->maintenance = true;
	check_usable("is in maintenance");
	state->fence_number = 1;
	check_usable("is being fenced");
	soft->pending = 1;
	check_usable("has a fact about it under way");
	ck_assert(host_usable(bent, IT, NULL));
}
END_TEST

START_TEST(who_is_lost)
{
	ck_assert(!host_is_lost(bent, IT));
	bent->members &= ~ha_host_bit(IT);
	ck_assert(host_is_lost(bent, IT));
	state->proof = HA_PROOF_POWER;
	ck_assert(!host_is_lost(bent, IT));
	state->proof = HA_PROOF_NONE;
	state->admitted = 0;
	ck_assert(!host_is_lost(bent, IT));
}
END_TEST

static void take_all(void)
{
	bent_restore();
	for (uint32_t i = 0; i < bent->vm_count; i++) {
		bent_state(i)->owner = 1;
		bent_state(i)->holder = HA_HOST_NONE;
		bent_state(i)->copies = 0;
		bent_soft(i)->ran = 0;
		bent_soft(i)->running &= ~ha_host_bit(IT);
		bent_soft(i)->unknown &= ~ha_host_bit(IT);
	}
}

START_TEST(who_keeps_vms)
{
	take_all();
	ck_assert(!host_keeps_vms(bent, IT));
	bent_state(other)->owner = IT;
	ck_assert(host_keeps_vms(bent, IT) && host_owns(bent, IT));
	bent_state(other)->aside = ha_host_bit(IT); /* its domain is there */
	ck_assert(host_keeps_vms(bent, IT) && host_owns(bent, IT));
	take_all();
	bent_state(other)->holder = IT; /* of a move */
	ck_assert(host_keeps_vms(bent, IT) && host_owns(bent, IT));
	take_all();
	bent_state(other)->owner = HA_HOST_NONE;
	ck_assert(!host_keeps_vms(bent, IT));
	bent_soft(other)->ran = ha_host_bit(IT);
	ck_assert(host_keeps_vms(bent, IT) && !host_owns(bent, IT));
	ck_assert(!host_keeps_vms(bent, 3));
	bent_soft(other)->ran = 0;
	bent_state(other)->copies = ha_host_bit(IT);
	ck_assert(host_keeps_vms(bent, IT));
	bent_state(other)->wanted = HA_WANTED_STOPPED;
	ck_assert(!host_keeps_vms(bent, IT));
	bent_state(other)->wanted = HA_WANTED_RUNNING;
	bent_state(other)->owner = 1; /* that copy is a stray one */
	ck_assert(!host_keeps_vms(bent, IT));
}
END_TEST

START_TEST(how_large_it_is)
{
	struct ha_config config = *bent->config;
	struct ha_host_conf hosts[3];
	struct ha_host_size size;

	memcpy(hosts, config.hosts, sizeof(hosts));
	ck_assert_uint_eq(hosts[IT - 1].id, IT);
	config.hosts = hosts;
	bent->config = &config;
	hosts[IT - 1].memory_kib = 1000;
	hosts[IT - 1].cpus = 2;
	hosts[IT - 1].cpu_mhz = 3;
	soft->memory_kib = 500000;
	soft->cpus = 500;
	soft->cpu_mhz = 5000;
	size = host_size(bent, IT);
	ck_assert_uint_eq(size.memory_kib, 1000);
	ck_assert_uint_eq(size.cpus, 2);
	ck_assert_uint_eq(size.cpu_mhz, 3);
	hosts[IT - 1].memory_kib = 0;
	hosts[IT - 1].cpus = 0;
	hosts[IT - 1].cpu_mhz = 0;
	size = host_size(bent, IT);
	ck_assert_uint_eq(size.memory_kib, 500000);
	ck_assert_uint_eq(size.cpus, 500);
	ck_assert_uint_eq(size.cpu_mhz, 5000);
	ck_assert_uint_gt(host_room(bent, IT).cpus, 0);
	bent->config = NULL;
	size = host_size(bent, IT);
	ck_assert_uint_eq(size.memory_kib, 500000);
	ck_assert_uint_eq(host_room(bent, IT).cpus, 0);
	ck_assert_uint_eq(host_room(bent, IT).memory_kib, 0);
}
END_TEST

/* --- what it says --- */

static struct ha_msg word_of(ha_hostid host)
{
	const struct host_soft *h = &bent->hosts[host - 1];
	struct ha_msg m = { .kind = HA_MSG_HOST, .from = host };

	m.host.boot = h->boot;
	m.host.vm_agent = h->vm_agent;
	m.host.fence_agent = h->fence_agent;
	bent_listen();
	return m;
}

START_TEST(what_it_says_of_itself)
{
	struct ha_msg m = word_of(IT);

	soft->heard = false;
	soft->fence_agent = true;
	m.host.memory_kib = 11;
	m.host.cpus = 12;
	m.host.cpu_mhz = 13;
	m.host.fence_agent = false;
	m.host.frozen = true;
	m.host.stays_out = true;
	member_on_host(bent, &m);
	ck_assert(soft->heard && soft->reported && soft->vm_agent);
	ck_assert(!soft->fence_agent && soft->frozen && soft->stays_out);
	ck_assert_uint_eq(soft->memory_kib, 11);
	ck_assert_uint_eq(soft->cpus, 12);
	ck_assert_uint_eq(soft->cpu_mhz, 13);
	ck_assert_uint_eq(bent_told(), 0);
	ck_assert(!ha_host_in(bent->crashed, IT));
	m.host.crash.count = 1;
	member_on_host(bent, &m);
	ck_assert(ha_host_in(bent->crashed, IT));
	ck_assert_uint_eq(soft->crash.count, 1);
}
END_TEST

START_TEST(who_asks_is_answered)
{
	struct ha_msg m = word_of(IT);

	member_on_host(bent, &m);
	ck_assert_int_eq(bent->say_again_at, 0);
	m.host.ask = true;
	member_on_host(bent, &m);
	ck_assert_int_ne(bent->say_again_at, 0);
	bent->say_again_at = 0;
	m = word_of(1); /* its own, which the others are to answer */
	m.host.ask = true;
	member_on_host(bent, &m);
	ck_assert_int_eq(bent->say_again_at, 0);
}
END_TEST

START_TEST(its_libvirt_is_gone)
{
	struct ha_msg m = word_of(IT);

	m.host.vm_agent = false;
	member_on_host(bent, &m);
	ck_assert(!soft->reported); /* what it runs is not known any more */
	ck_assert_uint_eq(bent_told(), 1);
	ck_assert_str_eq(bent_last_told(), "host h2: libvirt does not answer "
					   "-> its VMs are left alone");
	m.host.vm_agent = true;
	bent_listen();
	member_on_host(bent, &m);
	ck_assert(!soft->reported);
	ck_assert_str_eq(bent_last_told(), "host h2: libvirt answers");
}
END_TEST

START_TEST(what_ran_there_ended_with_its_boot)
{
	struct ha_msg m = word_of(IT);

	bent_soft(own)->ran = ha_host_bit(1) | ha_host_bit(IT);
	member_on_host(bent, &m);
	ck_assert_uint_eq(bent_soft(own)->ran,
			  ha_host_bit(1) | ha_host_bit(IT));
	m.host.boot++;
	member_on_host(bent, &m);
	ck_assert_uint_eq(bent_soft(own)->ran, ha_host_bit(1));
	ck_assert_uint_eq(soft->boot, m.host.boot);
}
END_TEST

static void check_forgets(enum ha_fact_kind kind, uint32_t code,
			  ha_hostid host, bool forgets)
{
	const ha_hostset ran = ha_host_bit(IT) | ha_host_bit(3);
	const struct ha_fact f = { .kind = (uint32_t)kind, .code = code,
				   .host = host,
				   .vm = bent_soft(own)->uuid };

	bent_soft(own)->ran = ran;
	bent_soft(other)->ran = ran;
	member_fact(bent, &f);
	ck_assert_uint_eq(bent_soft(own)->ran,
			  forgets ? ran & ~ha_host_bit(host) : ran);
	ck_assert_uint_eq(bent_soft(other)->ran, ran);
}

START_TEST(who_no_longer_runs_it)
{
	const struct ha_fact unknown = { .kind = HA_FACT_VM_RELEASE,
					 .host = IT };

	check_forgets(HA_FACT_VM_RELEASE, 0, IT, true);
	check_forgets(HA_FACT_VM_RELEASE, 1, IT, true);
	check_forgets(HA_FACT_VM_RELEASE, 0, HA_HOST_NONE, false);
	check_forgets(HA_FACT_VM_COPY, 0, IT, true);
	check_forgets(HA_FACT_VM_COPY, 1, IT, false);
	check_forgets(HA_FACT_VM_STOP, 0, IT, false);
	member_fact(bent, &unknown); /* of no VM that is known */
}
END_TEST

START_TEST(when_the_cluster_was_started)
{
	struct ha_fact f = { .kind = HA_FACT_CLUSTER_STOP, .code = 1 };

	bent->started_at = 1;
	member_fact(bent, &f);
	ck_assert_int_eq(bent->started_at, 1);
	f.code = 0;
	member_fact(bent, &f);
	ck_assert_int_eq(bent->started_at, bent->now);
}
END_TEST

/* --- admission --- */

static void check_awaits(bool awaits)
{
	bent->now = bent->opened_at;
	bent->wake = HA_TIME_NEVER;
	ck_assert(member_awaited(bent) == awaits);
	ck_assert_int_eq(bent->wake, awaits ? bent->opened_at +
						bent->params.token
					    : HA_TIME_NEVER);
	bent_restore();
}

START_TEST(who_is_waited_for)
{
	check_awaits(false);
	soft->heard = false;
	check_awaits(true);
	soft->vm_agent = false;
	check_awaits(true);
	soft->reported = false;
	check_awaits(true);
	state->present = false;
	check_awaits(true);
	state->present = false;
	bent->epoch.members &= ~ha_host_bit(IT);
	check_awaits(false);
	state->present = false;
	soft->frozen = true;
	check_awaits(false);
	state->present = false;
	bent->now = bent->opened_at + bent->params.token;
	ck_assert(!member_awaited(bent));
	bent->now--;
	ck_assert(member_awaited(bent));
}
END_TEST

/* What is decided about it, as it is told; facts about hosts travel alone, so
 * there can be one of them in a test. */
static const char *decide(void)
{
	bent_listen();
	member_decide(bent);
	return bent_last_told();
}

static void check_not_decided(void)
{
	ck_assert_str_eq(decide(), "");
	ck_assert_uint_eq(soft->pending, 0);
	ck_assert_uint_eq(bent->batch.count, 0);
	bent_restore();
}

/* As that fact, and told so. */
static void check_decided(enum ha_fact_kind kind, uint32_t code, ha_bootid boot,
			  const char *says)
{
	const char *said = decide();
	struct ha_fact f = bent_last_fact();

	ck_assert_msg(strstr(said, says) != NULL, "'%s' does not say '%s'",
		      said, says);
	ck_assert_int_eq(bent_last_trace()->level, HA_TRACE_NOTICE);
	ck_assert_int_eq(bent_last_trace()->topic, HA_TOPIC_HOST);
	ck_assert_uint_eq(bent_last_trace()->host, IT);
	ck_assert_uint_eq(bent_last_trace()->fact, kind);
	ck_assert_uint_eq(f.kind, kind);
	ck_assert_uint_eq(f.code, code);
	ck_assert_uint_eq(f.host, IT);
	ck_assert_uint_eq(f.boot, boot);
	ck_assert_uint_eq(f.by, HA_HOST_NONE); /* and no more */
	ck_assert_uint_eq(f.number, 0);
	ck_assert(ha_hash_is_none(&f.hash));
	ck_assert_str_eq(f.text, "");
	ck_assert_uint_eq(soft->pending, 1);
	ck_assert_str_eq(decide(), ""); /* it is under way */
}

/* As it is when it comes back. */
static void exclude(void)
{
	bent_restore();
	state->present = false;
}

START_TEST(who_is_not_admitted)
{
	check_not_decided(); /* it is already */
	exclude();
	bent->state->epoch--;
	check_not_decided();
	exclude();
	bent->epoch.members &= ~ha_host_bit(IT);
	check_not_decided();
	exclude();
	soft->heard = false;
	check_not_decided();
	exclude();
	soft->vm_agent = false;
	check_not_decided();
	exclude();
	soft->reported = false;
	check_not_decided();
	exclude();
	soft->frozen = true;
	check_not_decided();
	exclude();
	soft->stays_out = true;
	check_not_decided();
	exclude();
	state->fence_number = 1;
	check_not_decided();
	exclude();
	bent_soft(other)->running |= ha_host_bit(IT);
	check_not_decided();
	exclude();
	bent_soft(other)->unknown |= ha_host_bit(IT);
	check_not_decided();
	exclude();
	bent_fill();
	check_not_decided();
	exclude();
	soft->pending = 1;
	ck_assert_str_eq(decide(), "");
}
END_TEST

static void check_admitted(void)
{
	check_decided(HA_FACT_ADMIT, 0, soft->boot,
		      "host h2: heard, its VMs known -> admitted");
}

START_TEST(who_is_admitted)
{
	exclude();
	bent_state(other)->owner = HA_HOST_NONE; /* it may run that one */
	bent_soft(other)->running |= ha_host_bit(IT);
	check_admitted();
}
END_TEST

START_TEST(who_was_proven_down_is_admitted)
{
	state->proof = HA_PROOF_POWER;
	check_admitted();
}
END_TEST

START_TEST(who_never_was_admitted_has_no_earlier_boot)
{
	state->admitted = 0;
	state->present = false;
	soft->boot++;
	check_admitted();
}
END_TEST

START_TEST(a_later_boot_proves_the_earlier_one)
{
	soft->boot++;
	soft->heard = false;
	check_not_decided();
	soft->boot++;
	bent_fill();
	check_not_decided(); /* and is not admitted before */
	soft->boot++;
	check_decided(HA_FACT_PROOF, HA_PROOF_REBOOT, state->boot,
		      "host h2: heard under a later boot -> its earlier boot "
		      "is proven down");
}
END_TEST

/* --- leaving --- */

enum { LEFT_ALONE, LEFT_TOGETHER }; /* what its fact tells, as in the log */

START_TEST(a_leave_of_an_earlier_boot_is_called_off)
{
	take_all();
	state->leaving = state->boot + 1;
	soft->heard = false;
	check_not_decided();
	take_all();
	state->leaving = state->boot + 1;
	check_decided(HA_FACT_STAY, 0, 0, "asked to leave -> stays");
}
END_TEST

/* All that it takes to leave. */
static void leave(void)
{
	take_all();
	state->leaving = state->boot;
	soft->stays_out = true;
}

START_TEST(who_has_not_left_yet)
{
	leave();
	state->leaving = 0; /* it did not ask to */
	check_not_decided();
	leave();
	soft->stays_out = false;
	check_not_decided();
	leave();
	bent_state(other)->owner = IT;
	check_not_decided();
	leave();
	bent_state(other)->holder = IT;
	check_not_decided();
	leave();
	bent_soft(other)->running = ha_host_bit(IT);
	check_not_decided();
	leave();
	bent_soft(other)->unknown = ha_host_bit(IT);
	check_not_decided();
	leave();
	soft->reported = false;
	check_not_decided();
	leave();
	bent_fill();
	check_not_decided();
}
END_TEST

START_TEST(who_has_left)
{
	leave();
	bent_state(other)->owner = IT; /* no host decides about that one */
	bent_state(other)->aside = ha_host_bit(IT);
	check_decided(HA_FACT_LEFT, LEFT_ALONE, soft->boot,
		      "host h2: leaving, runs no VM -> has left");
}
END_TEST

START_TEST(who_does_not_leave_with_the_cluster)
{
	leave();
	state->leaving = 0;
	bent->state->stopped = true;
	state->admitted = 0;
	check_not_decided();
	leave();
	state->leaving = 0;
	bent->state->stopped = true;
	state->proof = HA_PROOF_LEAVE;
	check_not_decided();
}
END_TEST

START_TEST(who_leaves_with_the_cluster)
{
	leave();
	state->leaving = 0;
	bent->state->stopped = true;
	check_decided(HA_FACT_LEFT, LEFT_TOGETHER, soft->boot,
		      "host h2: the cluster stops, runs no VM -> has left");
}
END_TEST

static void check_left(const struct ha_fact *f, bool before, bool after)
{
	bent->left_here = before;
	member_fact(bent, f);
	ck_assert(bent->left_here == after);
}

START_TEST(this_host_has_left_until_it_stays)
{
	struct ha_fact f = { .kind = HA_FACT_LEFT, .code = LEFT_ALONE,
			     .host = 1, .boot = bent->params.boot };

	check_left(&f, false, true);
	f.code = LEFT_TOGETHER;
	check_left(&f, true, false);
	f.code = LEFT_ALONE;
	f.boot++; /* an earlier one did */
	check_left(&f, false, false);
	f.boot--;
	f.host = IT;
	check_left(&f, false, false);
	f.kind = HA_FACT_STAY;
	check_left(&f, true, true);
	f.host = 1;
	check_left(&f, true, false);
	f.kind = HA_FACT_MAINTENANCE;
	check_left(&f, true, true);
	f.kind = HA_FACT_LEFT;
	bent->open = false; /* read from the log */
	check_left(&f, false, false);
}
END_TEST

static size_t run(void)
{
	bent_listen();
	member_run(bent);
	return bent->action_count;
}

START_TEST(who_leaves_says_so_when_its_store_knows)
{
	ck_assert_uint_eq(run(), 0);
	bent->left_here = true;
	bent->open = false;
	ck_assert_uint_eq(run(), 0);
	bent->open = true;
	ck_assert_uint_ne(run(), 0);
	ck_assert(!bent->stays_out && !bent->want_host_msg);
	bent->left_here = false;
	bent->stays_out = true;
	run();
	ck_assert(!bent->stays_out && bent->want_host_msg);
}
END_TEST

/* --- corosync --- */

static void see(ha_hostset members, bool quorate)
{
	struct ha_event ev = { .kind = HA_EV_VIEW };

	ev.view.id = bent->view_id + 1;
	ev.view.members = members;
	ev.view.hacds = members;
	ev.view.quorate = quorate;
	bent_listen();
	member_on_view(bent, &ev);
}

static size_t count_waits_called_off(void)
{
	size_t n = 0;

	for (size_t i = 0; i < bent->action_count; i++) {
		n += bent->actions[i].kind == HA_ACT_EXPECT_VOTES;
	}
	return n;
}

START_TEST(corosync_waits_for_nobody_who_is_down)
{
	const ha_hostset here = ha_host_bit(1) | ha_host_bit(3);

	see(here, false);
	ck_assert_uint_eq(count_waits_called_off(), 0);
	ck_assert_int_eq(soft->lost_at, bent->now);
	state->proof = HA_PROOF_POWER;
	see(here, true);
	ck_assert_uint_eq(count_waits_called_off(), 0);
	see(ha_host_bit(3), false); /* it is not in there itself */
	ck_assert_uint_eq(count_waits_called_off(), 0);
	see(here, false);
	ck_assert_uint_eq(count_waits_called_off(), 1);
	see(here, false);
	ck_assert_uint_eq(count_waits_called_off(), 0); /* once */
	see(here, true);
	see(here, false);
	ck_assert_uint_eq(count_waits_called_off(), 1);
	see(here | ha_host_bit(IT), true);
	see(here | ha_host_bit(IT), false); /* none is absent */
	ck_assert_uint_eq(count_waits_called_off(), 0);
	state->admitted = 0; /* it never was one that counts */
	state->proof = HA_PROOF_NONE;
	see(here, false);
	ck_assert_uint_eq(count_waits_called_off(), 1);
}
END_TEST

/* The one host that came or went. */
static void check_seen(enum ha_trace_seen seen, const char *says)
{
	size_t n = 0;

	for (size_t i = 0; i < bent->action_count; i++) {
		const struct ha_trace *t = &bent->actions[i].trace;

		if (bent->actions[i].kind == HA_ACT_TRACE &&
		    t->seen != HA_TRACE_SEEN_NOTHING) {
			ck_assert_int_eq((int)t->seen, (int)seen);
			ck_assert_str_eq(t->text, says);
			n++;
		}
	}
	ck_assert_uint_eq(n, 1);
}

START_TEST(who_comes_is_seen)
{
	const ha_hostset here = bent->members;

	see(here & ~ha_host_bit(IT), true);
	check_seen(HA_TRACE_SEEN_LOST, "host h2: out of corosync's membership");
	soft->seen_alive = false;
	soft->retry_at = HA_TIME_NEVER;
	see(here, true);
	check_seen(HA_TRACE_SEEN_HERE, "host h2: in corosync's membership");
	ck_assert(soft->seen_alive);
	see(here & ~ha_host_bit(IT), true);
	ck_assert_int_eq(soft->retry_at, bent->now); /* fenced at once */
}
END_TEST

static size_t count_told(const char *says)
{
	size_t n = 0;

	for (size_t i = 0; i < bent->action_count; i++) {
		n += bent->actions[i].kind == HA_ACT_TRACE &&
		     strncmp(bent->actions[i].trace.text, says,
			     strlen(says)) == 0;
	}
	return n;
}

START_TEST(a_quorum_that_comes_or_goes_is_told)
{
	const ha_hostset here = bent->members;

	see(here, true);
	ck_assert_uint_eq(count_told("corosync: "), 0);
	see(here, false);
	ck_assert_uint_eq(count_told("corosync: no quorum -> running VMs"), 1);
	see(here, false);
	ck_assert_uint_eq(count_told("corosync: "), 0);
	see(here, true);
	ck_assert_uint_eq(count_told("corosync: quorate"), 1);
}
END_TEST

static void add_bent(Suite *s)
{
	TCase *t = tcase_create("bent");

	tcase_add_checked_fixture(t, set_up, bent_tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, who_may_own_vms);
	tcase_add_test(t, who_is_lost);
	tcase_add_test(t, who_keeps_vms);
	tcase_add_test(t, how_large_it_is);
	tcase_add_test(t, what_it_says_of_itself);
	tcase_add_test(t, who_asks_is_answered);
	tcase_add_test(t, its_libvirt_is_gone);
	tcase_add_test(t, what_ran_there_ended_with_its_boot);
	tcase_add_test(t, who_no_longer_runs_it);
	tcase_add_test(t, when_the_cluster_was_started);
	tcase_add_test(t, who_is_waited_for);
	tcase_add_test(t, who_is_not_admitted);
	tcase_add_test(t, who_is_admitted);
	tcase_add_test(t, who_was_proven_down_is_admitted);
	tcase_add_test(t, who_never_was_admitted_has_no_earlier_boot);
	tcase_add_test(t, a_later_boot_proves_the_earlier_one);
	tcase_add_test(t, a_leave_of_an_earlier_boot_is_called_off);
	tcase_add_test(t, who_has_not_left_yet);
	tcase_add_test(t, who_has_left);
	tcase_add_test(t, who_does_not_leave_with_the_cluster);
	tcase_add_test(t, who_leaves_with_the_cluster);
	tcase_add_test(t, this_host_has_left_until_it_stays);
	tcase_add_test(t, who_leaves_says_so_when_its_store_knows);
	tcase_add_test(t, corosync_waits_for_nobody_who_is_down);
	tcase_add_test(t, who_comes_is_seen);
	tcase_add_test(t, a_quorum_that_comes_or_goes_is_told);
	suite_add_tcase(s, t);
}

int main(void)
{
	Suite *s = suite_create("member");

	add_bent(s);
	return test_main(s);
}
