/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/bent-order.h"

#include <check.h>
#include <string.h>

#include "core/pool.h"
#include "tests/unit/bent-core.h"

struct ha_dependency order_deps[ORDER_DEPS];
static uint32_t lists[ORDER_DEPS][2][3];
static uint16_t own_deps[VMS][ORDER_DEPS];

static void append(struct ha_vm_list *list, uint32_t *vms, uint32_t vm)
{
	if (list->count == 0 || vms[list->count - 1] != vm) {
		vms[list->count++] = vm;
	}
	list->vms = vms;
}

/* One more of them that waits, or is waited for, in that dependency. */
void order_depend(size_t d, uint32_t member, uint32_t awaited)
{
	struct ha_vm_placement *p = &bent_conf(member)->placement;

	if (p->dependency_count == 0 ||
	    own_deps[member][p->dependency_count - 1] != d) {
		own_deps[member][p->dependency_count++] = (uint16_t)d;
	}
	p->dependencies = own_deps[member];
	append(&order_deps[d].members, lists[d][0], member);
	append(&order_deps[d].awaited, lists[d][1], awaited);
	bent_config()->dependencies = order_deps;
	bent_config()->dependency_count = bent_config()->dependency_count > d
					     ? bent_config()->dependency_count
					     : d + 1;
}

void order_depend_on_nothing(void)
{
	bent_config()->dependencies = NULL;
	bent_config()->dependency_count = 0;
	memset(order_deps, 0, sizeof(order_deps));
	for (uint32_t i = 0; i < VMS; i++) {
		bent_conf(i)->placement.dependency_count = 0;
		bent_conf(i)->restart.ready = HA_READY_PLACED;
		bent_conf(i)->restart.ready_delay = 0;
		bent_conf(i)->restart.ready_timeout = LIMIT;
	}
}

/* As it was, with this configuration; nothing is waited for yet. */
void order_again(void)
{
	bent_restore();
	soft_set_config(bent);
	bent->wake = HA_TIME_NEVER;
}

void order_set_up(void)
{
	bent_set_up();
	ck_assert_uint_eq(bent->vm_count, VMS);
	ck_assert_str_eq(bent_conf(WEB1)->name, "web1");
	order_depend_on_nothing();
}

void order_tear_down(void)
{
	bent_restore();
	order_depend_on_nothing();
	bent_tear_down();
}

void order_lose(uint32_t i)
{
	bent_state(i)->owner = HOST;
	bent->epoch.members &= ~ha_host_bit(HOST);
	bent->members &= ~ha_host_bit(HOST);
}

/* It runs nowhere, for that reason, and has a place. */
void order_wait_for_place(uint32_t i, enum ha_why why)
{
	bent_state(i)->owner = HA_HOST_NONE;
	bent_state(i)->last_why = why;
	bent_soft(i)->placed = true;
}

void order_end(uint32_t i)
{
	order_wait_for_place(i, HA_WHY_ADMIN);
	bent_soft(i)->running = 0;
	bent_soft(i)->ran = 0;
}

void order_run_on(uint32_t i, ha_hostid host)
{
	struct ha_vm_state *v = bent_state(i);

	v->owner = host;
	v->owner_boot = bent->state->hosts[host - 1].boot;
	v->stop = HA_WHY_NONE;
	bent_soft(i)->pending = 0;
	bent_soft(i)->running = ha_host_bit(host);
	bent_soft(i)->owner.gen = v->gen;
	bent_soft(i)->owner.seen = HA_SEEN_RUNNING;
	bent_soft(i)->owner.ended = HA_WHY_NONE;
}

/* Its owner starts it. */
void order_start(uint32_t i)
{
	bent_soft(i)->owner.seen = HA_SEEN_ABSENT;
}

/* It runs since then, under its present owner. */
void order_run_since(uint32_t i, ha_time t)
{
	bent_soft(i)->met_gen = bent_state(i)->gen;
	bent_soft(i)->met_at[HA_READY_PLACED] = t;
	bent_soft(i)->met_at[HA_READY_STARTED] = t;
	bent_soft(i)->tried_at = t;
	bent_soft(i)->tried = true;
}

void order_check_waits(uint32_t i, const char *says)
{
	order_starts(bent);
	ck_assert_msg(bent_soft(i)->held, "it does not wait: %s", says);
	ck_assert_msg(strstr(bent_soft(i)->why, says) != NULL, "'%s' in '%s'", says,
		      bent_soft(i)->why);
}

void order_check_goes(uint32_t i)
{
	order_starts(bent);
	ck_assert_msg(!bent_soft(i)->held, "%s", bent_soft(i)->why);
}

void order_await_db1(enum ha_ready ready, ha_dur delay)
{
	order_deps[0].ready = ready;
	order_deps[0].ready_delay = delay;
	order_depend(0, WEB1, DB1);
	order_again();
	order_wait_for_place(WEB1, HA_WHY_ADMIN); /* tiers do not matter then */
}
