/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bent-order.h - the VMs of a bent core, which depend on each other by hand and
 * are at once in every state that they come to.
 */
#ifndef HA_UNIT_BENT_ORDER_H
#define HA_UNIT_BENT_ORDER_H

#include "core/order.h"

enum { DB1, DB2, WEB1, WEB2, MAIL1, BATCH1, VMS };

#define HOST 3 /* the one that is lost */
#define LIMIT HA_S(60)
#define DELAY HA_S(7)
#define LONG_AGO HA_S(1)

#define ORDER_DEPS 3

extern struct ha_dependency order_deps[ORDER_DEPS];

/* The fixture of bent-core.h, and nothing depends on anything. */
void order_set_up(void);
void order_tear_down(void);
/* One more of them that waits, or is waited for, in that dependency. */
void order_depend(size_t d, uint32_t member, uint32_t awaited);
void order_depend_on_nothing(void);
/* As it was, with this configuration; nothing is waited for yet. */
void order_again(void);
void order_lose(uint32_t i);
/* It runs nowhere, for that reason, and has a place. */
void order_wait_for_place(uint32_t i, enum ha_why why);
/* To be started: an admin ended it, and all hosts have said so. */
void order_end(uint32_t i);
void order_run_on(uint32_t i, ha_hostid host);
/* Its owner starts it. */
void order_start(uint32_t i);
/* It runs since then, under its present owner. */
void order_run_since(uint32_t i, ha_time t);
void order_check_waits(uint32_t i, const char *says);
void order_check_goes(uint32_t i);
/* WEB1 waits for DB1, and has a place. */
void order_await_db1(enum ha_ready ready, ha_dur delay);

#endif
