/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a VM that runs nowhere is started now, case by case. */
#include "tests/unit/bent-order.h"

#include <check.h>
#include <string.h>

#include "core/pool.h"
#include "tests/unit/bent-core.h"
#include "tests/unit/suite.h"

static uint32_t pair[] = { DB1, WEB1 };
static struct ha_vm_vm_rule rule = {
	.name = "pair", .strength = HA_RULE_MUST, .members = { pair, 2 },
};

static void keep(enum ha_group_kind kind, uint32_t most)
{
	rule.kind = kind;
	rule.most = most;
	bent_config()->vm_vm_rules = &rule;
	bent_config()->vm_vm_rule_count = 1;
	for (size_t i = 0; i < ARRAY_SIZE(pair); i++) {
		bent_conf(pair[i])->placement.groups[0] = 0;
		bent_conf(pair[i])->placement.group_count = 1;
	}
}

static void tear_down(void)
{
	bent_restore();
	bent_config()->vm_vm_rules = NULL;
	bent_config()->vm_vm_rule_count = 0;
	for (size_t i = 0; i < ARRAY_SIZE(pair); i++) {
		bent_conf(pair[i])->placement.group_count = 0;
	}
	order_tear_down();
}

/* To be started: it ended, and all hosts have said so. */
static void end(uint32_t i)
{
	order_wait_for_place(i, HA_WHY_ADMIN);
	bent_soft(i)->running = 0;
	bent_soft(i)->ran = 0;
}

static void prove_down(void)
{
	bent->state->hosts[HOST - 1].proof = HA_PROOF_POWER;
	for (uint32_t i = 0; i < VMS; i++) {
		if (bent_state(i)->owner == HOST) {
			end(i);
		}
	}
}

/* The other one may still run where it was, whatever is planned for it. */
START_TEST(a_must_rule_holds_with_who_is_lost)
{
	keep(HA_GROUP_TOGETHER, 0);
	order_again();
	order_lose(DB1);
	end(WEB1);
	vm_decide(bent);
	ck_assert_uint_eq(bent_soft(WEB1)->heading_for, HA_HOST_NONE);
	ck_assert_msg(strstr(bent_soft(WEB1)->why, "rule pair lets it start on "
			     "host h") &&
		      strstr(bent_soft(WEB1)->why, "only once host h3 is proven "
			     "down"), "%s", bent_soft(WEB1)->why);
	prove_down();
	vm_decide(bent);
	ck_assert_uint_ne(bent_soft(WEB1)->heading_for, HA_HOST_NONE);
	ck_assert_uint_eq(bent_soft(WEB1)->heading_for,
			  bent_soft(DB1)->heading_for);
}
END_TEST

START_TEST(a_rule_that_is_kept_keeps_nobody)
{
	keep(HA_GROUP_APART, 1);
	order_again();
	order_lose(DB1);
	end(WEB1);
	vm_decide(bent);
	ck_assert_uint_ne(bent_soft(WEB1)->heading_for, HA_HOST_NONE);
}
END_TEST

START_TEST(a_should_rule_keeps_nobody)
{
	rule.strength = HA_RULE_SHOULD;
	keep(HA_GROUP_TOGETHER, 0);
	order_again();
	order_lose(DB1);
	end(WEB1);
	vm_decide(bent);
	rule.strength = HA_RULE_MUST;
	ck_assert_uint_ne(bent_soft(WEB1)->heading_for, HA_HOST_NONE);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("start");
	TCase *t = tcase_create("bent");

	tcase_add_checked_fixture(t, order_set_up, tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, a_must_rule_holds_with_who_is_lost);
	tcase_add_test(t, a_rule_that_is_kept_keeps_nobody);
	tcase_add_test(t, a_should_rule_keeps_nobody);
	suite_add_tcase(s, t);
	return test_main(s);
}
