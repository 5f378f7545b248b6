/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom host 1, a coordinator bent by hand, has fenced, by whom and when; what
 * the executor does, and what becomes of the result. Host 3 is lost.
 */
#include "tests/unit/bent-core.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/state_apply.h"
#include "tests/unit/suite.h"

#define LOST 3
#define NUMBER 7 /* of the attempt in flight */
#define SLOW HA_S(20)
#define QUICK HA_S(5)
#define SLACK HA_S(10)

/* Two levels, of which the second takes two devices. */
static struct ha_fence_device devices[2];
static const struct ha_fence_step steps[3] = { { .device = 0 },
					       { .device = 1 },
					       { .device = 0 } };
static const struct ha_fence_level levels[2] = {
	{ .steps = steps, .step_count = 1 },
	{ .steps = steps + 1, .step_count = 2 },
};
#define FIRST_LEVEL (2 * SLOW)
#define SECOND_LEVEL (4 * QUICK + 2 * SLOW)

static struct ha_config config;
static struct ha_host_conf hosts[3];
static struct ha_host_state *state; /* of the lost host, committed */
static struct host_soft *soft;      /* and as the coordinator knows it */
static struct fence_job *job;       /* of this host, against it */

static struct ha_host_state *state_of(ha_hostid host)
{
	return &bent->state->hosts[host - 1];
}

static void set_up(void)
{
	bent_set_up();
	config = *bent->config;
	ck_assert_uint_eq(config.host_count, 3);
	memcpy(hosts, config.hosts, sizeof(hosts));
	config.hosts = hosts;
	hosts[LOST - 1].levels = levels;
	hosts[LOST - 1].level_count = 2;
	memset(devices, 0, sizeof(devices));
	devices[0].timeout = SLOW;
	devices[1].timeout = QUICK;
	devices[1].retries = 1;
	config.devices = devices;
	config.device_count = 2;
	bent_vm_of(LOST); /* owns one */
}

/* Anew: the host is lost, and all is known about it. */
static void lose(void)
{
	bent_restore();
	bent->config = &config;
	bent->members &= ~ha_host_bit(LOST);
	state = state_of(LOST);
	soft = &bent->hosts[LOST - 1];
	job = &bent->jobs[LOST - 1];
	ck_assert(soft->seen_alive);
	ck_assert_uint_eq(state->fence_number, 0);
	ck_assert_uint_eq(soft->pending, 0);
}

/* An attempt is in flight, by that host. */
static void lose_and_fence(ha_hostid by)
{
	lose();
	state->fence_number = NUMBER;
	state->fence_by = by;
	soft->fence_started = bent->now;
}

/* The one fact that is proposed; of no kind: none is. */
static struct ha_fact proposed(size_t before)
{
	if (bent->batch.count == before) {
		return (struct ha_fact){ .kind = HA_FACT_NONE };
	}
	ck_assert_uint_eq(bent->batch.count, before + 1);
	return ha_entry_fact(&bent->batch.entries[before]);
}

static struct ha_fact decide(void)
{
	size_t before = bent->batch.count;

	bent_listen();
	bent->wake = HA_TIME_NEVER;
	fence_decide(bent);
	return proposed(before);
}

static void check_asked(enum fence_code code, ha_hostid by)
{
	struct ha_fact f = decide();

	ck_assert_uint_eq(f.kind, HA_FACT_FENCE);
	ck_assert_uint_eq(f.code, code);
	ck_assert_uint_eq(f.host, LOST);
	ck_assert_uint_eq(f.by, by);
	ck_assert_uint_eq(f.number, bent->state->fence_count + 1);
	ck_assert_int_eq(bent_last_trace()->fence, HA_TRACE_FENCE_ASKED);
	ck_assert_uint_eq(bent_last_trace()->fact, HA_FACT_FENCE);
	ck_assert_int_eq(bent_last_trace()->level, HA_TRACE_NOTICE);
}

static void check_not_asked(void)
{
	ck_assert_uint_eq(decide().kind, HA_FACT_NONE);
	ck_assert_uint_eq(bent_told(), 0);
}

/* Nothing before that time, of which it wakes. */
static void check_waits_until(ha_time t)
{
	bent->now = t - 1;
	check_not_asked();
	ck_assert_int_eq(bent->wake, t);
	bent->now = t;
}

/* --- whom, and when --- */

START_TEST(whom_it_fences)
{
	lose();
	check_asked(FENCE_CODE_OFF, 1);
	check_not_asked(); /* that is under way */
	lose();
	bent->members |= ha_host_bit(LOST);
	check_not_asked();
	lose();
	bent->state->disarmed = true;
	check_not_asked();
	lose();
	state->proof = HA_PROOF_POWER;
	check_not_asked();
	lose();
	bent->state->epoch--; /* what is committed is not known yet */
	check_not_asked();
	lose();
	for (uint32_t i = 0; i < bent->vm_count; i++) {
		bent->state->vms[i].owner = 1; /* it owns none */
	}
	check_not_asked();
	lose();
	bent_fill();
	check_not_asked();
}
END_TEST

START_TEST(who_was_never_seen_is_asked_first)
{
	ha_time from;

	lose();
	soft->seen_alive = false;
	from = bent->first_open_at + bent->config->start_wait;
	bent->now = from - 1;
	check_asked(FENCE_CODE_STATUS, 1);
	ck_assert_int_eq(bent->wake, from);
	lose();
	soft->seen_alive = false;
	bent->now = from;
	check_asked(FENCE_CODE_OFF, 1);
}
END_TEST

/* Two halves that lost each other do not fence each other at once. */
START_TEST(a_small_half_without_the_first_host_waits)
{
	lose();
	config.fence_delay = HA_S(9);
	bent->now = bent->opened_at;
	bent->epoch.small = true;
	check_asked(FENCE_CODE_OFF, 1);
	lose();
	bent->epoch.members &= ~ha_host_bit(1);
	bent->now = bent->opened_at;
	check_asked(FENCE_CODE_OFF, 1);
	lose();
	bent->epoch.small = true;
	bent->epoch.members &= ~ha_host_bit(1);
	check_waits_until(bent->opened_at + HA_S(9));
	check_asked(FENCE_CODE_OFF, 1);
}
END_TEST

START_TEST(later_tries_go_round_those_who_can)
{
	static const ha_hostid by[] = { 1, 2, 3, 1, 2 };

	for (uint32_t i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
		lose();
		state->fence_tries = i;
		check_asked(FENCE_CODE_OFF, by[i]);
	}
	for (int i = 0; i < 3; i++) {
		lose();
		state->fence_tries = 1;
		if (i == 0) {
			bent->hosts[1].fence_agent = false;
		} else if (i == 1) {
			bent->hosts[1].frozen = true;
		} else {
			state_of(2)->present = false;
		}
		check_asked(FENCE_CODE_OFF, 3);
	}
}
END_TEST

START_TEST(no_number_is_given_twice)
{
	lose();
	bent->state->fence_count = 20;
	bent->fence_given = 22;
	ck_assert_uint_eq(fence_new_number(bent), 23);
	ck_assert_uint_eq(fence_new_number(bent), 24);
	bent->state->fence_count = 30;
	ck_assert_uint_eq(fence_new_number(bent), 31);
	fence_new_epoch(bent); /* what was not committed never will be */
	ck_assert_uint_eq(fence_new_number(bent), 31);
}
END_TEST

/* --- an attempt in flight --- */

static void check_ends(uint32_t code, const char *says)
{
	struct ha_fact f = decide();

	ck_assert_uint_eq(f.kind, HA_FACT_FENCE_END);
	ck_assert_uint_eq(f.code, code);
	ck_assert_uint_eq(f.host, LOST);
	ck_assert_uint_eq(f.by, state->fence_by);
	ck_assert_uint_eq(f.number, NUMBER);
	ck_assert_str_eq(f.text, says);
	ck_assert_uint_eq(f.boot, 0);
	ck_assert(ha_uuid_cmp(&f.vm, &(struct ha_uuid){ { 0 } }) == 0);
	ck_assert(ha_hash_is_none(&f.hash));
	check_not_asked();
}

START_TEST(an_attempt_ends_in_time)
{
	lose_and_fence(1);
	check_waits_until(bent->now + SLACK + FIRST_LEVEL + SECOND_LEVEL);
	check_ends(HA_FENCE_FAILED, "no result in time");
}
END_TEST

START_TEST(an_executor_that_is_down_asks_for_no_more)
{
	lose_and_fence(2);
	state_of(2)->proof = HA_PROOF_REBOOT;
	bent->hosts[1].proven_at = bent->now + HA_S(3);
	check_waits_until(bent->now + HA_S(3) + SLOW);
	check_ends(HA_FENCE_FAILED, "who tried it is down, too");
	lose_and_fence(2);
	state_of(2)->proof = HA_PROOF_REBOOT;
	bent->hosts[1].proven_at = bent->now - HA_S(3);
	check_waits_until(bent->now + SLOW);
	check_ends(HA_FENCE_FAILED, "who tried it is down, too");
	lose_and_fence(2); /* one that left may still do it */
	state_of(2)->proof = HA_PROOF_LEAVE;
	check_waits_until(bent->now + SLACK + FIRST_LEVEL + SECOND_LEVEL);
	check_ends(HA_FENCE_FAILED, "no result in time");
}
END_TEST

START_TEST(off_is_no_proof_of_a_member)
{
	lose_and_fence(1);
	soft->off_number = NUMBER;
	bent->members |= ha_host_bit(LOST);
	check_waits_until(bent->now + SLACK + FIRST_LEVEL + SECOND_LEVEL);
	check_ends(HA_FENCE_FAILED,
		   "its device says off, yet it is a member");
	lose_and_fence(1); /* that was another attempt */
	soft->off_number = NUMBER - 1;
	check_not_asked();
}
END_TEST

static struct ha_fact hear(enum ha_fence_code code, uint64_t number,
			   ha_hostid host)
{
	const struct ha_msg m = {
		.kind = HA_MSG_FENCED, .from = 2,
		.fenced = { host, number, code, "no route" },
	};
	size_t before = bent->batch.count;

	bent_listen();
	fence_on_fenced(bent, &m);
	return proposed(before);
}

static void check_unheard(enum ha_fence_code code, uint64_t number)
{
	ck_assert_uint_eq(hear(code, number, LOST).kind, HA_FACT_NONE);
	ck_assert_uint_eq(bent_told(), 0);
}

START_TEST(whose_word_counts)
{
	lose_and_fence(2);
	check_unheard(HA_FENCE_FAILED, NUMBER - 1);
	soft->pending = 1;
	check_unheard(HA_FENCE_FAILED, NUMBER);
	soft->pending = 0;
	bent->config = NULL;
	check_unheard(HA_FENCE_FAILED, NUMBER);
	bent->config = &config;
	ck_assert_uint_eq(hear(HA_FENCE_FAILED, NUMBER, 0).kind, HA_FACT_NONE);
	ck_assert_uint_eq(hear(HA_FENCE_FAILED, NUMBER, HA_HOSTS_MAX + 1).kind,
			  HA_FACT_NONE);
	bent->epoch.coordinator = 2;
	check_unheard(HA_FENCE_FAILED, NUMBER);
	lose(); /* none is in flight */
	check_unheard(HA_FENCE_FAILED, 0);
	check_unheard(HA_FENCE_OFF, 0);
	ck_assert_uint_eq(soft->off_by, 0);
}
END_TEST

static size_t count_alerts(void)
{
	size_t n = 0;

	for (size_t i = 0; i < bent->action_count; i++) {
		n += bent->actions[i].kind == HA_ACT_ALERT;
	}
	return n;
}

START_TEST(its_word_counts_of_any_host)
{
	static const ha_hostid all[] = { 1, LOST, HA_HOSTS_MAX };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		lose();
		state_of(all[i])->fence_number = NUMBER;
		ck_assert_uint_eq(hear(HA_FENCE_FAILED, NUMBER, all[i]).kind,
				  HA_FACT_FENCE_END);
	}
}
END_TEST

START_TEST(what_comes_of_its_word)
{
	struct ha_fact f;

	lose_and_fence(2);
	f = hear(HA_FENCE_FAILED, NUMBER, LOST);
	ck_assert_uint_eq(f.kind, HA_FACT_FENCE_END);
	ck_assert_uint_eq(f.code, HA_FENCE_FAILED);
	ck_assert_uint_eq(f.by, 2);
	ck_assert_uint_eq(f.number, NUMBER);
	ck_assert_str_eq(f.text, "no route");
	ck_assert_int_eq(bent_last_trace()->fence, HA_TRACE_FENCE_FAILED);
	ck_assert_uint_eq(bent_last_trace()->fact, HA_FACT_FENCE_END);
	ck_assert_int_eq(bent_last_trace()->level, HA_TRACE_WARNING);
	ck_assert_uint_eq(count_alerts(), 1);
	lose_and_fence(2);
	f = hear(HA_FENCE_ON, NUMBER, LOST);
	ck_assert_uint_eq(f.kind, HA_FACT_FENCE_END);
	ck_assert_uint_eq(f.code, HA_FENCE_ON);
	ck_assert_int_eq(bent_last_trace()->fence, HA_TRACE_FENCE_ON);
	ck_assert_int_eq(bent_last_trace()->level, HA_TRACE_INFO);
	ck_assert_uint_eq(count_alerts(), 0);
	lose_and_fence(2);
	bent_fill();
	ck_assert_uint_eq(hear(HA_FENCE_FAILED, NUMBER, LOST).kind,
			  HA_FACT_NONE);
	ck_assert_uint_eq(bent_told() + count_alerts(), 0);
}
END_TEST

/* The host's last boot, of which its device said off. */
static void check_proven(ha_hostid by)
{
	struct ha_fact f = bent_last_fact();

	ck_assert_uint_eq(f.kind, HA_FACT_PROOF);
	ck_assert_uint_eq(f.code, HA_PROOF_POWER);
	ck_assert_uint_eq(f.by, by);
	ck_assert_uint_eq(f.number, NUMBER);
	ck_assert_uint_eq(f.boot, state->boot);
}

START_TEST(off_is_the_proof)
{
	lose_and_fence(2);
	check_unheard(HA_FENCE_OFF, NUMBER);
	ck_assert_uint_eq(decide().kind, HA_FACT_NONE); /* it travels alone */
	ck_assert_str_eq(bent_last_told(),
			 "host h3: power reads off -> proven down");
	ck_assert_int_eq(bent_last_trace()->fence, HA_TRACE_FENCE_OFF);
	ck_assert_uint_eq(bent_last_trace()->by, 2);
	ck_assert_uint_eq(bent_last_trace()->attempt, NUMBER);
	ck_assert_uint_eq(bent_last_trace()->fact, HA_FACT_PROOF);
	check_proven(2);
	check_not_asked(); /* that is under way */
}
END_TEST

/* --- what became of facts --- */

static void commit(enum ha_fact_kind kind, uint32_t code, ha_hostid by)
{
	const struct ha_fact f = { .kind = (uint32_t)kind, .code = code,
				   .host = LOST, .by = by, .number = NUMBER,
				   .text = "no route" };

	bent_listen();
	fence_fact(bent, &f);
}

START_TEST(the_next_try_is_later_each_time)
{
	static const ha_dur pauses[] = { HA_S(2), HA_S(4), HA_S(8), HA_S(16),
					 HA_S(32), HA_S(60), HA_S(60) };

	for (uint32_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		lose();
		state->fence_tries = i;
		commit(HA_FACT_FENCE_END, HA_FENCE_FAILED, 2);
		check_waits_until(bent->now + pauses[i]);
		ck_assert_uint_eq(decide().kind, HA_FACT_FENCE);
	}
	lose();
	state->fence_tries = 3;
	commit(HA_FACT_FENCE_END, HA_FENCE_ON, 2);
	check_waits_until(bent->now + HA_S(5));
	ck_assert_uint_eq(decide().kind, HA_FACT_FENCE);
}
END_TEST

START_TEST(when_an_attempt_began)
{
	lose_and_fence(2);
	bent->now += HA_S(100);
	commit(HA_FACT_FENCE, FENCE_CODE_OFF, 2);
	check_waits_until(bent->now + SLACK + FIRST_LEVEL + SECOND_LEVEL);
	lose_and_fence(2); /* a new coordinator does not know */
	bent->now += HA_S(100);
	fence_new_epoch(bent);
	check_waits_until(bent->now + SLACK + FIRST_LEVEL + SECOND_LEVEL);
	lose_and_fence(2);
	bent->now += HA_S(100);
	bent->hosts[1].proven_at = 0;
	state_of(2)->proof = HA_PROOF_POWER;
	fence_fact(bent, &(struct ha_fact){ .kind = HA_FACT_PROOF, .host = 2,
					    .code = HA_PROOF_REBOOT });
	check_waits_until(bent->now + SLOW);
}
END_TEST

static void check_member_tells(const char *says, enum ha_trace_fence fence)
{
	ck_assert_uint_eq(bent_told(), 1);
	ck_assert_str_eq(bent_last_told(), says);
	ck_assert_int_eq(bent_last_trace()->fence, fence);
}

START_TEST(members_tell_it_too)
{
	lose();
	commit(HA_FACT_FENCE, FENCE_CODE_OFF, 2);
	ck_assert_uint_eq(bent_told(), 0); /* it told why it decided so */
	bent->epoch.coordinator = 2;
	commit(HA_FACT_FENCE, FENCE_CODE_OFF, 2);
	check_member_tells("host h3: fencing asked (attempt 7, by h2)",
			   HA_TRACE_FENCE_ASKED);
	ck_assert_uint_eq(bent_last_trace()->fact, HA_FACT_FENCE);
	commit(HA_FACT_FENCE_END, HA_FENCE_FAILED, 2);
	check_member_tells("host h3: attempt 7 ended: no route",
			   HA_TRACE_FENCE_FAILED);
	ck_assert_uint_eq(bent_last_trace()->fact, HA_FACT_FENCE_END);
	ck_assert_str_eq(bent_last_trace()->note, "no route");
	commit(HA_FACT_FENCE_END, HA_FENCE_ON, 2);
	check_member_tells("host h3: attempt 7 ended: power reads on",
			   HA_TRACE_FENCE_ON);
	commit(HA_FACT_PROOF, HA_PROOF_POWER, 2);
	check_member_tells("host h3: power reads off", HA_TRACE_FENCE_OFF);
	ck_assert_uint_eq(bent_last_trace()->fact, HA_FACT_PROOF);
	commit(HA_FACT_PROOF, HA_PROOF_ADMIN, 2);
	check_member_tells("host h3: off by the admin's word",
			   HA_TRACE_FENCE_CONFIRMED);
	ck_assert_uint_eq(bent_last_trace()->fact, HA_FACT_PROOF);
	commit(HA_FACT_PROOF, HA_PROOF_REBOOT, 2);
	ck_assert_uint_eq(bent_told(), 1);
	ck_assert_int_eq(bent_last_trace()->fence, HA_TRACE_FENCE_NONE);
	ck_assert_uint_eq(bent_last_trace()->fact, HA_FACT_PROOF);
	bent_listen();
	fence_fact(bent, &(struct ha_fact){ .kind = HA_FACT_PROOF, .host = 1,
					    .code = HA_PROOF_ADMIN });
	ck_assert_str_eq(bent_last_told(), "host h1: off by the admin's word");
	bent->open = false; /* of long ago */
	commit(HA_FACT_PROOF, HA_PROOF_POWER, 2);
	ck_assert_uint_eq(bent_told(), 0);
	bent->open = true;
	bent_listen();
	fence_fact(bent, &(struct ha_fact){ .kind = HA_FACT_FENCE });
	fence_fact(bent, &(struct ha_fact){ .kind = HA_FACT_FENCE,
					    .host = HA_HOSTS_MAX + 1 });
	ck_assert_uint_eq(bent_told(), 0);
}
END_TEST

/* --- the executor --- */

/* What is asked of the agent; NULL nothing. */
static const struct ha_action *find_action(enum ha_action_kind kind)
{
	const struct ha_action *found = NULL;

	for (size_t i = 0; i < bent->action_count; i++) {
		if (bent->actions[i].kind == kind) {
			ck_assert_ptr_null(found);
			found = &bent->actions[i];
		}
	}
	return found;
}

static uint64_t check_does(enum ha_fence_op op, uint32_t level,
			   ha_dur timeout)
{
	const struct ha_action *a = find_action(HA_ACT_FENCE);

	ck_assert_ptr_nonnull(a);
	ck_assert_int_eq((int)a->fence.op, (int)op);
	ck_assert_uint_eq(a->fence.level, level);
	ck_assert_int_eq(a->fence.timeout, timeout);
	ck_assert_ptr_eq(a->fence.config, bent->config);
	ck_assert_ptr_eq(a->fence.host, &hosts[LOST - 1]);
	return a->fence.id;
}

static void run(void)
{
	bent_listen();
	fence_run(bent);
}

/* Says that to the coordinator, once. */
static void check_says(enum ha_fence_code code, const char *text)
{
	const struct ha_action *a;

	run();
	a = find_action(HA_ACT_SEND);
	ck_assert_ptr_nonnull(a);
	ck_assert_int_eq((int)a->msg->kind, (int)HA_MSG_FENCED);
	ck_assert_uint_eq(a->msg->fenced.host, LOST);
	ck_assert_uint_eq(a->msg->fenced.number, NUMBER);
	ck_assert_uint_eq(a->msg->fenced.code, code);
	ck_assert_str_eq(a->msg->fenced.text, text);
	run();
	ck_assert_uint_eq(bent->action_count, 0);
	fence_new_epoch(bent);
	run(); /* there may be another coordinator */
	ck_assert_ptr_nonnull(find_action(HA_ACT_SEND));
	ck_assert_uint_eq(bent->action_count, 1);
}

/* It is asked of this host, and committed. */
static void order(enum fence_code code)
{
	lose_and_fence(1);
	commit(HA_FACT_FENCE, code, 1);
}

static bool end(uint64_t id, enum ha_fence_code code, const char *text)
{
	struct ha_event ev = { .kind = HA_EV_RESULT };

	ev.result.id = id;
	ev.result.code = code;
	memcpy(ev.result.text, text, strlen(text) + 1);
	bent_listen();
	return fence_result(bent, id, &ev);
}

START_TEST(the_executor_tries_level_by_level)
{
	uint64_t op;

	order(FENCE_CODE_OFF);
	run();
	op = check_does(HA_FENCE_OP_OFF, 0, FIRST_LEVEL);
	run();
	ck_assert_uint_eq(bent->action_count, 0);
	ck_assert(!end(op + 1, HA_FENCE_OFF, ""));
	ck_assert(end(op, HA_FENCE_FAILED, "no answer"));
	ck_assert_uint_eq(bent_told(), 1);
	op = check_does(HA_FENCE_OP_OFF, 1, SECOND_LEVEL);
	ck_assert(end(op, HA_FENCE_FAILED, "refused"));
	ck_assert_ptr_null(find_action(HA_ACT_FENCE));
	ck_assert(!end(op, HA_FENCE_OFF, "")); /* that is over */
	check_says(HA_FENCE_FAILED, "refused");
	order(FENCE_CODE_OFF);
	run();
	ck_assert(end(check_does(HA_FENCE_OP_OFF, 0, FIRST_LEVEL),
		      HA_FENCE_OFF, "as was asked"));
	check_says(HA_FENCE_OFF, "");
}
END_TEST

/* What it knows of who is here may be long over. */
START_TEST(who_stood_still_takes_no_power)
{
	uint64_t op;

	lose();
	bent->fence_from = bent->now + HA_S(3);
	check_waits_until(bent->fence_from);
	check_asked(FENCE_CODE_OFF, 1);
	order(FENCE_CODE_OFF);
	bent->fence_from = bent->now + 1;
	check_says(HA_FENCE_FAILED, "who tried it stood still");
	order(FENCE_CODE_OFF);
	bent->fence_from = bent->now;
	run();
	op = check_does(HA_FENCE_OP_OFF, 0, FIRST_LEVEL);
	bent->fence_from = bent->now + 1;
	ck_assert(end(op, HA_FENCE_FAILED, "no answer"));
	ck_assert_ptr_null(find_action(HA_ACT_FENCE));
	check_says(HA_FENCE_FAILED, "who tried it stood still");
	order(FENCE_CODE_STATUS);
	bent->fence_from = bent->now + 1;
	run();
	check_does(HA_FENCE_OP_STATUS, 0, FIRST_LEVEL);
}
END_TEST

START_TEST(power_may_only_be_asked_for)
{
	order(FENCE_CODE_STATUS);
	run();
	ck_assert(end(check_does(HA_FENCE_OP_STATUS, 0, FIRST_LEVEL),
		      HA_FENCE_ON, ""));
	check_says(HA_FENCE_ON, "");
}
END_TEST

START_TEST(a_host_without_a_device)
{
	order(FENCE_CODE_OFF);
	hosts[LOST - 1].level_count = 0;
	run();
	hosts[LOST - 1].level_count = 2;
	ck_assert_ptr_null(find_action(HA_ACT_FENCE));
	ck_assert_str_eq(find_action(HA_ACT_SEND)->msg->fenced.text,
			 "no fence device is configured for it");
}
END_TEST

START_TEST(what_is_not_begun)
{
	order(FENCE_CODE_OFF);
	bent->open = false;
	run();
	ck_assert_uint_eq(bent->action_count, 0);
	order(FENCE_CODE_OFF);
	state->fence_by = 2;
	run();
	ck_assert_uint_eq(bent->action_count, 0);
	lose();
	commit(HA_FACT_FENCE, FENCE_CODE_OFF, 1);
	run(); /* it has ended by now */
	ck_assert_uint_eq(bent->action_count, 0);
	order(FENCE_CODE_OFF);
	bent->members |= ha_host_bit(LOST);
	check_says(HA_FENCE_FAILED, "it is a member again");
	order(FENCE_CODE_ADMIN); /* its hacd is gone, that is all */
	bent->members |= ha_host_bit(LOST);
	bent->hacds &= ~ha_host_bit(LOST);
	run();
	check_does(HA_FENCE_OP_OFF, 0, FIRST_LEVEL);
	order(FENCE_CODE_ADMIN);
	bent->hacds |= ha_host_bit(LOST);
	check_says(HA_FENCE_FAILED, "it is a member again");
}
END_TEST

START_TEST(the_next_attempt_begins_anew)
{
	order(FENCE_CODE_OFF);
	hosts[LOST - 1].level_count = 1;
	run();
	ck_assert(end(check_does(HA_FENCE_OP_OFF, 0, FIRST_LEVEL),
		      HA_FENCE_FAILED, "refused"));
	check_says(HA_FENCE_FAILED, "refused");
	state->fence_number = NUMBER + 1;
	fence_fact(bent, &(struct ha_fact){ .kind = HA_FACT_FENCE,
					    .host = LOST, .by = 1,
					    .number = NUMBER + 1 });
	run();
	ck_assert(end(check_does(HA_FENCE_OP_OFF, 0, FIRST_LEVEL),
		      HA_FENCE_OFF, ""));
	hosts[LOST - 1].level_count = 2;
	run();
	ck_assert_uint_eq(find_action(HA_ACT_SEND)->msg->fenced.code,
			  HA_FENCE_OFF);
}
END_TEST

/* In between, a small view tried by itself. */
START_TEST(an_attempt_goes_on_as_it_was_asked)
{
	order(FENCE_CODE_STATUS);
	run();
	check_does(HA_FENCE_OP_STATUS, 0, FIRST_LEVEL);
	job->number = 0;
	fence_new_epoch(bent);
	run();
	check_does(HA_FENCE_OP_STATUS, 0, FIRST_LEVEL);
}
END_TEST

/* Of which the next one is refused at once. */
START_TEST(an_earlier_attempt_says_nothing_of_the_next)
{
	const struct ha_fact next = { .kind = HA_FACT_FENCE, .host = LOST,
				      .by = 1, .number = NUMBER + 1 };
	uint64_t op;

	for (int told = 0; told < 2; told++) {
		order(FENCE_CODE_OFF);
		run();
		op = check_does(HA_FENCE_OP_OFF, 0, FIRST_LEVEL);
		if (told) {
			ck_assert(end(op, HA_FENCE_OFF, ""));
			run();
			ck_assert_ptr_nonnull(find_action(HA_ACT_SEND));
		}
		state->fence_number = NUMBER + 1;
		bent->members |= ha_host_bit(LOST);
		fence_fact(bent, &next);
		run();
		ck_assert_uint_eq(find_action(HA_ACT_SEND)->msg->fenced.code,
				  HA_FENCE_FAILED);
		ck_assert(!end(op, HA_FENCE_OFF, ""));
	}
}
END_TEST

START_TEST(a_hacd_that_restarted_does_not_try_again)
{
	lose_and_fence(1);
	check_says(HA_FENCE_FAILED, "hacd was restarted in the middle");
	lose_and_fence(1);
	bent->open = false;
	commit(HA_FACT_FENCE, FENCE_CODE_OFF, 1); /* read from the log */
	bent->open = true;
	check_says(HA_FENCE_FAILED, "hacd was restarted in the middle");
	lose_and_fence(1);
	commit(HA_FACT_FENCE, FENCE_CODE_OFF, 2); /* of another host */
	check_says(HA_FENCE_FAILED, "hacd was restarted in the middle");
}
END_TEST

START_TEST(a_new_epoch_drops_what_a_small_view_tried)
{
	uint64_t op;

	order(FENCE_CODE_OFF);
	run();
	op = check_does(HA_FENCE_OP_OFF, 0, FIRST_LEVEL);
	bent_listen();
	fence_new_epoch(bent);
	ck_assert_uint_eq(bent->action_count, 0); /* this one is committed */
	job->number = 0;
	fence_new_epoch(bent);
	ck_assert_uint_eq(find_action(HA_ACT_CANCEL)->cancel, op);
	ck_assert(!end(op, HA_FENCE_OFF, ""));
	bent_listen();
	fence_new_epoch(bent);
	ck_assert_uint_eq(bent->action_count, 0);
	order(FENCE_CODE_OFF);
	run();
	job->number = 0;
	ck_assert(end(check_does(HA_FENCE_OP_OFF, 0, FIRST_LEVEL),
		      HA_FENCE_OFF, ""));
	fence_new_epoch(bent);
	ck_assert(!job->done); /* too late: it may have been back since */
}
END_TEST

/* --- on again --- */

/* This host has proven it off, by that level. */
static void prove(enum fence_code code, uint32_t level)
{
	order(code);
	run();
	for (uint32_t i = 0; i < level; i++) {
		ck_assert(end(find_action(HA_ACT_FENCE)->fence.id,
			      HA_FENCE_FAILED, "refused"));
	}
	ck_assert(end(find_action(HA_ACT_FENCE)->fence.id, HA_FENCE_OFF, ""));
	commit(HA_FACT_PROOF, HA_PROOF_POWER, 1);
}

static void check_stays_off(void)
{
	ck_assert_ptr_null(find_action(HA_ACT_FENCE));
	ck_assert_uint_eq(bent_told(), 0);
}

START_TEST(a_proven_host_is_switched_on_again)
{
	uint64_t op;

	lose();
	prove(FENCE_CODE_OFF, 0);
	check_stays_off(); /* its device is not to */
	devices[1].power_on = true;
	prove(FENCE_CODE_OFF, 0);
	check_stays_off();
	prove(FENCE_CODE_OFF, 1);
	op = check_does(HA_FENCE_OP_POWER_ON, 1, SECOND_LEVEL);
	ck_assert_uint_eq(bent_told(), 1);
	commit(HA_FACT_PROOF, HA_PROOF_POWER, 1);
	check_stays_off(); /* once */
	ck_assert(end(op, HA_FENCE_ON, ""));
	ck_assert_uint_eq(bent_told(), 0);
	ck_assert(!end(op, HA_FENCE_ON, ""));
	prove(FENCE_CODE_OFF, 1);
	op = check_does(HA_FENCE_OP_POWER_ON, 1, SECOND_LEVEL);
	ck_assert(end(op, HA_FENCE_FAILED, "no answer"));
	ck_assert_str_eq(bent_last_told(), "host h3: could not be switched on "
					   "again: no answer");
}
END_TEST

START_TEST(who_is_not_switched_on)
{
	devices[0].power_on = true;
	prove(FENCE_CODE_STATUS, 0); /* somebody had switched it off */
	check_stays_off();
	lose(); /* a proof of long ago */
	commit(HA_FACT_PROOF, HA_PROOF_POWER, 1);
	check_stays_off();
	order(FENCE_CODE_OFF);
	run();
	ck_assert(end(find_action(HA_ACT_FENCE)->fence.id, HA_FENCE_OFF, ""));
	commit(HA_FACT_PROOF, HA_PROOF_POWER, 2); /* of another */
	check_stays_off();
	commit(HA_FACT_PROOF, HA_PROOF_ADMIN, 1);
	check_stays_off();
	order(FENCE_CODE_OFF);
	run();
	ck_assert(end(find_action(HA_ACT_FENCE)->fence.id, HA_FENCE_ON, ""));
	commit(HA_FACT_PROOF, HA_PROOF_POWER, 1);
	check_stays_off();
}
END_TEST

/* An attempt that begins while a host is still being switched on. */
START_TEST(switching_on_is_heard_of_during_the_next_attempt)
{
	uint64_t on, off;

	lose();
	devices[0].power_on = true;
	prove(FENCE_CODE_OFF, 0);
	on = check_does(HA_FENCE_OP_POWER_ON, 0, FIRST_LEVEL);
	state->fence_number = NUMBER + 1;
	fence_fact(bent, &(struct ha_fact){ .kind = HA_FACT_FENCE,
					    .host = LOST, .by = 1,
					    .number = NUMBER + 1 });
	run();
	off = check_does(HA_FENCE_OP_OFF, 0, FIRST_LEVEL);
	ck_assert(end(on, HA_FENCE_FAILED, "no answer"));
	ck_assert_uint_eq(bent_told(), 1);
	ck_assert_ptr_null(find_action(HA_ACT_FENCE));
	ck_assert(end(off, HA_FENCE_OFF, ""));
	run();
	ck_assert_uint_eq(find_action(HA_ACT_SEND)->msg->fenced.number,
			  NUMBER + 1);
}
END_TEST

/* --- a small view, where nothing commits before the proofs --- */

#define ABSENT 4 /* of its voters one that no epoch of the replica had */

static void lose_half(void)
{
	lose();
	bent_halve(ABSENT);
	hosts[LOST - 1].id = ABSENT;
	hosts[LOST - 1].level_count = 1;
	soft = &bent->hosts[ABSENT - 1];
	soft->seen_alive = true;
}

static uint64_t check_tries(enum ha_fence_op op)
{
	ck_assert_uint_eq(decide().kind, HA_FACT_NONE);
	ck_assert_uint_eq(bent_told(), 1);
	ck_assert_int_eq(bent_last_trace()->fence, HA_TRACE_FENCE_ASKED);
	ck_assert_uint_eq(bent_last_trace()->host, ABSENT);
	ck_assert_uint_eq(bent_last_trace()->by, 1);
	return check_does(op, 0, FIRST_LEVEL);
}

START_TEST(a_small_view_tries_by_itself)
{
	static const ha_dur pauses[] = { HA_S(2), HA_S(5), HA_S(4), HA_S(8) };

	lose_half();
	for (size_t i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		ck_assert(end(check_tries(HA_FENCE_OP_OFF),
			      i == 1 ? HA_FENCE_ON : HA_FENCE_FAILED, ""));
		ck_assert_uint_eq(decide().kind, HA_FACT_NONE);
		check_waits_until(bent->now + pauses[i]);
	}
	lose_half();
	soft->seen_alive = false; /* it may still boot */
	bent->now = bent->first_open_at + bent->config->start_wait - 1;
	check_tries(HA_FENCE_OP_STATUS);
	ck_assert_int_eq(bent->wake, bent->now + 1);
	check_not_asked(); /* that is under way */
}
END_TEST

static void add_coordinator(Suite *s)
{
	TCase *t = tcase_create("coordinator");

	tcase_add_checked_fixture(t, set_up, bent_tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, whom_it_fences);
	tcase_add_test(t, who_was_never_seen_is_asked_first);
	tcase_add_test(t, a_small_half_without_the_first_host_waits);
	tcase_add_test(t, later_tries_go_round_those_who_can);
	tcase_add_test(t, no_number_is_given_twice);
	tcase_add_test(t, an_attempt_ends_in_time);
	tcase_add_test(t, an_executor_that_is_down_asks_for_no_more);
	tcase_add_test(t, off_is_no_proof_of_a_member);
	tcase_add_test(t, whose_word_counts);
	tcase_add_test(t, its_word_counts_of_any_host);
	tcase_add_test(t, what_comes_of_its_word);
	tcase_add_test(t, off_is_the_proof);
	tcase_add_test(t, the_next_try_is_later_each_time);
	tcase_add_test(t, when_an_attempt_began);
	tcase_add_test(t, members_tell_it_too);
	suite_add_tcase(s, t);
}

static void add_executor(Suite *s)
{
	TCase *t = tcase_create("executor");

	tcase_add_checked_fixture(t, set_up, bent_tear_down);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, the_executor_tries_level_by_level);
	tcase_add_test(t, who_stood_still_takes_no_power);
	tcase_add_test(t, power_may_only_be_asked_for);
	tcase_add_test(t, a_host_without_a_device);
	tcase_add_test(t, what_is_not_begun);
	tcase_add_test(t, the_next_attempt_begins_anew);
	tcase_add_test(t, an_attempt_goes_on_as_it_was_asked);
	tcase_add_test(t, an_earlier_attempt_says_nothing_of_the_next);
	tcase_add_test(t, a_hacd_that_restarted_does_not_try_again);
	tcase_add_test(t, a_new_epoch_drops_what_a_small_view_tried);
	tcase_add_test(t, a_proven_host_is_switched_on_again);
	tcase_add_test(t, who_is_not_switched_on);
	tcase_add_test(t, switching_on_is_heard_of_during_the_next_attempt);
	tcase_add_test(t, a_small_view_tries_by_itself);
	suite_add_tcase(s, t);
}

int main(void)
{
	Suite *s = suite_create("fence");

	add_coordinator(s);
	add_executor(s);
	return test_main(s);
}
