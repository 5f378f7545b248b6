/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which rules are broken, and what correct.c can make of them: it is asked of
 * the same planner whether a move would mend them. Decides nothing.
 */
#include "core/broken.h"

#include <assert.h>
#include <stdio.h>

#include "core/pool.h"
#include "core/rules.h"
#include "policy/correct.h"

/* VMs for which a better host is looked for, some ten microseconds each. */
#define LOOKS_MAX 1000

struct search {
	struct ha_core *c;
	const struct ha_uuid *only; /* NULL: any VM */
	struct ha_broken_rule *rules;
	size_t count;               /* all of them */
	uint32_t looks;             /* left */
	char waits[HA_TEXT_MAX + 1]; /* why no VM is moved now; "" */
};

/* How a rule can be mended. */
struct mendable {
	int group;         /* of the pool; below 0: it is no VM-VM rule */
	ha_hostset better; /* then: hosts on which it is kept */
	bool restart;
};

/* A VM of the rule, and what keeps it where it is. */
struct look {
	uint32_t vm;
	ha_hostid to;
	enum ha_kept kept;
};

static bool breaks(const struct search *s, const struct ha_broken_rule *r,
		   uint32_t vm)
{
	ha_hostid host = s->c->pool_vms[vm].host;

	return host != HA_HOST_NONE && ha_host_in(r->hosts, host);
}

/* Where those that break it are; 0: the one asked about is none of them. */
static ha_hostset broken_on(const struct search *s,
			    const struct ha_broken_rule *r)
{
	bool asked = !s->only;
	ha_hostset hosts = 0;

	for (size_t i = 0; i < r->members->count; i++) {
		uint32_t vm = r->members->vms[i];

		if (breaks(s, r, vm)) {
			hosts |= ha_host_bit(s->c->pool_vms[vm].host);
			asked = asked ||
				ha_uuid_cmp(&s->c->config->vms[vm].uuid,
					    s->only) == 0;
		}
	}
	return asked ? hosts : 0;
}

/* Since all that break it have been there, and it has been a rule. */
static ha_dur broken_for(const struct search *s,
			 const struct ha_broken_rule *r)
{
	const struct ha_core *c = s->c;
	ha_time from = c->configured_at;

	for (size_t i = 0; i < r->members->count; i++) {
		uint32_t vm = r->members->vms[i];
		const struct vm_soft *soft;

		if (breaks(s, r, vm)) {
			soft = soft_vm(s->c, &c->config->vms[vm].uuid);
			from = ha_time_max(from, soft->runs_gen != 0
							 ? soft->runs_from
							 : c->now);
		}
	}
	return c->now - from;
}

/* Is there a move that would mend some of this rule? The most hopeful answer
 * of its VMs. False: there was no time to find out. */
static bool look_for_move(struct search *s, const struct ha_broken_rule *r,
			  const struct mendable *m, struct look *ret)
{
	struct ha_choose_how how = { .score = s->c->config->placement };

	*ret = (struct look){ .kept = HA_KEPT_HOSTS };
	for (size_t i = 0; i < r->members->count; i++) {
		struct look l = { .vm = r->members->vms[i] };

		if (!breaks(s, r, l.vm)) {
			continue;
		}
		if (s->looks == 0) {
			return false;
		}
		s->looks--;
		how.only = m->group >= 0
				   ? ha_correct_group_takes(
					     pool_planner(s->c),
					     (size_t)m->group, l.vm)
				   : m->better;
		l.kept = how.only != 0 ? ha_correct_look(pool_planner(s->c),
							 l.vm, &how, &l.to)
				       : HA_KEPT_HOSTS;
		*ret = l.kept < ret->kept ? l : *ret;
		if (l.kept == HA_KEPT_NOT) {
			break;
		}
	}
	return true;
}

/* "needs 300 MiB of memory, ...": why it does not fit there. */
static void say_room(struct search *s, const struct look *l, char *ret)
{
	const struct ha_choose_how how = { .only = ha_host_bit(l->to) };
	struct ha_explain e[HA_HOSTS_MAX];

	(void)ha_planner_explain(pool_planner(s->c), l->vm, &how, e);
	for (size_t i = 0; i < s->c->pool.host_count; i++) {
		if (e[i].host == l->to) {
			pool_say_missing(s->c->config, &s->c->pool_vms[l->vm],
					 &e[i], ret);
		}
	}
}

static void say_kept(struct search *s, const struct look *l, char *ret)
{
	const char *vm = s->c->config->vms[l->vm].name;
	char missing[HA_TEXT_MAX + 1] = "";

	switch (l->kept) {
	case HA_KEPT_NOT:
		snprintf(ret, HA_TEXT_MAX + 1, "vm %s could move to %s", vm,
			 host_name(s->c, l->to));
		return;
	case HA_KEPT_ROOM:
		say_room(s, l, missing);
		snprintf(ret, HA_TEXT_MAX + 1, "vm %.64s %.150s", vm, missing);
		return;
	case HA_KEPT_RULES:
		snprintf(ret, HA_TEXT_MAX + 1, "wherever its VMs could go to, "
			 "as much would be broken");
		return;
	case HA_KEPT_HOSTS:
		snprintf(ret, HA_TEXT_MAX + 1, "no host that would keep it can "
			 "own its VMs now");
		return;
	}
}

static void judge(struct search *s, struct ha_broken_rule *r,
		  const struct look *l, bool restart)
{
	const char *vm = s->c->config->vms[l->vm].name;
	char kept[HA_TEXT_MAX + 1];

	say_kept(s, l, kept);
	if (!restart) {
		r->mend = HA_MEND_OFF;
		snprintf(r->why, sizeof(r->why), "it allows no restart; %.200s",
			 kept);
		if (l->kept == HA_KEPT_NOT) {
			snprintf(r->todo, sizeof(r->todo), "hactl vm move %.64s "
				 "%.64s", vm, host_name(s->c, l->to));
		}
	} else if (l->kept != HA_KEPT_NOT) {
		r->mend = l->kept == HA_KEPT_ROOM ? HA_MEND_NO_ROOM
						  : HA_MEND_NO_PLACE;
		snprintf(r->why, sizeof(r->why), "%s", kept);
	} else if (s->waits[0]) {
		r->mend = HA_MEND_WAITS;
		snprintf(r->why, sizeof(r->why), "%.120s, but %.100s", kept,
			 s->waits);
	} else {
		r->mend = HA_MEND_NEXT;
		snprintf(r->why, sizeof(r->why), "%s", kept);
	}
}

/* r says all but why. */
static void add(struct search *s, const struct ha_broken_rule *r,
		const struct mendable *m)
{
	ha_hostset hosts = broken_on(s, r);
	struct ha_broken_rule *to;
	struct look l;

	if (hosts == 0 || s->count++ >= HA_BROKEN_TOLD) {
		return;
	}
	to = &s->rules[s->count - 1];
	*to = *r;
	to->hosts = hosts;
	to->since = broken_for(s, r);
	if (look_for_move(s, r, m, &l)) {
		judge(s, to, &l, m->restart);
	} else {
		to->mend = HA_MEND_UNKNOWN;
		snprintf(to->why, sizeof(to->why), "%s",
			 ha_mend_text(HA_MEND_UNKNOWN));
	}
}

static void add_vm_host(struct search *s, const struct ha_vm_host_rule *rule)
{
	const struct mendable m = { -1, ha_rule_hosts(rule), rule->restart };
	struct ha_broken_rule r = {
		.name = rule->name,
		.keeps = rule->level_count > 0 ? "run-on" : "keep-off",
		.must = rule->strength == HA_RULE_MUST,
		.members = &rule->members,
	};

	for (size_t i = 0; i < rule->members.count; i++) {
		ha_hostid host = s->c->pool_vms[rule->members.vms[i]].host;

		if (host != HA_HOST_NONE && !ha_host_in(m.better, host)) {
			r.hosts |= ha_host_bit(host);
		}
	}
	add(s, &r, &m);
}

static void add_vm_vm(struct search *s, size_t group)
{
	static const char *const keeps[] = {
		[HA_GROUP_TOGETHER] = "together",
		[HA_GROUP_APART] = "apart",
		[HA_GROUP_SPREAD] = "spread",
	};
	const struct ha_vm_vm_rule *rule = &s->c->config->vm_vm_rules[group];
	struct ha_broken_rule r = {
		.name = rule->name,
		.keeps = keeps[rule->kind],
		.must = rule->strength == HA_RULE_MUST,
		.members = &rule->members,
		.hosts = ha_correct_group_hosts(pool_planner(s->c), group),
	};

	add(s, &r, &(struct mendable){ (int)group, 0, rule->restart });
}

static void add_all(struct search *s, enum ha_rule_strength strength)
{
	const struct ha_config *config = s->c->config;

	for (size_t i = 0; i < config->vm_host_rule_count; i++) {
		if (config->vm_host_rules[i].strength == strength) {
			add_vm_host(s, &config->vm_host_rules[i]);
		}
	}
	for (size_t i = 0; i < config->vm_vm_rule_count; i++) {
		if (config->vm_vm_rules[i].strength == strength) {
			add_vm_vm(s, i);
		}
	}
}

size_t ha_core_view_broken(struct ha_core *c, const struct ha_uuid *vm,
			   struct ha_broken_rule ret[HA_BROKEN_TOLD])
{
	struct search s = { .c = c, .only = vm, .rules = ret,
			    .looks = LOOKS_MAX };

	assert(c->config);
	if (!c->open || is_behind(c)) {
		snprintf(s.waits, sizeof(s.waits), "nothing is decided now");
	} else {
		(void)correct_waits(c, s.waits);
	}
	pool_fill_config(c, c->config);
	add_all(&s, HA_RULE_MUST);
	add_all(&s, HA_RULE_SHOULD);
	return s.count;
}
