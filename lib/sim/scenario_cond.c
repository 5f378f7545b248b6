/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/scenario_cond.h"

#include <string.h>

static const char a_host[] = "a host's name";
static const char a_vm[] = "a VM's name";

static void parse_vm_state(struct ha_scn_lex *x, struct ha_scn_cond *c)
{
	const char *word = scn_lex_word(x, "a state of a VM");

	for (int s = 0; word && s < HA_SCN_VM_STATE_COUNT; s++) {
		if (strcmp(ha_scn_vm_state_name((enum ha_scn_vm_state)s),
			   word) == 0) {
			c->state = (uint32_t)s;
			if (scn_lex_accept(x, "on")) {
				c->names = scn_lex_list(x, a_host);
			}
			return;
		}
	}
	if (word) {
		scn_lex_fail(x, "'%s' where a VM's state is expected: running, "
			     "stopped, starting, stopping, waiting, "
			     "recovering, failed, migrating, unknown, "
			     "incident, new; or 'starts N'", word);
	}
}

static void parse_vm(struct ha_scn_lex *x, struct ha_scn_cond *c)
{
	c->name = scn_lex_name(x, a_vm);
	if (scn_lex_accept(x, "starts")) {
		c->kind = HA_SCN_COND_VM_STARTS;
		c->number = scn_lex_number(x, "how many starts");
		return;
	}
	c->kind = HA_SCN_COND_VM;
	parse_vm_state(x, c);
}

static bool is_count(const struct ha_scn_lex *x)
{
	const char *word = scn_lex_peek(x);

	return word && word[0] >= '0' && word[0] <= '9';
}

static void parse_host(struct ha_scn_lex *x, struct ha_scn_cond *c)
{
	const char *word;

	c->name = scn_lex_name(x, a_host);
	word = scn_lex_word(x, "a state of a host");
	c->kind = HA_SCN_COND_HOST;
	for (int s = 0; word && s < HA_SCN_HOST_STATE_COUNT; s++) {
		if (strcmp(ha_scn_host_state_name((enum ha_scn_host_state)s),
			   word) != 0) {
			continue;
		}
		c->state = (uint32_t)s;
		if (s == HA_SCN_HOST_FENCED && is_count(x)) {
			c->kind = HA_SCN_COND_FENCED;
			c->number = scn_lex_number(x, "how many times");
			if (!scn_lex_accept(x, "times")) {
				scn_lex_fail(x, "'times' is expected");
			}
		}
		return;
	}
	if (word) {
		scn_lex_fail(x, "'%s' where a host's state is expected: online, "
			     "joining, lost, left, leaving, agent-down, "
			     "isolated, fenced, maintenance, frozen, new, off",
			     word);
	}
}

static void parse_order(struct ha_scn_lex *x, struct ha_scn_cond *c)
{
	c->kind = HA_SCN_COND_ORDER;
	c->names.names = scn_arena_take(x->arena,
					SCN_WORDS_MAX * sizeof(char *));
	while (c->names.names && scn_lex_peek(x) &&
	       strcmp(scn_lex_peek(x), "within") != 0 &&
	       strcmp(scn_lex_peek(x), "for") != 0) {
		c->names.names[c->names.count++] = scn_lex_name(x, a_vm);
	}
	if (c->names.count < 2) {
		scn_lex_fail(x, "two or more VMs are expected after 'order'");
	}
}

static void parse_rule(struct ha_scn_lex *x, struct ha_scn_cond *c)
{
	c->kind = HA_SCN_COND_RULE;
	c->state = HA_SCN_MEND_ANY;
	c->name = scn_lex_name(x, "a rule's name");
	if (!scn_lex_accept(x, "broken")) {
		scn_lex_fail(x, "'broken' is expected after a rule");
		return;
	}
	for (uint32_t m = HA_SCN_MEND_ANY + 1; m < HA_SCN_MEND_COUNT; m++) {
		if (scn_lex_accept(x, ha_scn_mend_name((enum ha_scn_mend)m))) {
			c->state = m;
			return;
		}
	}
}

void scn_cond_parse(struct ha_scn_lex *x, struct ha_scn_cond *c)
{
	c->negated = scn_lex_accept(x, "no");
	if (scn_lex_accept(x, "vm")) {
		parse_vm(x, c);
	} else if (scn_lex_accept(x, "host")) {
		parse_host(x, c);
	} else if (scn_lex_accept(x, "coordinator")) {
		c->kind = HA_SCN_COND_COORDINATOR;
		c->name = scn_lex_name(x, a_host);
	} else if (scn_lex_accept(x, "quorate")) {
		c->kind = HA_SCN_COND_QUORATE;
		c->name = scn_lex_accept(x, "on") ? scn_lex_name(x, a_host)
						  : NULL;
	} else if (scn_lex_accept(x, "order")) {
		parse_order(x, c);
	} else if (scn_lex_accept(x, "trace")) {
		c->kind = HA_SCN_COND_TRACE;
		c->text = scn_lex_word(x, "a text in quotes");
	} else if (scn_lex_accept(x, "settled")) {
		c->kind = HA_SCN_COND_SETTLED;
	} else if (scn_lex_accept(x, "rule")) {
		parse_rule(x, c);
	} else {
		const char *word = scn_lex_word(x, "a condition");

		scn_lex_fail(x, "'%s' where a condition is expected: vm, host, "
			     "coordinator, quorate, order, trace, settled or rule",
			     word ? word : "");
	}
}

static void print_names(const struct ha_scn_list *l, const char *sep,
			struct ha_buf *out)
{
	for (size_t i = 0; i < l->count; i++) {
		ha_buf_printf(out, "%s%s", i > 0 ? sep : "", l->names[i]);
	}
}

static void print_host(const struct ha_scn_cond *c, struct ha_buf *out)
{
	enum ha_scn_host_state s = (enum ha_scn_host_state)c->state;

	ha_buf_printf(out, "host %s %s", c->name, ha_scn_host_state_name(s));
}

static void print_vm(const struct ha_scn_cond *c, struct ha_buf *out)
{
	enum ha_scn_vm_state s = (enum ha_scn_vm_state)c->state;

	ha_buf_printf(out, "vm %s %s", c->name, ha_scn_vm_state_name(s));
	if (c->names.count > 0) {
		ha_buf_puts(out, " on ");
		print_names(&c->names, ",", out);
	}
}

void ha_scn_cond_print(const struct ha_scn_cond *c, struct ha_buf *out)
{
	ha_buf_puts(out, c->negated ? "no " : "");
	switch (c->kind) {
	case HA_SCN_COND_VM:
		print_vm(c, out);
		break;
	case HA_SCN_COND_VM_STARTS:
		ha_buf_printf(out, "vm %s starts %u", c->name, c->number);
		break;
	case HA_SCN_COND_HOST:
		print_host(c, out);
		break;
	case HA_SCN_COND_FENCED:
		ha_buf_printf(out, "host %s fenced %u times", c->name,
			      c->number);
		break;
	case HA_SCN_COND_COORDINATOR:
		ha_buf_printf(out, "coordinator %s", c->name);
		break;
	case HA_SCN_COND_QUORATE:
		ha_buf_printf(out, "quorate%s%s", c->name ? " on " : "",
			      c->name ? c->name : "");
		break;
	case HA_SCN_COND_ORDER:
		ha_buf_puts(out, "order ");
		print_names(&c->names, " ", out);
		break;
	case HA_SCN_COND_TRACE:
		ha_buf_printf(out, "trace \"%s\"", c->text);
		break;
	case HA_SCN_COND_SETTLED:
		ha_buf_puts(out, "settled");
		break;
	case HA_SCN_COND_RULE:
		ha_buf_printf(out, "rule %s broken%s%s", c->name,
			      c->state != HA_SCN_MEND_ANY ? " " : "",
			      ha_scn_mend_name((enum ha_scn_mend)c->state));
		break;
	}
}
