/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hac-agent-fence - runs fence agents for hacd: one thread, one loop, any
 * number of operations at once. It decides nothing about whom to fence, and
 * says "off" only when the device's status says so. What it runs ends with it.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>

#include "../common/start.h"
#include "base/err.h"
#include "base/log.h"
#include "op.h"

#define OPS_MAX 256

struct agent {
	struct ha_op *ops; /* owned */
	size_t count;
	bool closed;       /* hacd is gone */
};

static const char *arg_agents_path = "/usr/sbin";

static const struct ha_agent_option options[] = {
	{ 'a', "agents-path", "DIR", "where the fence agents are",
	  &arg_agents_path, true },
};

static const struct ha_agent_program program = {
	.name = "hac-agent-fence",
	.what = "Runs fence agents for hacd",
	.options = options,
	.option_count = sizeof(options) / sizeof(options[0]),
};

/* A socket that takes nothing is a hacd that will be restarted, and we too. */
static void send_message(struct agent *agent, const struct ha_am *msg)
{
	struct pollfd p = { .fd = HA_AGENT_FD, .events = POLLOUT };
	int rc = ha_am_send(HA_AGENT_FD, msg);

	if (rc == -EAGAIN && poll(&p, 1, 5000) == 1) {
		rc = ha_am_send(HA_AGENT_FD, msg);
	}
	if (rc < 0) {
		ha_log(HA_LOG_ERR, "cannot send to hacd: %s; leaving",
		       ha_err_text(rc));
		agent->closed = true;
	}
}

static void send_result(struct agent *agent, uint64_t id, uint32_t code,
			const char *text)
{
	struct ha_am msg = { .kind = HA_AM_RESULT, .id = id, .code = code,
			     .text = text };

	send_message(agent, &msg);
}

static const char *op_word(uint32_t op)
{
	return op == HA_FENCE_OP_OFF ? "off" : op == HA_FENCE_OP_STATUS ? "status"
		: op == HA_FENCE_OP_POWER_ON ? "on" : "check";
}

static void begin_op(struct agent *agent, struct ha_am *msg)
{
	uint64_t id = msg->id;
	struct ha_op *op;

	for (op = agent->ops; op; op = op->next) {
		if (op->msg.id == id && !op->told) {
			ha_log(HA_LOG_ERR, "hacd sent operation %" PRIx64 " twice; "
			       "the second is ignored", id);
			ha_am_fini(msg);
			return;
		}
	}
	if (agent->count >= OPS_MAX) {
		ha_am_fini(msg);
		send_result(agent, id, HA_FENCE_FAILED, "too many fence "
			    "operations at once");
		return;
	}
	if (msg->op != HA_FENCE_OP_STATUS && msg->op != HA_FENCE_OP_CHECK) {
		ha_log(HA_LOG_NOTICE, "host '%s': fence action '%s' begins",
		       msg->name, op_word(msg->op));
	}
	op = ha_op_begin(msg, arg_agents_path, ha_time_now());
	if (!op) {
		send_result(agent, id, HA_FENCE_FAILED, "out of memory");
		return;
	}
	op->next = agent->ops;
	agent->ops = op;
	agent->count++;
}

static void handle_message(struct agent *agent, struct ha_am *msg)
{
	if (msg->kind == HA_AM_FENCE) {
		begin_op(agent, msg);
		return;
	}
	if (msg->kind == HA_AM_CANCEL) {
		for (struct ha_op *op = agent->ops; op; op = op->next) {
			if (op->msg.id == msg->id) {
				ha_op_stop(op);
			}
		}
	} else {
		ha_log(HA_LOG_ERR, "hacd sent a message of kind '%s' (%u), which "
		       "is not for this agent; ignored",
		       ha_am_kind_name(msg->kind), (unsigned)msg->kind);
	}
	ha_am_fini(msg);
}

static void receive(struct agent *agent)
{
	while (!agent->closed) {
		struct ha_am msg;
		int rc = ha_am_recv(HA_AGENT_FD, &msg);

		if (rc == 0) {
			handle_message(agent, &msg);
		} else if (rc == -EAGAIN) {
			return;
		} else if (rc == HA_E_SYNTAX || rc == HA_E_LIMIT) {
			ha_log(HA_LOG_ERR, "a message of hacd makes no sense: "
			       "%s; ignored", ha_err_text(rc));
		} else {
			ha_log(HA_LOG_INFO, "hacd closed the connection; leaving");
			agent->closed = true;
		}
	}
}

static void tell_end(struct agent *agent, struct ha_op *op)
{
	op->told = true;
	if (op->code == HA_FENCE_FAILED) {
		ha_log(HA_LOG_WARNING, "host '%s': fence action '%s' failed: %s",
		       op->msg.name, op_word(op->msg.op), op->text);
	} else if (op->msg.op != HA_FENCE_OP_STATUS &&
		   op->msg.op != HA_FENCE_OP_CHECK) {
		ha_log(HA_LOG_NOTICE, "host '%s': fence action '%s': %s",
		       op->msg.name, op_word(op->msg.op), op->text);
	}
	send_result(agent, op->msg.id, op->code, op->text);
}

static void tick_ops(struct agent *agent)
{
	struct ha_op **at = &agent->ops;

	while (*at) {
		struct ha_op *op = *at;

		ha_op_tick(op, ha_time_now());
		if (op->phase == HA_PHASE_ENDED && !op->told) {
			tell_end(agent, op);
		}
		if (ha_op_over(op)) {
			*at = op->next;
			ha_op_destroy(op);
			agent->count--;
		} else {
			at = &op->next;
		}
	}
}

static void wait_for_events(struct agent *agent)
{
	static struct pollfd fds[1 + 2 * OPS_MAX];
	ha_time next = HA_TIME_NEVER;
	ha_time now = ha_time_now();
	nfds_t count = 0;
	int ms = -1;

	fds[count++] = (struct pollfd){ .fd = HA_AGENT_FD, .events = POLLIN };
	for (struct ha_op *op = agent->ops; op; op = op->next) {
		next = ha_time_min(next, ha_op_next(op));
		if (op->child.pid > 0) {
			fds[count++] = (struct pollfd){ .fd = op->child.pidfd,
							.events = POLLIN };
			fds[count++] = (struct pollfd){ .fd = op->child.err,
							.events = POLLIN };
		}
	}
	if (next != HA_TIME_NEVER) {
		ms = next <= now ? 0 : (int)((next - now) / 1000) + 1;
	}
	(void)poll(fds, count, ms);
	if (fds[0].revents) {
		receive(agent);
	}
}

/* A killed process that hangs in the kernel is not waited for. */
static void end_all(struct agent *agent)
{
	ha_time until = ha_time_now() + HA_S(2);

	for (struct ha_op *op = agent->ops; op; op = op->next) {
		ha_op_stop(op);
	}
	for (tick_ops(agent); agent->ops && ha_time_now() < until;
	     tick_ops(agent)) {
		struct pollfd p = { .fd = agent->ops->child.pidfd,
				    .events = POLLIN };

		(void)poll(&p, 1, 100);
	}
}

int main(int argc, char **argv)
{
	const struct ha_am up = { .kind = HA_AM_UP };
	struct agent agent = { 0 };
	int code;

	if (!ha_agent_start(&program, argc, argv, &code)) {
		return code;
	}
	send_message(&agent, &up);
	while (!agent.closed) {
		wait_for_events(&agent);
		tick_ops(&agent);
	}
	end_all(&agent);
	return 0;
}
