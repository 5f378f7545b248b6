/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/placement.h"

#include <stdio.h>

#include "core/pool.h"
#include "core/rules.h"

bool ha_core_view_placement(struct ha_core *c, const struct ha_uuid *uuid,
			    struct ha_placement_view *ret_view)
{
	const struct ha_vm_conf *conf =
		c->config ? ha_config_vm(c->config, uuid) : NULL;
	const struct ha_vm_state *v = ha_state_vm(c->state, uuid);
	struct ha_choose_how how = { .recovery = false };

	memset(ret_view, 0, sizeof(*ret_view));
	if (!conf || !v) {
		return false;
	}
	how.score = c->config->placement;
	how.recovery = v->last_why == HA_WHY_LOST;
	pool_fill(c);
	(void)ha_planner_explain(pool_planner(c),
				 (uint32_t)(v - c->state->vms), &how,
				 ret_view->hosts);
	ret_view->host_count = c->pool.host_count;
	ret_view->owner = v->owner;
	return true;
}

static void say_fit(const struct ha_explain *e, const char *what, char *ret)
{
	snprintf(ret, HA_TEXT_MAX + 1, "%s: %u.%u %% of it stays free%s", what,
		 e->score / 10, e->score % 10,
		 e->broken ? "; against what its rules would rather have" : "");
}

void ha_core_say_placement(const struct ha_core *c, const struct ha_explain *e,
			   char ret_text[HA_TEXT_MAX + 1])
{
	const size_t size = HA_TEXT_MAX + 1;
	const char *why = "is not asked for";

	switch (e->verdict) {
	case HA_VERDICT_CHOSEN:
		say_fit(e, "the best", ret_text);
		break;
	case HA_VERDICT_FITS:
		say_fit(e, "would do", ret_text);
		break;
	case HA_VERDICT_UNUSABLE:
		(void)host_usable(c, e->host, &why);
		snprintf(ret_text, size, "%s", why);
		break;
	case HA_VERDICT_SPARE:
		snprintf(ret_text, size, "is a failover host, kept free for "
			 "recoveries");
		break;
	case HA_VERDICT_UNREACHED:
		snprintf(ret_text, size, "lacks a network or datastore that it "
			 "needs");
		break;
	case HA_VERDICT_RULE:
		snprintf(ret_text, size, "is closed to it by a rule between VMs "
			 "and hosts");
		break;
	case HA_VERDICT_GROUP:
		snprintf(ret_text, size, "is closed to it by rule %s",
			 c->config->vm_vm_rules[e->group].name);
		break;
	case HA_VERDICT_MEMORY:
		snprintf(ret_text, size, "has %llu MiB of memory too little "
			 "free", (unsigned long long)(e->missing + 1023) / 1024);
		break;
	case HA_VERDICT_VCPUS:
		snprintf(ret_text, size, "has %llu vcpus too few free",
			 (unsigned long long)e->missing);
		break;
	}
}
