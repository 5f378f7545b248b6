/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the core wants done, one function for each kind of action.
 */
#include <stdlib.h>
#include <string.h>

#include "alert.h"
#include "base/err.h"
#include "hacd.h"
#include "status.h"
#include "tools.h"
#include "wire/peer.h"

static void send_message(struct hacd *h, const struct ha_msg *msg)
{
	struct ha_buf buf = { 0 };
	int rc;

	if (msg->kind == HA_MSG_WANT_BODY) {
		(void)bodies_load(h->bodies, &msg->body); /* may be on its own disk */
	}
	if (!h->corosync) {
		return; /* as without a view */
	}
	rc = ha_peer_pack(msg, &buf);
	if (rc == 0) {
		port_corosync_send(h->corosync, buf.data, buf.len);
	} else {
		ha_log(HA_LOG_ERR, "a message to the other hosts cannot be "
		       "packed: %s; dropped", ha_err_text(rc));
	}
	ha_buf_fini(&buf);
}

static void send_body(struct hacd *h, const struct ha_hash *hash)
{
	const struct body *body = bodies_find(h->bodies, hash);

	if (body && h->corosync) {
		port_corosync_send_body(h->corosync, body->text, body->len);
	}
}

static enum ha_am_kind vm_message(enum ha_vm_op op)
{
	switch (op) {
	case HA_VM_START:
		return HA_AM_VM_START;
	case HA_VM_SHUTDOWN:
		return HA_AM_VM_SHUTDOWN;
	case HA_VM_DESTROY:
		return HA_AM_VM_DESTROY;
	case HA_VM_LOOK:
		return HA_AM_VM_LOOK;
	case HA_VM_AWAIT_GUEST:
	case HA_VM_AWAIT_APP:
		return HA_AM_VM_READY;
	}
	return HA_AM_VM_LOOK;
}

static uint32_t as_ms(ha_dur d)
{
	return d <= 0 ? 0 : d / HA_MS(1) > UINT32_MAX ? UINT32_MAX
						      : (uint32_t)(d / HA_MS(1));
}

static void begin_vm(struct hacd *h, const struct ha_action *a)
{
	struct op op = { .id = a->vm.id, .agent = HA_AGENT_VM };
	struct ha_am m = {
		.kind = vm_message(a->vm.op),
		.id = a->vm.id,
		.uuid = a->vm.uuid,
		.timeout_ms = as_ms(a->vm.timeout),
	};

	if (a->vm.op == HA_VM_START) {
		m.name = a->vm.vm->name;
		m.text = a->vm.vm->domain_xml;
	} else if (a->vm.op == HA_VM_AWAIT_APP) {
		m.first = a->vm.vm->restart.ready_port;
		m.name = a->vm.vm->restart.ready_address;
		m.text = m.first == 0 ? a->vm.vm->restart.ready_command : NULL;
	}
	agents_send(h, &op, &m);
}

static void begin_fence(struct hacd *h, const struct ha_action *a)
{
	struct ha_param params[HA_FENCE_STEPS_MAX][2 * HA_FENCE_PARAMS_MAX];
	struct ha_am_step steps[HA_FENCE_STEPS_MAX];
	struct op op = { .id = a->fence.id, .agent = HA_AGENT_FENCE };
	struct ha_am m = {
		.kind = HA_AM_FENCE,
		.id = a->fence.id,
		.op = a->fence.op,
		.name = a->fence.host->name,
		.timeout_ms = as_ms(a->fence.timeout),
		.steps = steps,
	};

	m.step_count = agents_fence_steps(
		a->fence.config, &a->fence.host->levels[a->fence.level], steps,
		params);
	agents_send(h, &op, &m);
}

static void cancel(struct hacd *h, uint64_t id)
{
	enum ha_agent agent = ops_agent(&h->ops, id);
	struct ha_am m = { .kind = HA_AM_CANCEL, .id = id };
	struct op op;

	if (ops_take(&h->ops, id, &op) &&
	    port_agent_send(h->agents[agent], &m) != 0) {
		ha_log(HA_LOG_DEBUG, "an operation is not cancelled: its agent "
		       "has ended, and it with it");
	}
}

void execute_trace(struct hacd *h, const struct ha_trace *trace)
{
	static const enum ha_log_level levels[] = {
		[HA_TRACE_INFO] = HA_LOG_INFO,
		[HA_TRACE_NOTICE] = HA_LOG_NOTICE,
		[HA_TRACE_WARNING] = HA_LOG_WARNING,
	};
	json_t *event = events_add(h->events, h->core, trace);
	char *line = event ? json_dumps(event, JSON_COMPACT) : NULL;

	ha_log(levels[trace->level], "%s", trace->text);
	if (line) {
		port_disk_add_event(h->disk, line);
		tools_event(h, event);
	}
	free(line);
}

static void call_alert(struct hacd *h, const struct ha_action *a)
{
	const struct ha_config *config = ha_core_config(h->core);
	const struct ha_vm_conf *vm =
		config ? ha_config_vm(config, &a->alert.trace.vm) : NULL;
	char host[80];
	struct alert_facts facts = {
		.what = a->alert.what,
		.cluster = config ? config->name : "",
		.host = status_host_name(h->core, a->alert.trace.host, host),
		.vm = vm ? vm->name : "",
		.text = a->alert.trace.text,
	};

	execute_trace(h, &a->alert.trace);
	alert_call(h->loop, config ? config->alert : NULL, &facts);
}

void execute_action(struct hacd *h, const struct ha_action *a)
{
	switch (a->kind) {
	case HA_ACT_SEND:
		send_message(h, a->msg);
		break;
	case HA_ACT_PERSIST:
		port_disk_persist(h->disk, a->persist.op, a->persist.state);
		break;
	case HA_ACT_SEND_BODY:
		send_body(h, &a->body);
		break;
	case HA_ACT_EXPECT_VOTES:
		if (h->corosync) {
			port_corosync_expect(a->votes);
		}
		break;
	case HA_ACT_DROP_CONFIG:
		bodies_drop(h->bodies, a->config);
		break;
	case HA_ACT_VM:
		begin_vm(h, a);
		break;
	case HA_ACT_FENCE:
		begin_fence(h, a);
		break;
	case HA_ACT_CANCEL:
		cancel(h, a->cancel);
		break;
	case HA_ACT_ANSWER:
		tools_answer(h, &a->answer);
		break;
	case HA_ACT_TRACE:
		execute_trace(h, &a->trace);
		break;
	case HA_ACT_ALERT:
		call_alert(h, a);
		break;
	}
}
