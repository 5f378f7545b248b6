/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/plan.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define HEAL_LIMIT_S 1500

void sim_plan_name(const struct sim_plan *p, uint32_t variant, char *ret_name,
		   size_t size)
{
	if (variant == 0) {
		snprintf(ret_name, size, "seed-%llu.xml",
			 (unsigned long long)p->seed);
	} else {
		snprintf(ret_name, size, "seed-%llu-%u.xml",
			 (unsigned long long)p->seed, variant);
	}
}

uint32_t sim_plan_variant(const struct sim_plan *p, const char *name)
{
	const char *slash = strrchr(name, '/');
	char have[40];

	name = slash ? slash + 1 : name;
	for (uint32_t i = 0; i <= PLAN_VARIANTS; i++) {
		sim_plan_name(p, i, have, sizeof(have));
		if (strcmp(have, name) == 0) {
			return i;
		}
	}
	return UINT32_MAX;
}

bool sim_plan_line_speaks(const struct sim_plan_line *l, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = l->text; (at = strstr(at, name)) != NULL;
	     at += len) {
		bool starts = at == l->text || !isalnum((unsigned char)at[-1]);

		if (starts && !isalnum((unsigned char)at[len])) {
			return true;
		}
	}
	return false;
}

static void print_head(const struct sim_plan *p, const char *title,
		       struct ha_buf *out)
{
	char name[40];

	sim_plan_name(p, 0, name, sizeof(name));
	ha_buf_printf(out, "# %s\ncluster %s\ncorosync token %ums token_coefficient %ums"
		      "%s%s%s%s%s\n", title, name, p->token_ms,
		      p->token_coefficient_ms,
		      p->qdevice[0] ? " qdevice " : "", p->qdevice,
		      p->two_node ? " two_node" : "",
		      p->wait_for_all ? " wait_for_all" : "",
		      p->auto_tie_breaker ? " auto_tie_breaker" : "");
	ha_buf_printf(out, "simulator seed %llu disk %uus network %uus%s\n",
		      (unsigned long long)p->run_seed, p->disk_us,
		      p->network_us, p->never_freezes ? " never-freezes" : "");
	for (uint32_t i = 1; i <= p->spares; i++) {
		ha_buf_printf(out, "%sh%u", i == 1 ? "spare " : ",",
			      p->host_count + i);
	}
	ha_buf_puts(out, p->spares > 0 ? "\n\n" : "\n");
}

static void print_wait(ha_dur for_time, struct ha_buf *out)
{
	long long us = for_time;

	if (us <= 0) {
		return;
	}
	if (us % HA_MS(1) != 0) {
		ha_buf_printf(out, "wait %lldus\n", us);
	} else if (us % HA_S(1) != 0) {
		ha_buf_printf(out, "wait %lldms\n", us / HA_MS(1));
	} else {
		ha_buf_printf(out, "wait %llds\n", us / HA_S(1));
	}
}

void sim_plan_print(const struct sim_plan *p, const char *title,
		    struct ha_buf *out)
{
	ha_dur now = 0;

	print_head(p, title, out);
	for (uint32_t i = 1; i <= p->host_count + p->spares; i++) {
		if (i > p->host_count || ha_host_in(p->hosts, (ha_hostid)i)) {
			ha_buf_printf(out, "boot h%u taking %ums\n", i,
				      p->boot_ms[i - 1]);
		}
	}
	ha_buf_puts(out, "start\n");
	for (size_t i = 0; i < p->line_count; i++) {
		const struct sim_plan_line *l = &p->lines[i];

		if (!l->out) {
			print_wait(l->at - now, out);
			now = l->at;
			ha_buf_printf(out, "%s\n", l->text);
		}
	}
	print_wait(p->heal_at - now, out);
	ha_buf_printf(out, "heal all within %us\n", HEAL_LIMIT_S);
}
