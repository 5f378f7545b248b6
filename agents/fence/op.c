/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "op.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_ON 0  /* of an agent's status action */
#define EXIT_OFF 2
#define RUN_LIMIT HA_S(20) /* if the device has none of its own */
#define OP_LIMIT HA_S(120)
#define PAUSE_FIRST HA_MS(50)
#define PAUSE_MAX HA_MS(1000)
#define RETRY_PAUSE HA_MS(500)

static const char *const phase_actions[] = {
	[HA_PHASE_OFF] = "off",
	[HA_PHASE_VERIFY] = "status",
	[HA_PHASE_CONFIRM] = "status",
	[HA_PHASE_STATUS] = "status",
	[HA_PHASE_ON] = "on",
	[HA_PHASE_ENDED] = "",
};

static const struct ha_am_step *present_step(const struct ha_op *op)
{
	assert(op->step < op->msg.step_count);
	return &op->msg.steps[op->step];
}

static ha_dur run_dur(const struct ha_op *op)
{
	uint32_t ms = present_step(op)->timeout_ms;

	return ms ? HA_MS(ms) : RUN_LIMIT;
}

static void end_op(struct ha_op *op, uint32_t code, const char *text)
{
	op->phase = HA_PHASE_ENDED;
	op->code = code;
	op->wake = HA_TIME_NEVER;
	snprintf(op->text, sizeof(op->text), "%s", text);
	for (char *c = op->text; *c; c++) { /* names may hold anything */
		if ((unsigned char)*c < ' ' || *c == 127) {
			*c = '?';
		}
	}
	if (op->child.pid > 0) {
		ha_child_kill(&op->child);
	}
}

/* Said of the present device, or of all of several. */
static void end_well(struct ha_op *op, uint32_t code, const char *what)
{
	char text[HA_FENCE_TEXT];

	if (op->msg.step_count > 1) {
		snprintf(text, sizeof(text), "%s (%zu devices)", what,
			 op->msg.step_count);
	} else {
		snprintf(text, sizeof(text), "%s (device '%.63s', %.63s)", what,
			 present_step(op)->device, present_step(op)->agent);
	}
	end_op(op, code, text);
}

static void go_to(struct ha_op *op, enum ha_op_phase phase, ha_time wake)
{
	op->phase = phase;
	op->wake = wake;
}

/* Another try of this device's action, or the end. */
static void try_again(struct ha_op *op, enum ha_op_phase phase, ha_time now)
{
	if (op->tries++ >= present_step(op)->retries) {
		end_op(op, HA_FENCE_FAILED, op->fault);
	} else {
		go_to(op, phase, now + RETRY_PAUSE);
	}
}

static bool has_next_step(struct ha_op *op)
{
	op->tries = 0;
	if (op->step + 1 < op->msg.step_count) {
		op->step++;
		return true;
	}
	return false;
}

/* What an agent said, without the time and level that most put before it:
 * "2026-11-25 19:51:34,351 ERROR: Connection timed out". */
static const char *reason_of(const char *line)
{
	const char *level = strstr(line, " ERROR: ");

	if (line[0] >= '0' && line[0] <= '9' && level) {
		line = level + strlen(" ERROR: ");
	}
	return line[0] ? line : "no reason given";
}

/* The run of the present phase ended with this exit code. The reason comes
 * early: those who keep the text may have to cut it. */
static void note_fault(struct ha_op *op, int code)
{
	const struct ha_am_step *s = present_step(op);
	const char *action = phase_actions[op->phase];

	if (op->run_killed) {
		snprintf(op->fault, sizeof(op->fault), "device '%.63s': %.32s did "
			 "not end its action '%s' within %lld ms and was killed",
			 s->device, s->agent, action,
			 (long long)(run_dur(op) / 1000));
	} else if (strcmp(action, "status") == 0 && code == EXIT_ON) {
		snprintf(op->fault, sizeof(op->fault), "device '%.63s': the power "
			 "still reads on after 'off'", s->device);
	} else if (code == HA_CHILD_KILLED) {
		snprintf(op->fault, sizeof(op->fault), "device '%.63s': %.32s "
			 "died in its action '%s'", s->device, s->agent, action);
	} else {
		snprintf(op->fault, sizeof(op->fault), "device '%.63s': %.120s "
			 "('%s', exit %d)", s->device,
			 reason_of(op->child.line), action, code);
	}
}

/* One that was refused "off" may be off all the same: its status decides. */
static void after_off(struct ha_op *op, int code, ha_time now)
{
	op->verify_until = now + run_dur(op);
	op->pause = PAUSE_FIRST;
	if (code != 0) {
		note_fault(op, code);
		op->verify_until = now;
	}
	go_to(op, HA_PHASE_VERIFY, now);
}

static void after_verify(struct ha_op *op, int code, ha_time now)
{
	if (code == EXIT_OFF) {
		if (has_next_step(op)) {
			go_to(op, HA_PHASE_OFF, now);
		} else if (op->msg.step_count > 1) {
			op->step = 0;
			go_to(op, HA_PHASE_CONFIRM, now);
		} else {
			end_well(op, HA_FENCE_OFF, "power reads off");
		}
		return;
	}
	if (now < op->verify_until) {
		note_fault(op, code);
		go_to(op, HA_PHASE_VERIFY, now + op->pause);
		op->pause = op->pause * 2 < PAUSE_MAX ? op->pause * 2 : PAUSE_MAX;
		return;
	}
	if (op->fault[0] == '\0') {
		note_fault(op, code);
	}
	try_again(op, HA_PHASE_OFF, now);
}

static void after_confirm(struct ha_op *op, int code, ha_time now)
{
	if (code != EXIT_OFF) {
		note_fault(op, code);
		end_op(op, HA_FENCE_FAILED, op->fault);
	} else if (has_next_step(op)) {
		go_to(op, HA_PHASE_CONFIRM, now);
	} else {
		end_well(op, HA_FENCE_OFF, "power reads off");
	}
}

static void after_status(struct ha_op *op, int code, ha_time now)
{
	if (code != EXIT_OFF && code != EXIT_ON) {
		note_fault(op, code);
		try_again(op, HA_PHASE_STATUS, now);
		return;
	}
	op->reads_on = op->reads_on || code == EXIT_ON;
	if (has_next_step(op)) {
		go_to(op, HA_PHASE_STATUS, now);
	} else if (op->reads_on) {
		end_well(op, HA_FENCE_ON, "power reads on");
	} else {
		end_well(op, HA_FENCE_OFF, "power reads off");
	}
}

static void after_on(struct ha_op *op, int code, ha_time now)
{
	if (code != 0) {
		note_fault(op, code);
		try_again(op, HA_PHASE_ON, now);
	} else if (has_next_step(op)) {
		go_to(op, HA_PHASE_ON, now);
	} else {
		end_well(op, HA_FENCE_ON, "switched on");
	}
}

static void after_run(struct ha_op *op, int code, ha_time now)
{
	switch (op->phase) {
	case HA_PHASE_OFF:
		after_off(op, code, now);
		break;
	case HA_PHASE_VERIFY:
		after_verify(op, code, now);
		break;
	case HA_PHASE_CONFIRM:
		after_confirm(op, code, now);
		break;
	case HA_PHASE_STATUS:
		after_status(op, code, now);
		break;
	case HA_PHASE_ON:
		after_on(op, code, now);
		break;
	case HA_PHASE_ENDED:
		break;
	}
}

static bool is_agent_name(const char *s)
{
	if (strncmp(s, "fence_", 6) != 0 || s[6] == '\0' ||
	    strlen(s) > HA_NAME_MAX) {
		return false;
	}
	return strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(s);
}

/* The program of the present step; on failure op->fault says why. */
static bool find_program(struct ha_op *op, char path[512])
{
	const struct ha_am_step *s = present_step(op);

	if (!is_agent_name(s->agent)) {
		snprintf(op->fault, sizeof(op->fault), "device '%.63s': '%.63s' is "
			 "no name of a fence agent (fence_…)", s->device, s->agent);
		return false;
	}
	snprintf(path, 512, "%.400s/%s", op->agents_path, s->agent);
	if (access(path, X_OK) < 0) {
		snprintf(op->fault, sizeof(op->fault), "device '%.63s': %.100s is "
			 "not there or cannot be run; install fence-agents",
			 s->device, path);
		return false;
	}
	return true;
}

static void begin_run(struct ha_op *op, ha_time now)
{
	struct ha_param_lines lines = { .text = "" };
	char path[512];

	op->wake = HA_TIME_NEVER;
	op->run_killed = false;
	if (!find_program(op, path)) {
		end_op(op, HA_FENCE_FAILED, op->fault);
		return;
	}
	if (ha_param_render(present_step(op), phase_actions[op->phase],
			    &lines) < 0 ||
	    ha_child_start(&op->child, path, &lines) < 0) {
		end_op(op, HA_FENCE_FAILED, lines.text);
	} else {
		op->run_limit = now + run_dur(op);
	}
	ha_param_wipe(&lines.input);
	ha_param_wipe(&lines.secrets);
}

/* CHECK runs nothing: are the programs and the secrets there? */
static void check_steps(struct ha_op *op)
{
	do {
		struct ha_param_lines lines;
		char path[512];
		bool ok = find_program(op, path);
		int rc = ha_param_render(present_step(op), "status", &lines);

		if (ok && rc < 0) {
			snprintf(op->fault, sizeof(op->fault), "%s", lines.text);
		}
		ha_param_wipe(&lines.input);
		ha_param_wipe(&lines.secrets);
		if (!ok || rc < 0) {
			end_op(op, HA_FENCE_FAILED, op->fault);
			return;
		}
	} while (has_next_step(op));
	end_well(op, HA_FENCE_ON, "agents and secrets are there");
}

static void begin_phase(struct ha_op *op, ha_time now)
{
	if (op->msg.step_count == 0) {
		end_op(op, HA_FENCE_FAILED, "no fence device is configured");
	} else if (op->msg.op == HA_FENCE_OP_OFF) {
		go_to(op, HA_PHASE_OFF, now);
	} else if (op->msg.op == HA_FENCE_OP_STATUS) {
		go_to(op, HA_PHASE_STATUS, now);
	} else if (op->msg.op == HA_FENCE_OP_POWER_ON) {
		go_to(op, HA_PHASE_ON, now);
	} else if (op->msg.op == HA_FENCE_OP_CHECK) {
		check_steps(op);
	} else {
		end_op(op, HA_FENCE_FAILED, "no such operation");
	}
}

struct ha_op *ha_op_begin(struct ha_am *msg, const char *agents_path,
			  ha_time now)
{
	struct ha_op *op = calloc(1, sizeof(*op));

	if (!op) {
		ha_am_fini(msg);
		return NULL;
	}
	op->msg = *msg;
	*msg = (struct ha_am){ 0 };
	op->agents_path = agents_path;
	op->child.err = -1;
	op->child.pidfd = -1;
	op->limit = now + (op->msg.timeout_ms ? HA_MS(op->msg.timeout_ms)
					      : OP_LIMIT);
	begin_phase(op, now);
	ha_op_tick(op, now);
	return op;
}

static bool has_ended(const struct ha_child *c)
{
	struct pollfd p = { .fd = c->pidfd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

void ha_op_tick(struct ha_op *op, ha_time now)
{
	char text[HA_FENCE_TEXT];

	if (op->child.pid > 0) {
		ha_child_listen(&op->child);
		if (has_ended(&op->child)) {
			int code = ha_child_reap(&op->child);

			after_run(op, code, now);
		} else if (op->phase != HA_PHASE_ENDED && !op->run_killed &&
			   now >= op->run_limit) {
			op->run_killed = true;
			ha_child_kill(&op->child);
		}
	}
	if (op->phase != HA_PHASE_ENDED && now >= op->limit) {
		snprintf(text, sizeof(text), "not done within the time limit%s%.200s",
			 op->fault[0] ? "; " : "", op->fault);
		end_op(op, HA_FENCE_FAILED, text);
	}
	if (op->phase != HA_PHASE_ENDED && op->child.pid == 0 &&
	    now >= op->wake) {
		begin_run(op, now);
	}
}

ha_time ha_op_next(const struct ha_op *op)
{
	ha_time t;

	if (op->phase == HA_PHASE_ENDED) {
		return HA_TIME_NEVER;
	}
	t = ha_time_min(op->limit, op->wake);
	if (op->child.pid > 0 && !op->run_killed) {
		t = ha_time_min(t, op->run_limit);
	}
	return t;
}

void ha_op_stop(struct ha_op *op)
{
	op->told = true;
	end_op(op, HA_FENCE_FAILED, "cancelled");
}

bool ha_op_over(const struct ha_op *op)
{
	return op->phase == HA_PHASE_ENDED && op->child.pid == 0;
}

void ha_op_destroy(struct ha_op *op)
{
	assert(!op || op->child.pid == 0);
	if (op) {
		ha_am_fini(&op->msg);
		free(op);
	}
}
