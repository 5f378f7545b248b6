/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a core shows hosts, VMs and the cluster to people, in every state that
 * they can be in: what it is called, why, and what to do.
 */
#include "tests/unit/bent-core.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/small-cluster.h"
#include "tests/unit/suite.h"

#define HOST 3 /* the one that is bent */

static void check_text(const char *text, const char *says)
{
	ck_assert_msg(strstr(text, says) != NULL, "'%s' in '%s'", says, text);
	ck_assert_msg(says[0] != '\0' || text[0] == '\0', "%s", text);
}

/* --- hosts --- */

static struct ha_host_state *state(void)
{
	return &bent->state->hosts[HOST - 1];
}

static struct host_soft *soft(void)
{
	return &bent->hosts[HOST - 1];
}

static void check_host(enum ha_host_shown shown, const char *why,
		       const char *todo)
{
	struct ha_host_view v;

	ha_core_view_host(bent, HOST, &v);
	ck_assert_str_eq(ha_host_shown_name(v.shown), ha_host_shown_name(shown));
	check_text(v.why, why);
	check_text(v.todo, todo);
	bent_restore();
}

START_TEST(members)
{
	check_host(HA_HOST_SHOWN_ONLINE, "", "");
	soft()->frozen = true;
	check_host(HA_HOST_SHOWN_FROZEN, "crashed again", "unfreeze h3");
	state()->left = true;
	check_host(HA_HOST_SHOWN_LEFT, "left in good order", "");
	state()->leaving = 1;
	check_host(HA_HOST_SHOWN_LEAVING, "moved or stopped", "");
	soft()->vm_agent = false;
	check_host(HA_HOST_SHOWN_AGENT_DOWN, "libvirt does not answer",
		   "libvirtd");
	state()->maintenance = true;
	check_host(HA_HOST_SHOWN_MAINTENANCE, "", "maintenance off h3");
}
END_TEST

START_TEST(members_that_join)
{
	state()->present = false;
	check_host(HA_HOST_SHOWN_JOINING, "VMs are being looked at", "");
	state()->proof = HA_PROOF_REBOOT;
	check_host(HA_HOST_SHOWN_JOINING, "VMs are being looked at", "");
	state()->boot++;
	check_host(HA_HOST_SHOWN_JOINING, "VMs are being looked at", "");
	state()->present = false;
	state()->fence_number = 1;
	check_host(HA_HOST_SHOWN_JOINING, "the end of its fencing", "");
	state()->present = false;
	soft()->stays_out = true;
	check_host(HA_HOST_SHOWN_JOINING, "has left and does not ask", "");
	bent->open = false;
	check_host(HA_HOST_SHOWN_JOINING, "waits for quorum", "");
}
END_TEST

static void take_hacd(void)
{
	bent->epoch.members &= ~ha_host_bit(HOST);
	bent->hacds &= ~ha_host_bit(HOST);
}

static void lose(void)
{
	take_hacd();
	bent->members &= ~ha_host_bit(HOST);
}

START_TEST(hosts_that_are_not_here)
{
	take_hacd();
	check_host(HA_HOST_SHOWN_AGENT_DOWN, "hacd is not", "status hacd");
	take_hacd();
	bent->hacds |= ha_host_bit(HOST);
	check_host(HA_HOST_SHOWN_JOINING, "being looked at", "");
	lose();
	state()->left = true;
	check_host(HA_HOST_SHOWN_LEFT, "left in good order", "");
	lose();
	state()->admitted = 0;
	check_host(HA_HOST_SHOWN_NEW, "never seen", "start corosync and hacd");
	lose();
	state()->proof = HA_PROOF_POWER;
	check_host(HA_HOST_SHOWN_FENCED, "its power reads off", "switch it on");
	lose();
	state()->proof = HA_PROOF_LOSS;
	check_host(HA_HOST_SHOWN_FENCED, "given up", "host remove h3");
}
END_TEST

START_TEST(lost_hosts)
{
	lose();
	check_host(HA_HOST_SHOWN_LOST, "fencing it comes next", "");
	lose();
	bent->state->disarmed = true;
	check_host(HA_HOST_SHOWN_LOST, "is disarmed", "hactl arm");
	lose();
	bent->open = false;
	check_host(HA_HOST_SHOWN_LOST, "nothing is decided without", "");
	lose();
	state()->fence_tries = 1;
	check_host(HA_HOST_SHOWN_LOST, "failed 1 time", "fence confirm h3");
	lose();
	state()->fence_tries = 2;
	check_host(HA_HOST_SHOWN_LOST, "failed 2 times", "fence confirm h3");
	lose();
	state()->fence_number = 1;
	state()->fence_by = 2;
	soft()->fence_started = bent->now - HA_S(7);
	check_host(HA_HOST_SHOWN_LOST, "being fenced by h2, since 7 s", "");
	lose();
	for (uint32_t i = 0; i < bent->vm_count; i++) {
		bent->state->vms[i].owner = 1;
	}
	check_host(HA_HOST_SHOWN_LOST, "owns no VM", "");
	/* a copy that still may run there keeps it of interest */
	lose();
	for (uint32_t i = 0; i < bent->vm_count; i++) {
		bent->state->vms[i].owner = 1;
	}
	bent->state->vms[0].owner = HA_HOST_NONE;
	bent->vms[0].ran = ha_host_bit(HOST);
	check_host(HA_HOST_SHOWN_LOST, "fencing it comes next", "");
	/* and so does a VM that it holds for a migration */
	lose();
	for (uint32_t i = 0; i < bent->vm_count; i++) {
		bent->state->vms[i].owner = 1;
	}
	bent->state->vms[0].holder = HOST;
	check_host(HA_HOST_SHOWN_LOST, "fencing it comes next", "");
}
END_TEST

START_TEST(hosts_of_a_small_view)
{
	lose();
	bent->state->epoch--;
	bent->epoch.small = true;
	check_host(HA_HOST_SHOWN_LOST, "proven down before anything else, h1",
		   "");
	lose();
	bent->state->epoch--;
	bent->epoch.small = true;
	state()->fence_tries = 3; /* of former epochs */
	soft()->small_tries = 1;
	check_host(HA_HOST_SHOWN_LOST, "failed 1 time", "fence confirm h3");
}
END_TEST

/* What is not configured takes no room that could be told. */
START_TEST(room_taken)
{
	struct ha_host_view with, without;
	uint32_t i = bent_vm_of(HOST);

	ha_core_view_host(bent, HOST, &with);
	bent->vms[i].conf = NULL;
	ha_core_view_host(bent, HOST, &without);
	ck_assert_uint_eq(without.vms + 1, with.vms);
	ck_assert_uint_lt(without.memory_used_kib, with.memory_used_kib);
	bent_restore();
}
END_TEST

/* Each has a reason of its own. */
START_TEST(why_a_host_takes_no_vm)
{
	const char *why;

	ck_assert(host_usable(bent, HOST, &why));
	ck_assert_ptr_null(why);
#define CHECK_UNUSABLE(says)                                      \
	do {                                                      \
		ck_assert(!host_usable(bent, HOST, &why));        \
		ck_assert_str_eq(why, says);                      \
		bent_restore();                                   \
	} while (0)
	lose();
	CHECK_UNUSABLE("is not a member");
	take_hacd();
	CHECK_UNUSABLE("has no hacd that answers");
	soft()->heard = false;
	CHECK_UNUSABLE("has no libvirt that answers");
	soft()->reported = false;
	CHECK_UNUSABLE("has no libvirt that answers");
	state()->present = false;
	CHECK_UNUSABLE("is not admitted yet");
	state()->proof = HA_PROOF_REBOOT;
	CHECK_UNUSABLE("is not admitted yet");
	state()->boot++;
	CHECK_UNUSABLE("is not admitted yet");
	soft()->frozen = true;
	CHECK_UNUSABLE("is frozen");
	state()->left = true;
	CHECK_UNUSABLE("is leaving");
	state()->maintenance = true;
	CHECK_UNUSABLE("is in maintenance");
	state()->fence_number = 1;
	CHECK_UNUSABLE("is being fenced");
	soft()->pending = 1;
	CHECK_UNUSABLE("has a fact about it under way");
#undef CHECK_UNUSABLE
}
END_TEST

/* --- VMs --- */

static uint32_t vm; /* one that HOST owns */

static void check_vm(enum ha_vm_shown shown, const char *why, const char *todo)
{
	struct ha_vm_view v;

	ha_core_view_vm(bent, &bent->state->vms[vm].uuid, &v);
	ck_assert_str_eq(ha_vm_shown_name(v.shown), ha_vm_shown_name(shown));
	check_text(v.why, why);
	check_text(v.todo, todo);
	bent_restore();
}

START_TEST(owned_vms)
{
	vm = bent_vm_of(HOST);
	check_vm(HA_VM_SHOWN_RUNNING, "", "");
	bent->vms[vm].owner.seen = HA_SEEN_PAUSED;
	check_vm(HA_VM_SHOWN_RUNNING, "the guest is paused", "");
	bent->vms[vm].owner.gen--;
	check_vm(HA_VM_SHOWN_STARTING, "", "");
	bent->state->vms[vm].stop = HA_WHY_ADMIN;
	check_vm(HA_VM_SHOWN_STOPPING, "", "");
	bent->state->vms[vm].holder = 1;
	check_vm(HA_VM_SHOWN_MIGRATING, "", "");
	lose();
	check_vm(HA_VM_SHOWN_RECOVERING, "", "");
	take_hacd();
	check_vm(HA_VM_SHOWN_UNKNOWN, "", "bring hacd and libvirt on h3 back");
	soft()->reported = false;
	check_vm(HA_VM_SHOWN_UNKNOWN, "", "bring hacd and libvirt on h3 back");
	bent->vms[vm].unknown = ha_host_bit(HOST);
	check_vm(HA_VM_SHOWN_UNKNOWN, "", "--stopped-on=h3");
	bent->open = false;
	check_vm(HA_VM_SHOWN_UNKNOWN, "this host has no quorum", "");
}
END_TEST

START_TEST(vms_that_nobody_owns)
{
	struct ha_vm_state *v;

	vm = bent_vm_of(HOST);
	v = &bent->state->vms[vm];
	v->surveyed = false;
	check_vm(HA_VM_SHOWN_NEW, "", "");
	v->owner = HA_HOST_NONE;
	check_vm(HA_VM_SHOWN_WAITING, "", "");
	v->owner = HA_HOST_NONE;
	v->wanted = HA_WANTED_STOPPED;
	check_vm(HA_VM_SHOWN_STOPPED, "", "");
	v->owner = HA_HOST_NONE;
	v->failures = 1; /* some time ago */
	v->last_why = HA_WHY_LOST;
	check_vm(HA_VM_SHOWN_WAITING, "", "");
	v->owner = HA_HOST_NONE;
	v->failures = 1;
	v->last_why = HA_WHY_FAILED;
	check_vm(HA_VM_SHOWN_FAILED, "", "hactl vm reset");
	v->owner = HA_HOST_NONE;
	v->failures = 1;
	v->last_why = HA_WHY_FAILED;
	memcpy(bent->vms[vm].owner.text, "no such disk", 13);
	check_vm(HA_VM_SHOWN_FAILED, "(last error: no such disk)", "vm reset");
	/* it goes, but its name is gone first */
	v->owner = HA_HOST_NONE;
	v->failures = 1;
	v->last_why = HA_WHY_FAILED;
	bent->vms[vm].conf = NULL;
	check_vm(HA_VM_SHOWN_FAILED, "", "hactl vm reset VM");
}
END_TEST

START_TEST(incidents)
{
	struct vm_soft *s;

	vm = bent_vm_of(HOST);
	s = &bent->vms[vm];
	s->incident = true;
	s->running = 0;
	check_vm(HA_VM_SHOWN_INCIDENT, "it runs on a host that does not answer; "
		 "its owner is h3", "");
	s->incident = true;
	s->running = ha_host_bit(2);
	check_vm(HA_VM_SHOWN_INCIDENT, "it runs on h2; its owner is h3",
		 "--runs-on=h2");
	s->incident = true;
	s->running = ha_host_bit(2) | ha_host_bit(HOST);
	check_vm(HA_VM_SHOWN_INCIDENT, "h2 and h3", "on h2: virsh destroy");
	s->incident = true;
	s->conf = NULL;
	s->running = ha_host_bit(2);
	bent->state->vms[vm].owner = HA_HOST_NONE;
	check_vm(HA_VM_SHOWN_INCIDENT, "it runs on h2; its owner is nobody",
		 "virsh destroy VM");
	/* as many as there can be: the text is cut, nothing else */
	s->incident = true;
	s->running = ~(ha_hostset)0;
	check_vm(HA_VM_SHOWN_INCIDENT, "it runs on h1 and h2 and h3 and 4",
		 "on h1: virsh destroy");
}
END_TEST

/* --- the cluster --- */

static void check_unsettled(void)
{
	struct ha_cluster_view v;

	ha_core_view_cluster(bent, &v);
	ck_assert(!v.settled);
	bent_restore();
	ha_core_view_cluster(bent, &v);
	ck_assert(v.settled);
}

START_TEST(what_is_not_settled)
{
	vm = bent_vm_of(HOST);
	bent->open = false;
	check_unsettled();
	bent->config = NULL;
	check_unsettled();
	bent->global_pending = 1;
	check_unsettled();
	bent->state->epoch--;
	check_unsettled();
	bent->requests[0].used = true;
	check_unsettled();
	state()->present = false;
	check_unsettled();
	state()->leaving = 1;
	check_unsettled();
	lose();
	check_unsettled();
	state()->fence_number = 1;
	check_unsettled();
	bent->vms[vm].pending = 1;
	check_unsettled();
	bent->vms[vm].op = OP_START;
	check_unsettled();
	bent->state->vms[vm].surveyed = false;
	check_unsettled();
	bent->state->vms[vm].holder = 1;
	check_unsettled();
	bent->state->vms[vm].stop = HA_WHY_ADMIN;
	check_unsettled();
}
END_TEST

/* The replica is ahead: a fact that changes the voters is not committed. */
START_TEST(base_of_what_is_committed)
{
	struct ha_replica_base *b =
		(struct ha_replica_base *)ha_replica_base(bent->replica);
	struct ha_replica_base v;

	b->changed = bent->state->index + 1;
	b->voters_before = 3;
	b->standing[1] = bent->state->index + 1;
	ha_core_view_base(bent, &v);
	ck_assert_uint_eq(v.voters, 3);
	ck_assert_uint_eq(v.changed, 0);
	ck_assert_uint_eq(v.standing[1], 0);
	ck_assert_uint_ne(v.standing[0], 0);
	ck_assert_uint_eq(v.index, bent->state->index);
	bent_restore();
	ha_core_view_base(bent, &v);
	ck_assert_uint_eq(v.voters, 7);
	ck_assert_uint_ne(v.standing[1], 0);
}
END_TEST

/* Which invariant, and of which object; the step does nothing then. */
START_TEST(a_broken_invariant_is_told)
{
	struct ha_event ev = { .kind = HA_EV_AGENT, .now = bent->now };
	uint32_t of_2 = bent_vm_of(2);
	char broken[HA_TEXT_MAX + 1] = "";
	struct ha_actions acts;

	ck_assert(ha_core_check(bent, broken));
	bent->state->hosts[1].fence_number = bent->state->fence_count + 1;
	ck_assert(!ha_core_check(bent, broken));
	ck_assert_str_eq(broken, "host h2: a fence attempt that was never "
			 "counted");
	bent_restore();
	bent->state->vms[of_2].owner_boot = 0;
	acts = ha_core_step(bent, &ev);
	ck_assert_uint_eq(acts.count, 0);
	ck_assert_ptr_nonnull(acts.broken);
	ck_assert_ptr_nonnull(strstr(acts.broken,
				     bent->vms[of_2].conf->name));
	ck_assert_ptr_nonnull(strstr(acts.broken, "owner 2"));
	ck_assert_ptr_nonnull(strstr(acts.broken, "an owner without a boot"));
	bent_restore();
}
END_TEST

/* And a story that fails for it says so. */
START_TEST(a_broken_invariant_fails_the_story)
{
	struct ha_event ev = { .kind = HA_EV_AGENT };
	struct sim_oracle *o = &small.sim->oracle;

	bent->state->hosts[2].present = true;
	bent->state->hosts[2].admitted = 0;
	small_step(1, &ev);
	ck_assert(o->failed);
	ck_assert_str_eq(o->text, "hacd of h1 broke an invariant: host h3: a "
			 "host is present but was never admitted");
	o->failed = false;
	bent_restore();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("view");
	TCase *t = tcase_create("bent");

	tcase_add_checked_fixture(t, bent_set_up, bent_tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, members);
	tcase_add_test(t, members_that_join);
	tcase_add_test(t, hosts_that_are_not_here);
	tcase_add_test(t, lost_hosts);
	tcase_add_test(t, hosts_of_a_small_view);
	tcase_add_test(t, room_taken);
	tcase_add_test(t, why_a_host_takes_no_vm);
	tcase_add_test(t, owned_vms);
	tcase_add_test(t, vms_that_nobody_owns);
	tcase_add_test(t, incidents);
	tcase_add_test(t, what_is_not_settled);
	tcase_add_test(t, base_of_what_is_committed);
	tcase_add_test(t, a_broken_invariant_is_told);
	tcase_add_test(t, a_broken_invariant_fails_the_story);
	suite_add_tcase(s, t);
	return test_main(s);
}
