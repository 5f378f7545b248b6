/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the agents for VMs and fencing are asked, and what they say.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "hacd.h"
#include "tools.h"
#include "wire/agent.h"

static const char *const programs[HA_AGENT_COUNT] = {
	[HA_AGENT_VM] = "hac-agent-vm",
	[HA_AGENT_FENCE] = "hac-agent-fence",
};

static void tell_agent(struct hacd *h, enum ha_agent agent, bool up)
{
	struct ha_event ev = { .kind = HA_EV_AGENT };

	ev.agent.agent = agent;
	ev.agent.up = up;
	hacd_step(h, &ev);
}

static void tell_result(struct hacd *h, const struct op *op,
			const struct ha_am *m)
{
	struct ha_event ev = { .kind = HA_EV_RESULT };

	if (op->client != 0) {
		tools_result(h, op, m);
		return;
	}
	ev.result.id = op->id;
	ev.result.code = m->code;
	snprintf(ev.result.text, sizeof(ev.result.text), "%.*s", HA_TEXT_MAX,
		 m->text);
	hacd_step(h, &ev);
}

static void tell_inventory(struct hacd *h, const struct ha_am *m)
{
	struct ha_event ev = { .kind = HA_EV_INVENTORY };
	struct ha_domain *list = calloc(m->domain_count + 1, sizeof(*list));

	if (!list) {
		ha_log(HA_LOG_ERR, "out of memory: the VMs of this host stay "
		       "unknown until the agent says them again");
		return;
	}
	for (size_t i = 0; i < m->domain_count; i++) {
		list[i] = m->domains[i].domain;
	}
	ev.inventory.domains = list;
	ev.inventory.count = m->domain_count;
	ev.inventory.memory_kib = m->memory_kib;
	ev.inventory.cpus = m->cpus;
	ev.inventory.cpu_mhz = m->cpu_mhz;
	hacd_step(h, &ev);
	free(list);
}

static void tell_domain(struct hacd *h, const struct ha_am *m)
{
	struct ha_event ev = { .kind = HA_EV_DOMAIN };

	if (m->domain_count == 1) {
		ev.domain = m->domains[0].domain;
		hacd_step(h, &ev);
	}
}

/* It has been logged by the agent itself. */
static void take_note(struct hacd *h, const struct ha_am *m)
{
	struct ha_trace t;

	memset(&t, 0, sizeof(t));
	t.topic = HA_TOPIC_HOST;
	t.host = h->params.self;
	t.level = m->code <= HA_LOG_WARNING ? HA_TRACE_WARNING
		  : m->code == HA_LOG_NOTICE ? HA_TRACE_NOTICE
					     : HA_TRACE_INFO;
	t.index = ha_core_state(h->core)->index;
	snprintf(t.text, sizeof(t.text), "%.*s", HA_TEXT_MAX, m->text);
	execute_trace(h, &t);
}

static void handle(struct hacd *h, enum ha_agent agent, const struct ha_am *m)
{
	struct op op;

	if (m->kind == HA_AM_UP || m->kind == HA_AM_DOWN) {
		if (m->kind == HA_AM_DOWN) {
			ha_log(HA_LOG_WARNING, "%s cannot work: %s",
			       programs[agent], m->text);
		}
		tell_agent(h, agent, m->kind == HA_AM_UP);
	} else if (m->kind == HA_AM_RESULT || m->kind == HA_AM_XML) {
		if (ops_take(&h->ops, m->id, &op)) {
			tell_result(h, &op, m);
		}
	} else if (m->kind == HA_AM_NOTE) {
		take_note(h, m);
	} else if (agent == HA_AGENT_VM && m->kind == HA_AM_INVENTORY) {
		tell_inventory(h, m);
	} else if (agent == HA_AGENT_VM && m->kind == HA_AM_DOMAIN) {
		tell_domain(h, m);
	} else {
		ha_log(HA_LOG_WARNING, "%s sent a message of kind '%s', which "
		       "is not for hacd; dropped", programs[agent],
		       ha_am_kind_name(m->kind));
	}
}

static void on_vm_message(const struct ha_am *m, void *arg)
{
	handle(arg, HA_AGENT_VM, m);
}

static void on_fence_message(const struct ha_am *m, void *arg)
{
	handle(arg, HA_AGENT_FENCE, m);
}

static struct ha_am make_failure(enum ha_agent agent, uint32_t vm_code,
				 const char *text)
{
	return (struct ha_am){
		.kind = HA_AM_RESULT,
		.code = agent == HA_AGENT_VM ? vm_code : HA_FENCE_FAILED,
		.text = text,
	};
}

static void lose_agent(struct hacd *h, enum ha_agent agent)
{
	struct ha_am m = make_failure(agent, HA_OP_UNKNOWN,
				      "its agent ended in the middle");
	struct op op;

	tell_agent(h, agent, false);
	while (ops_take_any(&h->ops, agent, &op)) {
		tell_result(h, &op, &m);
	}
}

static void on_vm_gone(void *arg)
{
	lose_agent(arg, HA_AGENT_VM);
}

static void on_fence_gone(void *arg)
{
	lose_agent(arg, HA_AGENT_FENCE);
}

bool agents_create(struct hacd *h)
{
	const struct port_agent_user users[HA_AGENT_COUNT] = {
		[HA_AGENT_VM] = { on_vm_message, on_vm_gone, h },
		[HA_AGENT_FENCE] = { on_fence_message, on_fence_gone, h },
	};

	for (int i = 1; i < HA_AGENT_COUNT; i++) {
		const struct port_agent_program program = {
			.dir = h->options->agents_dir, .name = programs[i],
		};

		h->agents[i] = port_agent_create(h->loop, &program, &users[i]);
		if (!h->agents[i]) {
			return false;
		}
	}
	return true;
}

void agents_send(struct hacd *h, const struct op *op, const struct ha_am *m)
{
	struct ha_am failure;
	int rc = ops_add(&h->ops, op) ? 0 : HA_E_NO_MEMORY;
	struct op again;

	if (rc == 0) {
		rc = h->agents[op->agent]
			     ? port_agent_send(h->agents[op->agent], m)
			     : HA_E_GONE;
	}
	if (rc == 0) {
		return;
	}
	(void)ops_take(&h->ops, op->id, &again); /* not there without memory */
	failure = make_failure(op->agent, m->kind == HA_AM_VM_READY
						  ? HA_OP_UNKNOWN
						  : HA_OP_FAILED,
			       rc == HA_E_GONE ? "its agent does not run"
					       : ha_err_text(rc));
	tell_result(h, op, &failure);
}

size_t agents_fence_steps(const struct ha_config *config,
			  const struct ha_fence_level *level,
			  struct ha_am_step *ret_list,
			  struct ha_param (*ret_params)[2 * HA_FENCE_PARAMS_MAX])
{
	for (size_t i = 0; i < level->step_count; i++) {
		const struct ha_fence_step *s = &level->steps[i];
		const struct ha_fence_device *d = &config->devices[s->device];

		memcpy(ret_params[i], d->params,
		       d->param_count * sizeof(*d->params));
		if (s->param_count > 0) {
			memcpy(ret_params[i] + d->param_count, s->params,
			       s->param_count * sizeof(*s->params));
		}
		ret_list[i] = (struct ha_am_step){
			.device = d->name,
			.agent = d->agent,
			.params = ret_params[i],
			.param_count = d->param_count + s->param_count,
			.timeout_ms = (uint32_t)(d->timeout / HA_MS(1)),
			.retries = d->retries,
		};
	}
	return level->step_count;
}
