/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the coordinator makes of a command, or decides by itself, when things
 * are not as they were a moment ago: the core is bent by hand.
 */
#include "tests/unit/bent-core.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "core/pool.h"
#include "tests/unit/suite.h"

#define HOST 3 /* the one that is bent */

static struct ha_host_state *state(void)
{
	return &bent->state->hosts[HOST - 1];
}

static struct host_soft *soft(void)
{
	return &bent->hosts[HOST - 1];
}

static void lose(void)
{
	bent->epoch.members &= ~ha_host_bit(HOST);
	bent->hacds &= ~ha_host_bit(HOST);
	bent->members &= ~ha_host_bit(HOST);
}

static void own_nothing(void)
{
	for (uint32_t i = 0; i < bent->vm_count; i++) {
		struct ha_vm_state *v = &bent->state->vms[i];

		v->owner = v->owner == HOST ? 1 : v->owner;
		bent->vms[i].running &= ~ha_host_bit(HOST);
	}
}

static void ask(const struct ha_command *cmd)
{
	struct ha_command c = *cmd;

	c.id = 77;
	c.origin = 2;
	bent_listen();
	command_request(bent, &c);
}

static void check_answer(const struct ha_command *cmd, int code,
			 const char *says)
{
	const struct ha_answer *a;

	ask(cmd);
	a = bent_answer();
	ck_assert_msg(a != NULL, "no answer, but: %s", bent_last_told());
	ck_assert_uint_eq(a->id, 77);
	ck_assert_uint_eq(a->origin, 2);
	ck_assert_msg(a->code == code, "%d: %s", a->code, a->text);
	ck_assert_msg(strstr(a->text, says) != NULL, "'%s' in '%s'", says,
		      a->text);
	bent_restore();
}

/* It becomes a fact, whose commit is the answer. */
static void check_taken(const struct ha_command *cmd)
{
	size_t before = bent->batch.count;

	ask(cmd);
	ck_assert_ptr_null(bent_answer());
	ck_assert_uint_eq(bent->batch.count, before + 1);
	ck_assert_uint_eq(bent_told(), 1);
	bent_restore();
}

/* Nothing comes of it now: it is asked again, or something else answers. */
static void check_silent(const struct ha_command *cmd)
{
	ask(cmd);
	ck_assert_ptr_null(bent_answer());
	ck_assert_uint_eq(bent->batch.count, 0);
	ck_assert_uint_eq(bent_told(), 0);
	bent_restore();
}

/* --- who may decide at all --- */

START_TEST(not_here_or_not_now)
{
	const struct ha_command disarm = { .verb = HA_CMD_DISARM };

	bent->epoch.coordinator = 2;
	check_silent(&disarm);
	bent->config = NULL;
	check_silent(&disarm);
	bent->frozen = true;
	check_answer(&disarm, HA_E_REFUSED, "is frozen");
	bent->state->epoch--;
	check_answer(&disarm, HA_E_BUSY, "waits for a configuration");
	bent->state->epoch--;
	bent->epoch.small = true;
	check_answer(&disarm, HA_E_NO_QUORUM, "exactly half");
	bent_fill();
	check_answer(&disarm, HA_E_BUSY, "busy with another change");
	check_taken(&disarm);
	check_answer(&(struct ha_command){ .verb = HA_CMD_CLUSTER_CREATE },
		     HA_E_SYNTAX, "no such command");
	check_answer(&(struct ha_command){ .verb = HA_CMD_ACCEPT_LOSS },
		     HA_E_SYNTAX, "no such command");
	check_answer(&(struct ha_command){ .verb = HA_CMD_HOST_UNFREEZE },
		     HA_E_SYNTAX, "no such command");
}
END_TEST

/* --- hosts --- */

START_TEST(leaving_twice)
{
	const struct ha_command leave = { .verb = HA_CMD_HOST_LEAVE,
					  .host = HOST };

	check_taken(&leave);
	state()->leaving = soft()->boot;
	check_silent(&leave); /* its end is the answer */
	state()->leaving = soft()->boot + 1;
	check_taken(&leave);
	soft()->heard = false;
	check_answer(&leave, HA_E_BUSY, "has just come");
	state()->left = true;
	soft()->stays_out = true;
	check_answer(&leave, 0, "has left already");
	state()->left = true; /* and its hacd was started again since */
	check_taken(&leave);
	state()->left = true;
	lose();
	check_answer(&leave, 0, "has left already");
	state()->left = true;
	state()->leaving = 1;
	lose();
	check_answer(&leave, HA_E_REFUSED, "is not here");
	lose();
	check_answer(&leave, HA_E_REFUSED, "is not here");
}
END_TEST

START_TEST(proven_already)
{
	struct ha_command cmd = { .verb = HA_CMD_FENCE_HOST, .host = HOST };

	state()->proof = HA_PROOF_POWER;
	lose();
	check_answer(&cmd, 0, "proven down already: its power reads off");
	state()->proof = HA_PROOF_REBOOT;
	check_answer(&cmd, HA_E_REFUSED, "is a working member");
	lose();
	state()->fence_number = 1;
	check_silent(&cmd); /* answered by the end of that attempt */
	lose();
	soft()->pending = 1;
	check_silent(&cmd);
	lose();
	check_taken(&cmd);
	cmd.verb = HA_CMD_FENCE_CONFIRM;
	check_answer(&cmd, HA_E_REFUSED, "answers on the network");
	state()->proof = HA_PROOF_POWER;
	lose();
	check_answer(&cmd, 0, "proven down already: its power reads off");
}
END_TEST

/* --- VMs --- */

static struct ha_vm_state *vm; /* one that HOST owns */
static struct vm_soft *vm_soft;

static struct ha_command about_one(enum ha_verb verb)
{
	uint32_t i = bent_vm_of(HOST);

	vm = &bent->state->vms[i];
	vm_soft = &bent->vms[i];
	return (struct ha_command){ .verb = verb, .vm = vm->uuid };
}

START_TEST(nothing_to_forget)
{
	const struct ha_command reset = about_one(HA_CMD_VM_RESET);

	check_answer(&reset, 0, "no failed starts");
	vm->failures = 1;
	check_taken(&reset);
	vm->avoid = 1; /* it runs by now, and may run there again */
	check_taken(&reset);
}
END_TEST

START_TEST(settled_where_it_may_be_owned)
{
	struct ha_command cmd = about_one(HA_CMD_VM_SETTLE_RUNS);

	cmd.host = 2;
	vm_soft->running = ha_host_bit(2);
	check_taken(&cmd);
	bent->state->hosts[1].present = false;
	check_answer(&cmd, HA_E_REFUSED, "before it is admitted");
	bent->state->hosts[1].proof = HA_PROOF_REBOOT;
	check_answer(&cmd, HA_E_REFUSED, "before it is admitted");
	bent->state->hosts[1].boot++;
	check_answer(&cmd, HA_E_REFUSED, "before it is admitted");
	bent->hosts[1].pending = 1; /* its leave, perhaps */
	check_answer(&cmd, HA_E_REFUSED, "before it is admitted");
	bent->state->stopped = true;
	bent->hosts[1].pending = 1;
	check_answer(&cmd, HA_E_REFUSED, "hactl cluster start");
	check_answer(&cmd, HA_E_REFUSED, "h2 says that it does not run there");
	vm_soft->running |= ha_host_bit(2);
	check_answer(&cmd, HA_E_REFUSED, "runs on more hosts than h2");
	/* its owner cannot deny it */
	vm_soft->running = ha_host_bit(2);
	lose();
	check_answer(&cmd, HA_E_REFUSED, "owner h3 has not said");
	vm_soft->running = ha_host_bit(2);
	soft()->reported = false;
	check_answer(&cmd, HA_E_REFUSED, "owner h3 has not said");
	vm_soft->running = ha_host_bit(2);
	vm->owner = HA_HOST_NONE;
	check_taken(&cmd);
	vm_soft->conf = NULL;
	cmd.vm.b[0] ^= 0xff;
	check_answer(&cmd, HA_E_NOT_FOUND, "no such vm");
}
END_TEST

/* --- configurations --- */

static struct ha_config next; /* without the VM, or without HOST */
static struct ha_vm_conf vms[16];
static struct ha_host_conf hosts[3];

static struct ha_command without(bool host)
{
	struct ha_command cmd = { .verb = HA_CMD_CONFIG_APPLY, .force = true };
	size_t n = 0;

	next = *bent->config;
	next.hash.b[0] ^= 0xff;
	for (size_t i = 0; i < next.vm_count; i++) {
		if (host || ha_uuid_cmp(&next.vms[i].uuid, &vm->uuid) != 0) {
			ck_assert_uint_lt(n, ARRAY_SIZE(vms));
			vms[n++] = next.vms[i];
		}
	}
	next.vms = vms;
	next.vm_count = n;
	if (host) {
		memcpy(hosts, next.hosts, sizeof(hosts));
		next.hosts = hosts;
		next.host_count = 2;
	}
	cmd.hash = next.hash;
	cmd.base_version = bent->state->config_version;
	return cmd;
}

static void check_apply(bool host, int code, const char *says)
{
	struct ha_command cmd = without(host);

	bent->staged[STAGED_MAX - 1] = &next;
	check_answer(&cmd, code, says);
}

START_TEST(a_vm_goes_only_stopped)
{
	char says[HA_TEXT_MAX];

	(void)about_one(HA_CMD_NONE);
	(void)snprintf(says, sizeof(says), "removes vm %s, which is not",
		       vm_soft->conf->name);
	check_apply(false, HA_E_REFUSED, says);
	vm->owner = HA_HOST_NONE; /* but a copy runs */
	check_apply(false, HA_E_REFUSED, says);
	vm->owner = HA_HOST_NONE; /* but it may just be given an owner */
	vm_soft->running = 0;
	vm_soft->pending = 1;
	check_apply(false, HA_E_REFUSED, says);
	vm_soft->conf = NULL;
	check_apply(false, HA_E_REFUSED, "removes vm (unnamed), which");
}
END_TEST

START_TEST(a_host_goes_only_proven_down)
{
	(void)about_one(HA_CMD_NONE);
	check_apply(true, HA_E_REFUSED, "is a member");
	lose();
	check_apply(true, HA_E_REFUSED, "is not proven down");
	lose();
	soft()->pending = 1;
	check_apply(true, HA_E_BUSY, "a change of host h3 is under way");
	lose();
	own_nothing(); /* and never admitted, but it was heard to run a copy */
	state()->admitted = 0;
	vm->owner = HA_HOST_NONE;
	vm->copies = ha_host_bit(HOST);
	check_apply(true, HA_E_REFUSED, "is not proven down");
	lose();
	own_nothing(); /* so it can do no harm; but too much is under way */
	state()->admitted = 0;
	bent_fill();
	check_apply(true, HA_E_BUSY, "busy with another change");
}
END_TEST

/* --- a step takes no more facts --- */

/* What is not taken must not be told as decided, and is decided again soon. */
static void check_untold(void (*decide)(struct ha_core *c))
{
	bent_fill();
	bent_listen();
	decide(bent);
	ck_assert_msg(bent_told() == 0, "%s", bent_last_told());
	ck_assert(bent->more);
	ck_assert_uint_eq(bent->batch.count, 0);
}

/* The same, but there is room for it. */
static void check_told(void (*decide)(struct ha_core *c), const char *says)
{
	bent->fact_count = 0;
	bent_listen();
	decide(bent);
	ck_assert_msg(strstr(bent_last_told(), says) != NULL, "'%s' in '%s'",
		      says, bent_last_told());
	bent_restore();
}

START_TEST(hosts_when_no_fact_is_taken)
{
	soft()->boot++;
	check_untold(member_decide);
	bent_restore();
	state()->leaving = soft()->boot + 1;
	check_untold(member_decide);
	check_told(member_decide, "stays");
	state()->present = false;
	check_untold(member_decide);
	bent_restore();
	own_nothing();
	state()->leaving = soft()->boot;
	soft()->stays_out = true;
	check_untold(member_decide);
	bent_restore();
}
END_TEST

START_TEST(fencing_when_no_fact_is_taken)
{
	lose();
	check_untold(fence_decide);
	check_told(fence_decide, "fencing asked");
	lose();
	state()->fence_number = 1;
	state()->fence_by = 1;
	soft()->fence_started = 0; /* long ago */
	soft()->off_number = 0;
	check_untold(fence_decide);
	check_told(fence_decide, "no result in time");
	state()->fence_number = 1;
	state()->fence_by = 1;
	soft()->off_number = 1;
	soft()->fence_started = 0;
	check_told(fence_decide, "its device says off, yet it is a member");
	lose();
	state()->fence_number = 1;
	state()->fence_by = 1;
	soft()->off_number = 1;
	check_untold(fence_decide);
	bent_restore();
}
END_TEST

START_TEST(vms_when_no_fact_is_taken)
{
	(void)about_one(HA_CMD_NONE);
	vm->owner = HA_HOST_NONE;
	vm_soft->running = 0;
	check_untold(vm_decide);
	check_told(vm_decide, "-> start on");
	vm->wanted = HA_WANTED_STOPPED;
	check_untold(vm_decide);
	check_told(vm_decide, "-> stop");
	vm_soft->owner.ended = HA_WHY_GUEST;
	check_untold(vm_decide);
	check_told(vm_decide, "-> released");
	vm->owner = HA_HOST_NONE;
	vm->surveyed = false;
	vm->gen = 1; /* all have said since */
	check_untold(vm_decide);
	check_told(vm_decide, "taken into care");
	vm->owner = HA_HOST_NONE;
	vm->last_why = HA_WHY_LOST;
	vm_soft->incident = true; /* told already */
	check_untold(vm_decide);
	check_told(vm_decide, "taken up again");
}
END_TEST

/* --- moves by the cluster's own will --- */

static struct ha_vm_placement *placement(void)
{
	return &((struct ha_vm_conf *)vm_soft->conf)->placement;
}

START_TEST(fail_back)
{
	struct ha_vm_restart *r;
	ha_time moved;

	(void)about_one(HA_CMD_NONE);
	r = &((struct ha_vm_conf *)vm_soft->conf)->restart;
	r->fail_back = HA_FAIL_BACK_AFTER;
	r->fail_back_after = 0;
	vm->home = 2;
	moved = bent->moved_at;
	check_untold(vm_decide);
	ck_assert_int_eq(bent->moved_at, moved);
	check_told(vm_decide, "fails back");
	vm->home = 2;
	r->fail_back = HA_FAIL_BACK_NEVER;
	bent_listen();
	vm_decide(bent);
	ck_assert_uint_eq(bent_told(), 0);
	bent_restore();
	r->fail_back = HA_FAIL_BACK_AFTER;
	vm->home = 2;
	vm->next = HOST; /* the admin wants it elsewhere */
	bent_listen();
	vm_decide(bent);
	ck_assert_uint_eq(bent_told(), 0);
}
END_TEST

/* Each broken rule by its own name, also where others hold. */
START_TEST(a_broken_rule_has_a_name)
{
	static uint32_t members[] = { 0, 0 };
	static uint32_t other[] = { 0 };
	struct ha_vm_host_rule rules[2] = {
		{ .name = "held", .restart = true, .members = { other, 1 } },
		{ .name = "broken", .restart = true, .members = { members, 1 },
		  .strength = HA_RULE_SHOULD, .keep_off = ha_host_bit(HOST) },
	};
	struct ha_config *config = (struct ha_config *)bent->config;

	(void)about_one(HA_CMD_NONE);
	members[0] = (uint32_t)(vm_soft->conf - config->vms);
	other[0] = members[0] == 0 ? 1 : 0;
	config->vm_host_rules = rules;
	config->vm_host_rule_count = 2;
	placement()->avoided = ha_host_bit(HOST);
	check_untold(vm_decide);
	check_told(vm_decide, "against rule broken");
	/* one that is about the same VM and is kept is not the cause */
	rules[0].members = rules[1].members;
	rules[0].levels[0] = ha_host_bit(HOST);
	rules[0].level_count = 1;
	check_told(vm_decide, "against rule broken");
	rules[1].levels[0] = ha_host_bit(1);
	rules[1].level_count = 1;
	rules[1].keep_off = 0;
	check_told(vm_decide, "against rule broken");
	rules[0].restart = rules[1].restart = false;
	bent_listen();
	vm_decide(bent);
	ck_assert_uint_eq(bent_told(), 0);
	config->vm_host_rules = NULL;
	config->vm_host_rule_count = 0;
}
END_TEST

/* Between VMs: those that run together, and should be apart. */
START_TEST(a_broken_group_has_a_name)
{
	static uint32_t members[] = { 0, 0 };
	struct ha_vm_vm_rule rules[2] = {
		{ .name = "held", .kind = HA_GROUP_APART, .most = 9,
		  .restart = true, .members = { members, 2 } },
		{ .name = "broken", .kind = HA_GROUP_APART, .most = 1,
		  .restart = true, .members = { members, 2 } },
	};
	struct ha_config *config = (struct ha_config *)bent->config;
	size_t n = 0;

	for (uint32_t i = 0; i < bent->vm_count && n < 2; i++) {
		if (bent->state->vms[i].owner == HOST) {
			struct ha_vm_conf *conf =
				(struct ha_vm_conf *)bent->vms[i].conf;

			members[n++] = (uint32_t)(conf - config->vms);
			conf->placement.group_count = 2;
			conf->placement.groups[0] = 0;
			conf->placement.groups[1] = 1;
		}
	}
	ck_assert_uint_eq(n, 2);
	config->vm_vm_rules = rules;
	config->vm_vm_rule_count = 2;
	check_untold(vm_decide);
	check_told(vm_decide, "against rule broken");
	rules[1].strength = HA_RULE_MUST;
	check_told(vm_decide, "against rule broken");
	config->vm_vm_rules = NULL;
	config->vm_vm_rule_count = 0;
}
END_TEST

int main(void)
{
	Suite *s = suite_create("request");
	TCase *t = tcase_create("bent");

	tcase_add_checked_fixture(t, bent_set_up, bent_tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, not_here_or_not_now);
	tcase_add_test(t, leaving_twice);
	tcase_add_test(t, proven_already);
	tcase_add_test(t, nothing_to_forget);
	tcase_add_test(t, settled_where_it_may_be_owned);
	tcase_add_test(t, a_vm_goes_only_stopped);
	tcase_add_test(t, a_host_goes_only_proven_down);
	tcase_add_test(t, hosts_when_no_fact_is_taken);
	tcase_add_test(t, fencing_when_no_fact_is_taken);
	tcase_add_test(t, vms_when_no_fact_is_taken);
	tcase_add_test(t, fail_back);
	tcase_add_test(t, a_broken_rule_has_a_name);
	tcase_add_test(t, a_broken_group_has_a_name);
	suite_add_tcase(s, t);
	return test_main(s);
}
