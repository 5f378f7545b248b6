/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * order.h - who waits for whom: what a VM has shown at its owner (ready.c, on
 * every host about its own), and who is therefore started or stopped when
 * (order.c, of the coordinator; other hosts know it, too, to tell it).
 */
#ifndef HA_CORE_ORDER_H
#define HA_CORE_ORDER_H

#include "core/core_priv.h"

/* ready.c */
void ready_set_config(struct ha_core *c);
void ready_forget(struct ha_core *c, struct vm_soft *vm);
bool ready_result(struct ha_core *c, const struct ha_event *ev);
void ready_run(struct ha_core *c);

/* order.c */
void order_set_config(struct ha_core *c); /* c->order[] is to be sorted then */
void order_starts(struct ha_core *c); /* once it is known who has a place */
const struct vm_soft *order_awaited(const struct ha_core *c,
				    const struct vm_soft *vm);
void order_say_passed(struct ha_core *c, const struct vm *vm);
void order_stops(struct ha_core *c); /* begins a round of a cluster's stop */
bool order_may_stop(struct ha_core *c, const struct vm *vm);
void order_say_unready(const struct vm_soft *vm, char *ret, size_t size);

#endif
