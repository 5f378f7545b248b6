/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a step asks of its shell, collected in order. */
#include "core/rules.h"

#include <stdarg.h>
#include <stdio.h>

struct ha_action *out_action(struct ha_core *c, enum ha_action_kind kind)
{
	struct ha_action *a;

	assert(c->action_count < HA_ACTIONS_MAX);
	a = &c->actions[c->action_count++];
	memset(a, 0, sizeof(*a));
	a->kind = kind;
	return a;
}

struct ha_msg *out_msg(struct ha_core *c, enum ha_msg_kind kind)
{
	struct ha_msg *m;

	assert(c->msg_count < OUT_MSGS_MAX);
	m = &c->msgs[c->msg_count++];
	memset(m, 0, sizeof(*m));
	m->kind = kind;
	m->from = self(c);
	m->epoch = c->open ? c->epoch.number : 0;
	out_action(c, HA_ACT_SEND)->msg = m;
	return m;
}

static void fill_trace(struct ha_core *c, struct ha_trace *t, const char *fmt,
		       va_list ap)
{
	t->epoch = c->open ? c->epoch.number : 0;
	t->index = c->state->index;
	vsnprintf(t->text, sizeof(t->text), fmt, ap);
}

void out_trace(struct ha_core *c, const struct ha_trace *where,
	       const char *fmt, ...)
{
	struct ha_action *a = out_action(c, HA_ACT_TRACE);
	va_list ap;

	a->trace = *where;
	va_start(ap, fmt);
	fill_trace(c, &a->trace, fmt, ap);
	va_end(ap);
}

void out_alert(struct ha_core *c, const char *what,
	       const struct ha_trace *where, const char *fmt, ...)
{
	struct ha_action *a = out_action(c, HA_ACT_ALERT);
	va_list ap;

	a->alert.what = what;
	a->alert.trace = *where;
	va_start(ap, fmt);
	fill_trace(c, &a->alert.trace, fmt, ap);
	va_end(ap);
}

struct ha_trace about_cluster(enum ha_trace_level level)
{
	struct ha_trace t;

	memset(&t, 0, sizeof(t));
	t.topic = HA_TOPIC_CLUSTER;
	t.level = level;
	return t;
}

struct ha_trace about_host(ha_hostid host, enum ha_trace_level level)
{
	struct ha_trace t = about_cluster(level);

	t.topic = HA_TOPIC_HOST;
	t.host = host;
	return t;
}

struct ha_trace about_vm(const struct vm_soft *vm, enum ha_trace_level level)
{
	struct ha_trace t = about_cluster(level);

	t.topic = HA_TOPIC_VM;
	t.vm = vm->uuid;
	return t;
}

void about_fact(const struct ha_core *c, const struct ha_fact *f,
		struct ha_trace *t)
{
	const struct ha_vm_state *v = ha_state_vm(c->state, &f->vm);

	t->fact = f->kind;
	t->code = f->code;
	memcpy(t->note, f->text, sizeof(t->note));
	t->note[sizeof(t->note) - 1] = '\0';
	if (t->topic != HA_TOPIC_VM) {
		return;
	}
	t->on = f->host;
	if (f->kind == HA_FACT_VM_OWNER && v) {
		t->code = v->last_why;
		t->from = v->last_owner;
	}
}

/* Names of hosts that no configuration names: their ids. */
static const char numbers[HA_HOSTS_MAX + 1][3] = {
	"?", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12",
	"13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23",
	"24", "25", "26", "27", "28", "29", "30", "31", "32", "33", "34",
	"35", "36", "37", "38", "39", "40", "41", "42", "43", "44", "45",
	"46", "47", "48", "49", "50", "51", "52", "53", "54", "55", "56",
	"57", "58", "59", "60", "61", "62", "63", "64",
};

const char *host_name(const struct ha_core *c, ha_hostid host)
{
	const struct ha_host_conf *h =
		c->config && host != HA_HOST_NONE
			? ha_config_host(c->config, host)
			: NULL;

	return h ? h->name : numbers[host];
}

void host_names(const struct ha_core *c, ha_hostset hosts, char *ret,
		size_t size)
{
	size_t n = 0;

	assert(size > 0);
	ret[0] = '\0';
	while (hosts && n < size) {
		n += (size_t)snprintf(ret + n, size - n, "%s%s",
				      n > 0 ? " and " : "",
				      host_name(c, ha_hostset_pop(&hosts)));
	}
}

void name_hosts(const struct ha_core *c, const char *text, char *ret,
		size_t size)
{
	static const char word[] = "host ";
	size_t n = 0;

	assert(size > 0);
	while (*text && n + 1 < size) {
		const char *digits = text + sizeof(word) - 1;
		size_t len = 0;
		unsigned id = 0;

		if (strncmp(text, word, sizeof(word) - 1) != 0) {
			ret[n++] = *text++;
			continue;
		}
		for (; digits[len] >= '0' && digits[len] <= '9' && len < 3;
		     len++) {
			id = id * 10 + (unsigned)(digits[len] - '0');
		}
		text = digits;
		if (len > 0 && id <= HA_HOSTS_MAX) {
			n += (size_t)snprintf(ret + n, size - n, "host %s",
					      host_name(c, (ha_hostid)id));
			text += len;
		} else {
			n += (size_t)snprintf(ret + n, size - n, "%s", word);
		}
	}
	ret[n < size ? n : size - 1] = '\0';
}

void wake_at(struct ha_core *c, ha_time t)
{
	c->wake = ha_time_min(c->wake, t);
}

uint64_t new_op(struct ha_core *c)
{
	return ++c->op_count;
}
