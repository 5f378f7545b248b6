/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Before a run: is the story one that can be done? */
#include <stdarg.h>
#include <string.h>

#include "sim/run_priv.h"

static void complain(struct sim_run *r, const struct ha_scn_step *st,
		     const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void complain(struct sim_run *r, const struct ha_scn_step *st,
		     const char *fmt, ...)
{
	va_list ap;

	r->failed = true;
	ha_buf_printf(r->out, "  %s:%u: ", r->sc->path, st->line);
	va_start(ap, fmt);
	ha_buf_vprintf(r->out, fmt, ap);
	va_end(ap);
	if (r->out->data && r->out->data[r->out->len - 1] != '\n') {
		ha_buf_puts(r->out, "\n");
	}
}

static void check_hosts(struct sim_run *r, const struct ha_scn_step *st,
			const struct ha_scn_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		if (run_host(r, l->names[i]) == HA_HOST_NONE &&
		    strcmp(l->names[i], "all") != 0) {
			complain(r, st, "the cluster has no host '%s'",
				 l->names[i]);
		}
	}
}

static void check_vm(struct sim_run *r, const struct ha_scn_step *st,
		     const char *name)
{
	if (run_vm(r, name) == UINT32_MAX) {
		complain(r, st, "the cluster has no vm '%s'", name);
	}
}

static bool has_rule(const struct ha_config *c, const char *name)
{
	for (size_t i = 0; i < c->vm_host_rule_count; i++) {
		if (strcmp(c->vm_host_rules[i].name, name) == 0) {
			return true;
		}
	}
	for (size_t i = 0; i < c->vm_vm_rule_count; i++) {
		if (strcmp(c->vm_vm_rules[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

static void check_rule(struct sim_run *r, const struct ha_scn_step *st,
		       const char *name)
{
	for (size_t i = 0; i < r->config_count; i++) {
		if (has_rule(r->configs[i], name)) {
			return;
		}
	}
	complain(r, st, "the cluster has no rule '%s'", name);
}

static void not_built(struct sim_run *r, const struct ha_scn_step *st,
		      const char *what)
{
	complain(r, st, "'%s' is not built yet", what);
}

static void check_cond(struct sim_run *r, const struct ha_scn_step *st)
{
	const struct ha_scn_cond *c = &st->cond;
	struct ha_scn_list one = { (const char **)&c->name, 1 };

	if (c->kind == HA_SCN_COND_VM || c->kind == HA_SCN_COND_VM_STARTS) {
		check_vm(r, st, c->name);
		check_hosts(r, st, &c->names);
	} else if (c->kind == HA_SCN_COND_ORDER) {
		for (size_t i = 0; i < c->names.count; i++) {
			check_vm(r, st, c->names.names[i]);
		}
	} else if (c->kind == HA_SCN_COND_RULE) {
		check_rule(r, st, c->name);
	} else if (c->name) {
		check_hosts(r, st, &one);
	}
	if (c->kind == HA_SCN_COND_HOST && c->state == HA_SCN_HOST_ISOLATED) {
		not_built(r, st, "isolated");
	}
	if (c->kind == HA_SCN_COND_VM && c->state == HA_SCN_VM_MIGRATING) {
		not_built(r, st, "migrating");
	}
}

static void check_hactl(struct sim_run *r, const struct ha_scn_step *st)
{
	struct ha_buf why = { 0 };

	if (!run_hactl_check(r, st, &why)) {
		complain(r, st, "%s", why.data);
	}
	ha_buf_fini(&why);
}

/* Between two sides at once would be between none. */
static void check_sides(struct sim_run *r, const struct ha_scn_step *st)
{
	ha_hostset named = 0;

	for (size_t i = 0; i < st->group_count; i++) {
		const struct ha_scn_list *l = &st->groups[i];

		check_hosts(r, st, l);
		for (size_t k = 0; k < l->count; k++) {
			ha_hostid h = run_host(r, l->names[k]);

			if (h != HA_HOST_NONE && ha_host_in(named, h)) {
				complain(r, st, "host '%s' is named twice; it "
					 "can be on one side only",
					 l->names[k]);
			}
			named |= h != HA_HOST_NONE ? ha_host_bit(h) : 0;
		}
	}
}

static void check_step(struct sim_run *r, const struct ha_scn_step *st)
{
	check_hosts(r, st, &st->hosts);
	check_sides(r, st);
	if (st->verb == HA_SCN_EXPECT || st->verb == HA_SCN_HOLD) {
		check_cond(r, st);
	} else if (st->verb == HA_SCN_HACTL || st->verb == HA_SCN_REFUSED) {
		check_hactl(r, st);
	} else if (st->verb == HA_SCN_DATASTORE) {
		not_built(r, st, "datastore");
	} else if (st->name) {
		check_vm(r, st, st->name);
	}
	if (st->program == HA_SCN_PROGRAM_AGENT_STORE ||
	    st->program == HA_SCN_PROGRAM_WATCHDOGD ||
	    st->program == HA_SCN_PROGRAM_WEBD) {
		not_built(r, st, ha_scn_program_name(st->program));
	}
	if (st->mode == HA_SCN_MODE_MIGRATE) {
		not_built(r, st, "migrate");
	}
}

bool run_check(struct sim_run *r)
{
	/* first those that make VMs known which others name */
	for (int names = 1; names >= 0; names--) {
		for (size_t i = 0; i < r->sc->step_count; i++) {
			const struct ha_scn_step *st = &r->sc->steps[i];
			bool config = st->argc > 1 &&
				      (strcmp(st->argv[1], "apply") == 0 ||
				       strcmp(st->argv[1], "add") == 0);

			if (config == (names == 1)) {
				check_step(r, st);
			}
		}
	}
	return !r->failed;
}
